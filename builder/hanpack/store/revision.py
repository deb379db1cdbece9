"""Single records of a part replaced by what they became when the whole build was known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.arrays import repeat_ranges
from hanpack.store.tables import Tables, is_chunks

Rows = npt.NDArray[np.int64]


def revise_tables(old: Mapping[str, pa.Table], fresh: Mapping[str, pa.Table], rows: Sequence[int]) -> Tables:
    """Put the records of ``fresh`` in the place of the records ``rows`` of a part's tables ``old``.

    All tables have their rows in the order of the records; packed sequences cannot be taken apart by record
    and are left out. A document stays in the split it was in when all were compared.
    """
    records = old["ledger"].num_rows
    choice = np.arange(records)
    choice[np.asarray(rows, dtype=np.int64)] = records + np.arange(len(rows))
    revised: Tables = {}
    for name, table in old.items():
        starts, sizes = (
            np.concatenate(both) for both in zip(_spans(old, name), _spans(fresh, name), strict=True)
        )
        starts[records:] += table.num_rows
        taken = repeat_ranges(starts[choice], sizes[choice])
        revised[name] = pa.concat_tables([table, fresh[name]]).take(taken).combine_chunks()
    revised["ledger"] = _keep_splits(revised["ledger"], old["ledger"])
    return revised


def _keep_splits(ledger: pa.Table, old: pa.Table) -> pa.Table:
    kept = pc.if_else(ledger.column("split").is_valid(), old.column("split"), pa.scalar(None, pa.string()))
    at = ledger.column_names.index("split")
    return ledger.set_column(at, ledger.schema.field(at), kept)


def _spans(tables: Mapping[str, pa.Table], name: str) -> tuple[Rows, Rows]:
    """The first row of each record in a table, and how many rows it has there."""
    if name == "ledger":
        count = tables[name].num_rows
        return np.arange(count), np.ones(count, dtype=np.int64)
    sizes = np.asarray(tables["ledger"].column("document_id").is_valid()).astype(np.int64)
    if is_chunks(name):
        sizes[sizes > 0] = count_chunks(tables[name])
    return np.cumsum(sizes) - sizes, sizes


def count_chunks(table: pa.Table) -> Rows:
    """The number of chunks of each document in a table of chunks."""
    firsts = np.flatnonzero(np.asarray(table.column("chunk_index")) == 0)
    return np.diff(np.append(firsts, table.num_rows))
