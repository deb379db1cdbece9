"""Reads the items of a DoclingDocument that was exported as JSON, in the reading order of its body.

Source: docling-core, ``DoclingDocument`` (schema version 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
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

_KINDS: dict[str, Kind] = {
    "title": "heading",
    "section_header": "heading",
    "list_item": "list",
    "code": "code",
    "formula": "formula",
    "page_header": "layout",
    "page_footer": "layout",
}
_LAYER = "furniture"
_TITLE = "title"


def read_docling(root: LocatedObject) -> ParsedDocument:
    """The items of a document.

    Headers and footers, to which the body does not refer, come after it in the order of the file.
    """
    reader = _Reader(root)
    body = list(reader.read_node(root.get("body")))
    rest = [
        (item, value)
        for value in read_objects(root.get("texts"))
        if id(value) not in reader.read_objects
        for item in reader.read_text(value)
        if item.kind == "layout"
    ]
    objects = [value for _, value in (*body, *rest)]
    is_in_order = all(first.start <= second.start for first, second in pairwise(objects))
    name = root.get("name")
    return ParsedDocument(
        items=[item for item, _ in (*body, *rest)],
        objects=() if is_in_order else list({id(value): value for value in objects}.values()),
        metadata={"title": str(name)} if isinstance(name, str) and name.strip() else {},
    )


class _Reader:
    """Follows the references of a document; each object is read once, so that a loop ends."""

    def __init__(self, root: LocatedObject) -> None:
        self._root = root
        self.read_objects: set[int] = set()
        pages = root.get("pages")
        self._pages = pages if isinstance(pages, dict) else {}
        titles = read_objects(root.get("texts"))
        self._has_title = any(value.get("label") == _TITLE for value in titles)

    def read_node(self, top: Any) -> Iterator[tuple[ParsedItem, LocatedObject]]:
        """The items of a node and of those below it, each with its object."""
        # The nodes to read, and the tables to write, whose captions come before them.
        waiting: list[tuple[Any, bool]] = [(top, False)]
        while waiting:
            node, is_written = waiting.pop()
            if is_written:
                yield from ((item, node) for item in self._read_table(node))
                continue
            if not isinstance(node, LocatedObject) or id(node) in self.read_objects:
                continue
            self.read_objects.add(id(node))
            if "text" in node:
                yield from ((item, node) for item in self.read_text(node))
            if "data" not in node:
                waiting += reversed(
                    [*self._list_below(node, "captions"), *self._list_below(node, "children")]
                )
                continue
            # The children of a table are what is in its cells, whose text the cells have, too.
            waiting += reversed(self._list_below(node, "footnotes"))
            if "text" not in node:
                waiting.append((node, True))
                waiting += reversed(self._list_below(node, "captions"))

    def _list_below(self, node: LocatedObject, key: str) -> list[tuple[Any, bool]]:
        """The nodes to which a key of a node refers."""
        return [(self._resolve(child), False) for child in read_objects(node.get(key))]

    def _resolve(self, reference: LocatedObject) -> Any:
        """The object that a reference such as ``#/texts/3`` leads to."""
        path = reference.get("$ref") or reference.get("cref")
        if not isinstance(path, str) or not path.startswith("#/"):
            return None
        value: Any = self._root
        for part in path[2:].split("/"):
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and part.isdecimal() and len(part) < 10 and int(part) < len(value):
                value = value[int(part)]
            else:
                return None
        return value

    def read_text(self, node: LocatedObject) -> Iterator[ParsedItem]:
        """The item of a text; that of the layer of furniture is layout."""
        strings = read_strings(node.get("text"))
        if not strings:
            return
        label = node.get("label")
        kind = _KINDS.get(str(label), "text")
        if node.get("content_layer") == _LAYER:
            kind = "layout"
        level = int(read_number(node, "level", 1)) + self._has_title if label != _TITLE else 1
        marker = node.get("marker")
        mark = f"{marker} " if node.get("enumerated") and isinstance(marker, str) and marker else "- "
        yield ParsedItem(kind, strings, self._find_places(node), level, mark)

    def _read_table(self, node: LocatedObject) -> Iterator[ParsedItem]:
        data = node.get("data")
        grid = data.get("grid") if isinstance(data, dict) else None
        if not isinstance(grid, list):
            return
        seen: set[tuple[object, object]] = set()
        rows = [[_read_cell(cell, seen) for cell in read_objects(row)] for row in grid]
        yield ParsedItem("text", (), self._find_places(node), rows=rows)

    def _find_places(self, node: LocatedObject) -> list[PageBox | None]:
        """Where an item stands: the first of its places, since its text is one string."""
        for origin in read_objects(node.get("prov")):
            page = int(read_number(origin, "page_no", 0))
            if page > 0:
                return [PageBox(page, self._find_box(page, origin.get("bbox")))]
        return [None]

    def _find_box(self, page: int, box: Any) -> tuple[float, float, float, float] | None:
        described = self._pages.get(str(page))
        size = described.get("size") if isinstance(described, dict) else None
        if not isinstance(box, dict) or not isinstance(size, dict):
            return None
        width, height = read_number(size, "width", 0), read_number(size, "height", 0)
        left, top, right, bottom = (read_number(box, side, -1) for side in ("l", "t", "r", "b"))
        if box.get("coord_origin") != "TOPLEFT":
            top, bottom = height - top, height - bottom
        return make_box([left, top, right, bottom], width, height)


def _read_cell(cell: LocatedObject, seen: set[tuple[object, object]]) -> LocatedString | None:
    """The text of a cell; one that spans several places is in the grid at each, and is read at the first."""
    place = cell.get("start_row_offset_idx"), cell.get("start_col_offset_idx")
    text = cell.get("text")
    if (place != (None, None) and place in seen) or not isinstance(text, LocatedString):
        return None
    seen.add(place)
    return text
