"""Checks the ledger: every record has a row, every byte is kept or removed, and the sums are right."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.audit.findings import Audit
from hanpack.edits import Edits
from hanpack.reasons import Cause, find_cause
from hanpack.steps.alignment import Alignment, Flags, Positions
from hanpack.steps.edit_list import EditList, StepEdits, repeat_kind
from hanpack.steps.traced import Traced, count_removed
from hanpack.store.metadata import LEDGER_METADATA, LEDGER_RIGHTS, read_rights
from hanpack.store.reader import Row

# How many blocks of an alignment are looked at together.
_BLOCKS = 1 << 16


class LedgerCheck:
    """Checks the rows of a ledger one after the other, each against those before it."""

    def __init__(self) -> None:
        # The source of the row before, where its record ended, and its number.
        self._source, self._end, self._number = "", 0, -1

    def follow(self, ledger: pa.Table) -> bool:
        """Whether the sums and places of the next rows are right, and nothing is stated of kept ones.

        If so, they are the rows before the next. What the state of the others requires is not checked.
        """
        count = ledger.num_rows
        start, end, number, kept = (
            ledger.column(name).to_numpy() for name in ("byte_start", "byte_end", "record", "bytes_kept")
        )
        lengths = pc.list_value_length(ledger.column("bytes_removed")).to_numpy()
        sizes = pc.struct_field(pc.list_flatten(ledger.column("bytes_removed")), "bytes").to_numpy()
        removed = np.zeros(count, np.int64)
        np.add.at(removed, np.repeat(np.arange(count), lengths), sizes)
        names = ledger.column("source").to_pylist()
        continues = np.fromiter(map(str.__eq__, names, [self._source, *names]), np.bool_, count)
        expected_start = np.where(continues, np.concatenate(([self._end], end[:-1])), 0)
        expected_number = np.where(continues, np.concatenate(([self._number], number[:-1])) + 1, 0)
        is_kept = find_kept(ledger)
        is_silent = ~np.asarray(ledger.column("duplicate_of").is_valid(), np.bool_)
        is_silent &= ~np.asarray(ledger.column("similarity").is_valid(), np.bool_)
        is_silent &= ~np.asarray(ledger.column("url").is_valid(), np.bool_)
        in_order = (kept + removed == end - start) & (start == expected_start) & (number == expected_number)
        if not (in_order & (is_silent | ~is_kept)).all():
            return False
        self._source, self._end, self._number = names[-1], int(end[-1]), int(number[-1])
        return True

    def check(self, audit: Audit, where: str, row: Row) -> None:
        """Check a row: its sums, its place after the row before it, and what its state requires."""
        removed = sum(step["bytes"] for step in row["bytes_removed"])
        size = row["byte_end"] - row["byte_start"]
        accounted = row["bytes_kept"] + removed
        audit.expect(
            accounted == size, where, f"its kept and removed bytes add up to {accounted}, not to {size}"
        )
        if row["source"] != self._source:
            # The rows of a source follow one another.
            self._source, self._end, self._number = row["source"], 0, -1
        start, end, number = row["byte_start"], self._end, self._number + 1
        audit.expect(
            start == end, where, f"it begins at byte {start}, but the record before it ends at byte {end}"
        )
        audit.expect(row["record"] == number, where, f"its record number is {row['record']}, not {number}")
        self._end, self._number = row["byte_end"], row["record"]
        self.check_state(audit, where, row)

    def check_state(self, audit: Audit, where: str, row: Row) -> None:
        """Check what the state of a row requires of its other values."""
        size = row["byte_end"] - row["byte_start"]
        if row["state"] != "kept":
            audit.expect(bool(row["reason"]), where, "it was not kept, but has no reason")
            has_cause = read_cause(row) is not None
            audit.expect(has_cause, where, f"it was not kept, but its cause is {row['cause']}")
            audit.expect(not row["bytes_kept"], where, "it was not kept, but has kept bytes")
            audit.expect(row["document_id"] is None, where, "it was not kept, but names a document")
        else:
            audit.expect(row.get("url") is None, where, "it was kept, but has an address")
        if row["state"] == "withdrawn":
            is_silent = all(row.get(name) is None for name in LEDGER_METADATA)
            audit.expect(is_silent, where, "it was withdrawn, but states a licence, a domain or an address")
        if row["state"] == "duplicate":
            self._check_duplicate(audit, where, row, size)
        else:
            audit.expect(row["duplicate_of"] is None, where, "it is not a duplicate, but is a copy")
            audit.expect(row.get("similarity") is None, where, "it is not a duplicate, but has a similarity")

    def _check_duplicate(self, audit: Audit, where: str, row: Row, size: int) -> None:
        removed = read_removed(row)
        by_duplicate = removed == ({"duplicate": size} if size else {})
        audit.expect(by_duplicate, where, f"it is a duplicate, but its bytes were removed by {removed}")
        audit.count("copies")
        similarity = row.get("similarity")
        in_range = similarity is not None and 0 <= similarity <= 1
        audit.expect(in_range, where, f"its similarity is {similarity}, not a number from 0 to 1")
        if read_cause(row) is Cause.COPY_ELSEWHERE:
            named = row["duplicate_of"] is None
            audit.expect(named, where, "it is a copy of a document of another build, but names one of this")


def read_cause(row: Row) -> Cause | None:
    """The cause for which a ledger row's record was not kept; None if the row names none that exists."""
    try:
        return find_cause(row["cause"] or "")
    except ValueError:
        return None


