"""Measures the memory of the comparison of documents for as many as a large corpus has, without their texts.

    python benchmarks/compare_memory.py [--documents 350000 3500000]

The signatures are random; three documents in a hundred are copies, which have 60 % of the bands of another in
common, one in four of them all and the same hash. Each pair counts as similar. Printed are, for each number
of documents, the processor time and the peak of the memory over that of a process with the code alone.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from hanpack.building.copies import find_copies
from hanpack.building.document_index import DocumentIndex, DocumentTexts, Numbers
from hanpack.recipe import parse_recipe
from hanpack.steps.dedup import BANDS
from hanpack.store.spooled_arrays import SpooledArray

COPIES, COMMON, EQUAL = 0.03, 0.6, 0.25
# The documents of a part, and of a piece of the index.
PART, PIECE = 700, 1 << 15


class _Texts(DocumentTexts):
    """Texts of which each pair is similar."""

    def __init__(self) -> None:
        pass

    def prepare(self, _documents: Numbers) -> None:
        pass

    def compare(self, _first: int, _second: int) -> float:
        return 0.9


def make_documents(count: int, folder: Path) -> DocumentIndex:
    """An index of random documents, the copies last."""
    chance = np.random.default_rng(1)
    copies = round(COPIES * count)
    originals = chance.integers(0, count - copies, copies)
    is_equal = chance.random(copies) < EQUAL

    def make_column(dtype: type[np.unsignedinteger], common: float) -> SpooledArray:
        values = chance.integers(1, np.iinfo(dtype).max, count, dtype=dtype)
        is_common = is_equal | (chance.random(copies) < common)
        values[count - copies :][is_common] = values[originals[is_common]]
        column = SpooledArray(np.dtype(dtype), folder)
        for start in range(0, count, PIECE):
            column.append(values[start : start + PIECE])
        return column

    firsts = np.minimum(np.arange(-(-count // PART) + 1) * PART, count)
    return DocumentIndex(
        first_documents=firsts,
        first_records=firsts,
        row=(np.arange(count) % PART).astype(np.int32),
        partition=np.zeros(count, np.int16),
        high=make_column(np.uint64, 0),
        low=make_column(np.uint64, 0),
        length=chance.integers(50, 3_000, count).astype(np.int32),
        damage=chance.integers(0, 3, count).astype(np.int32),
        bands=[make_column(np.uint32, COMMON) for _ in range(BANDS)],
    )


def compare(count: int) -> None:
    """Compare so many documents in this process, and print what it took."""
    recipe = parse_recipe({"name": "compare", "sources": [{"path": "texts.txt"}]}, "compare")
    before, start = _read_peak(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        documents = make_documents(count, Path(folder))
        clusters = find_copies(
            documents, np.ones(count, np.bool_), _Texts(), recipe, progress=lambda _done, _total: None
        )
    copies, seconds = count - int(clusters.is_kept.sum()), time.process_time() - start
    print(
        f"{count:,} documents, {copies:,} copies: {_read_peak() - before:,} MB, {seconds:.1f} s", flush=True
    )


def _read_peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Print a line for each number of documents, each from a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, nargs="+", default=[350_000, 3_500_000])
    options = parser.parse_args()
    if len(options.documents) == 1:
        compare(options.documents[0])
        return
    for count in options.documents:
        subprocess.run([sys.executable, __file__, "--documents", str(count)], check=True)


if __name__ == "__main__":
    main()
