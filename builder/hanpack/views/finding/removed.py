"""Finds texts in the sources of a build, in what is not in its documents, and says what became of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from hanpack.errors import RecordError
from hanpack.flow import prepare
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.record_texts import read_plain_text, read_text
from hanpack.resources.folding_table import open_folder
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.source_table import SourceTable
from hanpack.sources.archives import Archives
from hanpack.sources.raw import locate_source, open_raw
from hanpack.sources.records import read_batches
from hanpack.sources.source_files import Survey
from hanpack.sources.survey import Progress, survey
from hanpack.step_tools import StepTools, prepare_step_tools
from hanpack.steps.alignment import Alignment
from hanpack.steps.page.html import is_html
from hanpack.store.alignments import read_alignment
from hanpack.store.manifest import Manifest
from hanpack.store.reader import Row
from hanpack.views.finding.addresses import is_address
from hanpack.views.finding.kept import KeptText, QueryLetters, find_spans
from hanpack.views.finding.ledger import Ledger, count_removed_by_step, count_replaced_personal_data
from hanpack.views.finding.places import Context, Place, Query, RemovedTexts
from hanpack.views.finding.raw_texts import RawText, read_raw_texts
from hanpack.wording import format_count

Span = tuple[int, int]
# Files that are read all the same, to say where a text is in them.
_UNDECODED = (Cause.UNDECIDED_ENCODING, Cause.MIXED_ENCODINGS)
# Records of WARC that have no page: nobody expects a text in them.
_NO_PAGES = (Cause.HTTP_STATUS, Cause.CONTENT_TYPE)


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """An occurrence of a query in a record, which has this row in the ledger."""

    query: int
    row: Row
    span: Span
    context: Context


class _Spans:
    """Spans of bytes in order, none of which overlap."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = list(spans)
        self._ends = [end for _, end in self._spans]

    def overlap(self, span: Span) -> bool:
        """Whether one of them overlaps another span."""
        first = bisect_right(self._ends, span[0])
        return first < len(self._spans) and _overlap(self._spans[first], span)


