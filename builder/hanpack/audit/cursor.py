"""A cursor over the rows of a table: each is read once, in order, and can be looked at before it is taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.reader import BuildReader, PlacedRow, TableBatch

# Of how many bytes in memory the tables are that are read ahead, at most, and one batch more.
MOST_AHEAD = 2**26
OnBatch = Callable[[str, pa.Table, str], object]


class RowCursor:
    """Reads the rows of a table, or of one partition of it, one by one or several as a table.

    ``on_batch`` is called with the table's name, every batch that is read, and the partition of that batch.
    """

    def __init__(
        self, reader: BuildReader, table: str, on_batch: OnBatch | None = None, partition: str | None = None
    ) -> None:
        self._batches = _read_batches(reader, table, on_batch, partition)
        # What is read and not passed yet, and the rows of the first batch if they are taken one by one.
        self._ahead: deque[TableBatch] = deque()
        self._rows: Iterator[PlacedRow] | None = None
        self._row: PlacedRow | None = None

    @property
    def next(self) -> PlacedRow | None:
        """The next row; None at the end."""
        if self._row is None and self._read(1):
            batch = self._ahead.popleft()
            rows = self._rows or batch.rows()
            self._rows = None
            if batch.table.num_rows > 1:
                self._rows = rows
                self._ahead.appendleft(TableBatch(batch.shard, batch.first + 1, batch.table.slice(1)))
            # The table of a very long record is let go of while its row is made.
            del batch
            self._row = next(rows)
        return self._row

    def take(self) -> PlacedRow | None:
        """Return the next row and move past it; None at the end."""
        row, self._row = self.next, None
        return row

    def look(self, most: int) -> pa.Table | None:
        """The next rows as a table, at most so many; None at the end, or if the next row was looked at."""
        if self._row or not self._read(most):
            return None
        rows = pa.concat_tables([batch.table for batch in self._ahead])
        return rows.slice(0, most).combine_chunks()

    def look_while(self, column: str, values: pa.Array) -> pa.Table | None:
        """The next rows as a table, as long as their ``column`` has one of some values; as :meth:`look`."""
        if self._row:
            return None
        pieces: list[pa.Table] = []
        while len(pieces) < len(self._ahead) or self._read_further():
            table = self._ahead[len(pieces)].table
            outside = np.flatnonzero(~np.asarray(pc.is_in(table.column(column), values)))
            pieces.append(table.slice(0, outside[0]) if len(outside) else table)
            if len(outside):
                break
        return pa.concat_tables(pieces).combine_chunks() if pieces else None

    def find_place(self, index: int) -> str:
        """The place of one of the rows that were looked at as a table, in words."""
        for batch in self._ahead:
            if index < batch.table.num_rows:
                return f"{batch.shard.path} row {batch.first + index}"
            index -= batch.table.num_rows
        raise IndexError(index)

    def skip(self, number: int) -> None:
        """Move past some rows that were looked at as a table."""
        self._rows = None
        while number:
            batch = self._ahead.popleft()
            if number < batch.table.num_rows:
                remaining = TableBatch(batch.shard, batch.first + number, batch.table.slice(number))
                self._ahead.appendleft(remaining)
                return
            number -= batch.table.num_rows

    def _read(self, number: int) -> int:
        """Read as far as so many rows are ahead; returns how many are."""
        rows: int = sum(batch.table.num_rows for batch in self._ahead)
        while rows < number and self._read_further():
            rows += self._ahead[-1].table.num_rows
        return rows

    def _read_further(self) -> bool:
        """Read the next batch that has rows; False at the end, or if there is as much ahead as may be."""
        if sum(batch.table.nbytes for batch in self._ahead) > MOST_AHEAD:
            return False
        batch = next(self._batches, None)
        if batch is not None:
            self._ahead.append(batch)
        return batch is not None


def open_cursors(reader: BuildReader, table: str, on_batch: OnBatch | None = None) -> dict[str, RowCursor]:
    """A cursor for each partition of a table, by its name.

    A build without partitions has one cursor, under the empty name.
    """
    if "split" not in reader.schema("ledger").names:
        return {"": RowCursor(reader, table, on_batch)}
    return {
        partition: RowCursor(reader, table, on_batch, partition) for partition in reader.partitions(table)
    }


def _read_batches(
    reader: BuildReader, table: str, on_batch: OnBatch | None, partition: str | None
) -> Iterator[TableBatch]:
    """The batches that have rows."""
    for batch in reader.read_batches(table, partition=partition):
        if on_batch:
            on_batch(table, batch.table, batch.shard.partition)
        if batch.table.num_rows:
            # Who takes it may let go of it: one with a long record takes several times its size.
            placed = [batch]
            del batch
            yield placed.pop()
