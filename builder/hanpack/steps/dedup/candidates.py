"""From MinHash signatures to candidate pairs: the documents that are worth comparing.

Locality-sensitive hashing (Indyk and Motwani 1998): documents with a band of their signatures in common are
in one bucket. Only documents of one bucket can be a pair, and only a bounded number of pairs is made for each
document, so that time and pairs are linear however many documents are similar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.dedup.columns import Column, Numbers
from hanpack.steps.dedup.minhash import Bands, sort_distinct
from hanpack.steps.hash_mixing import GOLDEN_RATIO, HALF

# Documents with fewer bands in common are not a pair.
_COMMON_BANDS = 2
# How many neighbours in its bucket a document is paired with, besides the best document of the bucket.
_NEIGHBOURS = 4
# A document keeps its pairs with this many better documents that share the most bands with it.
_MOST_COMMON = 8
# It also keeps its pairs with this many of the best documents.
_BEST = 8
# The same for pairs with documents of another partition: neighbours in a bucket, and pairs of a document.
_CROSS_NEIGHBOURS = 256
# Pairs that are counted at once, and new pairs that are kept before the limits apply.
_CHUNK = 1 << 18
_MANY_PAIRS = 1 << 23
# About how many documents are sorted at once.
_SORTED = 1 << 18
# Documents that are compared with the held-out ones at once.
_BLOCK = 1 << 10
_LOW_HALF = np.uint64(0xFFFFFFFF)


def find_candidates(columns: Sequence[Column], order: Numbers | None = None) -> Positions:
    """Find the pairs of documents to compare; shape (pairs, 2), each pair once, i < j, sorted.

    Two documents are a pair if they have two bands in common. In a bucket a document is paired with the best
    one and with its nearest neighbours by the next band; it has at most 16 pairs with better documents. Of
    the pairs with a similarity of 0.8 this misses 5 in 100,000, at 0.75 2 in 1,000, at 0.7 2 in 100.

    Args:
        columns: the bands of the signatures, one after the other; each has the shape (documents,). A document
            whose bands are all 0 has no pair.
        order: the documents to compare, the best first, each at most once. By default all of them.

    >>> find_candidates(list(np.array([[1, 2, 3], [7, 8, 9], [1, 2, 4]], np.uint32).T)).tolist()
    [[0, 2]]
    """
    # From here on a document is its place in the order, so that the better of two has the lower number.
    order = np.arange(len(columns[0])) if order is None else order
    equal, is_distinct = _pair_equal(_hash_signatures(columns, order))
    distinct = order[is_distinct]
    similar = distinct[_pair_in_buckets(columns, distinct)]
    pairs = np.sort(np.concatenate((order[equal], similar)).astype(np.int64), axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def find_cross_candidates(
    columns: Sequence[Column], partitions: Numbers, documents: Numbers | None = None
) -> Iterator[Positions]:
    """Find pairs of documents in different partitions, in blocks of the shape (pairs, 2); i < j.

    This is for evaluation data, which no training document may be similar to. The limits of
    :func:`find_candidates` could leave out the one pair that crosses the partitions if a document has many
    similar ones in its own. Here a document is paired with up to 256 of the documents of each higher
    partition that are nearest in its buckets, those with the most bands in common.

    Args:
        columns: the bands of the signatures, one after the other; each has the shape (documents,). A document
            whose bands are all 0 has no pair.
        partitions: the number of each document's partition, 0 for training; shape (documents,).
        documents: the documents to compare, sorted; by default all of them.

    >>> columns = list(np.array([[1, 2, 3], [1, 2, 4], [1, 2, 5]], np.uint32).T)
    >>> [pairs.tolist() for pairs in find_cross_candidates(columns, np.array([0, 1, 0]))]
    [[[0, 1], [1, 2]]]
    """
    documents = np.arange(len(partitions)) if documents is None else documents
    for partition in range(1, int(partitions.max(initial=0)) + 1):
        held_out = documents[partitions[documents] == partition]
        lower = documents[partitions[documents] < partition]
        held_out, bands = _take_bands(columns, held_out)
        buckets = [_Buckets.of(bands, band) for band in range(len(columns))] if len(held_out) else []
        for start in range(0, len(lower) if len(held_out) else 0, _BLOCK):
            block, bands = _take_bands(columns, lower[start : start + _BLOCK])
            pairs = _pair_with_held_out(bands, buckets)
            yield np.sort(np.column_stack((block[pairs[:, 0]], held_out[pairs[:, 1]])), axis=1)


def expand_ranges(starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The numbers of all ranges ``start, start + 1, …, start + size - 1``, range after range.

    >>> expand_ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    offsets = np.cumsum(sizes) - sizes
    return np.repeat(starts - offsets, sizes) + np.arange(int(sizes.sum()))


def _take_bands(columns: Sequence[Column], documents: Numbers) -> tuple[Numbers, Bands]:
    """Those of the documents that have bands, and these; shape (documents, bands)."""
    bands = np.column_stack([column[documents] for column in columns])
    has_bands = bands.any(axis=1)
    return documents[has_bands], bands[has_bands]


def _hash_signatures(columns: Sequence[Column], order: Numbers) -> npt.NDArray[np.uint64]:
    """One number for all bands of each document in the order, 0 if it has none."""
    joined = np.zeros(len(order), np.uint64)
    has_bands = np.zeros(len(order), np.bool_)
    for column in columns:
        band = column[:][order]
        has_bands |= band != 0
        joined ^= band
        joined *= GOLDEN_RATIO
        joined ^= joined >> HALF
    joined[joined == 0] = 1
    joined[~has_bands] = 0
    return joined


def _pair_equal(signatures: npt.NDArray[np.uint64]) -> tuple[Positions, Flags]:
    """Pairs (best, other) of documents with all bands in common, and which documents are no such other one.

    Documents are given by their places in ``signatures``, the best first; those without bands are no pair.
    """
    is_distinct = signatures != 0
    ordered = np.sort(signatures)
    repeated = sort_distinct(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    repeated = repeated[repeated != 0]
    places = [np.zeros(0, np.int64)]
    for start in range(0, len(signatures) if len(repeated) else 0, _SORTED):
        piece = signatures[start : start + _SORTED]
        nearest = np.minimum(np.searchsorted(repeated, piece), len(repeated) - 1)
        places.append(np.flatnonzero(repeated[nearest] == piece) + start)
    members = np.concatenate(places)
    members = members[np.argsort(signatures[members], kind="stable")]
    groups = signatures[members]
    is_best = np.concatenate(([True], groups[1:] != groups[:-1]))[: len(groups)]
    best = members[is_best][np.cumsum(is_best) - 1][~is_best]
    is_distinct[members[~is_best]] = False
    return np.column_stack((best, members[~is_best])), is_distinct


def _pair_in_buckets(columns: Sequence[Column], documents: Numbers) -> Positions:
    """Pairs (better, worse) of documents with enough bands in common, within the limits; shape (pairs, 2).

    They are given by their places in ``documents``, the best first.
    """
    count = max(len(documents), 1)
    # A pair as one number, so that sorted pairs are those of one worse document after those of another.
    keys = np.empty(0, np.int64)
    new_keys: list[Positions] = []
    uncounted: list[Positions] = []
    most = _MANY_PAIRS
    for band in range(len(columns)):
        for pairs in _pair_neighbours(columns, documents, band):
            uncounted.append(pairs[:, 1] * count + pairs[:, 0])
            if sum(map(len, uncounted)) > _CHUNK:
                new_keys.append(_select_common(columns, documents, uncounted))
                uncounted = []
        if sum(map(len, new_keys)) > most:
            new_keys = [_limit_pairs(columns, documents, sort_distinct(np.concatenate((keys, *new_keys))))]
            keys, new_keys = new_keys[0], []
            most = max(_MANY_PAIRS, len(keys))
    new_keys.append(_select_common(columns, documents, uncounted))
    keys = _limit_pairs(columns, documents, sort_distinct(np.concatenate((keys, *new_keys))))
    return np.column_stack((keys % count, keys // count))


def _pair_neighbours(columns: Sequence[Column], documents: Numbers, band: int) -> Iterator[Positions]:
    """Pairs (better, worse) of neighbours in the buckets of one band, in chunks of the shape (pairs, 2)."""
    values, next_values = columns[band][:][documents], columns[(band + 1) % len(columns)][:][documents]
    parts = 1 + len(documents) // _SORTED
    for part in range(parts):
        # Equal values are in the same part. One part at a time takes less memory.
        own = np.flatnonzero(values % np.uint32(parts) == part) if parts > 1 else np.arange(len(values))
        for pairs in _pair_sorted(values[own], next_values[own]):
            yield own[pairs]


def _pair_sorted(values: Bands, next_values: Bands) -> Iterator[Positions]:
    """Pairs of neighbours in the buckets of documents with these values, in chunks as above."""
    rows = np.argsort((values.astype(np.uint64) << HALF) | next_values, kind="stable")
    values = values[rows]
    equals_next = values[1:] == values[:-1]
    is_shared = np.zeros(len(rows), np.bool_)
    is_shared[:-1] |= equals_next
    is_shared[1:] |= equals_next
    rows, values = rows[is_shared], values[is_shared]
    if not len(rows):
        return
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    sizes = np.diff(np.concatenate((starts, [len(rows)])))
    best = np.repeat(np.minimum.reduceat(rows, starts), sizes)
    for distance in range(_NEIGHBOURS + 1):
        # Distance 0 pairs each row with the best of its bucket.
        partners = best if not distance else rows[:-distance]
        own = rows[distance:]
        is_pair = own != partners if not distance else values[distance:] == values[:-distance]
        pairs = np.column_stack((np.minimum(own, partners)[is_pair], np.maximum(own, partners)[is_pair]))
        for start in range(0, len(pairs), _CHUNK):
            yield pairs[start : start + _CHUNK]


def _select_common(columns: Sequence[Column], documents: Numbers, keys: Sequence[Positions]) -> Positions:
    """Those of the pairs with enough bands in common, sorted."""
    distinct = sort_distinct(np.concatenate([np.empty(0, np.int64), *keys]))
    return distinct[_count_common_bands(columns, documents, distinct) >= _COMMON_BANDS]


def _count_common_bands(
    columns: Sequence[Column], documents: Numbers, keys: Positions
) -> npt.NDArray[np.uint8]:
    """How many bands the two documents of each pair have in common; shape (pairs,)."""
    worse, better = (documents[places] for places in np.divmod(keys, max(len(documents), 1)))
    common = np.zeros(len(keys), np.uint8)
    for column in columns:
        common += column[better] == column[worse]
    return common


def _limit_pairs(columns: Sequence[Column], documents: Numbers, keys: Positions) -> Positions:
    """Of each document's pairs with better ones, those with the most common bands and with the best ones.

    ``keys`` are sorted.
    """
    count = max(len(documents), 1)
    worse = keys // count
    is_kept = _number_in_group(worse) < _BEST
    _, groups, sizes = np.unique(worse, return_inverse=True, return_counts=True)
    many = np.flatnonzero(sizes[groups] > _BEST)
    better, worse = keys[many] % count, worse[many]
    chunks = [keys[many[start : start + _CHUNK]] for start in range(0, len(many), _CHUNK)]
    common = np.concatenate(
        [np.empty(0, np.uint8), *(_count_common_bands(columns, documents, chunk) for chunk in chunks)]
    )
    most_common_first = np.lexsort((better, -common.astype(np.int16), worse))
    is_most_common = _number_in_group(worse[most_common_first]) < _MOST_COMMON
    is_kept[many[most_common_first[is_most_common]]] = True
    return keys[is_kept]


def _number_in_group(values: Positions) -> Positions:
    """The number of each value in its run of equal values, from 0; shape of ``values``."""
    numbers = np.arange(len(values))
    is_first = np.concatenate(([True], values[1:] != values[:-1]))[: len(values)]
    return numbers - np.maximum.accumulate(np.where(is_first, numbers, 0))


@dataclass(frozen=True, slots=True, eq=False)
class _Buckets:
    """Documents sorted by a band and then by the next: their order, and both bands as one number."""

    order: Positions
    values: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, bands: Bands, band: int) -> _Buckets:
        values = _join_bands(bands, band)
        order = np.argsort(values, kind="stable")
        return cls(order, values[order])


def _join_bands(bands: Bands, band: int) -> npt.NDArray[np.uint64]:
    """A band and the next as one number; shape (documents,)."""
    return (bands[:, band].astype(np.uint64) << HALF) | bands[:, (band + 1) % bands.shape[1]]


def _pair_with_held_out(bands: Bands, buckets: Sequence[_Buckets]) -> Positions:
    """Pairs of a document with these bands and one of the nearest held-out ones in its buckets."""
    keys = [np.zeros(0, np.int64)]
    count = len(buckets[0].order)
    for band, bucket in enumerate(buckets):
        own = _join_bands(bands, band)
        # The bucket of each document, and in it the neighbours by the next band.
        first = np.searchsorted(bucket.values, own >> HALF << HALF)
        last = np.searchsorted(bucket.values, own | _LOW_HALF, side="right")
        nearest = np.searchsorted(bucket.values, own) - _CROSS_NEIGHBOURS // 2
        starts = np.clip(nearest, first, np.maximum(last - _CROSS_NEIGHBOURS, first))
        sizes = np.minimum(last - starts, _CROSS_NEIGHBOURS)
        neighbours = bucket.order[expand_ranges(starts, sizes)]
        keys.append(np.repeat(np.arange(len(own)), sizes) * count + neighbours)
    # A pair is found once for each band that it has in common.
    pairs, common = np.unique(np.concatenate(keys), return_counts=True)
    pairs, common = pairs[common >= _COMMON_BANDS], common[common >= _COMMON_BANDS]
    rows = pairs // count
    order = np.lexsort((pairs, -common, rows))
    kept = pairs[order[_number_in_group(rows[order]) < _CROSS_NEIGHBOURS]]
    return np.column_stack(np.divmod(kept, count))
