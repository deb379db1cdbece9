"""Finds the parts of a text that are not prose: code of Markdown and YAML at its beginning.

Code is fenced, or between <pre> and </pre>.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from hanpack.lazy_patterns import compile_lazily

Span = tuple[int, int]

# A line that opens or closes fenced code, perhaps in a quotation or a list (CommonMark 0.31.2, section 4.5);
# after the mark of an item it only opens.
_FENCE = compile_lazily(
    r"(?:(?<=\n)|\A)[ \t>\u00a0\u3000]*(?P<item>(?:(?:[-*+]|\d{1,9}[.)、])[ \t]+){1,3})?"
    r"(?P<fence>`{3,}|~{3,})(?P<rest>[^\n]*)(?:\n|\Z)"
)
# A block of HTML in Markdown that opens with <pre> (CommonMark 0.31.2, section 4.6): to the line with </pre>.
_PRE = compile_lazily(r"(?:(?<=\n)|\A) {0,3}<pre(?=[\s>])", re.IGNORECASE)
_PRE_END = compile_lazily(r"</pre>[^\n]*(?:\n|\Z)", re.IGNORECASE)
# A line of program code that is no text: letters and signs of ASCII, but not a heading of Markdown.
_CODE_LINE = compile_lazily(r"[ \t]*(?![#\s])[!-~][ -~\t]*(?:\n|\Z)")
_CODE_SIGN = compile_lazily(r"[{}();=<>\[\]$\\/_|&]|^[ \ta-z]")
_COMMENT = compile_lazily(r"[ \t]*(?:#(?!#)|//|--|/\*)")
_LINE = compile_lazily(r"[^\n]*(?:\n|\Z)")
# YAML between two lines of hyphens at the beginning, with at least one key.
_FRONT_MATTER = compile_lazily(
    r"\A\ufeff?---[ \t]*\r?\n(?=(?:[^\n]*\n){0,9}?[\w-]+:)"
    r"(?:[^\n]*\n){1,200}?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
)


def find_front_matter(text: str) -> Span | None:
    r"""The span of the YAML at the beginning of a text, with the lines of hyphens around it; None if none is.

    >>> find_front_matter("---\ntitle: 安装\n---\n# 安装\n")
    (0, 18)
    """
    front = _FRONT_MATTER.match(text) if text.startswith(("---", "\ufeff---")) else None
    return front.span() if front else None


def find_verbatim(text: str, *, to_the_end: bool = False) -> list[Span]:
    r"""The spans of whole lines with code or YAML, in order, the lines with the fences or <pre> included.

    Code without a closing fence counts up to its last line of program code before a line of text, or
    ``to_the_end`` of the text.

    >>> text = "# 安装\n```bash\n# 更新\n```\n完成。\n"
    >>> [text[start:end] for start, end in find_verbatim(text)]
    ['```bash\n# 更新\n```\n']
    """
    front = find_front_matter(text)
    spans = [front] if front else []
    start = front[1] if front else 0
    # One character is searched far faster than three, and most texts have neither.
    if ("`" in text and "```" in text) or ("~" in text and "~~~" in text):
        spans += _find_fenced(text, start, to_the_end=to_the_end)
    if "<pre" in text or "<PRE" in text:
        ordered = sorted([*spans, *_find_preformatted(text, start)])
        spans = []
        for span in ordered:
            # Of two that overlap the first is code, and the other is a part of it.
            if not spans or span[0] >= spans[-1][1]:
                spans.append(span)
    return spans


def are_within(positions: Sequence[int], spans: Sequence[Span]) -> list[bool]:
    """Whether each of some positions is in one of the spans, which are in the order of their starts.

    >>> are_within([3, 4, 8, 9], [(4, 8), (6, 7)])
    [False, True, False, False]
    """
    starts = [start for start, _ in spans]
    # The furthest end of each span and those before it.
    ends = [-1, *accumulate((end for _, end in spans), max)]
    return [position < ends[bisect_right(starts, position)] for position in positions]


def _find_fenced(text: str, start: int, *, to_the_end: bool) -> Iterator[Span]:
    opening: re.Match[str] | None = None
    for line in _FENCE.finditer(text, start):
        fence, rest = line["fence"], line["rest"].strip()
        if opening is None:
            # Backticks after the fence: code within a line, which opens nothing.
            if fence[0] == "~" or "`" not in rest:
                opening = line
        elif not rest and not line["item"] and fence.startswith(opening["fence"]):
            yield opening.start(), line.end()
            opening = None
    if opening:
        end = len(text) if to_the_end else _find_code_end(text, opening.end())
        if end > opening.end():
            yield opening.start(), end


def _find_preformatted(text: str, start: int) -> Iterator[Span]:
    while opening := _PRE.search(text, start):
        closing = _PRE_END.search(text, opening.end())
        if closing is None:
            return
        yield opening.start(), closing.end()
        start = closing.end()


def _find_code_end(text: str, start: int) -> int:
    """The end of the last line of program code after a position; comments may be before such a line."""
    position = end = start
    is_after_blank = False
    while position < len(text):
        code = _CODE_LINE.match(text, position)
        if code and (not is_after_blank or _CODE_SIGN.search(code[0])):
            position = end = code.end()
            is_after_blank = False
            continue
        line = _LINE.match(text, position)
        if line is None or code or not (line[0].isspace() or _COMMENT.match(line[0])):
            break
        is_after_blank = is_after_blank or line[0].isspace()
        position = line.end()
    return end
