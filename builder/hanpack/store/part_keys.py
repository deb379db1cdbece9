"""The keys of many parts in the memory of those of their files: a part of a file is named by its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import overload

from hanpack.store.parts import find_file_key, name_part


class PartKeys(Sequence[str]):
    """Keys of parts; those of a file that follow one another take the memory of one.

    >>> keys = PartKeys.of(["3f-00000.0", "3f-00000.1", "3f-00001.0"])
    >>> keys[1], list(keys[1:]), keys.files, len(keys)
    ('3f-00000.1', ['3f-00000.1', '3f-00001.0'], ['3f-00000', '3f-00001'], 3)
    """

    def __init__(self, runs: Iterable[tuple[str, range]]) -> None:
        """``runs`` are keys of files, each with the places of parts there."""
        self.files: list[str] = []
        self._first_places: list[int] = []
        # The number of the first part of each run, and last the number of parts.
        self._starts = [0]
        for file_key, places in runs:
            if not self._continues(file_key, places.start):
                self.files.append(file_key)
                self._first_places.append(places.start)
                self._starts.append(self._starts[-1])
            self._starts[-1] += len(places)

    @classmethod
    def of(cls, keys: Iterable[str]) -> PartKeys:
        """Keys by themselves."""
        places = (
            (file_key, int(key.rpartition(".")[2])) for key in keys for file_key in [find_file_key(key)]
        )
        return cls((file_key, range(place, place + 1)) for file_key, place in places)

    @classmethod
    def join(cls, parts: Iterable[PartKeys]) -> PartKeys:
        """Several keys, one after the other."""
        return cls(chain.from_iterable(keys.runs() for keys in parts))

    def runs(self) -> Iterator[tuple[str, range]]:
        """The keys of the files, each with the places of the parts."""
        for run, (file_key, place) in enumerate(zip(self.files, self._first_places, strict=True)):
            yield file_key, range(place, place + self._starts[run + 1] - self._starts[run])

    def parts_by_file(self) -> Iterator[tuple[str, range]]:
        """The keys of the files, each with the numbers of its parts among all."""
        for run, file_key in enumerate(self.files):
            yield file_key, range(self._starts[run], self._starts[run + 1])

    def find_files(self, parts: range) -> tuple[int, int, list[str]]:
        """The files that some parts are in, and the numbers of their first part and of that after the last.

        >>> PartKeys.of(["3f-0.0", "3f-0.1", "3f-1.0", "3f-2.0"]).find_files(range(1, 3))
        (0, 3, ['3f-0', '3f-1'])
        """
        first, last = (bisect_right(self._starts, part) - 1 for part in (parts.start, parts.stop - 1))
        return self._starts[first], self._starts[last + 1], self.files[first : last + 1]

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, part: int) -> str: ...
    @overload
    def __getitem__(self, part: slice) -> PartKeys: ...
    def __getitem__(self, part: int | slice) -> str | PartKeys:
        if isinstance(part, slice):
            parts = range(len(self))[part]
            return PartKeys(self._cut(parts.start, parts.stop))
        part = range(len(self))[part]
        run = bisect_right(self._starts, part) - 1
        return name_part(self.files[run], self._first_places[run] + part - self._starts[run])

    def __iter__(self) -> Iterator[str]:
        return (name_part(file_key, place) for file_key, places in self.runs() for place in places)

    def _cut(self, first: int, end: int) -> Iterator[tuple[str, range]]:
        run = bisect_right(self._starts, first) - 1
        while first < end:
            last = min(end, self._starts[run + 1])
            place = self._first_places[run] + first - self._starts[run]
            yield self.files[run], range(place, place + last - first)
            first, run = last, run + 1

    def _continues(self, file_key: str, place: int) -> bool:
        """Whether a part is the next one of the last file."""
        if not self.files or self.files[-1] != file_key:
            return False
        return self._first_places[-1] + self._starts[-1] - self._starts[-2] == place
