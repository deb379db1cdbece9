"""Opens the text of a PDF page with all its lines: PDFium leaves out some if the font has no measures.

Such a font is one that the file only names, as many Chinese files do. A character that is drawn by itself has
then no width, and PDFium takes no notice of it. Nor does it of a text that is equal to one shortly before it,
because some programs draw a text twice, a little apart, to make it bold: how far apart may be is measured
by the width of the text, so that a line is lost that is equal to the line above it. Here all are read, but
for what is drawn again in the same place.
"""

from __future__ import annotations

import ctypes
import math
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

# With so many texts before it PDFium compares a text.
_COMPARED = 5
# PDFium takes no notice of a text that is no wider, in points.
_NO_WIDTH = 0.01
# A text is drawn again in the same place if it is moved by no more than this share of its size.
_SAME_PLACE = 0.15
# The widths of equal texts differ by no more than this share, for they are rounded.
_SAME_WIDTH = 0.01
# The box given to a character without measures has about its size: of smaller ones PDFium makes lines.
_OUTLINE = 0.9
# Forms, which are objects that hold others, are looked into so deep.
_MOST_DEPTH = 16


class _Box(NamedTuple):
    """The box around a text that a page draws, in points; ``handle`` is PDFium's object.

    A named tuple, because some programs draw each character by itself.
    """

    handle: Any
    left: float
    bottom: float
    right: float
    top: float

    def may_be_copy_of(self, before: _Box) -> bool:
        """Whether PDFium may take it for a copy of a text before it: equally wide, and not clearly apart."""
        width = self.right - self.left
        if abs(width - before.right + before.left) > _SAME_WIDTH * max(width, 1.0):
            return False
        if self.top <= self.bottom or before.top <= before.bottom:
            return True
        is_beside = self.left >= before.right or before.left >= self.right
        return not is_beside and self.bottom < before.top and before.bottom < self.top


# A text, and those before it that it may be a copy of.
_Suspect = tuple[Any, list[Any]]


def open_text(page: PdfPage) -> PdfTextPage:
    """The text of a page, with the texts that PDFium leaves out although they have a place of their own.

    If there are such, the page is changed in memory, but for what it shows.
    """
    from pypdfium2 import raw

    boxes = _list_boxes(page)
    if unmeasured := [box.handle for of_form in boxes for box in of_form if _has_no_measures(box)]:
        _give_widths(page, unmeasured)
        boxes = _list_boxes(page)
    text_page = page.get_textpage()
    suspects = list(_find_suspects(boxes))
    if not suspects:
        return text_page
    shown = _find_shown(text_page)
    left_out = [suspect for suspect in suspects if _find_address(suspect[0]) not in shown]
    copies = [text for text, before in left_out if _is_in_place(text, before)]
    if len(copies) == len(left_out):
        return text_page
    text_page.close()
    for text in copies:
        raw.FPDFPageObj_SetIsActive(text, False)
    _dissolve_forms(page)
    apart = [text for text, before in _find_suspects(_list_boxes(page)) if not _is_in_place(text, before)]
    _set_apart(page, set(map(_find_address, apart)))
    return page.get_textpage()


def _list_boxes(page: PdfPage) -> list[list[_Box]]:
    """The boxes of the texts of a page, and those of each form in it."""
    from pypdfium2 import raw

    lists: list[list[_Box]] = []
    _add_boxes(lists, page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, 0)
    return lists


def _add_boxes(
    lists: list[list[_Box]],
    holder: Any,
    count: Callable[[Any], int],
    find_object: Callable[[Any, int], Any],
    depth: int,
) -> None:
    from pypdfium2 import raw

    find_kind, find_bounds, text_kind = (
        raw.FPDFPageObj_GetType,
        raw.FPDFPageObj_GetBounds,
        raw.FPDF_PAGEOBJ_TEXT,
    )
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    places = [ctypes.byref(value) for value in (left, bottom, right, top)]
    boxes: list[_Box] = []
    lists.append(boxes)
    for index in range(count(holder)):
        handle = find_object(holder, index)
        kind = find_kind(handle)
        if kind == text_kind:
            find_bounds(handle, *places)
            boxes.append(_Box(handle, left.value, bottom.value, right.value, top.value))
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _MOST_DEPTH:
            _add_boxes(lists, handle, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, depth + 1)


def _has_no_measures(box: _Box) -> bool:
    """Whether a text has no width because its font is not in the file; a blank has none in any font."""
    if box.right - box.left >= _NO_WIDTH:
        return False
    from pypdfium2 import raw

    font = raw.FPDFTextObj_GetFont(box.handle)
    return bool(font) and raw.FPDFFont_GetIsEmbedded(font) == 0


def _find_suspects(boxes: Sequence[Sequence[_Box]]) -> Iterator[_Suspect]:
    """The texts that PDFium may take for copies of others."""
    for of_form in boxes:
        last: deque[_Box] = deque(maxlen=_COMPARED)
        for box in of_form:
            before = [other.handle for other in last if box.may_be_copy_of(other)]
            if before:
                yield box.handle, before
            last.append(box)


def _find_shown(text_page: PdfTextPage, *, with_blanks: bool = True) -> set[int]:
    """The addresses of the texts that a page has characters of."""
    from pypdfium2 import raw

    handle = text_page.raw
    return {
        _find_address(raw.FPDFText_GetTextObject(handle, index))
        for index in range(text_page.count_chars())
        if with_blanks or not chr(raw.FPDFText_GetUnicode(handle, index)).isspace()
    }


def _is_in_place(text: Any, others: Sequence[Any]) -> bool:
    """Whether a text is drawn on one of others."""
    x, y, size = _find_place(text)
    most = _SAME_PLACE * size
    places = map(_find_place, others)
    return any(abs(x - other_x) <= most and abs(y - other_y) <= most for other_x, other_y, _ in places)


def _find_place(text: Any) -> tuple[float, float, float]:
    """Where a text begins, and the size of its characters, in points."""
    from pypdfium2 import raw

    size, matrix = ctypes.c_float(), raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(text, matrix)
    raw.FPDFTextObj_GetFontSize(text, size)
    return matrix.e, matrix.f, size.value * math.hypot(matrix.c, matrix.d)


def _find_address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


def _give_widths(page: PdfPage, texts: Sequence[Any]) -> None:
    """Give boxes to texts that have none, by an outline around their characters, but for those of blanks."""
    from pypdfium2 import raw

    nowhere = raw.FS_MATRIX(1, 0, 0, 1, 0, 0)
    for text in texts:
        raw.FPDFPageObj_SetStrokeWidth(text, _OUTLINE * _find_place(text)[2])
        raw.FPDFTextObj_SetTextRenderMode(text, raw.FPDF_TEXTRENDERMODE_STROKE)
        # The box is measured again when the text is moved.
        raw.FPDFPageObj_TransformF(text, nowhere)
    text_page = page.get_textpage()
    written = _find_shown(text_page, with_blanks=False)
    text_page.close()
    for text in texts:
        if _find_address(text) not in written:
            raw.FPDFPageObj_SetIsActive(text, False)


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
