"""Finds the headings of a text: Chinese official documents, legal articles and Markdown.

In official documents the kinds of numbering rank as the national standard for them has it (GB/T 9704-2012):
一、 above （一） above 1. above （1）; chapters and articles stand above; 第一， 一是 一要 and 首先 below.
Headings may stand on a line of their own, begin a paragraph, or run into the line with no break before them.
Short lines between whole paragraphs (2024年工作回顾) are headings without a number, above 一、.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hanpack.steps.chunk.boundaries import find_sentence_ends
from hanpack.steps.chunk.headings import (
    ARTICLE_RANK,
    TITLED,
    Marker,
    article_end,
    find_plain_lines,
    heading_end,
    is_article,
    read_marker,
    run_in_marker,
)

_SIGNS = "".join(map(chr, (*range(0x2460, 0x2488), *range(0x3220, 0x322A))))
_OPENERS = frozenset(
    "一二三四五六七八九十壹贰貳叁參叄肆伍陆陸柒捌玖拾第附（(#首其再最 \t　\u00a0"
    "0123456789０１２３４５６７８９" + _SIGNS
)
_DIGITS = frozenset("0123456789０１２３４５６７８９")
_POINTS = frozenset(".．、")
# What opens the items of a legal article, which are no headings.
_ITEM_OPENERS = frozenset("（(" + _SIGNS)
_FIRST_WITHIN = 400
_WITHIN_SENTENCE = frozenset(("first", "round"))
_SECOND_TO_FIRST = str.maketrans("二2２", "一1１")
_LINE_ENDS = frozenset("\r\n\u2028\u2029")


class Heading(NamedTuple):
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
    places: Sequence[int] = ()
    parents: Sequence[int] = ()
    inside: Sequence[int] = ()
    # None stands for an article: there may be tens of thousands, and few are asked for.
    _markers: Sequence[Marker | None] = ()
    _read: dict[int, Heading] = field(default_factory=dict)
    _paths: dict[int, tuple[str, ...]] = field(default_factory=lambda: {-1: ()})

    @property
    def headings(self) -> tuple[Heading, ...]:
        """All headings in order."""
        return tuple(self.heading(index) for index in range(len(self.places)))

    def kind(self, index: int) -> str:
        """The kind of the marker of that index."""
        marker = self._markers[index]
        return marker.kind if marker else "article"

    def heading(self, index: int) -> Heading:
        """The heading of that index, with its text."""
        found = self._read.get(index)
        if found is None:
            found = self._read[index] = self._read_heading(index)
        return found

    def _read_heading(self, index: int) -> Heading:
        text = self.text
        marker = self._markers[index]
        limit = self._start(index + 1) if index + 1 < len(self.places) else len(text)
        if marker is None:
            start = self.places[index]
            end = article_end(text, start, limit)
            return Heading(start, end, ARTICLE_RANK, " ".join(text[start:end].split()))
        end = heading_end(text, marker, limit)
        if marker.kind != "markdown":
            return Heading(marker.start, end, marker.rank, " ".join(text[marker.start : end].split()))
        title = " ".join(text[marker.end : end].split())
        return Heading(marker.start, end, marker.rank, title.rstrip("#").rstrip() or title)

    def _start(self, index: int) -> int:
        marker = self._markers[index]
        return marker.start if marker else self.places[index]

    def index_before(self, position: int) -> int:
        """The index of the last heading whose place is before a position, -1 for none."""
        return bisect_left(self.places, position) - 1

    def section_at(self, position: int) -> tuple[str, ...]:
        """The headings a position stands under, from the highest to the nearest."""
        index = bisect_right(self.places, position) - 1
        above: list[int] = []
        while index not in self._paths:
            above.append(index)
            index = self.parents[index]
        path = self._paths[index]
        for lower in reversed(above):
            path = self._paths[lower] = (*path, self.heading(lower).text)
        return path


def find_outline(text: str, ends: Sequence[int] | None = None) -> Outline:
    """Find the headings of a text; ``ends`` are its sentence ends where the caller has them already."""
    if ends is None:
        ends = find_sentence_ends(text)
    found = _Finder(text)
    found.visit(0)
    done = 0
    for place, marker in find_plain_lines(text):
        before = bisect_left(ends, place)
        found.walk(ends[done:before])
        found.keep_plain(marker)
        done = before + 1
    found.walk(ends[done:-1])
    return Outline(text, found.places, found.parents, found.inside, found.markers)


class _Finder:
    """Walks over the sentence starts and keeps the headings it meets with their parents."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.markers: list[Marker | None] = []
        self.places: list[int] = []
        self.parents: list[int] = []
        self.inside: list[int] = []
        # The headings that stand above the next one: (rank, value, index).
        self._stack: list[tuple[int, int, int]] = []
        self._last_demand = 0
        self.in_article = False

    def visit(self, place: int) -> None:
        """Look for a heading at the start of a sentence, and for those that run into it."""
        opens_line = not place or self.text[place - 1] in _LINE_ENDS
        marker = read_marker(self.text, place, opens_line, self.in_article)
        if marker is None or not (marker.sure or self._continues(marker)):
            return
        if marker.kind in _WITHIN_SENTENCE:
            if marker.value == 2:
                self._keep_first_of(marker)
            if self.text[marker.end - 1] == "要":
                self._last_demand = marker.value
        self._keep(marker, place)
        while marker is not None and marker.kind in TITLED:
            marker = run_in_marker(self.text, marker)
            if marker is not None:
                self._keep_inside(marker)

    def walk(self, places: Sequence[int]) -> None:
        """Look at the starts of sentences in order."""
        text = self.text
        for place in places:
            first = text[place]
            if first not in _OPENERS:
                continue
            if first == "第" and is_article(text, place, text[place - 1] in _LINE_ENDS):
                self.keep_article(place)
            elif first in _DIGITS:
                if not _POINTS.isdisjoint(text[place + 1 : place + 3]):
                    self.visit(place)
            elif not self.in_article or first not in _ITEM_OPENERS:
                self.visit(place)

    def keep_plain(self, marker: Marker) -> None:
        """Keep a heading without a number; among the articles of a law there are none."""
        if not self.in_article:
            self._keep(marker, marker.start)

    def _keep_first_of(self, second: Marker) -> None:
        """The first of a list may stand inside a sentence (主要包括：一是…；二是…)."""
        low, place = self._last_end(), second.start
        opening = self.text[place : second.end].translate(_SECOND_TO_FIRST)
        start = self.text.rfind(opening, max(low, place - _FIRST_WITHIN), place)
        if start > 0 and self.text[start - 1] in "：:，":
            first = read_marker(self.text, start, False, False)
            if first is not None:
                self._keep_inside(first)

    def _continues(self, marker: Marker) -> bool:
        """A bare sign counts only where its list has got to it; a digit after 1. only where 2. is due."""
        if self.text[marker.end - 1] == "要":
            # A list of 一是 within it has the same rank.
            return marker.value == self._last_demand + 1
        value = next((value for rank, value, _ in self._stack if rank == marker.rank), 0)
        return marker.value == value + 1

    def _keep_inside(self, marker: Marker) -> None:
        self.inside.append(marker.start)
        self._keep(marker, marker.start)

    def _keep(self, marker: Marker, place: int) -> None:
        stack = self._stack
        rank = marker.rank
        while stack and stack[-1][0] >= rank:
            stack.pop()
        self.parents.append(stack[-1][2] if stack else -1)
        stack.append((rank, marker.value, len(self.places)))
        self.markers.append(marker)
        self.places.append(place)
        self.in_article = rank == ARTICLE_RANK

    def keep_article(self, place: int) -> None:
        """Keep the article that begins at a place; what it says is read when it is asked for."""
        stack, places, parents = self._stack, self.places, self.parents
        if self.in_article:
            # It stands under the same heading as the article before it.
            stack[-1] = (ARTICLE_RANK, 1, len(places))
            parents.append(parents[-1])
        else:
            while stack and stack[-1][0] >= ARTICLE_RANK:
                stack.pop()
            parents.append(stack[-1][2] if stack else -1)
            stack.append((ARTICLE_RANK, 1, len(places)))
            self.in_article = True
        self.markers.append(None)
        places.append(place)

    def _last_end(self) -> int:
        if not self.places:
            return 0
        marker = self.markers[-1]
        return marker.end if marker else self.places[-1]
