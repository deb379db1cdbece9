"""Finds the headings of a text: Chinese official documents, legal articles and Markdown.

In official documents the kinds of numbering rank as the national standard for them has it (GB/T 9704-2012):
一、 above （一） above 1. above （1）; chapters and articles stand above, 一是 and 首先 below. Headings may
stand on a line of their own, begin a paragraph, or run into the line with no break before them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from hanpack.steps.boundaries import find_sentence_ends
from hanpack.steps.headings import TITLED, Marker, heading_end, read_article, read_marker, run_in_marker

_SIGNS = "".join(map(chr, (*range(0x2460, 0x2488), *range(0x3220, 0x322A))))
_OPENERS = frozenset(
    "一二三四五六七八九十壹贰貳叁參叄肆伍陆陸柒捌玖拾第（(#首其再最 \t　\u00a00123456789０１２３４５６７８９"
    + _SIGNS
)
_DIGITS = frozenset("0123456789０１２３４５６７８９")
_POINTS = frozenset(".．、")
# What opens the items of a legal article, which are no headings.
_ITEM_OPENERS = frozenset("（(" + _SIGNS)
_FIRST_WITHIN = 400
_LINE_ENDS = frozenset("\r\n\u2028\u2029")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's span (characters), its level (1 is the highest) and its text without closing marks."""

    start: int
    end: int
    level: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The headings of a text in order; their texts are read when they are asked for.

    ``places`` holds for each heading where the text may be cut before it: its start, or that of its indent.
    ``inside`` are those places that stand inside a line where no sentence ends.
    ``parents`` holds the index of the heading it stands under, -1 for none.
    """

    text: str = ""
    markers: tuple[Marker, ...] = ()
    places: tuple[int, ...] = ()
    parents: tuple[int, ...] = ()
    inside: tuple[int, ...] = ()
    _read: dict[int, Heading] = field(default_factory=dict)

    @property
    def headings(self) -> tuple[Heading, ...]:
        """All headings in order."""
        return tuple(self.heading(index) for index in range(len(self.markers)))

    def heading(self, index: int) -> Heading:
        """The heading of that index, with its text."""
        found = self._read.get(index)
        if found is None:
            marker = self.markers[index]
            limit = self.markers[index + 1].start if index + 1 < len(self.markers) else len(self.text)
            end = heading_end(self.text, marker, limit)
            begin = marker.end if marker.kind == "markdown" else marker.start
            title = " ".join(self.text[begin:end].split())
            if marker.kind == "markdown":
                title = title.rstrip("#").rstrip() or title
            found = Heading(marker.start, end, marker.rank, title)
            self._read[index] = found
        return found

    def index_before(self, position: int) -> int:
        """The index of the last heading whose place is before a position, -1 for none."""
        return bisect_left(self.places, position) - 1

    def section_at(self, position: int) -> tuple[str, ...]:
        """The headings a position stands under, from the highest to the nearest."""
        index = bisect_right(self.places, position) - 1
        path: list[str] = []
        while index >= 0:
            path.append(self.heading(index).text)
            index = self.parents[index]
        path.reverse()
        return tuple(path)


def find_outline(text: str, ends: Sequence[int] | None = None) -> Outline:
    """Find the headings of a text; ``ends`` are its sentence ends where the caller has them already."""
    if ends is None:
        ends = find_sentence_ends(text)
    found = _Finder(text)
    found.visit(0)
    for end in ends[:-1]:
        first = text[end]
        if first not in _OPENERS or (found.in_article and first in _ITEM_OPENERS):
            continue
        if first in _DIGITS and _POINTS.isdisjoint(text[end + 1 : end + 3]):
            continue
        found.visit(end)
    return Outline(text, tuple(found.markers), tuple(found.places), tuple(found.parents), tuple(found.inside))


class _Finder:
    """Walks over the sentence starts and keeps the headings it meets with their parents."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.markers: list[Marker] = []
        self.places: list[int] = []
        self.parents: list[int] = []
        self.inside: list[int] = []
        self._stack: list[int] = []
        self.in_article = False

    def visit(self, place: int) -> None:
        """Look for a heading at the start of a sentence, and for those that run into it."""
        opens_line = not place or self.text[place - 1] in _LINE_ENDS
        marker = read_article(self.text, place, opens_line) if self.text[place : place + 1] == "第" else None
        if marker is not None:
            self._keep(marker, place)
            return
        marker = read_marker(self.text, place, opens_line, self.in_article)
        if marker is None or not (marker.sure or self._continues(marker)):
            return
        if marker.kind == "first" and marker.value == 2:
            self._keep_first_of(place)
        self._keep(marker, place)
        while marker is not None and marker.kind in TITLED:
            marker = run_in_marker(self.text, marker)
            if marker is not None:
                self._keep_inside(marker)

    def _keep_first_of(self, place: int) -> None:
        """The first of a list may follow a colon inside a sentence (主要包括：一是…；二是…)."""
        low = self.markers[-1].end if self.markers else 0
        start = self.text.rfind("一是", max(low, place - _FIRST_WITHIN), place)
        if start > 0 and self.text[start - 1] in "：:":
            first = read_marker(self.text, start, False, False)
            if first is not None:
                self._keep_inside(first)

    def _continues(self, marker: Marker) -> bool:
        """A bare sign counts only where its list has got to it; a digit after 1. only where 2. is due."""
        value = 0
        for index in reversed(self._stack):
            if self.markers[index].rank == marker.rank:
                value = self.markers[index].value
        return marker.value == value + 1

    def _keep_inside(self, marker: Marker) -> None:
        self.inside.append(marker.start)
        self._keep(marker, marker.start)

    def _keep(self, marker: Marker, place: int) -> None:
        stack = self._stack
        markers = self.markers
        while stack and markers[stack[-1]].rank >= marker.rank:
            stack.pop()
        self.parents.append(stack[-1] if stack else -1)
        stack.append(len(markers))
        markers.append(marker)
        self.places.append(place)
        self.in_article = marker.kind == "article"
