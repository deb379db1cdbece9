"""Parts to shards: ids made unique, metadata given its struct, splits set apart, figures counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanpack.store.figures import FigureCounter, Figures
from hanpack.store.parts import Parts
from hanpack.store.revision import count_chunks
from hanpack.store.shards import ShardFile, write_shards
from hanpack.store.tables import find_fields, finish_table, is_chunks

NewIds = Mapping[int, list[str]]


def assemble(
    parts: Parts,
    count: int,
    schemas: Mapping[str, pa.Schema],
    splits: tuple[str, ...],
    folder: Path,
    advance: Callable[[int], None],
) -> tuple[list[ShardFile], Figures]:
    """Write the shards of ``count`` parts into ``folder``; returns the files and the build's figures.

    Every table has shards of each split but the ledger, which accounts for all records in one.
    """
    fields = find_fields(parts.read("documents", index).column("metadata") for index in range(count))
    documents = _unique_ids(parts, "documents", count)
    names = _find_names(parts, count, documents)
    counter = FigureCounter()
    files: list[ShardFile] = []
    for name, schema in schemas.items():
        whole = finish_table(schema.empty_table(), fields).schema
        for split in ("train",) if name == "ledger" else splits:
            tables = _renamed(parts, name, count, documents)
            if name == "ledger":
                tables = (_follow(table, names).select(schema.names) for table in tables)
            elif len(splits) > 1:
                tables = _of_split(parts, name, tables, split)
            finished = (finish_table(counter.count(name, table, split), fields) for table in tables)
            files += write_shards(folder, f"data/{name}", split, whole, finished, advance)
    return files, counter.figures()


def _of_split(parts: Parts, name: str, tables: Iterator[pa.Table], split: str) -> Iterator[pa.Table]:
    """The rows of each part's table that belong to a split."""
    for index, table in enumerate(tables):
        splits = np.array(_splits(parts, index), dtype=object)
        if is_chunks(name):
            splits = np.repeat(splits, count_chunks(table))
        elif name == "packed":
            splits = _packed_splits(table, splits)
        yield table.filter(pa.array(splits == split, pa.bool_()))


def _packed_splits(table: pa.Table, splits: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """The split of each packed sequence; ``splits`` are those of the part's documents, shape (documents,).

    The sequences of a split stand together, the splits by name, and every document begins in one sequence:
    so they are told by counting, where documents of two splits may bear one id.
    """
    names, counts = np.unique(splits, return_counts=True)
    begun = np.cumsum([starts.count(0) for starts in table.column("document_starts").to_pylist()])
    return np.asarray(names[np.searchsorted(np.cumsum(counts), begun)], dtype=object)


def _splits(parts: Parts, index: int) -> list[str]:
    """The split of each document of a part."""
    splits: list[str] = parts.read("ledger", index).column("split").drop_null().to_pylist()
    return splits


def _find_names(parts: Parts, count: int, documents: NewIds) -> Mapping[str, str]:
    """What the documents that duplicates name are called now, by the ids they had before any revision.

    Of several documents with one text the first is meant.
    """
    named: set[str] = set()
    for index in range(count):
        named.update(parts.read("ledger", index).column("duplicate_of").drop_null().to_pylist())
    names: dict[str, str] = {}
    for index in range(count) if named else ():
        first, now = (table.column("document_id") for table in _ledgers(parts, index))
        new = documents.get(index) or now.drop_null().to_pylist()
        old = first.filter(now.is_valid()).to_pylist()
        for before, after in zip(old, new, strict=True):
            if before in named:
                names.setdefault(before, after)
    return names


def _ledgers(parts: Parts, index: int) -> tuple[pa.Table, pa.Table]:
    return parts.read_first("ledger", index), parts.read("ledger", index)


def _follow(ledger: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """A ledger whose duplicates name the documents they are copies of as these are called now."""
    if not names:
        return ledger
    named = ledger.column("duplicate_of").to_pylist()
    return _set(ledger, "duplicate_of", [old and names.get(old, old) for old in named])


def _renamed(parts: Parts, name: str, count: int, documents: NewIds) -> Iterator[pa.Table]:
    """The tables of all parts with their unique ids."""
    chunks = _unique_ids(parts, name, count) if is_chunks(name) else {}
    for index in range(count):
        table = parts.read(name, index)
        if index in chunks:
            table = _set(table, "id", chunks[index])
        if index in documents and name == "packed":
            old = parts.read("documents", index).column("id").to_pylist()
            splits = np.array(_splits(parts, index), dtype=object)
            keys = zip(splits, old, strict=True)
            names = dict(zip(keys, documents[index], strict=True))
            table = _rename_packed(table, _packed_splits(table, splits), names)
        elif index in documents:
            table = _set(table, *_document_ids(name, table, documents[index]))
        yield table


def _document_ids(name: str, table: pa.Table, ids: list[str]) -> tuple[str, list[str]]:
    """The column of a table that names its documents, with the new ids."""
    if name == "documents":
        return "id", ids
    if is_chunks(name):
        return "document_id", np.repeat(np.array(ids, dtype=object), count_chunks(table)).tolist()
    kept = iter(ids)
    return "document_id", [old and next(kept) for old in table.column("document_id").to_pylist()]


def _rename_packed(
    table: pa.Table, splits: npt.NDArray[np.object_], names: Mapping[tuple[str, str], str]
) -> pa.Table:
    """New ids in packed sequences, by split and old id; copies in one have the same text: either is right."""
    at = table.column_names.index("document_ids")
    rows = zip(splits, table.column(at).to_pylist(), strict=True)
    renamed = [[names[split, old] for old in row] for split, row in rows]
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
