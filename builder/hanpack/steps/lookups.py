"""Looks up values in tables by very many indexes.

This module is short because it has only what numpy does with too much memory: it turns all indexes into eight
bytes each before it looks up the first.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

# How many values are looked up at a time: what numpy makes of more indexes does not stay in the cache.
_WINDOW = 1 << 17
Value = TypeVar("Value", bound=np.generic)


def look_up(table: npt.NDArray[Value], indexes: npt.NDArray[np.integer]) -> npt.NDArray[Value]:
    """The values of a table at some indexes, all of which are in it; shape (indexes,).

    >>> look_up(np.array([False, True]), np.array([1, 0, 1], np.uint32)).tolist()
    [True, False, True]
    """
    if len(indexes) <= _WINDOW:
        return table.take(indexes)
    values = np.empty(len(indexes), table.dtype)
    for start in range(0, len(indexes), _WINDOW):
        window = slice(start, start + _WINDOW)
        table.take(indexes[window], out=values[window], mode="clip")
    return values
