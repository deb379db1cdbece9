"""Replaces records in the tables of a part, after all documents of the build have been compared.

This module is short because the spans of a record in each kind of table are in the module ``table_kinds``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.steps.dedup import expand_ranges
from hanpack.store.table_kinds import Numbers, TableKind
from hanpack.store.tables import Tables

LEDGER = TableKind.LEDGER.value


def revise_tables(old: Mapping[str, pa.Table], fresh: Mapping[str, pa.Table], rows: Sequence[int]) -> Tables:
    """Replace the records ``rows`` of a part's tables ``old`` by the records of ``fresh``.

    ``rows`` are indices in the ledger of the part, ascending; ``fresh`` has these records and no others. All
    tables have their rows in the order of the records; packed sequences are not among them, because they have
    documents of several records. A document keeps the partition that it had when documents were compared.
    """
    records = old[LEDGER].num_rows
    # For each record of the part its index in the old records followed by the fresh ones.
    choice = np.arange(records)
    choice[np.asarray(rows, dtype=np.int64)] = records + np.arange(len(rows))
    revised: Tables = {}
    for name, table in old.items():
        pairs = zip(_find_spans(old, name), _find_spans(fresh, name), strict=True)
        starts, sizes = (np.concatenate(pair) for pair in pairs)
        starts[records:] += table.num_rows
        chosen_rows = expand_ranges(starts[choice], sizes[choice])
        revised[name] = pa.concat_tables([table, fresh[name]]).take(chosen_rows).combine_chunks()
    revised[LEDGER] = _keep_partitions(revised[LEDGER], old[LEDGER])
    return revised


def _keep_partitions(ledger: pa.Table, old: pa.Table) -> pa.Table:
    kept = pc.if_else(ledger.column("split").is_valid(), old.column("split"), pa.scalar(None, pa.string()))
    index = ledger.column_names.index("split")
    return ledger.set_column(index, ledger.schema.field(index), kept)


def _find_spans(tables: Mapping[str, pa.Table], name: str) -> tuple[Numbers, Numbers]:
    has_document = np.asarray(tables[LEDGER].column("document_id").is_valid())
    return TableKind.of(name).find_spans(tables[name], has_document)
