"""Reads one heading: the number that opens it, what runs into it, and where its text ends."""

from __future__ import annotations

import re
from typing import NamedTuple

# A longer heading is taken to have run into the text under it.
LONGEST = 40
# One that ends with its line or its sentence may be longer.
_LONGEST_LINE = 64
_LONGEST_TITLE = 120
_CONFIRM_WITHIN = 4_000

_NUMERALS = "一二三四五六七八九十"
_FORMAL = "壹贰貳叁參叄肆伍陆陸柒捌玖拾"
_KINDS = rf"""
    (?P<comma>[{_NUMERALS}]{{1,3}}、(?![{_NUMERALS}]{{1,2}}[、级級产產及和与與或至等]))
  | (?P<first>[{_NUMERALS}]{{1,3}}[是要])
  | (?P<bracket>[(（][{_NUMERALS}]{{1,3}}[)）])
  | (?P<round>[(（][0-9０-９]{{1,2}}[)）])
  | (?P<point>[0-9０-９]{{1,2}}[.．、](?![.．、]))
  | (?P<circle>[①-⑳]) | (?P<roundsign>[⑴-⒇]) | (?P<bracketsign>[㈠-㈩])
"""
_AT = re.compile(
    rf"""
    (?:[ \t　\u00a0]*)
    (?: {_KINDS}
      | (?P<law>第[{_NUMERALS}百千零〇两兩0-9０-９]{{1,8}}(?P<unit>[编編章节節条條])
            (?:之[{_NUMERALS}]{{1,3}})?(?![规規款至和、，,的第所及或以之中项項]))
      | (?P<formal>[{_FORMAL}]{{1,2}}、)
      | (?P<markdown>\#{{1,6}}[ \t]+(?=\S))
      | (?P<annex>附[件录錄][0-9０-９{_NUMERALS}]{{0,3}}[:：]?(?=[ \t　]*(?:[\r\n]|\Z)))
      | (?P<word>(?:首先|其次|再次|最后|最後)(?=[，,、])|第[{_NUMERALS}]{{1,3}}(?=[，,]))
    )
    """,
    re.VERBOSE,
)
_ARTICLE = re.compile(
    rf"第[{_NUMERALS}百千零〇两兩0-9０-９]{{1,8}}[条條](?:之[{_NUMERALS}]{{1,3}})?"
    "(?![规规款至和、，,的第所及或以之中项項])"
)
# Within a heading's title: the stop that ends it, what may open a list in it, and the marker itself.
_TITLE_STOPS = frozenset("。；;！!？?\n\r")
_TITLE_STOP = re.compile("[。；;！!？?\\n\\r]")
_PLAIN_TITLE = re.compile("[^。；;！!？?\\n\\r一1１①⑴㈠(（]*")
_LIST_OPENER = re.compile(
    "[一1１①⑴㈠(（](?:(?<=一)[是、]|(?<=[1１])[.．、]|(?<=[(（])[一1１][)）]|(?<=[①⑴㈠]))"
)
_RUN_IN = re.compile(_KINDS, re.VERBOSE)
_RANKS = {
    "annex": 6, "part": 7, "chapter": 8, "section": 9, "article": 10, "formal": 11, "comma": 12,
    "bracket": 13, "bracketsign": 13, "point": 14, "round": 15, "roundsign": 15, "circle": 16,
    "ordinal": 16, "first": 17, "word": 17, "plain": 11,
}  # fmt: skip
ARTICLE_RANK = _RANKS["article"]
_UNITS = {"编": "part", "編": "part", "章": "chapter", "节": "section", "節": "section"}
_IN_ARTICLE = frozenset(("annex", "markdown", "law", "formal", "comma"))
_WORDS = frozenset(("first", "word"))
TITLED = frozenset(("comma", "bracket", "bracketsign", "point", "formal", "round"))
# A colon between figures is a time's or a ratio's.
_STOP = re.compile("[。；;！!？?…\\n\\r]|[:：](?![0-9])|(?<![0-9])[:：]")
_LINE_END = re.compile("[\\n\\r]")
_SURE_BODY = (
    "20[0-9]{2}年|(?:根据|按照|结合|围绕)?[我本XxＸ][XxＸ]?[镇县市区局旗社们乡省州村院校鎮縣區局們鄉]|今年|截至|截止|目前|近年|上半年"
    "|一年来|一年來|坚持把|堅持把|为深入|为进一步|为了|为贯彻|按计划|我们|我們|在取得"
)
# Words that open a body; the last two stand in many a title as well, and tell only where it has no end.
_WHOLE_BODY, _BODY = (
    re.compile(f"(?<=[\\u3400-\\u9fff”)）])(?={words})")
    for words in (_SURE_BODY, f"{_SURE_BODY}|进一步|持续")
)
# The names of a report's usual parts, where a clause runs into them; what goes on with them is left out.
_SECTION_NAME = re.compile(
    "(?:(?:工作|完成|开展|落实|进展|基本|总体)情况|(?:下一步|下步|今后|下阶段|工作)(?:工作)?(?:打算|计划|思路)"
    "|存在的?(?:主要)?(?:问题|困难|不足)|工作(?:回顾|亮点|总结|成效))(?=[\u3400-\u9fff])"
    "(?![和与及的等是上中汇报通部分整落一二三四五六七八九十])"
)
_COMMA = re.compile("[，,]")
_ARTICLE_TITLE = re.compile("[ 　]*[【〔（(][^】〕）)\n]{1,30}[】〕）)]")
_ARTICLE_HEADING = re.compile(f"{_ARTICLE.pattern}(?:{_ARTICLE_TITLE.pattern})?")
_WORDS_NEAR = re.compile("[^\\n]{0,12}[\\u3400-\\u9fffA-Za-z]")
# What stands before 一 when it is no number of a list: 统一是, 唯一是 …
_JOINED = frozenset("统第之万唯逐同单专划合归不另其惟任每某这那哪統萬單專劃歸這、，,－-")
_BLANKS = frozenset(" \t　\u00a0")
# A line without a stop after a whole paragraph, where another paragraph or a list follows it.
# A pattern for each stop: what begins with the same letters is found many times faster.
_PLAIN_LINES = tuple(
    re.compile(
        f"{stop}\n(?P<title>[\u3400-\u9fff“《0-9][^\n。；;：:，,！!？?…]{{1,29}})\n"
        "(?=[^\n]{40}|[一(（1１\\[［①][一1１、.．是)）\\]］])"
    )
    for stop in "。！"
)
_FIRST_ARTICLE = "\n第一条"
_GLOSSARY = re.compile("(?:名词|名詞|相关|有关|报告》).{0,4}(?:解释|注释|解釋|注釋)(?:和说明)?$|^注[ 　]?释$")
_CLAUSE_END = re.compile("[，,。；;（(\\n]")
_HAN = re.compile("(?:[^\u3400-\u9fff]*[\u3400-\u9fff]){4}")
# A number, a date, an address, the name of who speaks.
_NO_TITLE = re.compile(
    rf"[0-9]{{1,2}}[.．、]|[{_NUMERALS}{_FORMAL}]{{1,3}}[是要、]|第[{_NUMERALS}]|各位"
    r"|[^\n]*(?:[0-9]日|[、︰]|[ \t　][^ \t　\n]{1,4})\n"
)


