"""A text that knows where each of its characters came from, and how a step changes it.

A step finds replacements in a text; :meth:`Traced.apply` makes the new text, composes the alignment and
records the edits. Nothing else in hanpack moves characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

import numpy as np

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
    """A text, its alignment to the source's bytes, the edits so far and what was learnt of the document."""

    text: str
    alignment: Alignment
    edits: tuple[Edit, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

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
        edits = [*self.edits, *self._edits(step, replacements)]
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

    def with_metadata(self, found: Mapping[str, str]) -> Traced:
        """Add what a step learnt of the document; what was known already stays."""
        return replace(self, metadata={**found, **self.metadata}) if found else self

    def _edits(self, step: str, replacements: Sequence[Replacement]) -> Iterable[Edit]:
        told = [
            found
            for found in replacements
            if found.flagged or self.text[found.start : found.end] != found.text
        ]
        starts = np.array([found.start for found in told], dtype=np.int64)
        ends = np.array([found.end for found in told], dtype=np.int64)
        low, high = self.alignment.source_spans(starts, ends)
        for found, byte_start, byte_end in zip(told, low.tolist(), high.tolist(), strict=True):
            kind = _kind(found)
            yield Edit(step, kind, byte_start, byte_start if kind == "inserted" else byte_end)


def locate_edits(traced: Traced) -> tuple[Positions, Positions]:
    """The text span of each edit in the finished text; both arrays have the shape (edits,)."""
    starts = np.array([edit.byte_start for edit in traced.edits], dtype=np.int64)
    ends = np.array([edit.byte_end for edit in traced.edits], dtype=np.int64)
    return traced.alignment.text_spans(starts, ends)


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
