"""Decisions that need all documents of a build: which are copies, and which have shared passages.

The method for copies is that of MinHash deduplication (Broder 1997; Lee et al. 2022, "Deduplicating Training
Data Makes Language Models Better"): a signature of each document, which the flow has computed; candidate
pairs from the signatures; comparison of the pairs by their true similarity; clusters; a decision on every
document that is not the representative of its cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from hanpack.building.copies import find_copies
from hanpack.building.document_index import DocumentIndex, DocumentTexts, read_documents
from hanpack.building.passages import decide_passages
from hanpack.building.published_copies import decide_published
from hanpack.model import Decision
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.steps.dedup import ClusterAssignment
from hanpack.store.part_index import Parts
from hanpack.store.signature_table import OtherBuild

# The decisions by part, and in it by the row of the record.
Decisions = Mapping[int, Mapping[int, Decision]]
# The decimal places of a similarity in the ledger.
SIMILARITY_DIGITS = 4


def decide(
    parts: Parts, recipe: Recipe, progress: Callable[[int, int], None], against: Sequence[OtherBuild] = ()
) -> Decisions:
    """Make a decision on each document that is a copy, or has passages of a better document.

    Copies of documents of other builds, ``against``, are left out first, as if they had not been there.
    A document that is kept as it is has no decision. The result depends on the documents and their order
    only. ``progress`` is called with the number of compared pairs and of all pairs.
    """
    documents = read_documents(parts, list(recipe.splits.names))
    if documents is None:
        return {}
    decisions = decide_published(documents, DocumentTexts(parts, documents), against, recipe.duplicates)
    rest = np.setdiff1d(np.arange(len(documents)), np.array([*decisions], np.int64))
    others = documents.take(rest)
    texts = DocumentTexts(parts, others)
    clusters = find_copies(others, texts, recipe, progress)
    own = _decide_copies(others, clusters, texts)
    if recipe.duplicates.passages != "keep":
        own |= decide_passages(parts, others, clusters.is_kept, texts, recipe)
    decisions |= {int(rest[document]): decision for document, decision in own.items()}
    by_part: dict[int, dict[int, Decision]] = {}
    for document, decision in decisions.items():
        by_part.setdefault(int(documents.part[document]), {})[int(documents.row[document])] = decision
    return by_part


def _decide_copies(
    documents: DocumentIndex, clusters: ClusterAssignment, texts: DocumentTexts
) -> dict[int, Decision]:
    named = _find_named_documents(documents, clusters, texts)
    decisions: dict[int, Decision] = {}
    for copy in np.flatnonzero(~clusters.is_kept).tolist():
        original = named[int(clusters.representative[copy])]
        similarity = round(float(clusters.similarity[copy]), SIMILARITY_DIGITS)
        reason = Reason(Cause.COPY, texts.origin(original))
        decisions[copy] = Decision(texts.identity(original), similarity, reason)
    return decisions


def _find_named_documents(
    documents: DocumentIndex, clusters: ClusterAssignment, texts: DocumentTexts
) -> dict[int, int]:
    """The document that the ledger names for each representative of a copy.

    The id of a document is the hash of its text. Of several kept documents with the same text only the first
    has this id in the build, the others get a suffix; so the first is named.
    """
    is_kept = clusters.is_kept
    representatives = np.unique(clusters.representative[~is_kept])
    equal = documents.find_equal()
    first_by_id: dict[str, int] = {}
    for document in np.flatnonzero(is_kept & np.isin(equal, equal[representatives])).tolist():
        first_by_id.setdefault(texts.identity(document), document)
    return {document: first_by_id[texts.identity(document)] for document in representatives.tolist()}
