"""Reduces the JSON that a parser of documents wrote (Docling, MinerU) to its text, traced to the JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_text import read_html
from hanpack.steps.page.kept_lines import keep_lines
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced

STEP = "unwrap"
LAYOUT_STEP = "layout"
HTML_STEP = "html"
_ESCAPE = compile_lazily(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|\|"
)
_SURROGATE = compile_lazily("[\ud800-\udfff]")


PieceKind = Literal["text", "layout", "html", "cell"]


class TextPiece(NamedTuple):
    """The inside of a JSON string ``[byte_start, byte_end)`` that is text, and what is inserted before it.

    ``kind`` is ``layout`` for a page header, footer or number, which is left out, ``html`` for a table in
    HTML, ``cell`` for a cell of a table in Markdown. A piece of no bytes only has text to insert.
    """

    byte_start: int
    byte_end: int
    before: str = ""
    kind: PieceKind = "text"


def reduce_parsed(traced: Traced, pieces: Sequence[TextPiece]) -> Traced:
    r"""Keep the pieces, which are in the order of their bytes.

    >>> from hanpack.steps.decode.decoding import decode
    >>> written = rb'[{"text": "\u7b2c1\u7ae0"}, {"text": "P. 1"}]'
    >>> pieces = [TextPiece(11, 24, "# "), TextPiece(38, 42, "", "layout")]
    >>> reduced = reduce_parsed(decode(written, "utf-8"), pieces)
    >>> reduced.text, sorted({edit.step for edit in reduced.edits})
    ('# 第1章', ['layout', 'unwrap'])
    """
    starts = np.array([piece.byte_start for piece in pieces], np.int64)
    ends = np.array([piece.byte_end for piece in pieces], np.int64)
    spans = list(zip(*(places.tolist() for places in traced.alignment.text_spans(starts, ends)), strict=True))
    changes: list[Replacement] = []
    tables: list[tuple[int, int]] = []
    layout: list[Replacement] = []
    position = length = 0
    for piece, (start, end) in zip(pieces, spans, strict=True):
        if position < start:
            changes.append(Replacement(position, start))
        if piece.before:
            changes.append(Replacement(start, start, piece.before))
            length += len(piece.before)
        inside = list(_unescape(traced.text[start:end], start, is_cell=piece.kind == "cell"))
        changes += inside
        size = end - start + sum(len(change.text) - (change.end - change.start) for change in inside)
        if piece.kind == "layout":
            layout.append(Replacement(length, length + size))
        elif piece.kind == "html":
            tables.append((length, length + size))
        length += size
        position = end
    if position < len(traced.text):
        changes.append(Replacement(position, len(traced.text)))
    unwrapped = traced.apply(STEP, changes)
    in_html = [change for table in tables for change in _reduce_table(unwrapped.text, *table)]
    without_layout = unwrapped.apply(LAYOUT_STEP, layout)
    return without_layout.apply(HTML_STEP, list(_shift(in_html, layout)))


def _unescape(text: str, start: int, *, is_cell: bool) -> Iterator[Replacement]:
    """The replacements of the escapes in the inside of a JSON string; a cell of a table is one line."""
    if "\\" not in text and not (is_cell and "|" in text):
        return
    for escape in _ESCAPE.finditer(text):
        if escape[0] == "|":
            if is_cell:
                yield Replacement(start + escape.start(), start + escape.start(), "\\")
            continue
        character = _SURROGATE.sub("\ufffd", json.loads(f'"{escape[0]}"'))
        if is_cell and character in "\r\n":
            character = " "
        yield Replacement(start + escape.start(), start + escape.end(), character)


def _reduce_table(text: str, start: int, end: int) -> Iterator[Replacement]:
    """The replacements that make Markdown of a table in HTML."""
    markup = text[start:end]
    page = read_html(markup)
    for change in keep_lines(markup, page, range(len(page.lines))):
        yield Replacement(start + change.start, start + change.end, change.text)


def _shift(changes: Sequence[Replacement], removed: Sequence[Replacement]) -> Iterator[Replacement]:
    """The changes, in order, in the text without what was removed; none of them is in it."""
    gone = index = 0
    for change in changes:
        while index < len(removed) and removed[index].end <= change.start:
            gone += removed[index].end - removed[index].start
            index += 1
        yield Replacement(change.start - gone, change.end - gone, change.text)
