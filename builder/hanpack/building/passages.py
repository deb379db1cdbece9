"""Which passages of the kept documents also occur in better ones, and which of them are removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from operator import itemgetter

import numpy as np

from hanpack.building.document_index import DocumentIndex, DocumentTexts, Flags, Numbers
from hanpack.model import Decision
from hanpack.recipe import Recipe
from hanpack.steps.dedup import (
    FoldedText,
    Sentences,
    Shingles,
    compute_shingles,
    compute_signature,
    compute_similarity,
    find_candidates,
    find_passages,
    join_sentences,
    trim_passage,
)
from hanpack.store.part_index import Parts
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
    rests: dict[int, FoldedText] = {}
    for document, spans in passages.items():
        text = texts.text(document)
        trimmed = tuple(trim_passage(text, *span) for span in spans)
        rest = _remove_spans(text, trimmed)
        if any(map(str.isalnum, rest)):
            removals[document], rests[document] = trimmed, texts.folder.fold(rest)
    leaks = _find_leaks(documents, is_kept, rests, texts, recipe)
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
    table = join_sentences(_read_sentences(parts, documents, numbers))
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


def _read_sentences(parts: Parts, documents: DocumentIndex, numbers: Numbers) -> Iterator[Sentences]:
    for index, group in groupby(numbers.tolist(), key=lambda number: int(documents.part[number])):
        table = parts.read_unrevised(TableKind.FEATURES.value, index)
        columns = {
            name: table.column(name).combine_chunks() for name in ("hashes", "lengths", "starts", "ends")
        }
        for number in group:
            place = int(documents.place[number])
            yield Sentences(**{name: column[place].values.to_numpy() for name, column in columns.items()})


def _remove_spans(text: str, spans: Spans) -> str:
    """The text without these spans, which are sorted and do not overlap."""
    borders = pairwise([(0, 0), *spans, (len(text), len(text))])
    return "".join(text[end:start] for (_, end), (start, _) in borders)


def _find_leaks(
    documents: DocumentIndex,
    is_kept: Flags,
    rests: Mapping[int, FoldedText],
    texts: DocumentTexts,
    recipe: Recipe,
) -> set[int]:
    """The documents that without their passages would be copies of a document in another partition.

    ``rests`` are the folded texts without passages. Each is compared with the kept documents as they are, and
    with the other rests.
    """
    if not rests or not recipe.splits.rules:
        return set()
    # The rests are numbered after the documents.
    count = len(documents)
    owners = np.concatenate((np.arange(count), list(rests)))
    bands = np.where(is_kept[:, None], documents.bands, np.uint32(0))
    bands = np.concatenate((bands, [compute_signature(rest).bands for rest in rests.values()]))
    pairs = find_candidates(bands, np.concatenate((documents.order, np.arange(count, len(owners)))))
    partitions = documents.partition[owners]
    pairs = pairs[(pairs[:, 1] >= count) & (partitions[pairs[:, 0]] != partitions[pairs[:, 1]])]
    folded = list(rests.values())

    def find_shingles(number: int) -> Shingles:
        return compute_shingles(folded[number - count].text) if number >= count else texts.shingles(number)

    similar = [
        pair
        for pair in pairs.tolist()
        if compute_similarity(*map(find_shingles, pair)) >= recipe.duplicates.threshold
    ]
    return {int(owners[number]) for pair in similar for number in pair if number >= count}
