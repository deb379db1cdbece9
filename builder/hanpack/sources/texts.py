"""Files of texts for ``normalize`` and ``split``: JSON Lines or one text, from a path or standard input."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

import pyarrow as pa

from hanpack.errors import UsageError
from hanpack.sources.compression import CODECS
from hanpack.sources.formats import JSON_LINES, find_format


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a file: its 0-based index, its bytes with the line break, and where they begin."""

    index: int
    data: bytes
    byte_start: int


def is_jsonl(path: str) -> bool:
    """Whether a path names JSON Lines, compressed or not."""
    return find_format(Path(path))[0] is JSON_LINES


def read_lines(path: str) -> Iterator[TextLine]:
    """Read the lines of a file one at a time."""
    position = 0
    with _open(path) as stream:
        for index, data in enumerate(stream):
            yield TextLine(index, data, position)
            position += len(data)


def read_whole(path: str) -> bytes:
    """Read a whole file, or standard input for ``-``."""
    with _open(path) as stream:
        return stream.read()


@contextmanager
def _open(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
        return
    suffix = Path(path).suffix.lower()
    try:
        with Path(path).open("rb") as raw:
            if suffix in CODECS:
                with io.BufferedReader(
                    pa.CompressedInputStream(pa.PythonFile(raw), CODECS[suffix])
                ) as stream:
                    yield stream
            else:
                yield raw
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror or error}", path) from error


@contextmanager
def open_sink(path: str | None) -> Iterator[TextIO]:
    """Open a file for text under a temporary name and rename it when all is written; ``-`` is stdout."""
    if path is None or path == "-":
        yield sys.stdout
        return
    target = Path(path)
    if target.is_dir() or not target.name:
        raise UsageError("is a folder", path, "name a file with -o")
    if target.suffix.lower() in CODECS:
        raise UsageError("compressed output is not written", path, "leave the suffix out, compress it after")
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as sink:
            yield sink
        temporary.replace(target)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror or error}", path) from error
    finally:
        temporary.unlink(missing_ok=True)
