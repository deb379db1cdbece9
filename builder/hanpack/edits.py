"""The edits of a document as columns, placed in its finished text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress, pairwise

import numpy as np

from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.coded_names import CodedNames
from hanpack.steps.edit_list import JoinedEdits
from hanpack.steps.joined_alignment import JoinedAlignment
from hanpack.steps.traced import Traced


@dataclass(frozen=True, slots=True)
class EditRow:
    """What a step did: the document's characters [start, end), made of the bytes [byte_start, byte_end)."""

    step: str
    kind: str
    start: int
    end: int
    byte_start: int
    byte_end: int


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """The edits of a document as columns, in the order of the steps: there may be tens of thousands.

    Every column has one value for each edit; the spans are arrays of the shape (edits,), in characters of
    the document and in bytes of its source.

    >>> edits = Edits(
    ...     step=["pinyin", "script"],
    ...     kind=["removed", "replaced"],
    ...     start=np.array([1, 1]),
    ...     end=np.array([1, 2]),
    ...     byte_start=np.array([3, 11]),
    ...     byte_end=np.array([11, 14]),
    ... )
    >>> len(edits), edits.of_kind("removed").byte_end.tolist()
    (2, [11])
    >>> edits.row(1)
    EditRow(step='script', kind='replaced', start=1, end=2, byte_start=11, byte_end=14)
    """

    step: Sequence[str]
    kind: Sequence[str]
    start: Positions
    end: Positions
    byte_start: Positions
    byte_end: Positions

    def __len__(self) -> int:
        return len(self.step)

    def slice(self, start: int, end: int) -> Edits:
        """The edits from one index to another, without copies of their positions."""
        at = slice(start, end)
        return Edits(
            step=self.step[at],
            kind=self.kind[at],
            start=self.start[at],
            end=self.end[at],
            byte_start=self.byte_start[at],
            byte_end=self.byte_end[at],
        )

    def rows(self) -> Iterator[EditRow]:
        """The edits one by one, in order."""
        starts, ends = self.start.tolist(), self.end.tolist()
        byte_starts, byte_ends = self.byte_start.tolist(), self.byte_end.tolist()
        columns = zip(self.step, self.kind, starts, ends, byte_starts, byte_ends, strict=True)
        return (
            EditRow(step=step, kind=kind, start=start, end=end, byte_start=byte_start, byte_end=byte_end)
            for step, kind, start, end, byte_start, byte_end in columns
        )

    def row(self, index: int) -> EditRow:
        """One edit by its index."""
        (row,) = self.take([index]).rows()
        return row

    def take(self, indexes: Sequence[int] | Positions) -> Edits:
        """The edits at these indexes, in the order of the indexes."""
        at = np.asarray(indexes, dtype=np.int64)
        return Edits(
            step=[self.step[index] for index in at.tolist()],
            kind=[self.kind[index] for index in at.tolist()],
            start=self.start[at],
            end=self.end[at],
            byte_start=self.byte_start[at],
            byte_end=self.byte_end[at],
        )

    def of_kind(self, kind: str) -> Edits:
        """The edits of a kind, such as ``removed``."""
        return self._select(_find_name(self.kind, kind))

    def of_step(self, step: str) -> Edits:
        """The edits of a step, such as ``script``."""
        return self._select(_find_name(self.step, step))

    def _select(self, chosen: Flags) -> Edits:
        return Edits(
            step=_select_names(self.step, chosen),
            kind=_select_names(self.kind, chosen),
            start=self.start[chosen],
            end=self.end[chosen],
            byte_start=self.byte_start[chosen],
            byte_end=self.byte_end[chosen],
        )


def _find_name(names: Sequence[str], name: str) -> Flags:
    """Whether each of some names is this one; shape (names,)."""
    if isinstance(names, CodedNames):
        return names.find(name)
    return np.fromiter(map(name.__eq__, names), np.bool_, len(names))


def _select_names(names: Sequence[str], chosen: Flags) -> Sequence[str]:
    """The names that are chosen; ``chosen`` has the shape (names,)."""
    return names.select(chosen) if isinstance(names, CodedNames) else list(compress(names, chosen.tolist()))


def edit_columns(traced: Traced) -> Edits:
    """The edits of a finished text, each with the span of the text it made."""
    (edits,) = place_edits(JoinedEdits.of([traced.edits]), JoinedAlignment.of([traced.alignment]))
    return edits


def place_edits(edits: JoinedEdits, alignment: JoinedAlignment) -> list[Edits]:
    """The edits of each of some finished texts; the spans of all edits are mapped to the texts at once."""
    steps, kinds = edits.steps, edits.kinds
    byte_start, byte_end = edits.byte_starts, edits.byte_ends
    start, end = alignment.text_spans(edits.owners, byte_start, byte_end)
    placed = Edits(steps, kinds, start, end, byte_start, byte_end)
    if len(edits.counts) == 1:
        # Without copies: of a long record there may be millions.
        return [placed]
    limits = [0, *accumulate(edits.counts)]
    return [placed.slice(first, last) for first, last in pairwise(limits)]
