"""The part table that tells how like each document of a batch is to others; no build holds it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanpack.model import DedupFeatures
from hanpack.store.arrays import list_column

DEDUP_FEATURES = "dedup_features"
_SCHEMA = pa.schema(
    [
        ("exact", pa.binary(16)),
        ("length", pa.int64()),
        ("damage", pa.int64()),
        ("bands", pa.list_(pa.uint32())),
        ("hashes", pa.list_(pa.uint64())),
        ("starts", pa.list_(pa.int64())),
        ("ends", pa.list_(pa.int64())),
        ("lengths", pa.list_(pa.int32())),
    ]
)


def dedup_features_table(rows: Sequence[DedupFeatures | None]) -> pa.Table:
    """Turn the dedup_features of a batch's documents into a table; a document without any is a mistake.

    Raises:
        ValueError: a document has none.
    """
    known = [row for row in rows if row is not None]
    if len(known) != len(rows):
        raise ValueError("a document came out of the flow without its dedup_features")
    sentences = [row.sentences for row in known]
    empty = np.zeros(0, np.int64)
    columns = [
        pa.array([row.signature.exact for row in known], pa.binary(16)),
        pa.array([row.signature.length for row in known], pa.int64()),
        pa.array([row.damage for row in known], pa.int64()),
        list_column([row.signature.bands for row in known], pa.uint32()),
        *(
            list_column([getattr(one, name) if one else empty for one in sentences], kind)
            for name, kind in (
                ("hashes", pa.uint64()),
                ("starts", pa.int64()),
                ("ends", pa.int64()),
                ("lengths", pa.int32()),
            )
        ),
    ]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


def read_exact(table: pa.Table) -> npt.NDArray[np.void]:
    """The hashes of the folded texts, as values that sort and compare; shape (documents,)."""
    column = table.column("exact").combine_chunks()
    data = np.frombuffer(column.buffers()[1], dtype=[("high", "<u8"), ("low", "<u8")])
    return data[column.offset : column.offset + len(column)]
