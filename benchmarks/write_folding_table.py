"""Writes the table that folds texts for deduplication into the package: see hanpack.steps.dedup.folding.

    python benchmarks/write_folding_table.py

Run it when the classes of characters in that module change, or to take up new versions of Unicode or OpenCC.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from hanpack.resources.folding_table import NAME, pack_table
from hanpack.steps.dedup.folding import make_table


def main() -> None:
    """Make the table, write it, and print its size."""
    path = Path(__file__).parents[1] / "builder/hanpack/data" / NAME
    path.write_bytes(pack_table(make_table()))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