def read_removed(row: Row) -> dict[str, int]:
    """The bytes of a ledger row's record that each step removed."""
    return {step["step"]: step["bytes"] for step in row["bytes_removed"]}


def check_kept(audit: Audit, where: str, row: Row, document: Row) -> None:
    """Check the ledger row of a document against its alignment and edits."""
    text, source = document["text_breaks"], document["byte_breaks"]
    is_aligned = len(text) == len(source)
    kept = _count_kept(text, source) if is_aligned else -1
    audit.expect(
        kept == row["bytes_kept"], where, f"its document keeps {kept} bytes, not {row['bytes_kept']}"
    )
    removed = count_removed_bytes(document["edits"], text, source) if is_aligned else {}
    expected = read_removed(row)
    audit.expect(removed == expected, where, f"its document's edits removed {removed}, not {expected}")
    start, end = document["byte_start"], document["byte_end"]
    rights = read_rights(document["metadata"])
    stated = {name: row.get(name) for name in LEDGER_RIGHTS}
    audit.expect(stated == rights, where, f"it states {stated}, but its document {rights}")
    same_span = (start, end) == (row["byte_start"], row["byte_end"])
    audit.expect(same_span, where, f"its document comes from bytes {start} to {end}")


def _count_kept(text: Positions, source: Positions) -> int:
    """The bytes of the blocks with text, of which a long document has millions."""
    starts = range(0, max(len(text) - 1, 0), _BLOCKS)
    windows = (slice(start, start + _BLOCKS + 1) for start in starts)
    return sum(int(np.diff(source[window])[np.diff(text[window]) > 0].sum()) for window in windows)


def find_kept(ledger: pa.Table) -> Flags:
    """Whether the record of each row was kept."""
    return np.asarray(pc.equal(ledger.column("state"), "kept"), np.bool_)


def count_removed_bytes(edits: Edits, text: Positions, source: Positions) -> dict[str, int]:
    """The bytes each step removed, from the edits and the breaks of a document."""
    removed = edits.of_kind("removed")
    starts, ends = removed.byte_start, removed.byte_end
    blocks: list[StepEdits] = []
    last = 0
    for step, group in groupby(removed.step):
        first, last = last, last + sum(1 for _ in group)
        kinds = repeat_kind("removed", last - first)
        blocks.append(StepEdits(step, kinds, starts[first:last], ends[first:last]))
    removals = EditList(tuple(blocks))
    even = np.ones(max(len(text) - 1, 0), dtype=np.bool_)
    return count_removed(Traced("", Alignment(text, source, even), removals), strict=False)
