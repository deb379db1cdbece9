"""Which passages of the kept documents also occur in better ones, and which of them are removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from hanpack.building.document_index import CACHED_SHINGLES, DocumentIndex, DocumentTexts, Numbers
from hanpack.model import Decision
from hanpack.recipe import Recipe
from hanpack.steps.alignment import Flags
from hanpack.steps.dedup.candidates import find_candidates
from hanpack.steps.dedup.columns import Column
from hanpack.steps.dedup.folding import FoldedText
from hanpack.steps.dedup.minhash import (
    Bands,
    Shingles,
    compute_shingles,
    compute_signature,
    compute_similarity,
    sort_distinct,
)
from hanpack.steps.dedup.passages import find_passages, trim_passage
from hanpack.steps.dedup.sentences import SentenceTable
from hanpack.store.part_index import Parts
from hanpack.store.spooled_arrays import SpooledArray
from hanpack.store.table_kinds import TableKind

Spans = tuple[tuple[int, int], ...]


def decide_passages(
    parts: Parts, documents: DocumentIndex, is_kept: Flags, texts: DocumentTexts, recipe: Recipe
) -> dict[int, Decision]:
    """Decide on each kept document with passages of better documents: flag them, or remove them.

    Better is what :attr:`DocumentIndex.order` puts first. If the recipe removes passages, they are only
    flagged in two cases: nothing else would remain, or the rest would be a copy of a document in another
    partition.
    """
    passages = dict(_find_passages(parts, documents, is_kept, texts, recipe.duplicates.minimum_passage))
    decisions = {document: Decision(passages=spans) for document, spans in passages.items()}
    if recipe.duplicates.passages != "remove":
        return decisions
    removals: dict[int, Spans] = {}
    for document, spans in passages.items():
        text = texts.text(document)
        trimmed = tuple(trim_passage(text, *span) for span in spans)
        if any(map(str.isalnum, _remove_spans(text, trimmed))):
            removals[document] = trimmed
    leaks = _find_leaks(documents, is_kept, removals, texts, recipe)
    return decisions | {
        document: Decision(passages=spans, remove=True)
        for document, spans in removals.items()
        if document not in leaks
    }


def _find_passages(
    parts: Parts, documents: DocumentIndex, is_kept: Flags, texts: DocumentTexts, minimum: int
) -> Iterator[tuple[int, Spans]]:
    """Each document that has passages of better ones, with their spans."""
    numbers = np.flatnonzero(is_kept)
    table = _read_sentences(parts, documents, numbers)
    ranks = np.empty(len(documents), dtype=np.int64)
    ranks[documents.order] = np.arange(len(documents))
    passages = find_passages(table, ranks[numbers], minimum)
    spans = zip(
        numbers[passages.document].tolist(), passages.start.tolist(), passages.end.tolist(), strict=True
    )
    originals = zip(
        numbers[passages.original].tolist(),
        passages.original_start.tolist(),
        passages.original_end.tolist(),
        strict=True,
    )
    # Passages are found by hashes; only those whose folded texts are equal count.
    confirmed = (
        span
        for span, original in zip(spans, originals, strict=True)
        if texts.fold(*span) == texts.fold(*original)
    )
    for document, group in groupby(confirmed, key=itemgetter(0)):
        yield document, tuple((start, end) for _, start, end in group)


def _read_sentences(parts: Parts, documents: DocumentIndex, numbers: Numbers) -> SentenceTable:
    """The sentences of some documents, which are sorted."""
    kinds = {"hashes": np.uint64, "lengths": np.int32, "starts": np.int32, "ends": np.int32}
    arrays = {name: SpooledArray(np.dtype(kind), parts.cache.folder) for name, kind in kinds.items()}
    counts = [np.zeros(1, np.int64)]
    of_numbers = documents.find_parts(numbers)
    for part in sort_distinct(of_numbers).tolist():
        table = parts.read_unrevised(TableKind.FEATURES.value, part)
        first, end = np.searchsorted(of_numbers, (part, part + 1)).tolist()
        rows = table.take(numbers[first:end] - documents.first_documents[part])
        counts.append(pc.list_value_length(rows.column("hashes")).to_numpy().astype(np.int64))
        for name, array in arrays.items():
            array.append(rows.column(name).combine_chunks().flatten().to_numpy())
    return SentenceTable(**arrays, firsts=np.cumsum(np.concatenate(counts)))


def _remove_spans(text: str, spans: Spans) -> str:
    """The text without these spans, which are sorted and do not overlap."""
    borders = pairwise([(0, 0), *spans, (len(text), len(text))])
    return "".join(text[end:start] for (_, end), (start, _) in borders)


def _find_leaks(
    documents: DocumentIndex,
    is_kept: Flags,
    removals: Mapping[int, Spans],
    texts: DocumentTexts,
    recipe: Recipe,
) -> set[int]:
    """The documents that without their passages would be copies of a document in another partition.

    ``removals`` are the spans to remove. What would be left of a document is compared with the kept documents
    as they are, and with the rests of others.
    """
    if not removals or not recipe.splits.rules:
        return set()

    def fold_rest(document: int) -> FoldedText:
        return texts.folder.fold(_remove_spans(texts.text(document), removals[document]))

    # The rests are numbered after the documents.
    count = len(documents)
    rests = np.array([compute_signature(fold_rest(document)).bands for document in removals])
    columns = [
        _Column(of_documents, of_rests)
        for of_documents, of_rests in zip(documents.bands, rests.T, strict=True)
    ]
    owners = np.concatenate((np.arange(count), list(removals)))
    order = documents.order
    pairs = find_candidates(columns, np.concatenate((order[is_kept[order]], np.arange(count, len(owners)))))
    partitions = documents.partition[owners]
    pairs = pairs[(pairs[:, 1] >= count) & (partitions[pairs[:, 0]] != partitions[pairs[:, 1]])]

    @lru_cache(CACHED_SHINGLES)
    def find_shingles(number: int) -> Shingles:
        if number < count:
            return texts.shingles(number)
        return compute_shingles(fold_rest(int(owners[number])).text)

    similar = [
        pair
        for pair in pairs.tolist()
        if compute_similarity(*map(find_shingles, pair)) >= recipe.duplicates.threshold
    ]
    return {int(owners[number]) for pair in similar for number in pair if number >= count}


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """A band of the documents, and then of the rests."""

    of_documents: Column
    of_rests: Bands

    def __len__(self) -> int:
        return len(self.of_documents) + len(self.of_rests)

    def __getitem__(self, places: slice | npt.NDArray[np.integer[Any]], /) -> Bands:
        return np.concatenate((self.of_documents[:], self.of_rests))[places]
