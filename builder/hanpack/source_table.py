"""Tables of strings and of sources in a few bytes a row: a corpus may have a million files.

A value is made when it is asked for; no object is kept for each row.
"""

from __future__ import annotations

from abc import abstractmethod
from array import array
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar, overload

import numpy as np

from hanpack.model import Source
from hanpack.reasons import Reason

_DIGEST_BYTES = 32
# The row of a source that has no SHA-256, and the code of a value that is None.
_NO_DIGEST = bytes(_DIGEST_BYTES)
_NONE = -1

Value = TypeVar("Value")
Row = TypeVar("Row", covariant=True)


class RowSequence(Sequence[Row]):
    """A sequence whose rows are made when they are asked for; a slice of it is a list."""

    @overload
    def __getitem__(self, row: int) -> Row: ...
    @overload
    def __getitem__(self, row: slice) -> list[Row]: ...
    def __getitem__(self, row: int | slice) -> Row | list[Row]:
        if isinstance(row, slice):
            return [self.read(index) for index in range(*row.indices(len(self)))]
        return self.read(range(len(self))[row])

    @abstractmethod
    def read(self, row: int) -> Row:
        """The row of an index from 0 on."""


class StringColumn(RowSequence[str]):
    """Strings one after another as UTF-8, with the offsets of their ends.

    >>> names = StringColumn(["a.txt", "報告.txt"])
    >>> names[1], list(names), names.find("報告.txt"), names.find("b.txt")
    ('報告.txt', ['a.txt', '報告.txt'], 1, None)
    """

    def __init__(self, strings: Iterable[str] = ()) -> None:
        self._data = bytearray()
        self._ends = array("q")
        # The hashes of all strings in their order, and the rows that have them; made for the first search.
        self._hashes = np.zeros(0, np.int64)
        self._rows = np.zeros(0, np.int32)
        for string in strings:
            self.append(string)

    def append(self, string: str) -> None:
        """Add a string at the end; it may have lone surrogates, as paths do."""
        self._data += string.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._data))

    def __len__(self) -> int:
        return len(self._ends)

    def read(self, row: int) -> str:
        """The string of a row."""
        start = self._ends[row - 1] if row else 0
        return self._data[start : self._ends[row]].decode("utf-8", "surrogatepass")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StringColumn):
            return NotImplemented
        return self._ends == other._ends and self._data == other._data

    __hash__ = None  # type: ignore[assignment]

    def find(self, string: str) -> int | None:
        """The first row that has a string, or None."""
        self._index()
        low = int(np.searchsorted(self._hashes, hash(string), "left"))
        high = int(np.searchsorted(self._hashes, hash(string), "right"))
        rows = sorted(self._rows[low:high].tolist())
        return next((row for row in rows if self[row] == string), None)

    def find_repeated(self) -> set[int]:
        """The rows whose string a row before has."""
        self._index()
        is_same = np.flatnonzero(self._hashes[1:] == self._hashes[:-1])
        rows = np.unique(np.concatenate((self._rows[is_same], self._rows[is_same + 1])))
        seen: set[str] = set()
        repeated: set[int] = set()
        # Different strings may have the same hash.
        for row in rows.tolist():
            string = self[row]
            if string in seen:
                repeated.add(row)
            seen.add(string)
        return repeated

    def _index(self) -> None:
        if len(self._rows) == len(self):
            return
        hashes = np.fromiter(map(hash, self), np.int64, len(self))
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._rows = hashes[order], order.astype(np.int32)


class CodedColumn(Generic[Value]):
    """Values of which there are few different ones, as numbers; None is allowed.

    >>> column: CodedColumn[str] = CodedColumn()
    >>> for encoding in ("utf-8", None, "utf-8"):
    ...     column.append(encoding, encoding)
    >>> [column[row] for row in range(3)], column.values
    (['utf-8', None, 'utf-8'], ['utf-8'])
    """

    def __init__(self) -> None:
        self.codes = array("i")
        self.values: list[Value] = []
        self._codes: dict[Hashable, int] = {}

    def append(self, value: Value | None, key: Hashable) -> None:
        """Add a value; equal values have the same ``key``."""
        if value is None:
            self.codes.append(_NONE)
            return
        code = self._codes.setdefault(key, len(self.values))
        if code == len(self.values):
            self.values.append(value)
        self.codes.append(code)

    def __getitem__(self, row: int) -> Value | None:
        code = self.codes[row]
        return None if code == _NONE else self.values[code]


class SourceTable(RowSequence[Source]):
    """Sources in about 60 bytes and the bytes of their path each.

    >>> table = SourceTable([Source("a.txt", "ab" * 32, 5, "utf-8"), Source("b.txt", "", 0, None)])
    >>> len(table), table.size, table[1] == Source("b.txt", "", 0, None), table.find("c.txt")
    (2, 5, True, None)

    Raises:
        ValueError: a hash is not 64 hexadecimal digits, lower case, or empty.
        OverflowError: a size does not fit into 64 bits.
    """

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self.paths = StringColumn()
        self._digests = bytearray()
        self._sizes = array("q")
        self._entries = array("i")
        self._encodings: CodedColumn[str] = CodedColumn()
        self._faults: CodedColumn[Reason] = CodedColumn()
        self._archives: CodedColumn[str] = CodedColumn()
        for source in sources:
            self.append(source)

    @classmethod
    def of(cls, sources: Sequence[Source]) -> SourceTable:
        """Sources as a table: themselves if they are one."""
        return sources if isinstance(sources, SourceTable) else cls(sources)

    def append(self, source: Source) -> None:
        """Add a source at the end."""
        digest = bytes.fromhex(source.sha256) or _NO_DIGEST
        if source.sha256 not in ("", digest.hex()) or len(digest) != _DIGEST_BYTES:
            raise ValueError(f"{source.sha256!r} is no SHA-256")
        self._sizes.append(source.size)
        self._entries.append(source.entry)
        self.paths.append(source.path)
        self._digests += digest
        self._encodings.append(source.encoding, source.encoding)
        fault = source.fault
        self._faults.append(fault, fault and (fault.cause, *sorted(map(repr, fault.fields.items()))))
        self._archives.append(source.archive_sha256, source.archive_sha256)

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, row: int) -> Source:
        """The source of a row."""
        digest = self._digests[row * _DIGEST_BYTES : (row + 1) * _DIGEST_BYTES]
        return Source(
            path=self.paths[row],
            sha256="" if digest == _NO_DIGEST else digest.hex(),
            size=self._sizes[row],
            encoding=self._encodings[row],
            entry=self._entries[row],
            fault=self._faults[row],
            archive_sha256=self._archives[row],
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(map(_are_equal, self, other))

    __hash__ = None  # type: ignore[assignment]

    @property
    def size(self) -> int:
        """The bytes of all sources."""
        return sum(self._sizes)

    def find(self, path: str) -> Source | None:
        """The first source with a path, or None."""
        row = self.paths.find(path)
        return None if row is None else self[row]


def _are_equal(first: Any, second: Any) -> bool:
    return bool(first == second)
