r"""Decoded texts as they are written in their sources, and their alignments, made for a whole batch at once.

How many bytes a character takes in UTF-8 follows from the character, and an escape of JSON (\n, \u4e2d) takes
as many as it has characters. So the alignments of many such texts come from one array of widths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.alignment import Alignment, Flags, Positions
from hanpack.steps.edit_list import Edit, EditList
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced, code_points

Widths = npt.NDArray[np.uint8]
_SURROGATE = compile_lazily("[\ud800-\udfff]")
# How many characters of written texts are measured together, and how many an escape may have.
_WINDOW, _LONGEST_ESCAPE = 1 << 20, 12


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A decoded text before its alignment is made.

    The text is made of the bytes ``[start, end)`` of its source; those of ``[byte_start, byte_end)`` around
    them have no text, as ``edits`` say. ``written`` is the text as it is in the source, the same or with
    escapes of JSON. ``aligned`` maps the text to the bytes ``[start, end)``; it is None if ``written`` is in
    UTF-8. For the other fields see :class:`hanpack.steps.traced.Traced`.
    """

    text: str
    written: str
    byte_start: int
    start: int
    end: int
    byte_end: int
    aligned: Alignment | None = None
    edits: tuple[Edit, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    lost_values: tuple[str, ...] = ()


def trace_texts(texts: Sequence[WrittenText]) -> list[Traced]:
    r"""Align texts to the bytes of their sources, all at once.

    Half of a surrogate pair, which no encoding can write, becomes U+FFFD by the step ``decode``.

    >>> written = WrittenText("中\n", "中\\n", byte_start=0, start=1, end=6, byte_end=7)
    >>> [traced] = trace_texts([written])
    >>> traced.alignment.text.tolist(), traced.alignment.source.tolist()
    ([0, 0, 1, 2, 2], [0, 1, 4, 6, 7])
    """
    alignments = iter(_align_all([text for text in texts if text.aligned is None]))
    edits = EditList.of_all([text.edits for text in texts])
    return [
        _trace(text, next(alignments) if text.aligned is None else _frame(text), of_text)
        for text, of_text in zip(texts, edits, strict=True)
    ]


def _trace(text: WrittenText, alignment: Alignment, edits: EditList) -> Traced:
    traced = Traced(text.text, alignment, edits, text.metadata, lost_values=text.lost_values)
    if text.written is text.text or "\\u" not in text.written:
        return traced
    halves = [Replacement(*half.span(), "\ufffd") for half in _SURROGATE.finditer(text.text)]
    return traced.apply("decode", halves)


def _frame(text: WrittenText) -> Alignment:
    """The alignment of a text that has one, with the source around it that has no text."""
    assert text.aligned is not None
    return frame(text.aligned, text.start - text.byte_start, text.byte_end - text.end)


def frame(aligned: Alignment, before: int, after: int) -> Alignment:
    """The same alignment with ``before`` and ``after`` source positions that have no text around it."""
    text, source, even = [aligned.text], [aligned.source], [aligned.even]
    if before:
        text.insert(0, aligned.text[:1])
        source.insert(0, aligned.source[:1] - before)
        even.insert(0, np.ones(1, np.bool_))
    if after:
        text.append(aligned.text[-1:])
        source.append(aligned.source[-1:] + after)
        even.append(np.ones(1, np.bool_))
    return Alignment(np.concatenate(text), np.concatenate(source), np.concatenate(even))


def _align_all(texts: Sequence[WrittenText]) -> list[Alignment]:
    """Align texts in UTF-8, with the source around each that has no text."""
    counts = np.array([len(text.text) for text in texts], np.int64)
    spans = [(text.byte_start, text.start, text.end, text.byte_end) for text in texts]
    byte_start, start, end, byte_end = np.array(spans, np.int64).reshape(-1, 4).T
    widths = _measure_characters(texts, counts)
    # A block begins where the width changes, and with each text; a text without characters has one, too.
    limits = np.cumsum(counts)
    firsts = limits - counts
    begins = np.ones(len(widths), np.bool_)
    np.not_equal(widths[1:], widths[:-1], out=begins[1:])
    begins[firsts[counts > 0]] = True
    heads = np.flatnonzero(begins)
    # Sums over blocks, not over characters: of a long record those alone would take many times its size.
    first_blocks = np.searchsorted(heads, firsts)
    blocks = np.searchsorted(heads, limits) - first_blocks
    owners = np.repeat(np.arange(len(texts)), blocks)
    sizes = np.diff(heads, append=len(widths)) * widths[heads]
    byte_ends = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    has_lead, has_tail, is_empty = start > byte_start, byte_end > end, counts == 0
    breaks = has_lead + is_empty + blocks + 1 + has_tail
    last = np.cumsum(breaks)
    first = last - breaks
    text_breaks, byte_breaks = np.zeros((2, int(breaks.sum())), np.int64)
    # The beginnings of the blocks, in the order in which they stand among all breaks.
    place = np.arange(len(heads)) + (first + has_lead - first_blocks)[owners]
    text_breaks[place] = heads - firsts[owners]
    byte_breaks[place] = byte_ends[:-1] + (start - byte_ends[first_blocks])[owners]
    byte_breaks[first[has_lead]] = byte_start[has_lead]
    byte_breaks[(first + has_lead)[is_empty]] = start[is_empty]
    ends = last - has_tail - 1
    text_breaks[ends], byte_breaks[ends] = counts, end
    text_breaks[last[has_tail] - 1], byte_breaks[last[has_tail] - 1] = counts[has_tail], byte_end[has_tail]
    even = np.ones(int(breaks.max(initial=1)), np.bool_)
    return [
        Alignment(text_breaks[low:high], byte_breaks[low:high], even[: high - low - 1])
        for low, high in zip(first.tolist(), last.tolist(), strict=True)
    ]


def _measure_characters(texts: Sequence[WrittenText], counts: Positions) -> Widths:
    """The bytes that each character of each text takes in its source; shape (characters of all,)."""
    # A line feed between any two, which is in no literal: no escape reaches into the next text.
    joined = "\n".join(map(_hide_backslashes, texts))
    has_escapes = not all(text.written is text.text for text in texts)
    parts: list[Widths] = []
    start = 0
    # Window by window, each of which begins where a character does: a long record has many characters.
    while start < len(joined) or not parts:
        points = code_points(joined[start : start + _WINDOW + _LONGEST_ESCAPE])
        size = min(_WINDOW, len(points))
        widths = 1 + (points > 0x7F).view(np.uint8) + (points > 0x7FF).view(np.uint8)
        widths += (points > 0xFFFF).view(np.uint8)
        if has_escapes:
            starts, sizes = _escapes(points)
            starts, sizes = starts[starts < size], sizes[starts < size]
            size = max(size, int((starts + sizes)[-1])) if len(starts) else size
            is_head = _mark_heads(len(points), starts, sizes)
            # An escape takes as many bytes as it has characters.
            widths[starts] = sizes
            widths = widths[:size][is_head[:size]]
        parts.append(widths[:size])
        start += size
    return np.delete(np.concatenate(parts), np.cumsum(counts + 1)[:-1] - 1)


def _hide_backslashes(text: WrittenText) -> str:
    """What a text is written as; backslashes that begin no escape are replaced, which changes no width."""
    return text.text.replace("\\", "/") if text.written is text.text else text.written


def find_heads(points: npt.NDArray[np.uint32]) -> Positions:
    """The positions in a string literal where its characters begin, written plainly or as an escape."""
    heads: Positions = np.flatnonzero(_mark_heads(len(points), *_escapes(points)))
    return heads


def _mark_heads(length: int, starts: Positions, sizes: Positions) -> Flags:
    """Whether a character of a literal of this length begins at each place; ``starts`` are of its escapes."""
    is_head = np.ones(length, np.bool_)
    for offset in range(1, int(sizes.max(initial=0))):
        is_head[starts[sizes > offset] + offset] = False
    return is_head


def _escapes(points: npt.NDArray[np.uint32]) -> tuple[Positions, Positions]:
    """Where the escapes of a literal begin and how long they are; a surrogate pair is one escape.

    A backslash begins an escape if an even number of backslashes directly precedes it.
    """
    at = np.flatnonzero(points == ord("\\"))
    if not len(at):
        return at, at
    first_of_run = np.ones(len(at), np.bool_)
    np.not_equal(at[1:] - at[:-1], 1, out=first_of_run[1:])
    run_start = np.maximum.accumulate(np.where(first_of_run, at, 0))
    starts = at[(at - run_start) % 2 == 0]
    by_code = points.take(starts + 1, mode="clip") == ord("u")
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
