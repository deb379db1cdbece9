"""Files of text: plain text, Markdown, HTML and JSON Lines, compressed or not.

A record of text is the file, a line or a paragraph; a record of JSON Lines is a line, and its text is the
string in one column.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice

from hanpack.errors import RecordError
from hanpack.model import Record, Source, Wrapping
from hanpack.reasons import Reason
from hanpack.recipe import Limits
from hanpack.sources.content import open_content
from hanpack.sources.lines import read_text_records, take_sample
from hanpack.sources.source_files import (
    EXCERPT_BYTES,
    EXCERPT_ROWS,
    Excerpt,
    RawReader,
    SourceFile,
    SourceReader,
    Survey,
)
from hanpack.sources.text_columns import choose_text_column, describe_parts, sort_by_words
from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import detect
from hanpack.steps.decode.json_parsing import find_strings
from hanpack.steps.decode.line_encodings import count_line_encodings, explain_undecided

SAMPLE_BYTES = 2**20
_MIXED = "a build rejects those that are not utf-8; write all of them in UTF-8"


class TextReader(SourceReader):
    """A format whose content is encoded text; spans count in the decompressed bytes of the file."""

    wrapping: Wrapping = "plain"

    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """The head of the content and blocks that are not pure ASCII, about 1 MiB in all."""
        with open_content(file, max_expansion) as content:
            return take_sample(content, SAMPLE_BYTES, read_to_end=bool(file.compression)), None

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The beginning of the sample, decoded; it ends with a line if the file is longer."""
        detected = detect(survey.sample)
        encoding = detected.encoding or survey.file.format.fallback_encoding
        if encoding is None:
            raise RecordError(explain_undecided(detected, survey.sample))
        head = survey.sample[:EXCERPT_BYTES]
        if len(survey.sample) > EXCERPT_BYTES:
            head = head[: head.rfind(b"\n") + 1] or head
        scale = max((survey.content_size or 0) / max(len(head), 1), 1.0)
        try:
            return Excerpt(text=decode(head, encoding).text, encoding=encoding, scale=scale)
        except RecordError as error:
            is_mixed = count_line_encodings(survey.sample) is not None
            fault = explain_undecided(detected, survey.sample) if is_mixed else error.reason
            text = _decode_lines(head, encoding)
            return Excerpt(text=text, encoding=encoding, scale=scale, file_fault=fault)

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The file, its lines or its paragraphs."""
        return read_text_records(survey, source, limits, self.wrapping)

    def open_raw(self, file: SourceFile, max_expansion: int) -> AbstractContextManager[RawReader]:
        """The decompressed bytes of the file."""
        return open_content(file, max_expansion)


class JsonLinesReader(TextReader):
    """JSON Lines: UTF-8 unless another encoding is detected; a bad line is rejected, the others are not."""

    wrapping: Wrapping = "json"

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The strings in the column that looks like text, a line for each; invalid JSON is left out."""
        lines = super().read_excerpt(survey)
        excerpt = choose_column(lines, islice(_parse_objects(lines.text), EXCERPT_ROWS))
        is_utf8 = lines.encoding == survey.file.format.fallback_encoding
        encodings = count_line_encodings(survey.sample) if is_utf8 else None
        return replace(excerpt, hint=f"of its lines {encodings}: {_MIXED}") if encodings else excerpt


def _decode_lines(head: bytes, encoding: str) -> str:
    """The text without the lines that are not in the encoding."""
    lines = head.decode(encoding, "replace").splitlines(keepends=True)
    return "".join(line for line in lines if "\ufffd" not in line)


def _parse_objects(text: str) -> Iterator[dict[str, object]]:
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield row


def choose_column(excerpt: Excerpt, rows: Iterable[object]) -> Excerpt:
    """The excerpt of some values of JSON: the strings at the path that looks like text, a line for each.

    If there are no strings, the column is the default of a recipe.
    """
    texts: dict[str, list[str]] = {}
    for row in rows:
        for path, text in find_strings(row):
            texts.setdefault(path, []).append(text.encode("utf-8", "replace").decode())
    column = choose_text_column(texts)
    if column is None and texts:
        return replace(excerpt, text="", textless=sort_by_words(texts))
    column = column or "text"
    text = "\n".join(texts.get(column, ()))
    return replace(excerpt, text=text, column=column, hint=describe_parts(texts, column))
