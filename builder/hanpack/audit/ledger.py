"""Checks the ledger: every record has its row, every byte its fate, and the sums close."""

from __future__ import annotations

import numpy as np

from hanpack.audit.findings import Audit
from hanpack.audit.reading import Edits, Row
from hanpack.steps.alignment import Alignment
from hanpack.steps.traced import Edit, Traced, count_removed


class LedgerCheck:
    """What the rows of a ledger say of one another; they are given in order."""

    def __init__(self) -> None:
        self._reached: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._duplicates: list[tuple[str, str]] = []

    def check(self, audit: Audit, where: str, row: Row) -> None:
        """Check a row's sums, its place after the one before it, and that its state has its reason."""
        removed = sum(step["bytes"] for step in row["bytes_removed"])
        size = row["byte_end"] - row["byte_start"]
        audit.expect(row["bytes_kept"] + removed == size, where, f"kept and removed bytes are not its {size}")
        source, reached = row["source"], self._reached.get(row["source"], 0)
        audit.expect(row["byte_start"] == reached, where, f"the record before it ends at byte {reached}")
        following = row["record"] == self._numbers.get(source, -1) + 1
        audit.expect(following, where, "its number does not follow the record before it")
        self._reached[source], self._numbers[source] = row["byte_end"], row["record"]
        kept = row["state"] == "kept"
        audit.expect(kept or bool(row["reason"]), where, "it was not kept, without a reason")
        audit.expect(kept or not row["bytes_kept"], where, "it was not kept, and bytes of it were")
        audit.expect(kept or row["document_id"] is None, where, "it was not kept, and names a document")
        if row["state"] == "duplicate":
            self._check_duplicate(audit, where, row, size)
        else:
            audit.expect(row["duplicate_of"] is None, where, "it is no duplicate, and names what it repeats")
            audit.expect(row.get("similarity") is None, where, "it is no duplicate, and has a similarity")

    def _check_duplicate(self, audit: Audit, where: str, row: Row, size: int) -> None:
        told = {step["step"]: step["bytes"] for step in row["bytes_removed"]}
        all_of_it = told == ({"duplicate": size} if size else {})
        audit.expect(all_of_it, where, f"a duplicate's bytes are removed as such, not {told}")
        similarity = row.get("similarity")
        right = similarity is not None and 0 <= similarity <= 1
        audit.expect(right, where, f"its similarity is {similarity}")
        self._duplicates.append((where, row["duplicate_of"]))

    def finish(self, audit: Audit, documents: set[str]) -> None:
        """Check what the rows say of the documents, when all their ids are known."""
        for where, repeated in self._duplicates:
            audit.expect(repeated in documents, where, f"it repeats {repeated}, which is no document")


def check_kept(audit: Audit, where: str, row: Row, document: Row) -> None:
    """Check the ledger row of a document against its alignment and edits."""
    text, source = document["text_breaks"], document["byte_breaks"]
    kept = int(np.diff(source)[np.diff(text) > 0].sum()) if len(text) == len(source) else -1
    audit.expect(
        kept == row["bytes_kept"], where, f"its document keeps {kept} bytes, not {row['bytes_kept']}"
    )
    told = {step["step"]: step["bytes"] for step in row["bytes_removed"]}
    removed = _count_removed(document)
    audit.expect(removed == told, where, f"its edits removed {removed}, not {told}")
    span = (document["byte_start"], document["byte_end"])
    audit.expect(span == (row["byte_start"], row["byte_end"]), where, "its document has another span")


def _count_removed(document: Row) -> dict[str, int]:
    """The bytes each step removed, from the document's edits and alignment."""
    edits: Edits = document["edits"]
    removed = tuple(
        Edit(edits.step[index], "removed", int(edits.byte_start[index]), int(edits.byte_end[index]))
        for index in edits.where("removed").tolist()
    )
    blocks = np.ones(max(len(document["text_breaks"]) - 1, 0), dtype=np.bool_)
    traced = Traced("", Alignment(document["text_breaks"], document["byte_breaks"], blocks), removed)
    return count_removed(traced, strict=False)
