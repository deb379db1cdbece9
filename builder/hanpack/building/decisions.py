"""Decisions that need all documents of a build: which are copies, and which have shared passages.

The method for copies is that of MinHash deduplication (Broder 1997; Lee et al. 2022, "Deduplicating Training
Data Makes Language Models Better"): a signature of each document, which the flow has computed; candidate
pairs from the signatures; comparison of the pairs by their true similarity; clusters; a decision on every
document that is not the representative of its cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanpack.building.copies import Comparison, find_copies
from hanpack.building.document_index import DocumentTexts, Numbers, read_documents
from hanpack.building.passages import decide_passages
from hanpack.model import Decision
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.steps.alignment import Flags
from hanpack.steps.dedup.minhash import sort_distinct
from hanpack.store.part_index import Parts
from hanpack.store.signature_table import OtherBuild

# The decimal places of a similarity in the ledger.
SIMILARITY_DIGITS = 4
_ORIGINAL_COLUMNS = ("document_id", "source", "record")


class Decisions:
    """The decisions on the documents of all parts; each is made when it is read.

    ``first_records`` are the first records of all parts, and last their number. ``copies`` are those of
    clusters, ``others`` all others, by the number of the document. ``find_records`` gives the records of
    documents.
    """

    def __init__(
        self,
        first_records: Numbers,
        copies: Copies,
        others: Mapping[int, Decision],
        find_records: Callable[[Numbers], Numbers] = np.asarray,
    ) -> None:
        self._first_records = first_records
        self._copies = copies
        self._others = others
        self._documents = np.sort(
            np.concatenate((copies.documents, np.fromiter(others, np.int64, len(others))))
        )
        self._records = find_records(self._documents)

    def read(self, parts: range) -> dict[int, Decision]:
        """The decisions of some parts that follow one another, by the row of the record in all of them."""
        if not len(self._records):
            return {}
        first, end = self._first_records[[parts.start, parts.stop]].tolist()
        low, high = np.searchsorted(self._records, (first, end)).tolist()
        return {
            row: self._others[number] if number in self._others else self._copies.decide(number)
            for number, row in zip(
                self._documents[low:high].tolist(), (self._records[low:high] - first).tolist(), strict=True
            )
        }


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """The copies of a build: their numbers, which are sorted, and the similarity of each to its original.

    ``original`` is the row of the original in ``originals``, which are rows of the ledger; the other arrays
    have the shape (copies,).
    """

    documents: Numbers
    similarity: npt.NDArray[np.float64]
    original: Numbers
    originals: pa.Table

    def decide(self, document: int) -> Decision:
        """The decision on a copy."""
        place = int(np.searchsorted(self.documents, document))
        (original,) = self.originals.slice(int(self.original[place]), 1).to_pylist()
        identity = original.pop("document_id")
        similarity = round(float(self.similarity[place]), SIMILARITY_DIGITS)
        return Decision(identity, similarity, Reason(Cause.COPY, original))


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
        empty = np.zeros(0, np.int64)
        return Decisions(empty, Copies(empty, np.zeros(0), empty, pa.table({})), {})
    texts = DocumentTexts(parts, documents)
    decisions: dict[int, Decision] = {}
    if against:
        # Most recipes compare with no other build.
        from hanpack.building.published_copies import decide_published

        decisions = decide_published(documents, texts, against, recipe.duplicates)
    is_compared = np.ones(len(documents), np.bool_)
    is_compared[[*decisions]] = False
    comparison = find_copies(documents, is_compared, texts, recipe, progress)
    copies = _find_originals(comparison, is_compared, texts)
    if recipe.duplicates.passages != "keep":
        is_kept = is_compared.copy()
        is_kept[comparison.copies] = False
        decisions |= decide_passages(parts, documents, is_kept, texts, recipe)
    return Decisions(documents.first_records, copies, decisions, documents.find_records)


def _find_originals(comparison: Comparison, is_compared: Flags, texts: DocumentTexts) -> Copies:
    """The copies, and the document that the ledger names for each.

    The id of a document is the hash of its text. Of several kept documents with the same text only the first
    has this id in the build, the others get a suffix; so the first is named.
    """
    clusters, equal = comparison.clusters, comparison.equal
    is_kept = clusters.is_kept
    copies = np.flatnonzero(~is_kept)
    representatives = sort_distinct(clusters.representative[copies])
    is_candidate = is_kept & is_compared[comparison.documents] & np.isin(equal, equal[representatives])
    candidates = np.flatnonzero(is_candidate)
    originals = texts.read_records(comparison.documents[candidates], _ORIGINAL_COLUMNS)
    identities = originals.column("document_id").combine_chunks().dictionary_encode().indices.to_numpy()
    # The first candidate with the id of each.
    _, firsts = np.unique(identities, return_index=True)
    places = np.searchsorted(candidates, clusters.representative[copies])
    return Copies(
        documents=comparison.copies,
        similarity=clusters.similarity[copies],
        original=firsts[identities[places]],
        originals=originals,
    )
