"""A cursor over the rows of a table: each is read once, in order, and can be looked at before it is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from hanpack.store.reader import BuildReader, PlacedRow

OnBatch = Callable[[str, pa.Table, str], object]


class RowCursor:
    """Reads the rows of a table, or of one partition of it.

    ``on_batch`` is called with the table's name, every batch that is read, and the partition of that batch.
    """

    def __init__(
        self, reader: BuildReader, table: str, on_batch: OnBatch, partition: str | None = None
    ) -> None:
        self._rows = _read_rows(reader, table, on_batch, partition)
        self.next = next(self._rows, None)

    def take(self) -> PlacedRow | None:
        """Return the next row and move past it; None at the end."""
        row = self.next
        self.next = next(self._rows, None) if row else None
        return row


def open_cursors(reader: BuildReader, table: str, on_batch: OnBatch) -> dict[str, RowCursor]:
    """A cursor for each partition of a table, by its name.

    A build without partitions has one cursor, under the empty name.
    """
    if "split" not in reader.schema("ledger").names:
        return {"": RowCursor(reader, table, on_batch)}
    return {
        partition: RowCursor(reader, table, on_batch, partition) for partition in reader.partitions(table)
    }


def _read_rows(
    reader: BuildReader, table: str, on_batch: OnBatch, partition: str | None
) -> Iterator[PlacedRow]:
    for batch in reader.read_batches(table, partition=partition):
        on_batch(table, batch.table, batch.shard.partition)
        rows = batch.rows()
        del batch
        yield from rows
