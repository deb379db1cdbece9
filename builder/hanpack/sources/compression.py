"""Decompresses streams within bounds: gzip, Zstandard, bzip2 and xz."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from typing import TYPE_CHECKING, BinaryIO

from typing_extensions import Buffer

from hanpack.sources.damage import describe_damage

if TYPE_CHECKING:
    import pyarrow as pa

# The suffixes of compressed files, and the names of their codecs.
CODECS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".xz": "xz"}
# Any compressed file, however small, may expand to this many bytes.
FREE_EXPANSION = 64 * 2**20
BLOCK_BYTES = 2**20
# An xz file says how much memory its dictionary takes: level 9 takes 65 MiB.
_XZ_MEMORY = 256 * 2**20
# The largest window of zlib, and a header of gzip.
_GZIP_WINDOW = 31


def count_allowed_bytes(size: int, max_expansion: int) -> int:
    """To how many bytes a compressed file of ``size`` bytes may expand."""
    return max(FREE_EXPANSION, max_expansion * size)


def split_compressions(compression: str) -> list[str]:
    """The suffixes of a file that is compressed several times, the last one first.

    >>> split_compressions(".gz.zst")
    ['.zst', '.gz']
    """
    return [f".{name}" for name in reversed(compression.split(".")[1:])]


def decompress(stream: BinaryIO, compression: str, allowed: int) -> BinaryIO:
    """The content of a compressed stream; ``compression`` are the suffixes of its codecs, such as ``.gz``.

    Closing it closes the stream. Reading raises ``OSError`` if the stream is damaged, ends too early, or
    expands to more than ``allowed`` bytes.
    """
    for suffix in split_compressions(compression):
        inner: pa.NativeFile | io.BufferedIOBase | io.RawIOBase
        if CODECS[suffix] == "bzip2":
            inner = bz2.BZ2File(stream)
        elif CODECS[suffix] == "xz":
            inner = _XzStream(stream)
        elif CODECS[suffix] == "gzip":
            inner = _GzipStream(stream)
        else:
            # Arrow is loaded only for what needs it: it takes 0.1 s.
            import pyarrow as pa

            inner = pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), CODECS[suffix])
        stream = io.BufferedReader(_BoundedStream(inner, stream, allowed), BLOCK_BYTES)
    return stream


class _BoundedStream(io.RawIOBase):
    """A stream that raises once more than ``allowed`` bytes were read: a small file can expand very much."""

    def __init__(
        self, inner: pa.NativeFile | io.BufferedIOBase | io.RawIOBase, outer: BinaryIO, allowed: int
    ) -> None:
        self._inner = inner
        self._outer = outer
        self._remaining = allowed

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
            self._outer.close()
        super().close()

    def readinto(self, buffer: Buffer, /) -> int:
        try:
            count = int(self._inner.readinto(buffer) or 0)
        except (EOFError, lzma.LZMAError, zlib.error) as error:
            raise OSError(describe_damage(error)) from error
        self._remaining -= count
        if self._remaining < 0:
            raise OSError("it expands to more than the recipe's limits.max_expansion allows")
        return count


class _GzipStream(io.RawIOBase):
    """Reads gzip, also of several members; if the stream ends too early, all that is before that is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decompressor = zlib.decompressobj(_GZIP_WINDOW)
        self._input = b""
        self._is_begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        while True:
            if self._decompressor.eof:
                # Zero bytes may stand between the members of a file and after them.
                self._input = self._decompressor.unused_data.lstrip(b"\0")
                self._decompressor, self._is_begun = zlib.decompressobj(_GZIP_WINDOW), False
            if not self._input:
                self._input = self._stream.read(BLOCK_BYTES)
                if not self._is_begun:
                    self._input = self._input.lstrip(b"\0")
            if not self._input:
                if self._is_begun:
                    raise EOFError("Truncated gzip stream")
                return 0
            self._is_begun = True
            data = self._decompressor.decompress(self._input, len(view))
            self._input = self._decompressor.unconsumed_tail
            if data:
                view[: len(data)] = data
                return len(data)


class _XzStream(io.RawIOBase):
    """Reads xz within a limit of memory, which ``lzma.LZMAFile`` does not have."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decompressor: lzma.LZMADecompressor | None = None
        self._unused = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        while True:
            if self._decompressor is None or self._decompressor.eof:
                # Zero bytes may stand between the streams of a file and after them.
                unused = self._decompressor.unused_data if self._decompressor else b""
                self._unused = unused.lstrip(b"\0") or self._stream.read(BLOCK_BYTES).lstrip(b"\0")
                if not self._unused:
                    return 0
                self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
            elif self._decompressor.needs_input and not self._unused:
                self._unused = self._stream.read(BLOCK_BYTES)
                if not self._unused:
                    raise EOFError("the stream ends before its end marker")
            data = self._decompressor.decompress(self._unused, max_length=len(view))
            self._unused = b""
            if data:
                view[: len(data)] = data
                return len(data)
