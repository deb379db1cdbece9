"""Measures the memory of the comparison of documents for as many as a large corpus has, without their texts.

    python benchmarks/compare_memory.py [--documents 350000 3500000] [--shared 0]

The signatures are random; three documents in a hundred are copies, which have 60 % of the bands of another in
common, one in four of them all and the same hash. Each pair counts as similar. The share ``--shared`` of all
documents has one band in common with about three others, as short texts of few sentences have. Printed are,
for each number of documents, the processor time and the peak of the memory over that of a process with the
code alone.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from hanpack.building.copies import find_copies
from hanpack.building.document_index import DocumentIndex, DocumentTexts, Numbers
from hanpack.recipe import parse_recipe
from hanpack.steps.dedup.minhash import BANDS
from hanpack.store.spooled_arrays import SpooledArray

COPIES, COMMON, EQUAL = 0.03, 0.6, 0.25
# The documents that share a band with one another.
SHARING = 4
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


def make_documents(count: int, folder: Path, shared: float = 0) -> DocumentIndex:
    """An index of random documents, the copies last; few of them are in memory at a time."""
    chance = np.random.default_rng(1)
    copies = round(COPIES * count)
    originals = chance.integers(0, count - copies, copies)
    is_equal = chance.random(copies) < EQUAL

    def make_column(
        dtype: type[np.integer[Any]], limit: int, common: float = 0, shared_from: int = count
    ) -> SpooledArray:
        column = SpooledArray(np.dtype(dtype), folder)
        is_common = is_equal | (chance.random(copies) < common)
        seed = chance.integers(1 << 32)
        for start in range(0, count, PIECE):
            documents = np.arange(start, min(start + PIECE, count))
            places = documents - (count - copies)
            inside = np.flatnonzero(places >= 0)
            inside = inside[is_common[places[inside]]]
            documents[inside] = originals[places[inside]]
            # Neighbours from this document on share the value of one of them: in each band others do.
            sharing = (documents >= shared_from) & (documents < shared_from + round(shared * count / BANDS))
            documents[sharing] -= documents[sharing] % SHARING
            column.append(_scramble(documents.astype(np.uint64), seed) % np.uint64(limit))
        return column

    firsts = np.minimum(np.arange(-(-count // PART) + 1) * PART, count)
    return DocumentIndex(
        first_documents=firsts,
        first_records=firsts,
        row=make_column(np.int32, PART),
        partition=make_column(np.int16, 1),
        high=make_column(np.uint64, (1 << 64) - 1),
        low=make_column(np.uint64, (1 << 64) - 1),
        length=make_column(np.int32, 3_000),
        damage=make_column(np.int32, 3),
        bands=[
            make_column(np.uint32, (1 << 32) - 1, COMMON, shared_from=band * count // BANDS)
            for band in range(BANDS)
        ],
    )


def _scramble(numbers: npt.NDArray[np.uint64], seed: np.int64) -> npt.NDArray[np.uint64]:
    """A random number for each number, the same each time: splitmix64 (Steele et al. 2014)."""
    state = (numbers + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def compare(count: int, shared: float) -> None:
    """Compare so many documents in this process, and print what it took."""
    recipe = parse_recipe({"name": "compare", "sources": [{"path": "texts.txt"}]}, "compare")
    before, start = _read_peak(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        documents = make_documents(count, Path(folder), shared)
        comparison = find_copies(
            documents, np.ones(count, np.bool_), _Texts(), recipe, progress=lambda _done, _total: None
        )
    copies, seconds = len(comparison.copies), time.process_time() - start
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
    parser.add_argument("--shared", type=float, default=0, help="the share of documents that share a band")
    options = parser.parse_args()
    if len(options.documents) == 1:
        compare(options.documents[0], options.shared)
        return
    for count in options.documents:
        arguments = ["--documents", str(count), "--shared", str(options.shared)]
        subprocess.run([sys.executable, __file__, *arguments], check=True)


if __name__ == "__main__":
    main()
