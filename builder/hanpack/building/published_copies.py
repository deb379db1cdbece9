"""Decides which documents of a build are left out as copies of documents of other builds.

This module is short because the comparison itself is in :mod:`hanpack.steps.dedup.published`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hanpack.building.document_index import DocumentIndex, DocumentTexts
from hanpack.model import Decision
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Duplicates
from hanpack.steps.dedup.published import find_equal_rows, find_near_rows
from hanpack.steps.dedup.withdrawn import Sketch, compute_sketch
from hanpack.store.signature_table import OtherBuild, unpack_signatures

# The decimal places of a similarity in the ledger.
SIMILARITY_DIGITS = 4


def decide_published(
    documents: DocumentIndex, texts: DocumentTexts, against: Sequence[OtherBuild], options: Duplicates
) -> dict[int, Decision]:
    """The decisions on the documents that are copies, by their numbers; of several builds the first counts.

    A document whose folded text is equal has the similarity 1; that of others is estimated.
    """
    decisions: dict[int, Decision] = {}

    def make_sketch(document: int) -> Sketch:
        return compute_sketch(texts.folder.fold(texts.text(document)).text)

    for other in against:
        published = unpack_signatures(other.signatures)
        is_open = documents.length[:] > 0
        is_open[[*decisions]] = False
        rows = np.where(is_open, find_equal_rows(published, documents.read_hashes(documents.numbers)), -1)
        for document in np.flatnonzero(rows >= 0).tolist():
            decisions[document] = _name_copy(other, int(rows[document]), 1.0)
        if options.drop == "near":
            searched = np.flatnonzero(is_open & (rows < 0))
            for copy in find_near_rows(published, documents.bands, searched, make_sketch, options.threshold):
                decisions[copy.document] = _name_copy(other, copy.row, copy.similarity)
    return decisions


def _name_copy(other: OtherBuild, row: int, similarity: float) -> Decision:
    identity = other.signatures.column("id")[row].as_py()
    reason = Reason(Cause.COPY_ELSEWHERE, {"document": identity, "build": other.stated.name})
    return Decision(similarity=round(similarity, SIMILARITY_DIGITS), reason=reason)
