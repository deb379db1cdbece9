"""Finds the names of chapters that lost their numbers: short lines between two articles of a law."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.heading_patterns import BLANKS, KIND, MARKED, NUMERALS
from hanpack.steps.chunk.headings import PATTERN, MarkedHeading, Marker, name_number, read_marker

_STOPS = frozenset("。；;！!？?")
_CLOSING_MARKS = "”’」』）)"
_NUMBERS = {name_number(number): number for number in range(1, 100)}
_NUMBERED_LINE = compile_lazily(
    rf"(?:^|(?<=\n))[{BLANKS}]*(?P<signs>#{{1,6}}[ \t]+)?"
    rf"(?P<number>第[{NUMERALS}0-9]{{1,4}})(?P<unit>[章节節])(?=[^\n]{{0,40}}(?:\n|\Z))"
)
_ARTICLE = compile_lazily(rf"(?:^|(?<=\n))[{BLANKS}]*(?:{KIND['article'].pattern})")


class _NumberedLine(NamedTuple):
    """A chapter or a section with its number: place, rank, value."""

    place: int
    rank: int
    value: int


def find_chapter_lines(text: str, marked: Sequence[MarkedHeading] = ()) -> Iterator[tuple[int, Marker]]:
    r"""The names of chapters without a number, with their places in order.

    The paragraph before such a line, or two of them, is complete, an article is above and the next article,
    which is not the first, directly below. It is the name of a section if no number of a chapter is missing.

    >>> text = "第一章 总则\n第一条 适用本市。\n物业管理区域\n第二条 划定区域。\n第三章 附则\n第三条 施行。"
    >>> [(text[marker.start : marker.end], marker.rank) for _, marker in find_chapter_lines(text)]
    [('物业管理区域', 8)]
    """
    first_article = _ARTICLE.search(text)
    if first_article is None:
        return
    chapters: list[_NumberedLine] | None = None
    sections: list[_NumberedLine] = []
    for line in PATTERN["line_before_article"].finditer(text, first_article.end()):
        start, end = line.span("title")
        is_other = PATTERN["note_on_article"].search(text, start, end) or read_marker(
            text, start, opens_line=True, in_article=False
        )
        if is_other or not _ends_paragraph(text, line.start()):
            continue
        if chapters is None:
            chapters, sections = _list_numbered_lines(text, marked)
        rank = _rank(chapters, sections, start)
        yield line.start() + 1, Marker(start, end, MARKED, rank, value=0, opens_line=True)


def _ends_paragraph(text: str, end: int) -> bool:
    """Whether the last line with text before ``end`` ends with a stop, in quotes or brackets perhaps."""
    last = end - 1
    while last > 0 and text[last].isspace():
        last -= 1
    if text[last] in _CLOSING_MARKS:
        last -= 1
    return text[last] in _STOPS


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
