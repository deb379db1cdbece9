"""A stretch of records with all rows of theirs, checked by columns: all of it is in order, or it is not.

Checking columns takes a quarter of the time of checking rows, but does not say what is wrong: a stretch that
is not in order is checked again, row by row, by :mod:`hanpack.audit.records`. What passes here passes there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.audit.chunk_columns import are_chunks_of, find_owners, have_counts
from hanpack.audit.chunks import ChunkCheck
from hanpack.audit.cursor import RowCursor
from hanpack.audit.document_columns import DocumentColumns, have_hashes_of_sources, have_ids_of_texts
from hanpack.audit.findings import Audit
from hanpack.audit.ledger import find_kept
from hanpack.audit.recount import Recount
from hanpack.audit.sources import RawRecord
from hanpack.source_table import SourceTable
from hanpack.steps.alignment import Flags, Positions

# The bytes of the records of a stretch, and how many they are, at most.
STRETCH_BYTES, STRETCH_RECORDS = 4 * 2**20, 1024


@dataclass(frozen=True, slots=True)
class TableCursors:
    """The tables of a build as they are read; documents by partition, in the ledger's order within each."""

    ledger: RowCursor
    documents: Mapping[str, RowCursor]
    chunks: Sequence[ChunkCheck]

    def look_at_ledger(self) -> pa.Table | None:
        """The ledger rows of the next stretch; None if the next record is too long for one, or at the end."""
        ledger = self.ledger.look(STRETCH_RECORDS)
        if ledger is None:
            return None
        sizes = pc.subtract(ledger.column("byte_end"), ledger.column("byte_start")).to_numpy()
        fitting = int(np.searchsorted(np.cumsum(np.maximum(sizes, 0)), STRETCH_BYTES, side="right"))
        return ledger.slice(0, fitting) if fitting else None


@dataclass(slots=True)
class StretchCheck:
    """The check of a stretch by its columns; ``sources`` are those of the build.

    ``records`` are those of the sources, None if these are not at hand. ``passed`` has the rows of each
    cursor that the check has seen; ``counts`` how many things of each sort were checked.
    """

    ledger: pa.Table
    records: Sequence[RawRecord] | None
    sources: SourceTable
    passed: list[tuple[RowCursor, int]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def is_in_order(self, tables: TableCursors, recount: Recount) -> bool:
        """Whether records, documents and chunks are those of the ledger's rows, and nothing is wrong."""
        self._pass(tables.ledger, "records", self.ledger.num_rows)
        return self._has_records() and all(
            self._has_documents(partition, np.flatnonzero(chosen), tables, recount)
            for partition, chosen in self._find_partitions()
        )

    def finish(self, audit: Audit) -> None:
        """Move past all rows, and count what was checked."""
        for cursor, number in self.passed:
            cursor.skip(number)
        for what, number in self.counts.items():
            audit.count(what, number)

    def _find_partitions(self) -> Iterator[tuple[str, Flags]]:
        """The partitions that have documents, each with the flags of its ledger rows."""
        is_kept = find_kept(self.ledger)
        if "split" not in self.ledger.column_names:
            yield "", is_kept
            return
        splits = self.ledger.column("split")
        for partition in pc.unique(splits.filter(pa.array(is_kept))).to_pylist():
            is_in = np.asarray(pc.fill_null(pc.equal(splits, partition or ""), False), np.bool_)
            yield partition or "", is_in & is_kept

    def _has_records(self) -> bool:
        """Whether the ledger has the records of the sources, with their bytes."""
        if self.records is None:
            return True
        names = ("source", "record", "byte_start", "byte_end")
        stated = (self.ledger.column(name).to_pylist() for name in names)
        read = [
            (record.source.path, record.index, record.byte_start, record.byte_end)
            for record in (raw_record.record for raw_record in self.records)
        ]
        return read == list(zip(*stated, strict=True))

    def _has_documents(self, partition: str, rows: Positions, tables: TableCursors, recount: Recount) -> bool:
        if not len(rows):
            return True
        cursor = tables.documents.get(partition)
        table = cursor.look(len(rows)) if cursor else None
        ledger = self.ledger.take(pa.array(rows)).combine_chunks()
        if cursor is None or table is None or table.num_rows != len(rows):
            return False
        pairs = {"document_id": "id", **{name: name for name in ("source", "byte_start", "byte_end")}}
        if not all(ledger.column(name).equals(table.column(column)) for name, column in pairs.items()):
            return False
        documents = DocumentColumns.read(table)
        if documents is None:
            return False
        self._pass(cursor, "documents", len(rows))
        self._count("edits", len(documents.edits))
        return (
            have_ids_of_texts(table)
            and have_hashes_of_sources(table, self.sources)
            and documents.have_rights_of(ledger)
            and documents.have_bytes_of(ledger)
            and self._has_blocks(documents, rows)
            and self._has_chunks(partition, documents, tables, recount)
        )

    def _has_blocks(self, documents: DocumentColumns, rows: Positions) -> bool:
        if self.records is None:
            return True
        self._count("blocks", int(np.count_nonzero(documents.untouched)))
        return documents.are_text_of([self.records[row].raw for row in rows.tolist()])

    def _has_chunks(
        self, partition: str, documents: DocumentColumns, tables: TableCursors, recount: Recount
    ) -> bool:
        table = documents.table
        tokenized = recount.tokenize(documents.texts)
        stated = table.column("token_count").to_numpy()
        if any(text.token_count != stated[number] for number, text in tokenized.items()):
            return False
        for check in tables.chunks:
            cursor = check.partitions.get(partition)
            chunks = cursor.look_while("document_id", table.column("id").combine_chunks()) if cursor else None
            if cursor is None or chunks is None or not are_chunks_of(chunks, documents):
                return False
            counts = np.bincount(find_owners(chunks, table), minlength=table.num_rows)
            if check.is_default and not np.array_equal(counts, table.column("chunk_count").to_numpy()):
                return False
            if pc.max(chunks.column("token_count")).as_py() > check.budget:
                return False
            if not have_counts(chunks, documents, tokenized, recount):
                return False
            self._pass(cursor, "chunks", chunks.num_rows)
        return True

    def _pass(self, cursor: RowCursor, what: str, number: int) -> None:
        self.passed.append((cursor, number))
        self._count(what, number)

    def _count(self, what: str, number: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + number
