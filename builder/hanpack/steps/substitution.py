"""Substitutes several texts by others of the same lengths: they are compared and aligned all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from hanpack.steps.alignment import Alignment, Flags
from hanpack.steps.edit_list import StepEdits, repeat_kind
from hanpack.steps.joined_alignment import JoinedAlignment
from hanpack.steps.traced import Traced, code_points

# A longer text is changed by itself: joined with others it would be in memory once more.
_LONGEST_JOINED = 1 << 16


def substitute_all(step: str, texts: Sequence[Traced], written: Sequence[str]) -> list[Traced]:
    """Each text with ``written`` of the same length in its place, as :meth:`Traced.substitute` does for one.

    >>> texts = [Traced("漢", Alignment.identity(1)), Traced("字國", Alignment.identity(2, 10))]
    >>> changed = substitute_all("script", texts, ["汉", "字国"])
    >>> [(traced.text, [tuple(edit) for edit in traced.edits]) for traced in changed]
    [('汉', [('script', 'replaced', 0, 1)]), ('字国', [('script', 'replaced', 11, 12)])]

    Raises:
        ValueError: the lengths of a text and of what is written for it differ.
    """
    changed = list(texts)
    joined: list[int] = []
    for index, (traced, text) in enumerate(zip(texts, written, strict=True)):
        if text == traced.text:
            continue
        if len(text) == len(traced.text) <= _LONGEST_JOINED:
            joined.append(index)
        else:
            changed[index] = traced.substitute(step, text)
    if joined:
        pairs = _substitute([texts[index] for index in joined], [written[index] for index in joined], step)
        for index, traced in zip(joined, pairs, strict=True):
            changed[index] = traced
    return changed


def _substitute(texts: Sequence[Traced], written: Sequence[str], step: str) -> Iterator[Traced]:
    """The texts after the substitution of each: everything that is computed is computed for all at once.

    Invariant: the joined alignment has a block of one character between two texts, which never changes, so
    that no edit and no new break is of two texts.
    """
    alignment = JoinedAlignment.of([traced.alignment for traced in texts])
    joined = alignment.joined
    is_changed = code_points("\n".join(written)) != code_points("\n".join([traced.text for traced in texts]))
    # A run also ends where source was removed: an edit has no bytes that another step removed.
    gaps = joined.find_gaps()
    is_first = is_changed & ~(_shift(is_changed) & ~gaps[:-1])
    is_last = is_changed & ~(np.append(is_changed[1:], False) & ~gaps[1:])
    starts, ends = np.flatnonzero(is_first), np.flatnonzero(is_last) + 1
    low, high = joined.source_spans(starts, ends)
    cut = joined.cut(np.append(is_changed, False) | np.append(False, is_changed))
    lengths = np.array([len(text) for text in written], np.int64)
    limits = np.cumsum(lengths + 1) - 1
    # Where the edits and the breaks of each text begin and end.
    edit_limits = np.searchsorted(starts, np.append(0, limits)).tolist()
    first_breaks = np.searchsorted(cut.text, limits - lengths, "left").tolist()
    last_breaks = np.searchsorted(cut.text, limits, "right").tolist()
    text_shifts, source_shifts = alignment.text_shifts.tolist(), alignment.source_shifts.tolist()
    for number, (traced, text) in enumerate(zip(texts, written, strict=True)):
        edits = slice(edit_limits[number], edit_limits[number + 1])
        first, last = first_breaks[number], last_breaks[number]
        shift = source_shifts[number]
        count = edits.stop - edits.start
        block = StepEdits(step, repeat_kind("replaced", count), low[edits] - shift, high[edits] - shift)
        yield replace(
            traced,
            text=text,
            alignment=Alignment(
                cut.text[first:last] - text_shifts[number],
                cut.source[first:last] - shift,
                cut.even[first : last - 1],
            ),
            edits=traced.edits.add(block),
        )


def _shift(flags: Flags) -> Flags:
    """The flag of the character before each."""
    return np.append(False, flags[:-1])
