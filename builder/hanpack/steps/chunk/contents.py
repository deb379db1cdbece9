"""Finds tables of contents: headings in a row that have no text under them and whose titles come again.

They are no part of the outline of a text. In the text after one, a line of its own that is one of its titles
without the number is a heading, as in laws whose chapters lost their numbers there.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence, Set
from itertools import groupby, islice, pairwise
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
    """A table of contents: its span (characters), and the lines after it that are headings, by place."""

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
    reader = _Reader(outline, markers)
    return [contents for row in rows for contents in reader.read_row(row)]


class _Reader:
    """Reads rows of entries; it knows where each title of the text comes last."""

    def __init__(self, outline: Outline, markers: Sequence[Marker | None]) -> None:
        self._outline = outline
        self._markers = markers
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
        if contents.lines or any(self._comes_again(entry, contents.end) for entry in entries):
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

    def _goes_on(self, last: Entry, ranks: Set[int]) -> bool:
        """Whether a heading of these ranks follows an entry before one that is above all of them."""
        highest = min(ranks)
        for marker in islice(self._markers, last.heading + 1, None):
            rank = marker.rank if marker else ARTICLE_RANK
            if rank in ranks:
                return True
            if rank < highest:
                return False
        return False

    def _is_named(self, entry: Entry) -> bool:
        """Whether the line before an entry names a table of contents."""
        before = self._outline.text[max(entry.start - _LONGEST_NAME_LINE, 0) : entry.start]
        return _NAME_LINE.search(before) is not None

    def _make_contents(self, entries: Sequence[Entry], bare: Sequence[Entry]) -> Contents:
        end = entries[-1].end
        return Contents(entries[0].start, end, list(_find_bare_lines(self._outline.text, end, bare)))


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


def _find_bare_lines(text: str, start: int, entries: Sequence[Entry]) -> Iterator[tuple[int, Marker]]:
    """The lines after a position that are the title of an entry without its number.

    If several entries have one title, each is the heading of another such line.
    """
    named: defaultdict[str, deque[Entry]] = defaultdict(deque)
    for entry in entries:
        if len(entry.name) >= _SHORTEST_BARE:
            named[entry.name].append(entry)
    if not named:
        return
    for line in _LINE.finditer(text, start):
        of_title = named.get(squash(line["title"]))
        if of_title:
            entry = of_title[0]
            if len(of_title) > 1:
                of_title.popleft()
            content = line["title"].strip(BLANKS)
            begin = line.start("title") + line["title"].index(content)
            end = begin + len(content)
            yield (
                line.start(),
                Marker(begin, end, MARKED, entry.rank, value=0, opens_line=True, numbers=entry.numbers),
            )
