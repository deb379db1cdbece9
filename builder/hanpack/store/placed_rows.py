"""Rows of a build as they are read: batches of a shard, and single rows with their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.arrays import read_positions
from hanpack.store.edits import edits_from_arrow
from hanpack.store.shards import ShardFile

Row = Mapping[str, Any]
_BREAKS = ("text_breaks", "byte_breaks")


@dataclass(frozen=True, slots=True, eq=False)
class PlacedRow:
    """A row of a table and its place: the path of its shard in the build, and its number there, from 0.

    ``values`` has the row's values by column. They are Python values, but the ``edits`` of a document are
    :class:`~hanpack.edits.Edits`, and its ``text_breaks`` and ``byte_breaks`` are arrays.
    """

    shard: str
    number: int
    values: Row

    @property
    def place(self) -> str:
        """The place in words."""
        return f"{self.shard} row {self.number}"


@dataclass(frozen=True, slots=True, eq=False)
class TableBatch:
    """Consecutive rows of one shard; ``first`` is the number of the first of them in the shard, from 0."""

    shard: ShardFile
    first: int
    table: pa.Table

    @property
    def end(self) -> int:
        """The number of the row after the last, in the shard."""
        return self.first + int(self.table.num_rows)

    def row(self, number: int) -> PlacedRow:
        """One row by its number in the shard."""
        (values,) = _read_values(self.table.slice(number - self.first, 1))
        return PlacedRow(self.shard.path, number, values)

    def rows(self) -> Iterator[PlacedRow]:
        """The rows of the batch, each with its place; they keep of the batch only what they need."""
        path, numbered = self.shard.path, enumerate(_read_values(self.table), self.first)
        return (PlacedRow(path, number, values) for number, values in numbered)


def _read_values(table: pa.Table) -> Iterator[Row]:
    """The rows of a table; edits and breaks stay columns, for a document may have tens of thousands."""
    table = table.combine_chunks()
    long_columns: dict[str, Iterator[Any]] = {
        name: edits_from_arrow(table.column(name)) if name == "edits" else _read_arrays(table.column(name))
        for name in table.column_names
        if name in ("edits", *_BREAKS)
    }
    short = table.drop_columns(list(long_columns))
    rows = short.to_pylist() if short.column_names else [{}] * table.num_rows
    # The text of a long record is in the row now.
    del table, short
    for values in rows:
        yield {**values, **{name: next(column) for name, column in long_columns.items()}}


def _read_arrays(column: pa.ChunkedArray) -> Iterator[npt.NDArray[np.int64]]:
    """The lists of a column of lists, as arrays; see :func:`read_positions`."""
    values, lengths = read_positions(pc.list_flatten(column)), pc.list_value_length(column).to_pylist()
    del column
    first = 0
    for length in lengths:
        yield values[first : first + length]
        first += length
