"""Makes and reads the dedup features of a part: what is compared between documents, and not published.

This module is short because the comparison itself is in :mod:`hanpack.building.decisions`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanpack.model import DedupFeatures
from hanpack.store.arrays import list_column
from hanpack.store.table_kinds import TableKind

# The hash of a folded text as two numbers.
HASH = np.dtype([("high", "<u8"), ("low", "<u8")])
_SENTENCE_COLUMNS = ("hashes", "starts", "ends", "lengths")


def dedup_features_table(rows: Sequence[DedupFeatures | None]) -> pa.Table:
    """Make a table with one row for each document of a batch.

    Raises:
        ValueError: a document has no features, which is an error in the flow.
    """
    features = [row for row in rows if row is not None]
    if len(features) != len(rows):
        raise ValueError("a document came out of the flow without its features for deduplication")
    schema = TableKind.FEATURES.schema
    empty = np.zeros(0, np.int64)
    columns = {
        "exact": pa.array([row.signature.exact for row in features], pa.binary(16)),
        "length": pa.array([row.signature.length for row in features], pa.int64()),
        "damage": pa.array([row.damage for row in features], pa.int64()),
        "bands": list_column([row.signature.bands for row in features], pa.uint32()),
    }
    for name in _SENTENCE_COLUMNS:
        arrays = [getattr(row.sentences, name) if row.sentences else empty for row in features]
        columns[name] = list_column(arrays, schema.field(name).type.value_type)
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def read_exact_hashes(table: pa.Table) -> npt.NDArray[np.void]:
    """The hashes of the folded texts, as values that can be sorted and compared; shape (documents,)."""
    column = table.column("exact").combine_chunks()
    data = np.frombuffer(column.buffers()[1], dtype=HASH)
    return data[column.offset : column.offset + len(column)]
