"""The texts of a record as its source has them: as decoded, and of an HTML page also what a reader sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hanpack.errors import RecordError
from hanpack.lazy_patterns import compile_lazily
from hanpack.model import Record
from hanpack.record_texts import read_text
from hanpack.steps.alignment import Positions
from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.html import is_html
from hanpack.steps.page.html_text import read_html
from hanpack.steps.traced import Traced

_TAG = compile_lazily(r"<[^<>]*+>")
# The encodings in which the bytes of a record are read whose own is not known.
_ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16-le")


@dataclass(frozen=True, slots=True)
class RawText:
    """A text of a record; ``places`` is where each of its characters begins in the decoded text.

    ``places`` has the shape (characters,) and is None if the text is the decoded one.
    """

    text: str
    traced: Traced
    places: Positions | None = None

    def find_bytes(self, start: int, end: int) -> tuple[int, int]:
        """The bytes of the source that a span of the text is made from."""
        if self.places is not None:
            start, end = int(self.places[start]), int(self.places[end - 1]) + 1
        return self.traced.alignment.source_span(start, end)


def read_raw_texts(record: Record) -> Iterator[RawText]:
    """The texts of a record, also of one that the flow rejects: bytes that are not text become U+FFFD."""
    for traced in _decode(record):
        yield RawText(traced.text, traced)
        if is_html(traced.text):
            yield _read_visible(traced)
    if record.wrapping == "docx":
        # Its text was reduced when it was read: page headers and deletions are only in the XML.
        xml = decode(record.data, "utf-8", record.byte_start, record.terminator, len(record.data))
        yield _read_between_tags(xml)


def _decode(record: Record) -> Iterator[Traced]:
    encoding = record.encoding or record.source.encoding
    if encoding is not None:
        try:
            yield read_text(record)
        except RecordError:
            pass
        else:
            return
    for name in (encoding,) if encoding else _ENCODINGS:
        plain = record._replace(wrapping="plain", max_invalid=len(record.data))
        try:
            yield decode(plain.data, name, plain.byte_start, plain.terminator, plain.max_invalid)
        except RecordError:
            continue


def _read_between_tags(traced: Traced) -> RawText:
    """What stands between the tags of XML, a line for each paragraph."""
    is_text = np.ones(len(traced.text), np.bool_)
    for tag in _TAG.finditer(traced.text):
        # The first character of the tag that ends a paragraph stays, as a line feed.
        is_text[tag.start() + (tag.group() == "</w:p>") : tag.end()] = False
    places = np.flatnonzero(is_text)
    text = "".join(traced.text[place] for place in places.tolist()).replace("<", "\n")
    return RawText(text, traced, places)


def _read_visible(traced: Traced) -> RawText:
    """The visible text of a page, line by line."""
    pieces: list[str] = []
    places = [np.zeros(0, np.int64)]
    for line in read_html(traced.text).lines:
        for run in line.runs:
            pieces.append(run.text)
            length = len(run.text)
            is_literal = run.end - run.start == length
            places.append(np.arange(length) + run.start if is_literal else np.full(length, run.start))
        pieces.append("\n")
        places.append(places[-1][-1:] if len(places[-1]) else np.zeros(1, np.int64))
    return RawText("".join(pieces), traced, np.concatenate(places))
