"""Files of JSON: an element of the list in the file is a record, or the object that is the file.

A file that has an object on each line is read as JSON Lines, whatever its name.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits
from hanpack.sources.content import open_content
from hanpack.sources.json_elements import Element, ListPlace, close_json, cut_elements, find_list
from hanpack.sources.lines import count_allowed, read_file, read_text_records
from hanpack.sources.parsed_documents import is_parsed_document, read_parsed_document
from hanpack.sources.source_files import EXCERPT_BYTES, Excerpt, RawReader, SourceFile, Survey
from hanpack.sources.text import JsonLinesReader, TextReader, choose_column
from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.parsed_text import reduce_parsed

# The first list is looked for in so many bytes, and if it is not there, in as many as a record may have.
_HEAD_BYTES = 2**20
# A parsed document is read at once; larger ones are not put into reading order.
_MOST_PARSED = 2**30


class JsonReader(JsonLinesReader):
    """JSON: UTF-8 unless another encoding is detected; a bad element is rejected, the others are not."""

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The strings at the path that looks like text, a line for each."""
        excerpt = TextReader.read_excerpt(self, survey)
        head = survey.sample[:EXCERPT_BYTES]
        if is_parsed_document(head):
            return self._read_parsed_excerpt(survey, excerpt)
        if _is_json_lines(head, excerpt.encoding):
            return super().read_excerpt(survey)
        try:
            content = json.loads(close_json(head.decode(excerpt.encoding, "replace").lstrip("\ufeff")))
        except (ValueError, RecursionError):
            return choose_column(excerpt, [])
        rows = content if isinstance(content, list) else [content]
        return choose_column(excerpt, rows)

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The elements of the list, each with the comma after it, or the file."""
        file, encoding, limit = survey.file, source.encoding or "utf-8", limits.max_record_bytes
        with open_content(file, limits.max_expansion) as content:
            head = content.read(_HEAD_BYTES)
            if is_parsed_document(head) and (
                record := _read_parsed_record(head, content, source, file, limit)
            ):
                yield record
                return
            if _is_json_lines(head, encoding):
                yield from read_text_records(survey, source, limits, self.wrapping)
                return
            place = find_list(head, encoding, file.options.text_column)
            if place is None and len(head) == _HEAD_BYTES:
                place = find_list(head + content.read(limit), encoding, file.options.text_column)
        columns = _start_in_element(file, place)
        position = 0
        for index, element in enumerate(_read_elements(file, encoding, place, limits)):
            yield Record(
                source=source,
                index=index,
                data=element.data,
                byte_start=position,
                byte_end=position + element.size,
                terminator=element.terminator,
                wrapping="json_element",
                column=place.column if place else file.options.text_column,
                metadata=file.options.metadata,
                fault=_find_fault(element, position, limit),
                max_invalid=count_allowed(file.options, "row", element.size),
                max_nesting=limits.max_nesting,
                preamble=element.preamble,
                metadata_columns=columns,
            )
            position += element.size

    def _read_parsed_excerpt(self, survey: Survey, excerpt: Excerpt) -> Excerpt:
        """The beginning of the text of a document that a parser of documents wrote."""
        limits = Limits()
        with open_content(survey.file, limits.max_expansion) as content:
            parsed = read_parsed_document(content.read(limits.max_record_bytes))
        if parsed is None:
            return replace(excerpt, text="", column="")
        text = reduce_parsed(decode(parsed.content, "utf-8"), parsed.pieces).text
        head = text[:EXCERPT_BYTES]
        return replace(excerpt, text=head, scale=max(len(text) / max(len(head), 1), 1.0), column="")

    @contextmanager
    def open_raw(self, file: SourceFile, max_expansion: int) -> Iterator[RawReader]:
        """The decompressed bytes of the file; those of a parsed document in reading order."""
        with open_content(file, max_expansion) as content:
            head = content.read(_HEAD_BYTES)
            data = head + content.read(_MOST_PARSED) if is_parsed_document(head) else b""
            parsed = read_parsed_document(data) if data else None
        if parsed:
            yield io.BytesIO(parsed.content)
            return
        with open_content(file, max_expansion) as content:
            yield content


def _start_in_element(file: SourceFile, place: ListPlace | None) -> Mapping[str, str]:
    """The columns of the metadata as paths in an element; the recipe may name the way to the list, too."""
    columns = file.options.metadata_columns
    if place is None or not columns:
        return columns
    way = file.options.text_column.removesuffix(place.column)
    return {field: path.removeprefix(way) for field, path in columns.items()}


def _read_parsed_record(
    head: bytes, content: BinaryIO, source: Source, file: SourceFile, limit: int
) -> Record | None:
    """The record of a parsed document that begins with ``head``; None if it is no JSON in UTF-8."""
    data = head + content.read(max(limit + 1 - len(head), 0))
    if len(data) > limit:
        size = len(data) + sum(len(block) for block in iter(lambda: content.read(_HEAD_BYTES), b""))
        fault = Reason(Cause.RECORD_TOO_LONG, {"limit": limit})
        return Record(source, 0, b"", 0, size, metadata=file.options.metadata, fault=fault)
    parsed = read_parsed_document(data)
    if parsed is None:
        return None
    return Record(
        source=source,
        index=0,
        data=parsed.content,
        byte_start=0,
        byte_end=len(parsed.content),
        wrapping="parsed",
        metadata={**parsed.metadata, **file.options.metadata},
        regions=parsed.regions,
        pieces=parsed.pieces,
    )


def _read_elements(
    file: SourceFile, encoding: str, place: ListPlace | None, limits: Limits
) -> Iterator[Element]:
    with open_content(file, limits.max_expansion) as content:
        if place is not None:
            yield from cut_elements(content, encoding, place, limits.max_record_bytes)
            return
        for data, size in read_file(content, limits.max_record_bytes):
            yield Element(data, size, 0, 0)
            return
        yield Element(b"", 0, 0, 0)


def _find_fault(element: Element, position: int, limit: int) -> Reason | None:
    if len(element.data) != element.size:
        return Reason(Cause.RECORD_TOO_LONG, {"limit": limit})
    if element.is_extra:
        return Reason(Cause.TEXT_AFTER_OBJECT, {"offset": position})
    is_blank = element.preamble + element.terminator == element.size
    if element.is_cut_off and is_blank:
        fields: dict[str, str | int] = {"offset": position + element.size, "detail": "the list is not closed"}
        return Reason(Cause.TRUNCATED_JSON, fields)
    return None


def _is_json_lines(head: bytes, encoding: str) -> bool:
    """Whether a content begins with an object on a line of its own, and goes on after it."""
    text = head.decode(encoding, "replace").lstrip("\ufeff").lstrip()
    line, end, rest = text.partition("\n")
    if not end or not rest.strip() or not line.startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
