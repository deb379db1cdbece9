"""Finds the names of chapters that lost their numbers: short lines between two articles of a law."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.heading_patterns import BLANKS, KIND, MARKED, NUMERALS
from hanpack.steps.chunk.heading_values import name_number
from hanpack.steps.chunk.headings import PATTERN, MarkedHeading, Marker, is_article, read_marker
from hanpack.steps.sentence_marks import CLOSING_MARKS, STOPS

# A title may be broken into so many lines.
_MOST_LINES = 2
_NUMBERS = {name_number(number): number for number in range(1, 100)}
_NUMBERED_LINE = compile_lazily(
    rf"(?:^|(?<=\n))[{BLANKS}]*(?P<signs>#{{1,6}}[ \t]+)?"
    rf"(?P<number>第[{NUMERALS}0-9]{{1,4}})(?P<unit>[章节節])(?=[^\n]{{0,40}}(?:\n|\Z))"
)
# Found far faster than one that may open the first line too: the pattern begins with one character.
_LATER_ARTICLE = compile_lazily(rf"\n[{BLANKS}]*(?:{KIND['article'].pattern})")


class _NumberedLine(NamedTuple):
    """A chapter or a section with its number: place, rank, value."""

    place: int
    rank: int
    value: int


def find_unnumbered_chapters(text: str, marked: Sequence[MarkedHeading] = ()) -> Iterator[tuple[int, Marker]]:
    r"""The names of chapters without a number, with their places in order.

    The paragraph before such a line, or two of them, is complete, an article is above and the next article,
    which is not the first, directly below. It is the name of a section if no number of a chapter is missing.

    >>> text = "第一章 总则\n第一条 适用本市。\n物业管理区域\n第二条 划定区域。\n第三章 附则\n第三条 施行。"
    >>> [(text[marker.start : marker.end], marker.rank) for _, marker in find_unnumbered_chapters(text)]
    [('物业管理区域', 8)]
    """
    if is_article(text, 0, opens_line=True):
        above = 0
    elif article := _LATER_ARTICLE.search(text):
        above = article.end()
    else:
        return
    chapters: list[_NumberedLine] | None = None
    sections: list[_NumberedLine] = []
    for line_end in PATTERN["before_article"].finditer(text, above):
        end = line_end.start()
        start = _find_start(text, end)
        if start is None or PATTERN["note_on_article"].search(text, start, end):
            continue
        if read_marker(text, start, opens_line=True, in_article=False):
            continue
        if chapters is None:
            chapters, sections = _list_numbered_lines(text, marked)
        rank = _rank(chapters, sections, start)
        place = text.rfind("\n", 0, start) + 1
        yield place, Marker(start, end, MARKED, rank, value=0, opens_line=True)


def _find_start(text: str, end: int) -> int | None:
    """Where a title of one line or two begins that ends at ``end``, after a complete paragraph; else None."""
    for _ in range(_MOST_LINES):
        place = text.rfind("\n", 0, end) + 1
        title = PATTERN["bare_title"].match(text, place)
        end = place
        while end and text[end - 1].isspace():
            end -= 1
        if title is None or not end:
            return None
        if text[end - 1] in STOPS or (text[end - 1] in CLOSING_MARKS and text[end - 2] in STOPS):
            return title.start("title")
    return None


def _list_numbered_lines(
    text: str, marked: Sequence[MarkedHeading]
) -> tuple[list[_NumberedLine], list[_NumberedLine]]:
    """The chapters and the sections that have a number."""
    levels = {heading.start: heading.level for heading in marked}
    chapters: list[_NumberedLine] = []
    sections: list[_NumberedLine] = []
    for line in _NUMBERED_LINE.finditer(text):
        is_chapter = line["unit"] == "章"
        rank = KIND["chapter" if is_chapter else "section"].rank
        if line["signs"]:
            rank = len(line["signs"].strip())
        number = line["number"][1:]
        value = _NUMBERS.get(number) or (int(number) if number.isdecimal() else 0)
        rank = levels.get(line.start("number"), 0) or rank
        (chapters if is_chapter else sections).append(_NumberedLine(line.start(), rank, value))
    return chapters, sections


def _rank(chapters: Sequence[_NumberedLine], sections: Sequence[_NumberedLine], place: int) -> int:
    """The rank of the chapters, or that of the sections if no number of a chapter is missing at a place."""
    following = bisect_left(chapters, (place,))
    before, after = chapters[:following][-1:], chapters[following : following + 1]
    rank = next((chapter.rank for chapter in (*before, *after)), KIND["chapter"].rank)
    if before and after and after[0].value == before[0].value + 1:
        number = bisect_left(sections, (place,))
        section = [line for line in sections[max(0, number - 1) : number + 1] if line.rank > rank]
        return section[0].rank if section else max(rank + 1, KIND["section"].rank)
    return rank
