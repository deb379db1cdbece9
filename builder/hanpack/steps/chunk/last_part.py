"""Finds what follows the last chapter and belongs to no chapter: the glossary, the notes and annexes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.heading_patterns import BLANKS, KIND, NUMERALS
from hanpack.steps.chunk.headings import PATTERN, Marker

# The end of such a line, which is found far faster than the line: the pattern begins with one character.
_LINE_END = compile_lazily(r"\n(?:(?<=[释釋注註明]\n)|(?<=[释釋注註明][:：]\n))")
_ANNEX = compile_lazily(KIND["annex"].pattern)
_ANNEX_LINE = compile_lazily(
    rf"\n(?P<number>附(?:[件录錄表图圖](?:[ 　]?(?:[A-ZＡ-Ｚ]|[0-9０-９{NUMERALS}]{{1,3}}))?)?)"
)
# A line before an entry of a list of annexes is not longer.
_LONGEST_ENTRY = 120


def find_last_part(text: str) -> Iterator[tuple[int, Marker]]:
    r"""The line 名词解释, 注释 or the like that opens the last part of a text, with its position.

    Such a line that is the title of an annex, directly under its number, is part of the annex. Several of
    them, or chapters after it, show that it is a part of a chapter.

    >>> [place for place, _ in find_last_part("第五章 展望\n团结奋斗！\n名词解释\n1.六创六争：全称。\n")]
    [13]
    >>> [*find_last_part("团结奋斗！\n附件2\n名词解释\n1.六创六争：全称。\n")]
    []
    """
    spans = list(islice(_list_titles(text), 2))
    if len(spans) != 1:
        return
    start, end = spans[0]
    before = text[:start].rstrip()
    title = before[before.rfind("\n") + 1 :].lstrip(BLANKS)
    if not _ANNEX.fullmatch(title) and not PATTERN["chapter_line"].search(text, end):
        yield start, Marker(start, start, "annex", KIND["annex"].rank, value=0, opens_line=True)


def _list_titles(text: str) -> Iterator[tuple[int, int]]:
    for line_end in _LINE_END.finditer(text):
        line_break = text.rfind("\n", 0, line_end.start())
        line = PATTERN["last_part"].match(text, line_break) if line_break >= 0 else None
        if line:
            yield line.span("title")


def find_annex_lines(text: str) -> Mapping[str, int]:
    r"""Where the last line after the first begins that opens with the number of an annex, by that number.

    >>> find_annex_lines("附件1：申请表\n附件1\n申请表\n附录 A\n规范性附录")
    {'附件1': 8, '附录 A': 16}
    """
    return {line["number"].rstrip(BLANKS): line.start("number") for line in _ANNEX_LINE.finditer(text)}


def is_announcement(text: str, annex: Marker, lines: Mapping[str, int]) -> bool:
    r"""Whether the number of an annex and the title after it only announce the annex.

    Beside such a line is another, or the annex itself follows later. ``lines`` are those of
    :func:`find_annex_lines`.

    >>> text = "附件1：申请表\n某市教育局\n附件1\n申请表\n"
    >>> lines = find_annex_lines(text)
    >>> is_announcement(text, Marker(0, 4, "annex", 6, 0, True), lines)
    True
    >>> is_announcement(text, Marker(14, 17, "annex", 6, 0, True), lines)
    False
    """
    if annex.end == len(text) or text[annex.end] in "\r\n":
        return False
    number = text[annex.start : annex.end].rstrip(f"{BLANKS}：:")
    name = number[:2]
    line_end = text.find("\n", annex.end)
    after = text[line_end : line_end + _LONGEST_ENTRY].lstrip() if line_end >= 0 else ""
    before = text[max(annex.start - _LONGEST_ENTRY, 0) : annex.start].rstrip()
    line_before = before[before.rfind("\n") + 1 :].lstrip()
    return after.startswith(name) or line_before.startswith(name) or lines.get(number, 0) > annex.start
