"""Finds tables of contents: headings in a row that have no text under them and whose titles come again.

They are no part of the outline of a text. In the text after one, a line of its own that is one of its titles
without the number is a heading, as in laws whose chapters lost their numbers there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import groupby, pairwise
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.content_entries import (
    CHAPTER_KINDS,
    FEWEST_ENTRIES,
    LONGEST_TITLE,
    Entry,
    list_rows,
    name_entry,
    squash,
)
from hanpack.steps.chunk.heading_patterns import BLANKS, MARKED
from hanpack.steps.chunk.headings import ARTICLE_RANK, Marker
from hanpack.steps.chunk.sections import Outline

_SHARE_OF_REPEATED = 0.8
# The line before the entries that names them; a page may have a button beside it (目录 [隐藏]).
_NAME_LINE = compile_lazily(
    r"(?:^|[\r\n])[ \t　#*]*(?:本[\u3400-\u9fff]{1,3})?目[ 　]{0,6}[录錄次][:：]?"
    r"[ 　]*+(?:[\[［(（【][^\r\n]{1,8}[\]］)）】])?[ \t　*]*+[\r\n]\s*+\Z"
)
_LONGEST_NAME_LINE = 40
# The least entries without text and without an entry below them: if titles come again, and if none does.
_FEWEST_REPEATED, _FEWEST = 2, 3
_SHORTEST_BARE = 2
_NUMBERED_LINE = compile_lazily(rf"\n[{BLANKS}]*(?P<title>[0-9][^\r\n]{{1,{LONGEST_TITLE}}}+)(?=[\r\n]|\Z)")
# Beside the title of a section on a page of a wiki.
_EDIT_LINK = r"[\[［][ ]?(?:编辑|編輯|編集|edit)[^\]］\r\n]{0,12}[\]］]"
_LINE = compile_lazily(
    rf"(?:^|(?<=[\r\n]))(?:[{BLANKS}]*{_EDIT_LINK})?(?P<title>[^\r\n]{{1,{LONGEST_TITLE}}}?)"
    rf"(?:{_EDIT_LINK}[{BLANKS}]*)?(?=[\r\n]|\Z)"
)


class Contents(NamedTuple):
    """A table of contents: its span (characters), and the lines after it that are headings, by place.

    A line that is a heading by an earlier table is not among them.
    """

    start: int
    end: int
    lines: Sequence[tuple[int, Marker]]


def find_contents(
    text: str, markers: Sequence[Marker | None], places: Sequence[int], parents: Sequence[int]
) -> list[Contents]:
    r"""The tables of contents among the headings of a text, in order.

    >>> titles = "第一章 总则\n第二章 规划\n第三章 附则\n"
    >>> starts = [0, 7, 14, 21, 30]
    >>> text = f"{titles}第一章 总则\n适用。\n规划\n"
    >>> markers = [Marker(start, start + 3, "chapter", 8, 1, True) for start in starts[:4]]
    >>> [contents] = find_contents(text, markers, starts[:4], [-1] * 4)
    >>> contents.start, contents.end, [place for place, _ in contents.lines]
    (0, 20, [32])
    """
    outline = Outline(text, places, parents, (), markers)
    rows = list(list_rows(outline, markers))
    if not rows:
        return []
    reader = _Reader(outline, markers, rows)
    return [contents for row in rows for contents in reader.read_row(row)]


class _BareLine(NamedTuple):
    """A line with a title without a number: its place, and the span of the title (characters)."""

    place: int
    start: int
    end: int


class _Reader:
    """Reads rows of entries in order; it knows where each title of the text comes last."""

    def __init__(
        self, outline: Outline, markers: Sequence[Marker | None], rows: Sequence[Sequence[Entry]]
    ) -> None:
        self._outline = outline
        self._markers = markers
        self._rows = rows
        # The names whose lines are those of a table already.
        self._taken: set[str] = set()
        headings = (
            outline.heading(index) for index, marker in enumerate(markers) if marker and marker.opens_line
        )
        self._last = {name_entry(heading.text): heading.start for heading in headings}
        for line in _NUMBERED_LINE.finditer(outline.text):
            title = name_entry(line["title"])
            self._last[title] = max(self._last.get(title, -1), line.start("title"))

    def read_row(self, row: Sequence[Entry]) -> Iterator[Contents]:
        """The tables of contents in a row: all of it, or parts of it whose entries are of one sort."""
        if contents := self._read_listed(row):
            yield contents
            return
        for is_chapter, part in groupby(row, _is_chapter):
            entries = list(part)
            if len(entries) < FEWEST_ENTRIES:
                continue
            if not is_chapter:
                yield from self._read_lists(entries)
            elif contents := self._read_chapters(entries):
                yield contents

    def _read_listed(self, row: Sequence[Entry]) -> Contents | None:
        """The table of contents that a row is because it is named or nearly all of its titles come again."""
        first = next((index for index, entry in enumerate(row) if self._is_named(entry)), -1)
        is_named = first >= 0
        row = row[max(first, 0) :]
        entries = _leave_out_body(row)
        again = [self._comes_again(entry, entries[-1].end) for entry in entries]
        if not is_named:
            # What is above all entries is the title of the text.
            while again and not again[0] and entries[0].rank not in {entry.rank for entry in entries[1:]}:
                del again[0], entries[0]
        if len(entries) < FEWEST_ENTRIES:
            return None
        if sum(again) < _SHARE_OF_REPEATED * len(again):
            if not is_named:
                return None
            while len(entries) > 1 and not again[-1] and self._goes_on(entries[-1], {entries[-1].rank}):
                del entries[-1], again[-1]
        if _count_leaves(entries) + 1 < _FEWEST_REPEATED:
            return None
        bare = [entry for entry, is_again in zip(entries, again, strict=True) if not is_again]
        return self._make_contents(entries, bare)

    def _read_chapters(self, row: Sequence[Entry]) -> Contents | None:
        """The table of contents that a row of chapters is: one comes again, or none goes on from them."""
        first = 0
        while first + 1 < len(row) and row[first].rank < min(entry.rank for entry in row[first + 1 :]):
            first += 1
        entries = _leave_out_body(row[first:])
        leaves = _count_leaves(row[first : first + len(entries) + 1])
        if leaves < _FEWEST_REPEATED:
            return None
        contents = self._make_contents(entries, entries)
        if any(
            self._comes_again(entry, contents.end) or self._comes_bare(entry, contents.end)
            for entry in entries
        ):
            return contents
        is_open = leaves < _FEWEST or self._goes_on(entries[-1], {entry.rank for entry in entries})
        return None if is_open else contents

    def _read_lists(self, row: Sequence[Entry]) -> Iterator[Contents]:
        """The lists in a row that have no text under any item: four items or more of one level, and no next.

        Decimal numbers of several levels are one list. Items with numbers such as 1. are told from headings
        elsewhere.
        """
        for kind, part in groupby(row, _name_kind):
            entries = list(part)
            if (
                kind != "digit"
                and _count_leaves(entries) >= _FEWEST
                and not self._goes_on(entries[-1], {entry.rank for entry in entries})
            ):
                yield self._make_contents(entries, ())

    def _comes_again(self, entry: Entry, end: int) -> bool:
        return self._last.get(entry.title, -1) >= end

    def _comes_bare(self, entry: Entry, end: int) -> bool:
        lines = self._bare_lines.get(entry.name, ())
        return bool(lines) and lines[-1].place >= end

    def _goes_on(self, last: Entry, ranks: Set[int]) -> bool:
        """Whether a heading of these ranks follows an entry before one that is above all of them."""
        highest = min(ranks)
        for index in range(last.heading + 1, len(self._markers)):
            marker = self._markers[index]
            rank = marker.rank if marker else ARTICLE_RANK
            if rank in ranks:
                return True
            if rank < highest:
                return False
        return False

    def _is_named(self, entry: Entry) -> bool:
        """Whether the line before an entry names a table of contents."""
        before = self._outline.text[max(entry.start - _LONGEST_NAME_LINE, 0) : entry.start]
        # Most lines lack the character that such a line has.
        return "目" in before and _NAME_LINE.search(before) is not None

    def _make_contents(self, entries: Sequence[Entry], bare: Sequence[Entry]) -> Contents:
        end = entries[-1].end
        return Contents(entries[0].start, end, self._find_bare_lines(end, bare))

    def _find_bare_lines(self, start: int, entries: Sequence[Entry]) -> list[tuple[int, Marker]]:
        """The lines after a position that are the name of an entry and of none in an earlier table, in order.

        If several entries have one name, each is the heading of another such line.
        """
        named: defaultdict[str, deque[Entry]] = defaultdict(deque)
        for entry in entries:
            if entry.name not in self._taken:
                named[entry.name].append(entry)
        found: list[tuple[int, Marker]] = []
        for name, of_name in named.items():
            lines = self._bare_lines.get(name, ())
            for line in lines[bisect_left(lines, (start,)) :]:
                entry = of_name[0]
                if len(of_name) > 1:
                    of_name.popleft()
                marker = Marker(line.start, line.end, MARKED, entry.rank, 0, True, numbers=entry.numbers)
                found.append((line.place, marker))
        self._taken.update(named)
        return sorted(found)

    @cached_property
    def _bare_lines(self) -> Mapping[str, Sequence[_BareLine]]:
        """The lines after the first entry that are the name of an entry of any row, in order by that name."""
        names = {entry.name for row in self._rows for entry in row if len(entry.name) >= _SHORTEST_BARE}
        lines: dict[str, list[_BareLine]] = {name: [] for name in names}
        for line in _LINE.finditer(self._outline.text, self._rows[0][0].start) if names else ():
            of_name = lines.get(squash(line["title"]))
            if of_name is not None:
                content = line["title"].strip(BLANKS)
                start = line.start("title") + line["title"].index(content)
                of_name.append(_BareLine(line.start(), start, start + len(content)))
        return lines


def _name_kind(entry: Entry) -> str:
    return entry.kind


def _is_chapter(entry: Entry) -> bool:
    return entry.kind in CHAPTER_KINDS


def _leave_out_body(row: Sequence[Entry]) -> list[Entry]:
    """The entries before the first that comes again under the same headings: there the text begins."""
    paths: set[tuple[str, ...]] = set()
    above: list[Entry] = []
    for index, entry in enumerate(row):
        while above and (above[-1].rank, above[-1].depth) >= (entry.rank, entry.depth):
            above.pop()
        above.append(entry)
        path = tuple(heading.title for heading in above)
        if path in paths:
            return list(row[:index])
        paths.add(path)
    return list(row)


def _count_leaves(entries: Sequence[Entry]) -> int:
    """How many entries are followed by one that is not below them."""
    return sum(
        (after.rank, after.depth) <= (before.rank, before.depth) for before, after in pairwise(entries)
    )