class Marker(NamedTuple):
    """A number that opens a heading: its span, its kind, its rank (1 is the highest) and its value.

    ``sure`` is False where it counts only as the next of its list.
    """

    start: int
    end: int
    kind: str
    rank: int
    value: int
    opens_line: bool
    sure: bool = True


def read_marker(text: str, place: int, opens_line: bool, in_article: bool) -> Marker | None:
    """The marker at the start of a sentence, blanks before it left out, or None.

    The numbered items of a legal article are no headings, so ``in_article`` leaves them out.
    """
    found = _AT.match(text, place)
    if found is None:
        return None
    kind = found.lastgroup or ""
    if in_article and kind not in _IN_ARTICLE and kind != "unit":
        return None
    return _judge(text, found, kind, opens_line)


def find_plain_lines(text: str) -> list[tuple[int, Marker]]:
    """The headings without a number, their places and markers in order: short lines between whole paragraphs.

    A glossary at the end of a report (名词解释) is none of its parts, so it ranks as an annex.
    A law has articles and no such headings.
    """
    found: list[tuple[int, Marker]] = []
    if _FIRST_ARTICLE in text:
        return found
    for line in (line for pattern in _PLAIN_LINES for line in pattern.finditer(text)):
        start, end = line.span("title")
        glossary = _GLOSSARY.search(text, start, end)
        if glossary or (_HAN.match(text, start, end) and not _NO_TITLE.match(text, start, end + 1)):
            kind = "annex" if glossary else "plain"
            found.append((start, Marker(start, start, kind, _RANKS[kind], 0, True)))
    return sorted(found)


