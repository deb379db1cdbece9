"""Checks a build record by record: ledger, sources, documents and chunks are read side by side, each once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pyarrow as pa

from hanpack.audit.cursor import RowCursor
from hanpack.audit.differences import name_place
from hanpack.audit.documents import check_document, check_id
from hanpack.audit.findings import Audit
from hanpack.audit.ledger import LedgerCheck, check_kept, find_kept
from hanpack.audit.recount import Recount
from hanpack.audit.sources import RawRecord
from hanpack.audit.stretch import STRETCH_BYTES, StretchCheck, TableCursors
from hanpack.engines.heap import return_freed_arrays
from hanpack.source_table import SourceTable
from hanpack.sources.survey import Progress
from hanpack.store.reader import PlacedRow, Row

Position = tuple[int, int]


class RecordCheck:
    """Joins the ledger with the sources' records, the documents and the chunks, and checks them together.

    All are sorted by source and place. What is missing on one side is a fault, and the join goes on.
    ``records`` is None if the sources are not at hand; what needs them is then left out. What is checked row
    by row is recounted too.
    """

    def __init__(
        self,
        audit: Audit,
        sources: SourceTable,
        records: Iterator[RawRecord] | None,
        tables: TableCursors,
        recount: Recount,
    ) -> None:
        self._audit = audit
        self._sources = sources
        self._has_records = records is not None
        self._records = records if records is not None else iter(())
        # Records that are read and not passed yet.
        self._ahead: deque[RawRecord] = deque()
        self._tables = tables
        self._recount = recount
        self._ledger = LedgerCheck()

    def run(self, total: int, progress: Progress | None) -> None:
        """Check every row and every record; ``total`` is the number of ledger rows, for ``progress``."""
        done = 0
        while number := self._check_stretch() or self._check_rows(1):
            done += number
            if progress:
                progress("records", done, total)
        self._take_record((len(self._sources), 0))
        for partition, cursor in self._tables.documents.items():
            while cursor.next:
                self._report_unnamed(partition, cursor)
        for table in self._tables.chunks:
            table.finish(self._audit)

    def _check_stretch(self) -> int:
        """Check the next stretch of records, by columns or row by row; returns the number of its rows."""
        ledger = self._tables.look_at_ledger()
        if ledger is None:
            return 0
        number: int = ledger.num_rows
        records = self._look_at_records(number) if self._has_records else None
        stretch = StretchCheck(ledger, records, self._sources)
        if not (stretch.is_in_order(self._tables, self._recount) and self._ledger.follow(ledger)):
            return self._check_rows(number)
        not_kept = np.flatnonzero(~find_kept(ledger))
        for index, row in zip(not_kept.tolist(), ledger.take(pa.array(not_kept)).to_pylist(), strict=True):
            place = self._tables.ledger.find_place(index)
            self._ledger.check_state(self._audit, name_place(place, row), row)
        stretch.finish(self._audit)
        for _ in records or ():
            self._ahead.popleft()
        return number

    def _check_rows(self, number: int) -> int:
        """Check so many ledger rows, one by one; returns how many there were."""
        for count in range(number):
            row = self._tables.ledger.take()
            if row is None:
                return count
            self._check_ledger_row(row.place, row.values)
        return number

    def _look_at_records(self, number: int) -> list[RawRecord]:
        """The next records, at most so many and not many more bytes than a stretch has."""
        size = sum(len(raw_record.raw.content) for raw_record in self._ahead)
        while len(self._ahead) < number and size <= 2 * STRETCH_BYTES:
            following = next(self._records, None)
            if following is None:
                break
            self._ahead.append(following)
            size += len(following.raw.content)
        return list(islice(self._ahead, number))

    def _check_ledger_row(self, place: str, row: Row) -> None:
        audit = self._audit
        audit.count("records")
        where = name_place(place, row)
        self._ledger.check(audit, where, row)
        raw_record = self._take_record(self._position(row, "record"))
        is_read = raw_record is not None or not self._has_records
        audit.expect(is_read, where, "there is no such record in the sources")
        if raw_record is not None:
            start, end = raw_record.record.byte_start, raw_record.record.byte_end
            same_span = (start, end) == (row["byte_start"], row["byte_end"])
            if not audit.expect(same_span, where, f"the record in the source is bytes {start} to {end}"):
                raw_record = None
        if row["state"] == "kept":
            self._take_document(where, row, raw_record)

    def _take_record(self, position: Position) -> RawRecord | None:
        """The record at a position; each record before it has no ledger row, which is a fault."""
        while self._look_at_records(1):
            record = self._ahead[0].record
            current = (self._find_row(record.source.path), record.index)
            if current > position:
                return None
            raw_record = self._ahead.popleft()
            if current == position:
                return raw_record
            where = f"{record.source.path} record {record.index}"
            self._audit.expect(False, where, "no ledger row accounts for it")
        return None

    def _take_document(self, where: str, row: Row, raw_record: RawRecord | None) -> None:
        """Check the document of a ledger row; each document before it is named by no row, a fault."""
        partition = row.get("split") or ""
        cursor = self._tables.documents.get(partition)
        position = self._position(row, "byte_start")
        while cursor and cursor.next and self._position(cursor.next.values, "byte_start") < position:
            self._report_unnamed(partition, cursor)
        following = cursor.next if cursor else None
        if following and self._position(following.values, "byte_start") != position:
            following = None
        named = following is not None and following.values["id"] == row["document_id"]
        self._audit.expect(named, where, "the document it names is not the next one")
        if cursor is None or following is None:
            return
        cursor.take()
        return_freed_arrays(following.values["byte_end"] - following.values["byte_start"])
        check_kept(self._audit, where, row, following.values)
        self._check_document(partition, following, raw_record)

    def _report_unnamed(self, partition: str, cursor: RowCursor) -> None:
        row = cursor.take()
        if row:
            self._audit.expect(False, row.place, "no ledger row names this document")
            self._check_document(partition, row, None)

    def _check_document(self, partition: str, row: PlacedRow, raw_record: RawRecord | None) -> None:
        audit, where, document = self._audit, row.place, row.values
        audit.count("documents")
        check_id(audit, where, document)
        source = self._sources.find(document["source"])
        same_source = source is not None and source.sha256 == document["source_sha256"]
        audit.expect(same_source, where, "its source_sha256 is not that of its source")
        raw = None
        if raw_record is not None:
            span = (raw_record.record.byte_start, raw_record.record.byte_end)
            raw = raw_record.raw if span == (document["byte_start"], document["byte_end"]) else None
        alignment = check_document(audit, where, document, raw)
        tokenized = self._recount.tokenize_alone(document["text"])
        if tokenized is not None:
            tokens, count = tokenized.token_count, document["token_count"]
            audit.expect(tokens == count, where, f"it has {tokens} tokens, but its token_count is {count}")
        for table in self._tables.chunks:
            table.check(audit, partition, where, document=document, alignment=alignment, tokenized=tokenized)

    def _position(self, row: Row, column: str) -> Position:
        """Where a row is among all records: the number of its source, then a column that grows within it."""
        return self._find_row(row["source"]), row[column]

    def _find_row(self, path: str) -> int:
        row = self._sources.paths.find(path)
        return -1 if row is None else row
