"""Takes the text of a record out of a line of JSON; every character maps to its bytes in the line."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from hanpack.errors import RecordError
from hanpack.reasons import Cause, Reason
from hanpack.steps.alignment import Alignment
from hanpack.steps.decode.decoding import decode, frame
from hanpack.steps.traced import Edit, Replacement, Traced, code_points

# How deep the objects and lists of a line may be nested by default: far less than the parser can take.
DEEPEST_NESTING = 64

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class UnwrappedJson(NamedTuple):
    """The text of a record out of its line of JSON, and the other columns.

    ``traced.lost_values`` are the columns with NaN, an infinite number or a lone surrogate: now null.
    """

    traced: Traced
    columns: dict[str, object]


class _InvalidValueError(ValueError):
    """A value of a line that is not accepted, raised inside the JSON parser, which has no offset."""

    def __init__(self, cause: Cause, **fields: str) -> None:
        super().__init__(cause.code)
        self.cause = cause
        self.fields = fields


def unwrap_json(
    line: bytes,
    column: str,
    byte_start: int = 0,
    encoding: str = "utf-8",
    max_invalid: int = 0,
    max_nesting: int = DEEPEST_NESTING,
) -> UnwrappedJson:
    r"""Read one line of JSON Lines that begins at ``byte_start`` of its source.

    Returns the text of ``column`` and the other columns. Each character maps to its own bytes or to those of
    its escape (2, 6 or 12 characters); the JSON around the text is removed by the step ``unwrap``, the end
    of the line by ``separator``. Half of a surrogate pair becomes U+FFFD by the step ``decode``. A blank line
    gives an empty text and no columns.

    >>> traced, columns = unwrap_json(b'{"id": 7, "text": "a\\u4e2d"}', "text")
    >>> traced.text, columns, traced.alignment.source_span(1, 2)
    ('a中', {'id': 7}, (20, 26))

    Raises:
        RecordError: the line is not text in its encoding (up to ``max_invalid`` bytes of it are replaced); it
            is cut off, is not JSON or not an object; a key is repeated or has half of a surrogate pair; it is
            nested deeper than ``max_nesting`` levels; the column is missing, null or not a string, or has
            nothing but halves of surrogate pairs.
    """
    separator = _separator(line, encoding)
    decoded = decode(line, encoding, byte_start, separator, max_invalid)
    parsed = _JsonLine(decoded, max_nesting).parse(column)
    first = decoded.edits[0].byte_end if decoded.edits and decoded.edits[0].step == "decode" else byte_start
    last = byte_start + len(line) - separator
    if parsed is None:
        empty = Alignment.of_lengths([(0, len(line), True)], byte_start)
        return UnwrappedJson(Traced("", empty, _edits(decoded, [(first, last)])), {})
    columns, start, end = parsed
    inside = _cut(decoded.alignment, start, end)
    low, high = int(inside.source[0]), int(inside.source[-1])
    raw = decoded.text[start:end]
    text = str(columns.pop(column))
    lost = tuple(name for name, value in columns.items() if _is_lost(value))
    aligned = _join_escapes(raw, inside) if "\\" in raw else inside
    traced = Traced(
        text,
        frame(aligned, low - byte_start, byte_start + len(line) - high),
        _edits(decoded, [(first, low), (high, last)]),
        lost_values=lost,
    )
    return UnwrappedJson(
        _replace_surrogates(traced) if "\\" in raw else traced,
        {**columns, **dict.fromkeys(lost)},
    )


def _replace_surrogates(traced: Traced) -> Traced:
    """Replace each half of a surrogate pair, which no encoding can write, by U+FFFD, as for invalid bytes."""
    halves = [Replacement(*half.span(), "\ufffd") for half in _SURROGATE.finditer(traced.text)]
    return traced.apply("decode", halves)


def _edits(decoded: Traced, around: list[tuple[int, int]]) -> tuple[Edit, ...]:
    """The edits of decoding with those of unwrapping, in the order of the bytes."""
    added = [Edit("unwrap", "removed", low, high) for low, high in around if low < high]
    return tuple(sorted([*decoded.edits, *added], key=lambda edit: edit.byte_start))


def _cut(whole: Alignment, start: int, end: int) -> Alignment:
    """The part between two text positions, each at a break or inside an even block."""
    first = int(np.searchsorted(whole.text, start, side="right"))
    last = max(int(np.searchsorted(whole.text, end, side="left")), first)
    low, high = (_byte_at(whole, place, block - 1) for place, block in ((start, first), (end, last)))
    text = np.concatenate(([0], whole.text[first:last] - start, [end - start]))
    return Alignment(
        text, np.concatenate(([low], whole.source[first:last], [high])), whole.even[first - 1 : last]
    )


def _byte_at(whole: Alignment, place: int, block: int) -> int:
    start, end = whole.text[block : block + 2].tolist()
    low, high = whole.source[block : block + 2].tolist()
    return int(low + (high - low) * (place - start) // (end - start))


def _join_escapes(raw: str, inside: Alignment) -> Alignment:
    """Map each escape of a literal to one character; ``inside`` aligns the literal as it is written."""
    heads = _heads(raw)
    sizes = np.diff(inside.text)
    if not inside.even.all():
        return Alignment.of_widths(np.diff(heads, append=len(raw))).after(inside)
    widths = np.repeat((np.diff(inside.source) // sizes).astype(np.uint8), sizes)
    return Alignment.of_widths(np.add.reduceat(widths, heads), int(inside.source[0]))


def _separator(line: bytes, encoding: str) -> int:
    """The number of bytes the end of the line takes."""
    endings = (ending.encode(encoding) for ending in ("\r\n", "\n"))
    return next((len(ending) for ending in endings if line.endswith(ending)), 0)


@dataclass(frozen=True, slots=True)
class _JsonLine:
    """A decoded line of JSON Lines; its methods parse it and refuse what is wrong."""

    decoded: Traced
    max_nesting: int

    def refuse(self, cause: Cause, place: int, **fields: str | int) -> NoReturn:
        """Raise an error with the byte offset of a position in the text."""
        offset = int(self.decoded.alignment.source_spans_of_points(np.array([place]), "right")[0])
        raise RecordError(Reason(cause, {"offset": offset, **fields}))

    def parse(self, column: str) -> tuple[dict[str, object], int, int] | None:
        """All columns, and the span of the column's text between its quotes; None for a blank line."""
        text = self.decoded.text
        if not text.strip(" \t\r\n"):
            return None
        self.require_shallow()
        columns: dict[str, object] = {}
        span = (0, 0)
        for key, key_at, value, value_at, value_end in self.members():
            if key in columns:
                self.refuse(Cause.REPEATED_KEY, key_at, key=key)
            columns[key] = value
            if key == column:
                span = (value_at + 1, value_end - 1)
                self.require_text(column, value, value_at)
        if column not in columns:
            self.refuse(Cause.MISSING_COLUMN, 0, column=column)
        if _SURROGATE_ESCAPE.search(text) and (_is_lost([*columns]) or _is_all_lost(str(columns[column]))):
            self.refuse(Cause.LONE_SURROGATE, 0)
        return columns, *span

    def members(self) -> Iterator[tuple[str, int, object, int, int]]:
        """Each key of the outer object and where it begins, its value and the value's span."""
        text = self.decoded.text
        at = _space(text, 0)
        if text[at] != "{":
            self.refuse(Cause.NOT_AN_OBJECT, at)
        at = _space(text, at + 1)
        closed = text[at : at + 1] == "}"
        while not closed:
            if text[at : at + 1] != '"':
                self.refuse_syntax("a key in quotes is missing", at)
            key, key_end = self.value(at)
            value_at = _space(text, self.expect(":", key_end))
            value, value_end = self.value(value_at)
            yield str(key), at, value, value_at, value_end
            at = _space(text, value_end)
            closed = text[at : at + 1] == "}"
            if not closed:
                at = _space(text, self.expect(",", at))
        after = _space(text, at + 1)
        if after < len(text):
            self.refuse(Cause.TEXT_AFTER_OBJECT, after)

    def value(self, at: int) -> tuple[object, int]:
        """The value that begins at a place, and where it ends."""
        text = self.decoded.text
        try:
            return _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            self.refuse_syntax(error.msg, error.pos)
        except _InvalidValueError as error:
            self.refuse(error.cause, at, **error.fields)
        except ValueError as error:
            self.refuse(Cause.NUMBER_TOO_LONG, at, detail=str(error))

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

    def require_text(self, column: str, value: object, at: int) -> None:
        if value is None:
            self.refuse(Cause.NULL_COLUMN, at, column=column)
        if not isinstance(value, str):
            self.refuse(Cause.COLUMN_NOT_TEXT, at, column=column)

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


