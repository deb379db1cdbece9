"""Which documents of a build are copies: signatures, candidate pairs, comparison, clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.building.document_index import DocumentIndex, DocumentTexts, Numbers
from hanpack.recipe import Recipe
from hanpack.steps.alignment import Flags
from hanpack.steps.dedup.candidates import find_candidates, find_cross_candidates
from hanpack.steps.dedup.clusters import ClusterAssignment, assign_clusters
from hanpack.steps.dedup.minhash import sort_distinct

# A limit on the rounds of comparison, which normally end earlier: when a round has no new pair.
MOST_ROUNDS = 32
# How many pairs are compared between two reports of progress.
PAIRS_PER_REPORT = 256


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The comparison of those documents that may be copies, or originals of copies; shape (documents,).

    ``documents`` are their numbers among all, sorted. By their places there, ``clusters`` has the clusters,
    and ``equal`` for each the best one with the same folded text.
    """

    documents: Numbers
    equal: npt.NDArray[np.int32]
    clusters: ClusterAssignment

    @property
    def copies(self) -> Numbers:
        """The numbers of the documents that are left out."""
        return self.documents[~self.clusters.is_kept]


def find_copies(
    documents: DocumentIndex,
    is_compared: Flags,
    texts: DocumentTexts,
    recipe: Recipe,
    progress: Callable[[int, int], None],
) -> Comparison:
    """Find the copies that the recipe drops, and for each the document that is kept for it.

    Documents that are not compared are kept. If the recipe drops no copies, copies of documents in another
    partition are dropped all the same. ``progress`` is called with the number of compared pairs and of all
    pairs.
    """
    drop = recipe.duplicates.drop
    is_near = drop == "near" or bool(recipe.splits.rules)
    numbers = np.zeros(0, np.int64)
    if drop != "none" or recipe.splits.rules:
        numbers = documents.find_similar(by_bands=is_near)
    # Few documents are similar to another: only those are in memory.
    documents, is_compared = documents.select(numbers), is_compared[numbers]
    every, equal = documents.numbers, documents.find_equal(is_compared)
    clusters = ClusterAssignment(every, np.ones(len(every)))
    if is_near:
        is_searched = (equal == every) & is_compared
        clusters = _compare_in_rounds(documents, numbers, is_searched, texts, recipe, progress)
    # A document whose folded text equals that of a better one has the same representative as that one.
    representative, similarity = clusters.representative[equal], clusters.similarity[equal]
    similarity[(representative == equal) & (equal != every)] = 1.0
    if drop == "none":
        # An equal document of the same partition is kept, unless its best equal is itself a copy.
        partition = documents.partition[:]
        is_kept = (partition == partition[equal]) & (representative == equal)
        representative[is_kept] = every[is_kept]
    return Comparison(numbers, equal, ClusterAssignment(representative, similarity))


def _compare_in_rounds(
    documents: DocumentIndex,
    numbers: Numbers,
    is_searched: Flags,
    texts: DocumentTexts,
    recipe: Recipe,
    progress: Callable[[int, int], None],
) -> ClusterAssignment:
    """Compare candidate pairs and assign clusters, in rounds, until the kept documents give no new pairs.

    Only the documents that are searched have pairs: none that is not compared, or that has a better equal
    one. ``numbers`` are those of the documents among all. Each has a bounded number of pairs. Where many
    documents are similar, those that become copies in one round make room for new pairs in the next.
    """
    count, order, threshold = len(documents), documents.order, recipe.duplicates.threshold
    pairs, similarities = np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    clusters = assign_clusters(order, pairs, similarities, threshold)
    for round_number in range(MOST_ROUNDS):
        candidates = order[(is_searched & clusters.is_kept)[order]]
        blocks = [find_candidates(documents.bands, candidates)]
        if recipe.splits.rules:
            blocks += find_cross_candidates(documents.bands, documents.partition[:], np.sort(candidates))
        keys = sort_distinct(np.concatenate([_encode_pairs(block, count) for block in blocks]))
        if round_number == 0:
            # Documents that have no pair in the first round have none later.
            has_pair = np.zeros(count, np.bool_)
            has_pair[np.concatenate(np.divmod(keys, count))] = True
            is_searched = is_searched & has_pair
        new_keys = keys[~np.isin(keys, _encode_pairs(pairs, count))]
        new_pairs = np.column_stack(np.divmod(new_keys, count))
        if recipe.duplicates.drop != "near":
            partitions = documents.partition[new_pairs]
            new_pairs = new_pairs[partitions[:, 0] != partitions[:, 1]]
        if not len(new_pairs):
            break
        texts.prepare(numbers[sort_distinct(new_pairs.ravel())])
        compared = (texts.compare(*pair) for pair in _report_progress(numbers[new_pairs], progress))
        new_similarities = np.fromiter(compared, np.float64, len(new_pairs))
        pairs = np.concatenate((pairs, new_pairs))
        similarities = np.concatenate((similarities, new_similarities))
        clusters = assign_clusters(order, pairs, similarities, threshold)
    return clusters


def _encode_pairs(pairs: Numbers, count: int) -> Numbers:
    """Each pair of documents as one number; shape (pairs,)."""
    return pairs[:, 0] * count + pairs[:, 1]


def _report_progress(pairs: Numbers, progress: Callable[[int, int], None]) -> Iterator[list[int]]:
    for start in range(0, len(pairs), PAIRS_PER_REPORT):
        yield from pairs[start : start + PAIRS_PER_REPORT].tolist()
        progress(min(start + PAIRS_PER_REPORT, len(pairs)), len(pairs))