def is_article(text: str, place: int, opens_line: bool) -> bool:
    """Whether :func:`read_marker` finds the number of a legal article at a place, blanks before it aside."""
    found = _ARTICLE.match(text, place)
    return found is not None and (opens_line or text[found.end() : found.end() + 1] in _BLANKS)


def article_end(text: str, place: int, limit: int) -> int:
    """Where the heading of the article at a place ends: after its number, or its title in brackets."""
    found = _ARTICLE_HEADING.match(text, place, limit)
    return found.end() if found else place


def run_in_marker(text: str, before: Marker) -> Marker | None:
    """The marker that follows the title of a heading with no stop between them, or None.

    It opens a list under that title (一、工作回顾(一)统筹…), or is the next of the list (1.项目:无2.项目:…).
    """
    if before.kind not in TITLED:
        return None
    position, limit = before.end, min(before.end + _LONGEST_LINE, len(text))
    plain = _PLAIN_TITLE.match(text, position, limit)
    plain_end = plain.end() if plain else position
    if before.kind != "point" and (plain_end == limit or text[plain_end] in _TITLE_STOPS):
        return None
    stop = _TITLE_STOP.search(text, position, limit)
    limit = stop.start() + 1 if stop else limit
    for start in _openings(text, before, position, limit):
        found = _RUN_IN.match(text, start, limit)
        marker = _judge(text, found, found.lastgroup or "", False) if found else None
        if marker is not None and _runs_in(text, before, marker):
            return marker
    return None


def _openings(text: str, before: Marker, low: int, high: int) -> list[int]:
    """Where a list may open within a title, or the next member of the list stand that the title is in."""
    starts = [found.start() for found in _LIST_OPENER.finditer(text, low, high)]
    if before.kind == "point":
        following = str(before.value + 1)
        starts += [text.find(following + sign, low, high) for sign in ".、．"]
    return sorted(start for start in starts if start >= 0)


def heading_end(text: str, marker: Marker, limit: int) -> int:
    """Where a heading's text ends: at its first stop, the end of the line or ``limit``, the next marker.

    A heading that goes on for too long ends where words stand that open a body, or at its last comma.
    """
    if marker.kind == "article":
        title = _ARTICLE_TITLE.match(text, marker.end, limit)
        return title.end() if title else marker.end
    pattern = _LINE_END if marker.rank < _RANKS["article"] else _STOP
    stop = pattern.search(text, marker.end, limit)
    end = stop.start() if stop else limit
    if marker.kind in ("comma", "bracket"):
        name = _SECTION_NAME.search(text, marker.end, min(end, marker.start + LONGEST))
        if name and _COMMA.search(text, name.end(), end):
            return name.end()
    if marker.kind != "markdown":
        ends_line = end == len(text) or text[end] in "\r\n"
        if end - marker.start > (_LONGEST_LINE if marker.opens_line and ends_line else LONGEST):
            whole = ends_line or text[end] in _TITLE_STOPS
            stop_counts = whole and (marker.opens_line or marker.kind == "first")
            end = _shortened_end(text, marker, end if stop_counts else None)
    end = min(end, marker.start + _LONGEST_TITLE)
    while end > marker.end and text[end - 1].isspace():
        end -= 1
    return end


def _judge(text: str, found: re.Match[str], kind: str, opens_line: bool) -> Marker | None:
    end = found.end()
    if kind == "markdown":
        start = found.start(kind)
        return Marker(start, end, kind, end - start - 1, 0, True) if opens_line else None
    if kind == "annex":
        return Marker(found.start(kind), end, kind, _RANKS[kind], 0, True) if opens_line else None
    if kind in ("law", "unit"):
        # In a line 第三条 is a reference, unless a blank follows as after the number of an article.
        if not opens_line and text[end : end + 1] not in _BLANKS:
            return None
        unit = _UNITS.get(found.group("unit"), "article")
        return Marker(found.start("law"), end, unit, _RANKS[unit], 1, opens_line)
    start = found.start(kind)
    value = _number(text[start:end])
    after = text[end : end + 1]
    if not after or after in "\r\n":
        return None
    if (kind == "point" and _is_part_of_a_figure(text, start)) or _counts_on(text, kind, value, end):
        return None
    if kind in _WORDS:
        return _judge_word(text, Marker(start, end, kind, _RANKS[kind], value, opens_line))
    sure = kind not in ("circle", "roundsign") or value == 1
    if kind == "point" and after.isdigit():
        # 1.2 is a figure and 1、2 are two, but a line 20.2026年… may be the twentieth of a list.
        sure = False
        if not opens_line or text[end - 1] == "、" or not _WORDS_NEAR.match(text, end):
            return None
    return Marker(start, end, kind, _RANKS[kind], value, opens_line, sure)


