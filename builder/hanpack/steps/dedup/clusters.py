"""From compared pairs to clusters: which documents are kept, and which are copies of a kept one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup.columns import Numbers

Similarities = npt.NDArray[np.float64]

# The Jaccard index of trigrams from which a document is a copy; benchmarks/README.md compares thresholds.
SIMILARITY_THRESHOLD = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class ClusterAssignment:
    """The cluster of each document: a kept document and its copies; both arrays have the shape (documents,).

    ``representative`` is the kept document of the cluster, which is the document itself if it is kept.
    ``similarity`` is the similarity to that one.
    """

    representative: Numbers
    similarity: Similarities

    @property
    def is_kept(self) -> npt.NDArray[np.bool_]:
        """Whether each document is the representative of its cluster."""
        numbers = np.arange(len(self.representative), dtype=self.representative.dtype)
        return np.asarray(self.representative == numbers, np.bool_)


def assign_clusters(
    order: Numbers,
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
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order), dtype=order.dtype)
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
    clusters = ClusterAssignment(np.arange(len(order), dtype=order.dtype), np.ones(len(order)))
    documents = order[paired]
    clusters.representative[documents] = documents[np.array(representative, np.int64)]
    clusters.similarity[documents] = similarity
    return clusters


def find_equal(hashes: npt.NDArray[np.void]) -> Positions:
    """For each document the first with the same hash, by their places in ``hashes``; shape (documents,).

    >>> find_equal(np.array([b"a", b"b", b"a"]).view(np.void)).tolist()
    [0, 1, 0]
    """
    _, firsts, groups = np.unique(hashes, return_index=True, return_inverse=True)
    return np.asarray(firsts[groups], np.int64)
