"""Takes the text of a record out of a line of JSON; every character maps to its bytes in the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from hanpack.steps.alignment import Alignment
from hanpack.steps.decode.decoding import read_bytes, restore_preamble
from hanpack.steps.decode.json_parsing import JsonParser, JsonString, ParsedJson, is_lost, read_plain_object
from hanpack.steps.decode.written_text import WrittenText, find_heads, trace_texts
from hanpack.steps.edit_list import Edit
from hanpack.steps.traced import Traced, code_points

# How deep the objects and lists of a line may be nested by default: far less than the parser can take.
DEEPEST_NESTING = 64


class UnwrappedJson(NamedTuple):
    """The text of a record out of its line of JSON, and the other columns.

    ``traced.lost_values`` are the columns with NaN, an infinite number or a lone surrogate: now null.
    """

    traced: Traced
    columns: dict[str, object]


def unwrap_json(
    line: bytes,
    column: str,
    byte_start: int = 0,
    *,
    encoding: str = "utf-8",
    max_invalid: int = 0,
    max_nesting: int = DEEPEST_NESTING,
    preamble: int = 0,
    terminator: int | None = None,
) -> UnwrappedJson:
    r"""Read a line of JSON Lines, or an element of a file of JSON, that begins at byte ``byte_start``.

    ``column`` is a key, or a path of keys such as ``data.text``; the strings in lists on the way are joined
    by line feeds. Returns the text and the other values. Each character maps to its own bytes or to those of
    its escape (2, 6 or 12 characters); the JSON around the text is removed by the step ``unwrap``, the end of
    the line by ``separator``. Half of a surrogate pair becomes U+FFFD by the step ``decode``. A blank line
    gives an empty text and no columns.

    An element has ``preamble`` bytes before it, and ``terminator`` bytes after it; it may be a string.

    >>> traced, columns = unwrap_json(b'{"id": 7, "text": "a\u4e2d"}', "text")
    >>> traced.text, columns, traced.alignment.source_span(1, 2)
    ('a中', {'id': 7}, (20, 26))

    Raises:
        RecordError: the line is not text in its encoding (up to ``max_invalid`` bytes of it are replaced); it
            is cut off, is not JSON or not an object; a key is repeated or has half of a surrogate pair; it is
            nested deeper than ``max_nesting`` levels; the column is missing, null or not a string, or has
            nothing but halves of surrogate pairs.
    """
    start = byte_start + preamble
    written = read_json(
        line[preamble:],
        column,
        start,
        encoding=encoding,
        max_invalid=max_invalid,
        max_nesting=max_nesting,
        terminator=terminator,
    )
    (traced,) = trace_texts([written])
    unwrapped = replace(traced, metadata={})
    return UnwrappedJson(restore_preamble(unwrapped, byte_start, preamble), dict(traced.metadata))


def read_json(
    line: bytes,
    column: str,
    byte_start: int = 0,
    *,
    encoding: str = "utf-8",
    max_invalid: int = 0,
    max_nesting: int = DEEPEST_NESTING,
    terminator: int | None = None,
) -> WrittenText:
    """Read a line or an element as :func:`unwrap_json` does, without a preamble.

    Its alignment can be made with those of other texts. The other values are the metadata of the text.
    """
    is_element = terminator is not None
    separator = _separator(line, encoding) if terminator is None else terminator
    plain = _read_plain(
        line, column, byte_start, encoding=encoding, max_nesting=max_nesting, separator=separator
    )
    if plain is not None:
        return plain
    whole = read_bytes(line, encoding, byte_start, separator, max_invalid)
    parsed = JsonParser(whole, max_nesting).parse(column, may_be_string=is_element)
    if parsed is None:
        return replace(
            whole,
            text="",
            written="",
            start=byte_start,
            end=whole.byte_end,
            byte_end=whole.byte_end,
            edits=_edits(whole, [(whole.start, whole.end)], []),
            aligned=Alignment.of_lengths([(0, len(line), True)], byte_start),
        )
    if whole.aligned is None and len(parsed.strings) == 1:
        limits = (whole.byte_start, whole.start, whole.end, whole.byte_end)
        return _take_string(whole.text, limits, whole.edits, parsed)
    columns, lost = _leave_out_lost(parsed.columns)
    alignment = trace_texts([whole])[0].alignment
    pieces = [_align_string(alignment, whole.text, string) for string in parsed.strings]
    lows, highs = ([int(piece.source[end]) for piece in pieces] for end in (0, -1))
    return replace(
        whole,
        metadata=columns,
        lost_values=lost,
        text="\n".join(string.text for string in parsed.strings),
        written=whole.text,
        start=lows[0],
        end=highs[-1],
        aligned=_join(pieces),
        edits=_edits(whole, [*zip([whole.start, *highs], [*lows, whole.end], strict=True)], highs[:-1]),
    )


def _read_plain(
    line: bytes, column: str, byte_start: int, *, encoding: str, max_nesting: int, separator: int
) -> WrittenText | None:
    """Read a line in UTF-8 with a plain object, as nearly all are; None if it is any other."""
    if encoding != "utf-8" or line[:1] != b"{":
        return None
    end = len(line) - separator
    try:
        text = line[:end].decode()
    except UnicodeDecodeError:
        return None
    parsed = read_plain_object(text, column, max_nesting)
    if parsed is None:
        return None
    limits = (byte_start, byte_start, byte_start + end, byte_start + len(line))
    ending = (Edit("separator", "removed", *limits[2:]),) if separator else ()
    return _take_string(text, limits, ending, parsed)


def _leave_out_lost(columns: dict[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """The columns with null for the values that cannot be kept, and the names of those columns."""
    lost = tuple([name for name, value in columns.items() if is_lost(value)])
    return ({**columns, **dict.fromkeys(lost)} if lost else columns), lost


def _take_string(
    text: str, limits: tuple[int, int, int, int], edits: tuple[Edit, ...], parsed: ParsedJson
) -> WrittenText:
    """The only string of a text in UTF-8.

    ``limits`` are where its record and its JSON begin, and where they end.
    """
    (string,) = parsed.strings
    columns, lost = _leave_out_lost(parsed.columns)
    byte_start, opening, closing, byte_end = limits
    written = text[string.start : string.end]
    start = opening + len(text[: string.start].encode())
    end = closing - len(text[string.end :].encode())
    around = (Edit("unwrap", "removed", opening, start), Edit("unwrap", "removed", end, closing))
    return WrittenText(
        text=string.text if "\\" in written else written,
        written=written,
        byte_start=byte_start,
        start=start,
        end=end,
        byte_end=byte_end,
        edits=tuple(sorted((*around, *edits), key=_get_start)),
        metadata=columns,
        lost_values=lost,
    )


def _align_string(whole: Alignment, text: str, string: JsonString) -> Alignment:
    """The alignment of a string to the bytes between its quotes; ``whole`` is that of the text around it."""
    inside = _cut(whole, string.start, string.end)
    raw = text[string.start : string.end]
    return _join_escapes(raw, inside) if "\\" in raw else inside


def _join(pieces: Sequence[Alignment]) -> Alignment:
    """The alignment of strings joined by line feeds, which have no bytes; what is between them is removed."""
    if len(pieces) == 1:
        return pieces[0]
    text, source, even = [pieces[0].text], [pieces[0].source], [pieces[0].even]
    for piece in pieces[1:]:
        offset = text[-1][-1] + 1
        text += [np.array([offset, offset]), piece.text[1:] + offset]
        source += [np.array([source[-1][-1], piece.source[0]]), piece.source[1:]]
        even += [np.ones(2, np.bool_), piece.even]
    return Alignment(np.concatenate(text), np.concatenate(source), np.concatenate(even))


def _edits(decoded: WrittenText, around: list[tuple[int, int]], joints: list[int]) -> tuple[Edit, ...]:
    """The edits of decoding with those of unwrapping, in the order of the bytes; line feeds are at joints."""
    added = [Edit("unwrap", "inserted", joint, joint) for joint in joints]
    added += [Edit("unwrap", "removed", low, high) for low, high in around if low < high]
    return tuple(sorted([*decoded.edits, *added], key=_get_start))


_get_start = attrgetter("byte_start")


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
    heads = find_heads(code_points(raw))
    sizes = np.diff(inside.text)
    if not inside.even.all():
        return Alignment.of_widths(np.diff(heads, append=len(raw))).after(inside)
    widths = np.repeat((np.diff(inside.source) // sizes).astype(np.uint8), sizes)
    return Alignment.of_widths(np.add.reduceat(widths, heads), int(inside.source[0]))


def _separator(line: bytes, encoding: str) -> int:
    """The number of bytes the end of the line takes."""
    if line.endswith(_line_ends(encoding)):
        return next(len(ending) for ending in _line_ends(encoding) if line.endswith(ending))
    return 0


@lru_cache(maxsize=64)
def _line_ends(encoding: str) -> tuple[bytes, ...]:
    return tuple(ending.encode(encoding) for ending in ("\r\n", "\n"))
