"""Arrays that are as long as a corpus: appended piece by piece, in a file from a certain size on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup import Column, Numbers
from hanpack.store.spool_files import SpoolFile

# An array with more bytes is in a file.
MEMORY_BYTES = 1 << 20
# How many values are read at once to find those at scattered places.
PIECE = 1 << 20


class SpooledArray:
    """An array of one dimension that is appended to, and then read by spans or places.

    From a size on it is in a file without a name in ``folder``, which is gone with it.

    >>> numbers = SpooledArray(np.dtype(np.int64), Path())
    >>> numbers.append(np.arange(5, 9))
    >>> numbers[1:3].tolist(), numbers[np.array([3, 0])].tolist(), len(numbers)
    ([6, 7], [8, 5], 4)
    """

    def __init__(self, dtype: np.dtype[Any], folder: Path) -> None:
        self._dtype = dtype
        self._folder = folder
        self._pieces: list[npt.NDArray[Any]] = []
        self._length = 0
        self._file: SpoolFile | None = None

    def __len__(self) -> int:
        return self._length

    def append(self, values: npt.NDArray[Any]) -> None:
        """Add values at the end."""
        self._pieces.append(np.ascontiguousarray(values, self._dtype))
        self._length += len(values)
        if self._file is None and self._length * self._dtype.itemsize > MEMORY_BYTES:
            self._file = SpoolFile.create(self._folder)
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
        taken = SpooledArray(self._dtype, self._folder)
        for start in range(0, len(places), PIECE):
            taken.append(self[places[start : start + PIECE]])
        return taken

    def _read(self, start: int, end: int) -> npt.NDArray[Any]:
        assert self._file is not None
        size = self._dtype.itemsize
        return np.frombuffer(self._file.read(start * size, (end - start) * size), self._dtype)


def find_repeated(values: Column) -> Positions:
    """The places of the values that occur more than once, sorted; about a million are in memory at a time.

    >>> numbers = SpooledArray(np.dtype(np.uint64), Path())
    >>> numbers.append(np.array([7, 8, 7, 9], np.uint64))
    >>> find_repeated(numbers).tolist()
    [0, 2]
    """
    # Equal values are in the same part.
    parts = 1 + len(values) // PIECE
    places = [_find_repeated_in(values, part, parts) for part in range(parts)]
    return np.sort(np.concatenate(places))


def _find_repeated_in(values: Column, part: int, parts: int) -> Positions:
    """The places of those that have a remainder."""
    own: list[npt.NDArray[Any]] = [np.zeros(0, np.uint64)]
    places = [np.zeros(0, np.int64)]
    for start in range(0, len(values), PIECE):
        piece = values[start : start + PIECE]
        inside = np.flatnonzero(piece % np.uint64(parts) == part) if parts > 1 else np.arange(len(piece))
        own.append(piece[inside])
        places.append(inside + start)
    joined = np.concatenate(own)
    order = np.argsort(joined)
    equals_next = joined[order[1:]] == joined[order[:-1]]
    is_repeated = np.zeros(len(joined), np.bool_)
    is_repeated[order[1:][equals_next]] = True
    is_repeated[order[:-1][equals_next]] = True
    return np.concatenate(places)[is_repeated]


def hash_strings(strings: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """A number for each string: equal strings have equal ones, and others nearly always different ones.

    It is another one in each process.

    >>> first, second, third = hash_strings(pa.chunked_array([["a", "b"], ["a"]])).tolist()
    >>> first == third, first == second
    (True, False)
    """
    return np.array([hash(string) for string in strings.to_pylist()], np.int64).view(np.uint64)
