"""Makes ids unique, and counts what needs all documents of a build: the copies of each.

The second document or chunk with the same text gets the id ``ID-2``. The ids that do not change are not kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.steps.alignment import Flags
from hanpack.store.part_index import PartIndex, Parts
from hanpack.store.spooled_arrays import SpooledArray, find_repeated, hash_strings
from hanpack.store.table_kinds import Numbers, TableKind

DOCUMENTS, LEDGER = TableKind.DOCUMENTS.value, TableKind.LEDGER.value


@dataclass(frozen=True, slots=True, eq=False)
class RowNumbers:
    """A number for some rows of a table of all parts; the others have the number 1.

    ``rows`` are sorted; both arrays have the same shape. ``starts`` are the first rows of the parts, and last
    the number of rows.
    """

    starts: Numbers
    rows: Numbers
    numbers: Numbers

    def read(self, parts: range) -> tuple[Numbers, Numbers]:
        """The rows of some parts that have a number, from 0 on, and their numbers."""
        first, end = self.starts[[parts.start, parts.stop]].tolist()
        low, high = np.searchsorted(self.rows, (first, end)).tolist()
        return self.rows[low:high] - first, self.numbers[low:high]

    def cut(self, parts: range) -> RowNumbers:
        """The numbers of some parts by themselves."""
        rows, numbers = self.read(parts)
        starts = self.starts[parts.start : parts.stop + 1]
        return RowNumbers(starts - starts[0], rows, numbers)


@dataclass(frozen=True, slots=True)
class FinalIds:
    """The ids of a build where they are not those of its parts.

    ``occurrences`` has by the name of a table which occurrence of its id a row is, from 2 on. ``originals``
    has the final ids of the documents in ``duplicate_of``, by their ids in the parts, where these differ.
    ``copies`` says how many records each document was: itself and those that name it in ``duplicate_of``.
    """

    occurrences: Mapping[str, RowNumbers]
    copies: RowNumbers
    originals: Mapping[str, str] = field(default_factory=dict)

    def cut(self, parts: range) -> FinalIds:
        """The ids of some parts by themselves."""
        occurrences = {name: numbers.cut(parts) for name, numbers in self.occurrences.items()}
        return FinalIds(occurrences, self.copies.cut(parts), self.originals)


def find_final_ids(parts: Parts) -> FinalIds:
    """Find the ids that have to be changed so that those of each table are unique."""
    index = parts.current
    occurrences = {
        name: _number_occurrences(index, name, parts.cache.folder)
        for name in index.starts
        if TableKind.of(name) in (TableKind.CHUNKS, TableKind.DOCUMENTS)
    }
    counts = _count_names(index)
    rows = _find_originals(parts, counts)
    named = sorted(rows, key=rows.__getitem__)
    originals = np.array([rows[identity] for identity in named], np.int64)
    copies = np.array([1 + counts[identity] for identity in named], np.int64)
    starts = index.starts.get(DOCUMENTS, np.zeros(1, np.int64))
    ids = FinalIds(occurrences, RowNumbers(starts, originals, copies))
    return replace(ids, originals=_name_originals(index, ids, named, originals))


def _number_occurrences(index: PartIndex, name: str, folder: Path) -> RowNumbers:
    """The rows of a table whose id occurred before, and which occurrence of it each is."""
    keys = SpooledArray(np.dtype(np.uint64), folder)
    for _, table in index.read_blocks(name):
        keys.append(hash_strings(table.column("id")))
    rows = find_repeated(keys)
    if not len(rows):
        return RowNumbers(index.starts[name], rows, rows)
    # Equal keys are not always equal ids.
    ids = index.take(name, rows, ["id"]).column("id").combine_chunks().dictionary_encode()
    numbers = number_in_groups(ids.indices.to_numpy())
    return RowNumbers(index.starts[name], rows[numbers > 1], numbers[numbers > 1])


def _count_names(index: PartIndex) -> Counter[str]:
    """How many records name each id in ``duplicate_of``."""
    counts: Counter[str] = Counter()
    for _, ledger in index.read_blocks(LEDGER):
        named = ledger.column("duplicate_of").drop_null()
        counts.update({entry["values"]: entry["counts"] for entry in pc.value_counts(named).to_pylist()})
    return counts


def _find_originals(parts: Parts, named: Collection[str]) -> dict[str, int]:
    """The row among all documents of each that is ``named`` by the id it had before any revision.

    If several documents had the same id, because they had the same text, it is the first.
    """
    rows: dict[str, int] = {}
    if not named:
        return rows
    identities = pa.array(list(named), pa.string())
    blocks = zip(parts.unrevised.read_blocks(LEDGER), parts.current.read_blocks(LEDGER), strict=True)
    for (_, before), (block, now) in blocks:
        first = int(parts.current.starts[DOCUMENTS][block.start])
        old = before.column("document_id").filter(now.column("document_id").is_valid())
        places = np.flatnonzero(np.asarray(pc.is_in(old, identities)))
        for place, identity in zip(places.tolist(), old.take(places).to_pylist(), strict=True):
            rows.setdefault(identity, first + place)
    return rows


def _name_originals(
    index: PartIndex, ids: FinalIds, named: Sequence[str], rows: Numbers
) -> Mapping[str, str]:
    """The final ids of the documents in some rows, by the ids that name them, where these differ."""
    if not named:
        return {}
    numbers = dict(
        zip(*(array.tolist() for array in ids.occurrences[DOCUMENTS].read(range(len(index)))), strict=True)
    )
    current = index.take(DOCUMENTS, rows, ["id"]).column("id").to_pylist()
    final = (
        f"{identity}-{numbers[row]}" if row in numbers else identity
        for row, identity in zip(rows.tolist(), current, strict=True)
    )
    return {old: new for old, new in zip(named, final, strict=True) if old != new}


def number_in_groups(groups: Numbers) -> Numbers:
    """Which occurrence of its number each is, from 1 on; shape of ``groups``.

    >>> number_in_groups(np.array([5, 3, 5])).tolist()
    [1, 1, 2]
    """
    order = np.argsort(groups, kind="stable")
    places = np.arange(len(groups))
    begins = np.concatenate(([True], groups[order[1:]] != groups[order[:-1]]))[: len(groups)]
    numbers = np.empty(len(groups), np.int64)
    numbers[order] = places - np.maximum.accumulate(np.where(begins, places, 0)) + 1
    return numbers


def number_ids(ids: pa.ChunkedArray, rows: Numbers, numbers: Numbers) -> pa.ChunkedArray:
    """Ids of which those of some rows get a number.

    >>> number_ids(pa.chunked_array([["a", "a"]]), np.array([1]), np.array([2])).to_pylist()
    ['a', 'a-2']
    """
    if not len(rows):
        return ids
    is_changed = np.zeros(len(ids), np.bool_)
    is_changed[rows] = True
    old = ids.take(pa.array(rows)).to_pylist()
    return replace_values(
        ids,
        is_changed,
        [f"{identity}-{number}" for identity, number in zip(old, numbers.tolist(), strict=True)],
    )


def replace_values(column: pa.ChunkedArray, is_changed: Flags, values: Sequence[str]) -> pa.ChunkedArray:
    """A column of strings with other values in the rows that are changed, in their order."""
    changed = pc.replace_with_mask(
        column.combine_chunks(), pa.array(is_changed), pa.array(values, pa.string())
    )
    return pa.chunked_array([changed], pa.string())


def set_column(table: pa.Table, column: str, values: pa.ChunkedArray | pa.Array) -> pa.Table:
    """A table with other values in a column."""
    index = table.column_names.index(column)
    return table.set_column(index, table.schema.field(index), values)
