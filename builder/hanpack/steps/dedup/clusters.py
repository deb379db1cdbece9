"""From sketches to copies: which documents to compare, which of them are copies, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions

Bands = npt.NDArray[np.uint32]
Similarities = npt.NDArray[np.float64]

# The Jaccard index of trigrams from which a document is a copy; benchmarks/README.md says why.
THRESHOLD = 0.8
# Two documents with fewer bands in common are not compared.
_SHARED = 2
# How many neighbours in its bucket a document is held against, besides the best one of the bucket.
_WINDOW = 4
# How many better documents a document is compared with at most: so many likest and so many best ones.
_LIKEST = _BEST = 8
_CHUNK = 1 << 17
_MANY = 1 << 23


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What becomes of each document; all arrays have the shape (documents,).

    ``kept_by`` is the document it is a copy of, itself where it is kept; ``similarity`` is to that one;
    ``cluster`` is the lowest of all documents that verified pairs join it to, directly or through others.
    """

    kept_by: Positions
    similarity: Similarities
    cluster: Positions


def find_candidates(bands: Bands, order: Positions | None = None) -> Positions:
    """Find the pairs of documents to compare: shape (pairs, 2), each pair once, i < j, sorted.

    ``bands`` has the shape (documents, bands), ``order`` lists the documents, best first (as given, without).
    Two documents are a pair where they have two bands in common; one whose bands are all 0 has none. Time
    and pairs are linear however many documents share a band: in a bucket a document is held against the
    best one and its nearest neighbours by the next band, and it is compared with 16 better ones at most.
    Of pairs as similar as 0.8 it misses 5 in 100,000, at 0.75 2 in 1,000, at 0.7 2 in 100.
    """
    order = np.arange(len(bands)) if order is None else order
    ranked = bands[order]
    whole = _join_bands(ranked)
    _, firsts, groups = np.unique(whole, return_index=True, return_inverse=True)
    # What has all bands in common is held against the best of them alone.
    alike = np.column_stack((firsts[groups], np.arange(len(bands))))[whole != 0]
    distinct = np.sort(firsts[whole[firsts] != 0])
    near = distinct[_find_near(ranked[distinct])]
    found = np.sort(order[np.concatenate((alike[alike[:, 0] != alike[:, 1]], near))], axis=1)
    return found[np.lexsort((found[:, 1], found[:, 0]))]


def choose(
    order: Positions, pairs: Positions, similarities: Similarities, threshold: float = THRESHOLD
) -> Choice:
    """Choose what to keep, best first: a document goes only for a kept one it is similar enough to.

    Args:
        order: the documents, best first; shape (documents,), each once.
        pairs: the pairs that were compared; shape (pairs, 2).
        similarities: what came out, by true comparison; shape (pairs,).
        threshold: the similarity from which a document is a copy.
    """
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    similar = similarities >= threshold
    pairs, similarities = pairs[similar], similarities[similar]
    better, worse = np.sort(ranks[pairs], axis=1).reshape(-1, 2).T
    by_worse = np.lexsort((better, -similarities, worse))
    kept_by, similarity = list(range(len(order))), np.ones(len(order))
    for at, first, second in zip(
        by_worse.tolist(), better[by_worse].tolist(), worse[by_worse].tolist(), strict=True
    ):
        # The pairs of a document come the likest first, when all that are better than it are decided.
        if kept_by[second] != second:
            continue
        if kept_by[first] == first:
            kept_by[second], similarity[second] = first, similarities[at]
        elif similarities[at] == 1:
            # The same shingles: it is as similar to what the other one is a copy of.
            kept_by[second], similarity[second] = kept_by[first], similarity[first]
    return Choice(
        order[np.array(kept_by, np.int64)[ranks]], similarity[ranks], _join_pairs(len(order), pairs)
    )


def _join_bands(ranked: Bands) -> npt.NDArray[np.uint64]:
    """One number for all bands of a document, 0 where it has none; shape (documents,)."""
    joined = np.zeros(len(ranked), np.uint64)
    for band in ranked.T:
        joined = (joined ^ band) * np.uint64(0x9E3779B97F4A7C15)
        joined ^= joined >> np.uint64(32)
    joined[joined == 0] = 1
    joined[~ranked.any(axis=1)] = 0
    return joined


