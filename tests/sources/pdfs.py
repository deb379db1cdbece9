"""Makes the PDF files of the tests with reportlab: Chinese text in a font that no file need have."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

_FONT = "STSong-Light"
_WIDTH, _HEIGHT = A4
_LEFT, _SIZE = 72.0, 12
CHARACTERS_IN_LINE = int((_WIDTH - 2 * _LEFT) / _SIZE)
LINES_ON_PAGE = 20


def make_pdf(
    paragraphs: Sequence[str], head: str = "某县人民政府公报", foot: str = "— {} —", password: str = ""
) -> bytes:
    """A printed text: indented paragraphs in full lines, a running head and a page number on each page."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    stream = io.BytesIO()
    encryption = StandardEncryption(password) if password else None
    canvas = Canvas(stream, pagesize=A4, invariant=True, encrypt=encryption)
    canvas.setTitle("公报")
    lines = [line for paragraph in paragraphs for line in _break(paragraph)]
    for page, first in enumerate(range(0, len(lines), LINES_ON_PAGE), 1):
        # As many writers do: what every page has comes before the text of the page.
        canvas.setFont(_FONT, 9)
        canvas.drawString(_LEFT, _HEIGHT - 60, head)
        canvas.drawCentredString(_WIDTH / 2, 50, foot.format(page))
        canvas.setFont(_FONT, _SIZE)
        for row, line in enumerate(lines[first : first + LINES_ON_PAGE]):
            text = line.lstrip("\u3000")
            left = _LEFT + _SIZE * (len(line) - len(text))
            canvas.drawString(left, _HEIGHT - 100 - row * _SIZE * 1.6, text)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def make_sized_pdf(pages: Sequence[Sequence[tuple[str, int]]]) -> bytes:
    """Pages of lines, each with the size of its characters; the lines are as close as their sizes allow."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=True)
    for lines in pages:
        top = _HEIGHT - 100
        for text, size in lines:
            canvas.setFont(_FONT, size)
            canvas.drawString(_LEFT, top, text)
            top -= size * 1.6
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def make_placed_pdf(pages: Sequence[Sequence[tuple[str, float, float]]]) -> bytes:
    """Pages of lines: each with the size of its characters and its distance from the top, in points."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=True)
    for lines in pages:
        for text, size, top in lines:
            canvas.setFont(_FONT, size)
            canvas.drawString(_LEFT, _HEIGHT - top, text)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def make_drawn_pdf(pages: Sequence[Sequence[tuple[str, float, float, float]]], title: str = "") -> bytes:
    """Pages of texts in the order in which they are drawn: each with its size, left and top in points.

    A page without texts has a drawing.
    """
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=True)
    if title:
        canvas.setTitle(title)
    for texts in pages:
        for text, size, left, top in texts:
            canvas.setFont(_FONT, size)
            canvas.drawString(left, _HEIGHT - top, text)
        if not texts:
            canvas.rect(100, 100, 200, 200, fill=1)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def make_scan(pages: int) -> bytes:
    """A file whose pages have a drawing and no text."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=True)
    for _ in range(pages):
        canvas.rect(100, 100, 200, 200, fill=1)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _break(paragraph: str) -> list[str]:
    text = "\u3000\u3000" + paragraph
    return [text[at : at + CHARACTERS_IN_LINE] for at in range(0, len(text), CHARACTERS_IN_LINE)]
