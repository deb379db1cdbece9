"""Measures patterns, steps and whole records on texts that are made to be slow.

    python benchmarks/hostile.py [patterns] [steps] [--only NAME ...] [--largest BYTES]

``patterns``: every pattern of the package on strings that are derived from it, at 1, 10 and 100 kB. Listed
are those that take over 50 ms at 100 kB and over 12 times as long as at 10 kB, or over 250 ms.

``steps``: a record with every step, and the parts of the flow that are in no such record, on the texts of
``tests/hostile_texts.py`` at 1, 10, 100 kB and 1 MB. Listed are those that take over 250 ms and over 12 times
as long as a tenth of the text, or 1.2 times as many times longer as a pass of tiktoken if that is more, or
longer than 20 passes of tiktoken and a second; for a record, its slowest steps too. tiktoken cannot tokenize
all of these texts; then a pass over an ordinary text of the same length counts.

Times are processor time in seconds, with reference cycles collected as rarely as in every command; what takes
far too long is given up. It needs the timers of Unix.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import tiktoken

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.time_limit import TimeLimitError, limit_time
from tests.hostile_texts import HOSTILE_TEXTS, FlowParts, make_text
from tests.package_patterns import PackagePattern, apply, find_package_patterns, make_subject
from tests.pumps import Pump, derive_pumps

from hanpack.cli import COLLECTION_THRESHOLD
from hanpack.resources.vocabulary import load_vocabulary, read_published_ranks

ENCODING = "o200k_base"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
MOST_GROWTH = 12
# Seconds: what is too little to judge growth by, of a pattern and of a step, and what a pattern may take.
NEGLIGIBLE, NEGLIGIBLE_STEP, MOST_FOR_PATTERN = 0.05, 0.25, 0.25
PATIENCE = 30.0
TRIES = 3
MOST_PASSES, ALLOWANCE = 20, 1.0
# What takes so many times the limit is given up.
MOST_OF_LIMIT = 3
# The parts of the flow that a record with every step does not go through; all others are in its cost.
BESIDE_RECORDS = ("detect", "script: tw", "split by structure")
SLOWEST_STEPS = 3


def measure(work: Callable[[], object], patience: float = PATIENCE) -> float:
    """The processor time of a call in seconds; infinite if it is given up."""
    start = time.process_time()
    try:
        with limit_time(patience):
            work()
    except TimeLimitError:
        return float("inf")
    return time.process_time() - start


def grows_too_fast(costs: Sequence[float], negligible: float, most_growth: float = MOST_GROWTH) -> bool:
    """Whether the last of some costs is not negligible and too many times the one before."""
    # The clock may count in steps of several milliseconds.
    before = max(costs[-2], negligible / 5) if len(costs) > 1 else float("inf")
    return costs[-1] == float("inf") or costs[-1] > max(negligible, most_growth * before)


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
    """A line for each record or part of the flow that is too slow on a text, and one for how many are not."""
    parts = FlowParts()
    encode = _open_tiktoken().encode_ordinary
    sizes = [size for size in SIZES if size <= largest]
    count = 0
    for name, hostile in HOSTILE_TEXTS.items():
        if only and not any(part in name for part in only):
            continue
        texts = [make_text(hostile, size) for size in sizes]
        before, last = (measure_tokenizing(encode, text) for text in texts[-2:])
        limit = MOST_PASSES * last + ALLOWANCE * sizes[-1] / SIZES[-1]
        # What encodes a text cannot grow less than the tokenizer does.
        most_growth = MOST_GROWTH * max(1, last / max(before, NEGLIGIBLE / 5) / 10)
        works = dict(_group_works(parts, texts))
        for part in ("record", *BESIDE_RECORDS):
            count += 1
            if costs := measure_slow(works[part], limit, most_growth):
                yield f"{name}: {part} {_format(costs)} (limit {limit:.3f}){_name_slowest(part, works)}"
    yield f"{count} pairs of a text and a part of the flow"


def _group_works(
    parts: FlowParts, texts: Sequence[str]
) -> Iterator[tuple[str, Sequence[Callable[[], object]]]]:
    """Each part of the flow with its works on the texts."""
    for sized in zip(*map(parts.prepare, texts), strict=True):
        yield sized[0][0], [work for _, work in sized]


def measure_slow(works: Sequence[Callable[[], object]], limit: float, most_growth: float) -> list[float]:
    """The costs of a part of the flow on texts of each size if it is too slow, else none.

    What is slow is measured again: on a busy machine the caches of the processor are others' too.
    """
    costs = [float("inf")] * len(works)
    for _ in range(TRIES):
        costs = list(map(min, costs, measure_sizes(works, limit)))
        if not is_too_slow(costs, limit, most_growth):
            return []
    return costs


def measure_sizes(works: Sequence[Callable[[], object]], limit: float) -> Iterator[float]:
    """The costs of a part on texts of each size, infinite after one that is too slow.

    The largest is ten times the one before; what cannot take long there is taken to cost ten times as much.
    """
    cost = 0.0
    for number, work in enumerate(works):
        if number == len(works) - 1 and number and MOST_GROWTH**2 * cost < NEGLIGIBLE_STEP:
            cost *= 10
        else:
            cost = measure(work, MOST_OF_LIMIT * limit) if cost < MOST_OF_LIMIT * limit else float("inf")
        yield cost


def is_too_slow(costs: Sequence[float], limit: float, most_growth: float) -> bool:
    """Whether a part takes longer than a limit, or its cost grows too fast."""
    return costs[-1] > limit or any(
        grows_too_fast(costs[: number + 1], NEGLIGIBLE_STEP, most_growth) for number in range(1, len(costs))
    )


def _name_slowest(part: str, works: Mapping[str, Sequence[Callable[[], object]]]) -> str:
    """The slowest steps of a record at the largest size."""
    if part != "record":
        return ""
    costs = {name: measure(sized[-1]) for name, sized in works.items() if name != "record"}
    slowest = sorted(costs, key=costs.__getitem__, reverse=True)[:SLOWEST_STEPS]
    return ": " + ", ".join(f"{name} {costs[name]:.3f}" for name in slowest)


def _format(costs: Sequence[float]) -> str:
    return " ".join(f"{cost:.3f}" for cost in costs)


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
    gc.set_threshold(COLLECTION_THRESHOLD)
    with contextlib.suppress(KeyboardInterrupt):
        if not options.what or "patterns" in options.what:
            for line in measure_patterns(options.only):
                print(line, flush=True)
        if not options.what or "steps" in options.what:
            for line in measure_steps(options.only, options.largest):
                print(line, flush=True)


if __name__ == "__main__":
    main()
