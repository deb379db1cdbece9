"""Finds texts in the documents of a build, by an index that says which of them can have a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import numpy as np
import pyarrow.compute as pc

from hanpack.resources.folding_table import open_folder
from hanpack.steps.dedup.folding import FoldedText, TextFolder
from hanpack.steps.dedup.gram_filters import SHORTEST_QUERY
from hanpack.steps.texts import JoinedTexts
from hanpack.store.alignments import read_alignment
from hanpack.store.metadata import METADATA_TYPE, list_values
from hanpack.store.partial_reads import read_few_rows, read_texts
from hanpack.store.reader import BuildReader, Row
from hanpack.store.row_spans import cut_ranges, join_ranges
from hanpack.store.search_index import SearchIndex
from hanpack.store.shards import ShardFile
from hanpack.store.text_index import INDEXED_BYTES, has_index, make_index, open_index
from hanpack.views.finding.places import Query

# A value of the metadata of a document, and its name.
MetadataValue = tuple[str, str]
_Occurrence = tuple[int, int, int, MetadataValue | None]
_Occurrences = dict[int, list[_Occurrence]]
_PLACING_COLUMNS = ("id", "source", "byte_start", "byte_end", "edits", "text_breaks", "byte_breaks")
# The rows of a shard that can have each query, by the number of the query.
_Spans = dict[int, list[range]]
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
        self._letters = [QueryLetters(self._folder, query.folded) for query in queries]
        first_letters = "".join({self._folder.list_forms(query.folded[0]) for query in queries})
        # A letter may be escaped in the JSON of metadata that somebody else wrote.
        self._any_first_letter = rf"[{re.escape(first_letters)}]|\\u"
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
        occurrences = [kept for shard in shards for kept in self._search_shard(shard)]
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

    def _is_complete(self, number: int) -> bool:
        """Whether as many occurrences of a query were found as are wanted."""
        return self._counts[number] >= self._limit

    def _search_shard(self, shard: ShardFile) -> Iterator[KeptText]:
        spans = self._select_rows(shard)
        self._incomplete.update(filter(self._is_complete, spans))
        spans = {number: rows for number, rows in spans.items() if not self._is_complete(number)}
        needed = join_ranges(spans.values())
        if not needed:
            return
        by_row: _Occurrences = {}
        texts: dict[int, str] = {}
        metadata = self._read_metadata(shard, needed)
        for page in read_texts(self._reader, shard, needed):
            if all(map(self._is_complete, spans)):
                self._incomplete.update(spans)
                break
            self._search_texts(page, metadata, spans, by_row)
            texts.update((row, text) for row, text in page if row in by_row)
        yield from self._place(shard, by_row, texts)

    def _place(self, shard: ShardFile, by_row: _Occurrences, texts: Mapping[int, str]) -> Iterator[KeptText]:
        """The occurrences in some rows, with the bytes of each."""
        rows = sorted(by_row)
        for placed in read_few_rows(self._reader, shard, rows, _PLACING_COLUMNS) if rows else ():
            document = {**placed.values, "text": texts[placed.number]}
            alignment = read_alignment(document)
            for query, start, end, field in by_row[placed.number]:
                has_bytes = alignment is not None and field is None
                bytes_ = alignment.source_span(start, end) if alignment and has_bytes else None
                number = self._firsts[shard] + placed.number
                yield KeptText(query, number, document, start, end, bytes_, field)

    def _read_metadata(self, shard: ShardFile, spans: Sequence[range]) -> dict[int, list[MetadataValue]]:
        """The strings in the metadata of some rows, which are in order; those without any are left out."""
        values: dict[int, list[MetadataValue]] = {}
        for batch in self._reader.read_spans(shard, [range(spans[0].start, spans[-1].stop)], ["metadata"]):
            metadata = batch.table.column("metadata").combine_chunks()
            has_letter = np.zeros(len(metadata), np.bool_)
            for name in METADATA_TYPE.names:
                column = metadata.field(name)
                if column.null_count < len(column):
                    is_match = pc.match_substring_regex(column, self._any_first_letter)
                    has_letter |= np.asarray(pc.fill_null(is_match, False), np.bool_)
            for span in cut_ranges(spans, range(batch.first, batch.end)):
                inside = slice(span.start - batch.first, span.stop - batch.first)
                for row in np.flatnonzero(has_letter[inside]) + span.start:
                    values[int(row)] = list(list_values(metadata[int(row) - batch.first].as_py()))
        return values

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
            # The indexes have runs of three characters: for a shorter query every text is searched.
            has_index = select is not None and len(query.folded) >= SHORTEST_QUERY
            selected = select(query.folded) if select and has_index else None
            rows = [range(shard.rows)] if selected is None else selected
            if rows:
                spans[number] = rows
        return spans

    def _search_texts(
        self,
        texts: Sequence[tuple[int, str]],
        metadata: Mapping[int, Sequence[MetadataValue]],
        spans: _Spans,
        by_row: _Occurrences,
    ) -> None:
        """Search the texts and metadata of some rows, in order; ``by_row`` gets the occurrences."""
        near = range(texts[0][0], texts[-1][0] + 1)
        inside = [(number, span) for number, rows in spans.items() for span in cut_ranges(rows, near)]
        places: list[tuple[int, MetadataValue | None, list[int]]] = []
        strings: list[str] = []
        for row, text in texts:
            near_row = [number for number, span in inside if row in span]
            fields = metadata.get(row, ())
            for string, field in ((text, None), *((value[1], value) for value in fields)):
                if numbers := [number for number in near_row if self._letters[number].are_in(string)]:
                    strings.append(string)
                    places.append((row, field, numbers))
        for (row, field, numbers), folded in zip(
            places, self._folder.fold_all(JoinedTexts(strings)), strict=True
        ):
            for number in numbers:
                for start, end in self._search_text(folded, number):
                    by_row.setdefault(row, []).append((number, start, end, field))

    def _search_text(self, folded: FoldedText, number: int) -> Iterator[tuple[int, int]]:
        """The places of a query in a text, up to the limit."""
        for start, end in find_spans(folded, self._queries[number].folded):
            if self._is_complete(number):
                self._incomplete.add(number)
                return
            self._counts[number] += 1
            yield start, end


class QueryLetters:
    """The letters of a folded query in all their forms; to fold a text takes longer than to look for them.

    >>> letters = QueryLetters(open_folder(), "台北")
    >>> letters.are_in("臺灣北部"), letters.are_in("北京")
    (True, False)
    """

    def __init__(self, folder: TextFolder, folded: str) -> None:
        self._forms = [folder.list_forms(letter) for letter in dict.fromkeys(folded)]

    def are_in(self, text: str) -> bool:
        """Whether a text has each letter in some form."""
        for place, forms in enumerate(self._forms):
            if not any(map(text.__contains__, forms)):
                # The rarest letters come first before long, and most texts need one look.
                self._forms.insert(0, self._forms.pop(place))
                return False
        return True


def find_spans(folded: FoldedText, query: str) -> Iterator[tuple[int, int]]:
    """The spans of a text in which a folded query occurs, which do not overlap.

    >>> list(find_spans(open_folder().fold("春，天來了；春天"), "春天"))
    [(0, 3), (6, 8)]
    """
    place = folded.text.find(query)
    places = folded.places if place >= 0 else None
    while places is not None and place >= 0:
        end = place + len(query)
        yield int(places[place]), int(places[end - 1]) + 1
        place = folded.text.find(query, end)
