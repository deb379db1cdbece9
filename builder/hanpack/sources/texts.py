"""Reads and writes the files of ``normalize`` and ``split``: JSON Lines or one text, or standard streams."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from hanpack.errors import UsageError
from hanpack.sources.compression import CODECS, decompress
from hanpack.sources.formats import HTML, JSON_LINES, find_format


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of a file: its index from 0, its bytes with the line break, and the offset of the first byte."""

    index: int
    data: bytes
    byte_start: int


def is_jsonl(path: str) -> bool:
    """Whether a path is that of a JSON Lines file, compressed or not.

    >>> is_jsonl("texts.jsonl.gz"), is_jsonl("-")
    (True, False)
    """
    return find_format(Path(path))[0] is JSON_LINES


def is_html(path: str) -> bool:
    """Whether a path is that of an HTML page, compressed or not.

    >>> is_html("page.htm"), is_html("page.txt")
    (True, False)
    """
    return find_format(Path(path))[0] is HTML


def read_lines(path: str) -> Iterator[TextLine]:
    """Read the lines of a file one at a time; ``-`` is standard input.

    Raises:
        UsageError: the file cannot be read.
    """
    position = 0
    with _open(path) as stream:
        for index, data in enumerate(stream):
            yield TextLine(index, data, position)
            position += len(data)


def read_whole(path: str) -> bytes:
    """Read all of a file; ``-`` is standard input.

    Raises:
        UsageError: the file cannot be read.
    """
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
                with decompress(raw, suffix, sys.maxsize) as stream:
                    yield stream
            else:
                yield raw
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror or error}", path) from error


@contextmanager
def open_sink(path: str | None) -> Iterator[TextIO]:
    """Open a file to write text; it gets its name only when all is written. None and ``-`` are stdout.

    Raises:
        UsageError: the path is a folder or has the suffix of a compressed file, or it cannot be written.
    """
    if path is None or path == "-":
        yield sys.stdout
        return
    target = Path(path)
    if target.is_dir() or not target.name:
        raise UsageError("is a folder", path, "name a file with -o")
    if target.suffix.lower() in CODECS:
        raise UsageError(
            "compressed output is not written",
            path,
            "name it without that suffix, and compress it afterwards",
        )
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as sink:
            yield sink
        temporary.replace(target)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror or error}", path) from error
    finally:
        temporary.unlink(missing_ok=True)
