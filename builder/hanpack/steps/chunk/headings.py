"""Classifies the number that opens a heading, and finds the number that follows its title in one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.boundaries import LINE_BREAKS
from hanpack.steps.chunk.decimals import Numbers, read_numbers, read_tight_number
from hanpack.steps.chunk.heading_patterns import (
    BLANKS,
    HEADING_PATTERNS,
    KIND,
    MARKED,
    MARKER_KINDS,
    NUMERALS,
    PLAIN,
    PLAIN_RANK,
    RESUMPTION,
    UNDERLINED,
)
from hanpack.steps.chunk.heading_values import VALUES, read_value

# A title within which another number may follow is not longer.
LONGEST_LINE = 64
# The second item of a list confirms the first when it follows within this many characters.
_CONFIRM_WITHIN = 4_000

_ALTERNATIVES = [f"(?P<{kind.name}>{kind.pattern})" for kind in MARKER_KINDS]
_MARKER = compile_lazily(f"[{BLANKS}]*(?:{'|'.join(_ALTERNATIVES)})")
_RUN_IN_MARKER = compile_lazily(
    "|".join(pattern for kind, pattern in zip(MARKER_KINDS, _ALTERNATIVES, strict=True) if kind.runs_in)
)
PATTERN = {row.name: compile_lazily(row.pattern) for row in HEADING_PATTERNS}
_TITLE_STOP = PATTERN["title_stop"]
_TITLE_TURN, _LIST_OPENER = PATTERN["title_turn"], PATTERN["list_opener"]
_ARTICLE = compile_lazily(KIND["article"].pattern)
ARTICLE_RANK = KIND["article"].rank

_POINT = compile_lazily("[.．]")
_LAW_KINDS = frozenset(("part", "subpart", "chapter", "section", "article"))
_BOOK_KINDS = frozenset(("volume", "unit", "episode", "scene", "prologue", "preface"))
_LINE_KINDS = _BOOK_KINDS | {"markdown", "annex", "notes", "decimal"}
# The kinds of items that may be sentences within a paragraph.
SEQUENCE_KINDS = frozenset(("numeral_is", "numeral_must", "ordinal", "word"))
SENTENCE_KINDS = frozenset(("numeral_is", "numeral_must"))
# The kinds of numbers that the items of lists have.
NUMBERED_KINDS = frozenset(
    (
        "formal_numeral",
        "numeral",
        "bracketed_numeral",
        "bracketed_numeral_sign",
        "digit",
        "bracketed_digit",
        "bracketed_digit_sign",
        "circled_digit",
    )
)
# What has no row in the table of kinds.
_WITHOUT_NUMBER = frozenset((PLAIN, MARKED, UNDERLINED, RESUMPTION))
_NUMERAL_BRACKETS = frozenset(("bracketed_numeral", "bracketed_numeral_sign"))
_SECOND_OF_FIRST = str.maketrans("一1１", "二2２")
_COMMAS = frozenset("，,")
_FIRST_ARTICLE = "\n第一条"
# Lines of Markdown that are indented so far are code.
_CODE_INDENTS = ("    ", "\t")
# What separates a number from its title.
_AFTER_NUMBER = frozenset(f"{BLANKS}：:·.．—-、《【“")


class MarkedHeading(NamedTuple):
    """A heading that the source marks and the text does not: its span (characters) and its level, 1 to 6.

    The level 0 is that of text that is under none of the headings before it.
    """

    start: int
    end: int
    level: int


class Marker(NamedTuple):
    """The number that opens a heading: its span (characters), its kind, its rank and its value.

    ``kind`` names a row of ``MARKER_KINDS``, or is ``plain`` or ``marked``; rank 1 is the highest. One that
    is not ``certain`` opens a heading only as the next of its list. ``numbers`` are those of a decimal.
    The heading of a marker that ``is_provision`` is its number alone.
    """

    start: int
    end: int
    kind: str
    rank: int
    value: int
    opens_line: bool
    certain: bool = True
    numbers: Numbers = ()
    is_provision: bool = False

    @property
    def depth(self) -> int:
        """What orders markers of one rank: 1.1 is below 1."""
        return len(self.numbers) or (0 if self.kind in _WITHOUT_NUMBER else KIND[self.kind].depth)

    @property
    def is_titled(self) -> bool:
        """Whether its heading has a title that another number may follow without a stop."""
        return self.kind not in _WITHOUT_NUMBER and KIND[self.kind].titled


def read_marker(text: str, position: int, opens_line: bool, in_article: bool) -> Marker | None:
    """The marker at the start of a sentence, after any blanks, or None.

    The numbered items of a legal article are not: ``in_article`` leaves them out. Clauses of a contract with
    numbers of several levels are (第二条, 2.1).

    >>> marker = read_marker("　（二）抓项目。", 0, opens_line=True, in_article=False)
    >>> marker.start, marker.end, marker.kind, marker.rank, marker.value
    (1, 4, 'bracketed_numeral', 13, 2)
    """
    match = _MARKER.match(text, position)
    if match is None:
        return None
    kind = _kind_of(match)
    if in_article and (not KIND[kind].in_article or (kind == "decimal" and not _POINT.search(match[kind]))):
        return None
    return _classify(text, match, opens_line)


def find_plain_lines(text: str) -> list[tuple[int, Marker]]:
    """The headings without a number: short lines between complete paragraphs, with their positions in order.

    A glossary at the end of a report (名词解释) is in none of the report's parts, so it ranks as an annex.
    A law has articles and no headings of this form.
    """
    lines: list[tuple[int, Marker]] = []
    if _FIRST_ARTICLE in text:
        return lines
    for name in ("line_after_stop", "line_after_exclamation"):
        for match in PATTERN[name].finditer(text):
            start, end = match.span("title")
            is_glossary = PATTERN["glossary"].search(text, start, end)
            if is_glossary or (
                PATTERN["four_ideographs"].match(text, start, end)
                and not PATTERN["not_a_title"].match(text, start, end + 1)
            ):
                kind, rank = ("annex", KIND["annex"].rank) if is_glossary else (PLAIN, PLAIN_RANK)
                lines.append((start, Marker(start, start, kind, rank, value=0, opens_line=True)))
    return sorted(lines)


def find_underlined_lines(text: str) -> list[tuple[int, Marker]]:
    r"""The headings of Markdown with a line of = or - under them, with their places in order.

    >>> [(place, marker.rank) for place, marker in find_underlined_lines("说明\n===\n\n安装\n---\n")]
    [(0, 1), (8, 2)]
    """
    if "\n==" not in text and "\n--" not in text:
        return []
    lines: list[tuple[int, Marker]] = []
    for match in PATTERN["underlined_line"].finditer(text):
        place, end = match.span()
        start = place + len(match["title"]) - len(match["title"].lstrip(BLANKS))
        rank = 1 if match["sign"] == "=" else 2
        lines.append((place, Marker(start, end, UNDERLINED, rank, value=0, opens_line=True)))
    return lines


def find_bold_lines(text: str) -> list[tuple[int, Marker]]:
    r"""The headings with a number that are bold in Markdown, with their places in order.

    >>> [(place, marker.rank) for place, marker in find_bold_lines("**第十三章 潜行**\n\n**1. 开端**\n")]
    [(0, 8), (13, 14)]
    """
    lines: list[tuple[int, Marker]] = []
    if "**" not in text:
        return lines
    for line in PATTERN["bold_line"].finditer(text):
        number = read_marker(text, line.start("title"), opens_line=True, in_article=False)
        if number and number.end < line.end("title"):
            lines.append((line.start(), number._replace(end=line.end("title"), kind=MARKED)))
    return lines


def list_marked_lines(text: str, headings: Sequence[MarkedHeading]) -> list[tuple[int, Marker]]:
    r"""The headings that the source marks and that begin a line of the text, with the starts of these lines.

    >>> [(place, marker.rank) for place, marker in list_marked_lines("　标题\n甲", [MarkedHeading(1, 3, 2)])]
    [(0, 2)]
    """
    lines: list[tuple[int, Marker]] = []
    for start, end, level in headings:
        place = start
        while place and text[place - 1] in BLANKS:
            place -= 1
        if not place or text[place - 1] in LINE_BREAKS:
            marker = (
                Marker(start, end, MARKED, level, value=0, opens_line=True)
                if level
                else Marker(place, place, RESUMPTION, 0, value=0, opens_line=True)
            )
            lines.append((place, marker))
    return lines


def read_tight_decimal(text: str, position: int) -> Marker | None:
    """The marker of a decimal number without a blank after it (1.1编制目的, 1总则), at the start of a line.

    >>> read_tight_decimal("1.1编制目的", 0).numbers
    (1, 1)
    """
    tight = read_tight_number(text, position)
    if tight is None:
        return None
    numbers, end = tight
    rank = KIND["decimal"].rank
    return Marker(position, end, "decimal", rank, numbers[-1], True, certain=False, numbers=numbers)


def is_article(text: str, position: int, opens_line: bool, after_articles: bool = False) -> bool:
    """Whether :func:`read_marker` reads the number of a legal article at ``position``, after any blanks.

    In a text that has articles before, ``after_articles``, what follows the number is the text of one.
    """
    match = _ARTICLE.match(text, position)
    if match is None:
        return False
    end = match.end()
    return _is_blank(text, end) or (opens_line and (after_articles or not PATTERN["strips"].match(text, end)))


def run_in_marker(text: str, before: Marker) -> Marker | None:
    """The marker that follows a heading's title without a stop, or None.

    It opens a list under that title (一、工作回顾(一)统筹…), or is the next of its list (1.项目:无2.项目:…).
    """
    if not before.is_titled:
        return None
    start, limit = before.end, min(before.end + LONGEST_LINE, len(text))
    if before.kind != "digit":
        turn = _TITLE_TURN.search(text, start, limit)
        if turn is None or _TITLE_STOP.match(text, turn.start()):
            return None
    stop = _TITLE_STOP.search(text, start, limit)
    limit = stop.start() + 1 if stop else limit
    for opening in _openings(text, before, start, limit):
        match = _RUN_IN_MARKER.match(text, opening, limit)
        marker = _classify(text, match, opens_line=False) if match else None
        if marker is not None and _may_run_in(text, before, marker):
            return marker
    return None


def _openings(text: str, before: Marker, low: int, high: int) -> list[int]:
    """The positions in a title where a list may begin, or where the next number of its own list may be."""
    starts = [match.start() for match in _LIST_OPENER.finditer(text, low, high)]
    if before.kind == "digit":
        following = str(before.value + 1)
        starts += [text.find(following + sign, low, high) for sign in ".、．"]
    return sorted(start for start in starts if start >= 0)


def _kind_of(match: re.Match[str]) -> str:
    """The kind whose alternative matched; every alternative is a named group."""
    return match.lastgroup or ""


def _is_blank(text: str, position: int) -> bool:
    return position < len(text) and text[position] in BLANKS


def has_comma(text: str, start: int, end: int) -> bool:
    """Whether there is a comma between two positions."""
    return not _COMMAS.isdisjoint(text[start:end])


def _classify(text: str, match: re.Match[str], opens_line: bool) -> Marker | None:
    """The marker of a match, or None if its number is part of a figure, a date or a reference."""
    kind = _kind_of(match)
    start, end = match.span(kind)
    rank = KIND[kind].rank
    if kind in _LAW_KINDS:
        # Within a line 第三条 is a reference, unless a blank follows as after the number of an article.
        is_number = _opens_title(text, kind, end) if opens_line else _is_blank(text, end)
        return Marker(start, end, kind, rank, value=1, opens_line=opens_line) if is_number else None
    if kind in _LINE_KINDS:
        return _classify_line(text, match) if opens_line else None
    value = read_value(text[start:end])
    after = text[end : end + 1]
    if not after or after in "\r\n":
        return None
    if (kind == "digit" and _continues_figure(text, start)) or _precedes_next_numeral(text, kind, value, end):
        return None
    if kind in SEQUENCE_KINDS:
        return _classify_sequence(text, Marker(start, end, kind, rank, value, opens_line))
    certain = kind not in ("circled_digit", "bracketed_digit_sign") or value == 1
    if kind == "digit" and after.isdigit():
        # 1.2 is a figure and 1、2 are two, but a line 20.2026年… may be the twentieth item of a list.
        certain = False
        if not opens_line or text[end - 1] == "、" or not PATTERN["words_near"].match(text, end):
            return None
    numbers = (value,) if kind == "digit" else ()
    return Marker(start, end, kind, rank, value, opens_line, certain, numbers)


def _classify_line(text: str, match: re.Match[str]) -> Marker | None:
    """The marker of a kind that only opens lines."""
    kind = _kind_of(match)
    start, end = match.span(kind)
    rank = KIND[kind].rank
    if kind == "markdown":
        is_code = text[match.start() : start].strip("\u3000\u00a0").startswith(_CODE_INDENTS)
        return None if is_code else Marker(start, end, kind, end - start - 1, value=0, opens_line=True)
    if kind == "decimal":
        numbers = read_numbers(text[start:end])
        # The outline knows the other decimal numbers of the text, which alone make this one certain.
        return Marker(start, end, kind, rank, numbers[-1], True, certain=False, numbers=numbers)
    if kind in _BOOK_KINDS and not _opens_title(text, kind, end):
        return None
    return Marker(start, end, kind, rank, value=0, opens_line=True)


def _opens_title(text: str, kind: str, end: int) -> bool:
    """Whether a title follows a number that opens a line, and no sentence (第二节课下课后，他们走了).

    After a blank or a colon nearly anything is a title. The text of an article may follow it at once.
    """
    if kind == "article":
        return not PATTERN["strips"].match(text, end)
    if end == len(text) or text[end] in LINE_BREAKS:
        return True
    if text[end] in _AFTER_NUMBER:
        return kind in _LAW_KINDS or PATTERN["title_line"].match(text, end) is not None
    return PATTERN["attached_title"].match(text, end) is not None


def _classify_sequence(text: str, marker: Marker) -> Marker | None:
    """The marker of a word or an ordinal, or None if it opens no list.

    A 第一， 一要 or 首先 counts only if its second follows; 第二， and 二要 only if they are next in a list.
    """
    if marker.kind == "numeral_is":
        return marker
    if marker.value == 1:
        first = text[marker.start : marker.end]
        second = "其次" if marker.kind == "word" else first.replace("一", "二")
        if second not in text[marker.end : marker.end + _CONFIRM_WITHIN]:
            return None
    return marker._replace(certain=marker.value == 1 or marker.kind == "word")


def _precedes_next_numeral(text: str, kind: str, value: int, end: int) -> bool:
    """Whether the next numeral follows at once, as in 一、二把手; in 一、二〇二四年 it is part of a year."""
    after = text[end]
    if kind != "numeral" or after not in NUMERALS or text[end + 1 : end + 2] in tuple("〇○零"):
        return False
    return VALUES[after] == value + 1


def _continues_figure(text: str, start: int) -> bool:
    """Whether the digits at ``start`` continue a figure, a date, a range or a Latin word."""
    before = text[start - 1 : start]
    return before.isdigit() or before in tuple(".．、-–—~/") or (before.isascii() and before.isalnum())


def _may_run_in(text: str, before: Marker, marker: Marker) -> bool:
    """Whether a marker opens a list under the title before it, or continues the list of that title."""
    title = text[before.end : marker.start]
    if not title.strip():
        return False
    if marker.kind == before.kind == "digit" and marker.value == before.value + 1:
        return True
    if marker.value != 1 or PATTERN["joined"].search(title):
        return False
    if marker.kind == "digit" or marker.kind in SENTENCE_KINDS:
        return True
    if not has_comma(text, before.end, marker.start) and (
        marker.kind in _NUMERAL_BRACKETS or title[-1] in ":："
    ):
        return True
    second = text[marker.start : marker.end].translate(_SECOND_OF_FIRST)
    return second in text[marker.end : marker.end + _CONFIRM_WITHIN]
