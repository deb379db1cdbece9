"""Measures patterns, steps and whole records on texts that are made to be slow.

    python benchmarks/hostile.py [patterns] [steps] [--only NAME ...] [--largest BYTES]

``patterns``: every pattern of the package on strings that are derived from it, at 1, 10 and 100 kB. Listed
are those that take over 50 ms at 100 kB and over 12 times as long as at 10 kB, or over 250 ms.

``steps``: each step, both splits, and a record with all of them, on the texts of ``tests/hostile_texts.py``
at 1, 10, 100 kB and 1 MB. Listed are those that take over 250 ms and over 12 times as long as a tenth of the
text, or longer than 20 passes of tiktoken and a second. tiktoken cannot tokenize all of these texts; then a
pass over an ordinary text of the same length counts.

Times are processor time in seconds; a part is given up after 30 seconds. It needs the timers of Unix.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import tiktoken

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.time_limit import TimeLimitError, limit_time
from tests.hostile_texts import HOSTILE_TEXTS, FlowParts, make_text
from tests.package_patterns import PackagePattern, apply, find_package_patterns, make_subject
from tests.pumps import Pump, derive_pumps

from hanpack.resources.vocabulary import load_vocabulary, read_published_ranks

ENCODING = "o200k_base"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
MOST_GROWTH = 12
# Seconds: what is too little to judge growth by, of a pattern and of a step, and what a pattern may take.
NEGLIGIBLE, NEGLIGIBLE_STEP, MOST_FOR_PATTERN = 0.05, 0.25, 0.25
PATIENCE = 30.0
TRIES = 3
MOST_PASSES, ALLOWANCE = 20, 1.0


def measure(work: Callable[[], object]) -> float:
    """The processor time of a call in seconds; infinite if it is given up."""
    start = time.process_time()
    try:
        with limit_time(PATIENCE):
            work()
    except TimeLimitError:
        return float("inf")
    return time.process_time() - start


def grows_too_fast(costs: Sequence[float], negligible: float) -> bool:
    """Whether the last of some costs is not negligible and too many times the one before."""
    # The clock may count in steps of several milliseconds.
    before = max(costs[-2], negligible / 5) if len(costs) > 1 else float("inf")
    return costs[-1] == float("inf") or costs[-1] > max(negligible, MOST_GROWTH * before)


def measure_pump(found: PackagePattern, method: str, pump: Pump) -> list[float]:
    """The costs of a pattern on a pump at 1, 10 and 100 kB; fewer if the cost is negligible or too much."""
    costs: list[float] = []
    for size in SIZES[:3]:
        subject = make_subject(found.pattern, pump.make(min(size, found.longest_input or size)))
        costs.append(measure(partial(apply, found.pattern, method, subject)))
        if costs[-1] == float("inf") or (size == SIZES[1] and costs[-1] < NEGLIGIBLE / 50):
            break
    return costs


def measure_patterns(only: Sequence[str]) -> Iterator[str]:
    """A line for each pattern that is too slow, with the worst pump."""
    count = pumps = 0
    for found in find_package_patterns():
        if only and not any(name in found.name for name in only):
            continue
        count += 1
        worst: tuple[float, str] = (0.0, "")
        for pump in derive_pumps(found.pattern):
            for method in found.methods:
                pumps += 1
                costs = measure_pump(found, method, pump)
                if grows_too_fast(costs, NEGLIGIBLE) or costs[-1] > MOST_FOR_PATTERN:
                    times = " ".join(f"{cost:.4f}" for cost in costs)
                    worst = max(worst, (costs[-1], f"{found.name} {method} {times} {pump}"))
            if worst[0] == float("inf"):
                break
        if worst[1]:
            yield worst[1]
    yield f"{count} patterns, {pumps} strings derived from them"


def measure_steps(only: Sequence[str], largest: int) -> Iterator[str]:
    """A line for each part of the flow that is too slow on a text."""
    parts = FlowParts()
    encode = _open_tiktoken().encode_ordinary
    sizes = [size for size in SIZES if size <= largest]
    count = 0
    for name, hostile in HOSTILE_TEXTS.items():
        if only and not any(part in name for part in only):
            continue
        texts = [make_text(hostile, size) for size in sizes]
        works = zip(*map(parts.prepare, texts), strict=True)
        limit = MOST_PASSES * measure_tokenizing(encode, texts[-1]) + ALLOWANCE * sizes[-1] / SIZES[-1]
        for sized in works:
            count += 1
            part = sized[0][0]
            costs = [float("inf")] * len(sizes)
            # What is slow is measured again: on a busy machine the caches of the processor are others' too.
            for _ in range(TRIES):
                costs = list(map(min, costs, measure_sizes([work for _, work in sized])))
                if not is_too_slow(costs, limit):
                    break
            else:
                figures = " ".join(f"{cost:.3f}" for cost in costs)
                yield f"{name}: {part} {figures} (limit {limit:.3f})"
    yield f"{count} pairs of a text and a part of the flow"


def measure_sizes(works: Sequence[Callable[[], object]]) -> Iterator[float]:
    """The costs of a part of the flow on texts of each size, infinite after one that takes very long."""
    cost = 0.0
    for work in works:
        cost = measure(work) if cost < PATIENCE / 4 else float("inf")
        yield cost


def is_too_slow(costs: Sequence[float], limit: float) -> bool:
    """Whether a part takes longer than a limit, or its cost grows too fast."""
    return costs[-1] > limit or grows_too_fast(costs, NEGLIGIBLE_STEP)


def measure_tokenizing(encode: Callable[[str], object], text: str) -> float:
    """The processor time of a tokenizer pass over a text, or over an ordinary one if that is impossible."""
    try:
        return measure(partial(encode, text))
    except BaseException as error:
        # tiktoken ends in a Rust panic on a million blanks; its class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        return measure(partial(encode, ("加快重点项目建设，" * len(text))[: len(text.encode()) // 3]))


def _open_tiktoken() -> tiktoken.Encoding:
    lines = (line.split() for line in read_published_ranks(ENCODING).splitlines() if line)
    ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
    pattern = load_vocabulary(ENCODING).pattern
    return tiktoken.Encoding(ENCODING, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


def main() -> None:
    """Measure what is asked for, by default both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", choices=["patterns", "steps", []], metavar="patterns|steps")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="names that contain one of these"
    )
    parser.add_argument(
        "--largest", type=int, default=SIZES[-1], metavar="BYTES", help="of the texts for steps"
    )
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        if not options.what or "patterns" in options.what:
            for line in measure_patterns(options.only):
                print(line, flush=True)
        if not options.what or "steps" in options.what:
            for line in measure_steps(options.only, options.largest):
                print(line, flush=True)


if __name__ == "__main__":
    main()
