"""Parts to shards: ids made unique, metadata given its struct, figures counted on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.files.parts import Parts
from hanpack.files.shards import ShardFile, write_shards
from hanpack.files.tables import NAMES, SCHEMAS, Name, find_fields, finish_table

Figures = dict[str, Any]


def assemble(
    parts: Parts, count: int, folder: Path, advance: Callable[[int], None]
) -> tuple[list[ShardFile], Figures]:
    """Write the shards of ``count`` parts into ``folder``; returns the files and the build's figures."""
    fields = find_fields(parts.read("documents", index).column("metadata") for index in range(count))
    documents = _unique_ids(parts, "documents", count)
    chunks = _unique_ids(parts, "chunks", count)
    figures = _Figures()
    files: list[ShardFile] = []
    for name in NAMES:
        schema = finish_table(SCHEMAS[name].empty_table(), fields).schema
        tables = _finished(parts, name, range(count), documents, chunks)
        counted = (finish_table(figures.count(name, table), fields) for table in tables)
        files += write_shards(folder, f"data/{name}", schema, counted, advance)
    return files, figures.told()


def _finished(
    parts: Parts,
    name: Name,
    indexes: Sequence[int],
    documents: dict[int, list[str]],
    chunks: dict[int, list[str]],
) -> Iterator[pa.Table]:
    for index in indexes:
        table = parts.read(name, index)
        if name == "chunks" and index in chunks:
            table = _set(table, "id", chunks[index])
        if index in documents:
            ids = np.array(documents[index], dtype=object)
            if name == "documents":
                table = _set(table, "id", documents[index])
            elif name == "chunks":
                first = np.array(table.column("chunk_index")) == 0
                table = _set(table, "document_id", ids[np.cumsum(first) - 1].tolist())
            else:
                kept = iter(documents[index])
                old = table.column("document_id").to_pylist()
                table = _set(table, "document_id", [value and next(kept) for value in old])
        yield table


def _set(table: pa.Table, column: str, values: list[str]) -> pa.Table:
    at = table.column_names.index(column)
    return table.set_column(at, table.schema.field(at), pa.array(values, pa.string()))


def _unique_ids(parts: Parts, name: Name, count: int) -> dict[int, list[str]]:
    """New ids for the parts in which a text stands that stood before: its second copy is ``ID-2``."""
    seen: Counter[str] = Counter()
    renamed: dict[int, list[str]] = {}
    for index in range(count):
        ids: list[str] = parts.read(name, index).column("id").to_pylist()
        fresh = []
        for identity in ids:
            seen[identity] += 1
            fresh.append(identity if seen[identity] == 1 else f"{identity}-{seen[identity]}")
        if fresh != ids:
            renamed[index] = fresh
    return renamed


class _Figures:
    """The figures of a build, counted while its tables pass."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self.groups: dict[str, Counter[str]] = {
            name: Counter() for name in ("states", "scripts", "encodings", "bytes_removed", "edits")
        }
        self.token_counts: Counter[int] = Counter()

    def count(self, name: Name, table: pa.Table) -> pa.Table:
        self.sums[name] += table.num_rows
        if name == "chunks":
            self._add("chunk_tokens", table.column("token_count"))
            self._group_into(self.token_counts, table.column("token_count"))
        elif name == "documents":
            self._add("tokens", table.column("token_count"))
            self._add("characters", pc.utf8_length(table.column("text")))
            self._group_into(self.groups["scripts"], table.column("script"))
            self._group_into(self.groups["encodings"], table.column("encoding"))
            steps = pc.struct_field(pc.list_flatten(table.column("edits")), "step")
            self._group_into(self.groups["edits"], steps)
        else:
            self._add("bytes_kept", table.column("bytes_kept"))
            self._add("bytes", pc.subtract(table.column("byte_end"), table.column("byte_start")))
            self._group_into(self.groups["states"], table.column("state"))
            for row in pc.list_flatten(table.column("bytes_removed")).to_pylist():
                self.groups["bytes_removed"][row["step"]] += row["bytes"]
        return table

    def told(self) -> Figures:
        lengths = self.token_counts
        return {
            "records": self.sums["ledger"],
            "documents": self.sums["documents"],
            "chunks": self.sums["chunks"],
            "tokens": self.sums["tokens"],
            "chunk_tokens": self.sums["chunk_tokens"],
            "largest_chunk": max(lengths, default=0),
            "characters": self.sums["characters"],
            "bytes": self.sums["bytes"],
            "bytes_kept": self.sums["bytes_kept"],
            **{name: dict(sorted(group.items())) for name, group in self.groups.items()},
        }

    def _add(self, name: str, column: pa.ChunkedArray) -> None:
        self.sums[name] += pc.sum(column).as_py() or 0

    @staticmethod
    def _group_into(group: Counter[Any], column: pa.ChunkedArray) -> None:
        for row in pc.value_counts(column).to_pylist():
            group[row["values"]] += row["counts"]
