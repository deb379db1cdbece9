"""Reads the raw bytes of a build's sources again: the bytes that spans refer to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hanpack.errors import VerifyError
from hanpack.model import Source
from hanpack.names import check_name, unescape_name
from hanpack.recipe import Recipe
from hanpack.sources.archive_paths import split_archive_path
from hanpack.sources.archives import Archives
from hanpack.sources.discovery import describe_file
from hanpack.sources.source_files import RawReader, SourceFile

Span = tuple[int, int]
# Stateless encodings in which the byte of the delimiter is part of no other character.
_SELF_CONTAINED = frozenset(("ascii", "utf-8", "gb2312", "gbk", "gb18030", "big5", "cp950", "big5hkscs"))
_DELIMITER = "\x1e"
_NAME_FOLDER = "name the folder of the sources with --sources"


@dataclass(frozen=True, slots=True)
class RawSource:
    r"""The content of a source, or a piece of it that begins at byte ``start``.

    ``escaped`` says that its text is escaped as inside a JSON string.

    >>> raw = RawSource(rb"\u4e00\n12", "utf-8", escaped=True, start=100)
    >>> raw.text(100, 108)
    '一\n'
    """

    content: bytes
    encoding: str
    escaped: bool
    start: int = 0

    def text(self, start: int, end: int) -> str:
        """The text of a span of bytes of the source.

        Raises:
            ValueError: the bytes are not text in the source's encoding.
        """
        return self._read(self.content[start - self.start : end - self.start])

    def holds(self, spans: Sequence[Span], texts: Sequence[str]) -> bool:
        """Whether each span of bytes, decoded by itself, is the text at the same index of ``texts``.

        If possible all spans are decoded in one call, joined by a delimiter. That is exact if the texts do
        not contain the delimiter: the result is then only equal if the spans do not contain it either.
        """
        joined = _DELIMITER.join(texts)
        if self.encoding in _SELF_CONTAINED and joined.count(_DELIMITER) == len(texts) - 1:
            content, first = self.content, self.start
            data = _DELIMITER.encode().join([content[low - first : high - first] for low, high in spans])
            return self._is(data, joined)
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


@contextmanager
def open_raw(file: SourceFile, recipe: Recipe) -> Iterator[RawReader]:
    """Open the content of a source: the decompressed file, or the joined text column of a Parquet file.

    Raises:
        VerifyError: the file does not exist, leads out of the root, or cannot be read.
    """
    if file.fault:
        raise VerifyError(f"the source cannot be read: {file.fault}", file.name, _NAME_FOLDER)
    try:
        with file.format.make_reader().open_raw(file, recipe.limits.max_expansion) as content:
            yield content
    except OSError as error:
        raise VerifyError(f"the source cannot be read: {error}", file.name, _NAME_FOLDER) from error


def locate_source(source: Source, root: Path, recipe: Recipe, archives: Archives | None = None) -> SourceFile:
    """The file of a source; ``root`` is the folder where the sources are now.

    ``archives`` is kept from source to source, because many are in the same archive.

    The file has a fault, and must not be opened, if a link on the way to it leads out of the root.

    Raises:
        ValueError: the path itself leads out of the root.
    """
    path = root / unescape_name(check_name(source.path))
    return describe_file(path, root, recipe, source.entry, archives=archives)


def is_at_hand(source: Source, root: Path) -> bool:
    """Whether the file of a source, or the archive that it is in, is in ``root``."""
    return split_archive_path(root / unescape_name(source.path))[0].is_file()


def place_record(
    content: bytes, start: int, file: SourceFile, source: Source, encoding: str | None = None
) -> RawSource:
    """Wrap a piece of a source's content, such as a record, that begins at byte ``start``.

    ``encoding`` is that of the record, if it has one of its own.
    """
    encoding = encoding or file.format.fixed_encoding or source.encoding or "utf-8"
    return RawSource(content, encoding, escaped=file.format.has_json_escapes, start=start)
