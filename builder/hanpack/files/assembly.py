"""Parts to shards: ids made unique, metadata given its struct, figures counted on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from hanpack.files.figures import FigureCounter, Figures
from hanpack.files.parts import Parts
from hanpack.files.shards import ShardFile, write_shards
from hanpack.files.tables import find_fields, finish_table, is_chunks

NewIds = Mapping[int, list[str]]


def assemble(
    parts: Parts,
    count: int,
    schemas: Mapping[str, pa.Schema],
    folder: Path,
    advance: Callable[[int], None],
) -> tuple[list[ShardFile], Figures]:
    """Write the shards of ``count`` parts into ``folder``; returns the files and the build's figures."""
    fields = find_fields(parts.read("documents", index).column("metadata") for index in range(count))
    documents = _unique_ids(parts, "documents", count)
    counter = FigureCounter()
    files: list[ShardFile] = []
    for name, schema in schemas.items():
        tables = _renamed(parts, name, count, documents)
        finished = (finish_table(counter.count(name, table), fields) for table in tables)
        whole = finish_table(schema.empty_table(), fields).schema
        files += write_shards(folder, f"data/{name}", whole, finished, advance)
    return files, counter.figures()


def _renamed(parts: Parts, name: str, count: int, documents: NewIds) -> Iterator[pa.Table]:
    """The tables of all parts with their unique ids."""
    chunks = _unique_ids(parts, name, count) if is_chunks(name) else {}
    for index in range(count):
        table = parts.read(name, index)
        if index in chunks:
            table = _set(table, "id", chunks[index])
        if index in documents and name == "packed":
            old = parts.read("documents", index).column("id").to_pylist()
            table = _rename_packed(table, dict(zip(old, documents[index], strict=True)))
        elif index in documents:
            table = _set(table, *_document_ids(name, table, documents[index]))
        yield table


def _document_ids(name: str, table: pa.Table, ids: list[str]) -> tuple[str, list[str]]:
    """The column of a table that names its documents, with the new ids."""
    if name == "documents":
        return "id", ids
    if is_chunks(name):
        first = np.array(table.column("chunk_index")) == 0
        return "document_id", np.array(ids, dtype=object)[np.cumsum(first) - 1].tolist()
    kept = iter(ids)
    return "document_id", [old and next(kept) for old in table.column("document_id").to_pylist()]


def _rename_packed(table: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """New ids in packed sequences; copies within a part have the same text, so either name is right."""
    at = table.column_names.index("document_ids")
    renamed = [[names[old] for old in row] for row in table.column(at).to_pylist()]
    return table.set_column(at, table.schema.field(at), pa.array(renamed, pa.list_(pa.string())))


def _set(table: pa.Table, column: str, values: list[str]) -> pa.Table:
    at = table.column_names.index(column)
    return table.set_column(at, table.schema.field(at), pa.array(values, pa.string()))


def _unique_ids(parts: Parts, name: str, count: int) -> NewIds:
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
