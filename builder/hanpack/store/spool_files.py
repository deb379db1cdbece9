"""Open files that are read at any place, and closed when nobody has them any more; some have no name.

This module is short because tables and arrays that are too large for memory share it.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO


class SpoolFile:
    """An open file; several threads may read it at once."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    @classmethod
    def open(cls, path: Path) -> SpoolFile:
        """Open a file, which can be read even after another has replaced it.

        Raises:
            OSError: it does not exist.
        """
        with path.open("rb") as file:
            return cls(os.dup(file.fileno()))

    @classmethod
    def create(cls, folder: Path) -> SpoolFile:
        """Make a file without a name in a folder; it takes disk there until nobody has it any more."""
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:
            return cls(os.dup(file.fileno()))

    def __del__(self) -> None:
        os.close(self._descriptor)

    def append(self, data: bytes | memoryview) -> None:
        """Write at the end."""
        size = memoryview(data).nbytes
        # An array without values cannot be seen as bytes.
        left = memoryview(data).cast("B") if size else memoryview(b"")
        while left:
            left = left[os.write(self._descriptor, left) :]
        self.size += size

    def read(self, start: int, size: int) -> bytes:
        """The bytes from a place on."""
        return os.pread(self._descriptor, size, start)

    def open_stream(self) -> BinaryIO:
        """The file from its beginning as a stream of its own."""
        return open(os.dup(self._descriptor), "rb")
