"""The lines of printed pages, as text: where they are, on which page, and how wide they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily

# The blank lines before a line if there are any, the line, and what ends it.
_LINE = compile_lazily(
    r"((?>[^\S\r\n\f]*+(?:\r?\n\f?|\r|\f))++)?+(?P<text>[^\r\n\f]*+)(?P<break>\r?\n\f?|\r|\f|\Z)"
)
# Characters that take the place of two digits, and letters with the marks that follow them.
_WIDE = compile_lazily(r"[ᄀ-ᅟ⺀-〿぀-꓏가-힣豈-﫿︰-﹏！-｠￠-￦—…“”‘’]|[\U00020000-\U0003ffff]")
# What begins a paragraph, an item or a heading of its own.
BLOCK_START = compile_lazily(
    r"#|[|>]|[-*+•·●○■□◆◇▪★※]\s|\d{1,3}(?:[、)）]|[.．](?!\d))|[（(](?:\d{1,3}|[一二三四五六七八九十百]{1,4})[）)]"
    r"|[一二三四五六七八九十百]{1,4}、|第[\d一二三四五六七八九十百千〇零]{1,6}[编章节条部篇]|[①-⑳]|附[件录表][\d一二三四五六七八九十：:]"
)
_FENCE = compile_lazily(r"\s*(?:```|~~~)")
# The most common width counts if so many lines, and this share of all, are about as wide.
_FEWEST_FULL, _SHARE_OF_FULL = 3, 0.2
# A line is full if no more than this is missing: a wide character and a mark that may not begin a line.
_MISSING = 4
_MISSING_FOR_NARROW = 0.25
# By what share of its width a full line of narrow characters is shorter than the longest.
_SPREAD = 0.15
_NARROWEST_PAGE = 24
_SHARE_OF_INDENTED = 0.03


class PrintedLine(NamedTuple):
    """A line ``[start, end)`` of a text; its line break and page break end at ``break_end``.

    ``page`` counts from 0; ``width`` is in columns, of which a wide character takes two. ``is_after_blank``
    says whether there are blank lines before it. A named tuple, because a text may have a million lines.
    """

    text: str
    start: int
    end: int
    break_end: int
    page: int
    width: int
    is_code: bool
    is_after_blank: bool

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing on it."""
        return not self.text.strip()

    @property
    def is_indented(self) -> bool:
        """Whether it begins with a blank."""
        return self.text[:1].isspace()


def list_lines(text: str) -> list[PrintedLine]:
    r"""The lines of a text, without blank ones but for one at its end; a form feed ends a page.

    >>> [(line.text, line.page, line.width) for line in list_lines("甲a\n\f\n乙\n")]
    [('甲a', 0, 3), ('乙', 1, 2)]
    """
    lines = []
    page, is_code = 0, False
    has_fences = "```" in text or "~~~" in text
    for match in _LINE.finditer(text):
        blank, content, line_break = match.groups()
        start, end = match.span("text")
        if start == len(text):
            if blank:
                # The break at its end ends the last page.
                page += blank.count("\f", 0, -1)
                start = match.start()
                lines.append(PrintedLine("", start, start, end, page, 0, is_code, is_after_blank=False))
            break
        if blank:
            page += blank.count("\f")
        is_fence = has_fences and _FENCE.match(content) is not None
        width = measure_width(content)
        lines.append(
            PrintedLine(content, start, end, match.end(), page, width, is_code or is_fence, blank is not None)
        )
        is_code ^= is_fence
        page += line_break.endswith("\f")
    return lines


def measure_width(text: str) -> int:
    """The width of a line in columns, of which a wide character takes two."""
    return len(text) + (0 if text.isascii() else len(_WIDE.findall(text)))


@dataclass(frozen=True, slots=True)
class Measure:
    """The width of a full line in columns, 0 if lines are as long as they happen to be; and if indents count.

    ``has_indents`` says whether paragraphs begin with an indent.
    """

    width: int
    has_indents: bool

    def is_full(self, line: PrintedLine) -> bool:
        """Whether a line reaches the margin; narrow characters differ in width, so they allow for more."""
        narrow = 2 * len(line.text) - line.width
        return self.width > 0 and line.width + _MISSING + _MISSING_FOR_NARROW * narrow >= self.width


def measure_lines(lines: Sequence[PrintedLine]) -> Measure:
    r"""Find the width that most lines have.

    >>> measure_lines(list_lines("\n".join("字" * count for count in (20, 19, 20, 3)))).width
    40
    """
    # Only the last line may be blank.
    if lines and lines[-1].is_blank:
        lines = lines[:-1]
    long = [line for line in lines if line.width >= _NARROWEST_PAGE]
    widths = Counter(line.width for line in long)
    narrow = sum(2 * len(line.text) - line.width for line in long) / max(sum(widths.elements()), 1)
    near = {
        width: sum(widths[width - less] for less in range(int(_MISSING + _SPREAD * narrow * width) + 1))
        for width in widths
    }
    width = max(near, key=lambda value: (near[value], value), default=0)
    if not width or near[width] < max(_FEWEST_FULL, _SHARE_OF_FULL * len(lines)):
        width = 0
    indented = sum(line.is_indented for line in lines)
    return Measure(width=width, has_indents=indented >= max(2, _SHARE_OF_INDENTED * len(lines)))
