"""The raw bytes of a build's sources, read again: what spans point into."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hanpack.errors import VerifyError
from hanpack.model import Source
from hanpack.recipe import Recipe
from hanpack.sources.contents import open_content
from hanpack.sources.discovery import FoundFile, describe_file
from hanpack.sources.names import unescape_name
from hanpack.sources.parquet import read_texts

Span = tuple[int, int]
# Encodings in which this control character ends whatever stands before it, so that no character spans it.
_APART = frozenset(("ascii", "utf-8", "gb2312", "gbk", "gb18030", "big5", "cp950", "big5hkscs"))
_MARK = "\x1e"
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class RawSource:
    """Content of a source that spans count in; with ``escaped`` text stands in it as a JSON string.

    ``start`` is where the content held here begins in the source's.
    """

    content: bytes
    encoding: str
    escaped: bool
    start: int = 0

    def text(self, start: int, end: int) -> str:
        """The text that stands in a span of bytes.

        Raises:
            ValueError: the bytes are not text in the source's encoding.
        """
        return self._read(self.content[start - self.start : end - self.start])

    def holds(self, spans: Sequence[Span], texts: Sequence[str]) -> bool:
        """Whether each span of bytes, decoded alone, is its text.

        All spans are decoded at once with a mark between them that stands in no text: as there are as many
        marks in the decoded bytes as between the texts, no span holds one, and each is its own text.
        """
        joined = _MARK.join(texts)
        if self.encoding in _APART and joined.count(_MARK) == len(texts) - 1:
            content, first = self.content, self.start
            held = _MARK.encode().join([content[low - first : high - first] for low, high in spans])
            return self._is(held, joined)
        return all(self.is_text(*span, text) for span, text in zip(spans, texts, strict=True))

    def is_text(self, start: int, end: int, text: str) -> bool:
        """Whether a span of bytes is this text."""
        return self._is(self.content[start - self.start : end - self.start], text)

    def _is(self, data: bytes, text: str) -> bool:
        try:
            return self._read(data) == text
        except ValueError:
            return False

    def _read(self, data: bytes) -> str:
        text = data.decode(self.encoding)
        if self.escaped and "\\" in text:
            return str(json.loads(f'"{text}"', strict=False))
        return text


class RawReader(Protocol):
    """The content of a source from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, fewer at the end."""


class _Pieces:
    """Bytes that come in pieces, read by size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def read(self, size: int, /) -> bytes:
        held = [self._held]
        length = len(self._held)
        while length < size and (piece := next(self._pieces, None)) is not None:
            held.append(piece)
            length += len(piece)
        joined = b"".join(held)
        self._held = joined[size:]
        return joined[:size]


@contextmanager
def open_raw(file: FoundFile, recipe: Recipe) -> Iterator[RawReader]:
    """Open the content of a source: decompressed, and of Parquet the text column laid end to end.

    Raises:
        VerifyError: the file is not there or cannot be read.
    """
    try:
        file.path.stat()
        if file.suffix == ".parquet":
            yield _Pieces(text.encode() for text in read_texts(file.path, file.files.text_column))
            return
        with open_content(file, recipe.limits.max_expansion) as content:
            yield content
    except OSError as error:
        raise VerifyError(
            f"the source cannot be read: {error}", file.name, "name the folder it lies in with --sources"
        ) from error


def describe_source(source: Source, root: Path, recipe: Recipe) -> FoundFile:
    """The file of a source below the root where it lies now."""
    return describe_file(root / unescape_name(source.path), root, recipe, source.entry)


def place_record(content: bytes, start: int, file: FoundFile, source: Source) -> RawSource:
    """A piece of a source's content, such as a record, that begins at ``start``."""
    if file.suffix == ".parquet":
        return RawSource(content, "utf-8", escaped=False, start=start)
    return RawSource(content, source.encoding or "utf-8", escaped=file.shape == "row", start=start)


def read_raw(source: Source, root: Path, recipe: Recipe) -> RawSource:
    """Read the whole content of a source.

    Raises:
        VerifyError: the file is not there or cannot be read.
    """
    file = describe_source(source, root, recipe)
    with open_raw(file, recipe) as content:
        blocks = iter(lambda: content.read(_BLOCK), b"")
        return place_record(b"".join(blocks), 0, file, source)
