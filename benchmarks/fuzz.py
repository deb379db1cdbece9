"""Checks that no input crashes or stops the flow and the readers, and that the laws hold for each.

    python benchmarks/fuzz.py [--count 1000000] [--seed 0] [--processes 2] [--minutes M]

Random records go through decoding, all steps, splitting and the ledger, many in a batch; random files through
the readers of sources (``tests/fuzzing.py``). An input that takes over 2 seconds of processor time counts as
a hang; a batch that fails or takes as long is checked again record by record. Prints every input that fails,
and at the end how many were checked; the exit code is 1 if any failed. A failure is repeated by its seed:
process N of a run has the seed ``--seed`` + N. It needs the timers of Unix.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.time_limit import TimeLimitError, limit_time
from tests.fuzzing import BATCH, FuzzBatch, Fuzzer

PATIENCE = 2.0
REPORT_EVERY = 200 * BATCH


def fuzz(seed: int, count: int, minutes: float) -> Counter[str]:
    """Check this many inputs or as many as the time allows; how many passed, crashed, hung or broke a law."""
    results: Counter[str] = Counter()
    deadline = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(seed, Path(folder))
        start = time.process_time()
        while results.total() < count and time.monotonic() < deadline:
            batch = fuzzer.make_batch()
            results += _check_batch(fuzzer, batch, f"seed {seed}, inputs from {results.total()}")
            if results.total() % REPORT_EVERY == 0:
                spent = time.process_time() - start
                print(f"seed {seed}: {results.total()} inputs, {spent:.0f} s, {dict(results)}", flush=True)
    return results


def _check_batch(fuzzer: Fuzzer, batch: FuzzBatch, name: str) -> Counter[str]:
    """Check a batch, and each of its records alone if it fails; what came of its inputs."""
    outcome, failure = _check(fuzzer, batch)
    if outcome == "passed":
        return Counter(passed=BATCH)
    results = Counter[str]()
    for alone in batch.divide():
        of_record, failure_alone = _check(fuzzer, alone)
        results[of_record] += 1
        if failure_alone:
            print(f"{name}: {of_record}: {alone!r}\n{failure_alone}", flush=True)
    if outcome != "hangs" and results["passed"] == results.total():
        print(f"{name}: {outcome}: {batch!r}\n{failure}", flush=True)
        return Counter({outcome: 1, "passed": BATCH - 1})
    return results + Counter(passed=BATCH - results.total())


def _check(fuzzer: Fuzzer, batch: FuzzBatch) -> tuple[str, str]:
    """Check the laws on a batch; what came of it, and the traceback of its failure."""
    try:
        with limit_time(PATIENCE):
            fuzzer.check(batch)
    except AssertionError as error:
        outcome, failure = "law failures", traceback.format_exception(error)
    except TimeLimitError as error:
        outcome, failure = "hangs", traceback.format_exception(error)
    except Exception as error:  # noqa: BLE001  Any other exception is what is looked for.
        outcome, failure = "crashes", traceback.format_exception(error)
    else:
        return "passed", ""
    return outcome, "".join(failure)


def main() -> int:
    """Fuzz in processes and print the totals; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000, help="the inputs of all processes together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="end after so many minutes")
    options = parser.parse_args()
    share = -(-options.count // options.processes)
    jobs = [(options.seed + number, share, options.minutes) for number in range(options.processes)]
    with get_context("spawn").Pool(options.processes) as pool:
        totals = sum(pool.starmap(fuzz, jobs), Counter[str]())
    print(f"{totals.total()} inputs: {dict(sorted(totals.items()))}")
    return int(totals.total() != totals["passed"])


if __name__ == "__main__":
    sys.exit(main())
