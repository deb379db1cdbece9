"""Arrow list columns from numpy arrays, without an object for each value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def list_column(arrays: Sequence[npt.NDArray[Any]], kind: pa.DataType) -> pa.Array:
    """A list column with one array a row, its values of type ``kind``."""
    values = np.concatenate(arrays) if arrays else np.zeros(0, np.int64)
    return pa.ListArray.from_arrays(list_offsets([len(array) for array in arrays]), pa.array(values, kind))


def list_offsets(lengths: Sequence[int]) -> pa.Array:
    """Where each row of a list column begins and the last one ends, from the rows' lengths."""
    return pa.array(np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))), pa.int32())


def repeat_ranges(starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The numbers of all ranges ``start, start + 1, … start + size - 1``, one range after the other."""
    firsts = np.cumsum(sizes) - sizes
    return np.repeat(starts - firsts, sizes) + np.arange(int(sizes.sum()))
