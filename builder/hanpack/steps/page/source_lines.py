"""Decides whether the line breaks in the source of a page are lines of its text, and divides its lines there.

A browser shows a line break of the source as a space, and none is due between Han characters. But some pages
have no markup within a text: the style of the page, or a script, showed its lines as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import (
    INDENTED_BREAKS,
    SOURCE_LINE_BREAK,
    TEXT_LINE_BREAK,
    DataTable,
    HtmlPage,
    PageElement,
    VisibleLine,
    VisibleRun,
    VisibleRuns,
)
from hanpack.steps.page.html_tokens import HEADINGS
from hanpack.steps.page.printed_lines import BLOCK_START
from hanpack.steps.page.site_lines import is_site_line
from hanpack.steps.sentence_marks import WIDE_LINE_STOPS

# Elements that are one line each.
_SINGLE_LINES = HEADINGS | {"li", "dd", "dt", "figcaption", "summary"}
_PARAGRAPH = "p"
# Next to a tag a line of the source ends only after one of these.
_SENTENCE_ENDS = frozenset(f"{WIDE_LINE_STOPS}”")
# What a line of a text may end with; a line that an editor of markup broke ends anywhere.
_LINE_ENDS = _SENTENCE_ENDS | frozenset("，、’」』）》】!?;:,)")
_NO_LINE_START = frozenset("，。、；：！？）》」』】”’,;!?)")
# The breaks begin lines if at most this share of them is within a sentence.
_SHARE_WITHIN_SENTENCES = 0.3
_FEWEST_BREAKS = 2
# No editor of markup breaks Chinese text into lines so short.
_SHORT_LINE = 24
# A line that ends with a sentence and has another: who breaks lines after sentences writes no such line.
_SENTENCES = compile_lazily(r"[^。！？]{4,}[。！？].{0,2000}[。！？；：…”]")
_LATIN = compile_lazily(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class _Breaks:
    """The line breaks of the source in a line, or in several: their number, and what speaks for and against.

    ``marked`` ones are after a mark or before an indent, ``certain`` ones of them begin or end what is no
    sentence; ``within_sentences`` begin no line, as it seems.
    """

    number: int = 0
    within_sentences: int = 0
    marked: int = 0
    certain: int = 0

    def __add__(self, other: _Breaks) -> _Breaks:
        return _Breaks(
            self.number + other.number,
            self.within_sentences + other.within_sentences,
            self.marked + other.marked,
            self.certain + other.certain,
        )

    @property
    def are_mostly_within_sentences(self) -> bool:
        return self.within_sentences >= _FEWEST_BREAKS and 2 * self.within_sentences > self.number


@dataclass(frozen=True, slots=True)
class _Place:
    """What lines are judged together: those of an element or of its paragraphs, or all posts."""

    name: str
    element: int = -1

    def has_lines(self, breaks: _Breaks) -> bool:
        """Whether the breaks in all lines of this place begin lines."""
        if breaks.within_sentences > breaks.number * _SHARE_WITHIN_SENTENCES:
            return False
        if self.name == _PARAGRAPH:
            return breaks.certain >= _FEWEST_BREAKS
        return breaks.number >= _FEWEST_BREAKS or (self == _POSTS and breaks.marked > 0)


_POSTS = _Place("post")


def divide_source_lines(page: HtmlPage) -> HtmlPage:
    r"""Divide those lines of a page in which each line break of the source begins a line of the text.

    Lines of one place are judged together. A line whose breaks are mostly within sentences stays as it is,
    and so do the cells of data. A paragraph is a line of its own: in paragraphs there must be lines that are
    no sentences, or longer than a sentence. In posts one break after a mark is enough.

    >>> from hanpack.steps.page.html_text import read_html
    >>> wrapped = "\n".join(["各地备足种子和化肥，抓紧检修农机，组织技术人员进村入户指导春"] * 3)
    >>> page = read_html(f"<div>{wrapped}</div><div>各地备足种子。\n检修农机。\n春耕开始了</div>")
    >>> [line.text for line in page.lines[1:]]
    ['各地备足种子。', '检修农机。', '春耕开始了']
    """
    divided = _choose_lines(page)
    if not divided:
        return page
    lines: list[VisibleLine] = []
    # Where each line of the page is after the division.
    places = []
    for number, line in enumerate(page.lines):
        places.append(len(lines))
        lines += _divide(line) if number in divided else (line,)
    places.append(len(lines))
    return replace(
        page,
        elements=tuple(_move_element(element, places) for element in page.elements),
        lines=tuple(lines),
        posts=tuple((places[start], places[end]) for start, end in page.posts),
        data_tables=tuple(_move_table(table, places) for table in page.data_tables),
    )


def _choose_lines(page: HtmlPage) -> Collection[int]:
    """The numbers of the lines to divide."""
    posts = {number for post in page.posts for number in range(*post)}
    cells = {number for table in page.data_tables for number in range(table.first_line, table.end_line)}
    breaks_by_place: defaultdict[_Place, dict[int, _Breaks]] = defaultdict(dict)
    for number, line in enumerate(page.lines):
        if len(line.runs) > 1 and line.code < 0 and number not in cells:
            place = _find_place(page, line.element)
            if place and place.name != _PARAGRAPH and number in posts:
                place = _POSTS
            if place and (breaks := _count_breaks(line)).number:
                breaks_by_place[place][number] = breaks
    return {
        number
        for place, breaks_of_lines in breaks_by_place.items()
        if place.has_lines(sum(breaks_of_lines.values(), _Breaks()))
        for number, breaks in breaks_of_lines.items()
        if not breaks.are_mostly_within_sentences
    }


def _find_place(page: HtmlPage, number: int) -> _Place | None:
    """With which lines a line of an element is judged; None if the element is one line."""
    if number < 0:
        return _Place("")
    element = page.elements[number]
    if element.name in _SINGLE_LINES:
        return None
    return _Place(_PARAGRAPH, element.parent) if element.name == _PARAGRAPH else _Place("", number)


def _count_breaks(line: VisibleLine) -> _Breaks:
    """What the line breaks of the source in a line look like."""
    pieces = [(runs[0].separator, _join(runs)) for runs in _list_pieces(line.runs, TEXT_LINE_BREAK)]
    is_short = max(len(text) for _, text in pieces) <= _SHORT_LINE
    within_sentences = marked = certain = 0
    for (_, before), (separator, after) in pairwise(pieces):
        if after[0] in _NO_LINE_START:
            within_sentences += 1
        elif BLOCK_START.match(after) or is_site_line(before) or is_site_line(after):
            marked += 1
            certain += 1
        elif before[-1] in _LINE_ENDS or separator in INDENTED_BREAKS:
            marked += 1
            certain += _SENTENCES.fullmatch(before) is not None
        elif not is_short:
            has_latin = _LATIN.match(before[-1]) or _LATIN.match(after[0])
            within_sentences += len(before) > _SHORT_LINE or has_latin is not None
    return _Breaks(len(pieces) - 1, within_sentences, marked, certain)


def _divide(line: VisibleLine) -> Iterator[VisibleLine]:
    for place, runs in enumerate(_list_pieces(line.runs, TEXT_LINE_BREAK, SOURCE_LINE_BREAK)):
        characters = sum(len(run.text) for run in runs)
        first = runs[0]._replace(separator="")
        yield line._replace(
            item=-1 if place else line.item,
            separator="\n" if place else line.separator,
            runs=VisibleRuns((first, *runs[1:])),
            characters=characters,
            # Which runs are links is not known any more.
            link_characters=line.link_characters * characters // max(line.characters, 1),
        )


def _list_pieces(runs: Sequence[VisibleRun], *separators: str) -> Iterator[Sequence[VisibleRun]]:
    """The runs between line breaks of the source; a break next to a tag counts after a sentence."""
    first = 0
    for place, (before, run) in enumerate(pairwise(runs), 1):
        if run.separator.startswith(separators) and (
            run.separator != SOURCE_LINE_BREAK or before.text[-1] in _SENTENCE_ENDS
        ):
            yield runs[first:place]
            first = place
    yield runs[first:]


def _join(runs: Sequence[VisibleRun]) -> str:
    """The text of runs, the first of which may be after a break."""
    return "".join([f" {run.text}" if run.separator else run.text for run in runs]).removeprefix(" ")


def _move_element(element: PageElement, places: Sequence[int]) -> PageElement:
    return element._replace(first_line=places[element.first_line], end_line=places[element.end_line])


def _move_table(table: DataTable, places: Sequence[int]) -> DataTable:
    rows = [[cell and _move_element(cell, places) for cell in row] for row in table.rows]
    return DataTable(places[table.first_line], places[table.end_line], rows)
