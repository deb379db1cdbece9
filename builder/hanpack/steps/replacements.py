"""What a step proposes for a text: replacements, which of them have an effect, and of which kind each is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.edit_list import Kinds, code_kinds


class Replacement(NamedTuple):
    """A step's proposal: replace ``[start, end)`` of the step's input text by ``text``.

    A ``flagged`` replacement changes nothing: it records damage that was detected and not repaired.
    """

    start: int
    end: int
    text: str = ""
    flagged: bool = False


_NOTHING = Replacement(0, 0)


def find_runs_to_replace(changed: Flags, gaps: Flags) -> tuple[Positions, Positions]:
    """The starts and ends of the runs of changed characters; both have the shape (runs,).

    A run also ends where source was removed, as ``gaps`` say of each point of the text: an edit has no bytes
    that another step removed.
    """
    starts = changed & ~(np.concatenate(([False], changed[:-1])) & ~gaps[:-1])
    ends = changed & ~(np.concatenate((changed[1:], [False])) & ~gaps[1:])
    return np.flatnonzero(starts), np.flatnonzero(ends) + 1


def find_effective(
    text: str, replacements: Iterable[Replacement], before: Replacement = _NOTHING
) -> list[Replacement]:
    """The replacements that change a text or flag it; the first of all comes after ``before``.

    Raises:
        ValueError: they overlap, are out of order or leave the text.
    """
    effective = []
    length, position = len(text), before.end
    for change in replacements:
        start, end, replacement, flagged = change
        if not position <= start <= end <= length:
            raise ValueError(_describe_disorder(before, change, length))
        before, position = change, end
        if flagged or text[start:end] != replacement:
            effective.append(change)
    return effective


def replace_in_text(text: str, replacements: Iterable[Replacement]) -> str:
    """A text after replacements; those that are flagged change nothing.

    >>> replace_in_text("a 國", [Replacement(1, 2), Replacement(2, 3, "国")])
    'a国'
    """
    pieces: list[str] = []
    copied = 0
    for change in replacements:
        if not change.flagged:
            pieces += [text[copied : change.start], change.text]
            copied = change.end
    return "".join([*pieces, text[copied:]])


def code_kinds_of(replacements: Sequence[Replacement]) -> Kinds:
    """The kind of edit that each replacement is."""
    return code_kinds(
        [
            "flagged" if flagged else "removed" if not text else "inserted" if start == end else "replaced"
            for start, end, text, flagged in replacements
        ]
    )


def split_by_character(
    starts: Positions, ends: Positions, sizes: Positions
) -> tuple[Positions, Positions, Positions]:
    """The starts, the ends and the sizes of replacements; the shape of each is (replacements,), or longer.

    Those of equal length are split into their characters, so that each keeps its own bytes.
    """
    is_split = (sizes > 1) & (ends - starts == sizes)
    if not is_split.any():
        return starts, ends, sizes
    counts = np.where(is_split, sizes, 1)
    is_split = np.repeat(is_split, counts)
    places = np.arange(len(is_split)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = np.repeat(starts, counts) + places
    return (
        starts,
        np.where(is_split, starts + 1, np.repeat(ends, counts)),
        np.where(is_split, 1, np.repeat(sizes, counts)),
    )


def _describe_disorder(before: Replacement, change: Replacement, length: int) -> str:
    """Why a replacement is not in a text of this length, or not after the one before it."""
    if not 0 <= change.start <= change.end <= length:
        return f"replacement {change} leaves a text of {length} characters"
    return f"replacements {before} and {change} overlap or are out of order"
