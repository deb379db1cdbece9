"""Reduces the XML of a Word document to its text: headings, lists, tables and notes as Markdown.

The text of the record is that of several members of the file, one after another. Headers and footers, which
every page repeats, and tables of contents are left out by edits of the step ``layout``, all other markup by
edits of the step ``docx``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from hanpack.steps.page.docx_body import BodyReader
from hanpack.steps.page.docx_styles import Numbering, Styles
from hanpack.steps.page.docx_titles import find_title
from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.page.html_tables import with_data_tables
from hanpack.steps.page.kept_lines import keep_lines
from hanpack.steps.page.printed_lines import BLOCK_START
from hanpack.steps.page.stated_date import find_stated_date
from hanpack.steps.page.xml_events import XmlEvent, read_xml
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced

STEP = "docx"
LAYOUT_STEP = "layout"
_TITLE_MARK = "# "
# The members that are read, by the ends of the types of their relationships, in the order of a record.
BODY, STYLES, NUMBERING = "officeDocument", "styles", "numbering"
NOTES = ("footnotes", "endnotes")
LAYOUT = ("header", "footer")
ROLES = (BODY, *NOTES, STYLES, NUMBERING, *LAYOUT)

Span = tuple[int, int]


class DocxMember(NamedTuple):
    """A member of a file: what it is to the document, and its size in bytes."""

    role: str
    size: int


def reduce_docx(traced: Traced, members: Sequence[DocxMember]) -> Traced:
    """Keep the text of a Word document; ``members`` are those that its text consists of, in order.

    >>> from hanpack.steps.decode.decoding import decode
    >>> xml = '<w:document xmlns:w="wordprocessingml/main"><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:document>'
    >>> reduced = reduce_docx(decode(xml.encode(), "utf-8"), [DocxMember(BODY, len(xml.encode()))])
    >>> reduced.text, reduced.alignment.source_span(0, 1)
    ('甲', (59, 62))

    Raises:
        RecordError: a member is not well-formed, or has a document type.
    """
    parts = list(_divide(traced, members))
    reader = BodyReader(Styles(_read(traced, parts, STYLES)), Numbering(_read(traced, parts, NUMBERING)))
    for role in (BODY, *NOTES):
        reader.read(_read(traced, parts, role))
    page = with_data_tables(
        HtmlPage(
            elements=reader.lines.finish(),
            lines=reader.lines.lines,
            posts=(),
            tables=reader.lines.tables,
        )
    )
    layout = reader.left_out + [span for role, span in parts if role in LAYOUT and span[0] < span[1]]
    starts = [start for start, _ in layout]
    chosen = {
        number
        for number, line in enumerate(page.lines)
        if not _is_within(line.runs[0].start, layout, bisect_right(starts, line.runs[0].start) - 1)
    }
    changes = list(keep_lines(_blank_out(traced.text, layout), page, chosen))
    reduced = _apply_both(traced, changes, layout)
    return reduced.with_metadata(_find_metadata(reduced.text, find_title(reader.looks)))


def _find_metadata(text: str, title: str | None) -> dict[str, object]:
    """The title, and the day that the text states.

    The title is the heading that the text begins with, if it is its only one of the highest level and not the
    first of numbered ones; else the first line that looks like one, in a document without headings.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    metadata: dict[str, object] = {}
    titles = [line for line in lines if line.startswith(_TITLE_MARK)]
    if titles:
        title = lines[0][len(_TITLE_MARK) :] if lines[:1] == titles else None
        title = None if title and BLOCK_START.match(title) else title
    if title:
        metadata["title"] = title
    if date := find_stated_date(lines):
        metadata["date"] = date
    return metadata


def _divide(traced: Traced, members: Sequence[DocxMember]) -> Iterator[tuple[str, Span]]:
    """The span of each member in the text."""
    ends = np.array(list(accumulate(member.size for member in members)), dtype=np.int64)
    ends += traced.alignment.source[0]
    sizes = np.array([member.size for member in members], dtype=np.int64)
    starts, stops = traced.alignment.text_spans(ends - sizes, ends)
    for member, start, stop in zip(members, starts.tolist(), stops.tolist(), strict=True):
        yield member.role, (start, stop)


def _read(traced: Traced, parts: Iterable[tuple[str, Span]], role: str) -> Iterator[XmlEvent]:
    for name, (start, end) in parts:
        if name == role and start < end:
            yield from read_xml(traced.text[start:end], start)


def _blank_out(text: str, spans: Iterable[Span]) -> str:
    """The text without the characters of some spans, so that no line break in them is kept; same length."""
    pieces, place = [], 0
    for start, end in spans:
        pieces += [text[place:start], "\0" * (end - start)]
        place = end
    return "".join([*pieces, text[place:]])


def _is_within(place: int, spans: Sequence[Span], index: int) -> bool:
    return index >= 0 and spans[index][0] <= place < spans[index][1]


def _apply_both(traced: Traced, changes: Sequence[Replacement], layout: Sequence[Span]) -> Traced:
    """Remove the layout, then carry out the changes of the other markup, which must not cover its bytes."""
    if not layout:
        return traced.apply(STEP, changes)
    removed = list(accumulate((end - start for start, end in layout), initial=0))
    starts = [start for start, _ in layout]

    def shift(place: int) -> int:
        """The place in the text without the layout."""
        index = bisect_right(starts, place) - 1
        if index < 0:
            return place
        start, end = layout[index]
        return place - removed[index] - (min(place, end) - start)

    outside = [
        Replacement(shift(piece.start), shift(piece.end), piece.text)
        for change in changes
        for piece in _cut(change, layout, starts)
    ]
    return traced.apply(LAYOUT_STEP, [Replacement(*span) for span in layout]).apply(STEP, outside)


def _cut(change: Replacement, layout: Sequence[Span], starts: Sequence[int]) -> Iterator[Replacement]:
    """The parts of a change outside of the layout; what is inserted or replaced is never in it."""
    if change.text:
        yield change
        return
    place = change.start
    for start, end in layout[
        max(bisect_right(starts, change.start) - 1, 0) : bisect_right(starts, change.end)
    ]:
        if place < min(start, change.end):
            yield Replacement(place, min(start, change.end))
        place = max(place, end)
    if place < change.end:
        yield Replacement(place, change.end)
