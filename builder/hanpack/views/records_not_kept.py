"""Groups the records that a build has not kept by state and cause."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc

from hanpack.store.reader import BuildReader


@dataclass(frozen=True, slots=True)
class RecordsNotKept:
    """The records that were not kept for one cause; reason, source and place are those of the first of them.

    ``records`` is how many there are, and ``bytes`` their size.
    """

    state: str
    reason: str
    source: str
    record: int
    byte_start: int
    duplicate_of: str | None
    records: int
    bytes: int


def group_records_not_kept(reader: BuildReader) -> list[RecordsNotKept]:
    """The records that were not kept, by state and cause, the largest group first."""
    of_first = ("reason", "source", "record", "byte_start", "duplicate_of")
    ledger = reader.read("ledger", ["state", "cause", "byte_end", *of_first], pc.field("state") != "kept")
    sizes = pc.subtract(ledger.column("byte_end"), ledger.column("byte_start"))
    grouped = ledger.append_column("size", sizes).group_by(["state", "cause"], use_threads=False)
    groups = grouped.aggregate(
        [("size", "count"), ("size", "sum"), *((name, "first") for name in of_first)]
    ).to_pylist()
    not_kept = [
        RecordsNotKept(
            state=group["state"],
            reason=group["reason_first"],
            source=group["source_first"],
            record=group["record_first"],
            byte_start=group["byte_start_first"],
            duplicate_of=group["duplicate_of_first"],
            records=group["size_count"],
            bytes=group["size_sum"],
        )
        for group in groups
    ]
    return sorted(not_kept, key=lambda group: -group.records)
