"""Reduces a chapter of a book (XHTML) to its text: all of it but navigation; headings become Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_headings import find_heading_elements
from hanpack.steps.page.html_page import HtmlPage, VisibleLine, VisibleRun
from hanpack.steps.page.html_text import read_html
from hanpack.steps.page.html_tokens import CELLS
from hanpack.steps.page.kept_lines import keep_lines
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced

STEP = "html"
LAYOUT_STEP = "layout"
_NAVIGATION = "nav"
# The label of a chapter is on so many lines, and becomes a heading of this level.
_MOST_LINES_OF_LABEL, _LABELLED = 3, "h1"
_EMPTY_ELEMENT = compile_lazily(
    r"<(?:script|style|noscript|template|svg|title|select|textarea|iframe)\b[^<>]*/>", re.IGNORECASE
)


def reduce_chapter(traced: Traced, *, is_navigation: bool = False, label: str = "") -> Traced:
    r"""Keep the text of a chapter; its first heading becomes the metadata ``chapter``.

    The navigation of a book has no text: the step ``layout`` removes it. ``label`` is what the table of
    contents calls the chapter: if its first lines say the same in no heading, they become one.

    >>> from hanpack.steps.decode.decoding import decode
    >>> page = "<html><title>书</title><body><h2>第一章<br/>风起</h2><p>天亮了。</p></body></html>"
    >>> reduced = reduce_chapter(decode(page.encode(), "utf-8"))
    >>> reduced.text, dict(reduced.metadata)
    ('## 第一章 风起\n天亮了。', {'chapter': '第一章 风起'})
    """
    if is_navigation:
        return traced.apply(LAYOUT_STEP, [Replacement(0, len(traced.text))])
    if traced.text.startswith("\ufeff"):
        traced = traced.apply(STEP, [Replacement(0, 1)])
    page = read_html(_EMPTY_ELEMENT.sub(_hide, traced.text))
    headings = find_heading_elements(page)
    labelled = _count_labelled(page, headings, label)
    navigation = _find_navigation(page)
    lines, chosen = [], []
    title: list[str] = []
    previous = first = -1
    for number, line in enumerate(page.lines):
        heading = headings[line.element] if line.element >= 0 else -1
        if number < labelled:
            lines.append(line._replace(separator=" ") if number else _mark_heading(line, _LABELLED))
        elif heading >= 0 and heading == previous:
            lines.append(line._replace(separator=" "))
        else:
            lines.append(_mark_heading(line, page.elements[heading].name) if heading >= 0 else line)
        first = heading if first < 0 else first
        if first >= 0 and heading == first:
            title.append(line.text)
        if line.element < 0 or not navigation[line.element]:
            chosen.append(number)
        previous = heading
    changes = list(keep_lines(traced.text, replace(page, lines=lines), chosen))
    if page.simplified:
        changes.append(Replacement(len(traced.text), len(traced.text), flagged=True))
    return traced.apply(STEP, changes).with_metadata({"chapter": " ".join(title)} if title else {})


def _count_labelled(page: HtmlPage, headings: Sequence[int], label: str) -> int:
    """How many lines at the beginning are the label of the chapter; 0 if they are not, or are a heading."""
    squashed, text = "".join(label.split()), ""
    for number, line in enumerate(page.lines[:_MOST_LINES_OF_LABEL] if squashed else ()):
        if line.element >= 0 and (headings[line.element] >= 0 or page.elements[line.element].name in CELLS):
            return 0
        text += "".join(line.text.split())
        if text == squashed:
            return number + 1
        if not squashed.startswith(text):
            return 0
    return 0


def _hide(element: re.Match[str]) -> str:
    """A comment of the same length: what HTML would read up to an end tag has none in XHTML."""
    return f"<!{' ' * (len(element[0]) - 3)}>"


def _find_navigation(page: HtmlPage) -> list[bool]:
    """Whether each element is navigation or in it."""
    enclosing: list[bool] = []
    for element in page.elements:
        enclosing.append(element.name == _NAVIGATION or (element.parent >= 0 and enclosing[element.parent]))
    return enclosing


def _mark_heading(line: VisibleLine, name: str) -> VisibleLine:
    start = line.runs[0].start
    return line._replace(runs=(VisibleRun("#" * int(name[1]) + " ", start, start, ""), *line.runs))
