"""A text with the source position of each of its characters, and how a step changes it.

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
    """A step's proposal: replace ``[start, end)`` of the step's input text by ``text``.

    A ``flagged`` replacement changes nothing: it records damage that was detected and not repaired.
    """

    start: int
    end: int
    text: str = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """What a step did to which source bytes: the half-open span ``[byte_start, byte_end)`` of the source."""

    step: str
    kind: Kind
    byte_start: int
    byte_end: int


@dataclass(frozen=True, slots=True)
class PageRegion:
    """The bytes of a source ``[byte_start, byte_end)`` whose text stands on a page, and its box there.

    ``page`` counts from 1. The sides of the box are fractions of the page's width and height, from 0 to 1 and
    from its left and top; all are None if the source does not say where on the page it is.
    """

    byte_start: int
    byte_end: int
    page: int
    left: float | None = None
    top: float | None = None
    right: float | None = None
    bottom: float | None = None


@dataclass(frozen=True, slots=True)
class Traced:
    """A text, its alignment to the bytes of the source, the edits so far and metadata of the document.

    ``script`` is the script of the text before conversion (Hans, Hant, mixed or other), empty until it is
    determined. ``lost_values`` are the metadata fields whose values could not be kept. ``regions`` say on
    which pages its bytes stand, in their order; ``has_printed_lines`` that its lines are those of a page.
    """

    text: str
    alignment: Alignment
    edits: tuple[Edit, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    script: str = ""
    lost_values: tuple[str, ...] = ()
    regions: tuple[PageRegion, ...] = ()
    has_printed_lines: bool = False

    def apply(self, step: str, replacements: Sequence[Replacement]) -> Traced:
        """Carry out the replacements that a step proposes; they are sorted and do not overlap.

        >>> traced = Traced("a國 b", Alignment.of_widths(np.array([1, 3, 1, 1])))
        >>> changed = traced.apply("script", [Replacement(1, 2, "国"), Replacement(2, 3)])
        >>> changed.text, changed.alignment.source_span(2, 3)
        ('a国b', (5, 6))
        >>> [(edit.kind, edit.byte_start, edit.byte_end) for edit in changed.edits]
        [('replaced', 1, 4), ('removed', 4, 5)]

        Raises:
            ValueError: replacements overlap, are out of order or leave the text.
        """
        _require_order(replacements, len(self.text))
        effective = [
            replacement
            for replacement in replacements
            if replacement.flagged or self.text[replacement.start : replacement.end] != replacement.text
        ]
        if not effective:
            return self
        new_edits = self._make_edits(step, effective)
        edits = (*_drop_removed(self.edits, new_edits), *new_edits)
        changes = [
            change
            for replacement in effective
            if not replacement.flagged
            for change in _split_by_character(replacement)
        ]
        if not changes:
            return replace(self, edits=edits)
        starts = np.array([change.start for change in changes], dtype=np.int64)
        ends = np.array([change.end for change in changes], dtype=np.int64)
        sizes = np.array([len(change.text) for change in changes], dtype=np.int64)
        to_previous = Alignment.of_replacements(len(self.text), starts, ends, sizes)
        return replace(
            self,
            text="".join(_pieces(self.text, changes)),
            alignment=to_previous.after(self.alignment),
            edits=edits,
        )

    def substitute(self, step: str, text: str) -> Traced:
        """Replace the whole text by one of the same length; each run of changed characters is an edit.

        Each character keeps its own bytes. This is :meth:`apply` for thousands of changes.

        >>> traced = Traced("漢字", Alignment.of_widths(np.array([3, 3])))
        >>> changed = traced.substitute("script", "汉字")
        >>> changed.text, [(edit.kind, edit.byte_start, edit.byte_end) for edit in changed.edits]
        ('汉字', [('replaced', 0, 3)])

        Raises:
            ValueError: the lengths differ.
        """
        if text == self.text:
            return self
        if len(text) != len(self.text):
            raise ValueError(f"a text of {len(text)} characters cannot take the place of {len(self.text)}")
        changed = code_points(text) != code_points(self.text)
        # A run also ends where source was removed: an edit holds no bytes that another step removed.
        gaps = self.alignment.find_gaps()
        starts = changed & ~(np.concatenate(([False], changed[:-1])) & ~gaps[:-1])
        ends = changed & ~(np.concatenate((changed[1:], [False])) & ~gaps[1:])
        low, high = self.alignment.source_spans(np.flatnonzero(starts), np.flatnonzero(ends) + 1)
        edits = [Edit(step, "replaced", *span) for span in zip(low.tolist(), high.tolist(), strict=True)]
        limits = np.concatenate((changed, [False])) | np.concatenate(([False], changed))
        alignment = self.alignment.cut(np.flatnonzero(limits))
        return replace(self, text=text, alignment=alignment, edits=(*self.edits, *edits))

    def with_metadata(self, values: Mapping[str, object]) -> Traced:
        """Add metadata that a step read from the document; values that are already set stay.

        >>> traced = Traced("", Alignment.identity(0), metadata={"title": "报告"})
        >>> dict(traced.with_metadata({"title": "首页", "date": "2024"}).metadata)
        {'title': '报告', 'date': '2024'}
        """
        return replace(self, metadata={**values, **self.metadata}) if values else self

    def _make_edits(self, step: str, replacements: Sequence[Replacement]) -> list[Edit]:
        low, high = self.alignment.source_spans(
            [replacement.start for replacement in replacements],
            [replacement.end for replacement in replacements],
        )
        kinds = map(_find_kind, replacements)
        return [
            Edit(step, kind, byte_start, byte_start if kind == "inserted" else byte_end)
            for kind, byte_start, byte_end in zip(kinds, low.tolist(), high.tolist(), strict=True)
        ]


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """The code points of a text, lone surrogates included; shape (characters,).

    >>> code_points("a中").tolist()
    [97, 20013]
    """
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def join_by_line_feeds(codes: npt.NDArray[np.integer]) -> npt.NDArray[np.uint32]:
    r"""Code points with a line feed between any two, so that each is a line of its own.

    >>> join_by_line_feeds(code_points("甲乙")).tobytes().decode("utf-32-le")
    '甲\n乙'
    """
    joined = np.full(2 * len(codes) - 1, ord("\n"), np.uint32)
    joined[::2] = codes
    return joined


def to_text(codes: npt.NDArray[np.uint32]) -> str:
    """The text of code points, the inverse of :func:`code_points`.

    >>> to_text(np.array([97, 20013], dtype=np.uint32))
    'a中'
    """
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def locate_edits(traced: Traced) -> tuple[Positions, Positions]:
    """The span of each edit in the present text; both arrays have the shape (edits,).

    >>> traced = Traced("a國", Alignment.of_widths(np.array([1, 3]))).substitute("script", "a国")
    >>> [spans.tolist() for spans in locate_edits(traced)]
    [[1], [2]]
    """
    starts = np.array([edit.byte_start for edit in traced.edits], dtype=np.int64)
    ends = np.array([edit.byte_end for edit in traced.edits], dtype=np.int64)
    return traced.alignment.text_spans(starts, ends)


def count_removed(traced: Traced, strict: bool = True) -> dict[str, int]:
    """Count the source bytes that each step removed.

    Together with the bytes that still have text they add up to the record.

    >>> traced = Traced("a國", Alignment.of_widths(np.array([1, 3]))).apply("spaces", [Replacement(1, 2)])
    >>> count_removed(traced)
    {'spaces': 3}

    Raises:
        AssertionError: ``strict``, and there are bytes without text that no edit removed.
    """
    removed = list(zip(*(ends.tolist() for ends in traced.alignment.removed()), strict=True))
    counts: dict[str, int] = {}
    # Invariant: ``removed`` are the removed spans, sorted, that no edit of those seen so far removed.
    for edit in reversed(traced.edits):
        if edit.kind != "removed" or not removed:
            continue
        first = max(bisect_right(removed, (edit.byte_start, edit.byte_start)) - 1, 0)
        last = bisect_right(removed, (edit.byte_end, edit.byte_end), lo=first)
        unexplained: list[tuple[int, int]] = []
        for start, end in removed[first:last]:
            low, high = max(start, edit.byte_start), min(end, edit.byte_end)
            if high <= low:
                unexplained.append((start, end))
                continue
            counts[edit.step] = counts.get(edit.step, 0) + high - low
            unexplained += [piece for piece in ((start, low), (high, end)) if piece[1] > piece[0]]
        removed[first:last] = unexplained
    if removed and strict:
        raise AssertionError(f"bytes {removed} were removed by no step")
    return dict(sorted(counts.items()))


def _drop_removed(earlier: Sequence[Edit], later: Sequence[Edit]) -> Iterable[Edit]:
    """Leave out the earlier edits inside bytes that a later edit removes: the removal accounts for them."""
    removed = sorted((edit.byte_start, edit.byte_end) for edit in later if edit.kind == "removed")
    if not removed:
        return earlier
    starts = [start for start, _ in removed]
    return [
        edit for edit in earlier if not _is_within(edit, removed, bisect_right(starts, edit.byte_start) - 1)
    ]


def _is_within(edit: Edit, spans: Sequence[tuple[int, int]], index: int) -> bool:
    """Whether the span ``index`` covers the edit; it is the last that starts at or before the edit."""
    if index < 0:
        return False
    start, end = spans[index]
    return edit.byte_end <= end and (edit.byte_end > edit.byte_start or start < edit.byte_start < end)


def _find_kind(replacement: Replacement) -> Kind:
    if replacement.flagged:
        return "flagged"
    if not replacement.text:
        return "removed"
    return "inserted" if replacement.start == replacement.end else "replaced"


def _split_by_character(replacement: Replacement) -> Iterable[Replacement]:
    """Split a replacement of equal length into its characters, so that each keeps its own bytes."""
    size = replacement.end - replacement.start
    if size == 1 or size != len(replacement.text):
        yield replacement
        return
    for offset, character in enumerate(replacement.text):
        yield Replacement(replacement.start + offset, replacement.start + offset + 1, character)


def _pieces(text: str, changes: Sequence[Replacement]) -> Iterable[str]:
    position = 0
    for change in changes:
        yield text[position : change.start]
        yield change.text
        position = change.end
    yield text[position:]


def _require_order(replacements: Sequence[Replacement], length: int) -> None:
    for replacement in replacements:
        if not 0 <= replacement.start <= replacement.end <= length:
            raise ValueError(f"replacement {replacement} leaves a text of {length} characters")
    for first, second in pairwise(replacements):
        if second.start < first.end:
            raise ValueError(f"replacements {first} and {second} overlap or are out of order")
