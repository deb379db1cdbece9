"""Parts to shards.

Ids are made unique, metadata is converted to a struct column, rows are separated by partition and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from hanpack.steps.dedup import TRAIN
from hanpack.store.figures import FigureCounter, Figures
from hanpack.store.metadata import find_fields, finish_table
from hanpack.store.parts import Parts
from hanpack.store.shards import ShardFile, write_shards
from hanpack.store.table_kinds import Names, TableKind, count_chunks

DOCUMENTS, LEDGER = TableKind.DOCUMENTS.value, TableKind.LEDGER.value
# For each part in which an id had to be changed, the new ids of its documents.
NewIds = Mapping[int, list[str]]


def assemble(
    parts: Parts,
    schemas: Mapping[str, pa.Schema],
    partitions: tuple[str, ...],
    folder: Path,
    advance: Callable[[int], None],
) -> tuple[list[ShardFile], Figures]:
    """Write the shards of all parts into ``folder``; returns the files and the build's figures.

    Every table has shards for each partition, except the ledger, which has one for all records. ``advance``
    is called with the number of rows of each row group that was written.
    """
    count = len(parts)
    fields = find_fields(parts.read(DOCUMENTS, index).column("metadata") for index in range(count))
    documents = _find_new_ids(parts, DOCUMENTS, count)
    final_ids = _find_final_ids(parts, count, documents)
    counter = FigureCounter()
    files: list[ShardFile] = []
    for name, schema in schemas.items():
        kind = TableKind.of(name)
        final_schema = finish_table(schema.empty_table(), fields).schema
        for partition in partitions if kind.is_partitioned else (TRAIN,):
            tables = _read_renamed(parts, name, count, documents)
            if kind is TableKind.LEDGER:
                tables = (_set_final_duplicate_of(table, final_ids).select(schema.names) for table in tables)
            elif len(partitions) > 1:
                tables = _select_partition(parts, kind, tables, partition)
            finished = (finish_table(counter.count(name, table, partition), fields) for table in tables)
            files += write_shards(folder, f"data/{name}", partition, final_schema, finished, advance)
    return files, counter.figures()


def _select_partition(
    parts: Parts, kind: TableKind, tables: Iterator[pa.Table], partition: str
) -> Iterator[pa.Table]:
    """The rows of each part's table that belong to a partition."""
    for index, table in enumerate(tables):
        row_partitions = kind.find_partitions(table, parts.read_partitions(index))
        yield table.filter(pa.array(row_partitions == partition, pa.bool_()))


def _find_final_ids(parts: Parts, count: int, documents: NewIds) -> Mapping[str, str]:
    """The final ids of the documents in ``duplicate_of``, by the ids these had before any revision.

    If several documents had the same id, because they had the same text, it is the final id of the first.
    """
    kept_ids: set[str] = set()
    for index in range(count):
        kept_ids.update(parts.read(LEDGER, index).column("duplicate_of").drop_null().to_pylist())
    final_ids: dict[str, str] = {}
    for index in range(count) if kept_ids else ():
        ids_before = parts.read_unrevised(LEDGER, index).column("document_id")
        ids_now = parts.read(LEDGER, index).column("document_id")
        new = documents.get(index) or ids_now.drop_null().to_pylist()
        old = ids_before.filter(ids_now.is_valid()).to_pylist()
        for before, after in zip(old, new, strict=True):
            if before in kept_ids:
                final_ids.setdefault(before, after)
    return final_ids


def _set_final_duplicate_of(ledger: pa.Table, final_ids: Mapping[str, str]) -> pa.Table:
    """A ledger in which ``duplicate_of`` has the final ids."""
    if not final_ids:
        return ledger
    before = ledger.column("duplicate_of").to_pylist()
    return _set_column(ledger, "duplicate_of", [old and final_ids.get(old, old) for old in before])


def _read_renamed(parts: Parts, name: str, count: int, documents: NewIds) -> Iterator[pa.Table]:
    """The tables of all parts with their final ids."""
    kind = TableKind.of(name)
    chunks = _find_new_ids(parts, name, count) if kind is TableKind.CHUNKS else {}
    for index in range(count):
        table = parts.read(name, index)
        if index in chunks:
            table = _set_column(table, "id", chunks[index])
        if index in documents:
            table = _rename_documents(parts, index, kind, table, documents[index])
        yield table


def _rename_documents(parts: Parts, index: int, kind: TableKind, table: pa.Table, ids: list[str]) -> pa.Table:
    """The table of a part with the new ids of its documents."""
    if kind is TableKind.DOCUMENTS:
        return _set_column(table, "id", ids)
    if kind is TableKind.CHUNKS:
        repeated = np.repeat(np.array(ids, dtype=object), count_chunks(table))
        return _set_column(table, "document_id", repeated.tolist())
    if kind is TableKind.LEDGER:
        new = iter(ids)
        before = table.column("document_id").to_pylist()
        return _set_column(table, "document_id", [old and next(new) for old in before])
    partitions = parts.read_partitions(index)
    keys = zip(partitions, parts.read(DOCUMENTS, index).column("id").to_pylist(), strict=True)
    new_ids = dict(zip(keys, ids, strict=True))
    return _rename_packed(table, kind.find_partitions(table, partitions), new_ids)


def _rename_packed(table: pa.Table, partitions: Names, new_ids: Mapping[tuple[str, str], str]) -> pa.Table:
    """New ids in packed sequences, by partition and old id.

    Documents of one partition that had the same id have the same text, so either new id is right.
    """
    index = table.column_names.index("document_ids")
    rows = zip(partitions, table.column(index).to_pylist(), strict=True)
    renamed = [[new_ids[partition, old] for old in row] for partition, row in rows]
    return table.set_column(index, table.schema.field(index), pa.array(renamed, pa.list_(pa.string())))


def _set_column(table: pa.Table, column: str, values: list[str]) -> pa.Table:
    index = table.column_names.index(column)
    return table.set_column(index, table.schema.field(index), pa.array(values, pa.string()))


def _find_new_ids(parts: Parts, name: str, count: int) -> NewIds:
    """New ids for the parts with a text that occurred before: the second occurrence becomes ``ID-2``."""
    occurrences: Counter[str] = Counter()
    renamed: dict[int, list[str]] = {}
    for index in range(count):
        ids: list[str] = parts.read(name, index).column("id").to_pylist()
        new_ids = []
        for identity in ids:
            occurrences[identity] += 1
            number = occurrences[identity]
            new_ids.append(identity if number == 1 else f"{identity}-{number}")
        if new_ids != ids:
            renamed[index] = new_ids
    return renamed
