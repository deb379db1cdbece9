"""The figures of a report that are not in the manifest: tokens of chunks, records not kept, edits by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from hanpack.store.reader import BuildReader
from hanpack.views.report.samples import EditExample, ReportSamples


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


@dataclass(frozen=True, slots=True)
class StepEdits:
    """The edits of a step: their number by kind, and examples with their kinds."""

    step: str
    kinds: Mapping[str, int]
    examples: Sequence[tuple[str, EditExample]]

    @property
    def count(self) -> int:
        """The number of edits."""
        return sum(self.kinds.values())


def count_tokens(reader: BuildReader) -> dict[int, int]:
    """The number of chunks by their number of tokens."""
    column = reader.read("chunks", ["token_count"]).column("token_count")
    return {row["values"]: row["counts"] for row in pc.value_counts(column).to_pylist()}


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


def group_edits(samples: ReportSamples, most_examples: int) -> list[StepEdits]:
    """The edits by step, the most frequent step first, with examples of each kind.

    A step has at most ``most_examples`` examples, divided among its kinds, but two of each kind in any case.
    """
    kinds_by_step: dict[str, dict[str, int]] = {}
    for (step, kind), count in samples.edits.items():
        kinds_by_step.setdefault(step, {})[kind] = count
    steps = [
        StepEdits(
            step=step,
            kinds=kinds,
            examples=[
                (kind, example)
                for kind in kinds
                for example in samples.examples.get((step, kind), [])[: max(2, most_examples // len(kinds))]
            ],
        )
        for step, kinds in kinds_by_step.items()
    ]
    return sorted(steps, key=lambda step: -step.count)
