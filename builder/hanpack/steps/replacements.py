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
    proposed = list(replacements)
    _require_order(before, proposed, len(text))
    return [change for change in proposed if change.flagged or text[change.start : change.end] != change.text]


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
            "flagged"
            if change.flagged
            else "removed"
            if not change.text
            else "inserted"
            if change.start == change.end
            else "replaced"
            for change in replacements
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


def _require_order(before: Replacement, replacements: Sequence[Replacement], length: int) -> None:
    """Check that replacements, the first of which comes after ``before``, are in order and in the text."""
    position = before.end
    for number, change in enumerate(replacements):
        if not position <= change.start <= change.end <= length:
            if not 0 <= change.start <= change.end <= length:
                raise ValueError(f"replacement {change} leaves a text of {length} characters")
            before = replacements[number - 1] if number else before
            raise ValueError(f"replacements {before} and {change} overlap or are out of order")
        position = change.end
