"""Parses a line or an element of JSON, and finds where the strings of its text are."""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, NoReturn

import numpy as np

from hanpack.errors import RecordError
from hanpack.lazy_patterns import compile_lazily
from hanpack.reasons import Cause, Reason
from hanpack.steps.decode.written_text import WrittenText, trace_texts

_SPACE = compile_lazily(r"[ \t\n\r]*")
_STRING_OR_BRACKET = compile_lazily(r'"[^"\\]*+(?>\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
# A key that is no path, and what is between a key and its string.
_PLAIN_KEY = compile_lazily(r"[\w-]+")
_VALUE_QUOTE = compile_lazily(r'[ \t\n\r]*:[ \t\n\r]*"')
SURROGATE = compile_lazily("[\ud800-\udfff]")
_SURROGATE_ESCAPE = compile_lazily(r"\\u[dD][89a-fA-F]")
# What is left of a value that is the text, or of a list of texts.
_NOTHING = object()
# What the messages of the library's parser mean, as statements about the place that they name.
SYNTAX_FAULTS = {
    "Expecting value": "a value is missing",
    "Unterminated string starting at": "the string that begins here is not closed",
    "Invalid control character at": "a control character stands in a string",
    "Invalid \\escape": "a backslash is not followed by what JSON allows",
    "Invalid \\uXXXX escape": "\\u is not followed by four hexadecimal digits",
    "Expecting ',' delimiter": "',' is missing",
    "Expecting ':' delimiter": "':' is missing",
    "Expecting property name enclosed in double quotes": "a key in quotes is missing",
    "Illegal trailing comma before end of object": "a comma stands before the end of the object",
    "Illegal trailing comma before end of array": "a comma stands before the end of the list",
}


class _Place(Enum):
    """What a value is that the path does not lead on from: the text, a list of texts, or neither."""

    TEXT = "text"
    LIST = "list"
    ELSEWHERE = "elsewhere"


class JsonString(NamedTuple):
    """A string of the text, and its span between the quotes."""

    text: str
    start: int
    end: int


class ParsedJson(NamedTuple):
    """The values that are not the text, and the strings of the text in order; there is at least one."""

    columns: dict[str, object]
    strings: list[JsonString]


class _InvalidValueError(ValueError):
    """A value of a line that is not accepted, raised inside the JSON parser, which has no offset."""

    def __init__(self, cause: Cause, **fields: str) -> None:
        super().__init__(cause.code)
        self.cause = cause
        self.fields = fields


@dataclass(frozen=True, slots=True)
class JsonParser:
    """A decoded line or element of JSON; its methods parse it and refuse what is wrong.

    ``strings`` are the strings of the text so far, ``nulls`` the places of the nulls instead of one.
    """

    decoded: WrittenText
    max_nesting: int
    strings: list[JsonString] = field(default_factory=list)
    nulls: list[int] = field(default_factory=list)

    def refuse(self, cause: Cause, place: int, **fields: str | int) -> NoReturn:
        """Raise an error with the byte offset of a position in the text."""
        (traced,) = trace_texts([self.decoded])
        alignment = traced.alignment
        offset = int(alignment.source_spans_of_points(np.array([place]), "right")[0])
        # What is missing after the last byte is reported there, inside the record.
        offset = max(min(offset, int(alignment.source[-1]) - 1), int(alignment.source[0]))
        raise RecordError(Reason(cause, {"offset": offset, **fields}))

    def parse(self, column: str, *, may_be_string: bool = False) -> ParsedJson | None:
        """The strings of the text and all other values; None for a blank line.

        ``column`` is a key, or a path of keys with dots between them; every element of a list on the way is
        followed, and ``[]`` after the last key means the strings in its list. With ``may_be_string`` the
        whole value may be the text.
        """
        text = self.decoded.text
        if not text.strip(" \t\r\n"):
            return None
        plain = read_plain_object(text, column, self.max_nesting)
        if plain is not None:
            return plain
        self.require_shallow()
        at = _space(text, 0)
        is_string = may_be_string and text[at] == '"'
        if text[at] != "{" and not is_string:
            self.refuse(Cause.NOT_AN_OBJECT, at)
        remaining, end = self.read(at, _Place.TEXT if is_string else column, column)
        after = _space(text, end)
        if after < len(text):
            self.refuse(Cause.TEXT_AFTER_OBJECT, after)
        columns = remaining if isinstance(remaining, dict) else {}
        strings = self.choose_strings(column)
        joined = "\n".join(string.text for string in strings)
        if _SURROGATE_ESCAPE.search(text) and (is_lost([*columns]) or _is_all_lost(joined)):
            self.refuse(Cause.LONE_SURROGATE, 0)
        return ParsedJson(columns, strings)

    def choose_strings(self, column: str) -> list[JsonString]:
        """The strings that were found; of several, those that are not empty."""
        if self.strings:
            return [string for string in self.strings if string.text] or self.strings[:1]
        if self.nulls:
            self.refuse(Cause.NULL_COLUMN, self.nulls[0], column=column)
        return self.refuse(Cause.MISSING_COLUMN, 0, column=column)

    def read(self, at: int, path: str | _Place, column: str) -> tuple[object, int]:
        """The value at a place without the text in it, and where it ends; ``path`` leads on to the text."""
        mark = self.decoded.text[at : at + 1]
        if path is _Place.ELSEWHERE:
            return self.value(at)
        if mark == "[" and path is not _Place.TEXT:
            return self.read_list(at, path, column)
        if isinstance(path, str):
            return self.read_object(at, path, column) if mark == "{" else self.value(at)
        value, end = self.value(at)
        if isinstance(value, str):
            self.strings.append(JsonString(value, at + 1, end - 1))
        elif value is None:
            self.nulls.append(at)
        else:
            self.refuse(Cause.COLUMN_NOT_TEXT, at, column=column)
        return _NOTHING, end

    def read_object(self, at: int, path: str, column: str) -> tuple[object, int]:
        """The members of an object that are not the text."""
        text = self.decoded.text
        keys: set[str] = set()
        members: dict[str, object] = {}
        at = _space(text, at + 1)
        is_closed = text[at : at + 1] == "}"
        while not is_closed:
            if text[at : at + 1] != '"':
                self.refuse_syntax("a key in quotes is missing", at)
            key, key_end = self.value(at)
            name = str(key)
            if name in keys:
                self.refuse(Cause.REPEATED_KEY, at, key=name)
            keys.add(name)
            value_at = _space(text, self.expect(":", key_end))
            value, end = self.read(value_at, _follow(path, name), column)
            if value is not _NOTHING:
                members[name] = value
            at = _space(text, end)
            is_closed = text[at : at + 1] == "}"
            if not is_closed:
                at = _space(text, self.expect(",", at))
        return (members if members or not keys else _NOTHING), at + 1

    def read_list(self, at: int, path: str | _Place, column: str) -> tuple[object, int]:
        """The elements of a list that are not texts; nothing if all are."""
        text = self.decoded.text
        elements: list[object] = []
        start, at = at + 1, _space(text, at + 1)
        is_closed = text[at : at + 1] == "]"
        if is_closed and path is _Place.LIST:
            self.strings.append(JsonString("", start, start))
        inside = _Place.TEXT if path is _Place.LIST else path
        while not is_closed:
            value, end = self.read(at, inside, column)
            if value is not _NOTHING:
                elements.append(value)
            at = _space(text, end)
            is_closed = text[at : at + 1] == "]"
            if not is_closed:
                at = _space(text, self.expect(",", at))
        return (elements or _NOTHING), at + 1

    def value(self, at: int) -> tuple[object, int]:
        """The value that begins at a place, and where it ends."""
        text = self.decoded.text
        try:
            return _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            self.refuse_syntax(SYNTAX_FAULTS.get(error.msg, error.msg), error.pos)
        except _InvalidValueError as error:
            self.refuse(error.cause, at, **error.fields)
        except ValueError:
            limit = sys.get_int_max_str_digits()
            self.refuse(Cause.NUMBER_TOO_LONG, at, detail=f"a number has more than {limit:,} digits")

    def expect(self, mark: str, at: int) -> int:
        """The position after a mark that may have spaces before it."""
        at = _space(self.decoded.text, at)
        if self.decoded.text[at : at + 1] != mark:
            self.refuse_syntax(f"{mark!r} is missing", at)
        return at + 1

    def refuse_syntax(self, detail: str, place: int) -> NoReturn:
        """A line that does not end in a brace was cut off; any other is not JSON."""
        is_cut = not self.decoded.text.rstrip().endswith("}") or not self.decoded.text[place:].strip()
        self.refuse(Cause.TRUNCATED_JSON if is_cut else Cause.INVALID_JSON, place, detail=detail)

    def require_shallow(self) -> None:
        """Count the depth before the parser recurses; few lines hold enough brackets to need it."""
        text = self.decoded.text
        if text.count("{") + text.count("[") <= self.max_nesting:
            return
        depth = 0
        for token in _STRING_OR_BRACKET.finditer(text):
            if token.group() in "{[":
                depth += 1
                if depth > self.max_nesting:
                    self.refuse(Cause.NESTED_TOO_DEEP, token.start(), limit=self.max_nesting)
            elif token.group() in "}]":
                depth -= 1


def _follow(path: str, key: str) -> str | _Place:
    """The path from the value of a key to the text.

    >>> _follow("a.b", "a"), _follow("a.b", "a.b").value, _follow("a.b", "b").value
    ('b', 'text', 'elsewhere')
    """
    if path == key:
        return _Place.TEXT
    if path == f"{key}[]":
        return _Place.LIST
    return path[len(key) + 1 :] if path.startswith(f"{key}.") else _Place.ELSEWHERE


def read_plain_object(text: str, column: str, max_nesting: int) -> ParsedJson | None:
    r"""What :meth:`JsonParser.parse` gives, read by the parser of the library; None if that may not be so.

    It is so for an object with a string at the key ``column``, which it has nowhere else, and without escapes
    of code points.

    >>> read_plain_object('{"id": 7, "text": "甲\\n"}', "text", 8)
    ParsedJson(columns={'id': 7}, strings=[JsonString(text='甲\n', start=19, end=22)])
    """
    if text[:1] != "{" or "\\u" in text or not _PLAIN_KEY.fullmatch(column):
        return None
    if text.count("{") + text.count("[") > max_nesting:
        return None
    key = f'"{column}"'
    at = text.find(key)
    if at < 0 or text.find(key, at + 1) >= 0:
        return None
    quote = _VALUE_QUOTE.match(text, at + len(key))
    try:
        columns, end = _DECODER.raw_decode(text)
    except ValueError:
        return None
    value = columns.pop(column, None)
    if quote is None or not isinstance(value, str) or text[end:].strip(" \t\n\r"):
        return None
    start = quote.end()
    end = start + len(value)
    if not text.startswith(value, start) or text[end] != '"':
        # It has escapes.
        literal, after = _DECODER.raw_decode(text, start - 1)
        if literal != value:
            return None
        end = after - 1
    return ParsedJson(columns, [JsonString(value, start, end)])


def _space(text: str, at: int) -> int:
    """The first position from ``at`` on that is not a space."""
    spaces = _SPACE.match(text, at)
    return spaces.end() if spaces else at


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    columns = dict(pairs)
    if len(columns) < len(pairs):
        [(repeated, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise _InvalidValueError(Cause.REPEATED_KEY, key=repeated)
    return columns


def _parse_number(digits: str) -> float:
    """A number; NaN and the infinite ones are read, and are then lost with the value they are in."""
    return float(digits.replace("Infinity", "inf"))


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_parse_number, parse_constant=_parse_number
)


def is_lost(value: object) -> bool:
    """Whether there is a number that is not finite, or half a surrogate pair, in a value of JSON."""
    if isinstance(value, str):
        return not value.isascii() and SURROGATE.search(value) is not None
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(is_lost(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(is_lost, value))


def _is_all_lost(text: str) -> bool:
    """Whether a text has halves of surrogate pairs and otherwise nothing but white space."""
    return SURROGATE.search(text) is not None and not SURROGATE.sub("", text).strip()


def find_strings(content: object) -> Iterator[tuple[str, str]]:
    """Every string in a value of JSON, with the path of keys to it.

    >>> list(find_strings({"id": 7, "data": [{"text": "甲"}, {"text": "乙"}], "notes": ["丙"]}))
    [('data.text', '甲'), ('data.text', '乙'), ('notes[]', '丙')]
    """
    pending = [("", content)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            members = reversed(value.items())
            pending += [(f"{path}.{key}" if path else str(key), part) for key, part in members]
        elif isinstance(value, list):
            pending += [(f"{path}[]" if isinstance(part, str) else path, part) for part in reversed(value)]
