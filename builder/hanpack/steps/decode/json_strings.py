"""Takes the text of a record out of a line of JSON; every character maps to its bytes in the line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Alignment
from hanpack.steps.decode.decoding import decode, frame, restore_preamble
from hanpack.steps.decode.json_parsing import SURROGATE, JsonParser, JsonString, is_lost
from hanpack.steps.traced import Edit, Replacement, Traced, code_points

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
    is_element = terminator is not None
    separator = _separator(line, encoding) if terminator is None else terminator
    start = byte_start + preamble
    decoded = decode(line[preamble:], encoding, start, separator, max_invalid)
    parsed = JsonParser(decoded, max_nesting).parse(column, may_be_string=is_element)
    first = decoded.edits[0].byte_end if decoded.edits and decoded.edits[0].step == "decode" else start
    last = byte_start + len(line) - separator
    if parsed is None:
        empty = Alignment.of_lengths([(0, len(line) - preamble, True)], start)
        traced = Traced("", empty, _edits(decoded, [(first, last)], []))
        return UnwrappedJson(restore_preamble(traced, byte_start, preamble), {})
    pieces = [_align_string(decoded, string) for string in parsed.strings]
    lows, highs = ([int(piece.source[end]) for piece in pieces] for end in (0, -1))
    lost = tuple(name for name, value in parsed.columns.items() if is_lost(value))
    traced = Traced(
        "\n".join(string.text for string in parsed.strings),
        frame(_join(pieces), lows[0] - start, byte_start + len(line) - highs[-1]),
        _edits(decoded, [*zip([first, *highs], [*lows, last], strict=True)], highs[:-1]),
        lost_values=lost,
    )
    return UnwrappedJson(
        restore_preamble(
            _replace_surrogates(traced) if "\\" in decoded.text else traced, byte_start, preamble
        ),
        {**parsed.columns, **dict.fromkeys(lost)},
    )


def _align_string(decoded: Traced, string: JsonString) -> Alignment:
    """The alignment of a string to the bytes between its quotes."""
    inside = _cut(decoded.alignment, string.start, string.end)
    raw = decoded.text[string.start : string.end]
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


def _replace_surrogates(traced: Traced) -> Traced:
    """Replace each half of a surrogate pair, which no encoding can write, by U+FFFD, as for invalid bytes."""
    halves = [Replacement(*half.span(), "\ufffd") for half in SURROGATE.finditer(traced.text)]
    return traced.apply("decode", halves)


def _edits(decoded: Traced, around: list[tuple[int, int]], joints: list[int]) -> tuple[Edit, ...]:
    """The edits of decoding with those of unwrapping, in the order of the bytes; line feeds are at joints."""
    added = [Edit("unwrap", "inserted", joint, joint) for joint in joints]
    added += [Edit("unwrap", "removed", low, high) for low, high in around if low < high]
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
