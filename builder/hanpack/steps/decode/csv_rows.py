r"""Takes the text of a record out of a row of CSV (RFC 4180); every character maps to its bytes in the row.

A field that begins with a quotation mark ends at the next one that is not doubled; what follows must be the
delimiter or the end of the row. In any other field a quotation mark is a character like others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hanpack.errors import RecordError
from hanpack.lazy_patterns import compile_lazily
from hanpack.reasons import Cause, Reason
from hanpack.steps.decode.decoding import decode, restore_preamble
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced
from hanpack.wording import format_count

# What is inside a quoted field, up to the quotation mark that ends it; for text, and for the bytes of a line.
_INSIDE = compile_lazily(r'[^"]*+(?>""[^"]*+)*+')
_INSIDE_BYTES = compile_lazily(rb'[^"]*+(?>""[^"]*+)*+')


@dataclass(frozen=True, slots=True)
class RowLayout:
    """How the rows of a file are read: the names of its columns, which has the text, the delimiter."""

    columns: tuple[str, ...]
    text: int
    delimiter: str


class UnwrappedRow(NamedTuple):
    """The text of a record out of its row, and the other columns; an empty field is None."""

    traced: Traced
    columns: dict[str, object]


class Field(NamedTuple):
    """The span of a field in its row, without the quotation marks around it."""

    start: int
    end: int
    is_quoted: bool


class _InvalidRowError(ValueError):
    """A row that is not CSV; ``place`` is where in its text."""

    def __init__(self, detail: str, place: int) -> None:
        super().__init__(detail)
        self.place = place


def unwrap_row(
    row: bytes,
    layout: RowLayout,
    byte_start: int = 0,
    *,
    encoding: str = "utf-8",
    terminator: int = 0,
    preamble: int = 0,
    max_invalid: int = 0,
) -> UnwrappedRow:
    """Read a row that begins at ``byte_start`` of its source and ends in ``terminator`` separator bytes.

    Its first ``preamble`` bytes are the header of the file. Header, delimiters, the other fields, the
    quotation marks around the text and the first of two doubled ones are removed by the step ``unwrap``. A
    blank row has an empty text and no columns.

    >>> layout = RowLayout(columns=("id", "text"), text=1, delimiter=",")
    >>> traced, columns = unwrap_row(b'7,"a ""b""."', layout)
    >>> traced.text, columns, traced.alignment.source_span(2, 3)
    ('a "b".', {'id': '7'}, (6, 7))

    Raises:
        RecordError: the row is not text in its encoding (up to ``max_invalid`` bytes are replaced), a quoted
            field does not end or is followed by text, or there are more or fewer fields than columns.
    """
    decoded = decode(row[preamble:], encoding, byte_start + preamble, terminator, max_invalid)
    text = decoded.text
    if not text:
        return UnwrappedRow(restore_preamble(decoded, byte_start, preamble), {})
    try:
        fields = _split_complete(text, layout)
    except _InvalidRowError as error:
        offset = int(decoded.alignment.source_spans_of_points(np.array([error.place]), "right")[0])
        raise RecordError(Reason(Cause.INVALID_ROW, {"offset": offset, "detail": str(error)})) from error
    field = fields[layout.text]
    removed = [(0, field.start), *_find_doubled(text, field), (field.end, len(text))]
    traced = decoded.apply("unwrap", [Replacement(*span) for span in removed if span[0] < span[1]])
    columns: dict[str, object] = {
        name: _read_field(text, span)
        for index, (name, span) in enumerate(zip(layout.columns, fields, strict=True))
        if index != layout.text
    }
    return UnwrappedRow(restore_preamble(traced, byte_start, preamble), columns)


def _split_complete(text: str, layout: RowLayout) -> list[Field]:
    """The fields of a row, one for each column."""
    fields = split_row(text, layout.delimiter)
    if len(fields) != len(layout.columns):
        raise _InvalidRowError(
            f"it has {format_count(len(fields), 'field')} for {format_count(len(layout.columns), 'column')}",
            0,
        )
    return fields


def split_row(text: str, delimiter: str) -> list[Field]:
    r"""The fields of a row without its line break.

    >>> split_row('a,"b,""c"', ",")
    [Field(start=0, end=1, is_quoted=False), Field(start=3, end=8, is_quoted=True)]

    Raises:
        ValueError: a quoted field does not end, or is followed by text.
    """
    fields: list[Field] = []
    at = 0
    while True:
        if text.startswith('"', at):
            inside = _INSIDE.match(text, at + 1)
            end = inside.end() if inside else at + 1
            if end == len(text):
                raise _InvalidRowError("the quotation mark that begins a field is not closed", at)
            fields.append(Field(at + 1, end, is_quoted=True))
            following = end + 1
            if following < len(text) and text[following] != delimiter:
                raise _InvalidRowError("text follows the quotation mark that ends a field", following)
        else:
            following = text.find(delimiter, at)
            following = len(text) if following < 0 else following
            fields.append(Field(at, following, is_quoted=False))
        if following >= len(text):
            return fields
        at = following + 1


def read_row(text: str, delimiter: str) -> list[str]:
    r"""The values of a row.

    >>> read_row('a,"b,""c"', ",")
    ['a', 'b,"c']

    Raises:
        ValueError: it is not a row of CSV.
    """
    return [_read_field(text, field) or "" for field in split_row(text, delimiter)]


def _read_field(text: str, field: Field) -> str | None:
    value = text[field.start : field.end]
    return (value.replace('""', '"') if field.is_quoted else value) or None


def _find_doubled(text: str, field: Field) -> list[tuple[int, int]]:
    """The first mark of each doubled quotation mark of a field."""
    if not field.is_quoted:
        return []
    doubled = re.finditer('""', text[field.start : field.end])
    return [(field.start + mark.start(), field.start + mark.start() + 1) for mark in doubled]


def is_open(line: bytes, delimiter: bytes, is_inside: bool) -> bool | None:
    r"""Whether a row goes on after a line of it, inside a quoted field; None if the line is not CSV.

    ``line`` is a line with its line break in which every byte above 0x7F belongs to a character that is not
    ASCII. ``is_inside`` says whether it begins inside a quoted field.

    >>> is_open(b'1,"a\n', b",", False), is_open(b'b"\n', b",", True), is_open(b'"a"b\n', b",", False)
    (True, False, None)
    """
    if b'"' not in line:
        return is_inside
    length = len(line.rstrip(b"\r\n"))
    at = 0
    while True:
        if is_inside or line.startswith(b'"', at):
            inside = _INSIDE_BYTES.match(line, at if is_inside else at + 1)
            end = inside.end() if inside else at
            if end >= len(line):
                return True
            is_inside = False
            following = end + 1
            if following < length and not line.startswith(delimiter, following):
                return None
        else:
            following = line.find(delimiter, at)
        if following < 0 or following >= length:
            return False
        at = following + 1
