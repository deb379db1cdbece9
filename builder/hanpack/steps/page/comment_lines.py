"""Finds the comments of HTML that fill a line of a text: marks of the program that wrote it (<!-- END -->).

A comment in a listing stays: in code, and next to a line that begins with a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import TextSpan
from hanpack.steps.verbatim import find_verbatim

COMMENT = "<!--"
# A deeper indent is code (CommonMark 0.31.2, section 4.4).
COMMENT_LINE = compile_lazily(
    rf"^[ \t]{{0,3}}{COMMENT}(?>[^\n]{{0,300}}?-->)[ \t]*(?P<end>\r?\n|\Z)", re.MULTILINE
)
_BLANK_LINE = compile_lazily(r"[ \t]*\r?\n")
_TAG = compile_lazily(r"[ \t]*</?[A-Za-z]")


def find_comment_lines(text: str, start: int = 0) -> Iterator[TextSpan]:
    r"""The spans of the lines after ``start`` that are comments, with the blank line after one between two.

    >>> text = "# 办法\n\n<!-- INFO END -->\n\n第一条\n"
    >>> [text[slice(*span)] for span in find_comment_lines(text)]
    ['<!-- INFO END -->\n\n']
    """
    if COMMENT not in text:
        return
    verbatim = find_verbatim(text, to_the_end=True)
    position = start
    for comment in COMMENT_LINE.finditer(text, start):
        line_start = text.rfind("\n", 0, max(comment.start() - 1, 0)) + 1
        is_in_listing = _TAG.match(text, line_start, comment.start()) or _TAG.match(text, comment.end())
        if is_in_listing or any(low <= comment.start() < high for low, high in verbatim):
            continue
        end = comment.end()
        if not comment.start() or not text[line_start : comment.start()].strip():
            blank_line = _BLANK_LINE.match(text, end)
            end = blank_line.end() if blank_line else end
        yield max(comment.start(), position), end
        position = end
