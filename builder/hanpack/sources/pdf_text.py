"""Reads the text layer of a PDF file: the lines of each page in reading order, and where they stand.

Text is what PDFium gives, a line at a time. What says where paragraphs begin is written as text, as other
tools do: an indented line begins with two ideographic spaces, and a wider gap is a blank line.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from hanpack.lazy_patterns import compile_lazily

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

INDENT = "\u3000\u3000"
# Lines in this share of a page at its top and bottom come first and last, wherever the file has them.
_MARGIN = 0.1
# A line is indented if it begins so many characters right of two others.
_LEAST_INDENT, _MOST_INDENT = 1.5, 4.5
_WIDE_GAP = 1.5
# Characters that are no text: PDFium's sign of a divided word, controls, halves of surrogate pairs.
_HYPHEN = compile_lazily("[\ufffe\x02]")
_NO_TEXT = compile_lazily("[\x00-\x08\x0b-\x1f\x7f\ufdd0-\ufdef\uffff]")
_SURROGATE = compile_lazily("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of a page: its text, and its box in fractions of the page from its left and top.

    ``height`` is that of a character, in fractions of the page's width; ``size`` that of its font, in points.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    height: float
    size: float
    is_after_gap: bool = False
    is_heading: bool = False


def read_page(page: PdfPage) -> list[PageLine]:
    """The lines of a page, in reading order."""
    lines = list(_read_lines(page))
    body = [line for line in lines if line.bottom > _MARGIN and line.top < 1 - _MARGIN]
    heads = sorted((line for line in lines if line.bottom <= _MARGIN), key=lambda line: (line.top, line.left))
    feet = sorted((line for line in lines if line.top >= 1 - _MARGIN), key=lambda line: (line.top, line.left))
    return [*heads, *_mark_paragraphs(body), *feet]


def has_text(document: PdfDocument) -> bool:
    """Whether any page has a character."""
    return any(_has_characters(document, number) for number in range(len(document)))


def _has_characters(document: PdfDocument, number: int) -> bool:
    page = document[number]
    text = page.get_textpage()
    count = text.count_chars() and not text.get_text_range().isspace()
    text.close()
    page.close()
    return bool(count)


def _read_lines(page: PdfPage) -> Iterator[PageLine]:
    left, bottom, right, top = page.get_bbox()
    width, height = max(right - left, 1.0), max(top - bottom, 1.0)
    text_page = page.get_textpage()
    count = text_page.count_chars()
    text = text_page.get_text_range() if count else ""
    position = 0
    for content in text.split("\r\n"):
        first, last = position, position + len(content) - 1
        position += len(content) + 2
        shown = clean(content)
        if not shown.strip() or first >= count:
            continue
        first += len(content) - len(content.lstrip())
        last = max(min(last - (len(content) - len(content.rstrip())), count - 1), first)
        begin, end = (text_page.get_charbox(index, loose=True) for index in (first, last))
        box_top, box_bottom = max(begin[3], end[3]), min(begin[1], end[1])
        yield PageLine(
            text=shown.strip(),
            left=_limit((min(begin[0], end[0]) - left) / width),
            top=_limit((top - box_top) / height),
            right=_limit((max(begin[2], end[2]) - left) / width),
            bottom=_limit((top - box_bottom) / height),
            height=max(begin[3] - begin[1], 0.0) / width,
            size=min(_find_size(text_page, index) for index in (first, last)),
        )
    text_page.close()


def _find_size(page: PdfTextPage, index: int) -> float:
    """The size of a character in points: that of its font, by the matrix that it is drawn with."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    size = float(raw.FPDFText_GetFontSize(page, index))
    if raw.FPDFText_GetMatrix(page, index, matrix):
        size *= math.hypot(matrix.c, matrix.d)
    return round(size, 1)


def clean(text: str) -> str:
    """The text without what stands for no character."""
    return _SURROGATE.sub("\ufffd", _NO_TEXT.sub("", _HYPHEN.sub("-", text)))


def _limit(share: float) -> float:
    return round(min(max(share, 0.0), 1.0), 4)


def _mark_paragraphs(lines: Sequence[PageLine]) -> Iterator[PageLine]:
    """Write the indents of lines, and say which come after a gap or are set apart."""
    lefts = Counter(round(line.left, 2) for line in lines)
    margins = [left for left, count in lefts.items() if count > 1]
    steps = [after.top - before.top for before, after in pairwise(lines)]
    usual = median(downward) if (downward := [step for step in steps if step > 0]) else 0.0
    was_apart = False
    for index, line in enumerate(lines):
        shift = _find_shift(line, margins)
        is_apart = shift > _MOST_INDENT and round(line.left, 2) not in margins
        has_gap = index > 0 and (steps[index - 1] > _WIDE_GAP * usual > 0)
        text = INDENT + line.text if _LEAST_INDENT <= shift <= _MOST_INDENT else line.text
        yield replace(line, text=text, is_after_gap=index > 0 and (has_gap or is_apart or was_apart))
        was_apart = is_apart


def _find_shift(line: PageLine, margins: Sequence[float]) -> float:
    """How many characters a line begins right of the nearest margin that is clearly left of it."""
    size = line.height or 1.0
    shifts = [(line.left - margin) / size for margin in margins]
    return min((shift for shift in shifts if shift >= _LEAST_INDENT * 0.7), default=0.0)
