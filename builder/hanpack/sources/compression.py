"""Opens the content of a file, decompressed within bounds."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from typing_extensions import Buffer

# The suffixes of compressed files, and the names of their codecs in Arrow.
CODECS = {".gz": "gzip", ".zst": "zstd"}
# Any compressed file, however small, may expand to this many bytes.
FREE_EXPANSION = 64 * 2**20
BLOCK_BYTES = 2**20


@contextmanager
def open_content(path: Path, compression: str, max_expansion: int) -> Iterator[BinaryIO]:
    """Open the content of a file; ``compression`` is a suffix in ``CODECS`` or empty.

    Raises:
        OSError: the file cannot be read, or it expands to more than ``max_expansion`` times its size.
    """
    with path.open("rb") as raw:
        if not compression:
            yield raw
            return
        allowed = max(FREE_EXPANSION, max_expansion * os.fstat(raw.fileno()).st_size)
        inner = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), CODECS[compression])
        with io.BufferedReader(_BoundedStream(inner, allowed), BLOCK_BYTES) as bounded:
            yield bounded


class _BoundedStream(io.RawIOBase):
    """A stream that raises once more than ``allowed`` bytes were read: a small file can expand very much."""

    def __init__(self, inner: pa.NativeFile, allowed: int) -> None:
        self._inner = inner
        self._remaining = allowed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        count = int(self._inner.readinto(buffer))
        self._remaining -= count
        if self._remaining < 0:
            raise OSError("it expands to more than the recipe's limits.max_expansion allows")
        return count
