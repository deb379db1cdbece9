"""PDF files with a text layer: a file is a record; spans count in the UTF-8 of the lines of its pages."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from hanpack.errors import RecordError
from hanpack.lazy_patterns import compile_lazily
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits
from hanpack.sources.content import open_content
from hanpack.sources.damage import describe_damage
from hanpack.sources.default_properties import drop_defaults
from hanpack.sources.pdf_cells import join_rows
from hanpack.sources.pdf_fonts import without_system_fonts
from hanpack.sources.pdf_headings import mark_headings
from hanpack.sources.pdf_order import order_pages
from hanpack.sources.pdf_text import PageLine, clean, count_objects, has_text, read_page
from hanpack.sources.source_files import (
    EXCERPT_BYTES,
    Excerpt,
    RawReader,
    SourceFile,
    SourceReader,
    Survey,
    refuse_length,
)
from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.printed_pages import undo_layout
from hanpack.steps.page.stated_date import find_stated_date
from hanpack.steps.traced import PageRegion

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

LINE_END, PAGE_END = b"\n", b"\f"
# The properties of a file that become metadata; when it was made is not the date of the document.
_PROPERTIES = {"Title": "title", "Author": "author", "CreationDate": "creation_date"}
_DATE = compile_lazily(r"(?:D:)?(\d{4})(\d\d)(\d\d)")
_EXCERPT_PAGES = 16
# The largest heading is the title if no more lines are above it: the number of a paper, a date.
_TITLE_MARK, _LINES_ABOVE_TITLE = "# ", 4
# The head of an official paper, or of the bulletin of an authority: that of statistics is a text by itself.
_PAPER = compile_lazily(
    r"(?:文件|简报|^公报|(?:政府|委|委员会|常委会|办公室|办公厅|协会|学会|[局厅部院署])公报)$"
)
# The share of the page's height that the text of its last page ends in.
_LAST_OF_TEXT = 0.92


class PdfReader(SourceReader):
    """PDF; a file that is encrypted, or a scan without text, is rejected as such."""

    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """An empty sample, because the encoding is fixed; the fault says why the file has no text."""
        try:
            with _open(file, max_expansion) as document:
                if not has_text(document):
                    return b"", Reason(Cause.NO_TEXT_LAYER, {"pages": len(document)})
        except RecordError as error:
            return b"", error.reason
        return b"", None

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The text of the first pages, without their layout."""
        with _open(survey.file, Limits().max_expansion) as document:
            pages = len(document)
            read = list(_Pages(document).read(_EXCERPT_PAGES))
        regions = tuple(chain.from_iterable(places for _, places in read))
        traced = replace(decode(b"".join(piece for piece, _ in read), "utf-8"), regions=regions)
        text = undo_layout(traced).text[:EXCERPT_BYTES]
        return Excerpt(text=text, encoding="utf-8", scale=max(pages / _EXCERPT_PAGES, 1.0))

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The file, with its title, author and date, and the page and box of each line."""
        file, limit = survey.file, limits.max_record_bytes
        pieces: list[bytes] = []
        regions: list[PageRegion] = []
        size = 0
        with _open(file, limits.max_expansion) as document:
            properties = _read_properties(document)
            pages = _Pages(document)
            for data, places in pages.read():
                size += len(data)
                if size <= limit:
                    pieces.append(data)
                    regions += places
        fault = refuse_length(size, limit) or pages.fault
        yield Record(
            source=source,
            index=0,
            data=b"" if fault else b"".join(pieces),
            byte_start=0,
            byte_end=size,
            wrapping="pdf",
            regions=() if fault else tuple(regions),
            metadata={**pages.find_metadata(), **properties, **file.options.metadata},
            fault=fault,
        )

    @contextmanager
    def open_raw(self, file: SourceFile, max_expansion: int) -> Iterator[RawReader]:
        """The lines of all pages as UTF-8."""
        try:
            with _open(file, max_expansion) as document:
                data = b"".join(piece for piece, _ in _Pages(document).read())
        except RecordError as error:
            raise OSError(str(error.reason)) from error
        yield io.BytesIO(data)


@contextmanager
def _open(file: SourceFile, max_expansion: int) -> Iterator[PdfDocument]:
    """Open a file.

    Raises:
        OSError: it cannot be read.
        RecordError: it is encrypted or no PDF, or PDFium is not installed.
    """
    try:
        import pypdfium2
    except ImportError as error:
        raise RecordError(Reason(Cause.MISSING_PACKAGE, {"package": "pypdfium2", "extra": "docs"})) from error
    with open_content(file, max_expansion) as content:
        data = content.read()
    with without_system_fonts():
        try:
            document = pypdfium2.PdfDocument(data)
            pages = len(document)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD:
                raise RecordError(Reason(Cause.ENCRYPTED, {"detail": "it needs a password"})) from error
            raise RecordError(Reason(Cause.INVALID_PDF, {"detail": describe_damage(error)})) from error
        try:
            if not pages:
                raise RecordError(Reason(Cause.INVALID_PDF, {"detail": "it has no pages"}))
            yield document
        except pypdfium2.PdfiumError as error:
            raise RecordError(Reason(Cause.INVALID_PDF, {"detail": describe_damage(error)})) from error
        finally:
            document.close()


class _Pages:
    """The lines of the pages of a document; a damaged page ends them, and is the ``fault``."""

    def __init__(self, document: PdfDocument) -> None:
        self.fault: Reason | None = None
        self._document = document
        self._page_count = len(document)
        self._without_text: list[int] = []
        self._first: list[PageLine] = []
        self._last: list[PageLine] = []

    def read(self, most: int | None = None) -> Iterator[tuple[bytes, list[PageRegion]]]:
        """Each page as UTF-8, and where its lines stand; a line feed ends a line, a form feed a page.

        ``most`` is how many pages are read.
        """
        position = 0
        lines_of_pages = list(self._read_lines(most))
        order_pages(lines_of_pages)
        for lines in mark_headings(lines_of_pages):
            pieces: list[bytes] = []
            regions = []
            self._first, self._last = self._first or lines, lines or self._last
            for line in lines:
                if line.is_after_gap and position:
                    pieces.append(LINE_END)
                    position += 1
                data = line.text.encode("utf-8")
                end = position + len(data)
                box = (line.left, line.top, line.right, line.bottom)
                regions.append(PageRegion(position, end, line.page, *box, goes_on=line.goes_on))
                pieces += (data, LINE_END)
                position = end + 1
            pieces.append(PAGE_END)
            position += 1
            yield b"".join(pieces), regions

    def find_metadata(self) -> dict[str, object]:
        """The title and the day that the pages state, and which show something but have no text.

        The pages have been read.
        """
        metadata: dict[str, object] = {}
        if self._without_text:
            metadata["page_count"] = self._page_count
            metadata["pages_without_text"] = write_ranges(self._without_text)
        titles = [
            (index, line.text[len(_TITLE_MARK) :])
            for index, line in enumerate(self._first)
            if line.is_heading and line.text.startswith(_TITLE_MARK)
        ]
        # The head of an official paper is larger than its title.
        if len(titles) == 1 and titles[0][0] <= _LINES_ABOVE_TITLE and not _PAPER.search(titles[0][1]):
            metadata["title"] = titles[0][1]
        # A page number is below the last line of a text.
        last = [line.text for line in self._last if line.bottom < _LAST_OF_TEXT]
        lines = [line.text for line in self._first] + (last if self._last is not self._first else [])
        if date := find_stated_date(lines):
            metadata["date"] = date
        return metadata

    def _read_lines(self, most: int | None) -> Iterator[list[PageLine]]:
        from pypdfium2 import PdfiumError

        for number in range(1, min(self._page_count, most or sys.maxsize) + 1):
            try:
                page = self._document[number - 1]
                lines = join_rows(read_page(page, number))
                if not lines and count_objects(page):
                    self._without_text.append(number)
                page.close()
            except PdfiumError as error:
                self.fault = Reason(Cause.INVALID_PDF, {"detail": f"page {number}: {describe_damage(error)}"})
                return
            yield lines


def write_ranges(numbers: Sequence[int]) -> str:
    """Numbers, which increase, with a dash for those between the first and the last of a row.

    >>> write_ranges([2, 4, 5, 6])
    '2, 4-6'
    """
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        first = ranges.pop()[0] if ranges and ranges[-1][1] == number - 1 else number
        ranges.append((first, number))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _read_properties(document: PdfDocument) -> dict[str, object]:
    metadata: dict[str, object] = {}
    for key, name in _PROPERTIES.items():
        try:
            value = clean(document.get_metadata_value(key)).strip()
        except UnicodeDecodeError:
            continue
        if name == "creation_date":
            date = _DATE.match(value)
            value = "-".join(date.groups()) if date else ""
        if value:
            metadata[name] = value
    return drop_defaults(metadata)
