"""Opens the text of a PDF page with all its lines: PDFium leaves out one that equals a line shortly before.

It does so because some programs draw a text twice, a little apart, to make it bold. How far apart it may be
is measured by its width, and if the font has no measures, as a Chinese font that the file only names, a line
equal to the line above it is left out. Here only what is drawn again in the same place is left out.
"""

from __future__ import annotations

import ctypes
import math
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

# With so many texts before it PDFium compares a text.
_COMPARED = 5
# A text is drawn again in the same place if it is moved by no more than this share of its size.
_SAME_PLACE = 0.15
# The widths of equal texts differ by no more than this share, for they are rounded.
_SAME_WIDTH = 0.01
# Forms, which are objects that hold others, are looked into so deep.
_MOST_DEPTH = 16


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that a page draws, in points: where it begins, the size of its characters, and its box.

    ``handle`` is PDFium's object and ``address`` says which one it is.
    """

    handle: Any
    address: int
    x: float
    y: float
    size: float
    width: float
    bottom: float
    top: float

    def is_as_wide_as(self, other: _Text) -> bool:
        """Whether it may be equal to another text."""
        return abs(self.width - other.width) <= _SAME_WIDTH * max(self.width, 1.0)

    def overlaps(self, other: _Text) -> bool:
        """Whether it is not clearly above or below another; a box without height says nothing."""
        if self.top <= self.bottom or other.top <= other.bottom:
            return True
        return self.bottom < other.top and other.bottom < self.top

    def is_in_place_of(self, other: _Text) -> bool:
        """Whether it is drawn on another text."""
        most = _SAME_PLACE * max(self.size, other.size)
        return abs(self.x - other.x) <= most and abs(self.y - other.y) <= most


def open_text(page: PdfPage) -> PdfTextPage:
    """The text of a page, with the texts that PDFium leaves out although they have a place of their own.

    If there are such, the page is changed in memory, but for what it shows.
    """
    from pypdfium2 import raw

    text_page = page.get_textpage()
    suspects = list(_find_suspects(page))
    if not suspects:
        return text_page
    shown = {
        _find_address(raw.FPDFText_GetTextObject(text_page, index))
        for index in range(text_page.count_chars())
    }
    left_out = [(text, before) for text, before in suspects if text.address not in shown]
    copies = [text for text, before in left_out if any(map(text.is_in_place_of, before))]
    if len(copies) == len(left_out):
        return text_page
    text_page.close()
    for text in copies:
        raw.FPDFPageObj_SetIsActive(text.handle, False)
    _dissolve_forms(page)
    _set_apart(
        page,
        {text.address for text, before in _find_suspects(page) if not any(map(text.is_in_place_of, before))},
    )
    return page.get_textpage()


def _find_suspects(page: PdfPage) -> Iterator[tuple[_Text, list[_Text]]]:
    """The texts of a page that PDFium may take for copies, each with those that it may be a copy of."""
    from pypdfium2 import raw

    handle = page.raw
    yield from _find_in_list(
        raw.FPDFPage_CountObjects(handle), lambda index: raw.FPDFPage_GetObject(handle, index), _MOST_DEPTH
    )


def _find_in_list(
    count: int, find_object: Callable[[int], Any], depth: int
) -> Iterator[tuple[_Text, list[_Text]]]:
    from pypdfium2 import raw

    last: deque[_Text] = deque(maxlen=_COMPARED)
    for index in range(count):
        handle = find_object(index)
        kind = raw.FPDFPageObj_GetType(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth:
            yield from _find_in_list(
                raw.FPDFFormObj_CountObjects(handle),
                lambda index, form=handle: raw.FPDFFormObj_GetObject(form, index),  # type: ignore[misc]
                depth - 1,
            )
        if kind != raw.FPDF_PAGEOBJ_TEXT:
            continue
        text = _measure(handle)
        before = [other for other in last if text.is_as_wide_as(other) and text.overlaps(other)]
        if before:
            yield text, before
        last.append(text)


def _measure(handle: Any) -> _Text:
    from pypdfium2 import raw

    left, bottom, right, top, size = (ctypes.c_float() for _ in range(5))
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetBounds(handle, left, bottom, right, top)
    raw.FPDFPageObj_GetMatrix(handle, matrix)
    raw.FPDFTextObj_GetFontSize(handle, size)
    return _Text(
        handle,
        _find_address(handle),
        matrix.e,
        matrix.f,
        size.value * math.hypot(matrix.c, matrix.d),
        right.value - left.value,
        bottom.value,
        top.value,
    )


def _find_address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


def _dissolve_forms(page: PdfPage) -> None:
    """Make the texts in the forms of a page objects of the page itself, in their place and order."""
    from pypdfium2 import raw

    handle, matrix = page.raw, raw.FS_MATRIX()
    index = 0
    # The number of objects grows: a form in a form comes after it.
    while index < raw.FPDFPage_CountObjects(handle):
        form = raw.FPDFPage_GetObject(handle, index)
        index += 1
        if raw.FPDFPageObj_GetType(form) != raw.FPDF_PAGEOBJ_FORM:
            continue
        raw.FPDFPageObj_GetMatrix(form, matrix)
        children = [
            raw.FPDFFormObj_GetObject(form, place) for place in range(raw.FPDFFormObj_CountObjects(form))
        ]
        kinds = (raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_FORM)
        held = [child for child in children if raw.FPDFPageObj_GetType(child) in kinds]
        for place, child in enumerate(held, index):
            raw.FPDFFormObj_RemoveObject(form, child)
            raw.FPDFPageObj_TransformF(child, matrix)
            raw.FPDFPage_InsertObjectAtIndex(handle, child, place)


def _set_apart(page: PdfPage, addresses: Collection[int]) -> None:
    """Put so many empty texts before each of some texts of a page that it is compared with no other."""
    from pypdfium2 import raw

    handle, document = page.raw, page.pdf.raw
    font = raw.FPDFText_LoadStandardFont(document, b"Helvetica")
    for index in reversed(range(raw.FPDFPage_CountObjects(handle))):
        if _find_address(raw.FPDFPage_GetObject(handle, index)) in addresses:
            for _ in range(_COMPARED):
                empty = raw.FPDFPageObj_CreateTextObj(document, font, 1.0)
                raw.FPDFPage_InsertObjectAtIndex(handle, empty, index)
    raw.FPDFFont_Close(font)
