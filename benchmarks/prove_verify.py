"""Flips random bits and bytes of a build and of its sources: verify must notice each of them.

    python benchmarks/prove_verify.py [--flips 2000] [--seed 1]

Half of the flips change one bit, half replace a byte by another. The build is that of the five seeds.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from tests.audit.flips import draw_bit_or_byte, find_missed_flips, is_noticed

from hanpack.building.run import build

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print what was missed, and how many flips were noticed; exit with 1 if not all were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sources, out = Path(name, "corpus"), Path(name, "out")
        shutil.copytree(ROOT / "seeds", sources / "seeds")
        shutil.copytree(ROOT / "configs", sources / "configs")
        build(sources / "configs" / "gov_reports.yaml", out)
        if is_noticed(out, sources):
            sys.exit("the build as it was written has faults")
        missed = 0
        for flip in find_missed_flips(out, sources, draw_bit_or_byte, count=options.flips, seed=options.seed):
            missed += 1
            print(f"{flip} was not noticed")
    print(f"{options.flips - missed:,} of {options.flips:,} flips were noticed")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
