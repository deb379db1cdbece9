"""Recognises what a parser of documents wrote as JSON, and makes one record of it.

The content is the file, unless the objects of a DoclingDocument are not in reading order: then those come
first, in reading order, and all other bytes after them, so that bytes follow one another as the text does.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.docling import read_docling
from hanpack.sources.located_json import LocatedObject, LocatedString, parse_located
from hanpack.sources.mineru import read_content_list, read_middle
from hanpack.sources.parsed_items import Kind, PageBox, ParsedDocument, ParsedItem
from hanpack.steps.page.parsed_text import PieceKind, TextPiece
from hanpack.steps.traced import PageRegion

_DOCLING = compile_lazily(rb'\s*\{[^{}\[\]]{0,400}?"schema_name"\s*:\s*"DoclingDocument"')
_MIDDLE = compile_lazily(rb'\s*\{\s*"pdf_info"\s*:\s*\[')
# The first object of a list, if no other object is in it.
_FIRST_OBJECT = compile_lazily(rb'\s*\[\s*(\{(?>"(?>[^"\\]|\\.)*+"|[^"{}])*+\})', re.DOTALL)
_NARROW = compile_lazily(r"[!-~\u00c0-\u024f]")
_FENCE = "```"
# A table may have this many times as many places as cells, as one of a page has.
_MOST_PLACES_FOR_A_CELL = 4
_PIECE_KINDS: Mapping[Kind, PieceKind] = {"layout": "layout", "html": "html"}


@dataclass(frozen=True, slots=True)
class ParsedRecord:
    """The content of a file, the pieces of it that are text, the pages these stand on, and metadata."""

    content: bytes
    pieces: tuple[TextPiece, ...]
    regions: tuple[PageRegion, ...]
    metadata: Mapping[str, object]


def is_parsed_document(head: bytes) -> bool:
    """Whether a file of JSON begins as one that Docling or MinerU wrote.

    >>> is_parsed_document(b'{"schema_name": "DoclingDocument"'), is_parsed_document(b'[{"text": "a"}]')
    (True, False)
    """
    head = head.removeprefix(b"\xef\xbb\xbf")
    return bool(_DOCLING.match(head) or _MIDDLE.match(head)) or _is_content_list(head)


def _is_content_list(head: bytes) -> bool:
    """Whether the first element of a list is an item of a page."""
    first = _FIRST_OBJECT.match(head)
    try:
        item = json.loads(first[1]) if first else None
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(item, dict) and isinstance(item.get("page_idx"), int) and isinstance(item.get("type"), str)
    )


def read_parsed_document(data: bytes) -> ParsedRecord | None:
    """The record of a file that :func:`is_parsed_document` recognised; None if it is no JSON in UTF-8."""
    try:
        text = data.decode("utf-8")
        root = parse_located(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    document = _read(root)
    written = list(_list_strings(document.items))
    shift = len(text) - len(text.removeprefix("\ufeff"))
    offsets = _find_offsets(text, _list_characters(document, written), shift)
    moved = [(offsets[value.start], offsets[value.end]) for value in document.objects]
    segments = _arrange(moved, len(data))
    pieces: list[TextPiece] = []
    regions: list[PageRegion] = []
    for piece in written:
        start = _move(offsets[piece.start], segments)
        end = start + offsets[piece.end] - offsets[piece.start]
        pieces.append(TextPiece(start, end, piece.before, piece.kind))
        if piece.place and start < end:
            regions.append(PageRegion(start, end, piece.place.page, *(piece.place.box or (None,) * 4)))
    return ParsedRecord(
        content=b"".join(data[start:end] for start, end, _ in sorted(segments, key=_get_offset)),
        pieces=tuple(sorted(pieces, key=_get_start)),
        regions=tuple(sorted(regions, key=_get_start)),
        metadata=document.metadata or {},
    )


def _read(root: object) -> ParsedDocument:
    if isinstance(root, list):
        return read_content_list(root)
    if not isinstance(root, LocatedObject):
        return ParsedDocument(())
    return read_middle(root) if "pdf_info" in root else read_docling(root)


@dataclass(frozen=True, slots=True)
class _WrittenString:
    """A string of a file, by its characters, as a piece of the text."""

    start: int
    end: int
    before: str
    kind: PieceKind
    place: PageBox | None


def _list_strings(items: Sequence[ParsedItem]) -> Iterator[_WrittenString]:
    """The strings of the items in order, each with what is inserted between the text before it and it."""
    waiting = ""
    has_text = is_apart = False
    last = 0
    for item in items:
        if item.kind == "layout":
            yield from (_write(string, "", item, number) for number, string in enumerate(item.strings))
            continue
        # A table, a formula and code are set apart by blank lines.
        apart = bool(item.rows) or item.kind in ("html", "code", "formula")
        waiting += ("\n\n" if apart or is_apart else "\n") if has_text else ""
        mark, waiting = waiting, ""
        for string, before, number in _set_item(item):
            if string is None:
                waiting += before
                continue
            yield _write(string, mark + waiting + before, item, number)
            mark = waiting = ""
            last, has_text = string.end, True
        waiting = mark + waiting
        is_apart = apart
    if waiting:
        yield _WrittenString(last, last, waiting, "text", None)


def _write(string: LocatedString, before: str, item: ParsedItem, number: int) -> _WrittenString:
    place = item.places[min(number, len(item.places) - 1)] if item.places else None
    kind: PieceKind = "cell" if item.rows else _PIECE_KINDS.get(item.kind, "text")
    return _WrittenString(string.start, string.end, before, kind, place)


def _set_item(item: ParsedItem) -> Iterator[tuple[LocatedString | None, str, int]]:
    """The strings of an item with what is inserted before each; without a string, what ends the item."""
    if item.rows:
        yield from _set_table(item)
        return
    fence = _FENCE if item.kind == "code" and not item.strings[0].lstrip().startswith(_FENCE) else ""
    previous = ""
    for number, string in enumerate(item.strings):
        is_apart = previous and _NARROW.match(previous) and _NARROW.match(string[0])
        before = (f"{fence}\n" if fence else item.prefix) if not number else " " * bool(is_apart)
        yield string, before, number
        previous = string[-1]
    if fence:
        yield None, f"\n{fence}", 0


def _set_table(item: ParsedItem) -> Iterator[tuple[LocatedString | None, str, int]]:
    """The cells of a table in Markdown; rows are filled up to the longest, unless most places are empty."""
    width = max(map(len, item.rows))
    is_filled = width * len(item.rows) <= _MOST_PLACES_FOR_A_CELL * sum(map(len, item.rows))
    for place, row in enumerate(item.rows):
        yield None, "\n|" if place else "|", 0
        for cell in [*row, *[None] * (width - len(row) if is_filled else 0)]:
            yield (cell, " ", 0) if cell else (None, " ", 0)
            yield None, " |", 0
        if place == 0:
            yield None, "\n|" + " --- |" * width, 0


def _list_characters(document: ParsedDocument, written: Sequence[_WrittenString]) -> Iterator[int]:
    for piece in written:
        yield from (piece.start, piece.end)
    for value in document.objects:
        yield from (value.start, value.end)


def _find_offsets(text: str, characters: Iterable[int], shift: int) -> dict[int, int]:
    """The place in bytes of each of these characters; ``shift`` characters come before the first."""
    offsets = {}
    place = offset = 0
    for character in sorted(set(characters)):
        offset += len(text[place : character + shift].encode("utf-8"))
        place = character + shift
        offsets[character] = offset
    return offsets


# The bytes [start, end) of a file, and where they are in the content.
_Segment = tuple[int, int, int]


def _arrange(moved: Sequence[tuple[int, int]], size: int) -> list[_Segment]:
    """The segments of a file in its order: those that are moved to the beginning, and all others."""
    segments = []
    offset = 0
    for start, end in moved:
        segments.append((start, end, offset))
        offset += end - start
    position = 0
    for start, end in [*sorted(moved), (size, size)]:
        if position < start:
            segments.append((position, start, offset))
            offset += start - position
        position = end
    return sorted(segments)


def _move(place: int, segments: Sequence[_Segment]) -> int:
    """Where a byte of the file is in the content; the end of a string belongs to the segment it is in."""
    start, _, offset = segments[max(bisect_right(segments, place, key=_get_first) - 1, 0)]
    return offset + place - start


def _get_first(segment: _Segment) -> int:
    return segment[0]


def _get_offset(segment: _Segment) -> int:
    return segment[2]


def _get_start(piece: TextPiece | PageRegion) -> int:
    return piece.byte_start
