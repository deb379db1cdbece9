"""Files of text: plain text, Markdown, HTML and JSON Lines, compressed or not.

A record of text is the file, a line or a paragraph; a record of JSON Lines is a line, and its text is the
string in one column.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

from hanpack.model import Record, Source, Wrapping
from hanpack.reasons import Reason
from hanpack.recipe import Limits, Shape
from hanpack.sources.compression import open_content
from hanpack.sources.lines import read_text_records, take_sample
from hanpack.sources.source_files import RawReader, SourceFile, SourceFormat, Survey

SAMPLE_BYTES = 2**20


class TextFormat(SourceFormat):
    """A format whose content is encoded text; spans count in the decompressed bytes of the file."""

    wrapping: Wrapping = "plain"

    def __init__(self, name: str, *suffixes: str) -> None:
        self.name = name
        self.suffixes = suffixes
        self.shapes: tuple[Shape, ...] = ("file", "line", "paragraph")

    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """The head of the content and blocks that are not pure ASCII, about 1 MiB in all."""
        with open_content(file.path, file.compression, max_expansion) as content:
            return take_sample(content, SAMPLE_BYTES, read_to_end=bool(file.compression)), None

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The file, its lines or its paragraphs."""
        return read_text_records(survey, source, limits, self.wrapping)

    def open_raw(self, file: SourceFile, max_expansion: int) -> AbstractContextManager[RawReader]:
        """The decompressed bytes of the file."""
        return open_content(file.path, file.compression, max_expansion)


class JsonLinesFormat(TextFormat):
    """JSON Lines: UTF-8 unless another encoding is detected; a bad line is rejected, the others are not."""

    wrapping: Wrapping = "json"
    has_json_escapes = True
    fallback_encoding = "utf-8"

    def __init__(self, name: str, *suffixes: str) -> None:
        super().__init__(name, *suffixes)
        self.shapes = ("row",)
