"""From MinHash signatures to candidate pairs: the documents that are worth comparing.

Locality-sensitive hashing (Indyk and Motwani 1998): documents with a band of their signatures in common are
in one bucket. Only documents of one bucket can be a pair, and only a bounded number of pairs is made for each
document, so that time and pairs are linear however many documents are similar.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup.minhash import Bands, sort_distinct

Flags = npt.NDArray[np.bool_]

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
# Pairs that are counted at once, new pairs that are kept before the limits apply, documents of a block.
_CHUNK = 1 << 17
_MANY_PAIRS = 1 << 23
_BLOCK = 1 << 10
_HALF, _LOW_HALF = np.uint64(32), np.uint64(0xFFFFFFFF)


def find_candidates(bands: Bands, order: Positions | None = None) -> Positions:
    """Find the pairs of documents to compare; shape (pairs, 2), each pair once, i < j, sorted.

    Two documents are a pair if they have two bands in common. In a bucket a document is paired with the best
    one and with its nearest neighbours by the next band; it has at most 16 pairs with better documents. Of
    the pairs with a similarity of 0.8 this misses 5 in 100,000, at 0.75 2 in 1,000, at 0.7 2 in 100.

    Args:
        bands: the bands of the signatures; shape (documents, bands). A document whose bands are all 0 has
            no pair.
        order: the documents, the best first; shape (documents,). By default their order in ``bands``.

    >>> find_candidates(np.array([[1, 2, 3], [7, 8, 9], [1, 2, 4]], np.uint32)).tolist()
    [[0, 2]]
    """
    order = np.arange(len(bands)) if order is None else order
    # From here on a document is a row of ``ranked``, so that the better of two has the lower number.
    ranked = bands[order]
    signatures = _hash_signatures(ranked)
    _, firsts, groups = np.unique(signatures, return_index=True, return_inverse=True)
    # Documents with all bands in common are paired with the best of them only.
    with_best = np.column_stack((firsts[groups], np.arange(len(bands))))[signatures != 0]
    equal = with_best[with_best[:, 0] != with_best[:, 1]]
    distinct = np.sort(firsts[signatures[firsts] != 0])
    similar = distinct[_pair_in_buckets(ranked[distinct])]
    pairs = np.sort(order[np.concatenate((equal, similar))], axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def find_cross_candidates(bands: Bands, partitions: Positions) -> Iterator[Positions]:
    """Find pairs of documents in different partitions, in blocks of the shape (pairs, 2); i < j.

    This is for evaluation data, which no training document may be similar to. The limits of
    :func:`find_candidates` could leave out the one pair that crosses the partitions if a document has many
    similar ones in its own. Here a document is paired with up to 256 of the documents of each higher
    partition that are nearest in its buckets, those with the most bands in common.

    Args:
        bands: the bands of the signatures; shape (documents, bands). A document whose bands are all 0 has
            no pair.
        partitions: the number of each document's partition, 0 for training; shape (documents,).

    >>> bands = np.array([[1, 2, 3], [1, 2, 4], [1, 2, 5]], np.uint32)
    >>> [pairs.tolist() for pairs in find_cross_candidates(bands, np.array([0, 1, 0]))]
    [[[0, 1], [1, 2]]]
    """
    has_bands = bands.any(axis=1)
    for partition in range(1, int(partitions.max(initial=0)) + 1):
        held_out = np.flatnonzero(has_bands & (partitions == partition))
        others = np.flatnonzero(has_bands & (partitions < partition))
        for start in range(0, len(others) if len(held_out) else 0, _BLOCK):
            block = others[start : start + _BLOCK]
            yield np.sort(_pair_with_held_out(bands, block, held_out), axis=1)


def expand_ranges(starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The numbers of all ranges ``start, start + 1, …, start + size - 1``, range after range.

    >>> expand_ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    offsets = np.cumsum(sizes) - sizes
    return np.repeat(starts - offsets, sizes) + np.arange(int(sizes.sum()))


def _hash_signatures(bands: Bands) -> npt.NDArray[np.uint64]:
    """One number for all bands of a document, 0 if it has none; shape (documents,)."""
    joined = np.zeros(len(bands), np.uint64)
    for band in bands.T:
        joined = (joined ^ band) * np.uint64(0x9E3779B97F4A7C15)
        joined ^= joined >> np.uint64(32)
    joined[joined == 0] = 1
    joined[~bands.any(axis=1)] = 0
    return joined


def _pair_in_buckets(bands: Bands) -> Positions:
    """Pairs (better, worse) of rows with enough bands in common, within the limits; shape (pairs, 2)."""
    count = max(len(bands), 1)
    # A pair as one number, so that sorted pairs are those of one worse row after those of another.
    keys = np.empty(0, np.int64)
    new_keys: list[Positions] = []
    most = _MANY_PAIRS
    for band in range(bands.shape[1]):
        for pairs in _pair_neighbours(bands, band):
            enough = pairs[_count_common_bands(bands, pairs) >= _COMMON_BANDS]
            new_keys.append(enough[:, 1] * count + enough[:, 0])
        if sum(map(len, new_keys)) > most:
            keys, new_keys = _limit_pairs(bands, sort_distinct(np.concatenate((keys, *new_keys)))), []
            most = max(_MANY_PAIRS, len(keys))
    keys = _limit_pairs(bands, sort_distinct(np.concatenate((keys, *new_keys))))
    return np.column_stack((keys % count, keys // count))


def _pair_neighbours(bands: Bands, band: int) -> Iterator[Positions]:
    """Pairs (better, worse) of neighbours in the buckets of one band, in chunks of the shape (pairs, 2)."""
    values, next_values = bands[:, band].astype(np.uint64), bands[:, (band + 1) % bands.shape[1]]
    rows = np.argsort((values << _HALF) | next_values, kind="stable")
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
        others = best if not distance else rows[:-distance]
        own = rows[distance:]
        is_pair = own != others if not distance else values[distance:] == values[:-distance]
        pairs = np.column_stack((np.minimum(own, others)[is_pair], np.maximum(own, others)[is_pair]))
        for start in range(0, len(pairs), _CHUNK):
            yield pairs[start : start + _CHUNK]


def _count_common_bands(bands: Bands, pairs: Positions) -> Positions:
    """How many bands the two rows of each pair have in common; shape (pairs,)."""
    common: Positions = np.count_nonzero(bands[pairs[:, 0]] == bands[pairs[:, 1]], axis=1)
    return common


def _limit_pairs(bands: Bands, keys: Positions) -> Positions:
    """Of each row's pairs with better rows, those with the most common bands and those with the best rows.

    ``keys`` are sorted.
    """
    count = max(len(bands), 1)
    worse = keys // count
    is_kept = _number_in_group(worse) < _BEST
    _, groups, sizes = np.unique(worse, return_inverse=True, return_counts=True)
    many = np.flatnonzero(sizes[groups] > _BEST)
    pairs = np.column_stack((keys[many] % count, worse[many]))
    chunks = [pairs[start : start + _CHUNK] for start in range(0, len(pairs), _CHUNK)]
    common = np.concatenate([np.empty(0, np.int64), *(_count_common_bands(bands, chunk) for chunk in chunks)])
    most_common_first = np.lexsort((pairs[:, 0], -common, pairs[:, 1]))
    is_most_common = _number_in_group(pairs[most_common_first, 1]) < _MOST_COMMON
    is_kept[many[most_common_first[is_most_common]]] = True
    return keys[is_kept]


def _number_in_group(values: Positions) -> Positions:
    """The number of each value in its run of equal values, from 0; shape of ``values``."""
    numbers = np.arange(len(values))
    is_first = np.concatenate(([True], values[1:] != values[:-1]))[: len(values)]
    return numbers - np.maximum.accumulate(np.where(is_first, numbers, 0))


def _pair_with_held_out(bands: Bands, block: Positions, held_out: Positions) -> Positions:
    """Pairs of a document of the block with the nearest held-out ones of its buckets; shape (pairs, 2)."""
    keys = [np.zeros(0, np.int64)]
    for band in range(bands.shape[1]):
        next_band = (band + 1) % bands.shape[1]
        of_held_out, of_block = (
            (bands[rows, band].astype(np.uint64) << _HALF) | bands[rows, next_band]
            for rows in (held_out, block)
        )
        order = np.argsort(of_held_out, kind="stable")
        values = of_held_out[order]
        # The bucket of each document of the block, and in it the neighbours by the next band.
        first = np.searchsorted(values, of_block >> _HALF << _HALF)
        last = np.searchsorted(values, of_block | _LOW_HALF, side="right")
        nearest = np.searchsorted(values, of_block) - _CROSS_NEIGHBOURS // 2
        starts = np.clip(nearest, first, np.maximum(last - _CROSS_NEIGHBOURS, first))
        sizes = np.minimum(last - starts, _CROSS_NEIGHBOURS)
        keys.append(
            np.repeat(np.arange(len(block)), sizes) * len(order) + order[expand_ranges(starts, sizes)]
        )
    # A pair is found once for each band that it has in common.
    pairs, common = np.unique(np.concatenate(keys), return_counts=True)
    pairs, common = pairs[common >= _COMMON_BANDS], common[common >= _COMMON_BANDS]
    rows = pairs // len(held_out)
    order = np.lexsort((pairs, -common, rows))
    kept = pairs[order[_number_in_group(rows[order]) < _CROSS_NEIGHBOURS]]
    return np.column_stack((block[kept // len(held_out)], held_out[kept % len(held_out)]))
