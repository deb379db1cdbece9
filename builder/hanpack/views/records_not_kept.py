"""Groups the records that a build has not kept by state and cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.reader import BuildReader


@dataclass(frozen=True, slots=True)
class RecordsNotKept:
    """The records that were not kept for one cause; reason, source and place are those of the first of them.

    ``records`` is how many there are, and ``bytes`` their size; ``url`` is the address of the first, if
    it has one. The reasons of the others differ in their details if ``has_other_reasons``.
    """

    state: str
    reason: str
    source: str
    record: int
    byte_start: int
    duplicate_of: str | None
    records: int
    bytes: int
    url: str | None = None
    has_other_reasons: bool = False


def group_records_not_kept(reader: BuildReader, most_reasons: int = 1) -> list[RecordsNotKept]:
    """The records that were not kept, by state and cause, the largest group first.

    A cause whose records have at most ``most_reasons`` different reasons has a group for each of them.
    """
    of_first = ("reason", "source", "record", "byte_start", "duplicate_of", "url")
    ledger = reader.read("ledger", ["state", "cause", "byte_end", *of_first], pc.field("state") != "kept")
    sizes = pc.subtract(ledger.column("byte_end"), ledger.column("byte_start"))
    ledger = ledger.append_column("size", sizes)
    reasons = {
        (row["state"], row["cause"]): row["reason_count_distinct"]
        for row in _group(ledger, ["state", "cause"], [("reason", "count_distinct")])
    }
    first = [(name, "first", pc.ScalarAggregateOptions(skip_nulls=False)) for name in of_first]
    figures = [("size", "count"), ("size", "sum"), *first]
    is_divided = {cause: 1 < count <= most_reasons for cause, count in reasons.items()}
    groups = [
        group
        for group in _group(ledger, ["state", "cause"], figures)
        if not is_divided[group["state"], group["cause"]]
    ]
    if any(is_divided.values()):
        groups += [
            {**group, "reason_first": group["reason"]}
            for group in _group(ledger, ["state", "cause", "reason"], figures)
            if is_divided[group["state"], group["cause"]]
        ]
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
            url=group["url_first"],
            has_other_reasons=reasons[group["state"], group["cause"]] > 1 and "reason" not in group,
        )
        for group in groups
    ]
    return sorted(not_kept, key=lambda group: -group.records)


def _group(ledger: pa.Table, keys: Sequence[str], figures: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The figures of the rows that are equal in the keys."""
    rows: list[dict[str, Any]] = (
        ledger.group_by(list(keys), use_threads=False).aggregate(list(figures)).to_pylist()
    )
    return rows