def _find_near(ranked: Bands) -> Positions:
    """Pairs (better, worse) of rows with enough bands in common, so many a row at most; shape (pairs, 2)."""
    count = max(len(ranked), 1)
    keys = np.empty(0, np.int64)
    fresh: list[Positions] = []
    limit = _MANY
    for band in range(ranked.shape[1]):
        for pairs in _share_bucket(ranked, band):
            enough = pairs[_count_shared(ranked, pairs) >= _SHARED]
            fresh.append(enough[:, 1] * count + enough[:, 0])
        if sum(map(len, fresh)) > limit:
            keys, fresh = _limit(ranked, np.unique(np.concatenate((keys, *fresh)))), []
            limit = max(_MANY, len(keys))
    keys = _limit(ranked, np.unique(np.concatenate((keys, *fresh))))
    return np.column_stack((keys % count, keys // count))


def _share_bucket(ranked: Bands, band: int) -> Iterator[Positions]:
    """Pairs (better, worse) of rows that share this band, in chunks of the shape (pairs, 2)."""
    values, following = ranked[:, band].astype(np.uint64), ranked[:, (band + 1) % ranked.shape[1]]
    rows = np.argsort((values << np.uint64(32)) | following, kind="stable")
    values = values[rows]
    like = values[1:] == values[:-1]
    together = np.zeros(len(rows), np.bool_)
    together[:-1] |= like
    together[1:] |= like
    rows, values = rows[together], values[together]
    if not len(rows):
        return
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    sizes = np.diff(np.concatenate((starts, [len(rows)])))
    best = np.repeat(np.minimum.reduceat(rows, starts), sizes)
    for distance in range(_WINDOW + 1):
        others = best if not distance else rows[:-distance]
        own = rows[distance:]
        held = own != others if not distance else values[distance:] == values[:-distance]
        pairs = np.column_stack((np.minimum(own, others)[held], np.maximum(own, others)[held]))
        for start in range(0, len(pairs), _CHUNK):
            yield pairs[start : start + _CHUNK]


def _count_shared(ranked: Bands, pairs: Positions) -> Positions:
    """How many bands the two rows of each pair share; shape (pairs,)."""
    shared: Positions = np.count_nonzero(ranked[pairs[:, 0]] == ranked[pairs[:, 1]], axis=1)
    return shared


def _limit(ranked: Bands, keys: Positions) -> Positions:
    """Of many pairs of a row with better ones those with the likest and those with the best; keys sorted."""
    count = max(len(ranked), 1)
    worse = keys // count
    kept = _place(worse) < _BEST
    _, groups, sizes = np.unique(worse, return_inverse=True, return_counts=True)
    crowded = np.flatnonzero(sizes[groups] > _BEST)
    pairs = np.column_stack((keys[crowded] % count, worse[crowded]))
    chunks = [pairs[start : start + _CHUNK] for start in range(0, len(pairs), _CHUNK)]
    shared = np.concatenate([np.empty(0, np.int64), *(_count_shared(ranked, chunk) for chunk in chunks)])
    likest = np.lexsort((pairs[:, 0], -shared, pairs[:, 1]))
    kept[crowded[likest[_place(pairs[likest, 1]) < _LIKEST]]] = True
    return keys[kept]


def _place(groups: Positions) -> Positions:
    """The place of each value among its equals, which stand together; shape of ``groups``."""
    first = np.concatenate(([True], groups[1:] != groups[:-1]))[: len(groups)]
    return np.arange(len(groups)) - np.maximum.accumulate(np.where(first, np.arange(len(groups)), 0))


def _join_pairs(count: int, pairs: Positions) -> Positions:
    """The lowest document of each one's connected component; shape (count,)."""
    lowest = np.arange(count)
    first, second = pairs[:, 0], pairs[:, 1]
    while (lowest[first] != lowest[second]).any():
        one, other = lowest[first], lowest[second]
        np.minimum.at(lowest, np.maximum(one, other), np.minimum(one, other))
        while (lowest[lowest] != lowest).any():
            lowest = lowest[lowest]
    return lowest
