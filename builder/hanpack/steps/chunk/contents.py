"""Finds a table of contents: headings in a row that have no text under them and whose titles come again.

It is no part of the outline of a text. In the text after it, a line of its own that is one of its titles
without the number is a heading, as in laws whose chapters lost their numbers there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import groupby, islice, pairwise
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.heading_patterns import BLANKS, MARKED, UNDERLINED
from hanpack.steps.chunk.headings import Marker, read_marker
from hanpack.steps.chunk.sections import Outline

_KINDS = frozenset(("markdown", MARKED, UNDERLINED, "volume", "part", "unit", "chapter", "section"))
# Those of lists, too, if the text names a table of contents and nearly all of them come again.
_LIST_KINDS = frozenset(("formal_numeral", "numeral", "bracketed_numeral"))
_SHARE_OF_REPEATED = 0.8
_NAME = compile_lazily("目[ 　]*[录錄次]")
_NEAR = 5_000
# What follows the title of an entry: the number of a page, or the articles of a chapter.
_AFTER_TITLE = compile_lazily(
    r"(?:(?<![.．…·‥—－-])[.．…·‥—－-]++\d{1,4}|(?<=\D)\d{1,4}|[（(]第[^（）()]{1,30}条[^（）()]{0,9}[）)])\Z"
)
# The least entries without text and without an entry below them: if titles come again, and if none does.
_FEWEST_REPEATED, _FEWEST = 2, 3
_LONGEST_TITLE = 60
# How many rows of headings are looked at: a table of contents is near the beginning.
_MOST_RUNS = 4
_SHORTEST_BARE = 2
_LINE = compile_lazily(rf"(?:^|(?<=[\r\n]))(?P<title>[^\r\n]{{1,{_LONGEST_TITLE}}})(?=[\r\n]|\Z)")


class Contents(NamedTuple):
    """A table of contents: its span (characters), and the lines after it that are headings, by place."""

    start: int
    end: int
    lines: Sequence[tuple[int, Marker]]


def find_contents(
    text: str, markers: Sequence[Marker | None], places: Sequence[int], parents: Sequence[int]
) -> Contents | None:
    r"""The first table of contents among the headings of a text; None if there is none.

    >>> titles = "第一章 总则\n第二章 规划\n第三章 附则\n"
    >>> starts = [0, 7, 14, 21, 30]
    >>> text = f"{titles}第一章 总则\n适用。\n规划\n"
    >>> markers = [Marker(start, start + 3, "chapter", 8, 1, True) for start in starts[:4]]
    >>> contents = find_contents(text, markers, starts[:4], [-1] * 4)
    >>> contents.start, contents.end, [place for place, _ in contents.lines]
    (0, 20, [32])
    """
    is_named = _NAME.search(text, 0, _NEAR) is not None
    for kinds in (_KINDS, _LIST_KINDS)[: 1 + is_named]:
        rows = _find_rows(markers, kinds)
        if rows and (contents := _read_rows(Outline(text, places, parents, (), markers), markers, rows)):
            return contents
    return None


def _read_rows(
    outline: Outline, markers: Sequence[Marker | None], rows: Sequence[tuple[int, int]]
) -> Contents | None:
    """The first of several rows of headings that is a table of contents."""
    for first, end in islice(_leave_out_text(outline, rows), _MOST_RUNS):
        ranks = [marker.rank for marker in markers[first:end] if marker]
        # A heading above all the others is that of the text.
        while len(ranks) > 1 and ranks[0] < min(ranks[1:]):
            del ranks[0]
            first += 1
        names = [outline.heading(index).text for index in range(first, end)]
        titles = list(map(_name_entry, names))
        # The body may follow at once, and then its first heading is one of the row.
        places_of_titles = {title: place for place, title in reversed(list(enumerate(titles)))}
        repeated = next(
            (place for place, title in enumerate(titles) if places_of_titles[title] < place), len(titles)
        )
        leaves = sum(after <= rank for rank, after in pairwise(ranks[: repeated + 1]))
        if leaves < _FEWEST_REPEATED or max(map(len, titles)) > _LONGEST_TITLE:
            continue
        last = outline.heading(first + repeated - 1)
        later = {_name_entry(outline.heading(index).text) for index in range(first + repeated, len(markers))}
        entry = markers[first]
        if entry and entry.kind in _LIST_KINDS:
            if sum(title in later for title in titles[:repeated]) >= _SHARE_OF_REPEATED * repeated:
                return Contents(outline.heading(first).start, last.end, ())
            continue
        bare = {_remove_number(name): rank for name, rank in zip(names[:repeated], ranks, strict=False)}
        lines = list(_find_bare_lines(outline.text, last.end, bare))
        comes_again = bool(lines) or not later.isdisjoint(titles)
        goes_on = any(marker is not None and marker.rank in ranks for marker in markers[first + repeated :])
        if comes_again or (leaves >= _FEWEST and not goes_on):
            return Contents(outline.heading(first).start, last.end, lines)
    return None


def _find_rows(markers: Sequence[Marker | None], kinds: Set[str]) -> list[tuple[int, int]]:
    """The rows ``[first, end)`` of headings of these kinds."""
    indexes = [index for index, marker in enumerate(markers) if marker and marker.kind in kinds]
    rows: list[tuple[int, int]] = []
    # In a row the difference of an index and its place in the list is the same.
    for _, row in groupby(enumerate(indexes), _measure_gaps) if len(indexes) > _FEWEST_REPEATED else ():
        of_row = [index for _, index in row]
        if len(of_row) > _FEWEST_REPEATED:
            rows.append((of_row[0], of_row[-1] + 1))
    return rows


def _measure_gaps(numbered: tuple[int, int]) -> int:
    place, index = numbered
    return index - place


def _leave_out_text(outline: Outline, rows: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts ``[first, end)`` of rows of headings that have no text but for the last."""
    for row, row_end in rows:
        first = row
        for index in range(row, row_end):
            is_last = index + 1 == row_end
            if is_last or outline.has_text_under(index, outline.places[index + 1]):
                if index + 1 - first > _FEWEST_REPEATED:
                    yield first, index + 1
                first = index + 1


def _name_entry(title: str) -> str:
    """What an entry names, without blanks.

    >>> _name_entry("第二章 监督管理……12"), _name_entry("第三章　附　则（第四十条—第四十二条）")
    ('第二章监督管理', '第三章附则')
    """
    return _AFTER_TITLE.sub("", _squash(title))


def _remove_number(title: str) -> str:
    """A title without its number, and without blanks; empty if it has no number.

    >>> _remove_number("第一章 总 则"), _remove_number("附则")
    ('总则', '')
    """
    marker = read_marker(title, 0, opens_line=True, in_article=False)
    return _name_entry(title[marker.end :]) if marker else ""


def _find_bare_lines(text: str, start: int, ranks: Mapping[str, int]) -> Iterator[tuple[int, Marker]]:
    """The lines after a position that are a title without its number; ``ranks`` has the titles."""
    if not any(len(title) >= _SHORTEST_BARE for title in ranks):
        return
    for line in _LINE.finditer(text, start):
        title = _squash(line["title"])
        if len(title) >= _SHORTEST_BARE and title in ranks:
            rank, content = ranks[title], line["title"].strip(BLANKS)
            begin = line.start() + line["title"].index(content)
            yield line.start(), Marker(begin, begin + len(content), MARKED, rank, value=0, opens_line=True)


def _squash(title: str) -> str:
    return "".join(title.split())
