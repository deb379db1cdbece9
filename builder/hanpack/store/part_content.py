"""The content of a file of parts: the tables of its batches, as they are divided and encoded.

The columns that every build needs of every part are tables of their own, so that the others are read only
when rows are written. Two more tables have the rows and the bytes of each part, and the rows of each record.
A file of revised parts has only the new rows of the columns that are not indexed; the others are read from
the file that was revised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.reasons import Cause
from hanpack.steps.alignment import Flags
from hanpack.store.part_files import EncodedTable, encode_table, to_batch
from hanpack.store.revision import Revision, keep_partitions, take_runs
from hanpack.store.sizes import measure_spans
from hanpack.store.table_kinds import Numbers, TableKind, count_packed, sum_parts
from hanpack.store.tables import Tables, UnmadeTable

# The table of a file with the number of rows of each part in each table and their bytes in memory.
PARTS = "parts"
# What the name of a table begins with that has only the indexed columns of another.
INDEX = "index "
# What the name of a table begins with that has only the texts of another: documents are compared by them.
TEXTS = "texts of "
# The large columns of long documents, which are tables of their own, by what the names of these begin with.
_LONG_COLUMNS = {"edits of ": "edits", "text breaks of ": "text_breaks", "byte breaks of ": "byte_breaks"}
# The table of a file with the number of rows of each record in each table but that of packed sequences.
RECORD_ROWS = "rows of records"
# What the name of the table begins with that has the runs of rows of a revised table.
RUNS = "runs "
_LEDGER, _ROWS, _BYTES = TableKind.LEDGER.value, "rows ", "bytes "


class PartContent:
    """The tables of a file, which are encoded as they are added, the ledger first.

    ``records`` has the number of records of each part; ``folder`` is where large tables are compressed. If
    the file is the revision of another, ``unrevised`` are the tables of that which ``is_needed_for_revision``
    names, and ``rows`` the records, as ascending indices of its ledger, that are replaced: the tables that
    are added have these and no others, but for the packed sequences, which are those of all records.
    """

    def __init__(
        self, records: Sequence[int], folder: Path, unrevised: Tables | None = None, rows: Sequence[int] = ()
    ) -> None:
        self.encoded: dict[str, EncodedTable] = {}
        self.is_reproducible = True
        self._records = records
        self._folder = folder
        self._unrevised = unrevised
        self._rows = rows
        self._has_document: Flags = np.zeros(0, np.bool_)
        self._record_rows: dict[str, pa.Array] = {}
        self._parts: dict[str, pa.Array] = {}

    def add(self, name: str, table: pa.Table | UnmadeTable) -> None:
        """Add a table: all its rows, or those of the records that are replaced."""
        kind = TableKind.of(name)
        if kind is TableKind.PACKED:
            documents = np.asarray(self._record_rows[TableKind.FEATURES.value]) > 0
            self._add_complete(name, table, count_packed(table, documents, self._records))
            return
        if kind is TableKind.LEDGER:
            self._has_document = _find_kept(table)
            self.is_reproducible &= not len(find_irreproducible_rows(table))
        record_rows = kind.count_record_rows(table, self._has_document)
        if self._unrevised is not None:
            self._add_revised(name, table, record_rows, self._unrevised)
        else:
            self._record_rows[name] = pa.array(record_rows, pa.int32())
            self._add_complete(name, table, sum_parts(record_rows, self._records))

    def finish(self) -> Mapping[str, EncodedTable]:
        """All tables of the file."""
        self._encode(PARTS, pa.table(self._parts))
        self._encode(RECORD_ROWS, pa.table(self._record_rows))
        return self.encoded

    def _add_complete(self, name: str, table: pa.Table | UnmadeTable, rows: Numbers) -> None:
        """Add a table of which the parts have so many ``rows``."""
        sizes = np.zeros_like(rows)
        for piece_name, columns in _divide_columns(name, table):
            # A piece is let go of before the next is made: of a long record each takes its size or more.
            sizes += _measure(name, self._encode(piece_name, table.select(list(columns))), rows)
        self._note_parts(name, rows, sizes)

    def _add_revised(
        self, name: str, fresh: pa.Table | UnmadeTable, fresh_rows: Numbers, old: Tables
    ) -> None:
        """Add a revised table, of which the records that are replaced have so many ``fresh_rows``.

        The size of a part is estimated: the rows that are replaced are taken to have its mean size.
        """
        revision = Revision.of(old[RECORD_ROWS].column(name).to_numpy(), fresh_rows, self._rows)
        rows = sum_parts(revision.record_rows, self._records)
        rows_of_fresh = sum_parts(np.where(revision.is_fresh, revision.record_rows, 0), self._records)
        old_rows, old_sizes = (old[PARTS].column(kind + name).to_numpy() for kind in (_ROWS, _BYTES))
        sizes = (rows - rows_of_fresh) * old_sizes // np.maximum(old_rows, 1)
        for piece_name, columns in _divide_columns(name, fresh):
            piece = fresh.select(list(columns))
            if not piece_name.startswith(INDEX):
                sizes += _measure(name, self._encode(piece_name, piece), rows_of_fresh)
                continue
            sizes += _measure(name, to_batch(piece), rows_of_fresh)
            index = take_runs(old[piece_name], piece, revision.runs)
            self._encode(piece_name, keep_partitions(index, old[piece_name]) if name == _LEDGER else index)
        self._encode(RUNS + name, revision.runs)
        self._record_rows[name] = pa.array(revision.record_rows, pa.int32())
        self._note_parts(name, rows, sizes)

    def _encode(self, name: str, table: pa.Table) -> pa.RecordBatch:
        self.encoded[name], batch = encode_table(table, self._folder)
        return batch

    def _note_parts(self, name: str, rows: Numbers, sizes: Numbers) -> None:
        self._parts[_ROWS + name] = pa.array(rows, pa.int64())
        self._parts[_BYTES + name] = pa.array(sizes, pa.int64())


def is_needed_for_revision(name: str) -> bool:
    """Whether a table of a file is needed to revise its parts."""
    return name in (PARTS, RECORD_ROWS) or name.startswith(INDEX)


def is_needed_for_rows(name: str, *, has_long_columns: bool = True) -> Callable[[str], bool]:
    """Whether a table of a file is needed to read the rows of the table ``name``.

    Without ``has_long_columns`` those of long documents are left out, which are tables of their own.
    """
    long_columns = [prefix + name for prefix in _LONG_COLUMNS] if has_long_columns else []
    return (PARTS, RUNS + name, INDEX + name, TEXTS + name, name, *long_columns).__contains__


def revise_table(
    name: str, old: pa.Table, old_rows: pa.ChunkedArray, tables: Tables, records: Sequence[int]
) -> pa.Table:
    """A complete table with ``records`` replaced by those of ``tables``; ``old_rows`` are those of each."""
    has_document = _find_kept(tables[_LEDGER])
    fresh_rows = TableKind.of(name).count_record_rows(tables[name], has_document)
    revised = take_runs(old, tables[name], Revision.of(old_rows.to_numpy(), fresh_rows, records).runs)
    return keep_partitions(revised, old) if name == _LEDGER else revised


def _measure(name: str, batch: pa.RecordBatch, rows: Numbers) -> Numbers:
    """The bytes in memory of the parts, which have so many ``rows`` of columns of the table ``name``."""
    starts = np.concatenate(([0], np.cumsum(rows, dtype=np.int64)))
    return measure_spans(batch, starts, TableKind.of(name).schema)


def _find_kept(ledger: pa.Table) -> Flags:
    return np.asarray(ledger.column("document_id").is_valid(), np.bool_)


def find_irreproducible_rows(ledger: pa.Table) -> Numbers:
    """The rows of the records that another run may not reject, for example because a worker died."""
    codes = pa.array([cause.code for cause in Cause if not cause.reproducible], pa.string())
    return np.flatnonzero(np.asarray(pc.is_in(ledger.column("cause"), codes)))


def _divide_columns(name: str, table: pa.Table | UnmadeTable) -> Iterator[tuple[str, Sequence[str]]]:
    """The columns of each table that a table is divided into, with its name; none is without columns."""
    kind = TableKind.of(name)
    pieces = {INDEX + name: kind.indexed_columns}
    if kind is TableKind.DOCUMENTS:
        pieces[TEXTS + name] = ("text",)
    if isinstance(table, UnmadeTable):
        pieces |= {prefix + name: (column,) for prefix, column in _LONG_COLUMNS.items()}
    apart = set(chain.from_iterable(pieces.values()))
    pieces[name] = tuple(column for column in table.column_names if column not in apart)
    return ((piece_name, columns) for piece_name, columns in pieces.items() if columns)


def join_columns(name: str, tables: Tables) -> pa.Table:
    """The table with the columns of these tables, in the order of its kind and with its types.

    ``tables`` is emptied: what is expanded is let go of before the next column is, as each may be large.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    while tables:
        table = tables.popitem()[1]
        columns |= zip(table.column_names, table.columns, strict=True)
        del table
    schema = TableKind.of(name).schema
    compact = set(_LONG_COLUMNS.values())
    joined: dict[str, pa.ChunkedArray] = {}
    for column in schema.names:
        if column in columns:
            values = columns.pop(column)
            joined[column] = _expand(values, schema.field(column).type) if column in compact else values
            del values
    return pa.table(joined)


def _expand(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """A column of lists with values of its own type, which may have been written in a more compact form.

    Its offsets are copied: all that was read of a table at one time is in memory as long as any of it is.
    """
    if column.type == kind:
        return column
    return pa.chunked_array(
        [
            pa.ListArray.from_arrays(
                pa.array(np.array(chunk.offsets)), chunk.values.cast(kind.value_type), type=kind
            )
            for chunk in column.chunks
        ],
        kind,
    )