class RemovedSearch:
    """Searches the records that are not in the documents of a build as they are in the sources.

    ``root`` is the folder of the sources. ``kept`` are the occurrences in documents, ``copies`` the records
    (source and index) that are copies of those documents: their text is also looked for as the steps of the
    recipe leave it, and so is that of withdrawn records.
    """

    def __init__(
        self,
        manifest: Manifest,
        ledger: Ledger,
        root: Path,
        queries: Sequence[Query],
        *,
        kept: Sequence[KeptText],
        copies: Collection[tuple[str, int]],
    ) -> None:
        self._manifest = manifest
        self._recipe = Recipe.model_validate(manifest.recipe)
        self._archives = Archives(self._recipe.limits)
        self._ledger = ledger
        self._root = root
        self._queries = queries
        self._copies = copies
        self._folder = open_folder()
        self._letters = [QueryLetters(self._folder, query.folded) for query in queries]
        self._kept: dict[tuple[int, str], list[Span]] = {}
        for occurrence in kept:
            if occurrence.bytes:
                key = (occurrence.query, occurrence.document["id"])
                self._kept.setdefault(key, []).append(occurrence.bytes)
        self._step_tools: StepTools | None = None
        # The records whose text the build could not read either.
        self._unread: list[tuple[str, Reason]] = []
        self._result = RemovedTexts()

    def run(self, progress: Progress) -> RemovedTexts:
        """Search every source that has such records."""
        sources = SourceTable.of(self._manifest.sources)
        replaces = self._recipe.steps.personal == "replace"
        removed = self._ledger.read_removed(replaces_personal_data=replaces)
        # The ledger has the rows of one source after those of another, in the order of the records.
        for number, (path, rows) in enumerate(groupby(removed, itemgetter("source"))):
            source = sources.find(path)
            surveyed = None if source is None else self._survey(source)
            if source is not None and surveyed is not None:
                self._search_source(surveyed, source, rows)
            progress("search", min(number, len(sources)), len(sources))
        progress("search", len(sources), len(sources))
        self._result.notes += self._describe_unread()
        return self._result

    def _describe_unread(self) -> list[str]:
        """What is said of records without a text: all of them if an address is looked for, else how many."""
        if any(is_address(query.text) for query in self._queries):
            return [f"{place} was not read: {fault}" for place, fault in self._unread]
        unread = [(place, fault) for place, fault in self._unread if fault.cause not in _NO_PAGES]
        if not unread:
            return []
        (place, fault), count = unread[0], format_count(len(unread), "record")
        return [
            f"{count} could not be searched, nor read when the build was made; the first: {place}: {fault}"
        ]

    def _survey(self, source: Source) -> Survey | None:
        """The survey of a source; None, with a note, if it is not what the build was made from."""
        file = locate_source(source, self._root, self._recipe, self._archives)
        surveyed = survey(file, self._recipe.limits.max_expansion)
        if surveyed.sha256 != source.sha256:
            self._note(source, f"was not searched: {surveyed.fault or 'it was changed after the build'}")
            return None
        return surveyed

    def _note(self, source: Source, what: str) -> None:
        self._result.notes.append(f"{source.path} {what}")

    def _search_source(self, surveyed: Survey, source: Source, rows: Iterator[Row]) -> None:
        kept: list[_Occurrence] = []
        row = next(rows, None)
        for record in self._read_records(surveyed, source):
            while row is not None and row["record"] < record.index:
                row = next(rows, None)
            if row is None:
                break
            if row["record"] > record.index:
                continue
            self._result.records += 1
            for occurrence in self._search_record(record, row):
                if row["state"] == "kept":
                    kept.append(occurrence)
                else:
                    self._result.places.append((occurrence.query, _place(occurrence)))
            if record.fault is not None and not record.data:
                address = f", {row['url']}," if row["url"] else ""
                self._unread.append((f"{source.path} record {record.index}{address}", record.fault))
        self._result.places += self._explain_removed(kept)

    def _read_records(self, surveyed: Survey, source: Source) -> Iterator[Record]:
        """The records of a source; a file whose encoding could not be decided is one, up to the limit."""
        if source.fault is None or source.fault.cause not in _UNDECODED:
            for batch in read_batches(surveyed, source, self._recipe.limits):
                yield from batch
            return
        with open_raw(surveyed.file, self._recipe) as content:
            data = content.read(self._recipe.limits.max_record_bytes)
        yield Record(source, 0, data, 0, len(data))

    def _search_record(self, record: Record, row: Row) -> Iterator[_Occurrence]:
        spans: dict[int, list[_Spans]] = {}
        for raw in read_raw_texts(record) if self._may_have(record) else ():
            yield from self._search_text(raw, row, spans)
        is_repaired = row["state"] == "withdrawn" or (row["source"], row["record"]) in self._copies
        if is_repaired and record.data and len(spans) < len(self._queries):
            prepared = self._prepare(record)
            if prepared is not None:
                yield from self._search_text(prepared, row, spans)

    def _may_have(self, record: Record) -> bool:
        """Whether the raw texts of a record can have a query: to align and fold them takes far longer."""
        if not record.data or (record.encoding or record.source.encoding) is None:
            return bool(record.data)
        text = read_plain_text(record)
        return text is None or is_html(text) or any(letters.are_in(text) for letters in self._letters)

    def _search_text(self, raw: RawText, row: Row, spans: dict[int, list[_Spans]]) -> Iterator[_Occurrence]:
        """The occurrences in one text of a record; ``spans`` are those of its other texts, by query."""
        folded = self._folder.fold(raw.text)
        for number, query in enumerate(self._queries):
            if query.folded not in folded.text:
                continue
            earlier = spans.setdefault(number, [])
            new: list[Span] = []
            for start, end in find_spans(folded, query.folded):
                span = raw.find_bytes(start, end)
                is_known = bool(new and _overlap(new[-1], span)) or any(
                    text.overlap(span) for text in earlier
                )
                if not is_known:
                    new.append(span)
                    yield _Occurrence(number, row, span, Context.of(raw.text, start, end))
            earlier.append(_Spans(new))

    def _prepare(self, record: Record) -> RawText | None:
        """The text of a record as the steps leave it."""
        if self._step_tools is None:
            self._step_tools = prepare_step_tools(self._recipe.steps, load_ngram_model())
        try:
            traced = prepare(read_text(record), self._step_tools)
        except (RecordError, ImportError):
            return None
        return RawText(traced.text, traced)

    def _explain_removed(self, occurrences: Sequence[_Occurrence]) -> Iterator[tuple[int, Place]]:
        """The occurrences in records that were kept, but not in their documents, with the steps."""
        documents = self._ledger.read_documents({occurrence.row["document_id"] for occurrence in occurrences})
        # Those of a document follow one another: each is read, aligned and folded once.
        for identity, of_document in groupby(occurrences, lambda occurrence: occurrence.row["document_id"]):
            document = documents.get(identity)
            alignment = read_alignment(document) if document is not None else None
            if document is None or alignment is None:
                continue
            kept: dict[int, _Spans] = {}
            for occurrence in of_document:
                number = occurrence.query
                if any(_overlap(occurrence.span, span) for span in self._kept.get((number, identity), ())):
                    continue
                if number not in kept:
                    # The search of documents may have ended before this one.
                    kept[number] = self._find_kept(number, document, alignment)
                if kept[number].overlap(occurrence.span):
                    continue
                steps = {
                    **count_removed_by_step(document, _find_gaps(alignment, occurrence.span)),
                    **count_replaced_personal_data(document, occurrence.span),
                }
                if steps:
                    yield number, replace(_place(occurrence), document_id=identity, steps=steps)

    def _find_kept(self, query: int, document: Row, alignment: Alignment) -> _Spans:
        """The bytes of the occurrences of a query in the text of a document."""
        folded = self._folder.fold(document["text"])
        spans = find_spans(folded, self._queries[query].folded)
        return _Spans(alignment.source_span(*span) for span in spans)


def _place(occurrence: _Occurrence) -> Place:
    byte_start, byte_end = occurrence.span
    place = Place.of_record(occurrence.row)
    # What was withdrawn is shown nowhere, although it still is in its source.
    context = None if place.fate == "withdrawn" else occurrence.context
    return replace(place, byte_start=byte_start, byte_end=byte_end, context=context)


def _overlap(first: Span, second: Span) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _find_gaps(alignment: Alignment, span: Span) -> list[Span]:
    """The parts of a span of bytes that have no text."""
    starts, ends = alignment.removed()
    clipped = zip(starts.clip(*span).tolist(), ends.clip(*span).tolist(), strict=True)
    return [(start, end) for start, end in clipped if start < end]
