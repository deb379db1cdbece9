"""Finds the documents that are copies of documents of another build, by the signatures which that publishes.

Of each document that build publishes the hash of the folded text, its MinHash bands, and a sketch: of each of
1,024 minima the two lowest bits (b-bit minwise hashing, Li and König 2010), from which the Jaccard index is
estimated with a standard error of 0.015 at 0.8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup.candidates import expand_ranges
from hanpack.steps.dedup.columns import Column
from hanpack.steps.dedup.minhash import Bands
from hanpack.steps.dedup.withdrawn import SKETCH_BYTES, Sketch

PACKED_BYTES = SKETCH_BYTES // 4
# The share of minima whose two bits are equal in texts that have nothing in common.
_BY_CHANCE = 1 / 4
_COMMON_BANDS = 2
# The most documents of one bucket that a document is compared with.
_MOST_IN_BUCKET = 64
_LOWEST_OF_PAIR = np.uint8(0b01010101)


@dataclass(frozen=True, slots=True, eq=False)
class PublishedSignatures:
    """The signatures of the documents of a build, in their order.

    ``exact`` has the shape (documents,) and the fields ``high`` and ``low``, ``bands`` (documents, 32),
    ``sketches`` (documents, 256).
    """

    exact: npt.NDArray[np.void]
    bands: Bands
    sketches: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PublishedCopy:
    """A document that is a copy of the document ``row`` of another build."""

    document: int
    row: int
    similarity: float


def pack_sketch(sketch: Sketch) -> npt.NDArray[np.uint8]:
    """The two lowest bits of each minimum; shape (256,) for a sketch of 1,024 bytes.

    >>> pack_sketch(np.array([1, 2, 7, 0] * 256, np.uint8))[:2].tolist()
    [57, 57]
    """
    low = (sketch & np.uint8(3)).reshape(-1, 4)
    # The factors of the four places in a byte.
    packed: npt.NDArray[np.uint8] = (low * np.array([1, 4, 16, 64], np.uint8)).sum(axis=1, dtype=np.uint8)
    return packed


def estimate_published(
    packed: npt.NDArray[np.uint8], others: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float64]:
    """Estimate the similarity of a packed sketch, of the shape (256,), to each of others, (rows, 256).

    >>> same = np.zeros((1, 256), np.uint8)
    >>> estimate_published(same[0], same).tolist()
    [1.0]
    """
    bits: npt.NDArray[np.uint8] = packed ^ others
    different: npt.NDArray[np.uint8] = (bits | (bits >> np.uint8(1))) & _LOWEST_OF_PAIR
    equal = 1 - np.unpackbits(different, axis=1).sum(axis=1) / SKETCH_BYTES
    estimate: npt.NDArray[np.float64] = np.maximum((equal - _BY_CHANCE) / (1 - _BY_CHANCE), 0)
    return estimate


def find_equal_rows(published: PublishedSignatures, exact: npt.NDArray[np.void]) -> Positions:
    """For each document the first row of a build with the same folded text, -1 if there is none."""
    order = np.lexsort((np.arange(len(published.exact)), published.exact["low"], published.exact["high"]))
    high = published.exact["high"][order]
    rows = np.full(len(exact), -1, np.int64)
    first, last = (np.searchsorted(high, exact["high"], side=side) for side in ("left", "right"))
    for document in np.flatnonzero(last > first).tolist():
        same = order[first[document] : last[document]]
        equal = same[published.exact["low"][same] == exact["low"][document]]
        if len(equal):
            rows[document] = equal[0]
    return rows


def find_near_rows(
    published: PublishedSignatures,
    columns: Sequence[Column],
    documents: Positions,
    make_sketch: Callable[[int], Sketch],
    threshold: float,
) -> Iterator[PublishedCopy]:
    """Those of the documents that are similar enough to a row of a build, each with the most similar row.

    ``columns`` are the bands of all documents, one after the other; each of the ``documents`` has bands.
    ``make_sketch`` gives the sketch of a document that has two bands in common with a row.
    """
    pairs = _find_pairs(published.bands, columns, documents)
    documents, starts = np.unique(pairs[:, 0], return_index=True)
    ends = np.append(starts[1:], len(pairs))[: len(starts)]
    for document, start, end in zip(documents.tolist(), starts.tolist(), ends.tolist(), strict=True):
        rows = pairs[start:end, 1]
        similarities = estimate_published(pack_sketch(make_sketch(document)), published.sketches[rows])
        best = int(similarities.argmax())
        if similarities[best] >= threshold:
            yield PublishedCopy(document, int(rows[best]), float(similarities[best]))


def _find_pairs(published: Bands, columns: Sequence[Column], documents: Positions) -> Positions:
    """The pairs (document, row) with enough bands in common, sorted; shape (pairs, 2)."""
    count = max(len(published), 1)
    keys = [np.zeros(0, np.int64)]
    for band, column in enumerate(columns):
        order = np.argsort(published[:, band], kind="stable")
        values = published[order, band]
        own = column[:][documents]
        first, last = (np.searchsorted(values, own, side=side) for side in ("left", "right"))
        sizes = np.minimum(last - first, _MOST_IN_BUCKET)
        keys.append(np.repeat(documents, sizes) * count + order[expand_ranges(first, sizes)])
    pairs, common = np.unique(np.concatenate(keys), return_counts=True)
    pairs = pairs[common >= _COMMON_BANDS]
    return np.column_stack(np.divmod(pairs, count))
