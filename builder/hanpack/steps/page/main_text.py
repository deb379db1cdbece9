"""Finds the main text of an HTML page: the posts of a forum, or what trafilatura extracts.

trafilatura returns lines of text without their places, so each line is searched for in the visible text of
the page. A line that is not there is left out and counted, never made up.

Source: Barbaresi, "Trafilatura: A Web Scraping Library and Command-Line Tool for Text Discovery and
Extraction", ACL-IJCNLP 2021, system demonstrations.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hanpack.steps.page.html_text import INVISIBLE, VisibleText
from hanpack.steps.page.patterns import TextSpan

# A line of this length occurs once in a page; a shorter one may also be a button or a heading elsewhere.
_UNIQUE_CHARACTERS = 12
_SMALLEST_PART = 4
_CLAUSE_END = re.compile(r"[。！？；!?;|，,、]+")
_INVISIBLE = re.compile(INVISIBLE)
# The marks of lists and tables that the extractor adds.
_LIST_MARKS = re.compile(r"^\s*+(?:[-*•>]|\d+\.)?\s*+(?:\|\s*+)*+|(?<![\s|])[\s|]++$")


@dataclass(frozen=True, slots=True)
class MainText:
    """The spans of the visible text that are main text, and how many lines or clauses are not in the page."""

    spans: tuple[TextSpan, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class _Parts:
    """Where the parts of a line are in the page, and how many of its clauses are not."""

    spans: list[TextSpan]
    missing: int


def find_main_text(page: str, visible: VisibleText) -> MainText:
    """Find a page's main text: a forum's posts, else what trafilatura extracts, else all that is visible.

    >>> from hanpack.steps.page.html_text import read_html
    >>> page = '<h1>公文</h1><td id="postmessage_1">收到。</td>'
    >>> find_main_text(page, read_html(page))
    MainText(spans=((2, 5),), missing=0)

    Raises:
        ImportError: the page has no posts of a known forum software, and trafilatura is not installed.
    """
    if visible.posts:
        return MainText(spans=visible.posts, missing=0)
    import trafilatura

    extracted = trafilatura.extract(page, include_comments=True, include_tables=True)
    if not extracted:
        return MainText(spans=((0, len(visible.text)),) if visible.text else (), missing=0)
    return align_lines(extracted.splitlines(), visible.text)


def align_lines(lines: Sequence[str], visible: str) -> MainText:
    """Find the lines of an extractor in the visible text, which contains no spaces; spans in its order.

    Long lines are placed first: each after the one before if possible, in parts if the page has something in
    between. A short line counts only between its neighbours, since it may also occur elsewhere.

    >>> align_lines(["- 各乡镇要落实责任，备足物资。", "更多"], "更多各乡镇要落实责任，备足物资。更多")
    MainText(spans=((2, 16), (16, 18)), missing=0)
    """
    plain_lines = [plain for line in lines if (plain := _remove_layout(line))]
    places: list[TextSpan | None] = [None] * len(plain_lines)
    used: list[TextSpan] = []
    missing = cursor = 0
    for number, line in enumerate(plain_lines):
        if len(line) < _UNIQUE_CHARACTERS:
            continue
        span = _find_line(visible, line, cursor, used)
        parts = _Parts(spans=[span], missing=0) if span else _find_parts(visible, line, cursor)
        missing += parts.missing
        if parts.spans:
            places[number] = (parts.spans[0][0], parts.spans[-1][1])
            used += parts.spans
            cursor = max(cursor, parts.spans[-1][1])
    limits = _next_starts(places, len(visible))
    low = 0
    for line, place, limit in zip(plain_lines, places, limits, strict=True):
        if place:
            low = place[1]
        elif len(line) < _UNIQUE_CHARACTERS:
            start = visible.find(line, low, limit)
            if start < 0:
                missing += 1
                continue
            low = start + len(line)
            used.append((start, low))
    return MainText(spans=_merge_overlaps(used), missing=missing)


def _remove_layout(line: str) -> str:
    """A line of the extractor as it would be in the visible text: no list marks, no spaces."""
    return "".join(_INVISIBLE.sub("", _LIST_MARKS.sub("", line)).split())


def _find_line(visible: str, line: str, cursor: int, used: Sequence[TextSpan]) -> TextSpan | None:
    """The span of a complete line after the cursor, or else before it, if no other line was placed there."""
    start = visible.find(line, cursor)
    if start < 0:
        start = visible.find(line)
        if start < 0 or any(low < start + len(line) and start < high for low, high in used):
            return None
    return start, start + len(line)


def _find_parts(visible: str, line: str, cursor: int) -> _Parts:
    """The longest parts of a line that are in the page one after another; a clause that is not is skipped."""
    spans: list[TextSpan] = []
    position = missing = 0
    while position < len(line):
        size = _longest_prefix(visible, line[position:], cursor)
        if size >= min(_SMALLEST_PART, len(line) - position):
            start = visible.find(line[position : position + size], cursor)
            cursor = start + size
            spans.append((start, cursor))
            position += size
        else:
            clause_end = _CLAUSE_END.search(line, position)
            position = clause_end.end() if clause_end else len(line)
            missing += 1
    return _Parts(spans=spans, missing=missing)


def _longest_prefix(visible: str, text: str, cursor: int) -> int:
    """How many characters of a text, from its beginning, are in the page after the cursor.

    A bisection, since every prefix of a prefix that is in the page is there, too: the answer is never below
    ``low`` nor above ``high``.
    """
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if visible.find(text[:middle], cursor) >= 0:
            low = middle
        else:
            high = middle - 1
    return low


def _next_starts(places: Sequence[TextSpan | None], end: int) -> list[int]:
    """For each line, where the next line that has a place begins; ``end`` after the last of them."""
    starts = [end] * len(places)
    for number in range(len(places) - 2, -1, -1):
        following = places[number + 1]
        starts[number] = following[0] if following else starts[number + 1]
    return starts


def _merge_overlaps(spans: Sequence[TextSpan]) -> tuple[TextSpan, ...]:
    merged: list[TextSpan] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
