"""Finds the headings of a text: Chinese official documents, legal articles and Markdown.

In official documents the kinds of numbering rank as the national standard for them has it (GB/T 9704-2012):
一、 above （一） above 1. above （1）; chapters and articles stand above, 一是 and 首先 below. Headings may
stand on a line of their own, begin a paragraph, or run into the line with no break before them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

# A longer heading is taken to have run into the text under it.
LONGEST = 40
_LONGEST_LINE = 60
_CONFIRM_WITHIN = 2_000

_NUMERALS = "一二三四五六七八九十"
_FORMAL = "壹贰貳叁參叄肆伍陆陸柒捌玖拾"
_HAN = "\\u3400-\\u9fff"
# The first set lets the engine run through clean text; the branches look back at what it was.
_MARKER = re.compile(
    f"""
    [{_NUMERALS}{_FORMAL}第(（0-9０-９①-⑳⑴-⒇㈠-㈩\\#首其再最]
    (?:
        (?<=[{_NUMERALS}]) [{_NUMERALS}]{{0,2}} (?: (?P<comma>、(?![{_NUMERALS}]{{1,2}}[、级級产產])) | (?P<first>是) )
      | (?<=[(（]) (?: (?P<bracket>[{_NUMERALS}]{{1,3}}) | (?P<round>[0-9０-９]{{1,2}}) ) [)）]
      | (?<=[0-9０-９]) [0-9０-９]? (?P<point>[.．、])
      | (?<=第) (?P<law>[{_NUMERALS}百千零〇两兩0-9０-９]{{1,8}}[编編章节節条條])
      | (?<=[①-⑳]) (?P<circle>)
      | (?<=[⑴-⒇]) (?P<roundsign>)
      | (?<=[㈠-㈩]) (?P<bracketsign>)
      | (?<=[{_FORMAL}]) [{_FORMAL}]? (?P<formal>、)
      | (?<=\\#) \\#{{0,5}} (?P<markdown>[ \\t]+(?=\\S))
      | (?: (?<=首)先 | (?<=其)次 | (?<=再)次 | (?<=最)[后後] ) (?P<word>[，,、])
    )
    """,
    re.VERBOSE,
)
_RANKS = {
    "编": 7, "編": 7, "章": 8, "节": 9, "節": 9, "条": 10, "條": 10,
    "formal": 11, "comma": 12, "bracket": 13, "bracketsign": 13, "point": 14,
    "round": 15, "roundsign": 15, "circle": 16, "first": 17, "word": 17,
}  # fmt: skip
_STOP = re.compile("[。；;！!？?…\\n\\r]|[:：](?![0-9])")
_SENTENCE_STOPS = "。；;！!？?：:…\n\r\u2028\u2029"
_CLOSERS = "”’」』）)】》\"'"
_INSIDE_STOP = re.compile("[。；;！!？?\\n\\r]")
_BODY = re.compile(
    f"(?<=[{_HAN}”)）])(?=20[0-9]{{2}}年|[我本][镇县市区局旗社们乡省州村院校]|今年|截至|截止|目前|近年来"
    "|上半年|一年来|坚持把|为深入|为进一步|为了|我们|全[镇县市区省]|20[0-9]{2}年)"
)
# What stands before 一 when it is no number of a list: 统一是, 唯一是 …
_JOINED = "统第之万唯逐同单专划合归不另其惟任每某这那哪統萬單專劃歸這"
_REFERENCE = re.compile("之[一二三四五六七八九十]{1,2}")
_NOT_ARTICLE = "规規款至和、，,的第所及或以之中项項"
_VALUES = {"首": 1, "其": 2, "再": 3, "最": 4}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's span (characters), its level (1 is the highest) and its text without closing marks."""

    start: int
    end: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The headings of a text in order, and their starts."""

    headings: tuple[Heading, ...] = ()
    starts: tuple[int, ...] = ()

    def heading_before(self, position: int) -> Heading | None:
        """The last heading that begins before a position."""
        index = bisect_left(self.starts, position) - 1
        return self.headings[index] if index >= 0 else None

    def section_at(self, position: int) -> tuple[str, ...]:
        """The headings a position stands under, from the highest to the nearest."""
        path: list[str] = []
        level = 1_000
        for index in range(bisect_right(self.starts, position) - 1, -1, -1):
            heading = self.headings[index]
            if heading.level < level:
                path.append(heading.text)
                level = heading.level
                if level == 1:
                    break
        return tuple(reversed(path))


@dataclass(frozen=True, slots=True)
class _Marker:
    """A number that may open a heading: where it stands, its kind and its value in its list."""

    start: int
    end: int
    kind: str
    value: int
    opens_line: bool

    @property
    def rank(self) -> int:
        return _RANKS[self.kind]


def find_outline(text: str) -> Outline:
    """Find the headings of a text in one scan."""
    markers = list(_accepted(text))
    if not markers:
        return Outline()
    headings: list[Heading] = []
    limits = [marker.start for marker in markers[1:]] + [len(text)]
    for marker, limit in zip(markers, limits, strict=True):
        if marker.kind == "markdown":
            headings.append(_markdown_heading(text, marker))
        elif not headings or marker.start >= headings[-1].end:
            end = _heading_end(text, marker, limit)
            title = " ".join(text[marker.start : end].split())
            headings.append(Heading(marker.start, end, marker.rank, title))
    return Outline(tuple(headings), tuple(heading.start for heading in headings))


def _accepted(text: str) -> Iterator[_Marker]:
    """The markers that open a heading; whether one does depends on those before it."""
    last: _Marker | None = None
    values: dict[int, int] = {}
    for found in _MARKER.finditer(text):
        kind = found.lastgroup
        if kind is None:
            continue
        if kind == "markdown":
            if _opens_line(text, found.start()):
                last = _Marker(found.start(), found.end(), kind, 0, True)
                values.clear()
                yield last
            continue
        marker = _read(text, kind, found)
        if marker is None or not _opens_heading(text, marker, last, values):
            continue
        if last is not None and last.kind == "markdown" and not text[last.end : marker.start].strip():
            continue
        values = {rank: value for rank, value in values.items() if rank < marker.rank}
        values[marker.rank] = marker.value
        last = marker
        yield marker


def _read(text: str, group: str, found: re.Match[str]) -> _Marker | None:
    start, end = found.span()
    opens_line = _opens_line(text, start)
    kind = group
    if group == "law":
        kind = text[end - 1]
        more = _REFERENCE.match(text, end)
        end = more.end() if more else end
        if text[end : end + 1] in _NOT_ARTICLE and end < len(text):
            return None
        if not opens_line and not (text[end : end + 1].isspace() and _follows_sentence(text, start)):
            return None
    value = _VALUES.get(text[start]) or _number(text[start:end])
    return _Marker(start, end, kind, value, opens_line)


def _opens_heading(text: str, marker: _Marker, last: _Marker | None, values: dict[int, int]) -> bool:
    after = text[marker.end : marker.end + 1]
    expected = values.get(marker.rank, 0) + 1
    if marker.kind == "point":
        before = text[marker.start - 1 : marker.start] if marker.start else ""
        if before.isdigit() or before in tuple(".．、-–—~/") or (before.isascii() and before.isalnum()):
            return False
        if after.isdigit() and not (
            marker.opens_line and marker.value == expected and _has_words(text, marker.end)
        ):
            return False
    if not after.strip() and after not in tuple(" \t　\u00a0"):
        return False
    if _RANKS.get(marker.kind, 0) == 10 or marker.rank < 10:
        return True
    if marker.kind == "word":
        return _follows_sentence(text, marker.start) and _list_goes_on(text, marker)
    if marker.opens_line or _follows_sentence(text, marker.start):
        return marker.kind not in ("circle", "roundsign") or marker.value in (1, expected)
    return last is not None and _runs_into_heading(text, marker, last, expected)


def _runs_into_heading(text: str, marker: _Marker, last: _Marker, expected: int) -> bool:
    """Whether a marker with no stop before it follows the title of the heading before it directly."""
    title = text[last.end : marker.start]
    if len(title) > _LONGEST_LINE or _INSIDE_STOP.search(title) or not title.strip():
        return False
    if marker.kind == last.kind == "point" and marker.value == last.value + 1 == expected:
        return True
    if marker.value != 1 or marker.start == 0:
        return False
    before = text[marker.start - 1]
    if before in _JOINED or before in "、，,－-":
        return False
    if marker.kind == "first":
        return _list_goes_on(text, marker)
    return not re.search("[，,：:]", title) or _list_goes_on(text, marker)


def _list_goes_on(text: str, marker: _Marker) -> bool:
    """Whether the second member of the list a marker opens comes within reach."""
    if marker.kind == "word":
        return marker.value > 1 or "其次" in text[marker.end : marker.end + _CONFIRM_WITHIN]
    second = text[marker.start : marker.end].replace("一", "二").replace("1", "2").replace("１", "２")
    return second in text[marker.end : marker.end + _CONFIRM_WITHIN]


def _heading_end(text: str, marker: _Marker, limit: int) -> int:
    """Where a heading's text ends: at its first stop, the end of the line or the next marker."""
    stop = _STOP.search(text, marker.end, limit)
    end = stop.start() if stop else limit
    if _RANKS["条"] == marker.rank:
        return _article_end(text, marker)
    if marker.rank < _RANKS["条"]:
        line = text.find("\n", marker.end, limit)
        end = line if line >= 0 else limit
    whole_line = end == len(text) or text[end] in "\r\n"
    if end - marker.start > (_LONGEST_LINE if whole_line and marker.opens_line else LONGEST):
        end = _shortened_end(text, marker.start, marker.end, end)
    while end > marker.end and text[end - 1].isspace():
        end -= 1
    return end


def _shortened_end(text: str, start: int, low: int, end: int) -> int:
    body = _BODY.search(text, low + 4, min(end, start + _LONGEST_LINE))
    if body:
        return body.start()
    comma = max(text.rfind("，", low + 4, start + LONGEST), text.rfind(",", low + 4, start + LONGEST))
    return comma if comma > 0 else start + LONGEST


def _article_end(text: str, marker: _Marker) -> int:
    """An article is named by its number; a title in brackets belongs to it."""
    title = re.compile("[ 　]*[【〔（(][^】〕）)\n]{1,30}[】〕）)]").match(text, marker.end)
    return title.end() if title else marker.end


def _markdown_heading(text: str, marker: _Marker) -> Heading:
    line = text.find("\n", marker.end)
    end = len(text) if line < 0 else line
    while end > marker.end and text[end - 1].isspace():
        end -= 1
    level = min(text[marker.start : marker.end].count("#"), 6)
    return Heading(marker.start, end, level, " ".join(text[marker.end : end].rstrip("# ").split()))


def _opens_line(text: str, position: int) -> bool:
    while position and text[position - 1] in " \t　\u00a0\ufeff":
        position -= 1
    return not position or text[position - 1] in "\r\n\u2028\u2029"


def _follows_sentence(text: str, position: int) -> bool:
    while position and text[position - 1] in " \t　\u00a0":
        position -= 1
    while position and text[position - 1] in _CLOSERS:
        position -= 1
    return not position or text[position - 1] in _SENTENCE_STOPS


def _has_words(text: str, position: int) -> bool:
    return re.compile(f"[^\\n]{{0,12}}[{_HAN}A-Za-z]").match(text, position) is not None


def _number(marker: str) -> int:
    """The value of a numeral up to 99, Chinese, Arabic or encircled; 0 where it is none of them."""
    for sign in marker:
        for first in ("①", "⑴", "㈠"):
            if 0 <= ord(sign) - ord(first) < (10 if first == "㈠" else 20):
                return ord(sign) - ord(first) + 1
    digits = "".join(sign for sign in marker if sign.isdecimal())
    if digits:
        return int(digits)
    value = 0
    for sign in marker:
        if sign in "十拾":
            value = (value or 1) * 10
        elif sign in _NUMERALS:
            value += _NUMERALS.index(sign) + 1
    return value
