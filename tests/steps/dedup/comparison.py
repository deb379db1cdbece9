"""Texts compared as a build compares its documents, for the tests of candidates and clusters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.steps.dedup.candidates import find_candidates
from hanpack.steps.dedup.clusters import ClusterAssignment
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.dedup.minhash import compute_shingles, compute_signature, compute_similarity

FOLDER = TextFolder()


class ComparedPairs(NamedTuple):
    """Documents, the best first, the pairs that were compared and their similarities."""

    order: npt.NDArray[np.int64]
    pairs: npt.NDArray[np.int64]
    similarities: npt.NDArray[np.float64]

    def similarity_of(self, first: int, second: int) -> float:
        """The similarity of two documents, 0 if they were not compared."""
        for pair, similarity in zip(self.pairs.tolist(), self.similarities.tolist(), strict=True):
            if {*pair} == {first, second}:
                return float(similarity)
        return 0.0


def compare_texts(texts: list[str]) -> ComparedPairs:
    """Compare candidate pairs of texts; the longest folded text is the best, then the first."""
    folded = [FOLDER.fold(text) for text in texts]
    signatures = [compute_signature(text) for text in folded]
    order = np.argsort([-signature.length for signature in signatures], kind="stable")
    pairs = find_candidates(list(np.array([signature.bands for signature in signatures]).T), order)
    shingles = [compute_shingles(text.text) for text in folded]
    similarities = [compute_similarity(shingles[first], shingles[second]) for first, second in pairs.tolist()]
    return ComparedPairs(order, pairs, np.array(similarities, np.float64))


def find_dropped(clusters: ClusterAssignment) -> set[int]:
    """The documents that are copies."""
    return set(np.flatnonzero(~clusters.is_kept).tolist())
