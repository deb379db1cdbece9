"""Flips random bits and bytes of a build and of its sources: verify must notice each of them.

    python benchmarks/prove_verify.py [--flips 2000] [--seed 1]

Half of the flips change one bit, half replace a byte by another. The build is that of the five seeds.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.errors import VerifyError

ROOT = Path(__file__).parents[1]


def is_noticed(out: Path, sources: Path) -> bool:
    """Whether verify finds a fault."""
    try:
        return not verify(out, sources).passed
    except VerifyError:
        return True


def flip(data: bytes, generator: random.Random) -> tuple[int, bytes]:
    """The bytes with one changed, and its place."""
    place = generator.randrange(len(data))
    mask = 1 << generator.randrange(8) if generator.random() < 0.5 else generator.randrange(1, 256)
    changed = bytearray(data)
    changed[place] ^= mask
    return place, bytes(changed)


def main() -> None:
    """Print what was missed, and how many flips were noticed; exit with 1 if not all were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        sources, out = Path(name, "corpus"), Path(name, "out")
        shutil.copytree(ROOT / "seeds", sources / "seeds")
        shutil.copytree(ROOT / "configs", sources / "configs")
        build(sources / "configs" / "gov_reports.yaml", out)
        if is_noticed(out, sources):
            sys.exit("the build as it was written has faults")
        files = [path for folder in (out, sources / "seeds") for path in sorted(folder.rglob("*"))]
        files = [path for path in files if path.is_file()]
        missed = 0
        for number in range(options.flips):
            path = generator.choice(files)
            before = path.read_bytes()
            place, changed = flip(before, generator)
            path.write_bytes(changed)
            if not is_noticed(out, sources):
                missed += 1
                print(f"flip {number}: byte {place} of {path.name} was not noticed")
            path.write_bytes(before)
    print(f"{options.flips - missed:,} of {options.flips:,} flips were noticed")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
