"""Arrays that are as long as a corpus: appended piece by piece, in a file from a certain size on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup.columns import Numbers
from hanpack.store.spool_files import SpoolFile

# An array with more bytes is in a file.
MEMORY_BYTES = 1 << 20
# How many values are read at once to find those at scattered places.
PIECE = 1 << 20
# About how many values with their places are in memory at once to find those that are repeated.
COMPARED = 1 << 18
# How many values are read at once to spread them over files.
_SPREAD = 1 << 17


class SpooledArray:
    """An array of one dimension that is appended to, and then read by spans or places.

    From a size on it is in a file without a name in ``folder``, which is gone with it.

    >>> numbers = SpooledArray(np.dtype(np.int64), Path())
    >>> numbers.append(np.arange(5, 9))
    >>> numbers[1:3].tolist(), numbers[np.array([3, 0])].tolist(), len(numbers)
    ([6, 7], [8, 5], 4)
    """

    def __init__(self, dtype: np.dtype[Any], folder: Path, memory_bytes: int | None = None) -> None:
        """With more than ``memory_bytes`` it is in a file; by default that is ``MEMORY_BYTES``."""
        self.folder = folder
        self._dtype = dtype
        self._memory_bytes = MEMORY_BYTES if memory_bytes is None else memory_bytes
        self._pieces: list[npt.NDArray[Any]] = []
        self._length = 0
        self._file: SpoolFile | None = None

    def __len__(self) -> int:
        return self._length

    def append(self, values: npt.NDArray[Any]) -> None:
        """Add values at the end."""
        self._pieces.append(np.ascontiguousarray(values, self._dtype))
        self._length += len(values)
        if self._file is None and self._length * self._dtype.itemsize > self._memory_bytes:
            self._file = SpoolFile.create(self.folder)
        if self._file is not None:
            for piece in self._pieces:
                self._file.append(piece.data)
            self._pieces = []

    def __getitem__(self, places: slice | Numbers, /) -> npt.NDArray[Any]:
        """The values of a span, or those at places in any order; shape of the places."""
        if self._file is None:
            if len(self._pieces) != 1:
                self._pieces = [np.concatenate([np.zeros(0, self._dtype), *self._pieces])]
            return self._pieces[0][places]
        if isinstance(places, slice):
            start, end, _ = places.indices(self._length)
            return self._read(start, max(start, end))
        values = np.empty(len(places), self._dtype)
        low, high = (int(places.min()), int(places.max()) + 1) if len(places) else (0, 0)
        for start in range(low, high, PIECE):
            end = min(start + PIECE, high)
            inside = np.flatnonzero((places >= start) & (places < end))
            if len(inside):
                values[inside] = self._read(start, end)[places[inside] - start]
        return values

    def take(self, places: Numbers) -> SpooledArray:
        """The values at places, which are sorted, as another such array."""
        taken = SpooledArray(self._dtype, self.folder)
        for start in range(0, len(places), PIECE):
            taken.append(self[places[start : start + PIECE]])
        return taken

    def _read(self, start: int, end: int) -> npt.NDArray[Any]:
        assert self._file is not None
        size = self._dtype.itemsize
        return np.frombuffer(self._file.read(start * size, (end - start) * size), self._dtype)


def find_repeated(values: SpooledArray) -> Positions:
    """The places of the values that occur more than once, sorted; few are in memory at a time.

    >>> numbers = SpooledArray(np.dtype(np.uint64), Path())
    >>> numbers.append(np.array([7, 8, 7, 9], np.uint64))
    >>> find_repeated(numbers).tolist()
    [0, 2]
    """
    count = 1 + len(values) // COMPARED
    if count == 1:
        return np.sort(_select_repeated(values[:], np.arange(len(values))))
    # Equal values are in the same part: each part has values and their places, one after the other.
    parts = [SpooledArray(np.dtype(np.uint64), values.folder, MEMORY_BYTES // count) for _ in range(count)]
    for start in range(0, len(values), _SPREAD):
        piece = values[start : start + _SPREAD]
        numbers = (piece % piece.dtype.type(count)).astype(np.int32)
        order = np.argsort(numbers, kind="stable")
        placed = np.column_stack((piece[order].astype(np.uint64), (order + start).astype(np.uint64)))
        ends = np.searchsorted(numbers[order], np.arange(1, count))
        for part, rows in zip(parts, np.split(placed, ends), strict=True):
            # A copy: what is still in memory would keep all of the piece there.
            part.append(rows.ravel().copy())
    repeated = [np.zeros(0, np.int64)]
    while parts:
        placed = parts.pop()[:]
        repeated.append(_select_repeated(np.ascontiguousarray(placed[::2]), placed[1::2]))
    return np.sort(np.concatenate(repeated))


def _select_repeated(values: npt.NDArray[Any], places: npt.NDArray[Any]) -> Positions:
    """Those of the places whose value occurs more than once; both have the same shape."""
    order = np.argsort(values)
    equals_next = values[order[1:]] == values[order[:-1]]
    is_repeated = np.zeros(len(values), np.bool_)
    is_repeated[order[1:][equals_next]] = True
    is_repeated[order[:-1][equals_next]] = True
    return places[is_repeated].astype(np.int64)


def hash_strings(strings: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """A number for each string: equal strings have equal ones, and others nearly always different ones.

    It is another one in each process.

    >>> first, second, third = hash_strings(pa.chunked_array([["a", "b"], ["a"]])).tolist()
    >>> first == third, first == second
    (True, False)
    """
    return np.array([hash(string) for string in strings.to_pylist()], np.int64).view(np.uint64)
