"""Changes several texts at once: the alignments of all of them are composed by the same few calls.

What a change costs besides its characters is paid once for all texts instead of once for each. The functions
give what :meth:`Traced.apply` and :meth:`Traced.substitute` give for each text by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

import numpy as np

from hanpack.steps.alignment import Alignment, Positions
from hanpack.steps.edit_list import Kinds, StepEdits, repeat_kind
from hanpack.steps.joined_alignment import JoinedAlignment
from hanpack.steps.replacements import (
    Replacement,
    code_kinds_of,
    find_effective,
    find_runs_to_replace,
    replace_in_text,
    split_by_character,
)
from hanpack.steps.traced import Traced, code_points

# A longer text is changed by itself: joined with others it would be in memory once more.
_LONGEST_JOINED = 1 << 16


def apply_all(
    step: str, texts: Sequence[Traced], replacements: Iterable[Iterable[Replacement]]
) -> list[Traced]:
    """Each text after the replacements that a step proposes for it, as :meth:`Traced.apply` does for one.

    >>> texts = [Traced("a 國", Alignment.identity(3)), Traced(" b", Alignment.identity(2, 10))]
    >>> changed = apply_all("spaces", texts, [[Replacement(1, 2)], [Replacement(0, 1)]])
    >>> [(traced.text, [tuple(edit) for edit in traced.edits]) for traced in changed]
    [('a國', [('spaces', 'removed', 1, 2)]), ('b', [('spaces', 'removed', 10, 11)])]

    Raises:
        ValueError: replacements overlap, are out of order or leave their text.
    """
    changed = list(texts)
    joined: dict[int, list[Replacement]] = {}
    for index, (traced, proposed) in enumerate(zip(texts, replacements, strict=True)):
        if len(traced.text) > _LONGEST_JOINED:
            changed[index] = traced.apply(step, proposed)
        elif effective := find_effective(traced.text, proposed):
            joined[index] = effective
    if joined:
        after = _replace([texts[index] for index in joined], list(joined.values()), step)
        for index, traced in zip(joined, after, strict=True):
            changed[index] = traced
    return changed


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
        after = _substitute([texts[index] for index in joined], [written[index] for index in joined], step)
        for index, traced in zip(joined, after, strict=True):
            changed[index] = traced
    return changed


@dataclass(frozen=True, slots=True)
class _JoinedEdits:
    """The edits of several texts one after another, those of each in their order.

    ``owners`` are the numbers of the texts; ``low`` and ``high`` are in bytes of their sources. The arrays
    have the shape (edits,).
    """

    step: str
    kinds: Kinds
    owners: Positions
    low: Positions
    high: Positions

    def divide(self, texts: int) -> list[StepEdits]:
        """The edits of each of so many texts."""
        limits = np.searchsorted(self.owners, np.arange(texts + 1)).tolist()
        blocks = (slice(first, last) for first, last in pairwise(limits))
        return [StepEdits(self.step, self.kinds[at], self.low[at], self.high[at]) for at in blocks]


def _replace(texts: Sequence[Traced], changes: Sequence[list[Replacement]], step: str) -> list[Traced]:
    """The texts after effective replacements of each."""
    alignment = JoinedAlignment.of([traced.alignment for traced in texts])
    counts = [len(of_text) for of_text in changes]
    owners = np.repeat(np.arange(len(texts)), counts)
    every = list(chain.from_iterable(changes))
    starts = np.array([change.start for change in every], np.int64)
    ends = np.array([change.end for change in every], np.int64)
    kinds = code_kinds_of(every)
    low, high = alignment.source_spans(owners, starts, ends)
    if "inserted" in kinds:
        high = np.where(kinds.find("inserted"), low, high)
    blocks = _JoinedEdits(step, kinds, owners, low, high).divide(len(texts))
    is_made = ~kinds.find("flagged")
    if not is_made.any():
        return [
            replace(traced, edits=traced.edits.add(block))
            for traced, block in zip(texts, blocks, strict=True)
        ]
    shifts = alignment.text_shifts[owners]
    sizes = np.array([len(change.text) for change in every], np.int64)
    spans = split_by_character((starts + shifts)[is_made], (ends + shifts)[is_made], sizes[is_made])
    to_previous = Alignment.of_replacements(alignment.joined.length, *spans)
    new_texts = list(map(replace_in_text, [traced.text for traced in texts], changes))
    divided = _divide(to_previous.after(alignment.joined), alignment, new_texts)
    changed: list[Traced] = []
    for traced, block, text, of_text, of_changes in zip(
        texts, blocks, new_texts, divided, changes, strict=True
    ):
        edits = traced.edits.add(block)
        if all(change.flagged for change in of_changes):
            changed.append(replace(traced, edits=edits))
        else:
            changed.append(traced.with_text(text, of_text, edits))
    return changed


def _substitute(texts: Sequence[Traced], written: Sequence[str], step: str) -> list[Traced]:
    """The texts after the substitution of each; the characters between two of them never change."""
    alignment = JoinedAlignment.of([traced.alignment for traced in texts])
    is_changed = code_points("\n".join(written)) != code_points("\n".join([traced.text for traced in texts]))
    starts, ends = find_runs_to_replace(is_changed, alignment.joined.find_gaps())
    owners = np.searchsorted(alignment.text_shifts, starts, "right") - 1
    low, high = alignment.joined.source_spans(starts, ends)
    shifts = alignment.source_shifts[owners]
    kinds = repeat_kind("replaced", len(owners))
    blocks = _JoinedEdits(step, kinds, owners, low - shifts, high - shifts).divide(len(texts))
    cut = alignment.joined.cut(np.append(is_changed, False) | np.append(False, is_changed))
    return [
        traced.with_text(text, of_text, traced.edits.add(block))
        for traced, text, of_text, block in zip(
            texts, written, _divide(cut, alignment, written), blocks, strict=True
        )
    ]


def _divide(joined: Alignment, before: JoinedAlignment, texts: Sequence[str]) -> list[Alignment]:
    """The alignment of each text from that of all of them, which were joined as ``before``.

    Invariant: between two texts is a block of one character, which no change is in: so each text begins and
    ends with a break, and no block is of two texts.
    """
    lengths = np.array(list(map(len, texts)), np.int64)
    ends = np.cumsum(lengths + 1) - 1
    starts = ends - lengths
    first = np.searchsorted(joined.text, starts, "left").tolist()
    last = np.searchsorted(joined.text, ends, "right").tolist()
    return [
        Alignment(
            np.subtract(joined.text[low:high], start, dtype=np.int64),
            np.subtract(joined.source[low:high], shift, dtype=np.int64),
            joined.even[low : high - 1],
        )
        for low, high, start, shift in zip(
            first, last, starts.tolist(), before.source_shifts.tolist(), strict=True
        )
    ]
