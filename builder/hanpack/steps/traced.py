"""A text with the source position of each of its characters, and how a step changes it.

A step finds replacements in a text; :meth:`Traced.apply` makes the new text, composes the alignment and
records the edits. Nothing else in hanpack moves characters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Alignment, Positions
from hanpack.steps.edit_list import EditList, StepEdits, join_blocks, repeat_kind
from hanpack.steps.replacements import (
    Replacement,
    code_kinds_of,
    find_effective,
    find_runs_to_replace,
    split_by_character,
)

# How many replacements or spans are Python objects at a time.
_BLOCK = 1 << 16
# How many characters are compared at a time.
_WINDOW = 1 << 20

CodePoints = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class PageRegion:
    """The bytes of a source ``[byte_start, byte_end)`` whose text stands on a page, and its box there.

    ``page`` counts from 1. The sides of the box are fractions of the page's width and height, from 0 to 1 and
    from its left and top; all are None if the source does not say where on the page it is. ``goes_on`` says
    whether it is a line that goes on with the paragraph of the line of the text before it, None if the source
    does not say so.
    """

    byte_start: int
    byte_end: int
    page: int
    left: float | None = None
    top: float | None = None
    right: float | None = None
    bottom: float | None = None
    goes_on: bool | None = None


@dataclass(frozen=True, slots=True)
class SourceHeading:
    """The bytes of a source ``[byte_start, byte_end)`` that its markup calls a heading of a level, 1 to 6.

    The level 0 is that of text with which a part begins that is under none of the headings before it.
    """

    byte_start: int
    byte_end: int
    level: int


@dataclass(frozen=True, slots=True)
class Traced:
    """A text, its alignment to the bytes of the source, the edits so far and metadata of the document.

    ``script`` is the script of the text before conversion (Hans, Hant, mixed or other), empty until it is
    determined. ``lost_values`` are the metadata fields whose values could not be kept. ``regions`` say on
    which pages its bytes stand, in their order; ``has_printed_lines`` that its lines are those of a page.
    ``headings`` are those that the markup of the source names and the text itself does not mark, in order.
    """

    text: str
    alignment: Alignment
    edits: EditList = field(default_factory=EditList)
    metadata: Mapping[str, object] = field(default_factory=dict)
    script: str = ""
    lost_values: tuple[str, ...] = ()
    regions: tuple[PageRegion, ...] = ()
    has_printed_lines: bool = False
    headings: tuple[SourceHeading, ...] = ()

    def apply(self, step: str, replacements: Iterable[Replacement]) -> Traced:
        """Carry out the replacements that a step proposes; they are sorted and do not overlap.

        They are taken block by block: a long record may have millions, which take several times its memory.

        >>> traced = Traced("a國 b", Alignment.of_widths(np.array([1, 3, 1, 1])))
        >>> changed = traced.apply("script", [Replacement(1, 2, "国"), Replacement(2, 3)])
        >>> changed.text, changed.alignment.source_span(2, 3)
        ('a国b', (5, 6))
        >>> [(edit.kind, edit.byte_start, edit.byte_end) for edit in changed.edits]
        [('replaced', 1, 4), ('removed', 4, 5)]

        Raises:
            ValueError: replacements overlap, are out of order or leave the text.
        """
        text, remaining = self.text, iter(replacements)
        blocks: list[StepEdits] = []
        pieces: list[str] = []
        # The starts, ends and sizes of the changes of each block.
        changes: list[tuple[Positions, Positions, Positions]] = []
        before = Replacement(0, 0)
        copied = 0
        while block := list(islice(remaining, _BLOCK)):
            effective = find_effective(text, block, before)
            before = block[-1]
            if not effective:
                continue
            blocks.append(self._make_edits(step, effective))
            unflagged = [change for change in effective if not change.flagged]
            if not unflagged:
                continue
            starts, ends, texts, _ = zip(*unflagged, strict=True)
            sizes = np.array(list(map(len, texts)))
            changes.append(split_by_character(np.array(starts), np.array(ends), sizes))
            kept = [text[start:end] for start, end in zip([copied, *ends[:-1]], starts, strict=True)]
            pieces.append("".join(chain.from_iterable(zip(kept, texts, strict=True))))
            copied = ends[-1]
        if not blocks:
            return self
        edits = self.edits.add(join_blocks(blocks))
        del blocks, block
        if not changes:
            return replace(self, edits=edits)
        changed = "".join((*pieces, text[copied:]))
        del pieces
        to_previous = Alignment.of_replacements(len(text), *map(np.concatenate, zip(*changes, strict=True)))
        del changes
        return self.with_text(changed, to_previous.after(self.alignment), edits)

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
        changed = _find_changed(text, self.text)
        low, high = self.alignment.source_spans(*find_runs_to_replace(changed, self.alignment.find_gaps()))
        edits = StepEdits(step, repeat_kind("replaced", len(low)), low, high)
        limits = np.concatenate((changed, [False])) | np.concatenate(([False], changed))
        alignment = self.alignment.cut(limits)
        return self.with_text(text, alignment, self.edits.add(edits))

    def with_metadata(self, values: Mapping[str, object]) -> Traced:
        """Add metadata that a step read from the document; values that are already set stay, unless blank.

        The metadata of a recipe and of a record are set before any step runs, so they rank above these.

        >>> traced = Traced("", Alignment.identity(0), metadata={"title": "报告", "author": ""})
        >>> dict(traced.with_metadata({"title": "首页", "author": "李青"}).metadata)
        {'title': '报告', 'author': '李青'}
        """
        if not values:
            return self
        ranked = {name: value for name, value in self.metadata.items() if not is_blank(value)}
        return replace(self, metadata={**self.metadata, **values, **ranked})

    def with_script(self, script: str) -> Traced:
        """The same text, of which the script is known."""
        return self._with(self.text, self.alignment, self.edits, script)

    def with_text(self, text: str, alignment: Alignment, edits: EditList) -> Traced:
        """Another text of the same source, with its alignment and all edits so far."""
        return self._with(text, alignment, edits, self.script)

    def _with(self, text: str, alignment: Alignment, edits: EditList, script: str) -> Traced:
        # Every text of a build is changed so: this is three times as fast as dataclasses.replace.
        return Traced(
            text=text,
            alignment=alignment,
            edits=edits,
            metadata=self.metadata,
            script=script,
            lost_values=self.lost_values,
            regions=self.regions,
            has_printed_lines=self.has_printed_lines,
            headings=self.headings,
        )

    def _make_edits(self, step: str, replacements: Sequence[Replacement]) -> StepEdits:
        low, high = self.alignment.source_spans(
            [replacement.start for replacement in replacements],
            [replacement.end for replacement in replacements],
        )
        coded = code_kinds_of(replacements)
        if "inserted" in coded:
            high = np.where(coded.find("inserted"), low, high)
        return StepEdits(step, coded, low, high)


def _find_changed(text: str, before: str) -> npt.NDArray[np.bool_]:
    """Whether each character of a text is another than in the text before, which is as long."""
    if len(text) <= _WINDOW:
        return np.asarray(code_points(text) != code_points(before), np.bool_)
    windows = (slice(start, start + _WINDOW) for start in range(0, len(text), _WINDOW))
    return np.concatenate([_find_changed(text[window], before[window]) for window in windows])


def code_points(text: str) -> CodePoints:
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


def to_text(codes: CodePoints) -> str:
    """The text of code points, the inverse of :func:`code_points`.

    >>> to_text(np.array([97, 20013], dtype=np.uint32))
    'a中'
    """
    return str(np.ascontiguousarray(codes, "<u4").data, "utf-32-le", "surrogatepass")


def locate_edits(traced: Traced) -> tuple[Positions, Positions]:
    """The span of each edit in the present text; both arrays have the shape (edits,).

    >>> traced = Traced("a國", Alignment.of_widths(np.array([1, 3]))).substitute("script", "a国")
    >>> [spans.tolist() for spans in locate_edits(traced)]
    [[1], [2]]
    """
    return traced.alignment.text_spans(traced.edits.byte_starts, traced.edits.byte_ends)


def count_removed(traced: Traced, strict: bool = True) -> dict[str, int]:
    """Count the source bytes that each step removed.

    Together with the bytes that still have text they add up to the record.

    >>> traced = Traced("a國", Alignment.of_widths(np.array([1, 3]))).apply("spaces", [Replacement(1, 2)])
    >>> count_removed(traced)
    {'spaces': 3}

    Raises:
        AssertionError: ``strict``, and there are bytes without text that no edit removed.
    """
    starts, ends = traced.alignment.removed()
    counts: dict[str, int] = {}
    if not len(starts):
        return counts
    blocks = [(block.step, *block.find_removed()) for block in reversed(traced.edits.blocks)]
    # A long record may have millions of spans, which as Python objects take several times its memory.
    for first in range(0, len(starts), _BLOCK):
        here = slice(first, first + _BLOCK)
        remaining = list(zip(starts[here].tolist(), ends[here].tolist(), strict=True))
        # Invariant: ``remaining`` has the removed spans, in order, without what the edits so far removed.
        for step, removed_starts, removed_ends in blocks:
            spans = _select_spans(removed_starts, removed_ends, remaining) if remaining else []
            if spans:
                low = max(bisect_left(remaining, spans[0]) - 1, 0)
                high = bisect_left(remaining, (max(end for _, end in spans),))
                touched = remaining[low:high]
                rest = list(_subtract(touched, spans))
                if count := _count_bytes(touched) - _count_bytes(rest):
                    counts[step] = counts.get(step, 0) + count
                remaining[low:high] = rest
        if remaining and strict:
            raise AssertionError(f"bytes {remaining} were removed by no step")
    return dict(sorted(counts.items()))


def _select_spans(
    starts: Positions, ends: Positions, spans: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Those of many spans, sorted by their starts, that may overlap some others, which are in order."""
    if len(starts) > _BLOCK:
        high = int(np.searchsorted(starts, spans[-1][1]))
        low = int(np.searchsorted(np.maximum.accumulate(ends[:high]), spans[0][0], side="right"))
        starts, ends = starts[low:high], ends[low:high]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _count_bytes(spans: Iterable[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)


def _subtract(
    spans: Iterable[tuple[int, int]], others: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """What of the spans is in none of the others; both are in order, and the spans do not overlap."""
    first = 0
    for start, end in spans:
        while first < len(others) and others[first][1] <= start:
            first += 1
        index = first
        while start < end and index < len(others) and others[index][0] < end:
            if start < others[index][0]:
                yield start, others[index][0]
            start = max(start, others[index][1])
            index += 1
        if start < end:
            yield start, end


def is_blank(value: object) -> bool:
    """Whether a value of the metadata says nothing: there is none, or white space only."""
    return value is None or (isinstance(value, str) and not value.strip())
