"""The walk: ledger, records, documents and chunks side by side, each read once and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hanpack.audit.chunks import ChunkTable
from hanpack.audit.documents import Ids, check_document
from hanpack.audit.findings import Audit
from hanpack.audit.ledger import LedgerCheck, check_kept
from hanpack.audit.reading import Row, Rows
from hanpack.audit.replay import Replay
from hanpack.audit.sources import RawRecord
from hanpack.model import Source
from hanpack.steps.tokens.counting import TokenCounter

Progress = Callable[[str, int, int], None]
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a build, documents and chunks by split: rows are in the ledger's order within each."""

    ledger: Rows
    documents: Mapping[str, Rows]
    chunks: Sequence[ChunkTable]


class Walk:
    """Goes through a build record by record; what is missing on one side is a fault, and the walk goes on."""

    def __init__(
        self,
        audit: Audit,
        sources: Sequence[Source],
        records: Iterator[RawRecord],
        tables: Tables,
        tokenizer: TokenCounter,
        replay: Replay | None,
    ) -> None:
        self._audit = audit
        self._sources = {source.path: source for source in sources}
        self._order = {source.path: index for index, source in enumerate(sources)}
        self._records = records
        self._record = next(records, None)
        self._tables = tables
        self._tokenizer = tokenizer
        self._replay = replay
        self._ids = Ids()
        self._ledger = LedgerCheck()

    def run(self, total: int, progress: Progress | None) -> None:
        """Walk to the end of everything."""
        ledger = self._tables.ledger
        done = 0
        while taken := ledger.take():
            self._check_row(*taken)
            done += 1
            if progress:
                progress("records", done, total)
        self._find_record((len(self._order), 0))
        for split, rows in self._tables.documents.items():
            while rows.next:
                self._orphan(split, rows)
        for table in self._tables.chunks:
            table.finish(self._audit)
        self._ledger.finish(self._audit, self._ids.seen)

    def _check_row(self, where: str, row: Row) -> None:
        audit = self._audit
        audit.count("records")
        place = f"{where} ({row['source']} record {row['record']} at byte {row['byte_start']})"
        self._ledger.check(audit, place, row)
        found = self._find_record(self._key(row, "record"))
        if audit.expect(found is not None, place, "there is no such record in the sources") and found:
            span = (found.record.byte_start, found.record.byte_end)
            told = (row["byte_start"], row["byte_end"])
            if not audit.expect(span == told, place, f"the record is bytes {span[0]} to {span[1]}"):
                found = None
        document = self._find_document(place, row, found) if row["state"] == "kept" else None
        if found and self._replay and (document or row["state"] != "kept"):
            self._replay.check(audit, place, found.record, row, document)

    def _find_record(self, key: Key) -> RawRecord | None:
        """The record of a ledger row; those before it have none."""
        while self._record is not None:
            record = self._record.record
            here = (self._order[record.source.path], record.index)
            if here > key:
                return None
            found, self._record = self._record, next(self._records, None)
            if here == key:
                return found
            place = f"{record.source.path} record {record.index}"
            self._audit.expect(False, place, "no ledger row accounts for it")
        return None

    def _find_document(self, place: str, row: Row, found: RawRecord | None) -> Row | None:
        """The document of a ledger row, checked; those before it have none."""
        split = row.get("split") or ""
        rows = self._tables.documents.get(split)
        key = self._key(row, "byte_start")
        while rows and rows.next and self._key(rows.next[1], "byte_start") < key:
            self._orphan(split, rows)
        taken = rows.take() if rows and rows.next and self._key(rows.next[1], "byte_start") == key else None
        same = taken is not None and taken[1]["id"] == row["document_id"]
        self._audit.expect(same, place, "the document it names is not the next one")
        if taken is None:
            return None
        where, document = taken
        check_kept(self._audit, place, row, document)
        self._check_document(split, where, document, found)
        return document

    def _orphan(self, split: str, rows: Rows) -> None:
        taken = rows.take()
        if taken:
            self._audit.expect(False, taken[0], "no ledger row names this document")
            self._check_document(split, *taken, None)

    def _check_document(self, split: str, where: str, document: Row, found: RawRecord | None) -> None:
        audit = self._audit
        audit.count("documents")
        self._ids.check(audit, where, document)
        source = self._sources.get(document["source"])
        same = source is not None and source.sha256 == document["source_sha256"]
        audit.expect(same, where, "its source has another hash")
        span = (document["byte_start"], document["byte_end"])
        fits = found is not None and (found.record.byte_start, found.record.byte_end) == span
        aligned = check_document(audit, where, document, found.raw if found and fits else None)
        counted = self._tokenizer.prepare(document["text"])
        tokens = counted.token_count
        audit.expect(tokens == document["token_count"], where, f"it has {tokens} tokens, not the count given")
        for table in self._tables.chunks:
            table.check(audit, split, where, document, aligned, counted)

    def _key(self, row: Row, place: str) -> Key:
        """Where a row stands among all records: by its source, then by a number that grows within it."""
        return self._order.get(row["source"], -1), row[place]
