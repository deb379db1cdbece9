"""A text that knows where each of its characters came from, and how a step changes it.

A step finds replacements in a text; :meth:`Traced.apply` makes the new text, composes the alignment and
records the edits. Nothing else in hanpack moves characters.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Alignment, Positions

Kind = Literal["replaced", "removed", "inserted", "flagged"]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A step's proposal: put ``text`` in the place of ``[start, end)`` of the step's input text.

    A ``flagged`` replacement changes nothing: it records damage that was found and left alone.
    """

    start: int
    end: int
    text: str = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """What a step did, to which source bytes (half-open span in the source file)."""

    step: str
    kind: Kind
    byte_start: int
    byte_end: int


@dataclass(frozen=True, slots=True)
class Traced:
    """A text, its alignment to the source's bytes, the edits so far and what was learnt of the document.

    ``script`` is the script it came in (Hans, Hant, mixed or other), empty until that is determined.
    ``lost_values`` are the metadata fields whose values could not be kept.
    """

    text: str
    alignment: Alignment
    edits: tuple[Edit, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    script: str = ""
    lost_values: tuple[str, ...] = ()

    def apply(self, step: str, replacements: Sequence[Replacement]) -> Traced:
        """Carry out the replacements a step found; they are sorted and do not overlap.

        Raises:
            ValueError: replacements overlap, are out of order or leave the text.
        """
        if not replacements:
            return self
        _require_order(replacements, len(self.text))
        flags = [found for found in replacements if found.flagged]
        changes = [
            change
            for found in replacements
            if not found.flagged and self.text[found.start : found.end] != found.text
            for change in _split_by_character(found)
        ]
        found_edits = self._edits(step, replacements)
        edits = [*_outlast(self.edits, found_edits), *found_edits]
        if not changes:
            return replace(self, edits=tuple(edits)) if flags else self
        starts = np.array([change.start for change in changes], dtype=np.int64)
        ends = np.array([change.end for change in changes], dtype=np.int64)
        sizes = np.array([len(change.text) for change in changes], dtype=np.int64)
        moved = Alignment.of_replacements(len(self.text), starts, ends, sizes)
        return replace(
            self,
            text="".join(_pieces(self.text, changes)),
            alignment=moved.after(self.alignment),
            edits=tuple(edits),
        )

    def substitute(self, step: str, text: str) -> Traced:
        """Put a text of the same length in this one's place; each changed run is an edit.

        Each changed character keeps its own bytes. This is :meth:`apply` for changes in their thousands.

        Raises:
            ValueError: the lengths differ.
        """
        if text == self.text:
            return self
        if len(text) != len(self.text):
            raise ValueError(f"a text of {len(text)} characters cannot take the place of {len(self.text)}")
        changed = code_points(text) != code_points(self.text)
        # A run ends, too, where something was removed: an edit's bytes are none that another step removed.
        gaps = self.alignment.has_gap()
        starts = changed & ~(np.concatenate(([False], changed[:-1])) & ~gaps[:-1])
        ends = changed & ~(np.concatenate((changed[1:], [False])) & ~gaps[1:])
        low, high = self.alignment.source_spans(np.flatnonzero(starts), np.flatnonzero(ends) + 1)
        edits = [Edit(step, "replaced", *span) for span in zip(low.tolist(), high.tolist(), strict=True)]
        limits = np.concatenate((changed, [False])) | np.concatenate(([False], changed))
        alignment = self.alignment.cut(np.flatnonzero(limits))
        return replace(self, text=text, alignment=alignment, edits=(*self.edits, *edits))

    def with_metadata(self, found: Mapping[str, object]) -> Traced:
        """Add what a step learnt of the document; what was known already stays."""
        return replace(self, metadata={**found, **self.metadata}) if found else self

    def _edits(self, step: str, replacements: Sequence[Replacement]) -> list[Edit]:
        told = [
            found
            for found in replacements
            if found.flagged or self.text[found.start : found.end] != found.text
        ]
        low, high = self.alignment.source_spans(
            [found.start for found in told], [found.end for found in told]
        )
        return [
            Edit(step, kind, byte_start, byte_start if kind == "inserted" else byte_end)
            for kind, byte_start, byte_end in zip(map(_kind, told), low.tolist(), high.tolist(), strict=True)
        ]


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """The code points of a text, lone surrogates too; shape (characters,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def locate_edits(traced: Traced) -> tuple[Positions, Positions]:
    """The text span of each edit in the finished text; both arrays have the shape (edits,)."""
    starts = np.array([edit.byte_start for edit in traced.edits], dtype=np.int64)
    ends = np.array([edit.byte_end for edit in traced.edits], dtype=np.int64)
    return traced.alignment.text_spans(starts, ends)


def count_removed(traced: Traced, strict: bool = True) -> dict[str, int]:
    """The source bytes each step removed; with the bytes that still have text they add up to the record.

    Raises:
        AssertionError: ``strict``, and there are bytes without text that no edit removed.
    """
    gone = list(zip(*(ends.tolist() for ends in traced.alignment.removed()), strict=True))
    counts: dict[str, int] = {}
    for edit in reversed(traced.edits):
        if edit.kind != "removed" or not gone:
            continue
        first = max(bisect_right(gone, (edit.byte_start, edit.byte_start)) - 1, 0)
        last = bisect_right(gone, (edit.byte_end, edit.byte_end), lo=first)
        left: list[tuple[int, int]] = []
        for start, end in gone[first:last]:
            low, high = max(start, edit.byte_start), min(end, edit.byte_end)
            if high <= low:
                left.append((start, end))
                continue
            counts[edit.step] = counts.get(edit.step, 0) + high - low
            left += [piece for piece in ((start, low), (high, end)) if piece[1] > piece[0]]
        gone[first:last] = left
    if gone and strict:
        raise AssertionError(f"bytes {gone} were removed by no step")
    return dict(sorted(counts.items()))


def _outlast(earlier: Sequence[Edit], later: Sequence[Edit]) -> Iterable[Edit]:
    """The earlier edits whose text is still there: what is removed needs no other account."""
    gone = sorted((edit.byte_start, edit.byte_end) for edit in later if edit.kind == "removed")
    if not gone:
        return earlier
    starts = [start for start, _ in gone]
    return [edit for edit in earlier if not _within(edit, gone, bisect_right(starts, edit.byte_start) - 1)]


def _within(edit: Edit, gone: Sequence[tuple[int, int]], at: int) -> bool:
    if at < 0:
        return False
    start, end = gone[at]
    return edit.byte_end <= end and (edit.byte_end > edit.byte_start or start < edit.byte_start < end)


def _kind(found: Replacement) -> Kind:
    if found.flagged:
        return "flagged"
    if not found.text:
        return "removed"
    return "inserted" if found.start == found.end else "replaced"


def _split_by_character(found: Replacement) -> Iterable[Replacement]:
    """A replacement of equal length maps character by character, so that each keeps its own bytes."""
    size = found.end - found.start
    if size == 1 or size != len(found.text):
        yield found
        return
    for offset, new in enumerate(found.text):
        yield Replacement(found.start + offset, found.start + offset + 1, new)


def _pieces(text: str, changes: Sequence[Replacement]) -> Iterable[str]:
    position = 0
    for change in changes:
        yield text[position : change.start]
        yield change.text
        position = change.end
    yield text[position:]


def _require_order(replacements: Sequence[Replacement], length: int) -> None:
    for found in replacements:
        if not 0 <= found.start <= found.end <= length:
            raise ValueError(f"replacement {found} leaves a text of {length} characters")
    for first, second in pairwise(replacements):
        if second.start < first.end:
            raise ValueError(f"replacements {first} and {second} overlap or are out of order")
