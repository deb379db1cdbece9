"""Opens the content of a source: a file on disk or a member of an archive, decompressed within bounds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO

from hanpack.hashing import hash_file
from hanpack.sources.compression import BLOCK_BYTES, count_allowed_bytes, decompress
from hanpack.sources.source_files import SourceFile


@contextmanager
def open_stored(file: SourceFile) -> Iterator[BinaryIO]:
    """Open the bytes of a source as they are on disk or in its archive; the stream is seekable.

    Raises:
        OSError: they cannot be read.
    """
    with file.member.open() if file.member else file.path.open("rb") as stream:
        yield stream


@contextmanager
def open_content(file: SourceFile, max_expansion: int) -> Iterator[BinaryIO]:
    """Open the content of a source, decompressed; without compression the stream is seekable.

    Raises:
        OSError: it cannot be read, or it expands to more than ``max_expansion`` times the size of the file.
    """
    with open_stored(file) as stored:
        if not file.compression:
            yield stored
            return
        allowed = count_allowed_bytes(os.stat(file.path).st_size, max_expansion)
        with decompress(stored, file.compression, allowed) as content:
            yield content


def measure_content(file: SourceFile, max_expansion: int) -> int:
    """The number of bytes of the content of a source, which is read to its end for that.

    Raises:
        OSError: it cannot be read, or it expands to more than ``max_expansion`` times the size of the file.
    """
    with open_content(file, max_expansion) as content:
        return sum(map(len, iter(partial(content.read, BLOCK_BYTES), b"")))


def hash_stored(file: SourceFile) -> str:
    """The SHA-256 of the bytes of a source, as :func:`open_stored` gives them, in hexadecimal.

    Raises:
        OSError: they cannot be read.
    """
    if file.member is None:
        return hash_file(file.path)
    digest = hashlib.sha256()
    with open_stored(file) as stored:
        while block := stored.read(2**20):
            digest.update(block)
    return digest.hexdigest()
