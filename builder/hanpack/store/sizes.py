"""The bytes that spans of rows take in memory, as if each were a table of its own.

This module is short because Arrow measures slices too, but with the validity bitmaps of their neighbours, and
thirty times slower.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from hanpack.store.table_kinds import Numbers


def measure_spans(batch: pa.RecordBatch, starts: Numbers) -> Numbers:
    """The bytes of the rows from each start to the next; ``starts`` has the shape (spans + 1,).

    The batch must begin at the start of its buffers, as one that was read does.

    >>> batch = pa.record_batch({"text": ["中文", None, "a"], "number": [1, 2, 3]})
    >>> measure_spans(batch, np.array([0, 2, 3])).tolist(), batch.slice(0, 2).nbytes
    ([31, 13], 31)
    """
    total: Numbers = np.zeros(len(starts) - 1, np.int64)
    for column in batch.columns:
        total += _measure(column, starts)
    return total


def _measure(array: pa.Array, starts: Numbers) -> Numbers:
    counts = np.diff(starts)
    size: Numbers = np.zeros_like(counts)
    if array.null_count:
        nulls = np.concatenate(([0], np.cumsum(np.asarray(array.is_null()), dtype=np.int64)))
        size += np.where(np.diff(nulls[starts]), (counts + 7) // 8, 0)
    if pa.types.is_struct(array.type):
        for index in range(array.type.num_fields):
            size += _measure(array.field(index), starts)
    elif pa.types.is_list(array.type):
        offsets = array.offsets.to_numpy()
        size += 4 * counts + _measure(array.values, offsets[starts].astype(np.int64))
    elif pa.types.is_string(array.type) or pa.types.is_binary(array.type):
        offsets = np.frombuffer(array.buffers()[1] or b"\0\0\0\0", np.int32)[: len(array) + 1]
        size += 4 * counts + np.diff(offsets[starts])
    else:
        size += counts * (array.type.bit_width // 8)
    return size
