"""Reads the text layer of a PDF file: the lines of each page in reading order, and where they stand.

Text is what PDFium gives, a line at a time and in its order, which is that of the file. Columns of a table,
between which PDFium writes a blank, are kept apart by a tab.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.pdf_objects import open_text

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

# Columns are so far apart, in heights of a character, which is a little more than its size; blanks between
# words are narrower, but those of Latin text that fills its lines.
_COLUMN_GAP, _COLUMN_GAP_OF_LATIN = 0.85, 2.5
# In so many parts of a line the size of a character is looked at.
_SAMPLES = 4
_BLANKS = compile_lazily(" +")
_HAN = compile_lazily(r"[\u3400-\u9fff]")
# What a number, a mark of a list or a label stands in front of, with a gap, is no column.
_LABEL = compile_lazily(
    r"(?:[（(]?[\d一二三四五六七八九十百零〇]{1,5}(?:[.．-]\d{1,3}){0,4}[）)、.．:：]?|[A-Za-z][.．)）、]"
    r"|第[\d一二三四五六七八九十百千零〇]{1,6}[编篇部章节条款讲回课集卷]|[图表注]\s?[\dA-Z]{0,3}(?:[.．-]\d{1,3}){0,3}[:：]?"
    r"|[①-⑳]|[^\w\s]|(?:[Ff]ig(?:ure|\.)?|[Tt]able|[Cc]hapter|[Ss]ection)\s?\d[\d.]*)"
)
# The letters of a word that was set wide, such as the title 目  录.
_SPREAD = compile_lazily(r"[^\W\d_](?:\s+[^\W\d_])+")
_LETTER = compile_lazily(r"[^\W\d_]")
# Characters that are no text: PDFium's sign of a divided word, controls, halves of surrogate pairs.
_HYPHEN = compile_lazily("[\ufffe\x02]")
_NO_TEXT = compile_lazily("[\x00-\x08\x0b-\x1f\x7f\ufdd0-\ufdef\uffff]")
_SURROGATE = compile_lazily("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of a page: its text, and its box in fractions of the page from its left and top.

    ``height`` is that of a character, in fractions of the page's width; ``size`` that of its font, in points:
    of its first or its last character, the smaller of the two. ``larger_size`` is the largest of several of
    its characters: words in another font or marks may be at its ends. ``page`` counts from 1.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    height: float
    size: float
    larger_size: float
    page: int
    is_after_gap: bool = False
    is_heading: bool = False


def read_page(page: PdfPage, number: int) -> list[PageLine]:
    """The lines of a page, which has a number from 1, in the order of the file."""
    return list(_read_lines(page, number))


def has_text(document: PdfDocument) -> bool:
    """Whether any page has a character."""
    return any(_has_characters(document, number) for number in range(len(document)))


def count_objects(page: PdfPage) -> int:
    """How many texts, pictures and drawings a page shows; a blank page shows none."""
    from pypdfium2 import raw

    return int(raw.FPDFPage_CountObjects(page))


def _has_characters(document: PdfDocument, number: int) -> bool:
    page = document[number]
    text = open_text(page)
    count = text.count_chars() and not text.get_text_range().isspace()
    text.close()
    page.close()
    return bool(count)


def _read_lines(page: PdfPage, number: int) -> Iterator[PageLine]:
    left, bottom, right, top = page.get_bbox()
    width, height = max(right - left, 1.0), max(top - bottom, 1.0)
    text_page = open_text(page)
    count = text_page.count_chars()
    text = text_page.get_text_range() if count else ""
    position = 0
    for content in text.split("\r\n"):
        first, last = position, position + len(content) - 1
        position += len(content) + 2
        if first >= count or not clean(content).strip():
            continue
        first += len(content) - len(content.lstrip())
        last = max(min(last - (len(content) - len(content.rstrip())), count - 1), first)
        begin, end = (text_page.get_charbox(index, loose=True) for index in (first, last))
        box_top, box_bottom = max(begin[3], end[3]), min(begin[1], end[1])
        sizes = [_find_size(text_page, index) for index in (first, last)]
        within = (first + (last - first) * part // _SAMPLES for part in range(1, _SAMPLES))
        yield PageLine(
            text=clean(_separate_columns(text_page, content.strip(), first, count)).strip(),
            left=_limit((min(begin[0], end[0]) - left) / width),
            top=_limit((top - box_top) / height),
            right=_limit((max(begin[2], end[2]) - left) / width),
            bottom=_limit((top - box_bottom) / height),
            height=max(begin[3] - begin[1], 0.0) / width,
            size=min(sizes),
            larger_size=max(*sizes, *(_find_size(text_page, index) for index in within)),
            page=number,
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


def _separate_columns(page: PdfTextPage, content: str, first: int, count: int) -> str:
    """A line of a page of ``count`` characters, from index ``first``, with tabs for the gaps of a table.

    A gap is measured from the last blank before it: one that PDFium wrote for the gap has no width.
    """
    if " " not in content:
        return content
    from pypdfium2 import raw

    is_latin = _LETTER.search(content) is not None and _HAN.search(content) is None
    least = _COLUMN_GAP_OF_LATIN if is_latin else _COLUMN_GAP
    # Called for every word of a text: without the objects that pypdfium2 makes it takes half the time.
    box, read_box, handle = raw.FS_RECTF(), raw.FPDFText_GetLooseCharBox, page.raw
    gaps: list[re.Match[str]] = []
    for blanks in _BLANKS.finditer(content):
        index = first + blanks.end()
        if index >= count or not read_box(handle, index - 1, box):
            continue
        right = box.right
        if read_box(handle, index, box) and box.left - right >= least * (box.top - box.bottom) > 0:
            gaps.append(blanks)
    if not gaps or not _are_columns(content, gaps):
        return content
    pieces, start = [], 0
    for gap in gaps:
        pieces.append(content[start : gap.start()])
        start = gap.end()
    return "\t".join([*pieces, content[start:]])


def _are_columns(content: str, gaps: list[re.Match[str]]) -> bool:
    """Whether gaps are between the columns of a table, not after a label or in a word that was set wide."""
    if _SPREAD.fullmatch(content):
        return False
    rest = content[gaps[0].end() :]
    return (
        len(gaps) > 1
        or _LABEL.fullmatch(content[: gaps[0].start()].strip()) is None
        or not _LETTER.search(rest)
    )
