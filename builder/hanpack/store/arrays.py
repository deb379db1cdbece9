"""Makes Arrow list columns from numpy arrays and reads them, without a Python object for each value.

This module is short because it has only what several tables need and Arrow does not offer.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanpack.steps.alignment import Positions, choose_type


def list_column(arrays: Sequence[npt.NDArray[Any]], kind: pa.DataType | None = None) -> pa.Array:
    """A list column: one array for each row, with values of the Arrow type ``kind``, or of their own.

    >>> list_column([np.array([1, 2]), np.array([], np.int64), np.array([3])], pa.int64()).to_pylist()
    [[1, 2], [], [3]]
    """
    return pa.ListArray.from_arrays(list_offsets(list(map(len, arrays))), pa.array(join_arrays(arrays), kind))


def join_arrays(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Arrays one after another; a single one is not copied, for those of a long record are large."""
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.zeros(0, np.int64)


def join_chunks(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array; a single chunk, which may be that of a long record, is not copied.

    >>> join_chunks(pa.chunked_array([["a"], ["b"]])).to_pylist()
    ['a', 'b']
    """
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def read_positions(column: pa.ChunkedArray) -> Positions:
    """The numbers of a column of positions; those of a long record take four bytes each if they fit.

    >>> read_positions(pa.chunked_array([[3, 5]])).tolist()
    [3, 5]
    """
    values: Positions = column.to_numpy()
    kind = choose_type(len(values), int(values.max(initial=0)), -int(values.min(initial=0)))
    return values.astype(kind, copy=False)


def text_column(texts: Sequence[str]) -> pa.Array:
    """A column of texts. Arrow by itself would leave a copy of each text as UTF-8 in the Python object.

    >>> text_column(["報告", ""]).to_pylist()
    ['報告', '']
    """
    if len(texts) == 1:
        # Without the room that a file in memory keeps to grow.
        encoded = texts[0].encode()
        return _string_array([len(encoded)], pa.py_buffer(encoded))
    # One by one: thousands of pieces would be in memory twice, and leave a hole when they are freed.
    data = BytesIO()
    lengths = [data.write(text.encode()) for text in texts]
    return _string_array(lengths, pa.py_buffer(data.getbuffer()))


def _string_array(lengths: Sequence[int], data: pa.Buffer) -> pa.Array:
    return pa.StringArray.from_buffers(len(lengths), list_offsets(lengths).buffers()[1], data)


def list_offsets(lengths: Sequence[int]) -> pa.Array:
    """The offsets of a list column, shape (rows + 1,), from the lengths of its rows.

    >>> list_offsets([2, 0, 1]).to_pylist()
    [0, 2, 2, 3]
    """
    return pa.array(np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))), pa.int32())
