"""Finds the comments of HTML that fill a line of a text: marks of the program that wrote it (<!-- END -->).

A comment in a listing stays: in code, and next to a line that begins with a tag.
"""

from __future__ import annotations

from collections.abc import Iterator

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import TextSpan
from hanpack.steps.verbatim import are_within, find_verbatim

COMMENT = "<!--"
# A deeper indent is code (CommonMark 0.31.2, section 4.4).
_COMMENT_LINE = compile_lazily(rf"[ \t]{{0,3}}{COMMENT}(?>[^\n]{{0,300}}?-->)[ \t]*(?:\r?\n|\Z)")
_BLANK_LINE = compile_lazily(r"[ \t]*\r?\n")
_TAG = compile_lazily(r"[ \t]*</?[A-Za-z]")


def find_comment_lines(text: str, start: int = 0) -> Iterator[TextSpan]:
    r"""The spans of the lines after ``start`` that are comments, with the blank line after one between two.

    >>> text = "# 办法\n\n<!-- INFO END -->\n\n第一条\n"
    >>> [text[slice(*span)] for span in find_comment_lines(text)]
    ['<!-- INFO END -->\n\n']
    """
    comments = list(_list_comments(text, start))
    verbatim = find_verbatim(text, to_the_end=True) if comments else ()
    are_code = are_within([first for first, _ in comments], verbatim)
    position = start
    for (first, end), is_code in zip(comments, are_code, strict=True):
        if not is_code:
            end = _skip_blank_line(text, first, end)
            yield max(first, position), end
            position = end


def _list_comments(text: str, start: int) -> Iterator[TextSpan]:
    """The spans of the lines after ``start`` that are comments and not beside a tag."""
    place = text.find(COMMENT, start)
    while place >= 0:
        first = text.rfind("\n", 0, place) + 1
        comment = _COMMENT_LINE.match(text, first) if first >= start else None
        if comment and not _is_beside_tag(text, *comment.span()):
            yield comment.span()
        place = text.find(COMMENT, place + len(COMMENT))


def _is_beside_tag(text: str, start: int, end: int) -> bool:
    """Whether the line before or after the line ``[start, end)`` begins with a tag."""
    before = text.rfind("\n", 0, max(start - 1, 0)) + 1
    return bool(_TAG.match(text, before, start) or _TAG.match(text, end))


def _skip_blank_line(text: str, start: int, end: int) -> int:
    """The end of the blank line after the line ``[start, end)`` if one is before it too, else ``end``."""
    before = text.rfind("\n", 0, max(start - 1, 0)) + 1
    blank_line = _BLANK_LINE.match(text, end) if not text[before:start].strip() else None
    return blank_line.end() if blank_line else end
