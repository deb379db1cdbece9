"""Reads the items of what MinerU wrote: ``content_list.json`` or ``middle.json``.

Source: MinerU, "Output files": the formats of its backends ``pipeline`` and ``vlm``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hanpack.sources.located_json import LocatedObject, LocatedString
from hanpack.sources.parsed_items import (
    Kind,
    PageBox,
    ParsedDocument,
    ParsedItem,
    make_box,
    read_number,
    read_objects,
    read_strings,
)

_LAYOUT_TYPES = frozenset(("discarded", "header", "footer", "page_number"))
# The keys with text of an item of a content list, and what their text is.
_LIST_KEYS: dict[str, Kind] = {
    "text": "text",
    "list_items": "list",
    "code_body": "code",
    "table_body": "html",
    "img_caption": "text",
    "image_caption": "text",
    "img_footnote": "text",
    "image_footnote": "text",
    "table_caption": "text",
    "table_footnote": "text",
    "code_caption": "text",
}
_BLOCK_KINDS: dict[str, Kind] = {"title": "heading", "interline_equation": "formula", "code_body": "code"}
# The boxes of a content list are in thousandths of the page.
_SHARES = 1000.0


def read_content_list(items: Sequence[Any]) -> ParsedDocument:
    """The items of a content list, which is in reading order."""
    return ParsedDocument([item for value in read_objects(items) for item in _read_listed(value)])


def _read_listed(value: LocatedObject) -> Iterator[ParsedItem]:
    place = PageBox(int(read_number(value, "page_idx", 0)) + 1, make_box(value.get("bbox"), _SHARES, _SHARES))
    is_layout = value.get("type") in _LAYOUT_TYPES
    level = int(read_number(value, "text_level", 0))
    for key, content in value.items():
        for string in read_strings(content) if key in _LIST_KEYS else ():
            kind = _LIST_KEYS[key]
            if is_layout:
                kind = "layout"
            elif kind == "text" and key == "text":
                kind = "heading" if level > 0 else "formula" if value.get("type") == "equation" else "text"
            elif kind == "list" and not _is_marked(string):
                yield ParsedItem("list", [string], [place])
                continue
            yield ParsedItem("text" if kind == "list" else kind, [string], [place], level)


def _is_marked(text: str) -> bool:
    """Whether an item of a list begins with a mark of its own, as most that were recognised do."""
    first = text.lstrip()[:1]
    return not first.isalpha() or text.lstrip()[1:2] in ("、", ".", "．", ")", "）")


def read_middle(root: LocatedObject) -> ParsedDocument:
    """The items of the pages; what MinerU left out of them is layout."""
    items: list[ParsedItem] = []
    for number, page in enumerate(read_objects(root.get("pdf_info"))):
        index = int(read_number(page, "page_idx", number))
        size = page.get("page_size")
        width, height = size if isinstance(size, list) and len(size) == 2 else (0, 0)
        reader = _PageReader(index + 1, width, height)
        for key, value in page.items():
            if key in ("para_blocks", "discarded_blocks"):
                items += reader.read(value, is_layout=key == "discarded_blocks")
    return ParsedDocument(items)


class _PageReader:
    """Reads the blocks of a page, whose boxes are in its points."""

    def __init__(self, number: int, width: object, height: object) -> None:
        self._number = number
        self._width = float(width) if isinstance(width, int | float) else 0.0
        self._height = float(height) if isinstance(height, int | float) else 0.0

    def read(self, blocks: Any, *, is_layout: bool) -> Iterator[ParsedItem]:
        """The items of blocks, in order; a table or picture consists of blocks itself."""
        for block in read_objects(blocks):
            lines = list(read_objects(block.get("lines")))
            if lines:
                yield from self._read_block(block, lines, is_layout)
            # Blocks are nested once.
            for inner in read_objects(block.get("blocks")):
                yield from self._read_block(inner, list(read_objects(inner.get("lines"))), is_layout)

    def _read_block(
        self, block: LocatedObject, lines: Sequence[LocatedObject], is_layout: bool
    ) -> Iterator[ParsedItem]:
        kind = "layout" if is_layout else _BLOCK_KINDS.get(str(block.get("type")), "text")
        level = int(read_number(block, "level", 1))
        strings: list[LocatedString] = []
        places: list[PageBox | None] = []
        tables = []
        for line in lines:
            for span in read_objects(line.get("spans")):
                place = self._find_place(span)
                for key, value in span.items():
                    if key == "html" and not is_layout:
                        tables += [ParsedItem("html", [string], [place]) for string in read_strings(value)]
                    elif key in ("content", "latex"):
                        parts = read_strings(value)
                        strings += parts
                        places += [place] * len(parts)
        if strings:
            yield ParsedItem(kind, strings, places, level)
        yield from tables

    def _find_place(self, span: LocatedObject) -> PageBox:
        """The page and box of a span; the end of a paragraph may be from the next page."""
        box = make_box(span.get("bbox"), self._width, self._height)
        return PageBox(self._number + (span.get("cross_page") is True), box)
