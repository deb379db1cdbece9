"""Replaces records in the tables of a part, after all documents of the build have been compared.

Most rows stay as they are, so that a revised part has only the rows that are new, and the runs of rows to
take from the part before its revision and from them. This module is short because the number of rows of a
record in each kind of table is in the module ``table_kinds``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.steps.alignment import Flags
from hanpack.store.table_kinds import Numbers

_START, _SIZE = "start", "size"


@dataclass(frozen=True, slots=True, eq=False)
class Revision:
    """Records of a table replaced by those of a fresh table; the rows of both follow the records' order.

    ``runs`` are the rows of the revised table, as spans of the rows of the old table followed by the fresh
    one. ``record_rows`` has the number of rows of each revised record, ``is_fresh`` whether it is from the
    fresh table; shape (records,).
    """

    runs: pa.Table
    record_rows: Numbers
    is_fresh: Flags

    @classmethod
    def of(cls, old_rows: Numbers, fresh_rows: Numbers, records: Sequence[int]) -> Self:
        """Replace ``records``, which are ascending indices, by those of a fresh table.

        ``old_rows`` and ``fresh_rows`` have the number of rows of each record in the two tables.

        >>> revision = Revision.of(np.array([2, 3, 1, 1]), np.array([4]), [1])
        >>> revision.runs.to_pydict()
        {'start': [0, 7, 5], 'size': [2, 4, 2]}
        """
        choice = np.arange(len(old_rows))
        choice[np.asarray(records, np.int64)] = len(old_rows) + np.arange(len(fresh_rows))
        rows = np.concatenate((old_rows, fresh_rows)).astype(np.int64)
        record_rows = rows[choice]
        has_rows = record_rows > 0
        starts, sizes = (np.cumsum(rows) - rows)[choice][has_rows], record_rows[has_rows]
        # A run ends where the rows of the next record are not those that follow.
        is_first = np.ones(len(starts), np.bool_)
        is_first[1:] = starts[1:] != starts[:-1] + sizes[:-1]
        firsts = np.flatnonzero(is_first)
        run_sizes = np.add.reduceat(sizes, firsts) if len(firsts) else sizes
        runs = pa.table({_START: starts[firsts], _SIZE: run_sizes})
        return cls(runs, record_rows, choice >= len(old_rows))


def take_runs(old: pa.Table, fresh: pa.Table, runs: pa.Table) -> pa.Table:
    """The revised table; ``runs`` are those of its :class:`Revision`."""
    joined = pa.concat_tables([old, fresh])
    spans = zip(runs.column(_START).to_pylist(), runs.column(_SIZE).to_pylist(), strict=True)
    pieces = [joined.slice(start, size) for start, size in spans]
    return pa.concat_tables(pieces or [joined.slice(0, 0)]).combine_chunks()


def keep_partitions(ledger: pa.Table, old: pa.Table) -> pa.Table:
    """A revised ledger in which each document has the partition it had when documents were compared."""
    kept = pc.if_else(ledger.column("split").is_valid(), old.column("split"), pa.scalar(None, pa.string()))
    index = ledger.column_names.index("split")
    return ledger.set_column(index, ledger.schema.field(index), kept)
