"""Counts the figures of a build, which the card, the manifest and the command line show."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.reasons import Cause
from hanpack.steps.personal import KINDS
from hanpack.store.metadata import EXTRA, find_rights
from hanpack.store.table_kinds import TableKind

Figures = dict[str, Any]
# The bytes and tokens of documents by the licence and by the domain that their metadata state.
RIGHTS = ("bytes_by_license", "tokens_by_license", "bytes_by_domain", "tokens_by_domain")
NOT_STATED = "not stated"
# So many licences and domains, the largest, have their own figure; the others are added up.
MOST_NAMES, OTHERS = 1000, "others"
GROUPS = ("states", "scripts", "encodings", "bytes_removed", "edits", "splits", "personal", *RIGHTS)
# The records that are rejected because the recipe says so, by the name of their figure.
_CHOSEN = {"decontaminated": Cause.EVALUATION_TEXT, "low_quality": Cause.LOW_QUALITY}
_KINDS = frozenset(kind.name for kind in KINDS)


class FigureCounter:
    """Counts the figures of a build from its tables, piece by piece."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()
        self._groups: dict[str, Counter[str]] = {name: Counter() for name in GROUPS}
        self._largest: dict[str, int] = {}

    def count(self, name: str, table: pa.Table, partition: str) -> pa.Table:
        """Count a piece of the table ``name`` that belongs to a partition, and return it unchanged."""
        self._sums[name] += table.num_rows
        kind = TableKind.of(name)
        if kind is TableKind.CHUNKS:
            self._count_chunks(name, table)
        elif kind is TableKind.DOCUMENTS:
            self._count_documents(table, partition)
        elif kind is TableKind.LEDGER:
            self._count_records(table)
        return table

    def _count_chunks(self, name: str, table: pa.Table) -> None:
        self._add(f"{name} tokens", table.column("token_count"))
        largest = pc.max(table.column("token_count")).as_py() or 0
        self._largest[name] = max(largest, self._largest.get(name, 0))

    def _count_documents(self, table: pa.Table, partition: str) -> None:
        self._groups["splits"][partition] += table.num_rows
        self._add("tokens", table.column("token_count"))
        self._add("characters", pc.utf8_length(table.column("text")))
        self._group("scripts", table.column("script"))
        self._group("encodings", table.column("encoding"))
        self._count_rights(table)
        self._count_personal_data(pc.struct_field(table.column("metadata"), EXTRA))
        self._group("edits", pc.struct_field(pc.list_flatten(table.column("edits")), "step"))

    def _count_personal_data(self, extra: pa.ChunkedArray) -> None:
        """Add up what the step ``personal`` has counted, by kind."""
        is_counted = pc.match_substring(extra, '"personal"')
        for text in extra.filter(is_counted).to_pylist():
            counts = json.loads(text).get("personal")
            # A source may have a column of this name, with any value.
            if isinstance(counts, dict):
                self._groups["personal"].update(
                    {
                        kind: number
                        for kind, number in counts.items()
                        if kind in _KINDS and type(number) is int
                    }
                )

    def _count_rights(self, table: pa.Table) -> None:
        """Add up bytes and tokens by the licence, and by the domain of the address, of each document."""
        figures = {
            "bytes": pc.subtract(table.column("byte_end"), table.column("byte_start")),
            "tokens": table.column("token_count"),
        }
        # A search for groups in an empty table takes as long as in a small one.
        rights = find_rights(table.column("metadata")) if table.num_rows else {}
        for by, column in rights.items():
            if column.null_count == table.num_rows:
                for name, values in figures.items():
                    self._groups[f"{name}_by_{by}"][NOT_STATED] += pc.sum(values).as_py()
                continue
            named = pa.table({"name": pc.fill_null(column, NOT_STATED), **figures})
            sums = named.group_by("name").aggregate([("bytes", "sum"), ("tokens", "sum")])
            for row in sums.to_pylist():
                self._groups[f"bytes_by_{by}"][row["name"]] += row["bytes_sum"]
                self._groups[f"tokens_by_{by}"][row["name"]] += row["tokens_sum"]

    def _count_records(self, table: pa.Table) -> None:
        self._add("bytes_kept", table.column("bytes_kept"))
        self._add("bytes", pc.subtract(table.column("byte_end"), table.column("byte_start")))
        self._group("states", table.column("state"))
        for name, cause in _CHOSEN.items():
            is_dropped = pc.equal(table.column("cause"), cause.code)
            self._sums[name] += pc.sum(is_dropped).as_py() or 0
        removed = pc.list_flatten(table.column("bytes_removed"))
        steps, sizes = pc.struct_field(removed, "step"), pc.struct_field(removed, "bytes")
        # There are few steps, and what groups the rows of a table takes 30 ms to load.
        for step in pc.unique(steps):
            self._groups["bytes_removed"][step.as_py()] += pc.sum(sizes.filter(pc.equal(steps, step))).as_py()

    def figures(self) -> Figures:
        """The figures of all tables counted so far, as ``totals`` in the manifest."""
        return {
            "records": self._sums["ledger"],
            "documents": self._sums["documents"],
            "chunks": self._sums["chunks"],
            "tokens": self._sums["tokens"],
            "largest_chunk": self._largest.get("chunks", 0),
            "characters": self._sums["characters"],
            "bytes": self._sums["bytes"],
            "bytes_kept": self._sums["bytes_kept"],
            **{name: self._sums[name] for name in _CHOSEN},
            **{name: dict(sorted(_join_smallest(group).items())) for name, group in self._groups.items()},
            "tables": {
                name: {
                    "chunks": self._sums[name],
                    "tokens": self._sums[f"{name} tokens"],
                    "largest_chunk": largest,
                }
                for name, largest in self._largest.items()
            },
        }

    def add(self, other: FigureCounter) -> None:
        """Add what another counter has counted."""
        self._sums.update(other._sums)
        for name, group in other._groups.items():
            self._groups[name].update(group)
        for name, largest in other._largest.items():
            self._largest[name] = max(largest, self._largest.get(name, 0))

    def to_json(self) -> dict[str, Any]:
        """What was counted, as a value of JSON."""
        return {"sums": self._sums, "groups": self._groups, "largest": self._largest}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> FigureCounter:
        """The counter that :meth:`to_json` describes."""
        counter = cls()
        counter._sums.update(content["sums"])
        for name, group in content["groups"].items():
            counter._groups[name].update(group)
        counter._largest.update(content["largest"])
        return counter

    def _add(self, name: str, column: pa.ChunkedArray) -> None:
        self._sums[name] += pc.sum(column).as_py() or 0

    def _group(self, name: str, column: pa.ChunkedArray) -> None:
        for row in pc.value_counts(column).to_pylist():
            self._groups[name][row["values"]] += row["counts"]


def _join_smallest(group: Mapping[str, int]) -> Mapping[str, int]:
    """The largest figures of a group under their names, and the sum of the others."""
    if len(group) <= MOST_NAMES:
        return group
    ordered = sorted(group.items(), key=lambda item: (-item[1], item[0]))
    return {**dict(ordered[:MOST_NAMES]), OTHERS: sum(count for _, count in ordered[MOST_NAMES:])}
