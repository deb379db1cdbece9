"""Finds texts in the documents of a build, by an index that says which of them can have a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, groupby
from operator import itemgetter

from hanpack.resources.folding_table import open_folder
from hanpack.steps.dedup import FoldedText
from hanpack.store.alignments import read_alignment
from hanpack.store.metadata import list_values
from hanpack.store.reader import BuildReader, Row, TableBatch
from hanpack.store.search_index import SearchIndex
from hanpack.store.shards import ShardFile
from hanpack.store.text_index import INDEXED_BYTES, has_index, make_index, open_index
from hanpack.views.finding.places import Query

# A value of the metadata of a document, and its name.
MetadataValue = tuple[str, str]
_Occurrence = tuple[int, int, int, MetadataValue | None]
_Occurrences = dict[int, list[_Occurrence]]
_SEARCHED_COLUMNS = ("text", "metadata")
_PLACING_COLUMNS = ("id", "source", "byte_start", "byte_end", "edits", "text_breaks", "byte_breaks")
# The rows of a shard that can have each query, by the number of the query.
_Spans = dict[int, list[range]]
_Candidates = tuple[ShardFile, _Spans, TableBatch | None]
# Called with the number of rows that have been indexed, and of all rows that must be.
OnIndexed = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class KeptText:
    """An occurrence of a query (by its number) in a document: characters of it, and bytes of its source.

    The bytes are None if the document has no valid alignment. ``field`` is the value of its metadata that has
    the occurrence, with its name: the characters are then of that value, and there are no bytes.
    ``number`` is that of the document in the order of all shards.
    """

    query: int
    number: int
    document: Row
    start: int
    end: int
    bytes: tuple[int, int] | None
    field: MetadataValue | None = None


@dataclass(frozen=True, slots=True)
class KeptTexts:
    """The occurrences of the queries, and those of the queries whose occurrences were not all counted."""

    occurrences: Sequence[KeptText]
    incomplete: frozenset[int]


class KeptSearch:
    """Searches the documents of a build; of each query at most ``limit`` occurrences are returned.

    On this machine shards above a size get an index in the work folder when they are first searched; if
    it cannot be written, they are read as a whole. Of a build at a URL ``search_index`` says what is read.
    """

    def __init__(
        self,
        reader: BuildReader,
        queries: Sequence[Query],
        limit: int,
        search_index: SearchIndex | None = None,
        *,
        uses_index: bool = True,
    ) -> None:
        self._reader = reader
        self._queries = queries
        self._limit = limit
        self._search_index = search_index
        self._has_indexes = uses_index and reader.remote is None
        self._folder = open_folder()
        self._counts = [0] * len(queries)
        self._incomplete: set[int] = set()
        shards = reader.shards("documents")
        # The number of the first document of each shard.
        self._firsts = dict(
            zip(shards, accumulate((shard.rows for shard in shards), initial=0), strict=False)
        )

    def run(self, progress: OnIndexed) -> KeptTexts:
        """Search all documents, in order.

        Raises:
            VerifyError: a shard cannot be read, or the work folder is a link.
        """
        shards = self._reader.shards("documents")
        if self._has_indexes:
            self._make_indexes(shards, progress)
        by_shard = groupby(self._read_candidates(shards), itemgetter(0))
        occurrences = [kept for shard, batches in by_shard for kept in self._search_shard(shard, batches)]
        return KeptTexts(occurrences, frozenset(self._incomplete))

    def _make_indexes(self, shards: Sequence[ShardFile], progress: OnIndexed) -> None:
        missing = [
            shard
            for shard in shards
            if shard.bytes >= INDEXED_BYTES and not has_index(self._reader, shard, self._folder)
        ]
        total, done = sum(shard.rows for shard in missing), 0
        for shard in missing:
            try:
                for rows in make_index(self._reader, shard, self._folder):
                    progress(done + rows, total)
            except OSError:
                # A build may be in a folder that cannot be written to; its shards are then read instead.
                return
            done += shard.rows

    def _read_candidates(self, shards: Sequence[ShardFile]) -> Iterator[_Candidates]:
        """The rows that can have queries, in batches; the first of each shard is None.

        Nothing more is read for queries that are complete.
        """
        for shard in shards:
            spans = self._select_rows(shard)
            if not spans:
                continue
            yield shard, spans, None
            needed = join_ranges(rows for number, rows in spans.items() if not self._is_complete(number))
            for batch in self._reader.read_spans(shard, needed, _SEARCHED_COLUMNS) if needed else ():
                yield shard, spans, batch
                if all(map(self._is_complete, spans)):
                    break

    def _is_complete(self, number: int) -> bool:
        """Whether as many occurrences of a query were found as are wanted."""
        return self._counts[number] >= self._limit

    def _search_shard(self, shard: ShardFile, candidates: Iterable[_Candidates]) -> Iterator[KeptText]:
        by_row: _Occurrences = {}
        texts: dict[int, str] = {}
        searched: _Spans = {}
        for _, spans, batch in candidates:
            if batch is None:
                self._incomplete.update(filter(self._is_complete, spans))
                searched = {number: rows for number, rows in spans.items() if not self._is_complete(number)}
            elif all(map(self._is_complete, searched)):
                self._incomplete.update(searched)
            else:
                self._search_batch(batch, searched, by_row, texts)
        places = [range(row, row + 1) for row in sorted(by_row)]
        for batch in self._reader.read_spans(shard, places, _PLACING_COLUMNS) if places else ():
            for placed in batch.rows():
                document = {**placed.values, "text": texts[placed.number]}
                alignment = read_alignment(document)
                for query, start, end, field in by_row[placed.number]:
                    has_bytes = alignment is not None and field is None
                    bytes_ = alignment.source_span(start, end) if alignment and has_bytes else None
                    number = self._firsts[shard] + placed.number
                    yield KeptText(query, number, document, start, end, bytes_, field)

    def _select_rows(self, shard: ShardFile) -> _Spans:
        """For each query the rows that can have it, if there are any."""
        if self._search_index is not None:
            return self._select_by(partial(self._select_published, self._search_index, shard), shard)
        if not self._has_indexes:
            return self._select_by(None, shard)
        with open_index(self._reader, shard, self._folder) as index:
            return self._select_by(index.select_rows if index else None, shard)

    def _select_published(self, index: SearchIndex, shard: ShardFile, folded: str) -> list[range]:
        """The rows of a shard that can have a query by the index of the build."""
        first = self._firsts[shard]
        inside = [
            range(max(numbers.start - first, 0), min(numbers.stop - first, shard.rows))
            for numbers in index.select_documents(folded)
        ]
        return [rows for rows in inside if rows]

    def _select_by(self, select: Callable[[str], list[range] | None] | None, shard: ShardFile) -> _Spans:
        spans: _Spans = {}
        for number, query in enumerate(self._queries):
            selected = select(query.folded) if select else None
            rows = [range(shard.rows)] if selected is None else selected
            if rows:
                spans[number] = rows
        return spans

    def _search_batch(
        self, batch: TableBatch, spans: _Spans, by_row: _Occurrences, texts: dict[int, str]
    ) -> None:
        """Search some rows; ``by_row`` gets the occurrences, and ``texts`` the texts of these rows."""
        inside = [
            (number, span)
            for number, rows in spans.items()
            for span in rows
            if span.start < batch.end and batch.first < span.stop
        ]
        text_column, metadata = (batch.table.column(name) for name in _SEARCHED_COLUMNS)
        for row, text in enumerate(text_column.to_pylist(), batch.first):
            numbers = [number for number, span in inside if row in span]
            if not numbers:
                continue
            occurrences: list[_Occurrence] = [(*place, None) for place in self._search_text(text, numbers)]
            values = metadata[row - batch.first].as_py()
            for name, value in list_values(values) if any(values.values()) else ():
                occurrences += [(*place, (name, value)) for place in self._search_text(value, numbers)]
            if occurrences:
                by_row[row] = occurrences
                texts[row] = text

    def _search_text(self, text: str, numbers: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """The places of some queries in a text, by the number of the query, up to the limit."""
        folded = self._folder.fold(text)
        for number in numbers:
            for start, end in find_spans(folded, self._queries[number].folded):
                if self._counts[number] >= self._limit:
                    self._incomplete.add(number)
                    break
                self._counts[number] += 1
                yield number, start, end


def find_spans(folded: FoldedText, query: str) -> Iterator[tuple[int, int]]:
    """The spans of a text in which a folded query occurs, which do not overlap.

    >>> list(find_spans(open_folder().fold("春，天來了；春天"), "春天"))
    [(0, 3), (6, 8)]
    """
    place = folded.text.find(query)
    while place >= 0:
        end = place + len(query)
        yield int(folded.places[place]), int(folded.places[end - 1]) + 1
        place = folded.text.find(query, end)


def join_ranges(groups: Iterable[Sequence[range]]) -> list[range]:
    """The union of groups of ranges, as ranges in order that do not overlap."""
    joined: list[range] = []
    for span in sorted((span for group in groups for span in group), key=lambda span: span.start):
        if joined and span.start <= joined[-1].stop:
            joined[-1] = range(joined[-1].start, max(joined[-1].stop, span.stop))
        else:
            joined.append(span)
    return joined
