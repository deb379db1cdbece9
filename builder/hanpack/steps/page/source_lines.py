"""Decides whether the line breaks in the source of a page are lines of its text.

A browser shows a line break of the source as a space, and none is due between Han characters. But some pages
have no markup within a text: the style of the page, or a script, showed its lines as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from hanpack.steps.page.html_page import (
    INDENTED_BREAKS,
    TEXT_LINE_BREAK,
    HtmlPage,
    VisibleLine,
    VisibleRun,
)
from hanpack.steps.page.html_tokens import HEADINGS

# Elements in which a writer or a program has put each paragraph: the breaks within are those of the source.
_PARAGRAPHS = HEADINGS | {"p", "li", "dd", "dt", "figcaption", "summary"}
# What a line of a text may end with; a line that an editor of markup broke ends anywhere.
_LINE_ENDS = frozenset("。！？；：…，、”’」』）》】!?;:,)")
# The breaks count if this share of them is after such a mark or before an indent.
_SHARE_OF_ENDS = 0.7
_FEWEST_BREAKS = 2
# No editor of markup breaks Chinese text into lines so short.
_SHORT_LINE = 24


def find_source_lines(page: HtmlPage, numbers: Iterable[int]) -> frozenset[int]:
    r"""The numbers of those lines of a page in which each line break of the source begins a line.

    In a post of a forum one break after a sentence is enough.

    >>> from hanpack.steps.page.html_text import read_html
    >>> wrapped = "\n".join(["各地备足种子和化肥，抓紧检修农机，组织技术人员进村入户指导春"] * 3)
    >>> page = read_html(f"<div>{wrapped}</div><div>各地备足种子。\n检修农机。\n春耕开始了</div>")
    >>> sorted(find_source_lines(page, range(2)))
    [1]
    """
    posts = {number for post in page.posts for number in range(*post)}
    return frozenset(
        number
        for number in numbers
        if len(page.lines[number].runs) > 1
        and not _is_paragraph(page, page.lines[number])
        and _has_lines(page.lines[number].runs, 1 if number in posts else _FEWEST_BREAKS)
    )


def _is_paragraph(page: HtmlPage, line: VisibleLine) -> bool:
    return line.element >= 0 and page.elements[line.element].name in _PARAGRAPHS


def _has_lines(runs: Sequence[VisibleRun], fewest_breaks: int) -> bool:
    """Whether the breaks between the runs of a line are as those of a text."""
    ends = breaks = length = longest = 0
    for before, run in pairwise(runs):
        length += len(before.text)
        if not run.separator.startswith(TEXT_LINE_BREAK):
            continue
        breaks += 1
        ends += before.text[-1] in _LINE_ENDS or run.separator in INDENTED_BREAKS
        longest = max(longest, length)
        length = 0
    longest = max(longest, length + len(runs[-1].text))
    if breaks < fewest_breaks:
        return False
    return ends >= breaks * _SHARE_OF_ENDS or (breaks >= _FEWEST_BREAKS and longest <= _SHORT_LINE)
