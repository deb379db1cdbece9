"""Reads the text layer of a PDF file: the lines of each page in reading order, and where they stand.

Text is what PDFium gives, a line at a time and in its order, which is that of the file. Columns of a table,
between which PDFium writes a blank, are kept apart by a tab.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
# A character that is lower by this share of its size is on the next line; characters of one line are as high
# but for this share of their height, and two of its parts are no farther apart than this, or overlap by half
# of a mark that is half blank.
_NEXT_LINE, _SAME_BASELINE, _SAME_PLACE, _OVERLAP = 0.5, 0.1, 0.25, 0.6
# A line was stretched if PDFium has written so many blanks in it, beside so large a share of its characters.
_FEWEST_STRETCHED, _SHARE_OF_STRETCHED = 6, 0.4
_BLANKS = compile_lazily(" +")
_WIDE = compile_lazily(r"[\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60‘’“”—…·]")
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
    its characters: words in another font or marks may be at its ends. ``page`` counts from 1. On its
    ``baseline`` its first character stands. ``room`` is how many characters its column has right of it;
    ``may_begin`` says that a paragraph begins with it if the line before ends with a sentence, ``goes_on``
    that it goes on with the paragraph of the line of the text before it. ``height_below`` is how far the last
    line of a row of a table is below the first.
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
    baseline: float
    is_after_gap: bool = False
    is_heading: bool = False
    room: float = math.inf
    may_begin: bool = False
    goes_on: bool = False
    height_below: float = 0.0


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
    before: PageLine | None = None
    for content, first in _divide(text_page, count):
        if first >= count or not clean(content).strip():
            continue
        last = first + len(content) - 1
        first += len(content) - len(content.lstrip())
        last = max(min(last - (len(content) - len(content.rstrip())), count - 1), first)
        begin, end = (text_page.get_charbox(index, loose=True) for index in (first, last))
        box_top, box_bottom = max(begin[3], end[3]), min(begin[1], end[1])
        sizes = [_find_size(text_page, index) for index in (first, last)]
        within = (first + (last - first) * part // _SAMPLES for part in range(1, _SAMPLES))
        line = PageLine(
            text=clean(_separate_columns(text_page, content.strip(), first, count)).strip(),
            left=_limit((min(begin[0], end[0]) - left) / width),
            top=_limit((top - box_top) / height),
            right=_limit((max(begin[2], end[2]) - left) / width),
            bottom=_limit((top - box_bottom) / height),
            height=_find_height(begin[3] - begin[1], sizes[0]) / width,
            size=min(sizes),
            larger_size=max(*sizes, *(_find_size(text_page, index) for index in within)),
            page=number,
            baseline=round((top - _find_origin(text_page, first)[1]) / height, 4),
        )
        if before and _is_rest_of(line, before):
            before = _join(before, line)
            continue
        if before:
            yield before
        before = line
    if before:
        yield before
    text_page.close()


def _divide(page: PdfTextPage, count: int) -> Iterator[tuple[str, int]]:
    """The lines of a page of ``count`` characters, each with the index of its first.

    PDFium writes a blank in place of a line end before a flat character, such as a dash.
    """
    text = page.get_text_range() if count else ""
    position = 0
    for content in text.split("\r\n"):
        start = 0
        for blanks in _BLANKS.finditer(content):
            index, following = position + blanks.start() - 1, position + blanks.end()
            if not position <= index < following < min(position + len(content), count):
                continue
            (x, y), (next_x, next_y) = _find_origin(page, index), _find_origin(page, following)
            if next_x < x and y - next_y > _find_size(page, index) * _NEXT_LINE:
                yield content[start : blanks.start()], position + start
                start = blanks.end()
        yield content[start:], position + start
        position += len(content) + 2


def _is_rest_of(line: PageLine, before: PageLine) -> bool:
    """Whether PDFium has divided a line without a gap, as it does after a flat character."""
    gap = line.left - before.right
    return (
        line.size == before.size
        and abs(line.baseline - before.baseline) < _SAME_BASELINE * (line.bottom - line.top)
        and -_OVERLAP * line.height < gap < _SAME_PLACE * line.height
    )


def _join(line: PageLine, rest: PageLine) -> PageLine:
    return replace(
        line,
        text=line.text + rest.text,
        top=min(line.top, rest.top),
        right=rest.right,
        bottom=max(line.bottom, rest.bottom),
        larger_size=max(line.larger_size, rest.larger_size),
    )


def _find_height(box: float, size: float) -> float:
    """The height of a character: the size of its font, unless the font is not drawn in its size."""
    return size if size >= box / 2 else max(box, 0.0)


def _find_origin(page: PdfTextPage, index: int) -> tuple[float, float]:
    """Where a character stands, in points from the left and lower sides of the page."""
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(page, index, x, y)
    return x.value, y.value


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

    A gap is measured from the last blank before it: one that PDFium wrote for the gap has no width. A line
    of wide characters that was stretched to fill its column has no gaps.
    """
    if " " not in content:
        return content
    from pypdfium2 import raw

    if stretched := _find_stretched(page, content, first):
        return "".join(character for place, character in enumerate(content) if place not in stretched)

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
        # A blank that PDFium wrote may stand where the character before it begins.
        if read_box(handle, first + blanks.start() - 1, box):
            right = max(right, box.right)
        if not read_box(handle, index, box) or box.top <= box.bottom:
            continue
        # The box of a dash is flat.
        if box.left - right >= least * max(box.top - box.bottom, _find_size(page, index)):
            gaps.append(blanks)
    if not gaps or not _are_columns(content, gaps):
        return content
    pieces, start = [], 0
    for gap in gaps:
        pieces.append(content[start : gap.start()])
        start = gap.end()
    return "\t".join([*pieces, content[start:]])


def _find_stretched(page: PdfTextPage, content: str, first: int) -> set[int]:
    """The places of the blanks that PDFium wrote into a line because its characters are far apart."""
    from pypdfium2 import raw

    beside_wide = [
        blanks.start()
        for blanks in _BLANKS.finditer(content)
        if blanks.end() - blanks.start() == 1
        and (_WIDE.match(content, blanks.start() - 1) or _WIDE.match(content, blanks.end()))
    ]
    least = max(_FEWEST_STRETCHED, _SHARE_OF_STRETCHED * (len(content) - content.count(" ")))
    if len(beside_wide) < least:
        return set()
    written = {place for place in beside_wide if raw.FPDFText_IsGenerated(page, first + place) == 1}
    return written if len(written) >= least else set()


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