def _judge_word(text: str, marker: Marker) -> Marker | None:
    """Whether a word counts: 第一， 一要 and 首先 alone open no list; 第二， and 二要 must be due in it."""
    number = text[marker.start : marker.end]
    ordinal = number[0] == "第"
    if marker.kind == "first" and number[-1] == "是":
        return marker
    if marker.value == 1:
        second = number.replace("一", "二").replace("首先", "其次")
        if second not in text[marker.end : marker.end + _CONFIRM_WITHIN]:
            return None
    rank = _RANKS["ordinal"] if ordinal else marker.rank
    sure = marker.value == 1 or not (ordinal or marker.kind == "first")
    return marker._replace(rank=rank, sure=sure)


def _counts_on(text: str, kind: str, value: int, end: int) -> bool:
    """Whether the next numeral follows at once, as in 一、二把手; in 一、二〇二四年 it is a year's."""
    after = text[end]
    if kind != "comma" or after not in _NUMERALS or text[end + 1 : end + 2] in tuple("〇○零"):
        return False
    return _VALUES[after] == value + 1


def _is_part_of_a_figure(text: str, start: int) -> bool:
    """Whether the digits at ``start`` go on from a figure, a date, a range or a Latin word."""
    before = text[start - 1 : start]
    return before.isdigit() or before in tuple(".．、-–—~/") or (before.isascii() and before.isalnum())


def _runs_in(text: str, before: Marker, marker: Marker) -> bool:
    title = text[before.end : marker.start]
    if not title.strip():
        return False
    if marker.kind == before.kind == "point" and marker.value == before.value + 1:
        return True
    if marker.value != 1 or title[-1] in _JOINED:
        return False
    if marker.kind in ("point", "first"):
        return True
    plain = not any(sign in title for sign in "，,")
    if plain and marker.kind in ("bracket", "bracketsign"):
        return True
    if title[-1] in ":：" and plain:
        return True
    second = text[marker.start : marker.end].replace("一", "二").replace("1", "2").replace("１", "２")
    return second in text[marker.end : marker.end + _CONFIRM_WITHIN]


def _shortened_end(text: str, marker: Marker, stop: int | None) -> int:
    """Where the title of a long heading ends; ``stop`` is the end of its sentence where that may be its."""
    start, low = marker.start, marker.end + 4
    whole = stop is not None and stop - start <= _LONGEST_LINE
    body = (_WHOLE_BODY if whole else _BODY).search(text, low, start + LONGEST)
    if body:
        # In 三是突出实际，聚焦解决我省… the words stand within a clause.
        comma = text.rfind("，", low, body.start()) if marker.kind == "first" else -1
        return comma if comma > 0 else body.start()
    if stop is not None and whole:
        return stop
    comma = max(text.rfind("，", low, start + LONGEST), text.rfind(",", low, start + LONGEST))
    if comma > 0:
        return comma
    clause = _CLAUSE_END.search(text, start + LONGEST, start + _LONGEST_LINE)
    return clause.start() if clause else start + LONGEST


def _number(marker: str) -> int:
    """The value of a numeral up to 99, Chinese, Arabic or encircled, or of a word like 首先."""
    return _VALUES.get(marker.strip("(（)）.．、是要第"), 0)


def _numbers() -> dict[str, int]:
    values: dict[str, int] = {"首先": 1, "其次": 2, "再次": 3, "最后": 4, "最後": 4}
    for number in range(1, 100):
        tens, ones = divmod(number, 10)
        ten = "" if not tens else "十" if tens == 1 else _NUMERALS[tens - 1] + "十"
        values[ten + (_NUMERALS[ones - 1] if ones else "")] = number
        values[str(number)] = values[f"{number:02d}"] = number
        values[str(number).translate(_WIDE)] = number
    for first, count in (("①", 20), ("⑴", 20), ("㈠", 10)):
        for offset in range(count):
            values[chr(ord(first) + offset)] = offset + 1
    for number, signs in enumerate(("壹", "贰貳", "叁參叄", "肆", "伍", "陆陸", "柒", "捌", "玖", "拾"), 1):
        for sign in signs:
            values[sign] = number
    return values


_WIDE = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
_VALUES = _numbers()
