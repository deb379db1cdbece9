"""Lists rows of lines that may be the entries of a table of contents: headings with no text under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.boundaries import LINE_BREAKS
from hanpack.steps.chunk.decimals import Numbers, read_numbers
from hanpack.steps.chunk.heading_patterns import BLANKS, KIND, MARKED, OPENERS, UNDERLINED
from hanpack.steps.chunk.headings import Marker, read_marker
from hanpack.steps.chunk.sections import Outline

CHAPTER_KINDS = frozenset(
    (
        *("markdown", MARKED, UNDERLINED, "volume", "part", "subpart", "unit", "chapter", "section"),
        *("episode", "prologue", "preface", "scene", "annex", "notes"),
    )
)
LIST_KINDS = frozenset(("formal_numeral", "numeral", "bracketed_numeral", "decimal", "digit"))
_KINDS = CHAPTER_KINDS | LIST_KINDS
_DECIMAL_KINDS = frozenset(("decimal", "digit"))
LONGEST_TITLE = 60
# From the number of an entry to that of the next there are no more characters.
_LONGEST_GAP = 200
FEWEST_ENTRIES = 3
# What follows the title of an entry: the number of a page, or the articles of a chapter.
_ARTICLES = r"[（(]第[^（）()]{1,30}条[^（）()]{0,9}[）)]"
_AFTER_TITLE = compile_lazily(rf"(?:(?<![.．…·‥—－-])[.．…·‥—－-]++\d{{1,4}}|(?<=\D)\d{{1,4}}|{_ARTICLES})\Z")
_CLOSING = ("）", ")")
_REST_OF_LINE = compile_lazily(rf"[{BLANKS}.．…·‥—－-]*+(?:\d{{1,4}}|{_ARTICLES})?[{BLANKS}]*")
_LINE_END = compile_lazily(r"[\r\n]|\Z")
# An entry with a number that opens no heading elsewhere: 4 人口.
_NUMBERED_LINE = compile_lazily(
    rf"\s*(?P<number>\d{{1,2}}(?:[.．]\d{{1,2}}){{0,4}})[.．、]?[{BLANKS}]*"
    r"(?P<title>[^\s\d.．、。；;！!？?][^\r\n。；;！!？?]{0,39})(?=[\r\n]|\Z)"
)
_MOST_LINES_BEFORE = 5


class Entry(NamedTuple):
    """An entry: its span (characters), its heading, kind, rank, depth, numbers, title and name.

    ``heading`` is the index of the last heading at or before it. ``title`` is its text without blanks and the
    number of a page, ``name`` that without its own number, empty if it has none.
    """

    start: int
    end: int
    heading: int
    kind: str
    rank: int
    depth: int
    numbers: Numbers
    title: str
    name: str


def list_rows(outline: Outline, markers: Sequence[Marker | None]) -> Iterator[list[Entry]]:
    r"""The rows of entries that follow each other without a text, in order; text may follow the last.

    >>> text = "1 历史\n2 地理\n3 经济\n国土辽阔。"
    >>> markers = [Marker(start, start + 2, "decimal", 14, 1, True) for start in (0, 5, 10)]
    >>> rows = list_rows(Outline(text, (0, 5, 10), (-1, -1, -1), (), markers), markers)
    >>> [[entry.title for entry in row] for row in rows]
    [['1历史', '2地理', '3经济']]
    """
    for first, end in _find_runs(outline.places, markers):
        row: list[Entry] = []
        for index in range(first, end):
            entries, goes_on = _read_entries(outline, markers, index, is_first=not row)
            row += entries
            if not goes_on:
                if len(row) >= FEWEST_ENTRIES:
                    yield row
                row = []
        if len(row) >= FEWEST_ENTRIES:
            yield row


def _find_runs(places: Sequence[int], markers: Sequence[Marker | None]) -> Iterator[tuple[int, int]]:
    """The runs ``[first, end)`` of headings that are near each other."""
    first = before = -1
    for index, marker in enumerate(markers):
        if marker is None or marker.kind not in _KINDS or not marker.opens_line:
            if first >= 0 and index - first >= FEWEST_ENTRIES:
                yield first, index
            first = -1
            continue
        if first < 0 or places[index] - before > _LONGEST_GAP:
            if first >= 0 and index - first >= FEWEST_ENTRIES:
                yield first, index
            first = index
        before = marker.start
    if first >= 0 and len(markers) - first >= FEWEST_ENTRIES:
        yield first, len(markers)


def _read_entries(
    outline: Outline, markers: Sequence[Marker | None], index: int, *, is_first: bool
) -> tuple[list[Entry], bool]:
    """The entry of a heading and the lines with numbers at it, and whether the next heading follows them."""
    text, places = outline.text, outline.places
    following = places[index + 1] if index + 1 < len(places) else len(text)
    marker = markers[index]
    heading = outline.heading(index)
    line_end = _LINE_END.search(text, heading.end)
    end = line_end.start() if line_end else len(text)
    if marker is None or heading.start > following or end > following:
        return [], False
    if not _REST_OF_LINE.fullmatch(text, heading.end, end):
        return [], False
    title = name_entry(text[heading.start : end] if marker.kind in LIST_KINDS else heading.text)
    if not title or len(title) > LONGEST_TITLE:
        return [], False
    numbers = marker.numbers
    name = remove_number(heading.text)
    entry = Entry(heading.start, end, index, marker.kind, marker.rank, marker.depth, numbers, title, name)
    entries = [entry]
    if marker.kind in _DECIMAL_KINDS:
        if is_first:
            entries[:0] = _read_lines_before(text, places[index], index)
        after = list(_read_numbered_lines(text, end, following, index))
        entries += after
        end = after[-1].end if after else end
    return entries, not text[end:following].strip()


def _read_numbered_lines(text: str, position: int, limit: int, index: int) -> Iterator[Entry]:
    """The lines with decimal numbers that follow a position directly."""
    while line := _NUMBERED_LINE.match(text, position, limit):
        if LINE_BREAKS.isdisjoint(text[position : line.start("number")]) and position:
            return
        position = line.end()
        numbers = read_numbers(line["number"])
        yield Entry(
            line.start("number"),
            position,
            index,
            "decimal",
            KIND["decimal"].rank,
            len(numbers),
            numbers,
            name_entry(text[line.start("number") : position]),
            name_entry(line["title"]),
        )


def _read_lines_before(text: str, place: int, index: int) -> list[Entry]:
    """The lines with decimal numbers directly before a position, in order."""
    entries: list[Entry] = []
    while place and len(entries) < _MOST_LINES_BEFORE:
        start = text.rfind("\n", 0, place - 1) + 1
        entry = next(_read_numbered_lines(text, max(start - 1, 0), place, index - 1), None)
        if entry is None or entry.start < start:
            break
        entries.insert(0, entry)
        place = start
    return entries


def name_entry(title: str) -> str:
    """What an entry names, without blanks.

    >>> name_entry("第二章 监督管理……12"), name_entry("第三章　附　则（第四十条—第四十二条）")
    ('第二章监督管理', '第三章附则')
    """
    name = squash(title)
    # What follows a title ends with a digit or a parenthesis; most entries have none.
    return _AFTER_TITLE.sub("", name) if name[-1:].isdecimal() or name[-1:] in _CLOSING else name


def remove_number(title: str) -> str:
    """A title without its number, and without blanks; empty if it has no number.

    >>> remove_number("第一章 总 则"), remove_number("附则")
    ('总则', '')
    """
    if title[:1] not in OPENERS:
        return ""
    marker = read_marker(title, 0, opens_line=True, in_article=False)
    return name_entry(title[marker.end :]) if marker else ""


def squash(title: str) -> str:
    """A title without blanks."""
    return "".join(title.split())
