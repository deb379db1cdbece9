"""Looks for withdrawn texts in every table of a build: documents, metadata, chunks, tokens of sequences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from hanpack.building.withdrawn_parts import hash_document
from hanpack.errors import BuildError
from hanpack.record_withdrawals import find_withdrawn
from hanpack.resources.folding_table import open_folder
from hanpack.steps.dedup.withdrawn import Withdrawal, WithdrawnTexts
from hanpack.steps.tokens.counters import open_counter
from hanpack.steps.tokens.counting import TiktokenCounter, Vocabulary
from hanpack.store.metadata import read_metadata
from hanpack.store.reader import BuildReader, Row, TableBatch
from hanpack.store.table_kinds import TableKind
from hanpack.wording import format_count, quote_argument

Decode = Callable[[Sequence[int]], str]


_COLUMNS = {
    TableKind.DOCUMENTS: ("text", "source", "metadata"),
    TableKind.CHUNKS: ("text", "document_id", "start", "end"),
    TableKind.PACKED: ("input_ids", "token_count", "starts"),
}


@dataclass(slots=True)
class Absence:
    """How many rows of each table were searched, and the places of documents with withdrawn text.

    ``fragments`` are the places of chunks and sequences with a passage that begins within a sentence of their
    document, which the flow does not cut there.
    """

    searched: Counter[str] = field(default_factory=Counter)
    places: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)


def make_decoder(vocabulary: Vocabulary) -> Decode | None:
    """What gives the text of tokens, None for a vocabulary of another format than tiktoken's."""
    counter = open_counter(vocabulary, fast=False)
    return counter.encoding.decode if isinstance(counter, TiktokenCounter) else None


def has_tokens(reader: BuildReader) -> bool:
    """Whether a build has packed sequences, of which tokens must be decoded."""
    return TableKind.PACKED in map(TableKind.of, reader.tables)


def require_absence(
    reader: BuildReader,
    withdrawals: Sequence[Withdrawal],
    vocabulary: Vocabulary,
    out: Path,
    known: Collection[bytes] = frozenset(),
) -> Absence:
    """Search a build that is not published yet, for the output ``out``, or one that is.

    ``known`` are the hashes of documents in which nothing of the withdrawals was found already.

    Raises:
        BuildError: a withdrawn text is in it.
    """
    # What decodes tokens takes half a second to make.
    decode = make_decoder(vocabulary) if has_tokens(reader) else None
    absence = AbsenceSearch(withdrawals, decode, known).run(reader)
    if absence.places:
        rows = format_count(len(absence.places), "row")
        raise BuildError(
            f"a withdrawn text would still be in {rows}, the first: {absence.places[0]}; "
            "the output stays as it was",
            str(out),
            f"empty the work folder with hanpack clean {quote_argument(str(out))} --yes and build again",
        )
    return absence


class AbsenceSearch:
    """Searches tables for withdrawn texts, their copies and their passages, in any script and spelling.

    ``decode`` gives the text of tokens; without it packed sequences are not searched. Documents whose hashes
    are ``known`` are read and hashed, and not searched again; nor are then chunks that are a part of a
    document, letter by letter.
    """

    def __init__(
        self, withdrawals: Sequence[Withdrawal], decode: Decode | None, known: Collection[bytes] = frozenset()
    ) -> None:
        self._withdrawn = WithdrawnTexts(withdrawals)
        self._decode = decode
        self._known = known
        self._folder = open_folder()
        self.result = Absence()

    def run(self, reader: BuildReader) -> Absence:
        """Search all tables with texts.

        Raises:
            VerifyError: a shard cannot be read.
        """
        for table in reader.tables:
            kind = TableKind.of(table)
            columns = _COLUMNS.get(kind)
            if columns is None or (kind is TableKind.PACKED and self._decode is None):
                continue
            for partition in reader.partitions(table):
                documents = (
                    ChunkedDocuments(reader, partition) if kind is TableKind.CHUNKS and self._known else None
                )
                for batch in reader.read_batches(table, columns, partition):
                    self._search(table, kind, batch, documents)
        return self.result

    def _search(
        self, table: str, kind: TableKind, batch: TableBatch, documents: ChunkedDocuments | None
    ) -> None:
        self.result.searched[table] += batch.table.num_rows
        is_document = kind is TableKind.DOCUMENTS
        places = self.result.places if is_document else self.result.fragments
        rows = batch.table.to_pylist()
        numbers = [number for number, row in enumerate(rows) if not (documents and documents.have_chunk(row))]
        left = [rows[number] for number in numbers]
        concerned = self._find_barred(left) if is_document else self._find_fragments(left)
        places += [f"{batch.shard.path} row {batch.first + numbers[place]}" for place in concerned]

    def _find_barred(self, documents: Sequence[Row]) -> list[int]:
        """The numbers of the documents that were withdrawn or have a passage, in order."""
        of_sources = {
            number
            for number, document in enumerate(documents)
            if self._withdrawn.find_source(document["source"])
        }
        texts = [(document["text"], read_metadata(document["metadata"])) for document in documents]
        numbers = [
            number
            for number, document in enumerate(texts)
            if not (self._known and hash_document(*document) in self._known)
        ]
        left = [texts[number] for number in numbers]
        found = find_withdrawn(left, self._withdrawn, self._folder)
        return sorted(of_sources.union(numbers[place] for place in found))

    def _find_fragments(self, rows: Sequence[Row]) -> list[int]:
        """The numbers of the rows of chunks or sequences with a passage, in order."""
        texts: list[str] = []
        owners: list[int] = []
        for number, row in enumerate(rows):
            of_row = list(self._read_texts(row))
            texts += of_row
            owners += [number] * len(of_row)
        # A part of a document can begin and end within a sentence: only long passages are certain there.
        concerned = self._withdrawn.find_concerned(texts, self._folder, are_parts=True)
        return sorted({owners[place] for place in concerned})

    def _read_texts(self, row: Row) -> Iterator[str]:
        if "text" in row:
            yield row["text"]
        elif self._decode is not None:
            for start, end in pairwise([*row["starts"], row["token_count"]]):
                yield self._decode(row["input_ids"][start:end])


class ChunkedDocuments:
    """The documents of a partition, which say of chunks, in their order, whether these are parts of them."""

    def __init__(self, reader: BuildReader, partition: str) -> None:
        self._documents = _read_texts(reader, partition)
        self._document: tuple[str, str] | None = ("", "")

    def have_chunk(self, chunk: Row) -> bool:
        """Whether a chunk is the span of its document that its row names, letter by letter.

        A chunk with a heading before it is none, nor is any after one that is not in the order of documents.
        """
        while self._document is not None and self._document[0] != chunk["document_id"]:
            self._document = next(self._documents, None)
        return (
            self._document is not None and self._document[1][chunk["start"] : chunk["end"]] == chunk["text"]
        )


def _read_texts(reader: BuildReader, partition: str) -> Iterator[tuple[str, str]]:
    """The id and the text of each document of a partition, in order."""
    for batch in reader.read_batches(TableKind.DOCUMENTS.value, ["id", "text"], partition):
        columns = (batch.table.column(name).to_pylist() for name in ("id", "text"))
        yield from zip(*columns, strict=True)
