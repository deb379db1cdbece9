"""Finds texts in a build: in its documents, in the copies that the ledger names, and in its sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.errors import UsageError, require_texts
from hanpack.resources.folding_table import open_folder
from hanpack.sources.survey import Progress, ignore_progress
from hanpack.store.reader import BuildReader, Row
from hanpack.store.row_spans import cut_ranges, join_ranges
from hanpack.store.search_index import SearchIndex
from hanpack.store.table_kinds import TableKind
from hanpack.store.work_folder import WorkFolder
from hanpack.views.finding.addresses import note_withdrawn_addresses, place_addresses
from hanpack.views.finding.kept import KeptSearch, KeptText
from hanpack.views.finding.ledger import Ledger, name_records
from hanpack.views.finding.names import note_names
from hanpack.views.finding.places import (
    FATES,
    Answer,
    Answers,
    ChunkPlace,
    Context,
    Place,
    Query,
    RemovedTexts,
)

_CHUNK_COLUMNS = ("id", "document_id", "chunk_index", "start", "end")
_NO_SOURCES = (
    "what was removed was not searched: the sources are not at hand; name their folder with --sources"
)


def find_texts(
    build: str | PathLike[str],
    texts: Sequence[str],
    sources: str | PathLike[str] | None = None,
    *,
    limit: int = 20,
    searches_sources: bool = True,
    progress: Progress = ignore_progress,
) -> Answers:
    """Find each text in a build, whatever its script, width, punctuation and spaces.

    What was removed is searched in the sources, in the folder ``sources`` or where they were when the build
    was made here, unless ``searches_sources`` is false. ``limit`` is the most places of each fate that are
    given for a text. ``progress`` is called with ``index`` and ``search`` as stages.

    Raises:
        UsageError: there is no text, or one has no letters and digits.
        VerifyError: the build cannot be read.
    """
    require_texts(texts, "texts")
    queries = [Query.of(text) for text in texts]
    if not queries:
        raise UsageError(
            "there is no text to look for", "TEXT", "name a text, or a file of texts with --file"
        )
    if limit < 1:
        raise UsageError(f"a limit of {limit} leaves nothing to show", "--limit")
    reader = BuildReader.open(build)
    search_index = SearchIndex.open(reader, open_folder())
    kept = KeptSearch(reader, queries, limit, search_index).run(
        lambda done, total: progress("index", done, total)
    )
    ledger = Ledger(reader)
    document_ids = {occurrence.document["id"] for occurrence in kept.occurrences}
    records, copies = ledger.find_records(document_ids)
    root = Path(sources) if sources is not None else _find_root(reader)
    if not searches_sources:
        removed = RemovedTexts(notes=["what was removed was not searched"])
    elif root is None or not root.is_dir():
        removed = RemovedTexts(notes=[_NO_SOURCES])
    else:
        # It has all the steps, which no other search needs.
        from hanpack.views.finding.removed import RemovedSearch

        search = RemovedSearch(
            reader.manifest, ledger, root, queries, kept=kept.occurrences, copies=name_records(copies)
        )
        removed = search.run(progress)
    places: list[tuple[int, Place]] = [
        *_place_kept(reader, records, kept.occurrences, search_index),
        *removed.places,
    ]
    places += _name_unread_copies(kept.occurrences, copies, removed)
    places += list(place_addresses(reader, queries, places))
    removed.notes += note_withdrawn_addresses(reader, queries)
    removed.notes += note_names(reader, queries, places)
    return Answers(
        answers=[
            _answer(query.text, number, places, limit, is_complete=number not in kept.incomplete)
            for number, query in enumerate(queries)
        ],
        documents=sum(shard.rows for shard in reader.shards("documents")),
        records=removed.records,
        notes=removed.notes,
    )


def _find_root(reader: BuildReader) -> Path | None:
    return None if reader.remote else WorkFolder(reader.folder).find_root()


def _answer(
    text: str, number: int, places: Sequence[tuple[int, Place]], limit: int, *, is_complete: bool
) -> Answer:
    own = [place for query, place in places if query == number]
    counts = Counter(place.fate for place in own)
    shown = [
        place
        for fate in FATES
        for place in [candidate for candidate in own if candidate.fate == fate][:limit]
    ]
    return Answer(text, shown, {fate: counts[fate] for fate in FATES if counts[fate]}, is_complete)


def _place_kept(
    reader: BuildReader,
    records: Mapping[str, Row],
    occurrences: Sequence[KeptText],
    search_index: SearchIndex | None,
) -> Iterator[tuple[int, Place]]:
    numbers = {occurrence.document["id"]: occurrence.number for occurrence in occurrences}
    chunks = _read_chunks(reader, numbers, search_index)
    for occurrence in occurrences:
        document = occurrence.document
        start, end = occurrence.start, occurrence.end
        record = records.get(document["id"])
        low, high = occurrence.bytes or (None, None)
        number = record["record"] if record else None
        place = Place("kept", document["source"], number, document_id=document["id"])
        if occurrence.field:
            name, value = occurrence.field
            yield occurrence.query, replace(place, context=Context.of(value, start, end), field=name)
            continue
        in_chunks = [
            _place_in_chunk(table, chunk, start, end)
            for table, chunk in chunks.get(document["id"], ())
            if chunk["start"] < end and start < chunk["end"]
        ]
        in_text = replace(place, byte_start=low, byte_end=high, start=start, end=end, chunks=in_chunks)
        yield occurrence.query, replace(in_text, context=Context.of(document["text"], start, end))


def _place_in_chunk(table: str, chunk: Row, start: int, end: int) -> ChunkPlace:
    heading = chunk.get("heading_characters") or 0
    return ChunkPlace(
        table=table,
        id=chunk["id"],
        chunk_index=chunk["chunk_index"],
        start=heading + max(start - chunk["start"], 0),
        end=heading + min(end, chunk["end"]) - chunk["start"],
        pages=list(dict.fromkeys(region["page"] for region in chunk.get("pages") or ())),
    )


def _read_chunks(
    reader: BuildReader, numbers: Mapping[str, int], search_index: SearchIndex | None
) -> dict[str, list[tuple[str, Row]]]:
    """The chunks of some documents, each with its table, by document and in their order.

    ``numbers`` are those of the documents in the order of all shards, by their ids.
    """
    chunks: dict[str, list[tuple[str, Row]]] = {}
    if not numbers:
        return chunks
    for table in reader.tables:
        if TableKind.of(table) is not TableKind.CHUNKS:
            continue
        names = reader.schema(table).names
        columns = [*_CHUNK_COLUMNS, *(name for name in ("heading_characters", "pages") if name in names)]
        if search_index is None:
            rows = reader.read_matching(table, columns, ["document_id"], numbers)
        else:
            condition = pc.is_in(pc.field("document_id"), pa.array(list(numbers), pa.string()))
            spans = [search_index.find_chunks(table, number) for number in sorted(numbers.values())]
            rows = pa.concat_tables(_read_rows(reader, table, spans, columns)).filter(condition)
        for row in rows.to_pylist():
            chunks.setdefault(row["document_id"], []).append((table, row))
    return chunks


def _read_rows(
    reader: BuildReader, table: str, spans: Sequence[range], columns: Sequence[str]
) -> Iterator[pa.Table]:
    """The rows of a table with some numbers in the order of all shards."""
    first = 0
    joined = join_ranges([spans])
    for shard in reader.shards(table):
        of_shard = cut_ranges(joined, range(first, first + shard.rows))
        inside = [range(span.start - first, span.stop - first) for span in of_shard]
        for batch in reader.read_spans(shard, inside, columns) if inside else ():
            yield batch.table
        first += shard.rows


def _name_unread_copies(
    kept: Sequence[KeptText], copies: Sequence[Row], removed: RemovedTexts
) -> Iterator[tuple[int, Place]]:
    """The copies of the documents with a query in which it was not found, if their sources were not read."""
    if not removed.notes:
        return
    queries_by_document: dict[str, set[int]] = {}
    for occurrence in kept:
        queries_by_document.setdefault(occurrence.document["id"], set()).add(occurrence.query)
    confirmed = {(query, place.source, place.record) for query, place in removed.places}
    for row in copies:
        for query in sorted(queries_by_document.get(row["duplicate_of"], ())):
            if (query, row["source"], row["record"]) not in confirmed:
                yield query, Place.of_record(row, is_confirmed=False)
