"""The figures of a build: what the card, the manifest and the terminal tell of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.tables import is_chunks

Figures = dict[str, Any]
GROUPS = ("states", "scripts", "encodings", "bytes_removed", "edits", "splits")


class FigureCounter:
    """Counts a build's figures while its tables pass."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()
        self._groups: dict[str, Counter[str]] = {name: Counter() for name in GROUPS}
        self._largest: dict[str, int] = {}

    def count(self, name: str, table: pa.Table, split: str) -> pa.Table:
        """Count a piece of a table that belongs to a split and pass it on."""
        self._sums[name] += table.num_rows
        if is_chunks(name):
            self._add(f"{name} tokens", table.column("token_count"))
            largest = pc.max(table.column("token_count")).as_py() or 0
            self._largest[name] = max(largest, self._largest.get(name, 0))
        elif name == "documents":
            self._groups["splits"][split] += table.num_rows
            self._add("tokens", table.column("token_count"))
            self._add("characters", pc.utf8_length(table.column("text")))
            self._group("scripts", table.column("script"))
            self._group("encodings", table.column("encoding"))
            self._group("edits", pc.struct_field(pc.list_flatten(table.column("edits")), "step"))
        elif name == "ledger":
            self._add("bytes_kept", table.column("bytes_kept"))
            self._add("bytes", pc.subtract(table.column("byte_end"), table.column("byte_start")))
            self._group("states", table.column("state"))
            removed = pc.list_flatten(table.column("bytes_removed")).to_pylist()
            self._sums["decontaminated"] += sum(row["step"] == "decontamination" for row in removed)
            for row in removed:
                self._groups["bytes_removed"][row["step"]] += row["bytes"]
        return table

    def figures(self) -> Figures:
        """All figures of the tables that have passed."""
        return {
            "records": self._sums["ledger"],
            "documents": self._sums["documents"],
            "chunks": self._sums["chunks"],
            "tokens": self._sums["tokens"],
            "largest_chunk": self._largest.get("chunks", 0),
            "characters": self._sums["characters"],
            "bytes": self._sums["bytes"],
            "bytes_kept": self._sums["bytes_kept"],
            "decontaminated": self._sums["decontaminated"],
            **{name: dict(sorted(group.items())) for name, group in self._groups.items()},
            "tables": {
                name: {
                    "chunks": self._sums[name],
                    "tokens": self._sums[f"{name} tokens"],
                    "largest_chunk": largest,
                }
                for name, largest in self._largest.items()
            },
        }

    def _add(self, name: str, column: pa.ChunkedArray) -> None:
        self._sums[name] += pc.sum(column).as_py() or 0

    def _group(self, name: str, column: pa.ChunkedArray) -> None:
        for row in pc.value_counts(column).to_pylist():
            self._groups[name][row["values"]] += row["counts"]
