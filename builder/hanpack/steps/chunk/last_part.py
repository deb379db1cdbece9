"""Finds the glossary or the notes after the last chapter of a text, which belong to none of its chapters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.heading_patterns import BLANKS, KIND
from hanpack.steps.chunk.headings import PATTERN, Marker

# The end of such a line, which is found far faster than the line: the pattern begins with one character.
_LINE_END = compile_lazily(r"\n(?:(?<=[释釋注註明]\n)|(?<=[释釋注註明][:：]\n))")
_ANNEX = compile_lazily(KIND["annex"].pattern)


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