def _is_lost(value: object) -> bool:
    """Whether there is a number that is not finite, or half a surrogate pair, in a value of JSON."""
    if isinstance(value, str):
        return not value.isascii() and _SURROGATE.search(value) is not None
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(_is_lost(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_is_lost, value))


def _is_all_lost(text: str) -> bool:
    """Whether a text has halves of surrogate pairs and otherwise nothing but white space."""
    return _SURROGATE.search(text) is not None and not _SURROGATE.sub("", text).strip()


def _heads(raw: str) -> npt.NDArray[np.int64]:
    """The positions in a string literal where its characters begin, written plainly or as an escape."""
    points = code_points(raw)
    starts, sizes = _escapes(points)
    plain = np.ones(len(points), np.bool_)
    for offset in range(1, int(sizes.max())):
        plain[starts[sizes > offset] + offset] = False
    return np.flatnonzero(plain)


def _escapes(points: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where the escapes of a literal begin and how long they are; a surrogate pair is one escape.

    A backslash begins an escape if an even number of backslashes directly precedes it.
    """
    at = np.flatnonzero(points == ord("\\"))
    first_of_run = np.ones(len(at), np.bool_)
    np.not_equal(at[1:] - at[:-1], 1, out=first_of_run[1:])
    run_start = np.maximum.accumulate(np.where(first_of_run, at, 0))
    starts = at[(at - run_start) % 2 == 0]
    by_code = points[starts + 1] == ord("u")
    sizes = np.where(by_code, 6, 2)
    if not by_code.any():
        return starts, sizes
    digit = points.take(starts + 2, mode="clip") | 0x20
    surrogate = by_code & (digit == ord("d"))
    if not surrogate.any():
        return starts, sizes
    digit = points.take(starts + 3, mode="clip") | 0x20
    high = surrogate & (digit >= ord("8")) & (digit <= ord("b"))
    low = surrogate & (digit >= ord("c"))
    joined = np.flatnonzero(high[:-1] & low[1:] & (starts[1:] - starts[:-1] == 6))
    sizes[joined] = 12
    kept = np.ones(len(starts), np.bool_)
    kept[joined + 1] = False
    return starts[kept], sizes[kept]
