"""Compares the tables of a build with those of its replay, row by row.

Equal stretches are skipped as Arrow tables. Where rows differ, the two sides are joined again at the next key
that both have, so that a missing or an added row makes no deviation of the rows after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa

from hanpack.audit.differences import describe_differences, name_place
from hanpack.audit.findings import Deviations
from hanpack.store.reader import BuildReader, PlacedRow, TableBatch
from hanpack.store.table_kinds import TableKind

# How many deviations of one table and split are reported.
MOST_DEVIATIONS = 100
# How many rows of each side are searched for a key that both have.
WINDOW = 256
# The columns that identify a row in either build, though others of its values differ.
_KEYS: Mapping[TableKind, tuple[str, ...]] = {
    TableKind.CHUNKS: ("source", "document_id", "chunk_index"),
    TableKind.DOCUMENTS: ("source", "byte_start"),
    TableKind.LEDGER: ("source", "record"),
    TableKind.PACKED: ("document_ids", "document_starts"),
}
Key = tuple[object, ...]


def compare_rows(
    deviations: Deviations, stated: BuildReader, replayed: BuildReader, table: str, partition: str
) -> bool:
    """Compare all rows of one table and split; returns whether they are equal."""
    columns = replayed.schema(table).names
    sides = [
        _Rows(reader.read_batches(table, columns, partition), _KEYS[TableKind.of(table)])
        for reader in (stated, replayed)
    ]
    return _Comparison(deviations, f"data/{table}", *sides).run()


class _Rows:
    """The rows of a table that have not been compared yet, in order; read in batches as they are needed."""

    def __init__(self, batches: Iterator[TableBatch], key: Sequence[str]) -> None:
        self._batches = batches
        self._key = key
        self._read: deque[TableBatch] = deque()
        self._offset = 0

    def next_table(self) -> pa.Table | None:
        """The next rows, as many as are in one batch; None at the end."""
        while not self._read:
            batch = next(self._batches, None)
            if batch is None:
                return None
            if batch.table.num_rows:
                self._read.append(batch)
        return self._read[0].table.slice(self._offset)

    def skip(self, number: int) -> None:
        """Move past some rows, all of which have been read."""
        self._offset += number
        while self._read and self._offset >= self._read[0].table.num_rows:
            self._offset -= self._read.popleft().table.num_rows

    def keys(self, number: int) -> list[Key]:
        """The keys of the next rows, at most ``number``."""
        missing = number + self._offset - sum(batch.table.num_rows for batch in self._read)
        while missing > 0 and (batch := next(self._batches, None)) is not None:
            self._read.append(batch)
            missing -= batch.table.num_rows
        columns = [
            [value for batch in self._read for value in batch.table.column(name).to_pylist()]
            for name in self._key
        ]
        keys: list[Key] = [tuple(map(repr, key)) for key in zip(*columns, strict=True)]
        return keys[self._offset : self._offset + number]

    def row(self, index: int) -> PlacedRow:
        """One of the next rows, which has been read."""
        index += self._offset
        for batch in self._read:
            if index < batch.table.num_rows:
                return batch.row(batch.first + index)
            index -= batch.table.num_rows
        raise IndexError(index)


class _Comparison:
    """The comparison of one table and split; ``place`` names it where a row has no place of its own."""

    def __init__(self, deviations: Deviations, place: str, stated: _Rows, replayed: _Rows) -> None:
        self._deviations = deviations
        self._place = place
        self._stated = stated
        self._replayed = replayed
        self._number = 0

    def run(self) -> bool:
        while self._number < MOST_DEVIATIONS:
            stated, replayed = self._stated.next_table(), self._replayed.next_table()
            if stated is None and replayed is None:
                return self._number == 0
            if stated is not None and replayed is not None:
                equal = _count_equal(stated, replayed)
                self._stated.skip(equal)
                self._replayed.skip(equal)
                if equal:
                    continue
            self._join()
        self._deviations.expect(
            False, self._place, f"it is not compared further, after {self._number} deviations"
        )
        return False

    def _join(self) -> None:
        """Report the next rows up to the next key that both sides have."""
        stated, replayed = self._stated.keys(WINDOW), self._replayed.keys(WINDOW)
        before, after = _find_common(stated, replayed)
        if (before, after) == (0, 0):
            before = after = 1
        if before == after:
            for index in range(before):
                self._report_different(self._stated.row(index), self._replayed.row(index))
        else:
            self._report(before, self._stated.row, self._report_added)
            self._report(after, self._replayed.row, self._report_missing)
        self._stated.skip(before)
        self._replayed.skip(after)

    def _report(
        self, number: int, read_row: Callable[[int], PlacedRow], report: Callable[[PlacedRow], None]
    ) -> None:
        for index in range(min(number, MOST_DEVIATIONS - self._number)):
            report(read_row(index))

    def _report_added(self, row: PlacedRow) -> None:
        self._expect(name_place(row.place, row.values), "the replay does not give this row")

    def _report_missing(self, row: PlacedRow) -> None:
        self._expect(name_place(self._place, row.values), "the replay gives this row, which is missing")

    def _report_different(self, stated: PlacedRow, replayed: PlacedRow) -> None:
        where = name_place(stated.place, stated.values)
        for what in describe_differences(stated.values, replayed.values):
            self._expect(where, what)

    def _expect(self, where: str, what: str) -> None:
        self._number += 1
        self._deviations.expect(False, where, what)


def _count_equal(first: pa.Table, second: pa.Table) -> int:
    """How many rows at the beginning of two tables are equal, by bisection."""
    low, high = 0, int(min(first.num_rows, second.num_rows))
    if first.slice(0, high).equals(second.slice(0, high)):
        return high
    # Invariant: the first ``low`` rows are equal, the first ``high`` are not.
    while high - low > 1:
        middle = (low + high) // 2
        if first.slice(low, middle - low).equals(second.slice(low, middle - low)):
            low = middle
        else:
            high = middle
    return low


def _find_common(first: Sequence[Key], second: Sequence[Key]) -> tuple[int, int]:
    """The indices of the first key that both have: those with the least sum. The lengths if there is none.

    >>> _find_common([("a",), ("b",)], [("x",), ("y",), ("b",)])
    (1, 2)
    >>> _find_common([("a",)], [("x",), ("y",)])
    (1, 2)
    """
    places: dict[Key, int] = {}
    for index, key in enumerate(second):
        places.setdefault(key, index)
    pairs = [(index, places[key]) for index, key in enumerate(first) if key in places]
    return min(pairs, key=sum, default=(len(first), len(second)))
