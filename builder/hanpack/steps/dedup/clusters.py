"""From compared pairs to clusters: which documents are kept, and which are copies of a kept one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions

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
    pairs, similarities = pairs[is_similar], similarities[is_similar]
    better, worse = np.sort(ranks[pairs], axis=1).reshape(-1, 2).T
    by_worse = np.lexsort((better, -similarities, worse))
    representative, similarity = list(range(len(order))), np.ones(len(order))
    # Invariant: all documents that are better than ``second`` are decided, and its own pairs come in order
    # of similarity, the most similar first. These are ranks, not numbers of documents.
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
    return ClusterAssignment(order[np.array(representative, np.int64)[ranks]], similarity[ranks])


def find_equal(
    hashes: npt.NDArray[np.void], is_comparable: npt.NDArray[np.bool_], order: Positions
) -> Positions:
    """For each document the best one with the same hash; itself if it is not comparable.

    All arrays have the shape (documents,); ``order`` lists the documents, the best first.

    >>> hashes = np.array([b"a", b"b", b"a"]).view(np.void)
    >>> find_equal(hashes, np.ones(3, np.bool_), order=np.array([2, 1, 0])).tolist()
    [2, 1, 2]
    """
    _, firsts, groups = np.unique(hashes[order], return_index=True, return_inverse=True)
    best = np.empty_like(order)
    best[order] = order[firsts[groups]]
    return np.where(is_comparable, best, np.arange(len(order)))
