"""A file that is read at places: the base of those whose bytes come from elsewhere.

This module is short because it is one base class.
"""

from __future__ import annotations

import io


class SeekableFile(io.RawIOBase):
    """A file of ``size`` bytes to be read; a subclass says how its bytes are read."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def seekable(self) -> bool:
        """Whether it has places: always."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place; returns it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(start + offset, 0)
        return self._place
