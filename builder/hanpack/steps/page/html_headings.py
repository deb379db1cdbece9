"""Finds the headings h1 to h6 of an HTML page: their lines, and their spans in the page with their levels.

Source: the HTML standard, "The h1, h2, h3, h4, h5, and h6 elements".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.page.html_tokens import CELLS, HEADINGS
from hanpack.steps.page.site_lines import has_day_and_time, is_site_line

# Some pages put whole paragraphs into a heading to make them bold.
_LONGEST_HEADING = 120
# In place of the number of an element.
_NONE, _TITLE = -1, -2
_ENDS_OF_SENTENCES = ("。", "；", ";", "，", ",", "、")


class HeadingSpan(NamedTuple):
    """Where the visible text of a heading is in the page, in characters, and its level, 1 to 6.

    The level 0 is that of the first text of a post after one with headings: it is under none of them.
    """

    start: int
    end: int
    level: int


def find_heading_elements(page: HtmlPage) -> list[int]:
    """For each element the heading that it is or is in; -1 if there is none, or a cell is in between."""
    enclosing: list[int] = []
    for number, element in enumerate(page.elements):
        parent = element.parent
        is_in_cell = parent >= 0 and page.elements[parent].name in CELLS
        if element.name in CELLS:
            enclosing.append(-1)
        elif element.name in HEADINGS and not is_in_cell:
            enclosing.append(number)
        else:
            enclosing.append(enclosing[parent] if parent >= 0 else -1)
    return enclosing


def find_headings(
    page: HtmlPage, lines: Collection[int], title: Collection[int] = ()
) -> Iterator[HeadingSpan]:
    """The headings in the lines that are kept, in order; a sentence, or what a site prints, is none.

    The heading in the lines of the ``title`` has the first level, whatever its element is.

    >>> from hanpack.steps.page.html_text import read_html
    >>> page = read_html("<h1>报告</h1><h2>一、回顾</h2><p>完成。</p><h3>来源：清江日报 2024-03-07</h3>")
    >>> [tuple(heading) for heading in find_headings(page, range(4))]
    [(4, 6, 1), (15, 19, 2)]
    """
    if not any(element.name in HEADINGS for element in page.elements):
        return
    enclosing = find_heading_elements(page)
    ordered = sorted(lines)
    starts = _find_starts_of_posts(page, ordered)
    is_under_heading = False
    for heading, numbers in groupby(
        ordered, lambda number: _TITLE if number in title else _find_heading(page, enclosing, number)
    ):
        of_group = list(numbers)
        for number in of_group if is_under_heading else ():
            if number in starts:
                yield HeadingSpan(page.lines[number].runs[0].start, page.lines[number].runs[0].end, 0)
                is_under_heading = False
                break
        if heading == _NONE:
            continue
        of_heading = [page.lines[number] for number in of_group]
        text = " ".join(line.text for line in of_heading)
        if heading == _TITLE or (
            len(text) <= _LONGEST_HEADING
            and not text.endswith(_ENDS_OF_SENTENCES)
            and not is_site_line(text)
            and not has_day_and_time(text)
            and all(line.code < 0 for line in of_heading)
        ):
            level = 1 if heading == _TITLE else int(page.elements[heading].name[1])
            yield HeadingSpan(of_heading[0].runs[0].start, of_heading[-1].runs[-1].end, level)
            is_under_heading = True


def _find_starts_of_posts(page: HtmlPage, ordered: Sequence[int]) -> set[int]:
    """The first of the lines in each post but the first."""
    firsts = (bisect_left(ordered, start) for start, _ in page.posts[1:])
    return {ordered[first] for first in firsts if first < len(ordered)}


def _find_heading(page: HtmlPage, enclosing: list[int], number: int) -> int:
    element = page.lines[number].element
    return enclosing[element] if element >= 0 else _NONE
