"""Checks that no input crashes or stops the flow and the readers, and that the laws hold for each.

    python benchmarks/fuzz.py [--count 1000000] [--seed 0] [--processes 2]

Random records go through decoding, all steps, splitting and the ledger; random files through the readers of
sources (``tests/fuzzing.py``). An input that takes over 2 seconds of processor time counts as a hang. Prints
every input that fails, and at the end how many were checked; the exit code is 1 if any failed. A failure is
repeated by its seed: process N of a run has the seed ``--seed`` + N. It needs the timers of Unix.
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
from tests.fuzzing import Fuzzer

PATIENCE = 2.0
REPORT_EVERY = 10_000


def fuzz(seed: int, count: int) -> Counter[str]:
    """Check this many inputs; returns how many passed, crashed, hung or broke a law."""
    results: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(seed, Path(folder))
        start = time.process_time()
        for number in range(count):
            results[_check(fuzzer, seed, number)] += 1
            if (number + 1) % REPORT_EVERY == 0:
                spent = time.process_time() - start
                print(f"seed {seed}: {number + 1} inputs, {spent:.0f} s, {dict(results)}", flush=True)
    return results


def _check(fuzzer: Fuzzer, seed: int, number: int) -> str:
    """Check the next input; what came of it."""
    try:
        with limit_time(PATIENCE):
            fuzzer.check_next()
    except AssertionError as error:
        outcome, failure = "law failures", traceback.format_exception(error)
    except TimeLimitError as error:
        outcome, failure = "hangs", traceback.format_exception(error)
    except Exception as error:  # noqa: BLE001  Any other exception is what is looked for.
        outcome, failure = "crashes", traceback.format_exception(error)
    else:
        return "passed"
    print(f"seed {seed} input {number}: {outcome}: {fuzzer.data!r}\n{''.join(failure)}", flush=True)
    return outcome


def main() -> int:
    """Fuzz in processes and print the totals; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000, help="the inputs of all processes together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    share = -(-options.count // options.processes)
    jobs = [(options.seed + number, share) for number in range(options.processes)]
    with get_context("spawn").Pool(options.processes) as pool:
        totals = sum(pool.starmap(fuzz, jobs), Counter[str]())
    print(f"{totals.total()} inputs: {dict(sorted(totals.items()))}")
    return int(totals.total() != totals["passed"])


if __name__ == "__main__":
    sys.exit(main())
