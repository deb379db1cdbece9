"""From compared pairs to clusters: which documents are kept, and which are copies of a kept one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup.minhash import sort_distinct

Similarities = npt.NDArray[np.float64]

# The Jaccard index of trigrams from which a document is a copy; benchmarks/README.md compares thresholds.
SIMILARITY_THRESHOLD = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class ClusterAssignment:
    """The cluster of each document: a kept document and its copies; both arrays have the shape (documents,).

    ``representative`` is the kept document of the cluster, which is the document itself if it is kept.
    ``similarity`` is the similarity to that one.
    """

    representative: Positions
    similarity: Similarities

    @property
    def is_kept(self) -> npt.NDArray[np.bool_]:
        """Whether each document is the representative of its cluster."""
        return np.asarray(self.representative == np.arange(len(self.representative)), np.bool_)


def assign_clusters(
    order: Positions,
    pairs: Positions,
    similarities: Similarities,
    threshold: float = SIMILARITY_THRESHOLD,
) -> ClusterAssignment:
    """Decide document by document, the best first: one that is similar enough to a kept one is its copy.

    Of several such documents it is a copy of the most similar one. Two documents are never in one cluster
    only because a third is similar to both.

    Args:
        order: the documents, the best first; shape (documents,), each once.
        pairs: the pairs that were compared; shape (pairs, 2).
        similarities: their similarities; shape (pairs,).
        threshold: the similarity from which a document is a copy.

    >>> chain = np.array([[0, 1], [1, 2]])
    >>> assign_clusters(np.arange(3), chain, np.array([0.9, 0.9])).representative.tolist()
    [0, 0, 2]
    """
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    is_similar = similarities >= threshold
    similarities = similarities[is_similar]
    # Only documents with a pair can be copies; below they are numbered by rank.
    paired, numbers = np.unique(ranks[pairs[is_similar]], return_inverse=True)
    better, worse = np.sort(numbers.reshape(-1, 2), axis=1).T
    by_worse = np.lexsort((better, -similarities, worse))
    representative, similarity = list(range(len(paired))), np.ones(len(paired))
    # Invariant: all documents that are better than ``second`` are decided, and its own pairs come in order
    # of similarity, the most similar first.
    for index, first, second in zip(
        by_worse.tolist(), better[by_worse].tolist(), worse[by_worse].tolist(), strict=True
    ):
        if representative[second] != second:
            continue
        if representative[first] == first:
            representative[second], similarity[second] = first, similarities[index]
        elif similarities[index] == 1:
            # It has the same shingles as a copy, and so the same similarity to that one's representative.
            representative[second], similarity[second] = representative[first], similarity[first]
    clusters = ClusterAssignment(np.arange(len(order)), np.ones(len(order)))
    documents = order[paired]
    clusters.representative[documents] = documents[np.array(representative, np.int64)]
    clusters.similarity[documents] = similarity
    return clusters


def find_equal(
    hashes: npt.NDArray[np.void], is_comparable: npt.NDArray[np.bool_], order: Positions
) -> Positions:
    """For each document the best one with the same hash; itself if it is not comparable.

    All arrays have the shape (documents,); ``order`` lists the documents, the best first. A hash has the two
    numbers ``high`` and ``low``.

    >>> hashes = np.array([(1, 2), (1, 3), (1, 2)], dtype=[("high", "<u8"), ("low", "<u8")])
    >>> find_equal(hashes, np.ones(3, np.bool_), order=np.array([2, 1, 0])).tolist()
    [2, 1, 2]
    """
    best = np.arange(len(order))
    # Only documents whose high number occurs more than once are compared.
    ordered = np.sort(hashes["high"][is_comparable])
    repeated = sort_distinct(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return best
    places = np.minimum(np.searchsorted(repeated, hashes["high"]), len(repeated) - 1)
    is_repeated = (repeated[places] == hashes["high"]) & is_comparable
    documents = order[is_repeated[order]]
    _, firsts, groups = np.unique(hashes[documents], return_index=True, return_inverse=True)
    best[documents] = documents[firsts[groups]]
    return best
