"""Finds what printing repeats on every page: running heads and feet, and page numbers."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.page_margins import LineBox, Margins
from hanpack.steps.page.printed_lines import PrintedLine

# How many lines at an edge of a page can be running heads.
_EDGE_LINES = 3
_LONGEST_HEAD = 80
# A line is a running head if it is at the same edge of so many pages, or of both, near one another: the head
# of a chapter may be on every other page.
_FEWEST_PAGES, _FARTHEST_PAGES = 3, 4
# Of so few pages two are enough: the first has a title in place of a head, and often no number.
_FEW_PAGES = 4
# A sentence, or a part of one such as a salutation, is no running head.
_SENTENCE_END = compile_lazily(r"[。！？；：:，,、][”’」』）]?$|.{40}[.!?]$")
_NUMBER = r"(?:\d{1,4}|[ivxlcIVXLC]{1,7}|[〇零一二三四五六七八九十百]{1,6})"
# A page number that says what it is, and one that is nothing but a number.
_DECORATED = compile_lazily(
    rf"[-—–―·•~－]+\s*(?P<dashed>{_NUMBER})\s*[-—–―·•~－]+"
    rf"|第\s*(?P<counted>{_NUMBER})\s*页(?:\s*+(?:[,，/／]\s*+)?(?:[（(]\s*+)?共\s*{_NUMBER}\s*页(?:\s*[）)])?)?"
    rf"|(?:[Pp]age|PAGE|P\.)\s*(?P<page>\d{{1,4}})(?:\s*(?:of|/)\s*\d{{1,4}})?"
    r"|(?P<part>\d{1,4})\s*[/／]\s*\d{1,4}(?:\s*页)?|(?P<leaf>\d{1,4})\s*页"
)
# What browsers print below a page, an address and a page number or that and the time, and above it.
_ADDRESS = r"(?:https?|file)://\S{1,2000}"
_TIME = (
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4},?\s{0,3}(?:[上下]午)?\s{0,3}"
    r"\d{1,2}:\d\d(?::\d\d)?(?:\s{0,3}[AaPp][Mm])?"
)
_BROWSER_FOOT = compile_lazily(
    rf"{_ADDRESS}\s{{1,99}}(?P<chromium>\d{{1,4}})\s?/\s?\d{{1,4}}"
    rf"|(?P<firefox>\d{{1,4}})\s?(?:/|of|页，共)\s?\d{{1,4}}(?:\s?页)?\s{{1,99}}{_TIME}"
)
_BROWSER_HEAD = compile_lazily(rf"{_TIME}(?:\s.*)?|(?:.*\s)?{_ADDRESS}")
_BARE = compile_lazily(r"\d{1,4}")
_DIGITS = compile_lazily(r"\d{1,6}")
_LETTER = compile_lazily(r"[^\W\d_]")
# The headings of numbered parts may be at the tops of pages, too.
_HEADING = compile_lazily(r"第\d+[编篇部章节条款讲回课集卷]|(?:[Cc]hapter|[Pp]art|附件|附表|表|图)\d+")


def find_furniture(
    lines: Sequence[PrintedLine], full_width: int = 0, boxes: Sequence[LineBox] = ()
) -> set[int]:
    r"""The indexes of the lines that are running heads or feet, or page numbers.

    If no form feed ends a page, a page ends with a number that counts on from the one before. A line as wide
    as ``full_width`` columns, if that is not 0, is a line of a paragraph and no running head. If there are
    ``boxes``, one for each line, only what is in a margin and set apart from the body is removed.

    >>> from hanpack.steps.page.printed_lines import list_lines
    >>> sorted(find_furniture(list_lines("公报\n一。\n— 1 —\n公报\n二。\n— 2 —\n公报\n三。\n— 3 —")))
    [0, 2, 3, 5, 6, 8]
    """
    pages = list(_divide(lines, has_pages=bool(boxes)))
    heads = _find_repeated(lines, pages, full_width or sys.maxsize)
    numbers = _find_numbers(lines, pages)
    margins = Margins(boxes, pages, heads, numbers) if boxes else None
    furniture: set[int] = set()
    for page in pages:
        for is_foot, edge in ((False, page), (True, page[::-1])):
            candidates = list(takewhile(lambda index: index in heads or index in numbers, edge[:_EDGE_LINES]))
            if margins:
                candidates = candidates[: margins.count_outside(edge, candidates, is_foot=is_foot)]
            elif len(pages) <= _FEW_PAGES:
                candidates = _limit_to_one_head(candidates, numbers)
            furniture.update(candidates)
    return furniture


def _limit_to_one_head(candidates: Sequence[int], numbers: set[int]) -> list[int]:
    """The candidates up to a second head: of few pages the lines next to the head may be alike by chance."""
    heads = [place for place, index in enumerate(candidates) if index not in numbers]
    return list(candidates[: heads[1]] if len(heads) > 1 else candidates)


def _divide(lines: Sequence[PrintedLine], *, has_pages: bool) -> Iterator[list[int]]:
    """The indexes of the lines of each page that are not blank; ``has_pages`` if a single one is known."""
    shown = [index for index, line in enumerate(lines) if not line.is_blank and not line.is_code]
    if lines and (has_pages or lines[-1].page):
        by_page: dict[int, list[int]] = defaultdict(list)
        for index in shown:
            by_page[lines[index].page].append(index)
        yield from by_page.values()
        return
    ends = set(_find_counted(lines, shown))
    page: list[int] = []
    for index in shown:
        page.append(index)
        if index in ends:
            yield page
            page = []
    if page and ends:
        yield page


def _find_counted(lines: Sequence[PrintedLine], shown: Sequence[int]) -> list[int]:
    """The lines with page numbers that say what they are, if each is one more than the one before."""
    numbers = [(index, number) for index in shown if (number := _read_decorated(lines[index])) is not None]
    counted = [
        index
        for place, (index, number) in enumerate(numbers)
        if (place and numbers[place - 1][1] == number - 1)
        or (place + 1 < len(numbers) and numbers[place + 1][1] == number + 1)
    ]
    return counted if len(counted) >= _FEWEST_PAGES else []


class _Head(NamedTuple):
    """What a line at an edge of a page says; ``offset`` is that of a number in it to the page, from 0."""

    is_foot: bool
    text: str
    offset: int | None


def _find_repeated(lines: Sequence[PrintedLine], pages: Sequence[Sequence[int]], full_width: int) -> set[int]:
    """The lines that stand at the same edge of several pages, but for the page numbers in them.

    If page numbers are known, a line with one needs only two pages: the head of a short chapter.
    """
    places: dict[_Head, set[int]] = defaultdict(set)
    indexes: dict[_Head, list[int]] = defaultdict(list)
    for number, page in enumerate(pages):
        for is_foot, edge in ((False, page), (True, page[::-1])):
            for index in edge[:_EDGE_LINES]:
                if lines[index].width >= full_width:
                    continue
                for text, offset in _describe(lines[index], number):
                    head = _Head(is_foot, text, offset)
                    # The title of a text may be the same as its running head, and stands below it once.
                    if number not in places[head]:
                        places[head].add(number)
                        indexes[head].append(index)
    fewest = _count_needed(pages)
    # The headings of two parts may have the same title.
    fewest_of_headings = max(min(_FEWEST_PAGES, len(pages)), 2)
    repeated = {
        head
        for head, several in places.items()
        if _are_near(sorted(several), fewest_of_headings if head.text.startswith("#") else fewest)
    }
    offsets = Counter(head.offset for head in repeated if head.offset is not None)
    if offsets:
        ((known, _),) = offsets.most_common(1)
        repeated |= {head for head, several in places.items() if head.offset == known and len(several) > 1}
    at_edges = {index for head in repeated for index in indexes[head]}
    return at_edges - _find_in_body(lines, pages, at_edges)


def _find_in_body(
    lines: Sequence[PrintedLine], pages: Sequence[Sequence[int]], at_edges: set[int]
) -> set[int]:
    """The lines at edges of pages that are lines of the body, because they are in mid-page about as often."""
    edges = Counter(lines[index].text.strip() for index in at_edges)
    middle = Counter(
        text
        for page in pages
        for index in page[_EDGE_LINES:-_EDGE_LINES]
        if (text := lines[index].text.strip()) in edges
    )
    return {index for index in at_edges if middle[text := lines[index].text.strip()] * 2 >= edges[text]}


def _count_needed(pages: Sequence[Sequence[int]]) -> int:
    """On how many pages a running head or a number has to be."""
    return 2 if len(pages) <= _FEW_PAGES else _FEWEST_PAGES


def _are_near(pages: Sequence[int], count: int) -> bool:
    """Whether so many of the pages are near one another."""
    return any(
        last - first <= _FARTHEST_PAGES for first, last in zip(pages, pages[count - 1 :], strict=False)
    )


def _describe(line: PrintedLine, page: int) -> Iterator[tuple[str, int | None]]:
    """The text of a line, and what it is if its first or one of its last two numbers counts the pages."""
    text = "".join(line.text.split())
    if len(text) > _LONGEST_HEAD or _SENTENCE_END.search(text) or not _LETTER.search(text):
        return
    yield text, None
    numbers = list(_DIGITS.finditer(text))
    heading = _HEADING.match(text)
    # The last one may be the number of pages.
    for number in dict.fromkeys((*numbers[:1], *numbers[-2:])):
        if not heading or number.start() >= heading.end():
            yield f"{text[: number.start()]}\0{text[number.end() :]}", int(number[0]) - page


def _find_numbers(lines: Sequence[PrintedLine], pages: Sequence[Sequence[int]]) -> set[int]:
    """The lines at an edge of a page that are its number: bare ones only if they count on with the pages."""
    numbers = set()
    bare: list[tuple[int, int]] = []
    for place, page in enumerate(pages):
        numbers |= _find_browser_lines(lines, page)
        for index in {*page[:_EDGE_LINES], *page[-_EDGE_LINES:]}:
            text = lines[index].text.strip()
            if _read_decorated(lines[index]) is not None:
                numbers.add(index)
            elif _BARE.fullmatch(text):
                bare.append((index, int(text) - place))
    offsets = Counter(offset for _, offset in bare)
    if offsets:
        offset, count = offsets.most_common(1)[0]
        # Two bare numbers that count from the first page, or from the one after a cover, are no coincidence.
        is_counted = offset in (0, 1) and count >= _count_needed(pages)
        if count >= _FEWEST_PAGES or is_counted or (count == len(pages) > 1):
            numbers |= {index for index, value in bare if value == offset}
    return numbers


def _find_browser_lines(lines: Sequence[PrintedLine], page: Sequence[int]) -> set[int]:
    """The lines that a browser printed above and below a page: the time and the title, the address."""
    feet = {index for index in page[-_EDGE_LINES:] if _BROWSER_FOOT.fullmatch(lines[index].text.strip())}
    heads = page[:_EDGE_LINES] if feet else []
    return feet | {index for index in heads if _BROWSER_HEAD.fullmatch(lines[index].text.strip())}


def _read_decorated(line: PrintedLine) -> int | None:
    """The number on a line that is a page number and says so; 0 if it is not written in digits."""
    match = _DECORATED.fullmatch(line.text.strip())
    if match is None:
        return None
    number = next(group for group in match.groups() if group is not None)
    return int(number) if number.isdecimal() else 0
