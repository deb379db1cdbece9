"""The bytes of a source: hashed, decompressed within bounds, and sampled for its encoding."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from typing_extensions import Buffer

from hanpack.sources.discovery import FoundFile
from hanpack.sources.parquet import find_fault

BLOCK = 2**20
SAMPLE = 2**20
FREE_EXPANSION = 64 * 2**20
CODECS = {".gz": "gzip", ".zst": "zstd"}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that a file was changed while it was read: its size and modification time."""

    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Read the stamp a file has now."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Survey:
    """What one look at a file gives: hash and size of its bytes, a sample of its content, or a fault."""

    file: FoundFile
    sha256: str
    stamp: Stamp
    sample: bytes
    fault: str | None = None


def survey(file: FoundFile, max_expansion: int) -> Survey:
    """Hash a file and sample its content: its head, then blocks that hold more than ASCII, up to 1 MiB."""
    if file.fault:
        return Survey(file, "", Stamp(0, 0), b"", file.fault)
    try:
        stamp = Stamp.of(file.path)
        with file.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return Survey(file, "", Stamp(0, 0), b"", f"cannot be read: {error.strerror}")
    if file.suffix == ".parquet":
        return Survey(file, digest, stamp, b"", find_fault(file.path, file.files.text_column))
    try:
        with open_content(file, max_expansion) as content:
            return Survey(file, digest, stamp, _sample(content, whole=bool(file.compression)))
    except OSError as error:
        return Survey(file, digest, stamp, b"", f"cannot be read to its end: {error}")


@contextmanager
def open_content(file: FoundFile, max_expansion: int) -> Iterator[BinaryIO]:
    """Open a file's content, decompressed; reading past its permitted expansion raises OSError."""
    with file.path.open("rb") as raw:
        if not file.compression:
            yield raw
            return
        allowed = max(FREE_EXPANSION, max_expansion * os.fstat(raw.fileno()).st_size)
        inner = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), CODECS[file.compression])
        with io.BufferedReader(_Bounded(inner, allowed), BLOCK) as bounded:
            yield bounded


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than it is allowed: a small file can hold a great many zeros."""

    def __init__(self, inner: pa.NativeFile, allowed: int) -> None:
        self._inner = inner
        self._left = allowed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        count = int(self._inner.readinto(buffer))
        self._left -= count
        if self._left < 0:
            raise OSError("it expands to more than the recipe's limits.max_expansion allows")
        return count


def _sample(content: BinaryIO, whole: bool) -> bytes:
    """The head, then blocks with more than ASCII. ``whole`` reads to the end, to find a broken stream."""
    sample = content.read(SAMPLE // 4)
    adjacent = True
    while block := content.read(SAMPLE // 4):
        wanted = len(sample) < SAMPLE and not block.isascii()
        if wanted and adjacent:
            sample += block
        elif wanted:
            sample = sample[: sample.rfind(b"\n") + 1] + block[block.find(b"\n") + 1 :]
        adjacent = wanted
        if len(sample) >= SAMPLE and not whole:
            break
    return sample
