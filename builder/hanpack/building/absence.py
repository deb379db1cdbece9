"""Looks for withdrawn texts in every table of a build: documents, metadata, chunks, tokens of sequences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from hanpack.errors import BuildError
from hanpack.record_withdrawals import has_withdrawn
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
    TableKind.CHUNKS: ("text",),
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


def require_absence(
    reader: BuildReader, withdrawals: Sequence[Withdrawal], vocabulary: Vocabulary, out: Path
) -> Absence:
    """Search a build that is not published yet, for the output ``out``, or one that is.

    Raises:
        BuildError: a withdrawn text is in it.
    """
    absence = AbsenceSearch(withdrawals, make_decoder(vocabulary)).run(reader)
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

    ``decode`` gives the text of tokens; without it packed sequences are not searched.
    """

    def __init__(self, withdrawals: Sequence[Withdrawal], decode: Decode | None) -> None:
        self._withdrawn = WithdrawnTexts(withdrawals)
        self._decode = decode
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
            for batch in reader.read_batches(table, columns):
                self._search(table, kind, batch)
        return self.result

    def _search(self, table: str, kind: TableKind, batch: TableBatch) -> None:
        self.result.searched[table] += batch.table.num_rows
        is_document = kind is TableKind.DOCUMENTS
        places = self.result.places if is_document else self.result.fragments
        has_part = self._is_barred if is_document else self._has_passage
        places += [
            f"{batch.shard.path} row {number}"
            for number, row in enumerate(batch.table.to_pylist(), batch.first)
            if has_part(row)
        ]

    def _is_barred(self, document: Row) -> bool:
        metadata = read_metadata(document["metadata"])
        return bool(
            self._withdrawn.find_source(document["source"])
            or has_withdrawn(document["text"], metadata, self._withdrawn, self._folder)
        )

    def _has_passage(self, row: Row) -> bool:
        # A part of a document can begin and end within a sentence: only long passages are certain there.
        return any(
            self._withdrawn.find_passages(text, self._folder.fold(text), only_long=True)
            for text in self._read_texts(row)
        )

    def _read_texts(self, row: Row) -> Iterator[str]:
        if "text" in row:
            yield row["text"]
        elif self._decode is not None:
            for start, end in pairwise([*row["starts"], row["token_count"]]):
                yield self._decode(row["input_ids"][start:end])
