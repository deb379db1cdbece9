"""The items of a document that a parser of documents wrote as JSON, in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hanpack.sources.located_json import LocatedObject, LocatedString

Kind = Literal["text", "heading", "list", "code", "formula", "layout", "html"]
_MOST_HEADINGS = 6


@dataclass(frozen=True, slots=True)
class PageBox:
    """A page, from 1, and a box in shares of it from its left and top; None if it is not known."""

    page: int
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class ParsedItem:
    """A block of text: its strings, which follow one another on its line, each with its place.

    ``level`` is that of a heading, from 1. ``mark`` is that of a list item. ``rows`` are the cells of a table
    instead of strings.
    """

    kind: Kind
    strings: Sequence[LocatedString] = ()
    places: Sequence[PageBox | None] = ()
    level: int = 1
    mark: str = "- "
    rows: Sequence[Sequence[LocatedString | None]] = ()

    @property
    def prefix(self) -> str:
        """The mark before its text."""
        if self.kind == "heading":
            return "#" * min(max(self.level, 1), _MOST_HEADINGS) + " "
        return self.mark if self.kind == "list" else ""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """The items of a document in reading order, and the objects that are moved so that their bytes are, too.

    ``objects`` is empty if the items are in the order of the file.
    """

    items: Sequence[ParsedItem]
    objects: Sequence[LocatedObject] = ()
    metadata: Mapping[str, object] | None = None


def make_box(values: object, width: float, height: float) -> tuple[float, float, float, float] | None:
    """A box of four numbers from the left and top, as shares of a page.

    >>> make_box([10, 20, 50, 40], 100, 200)
    (0.1, 0.1, 0.5, 0.2)
    """
    if not isinstance(values, list) or len(values) != 4 or width <= 0 or height <= 0:
        return None
    if not all(isinstance(value, int | float) for value in values):
        return None
    left, top, right, bottom = (
        _limit(value / size) for value, size in zip(values, (width, height) * 2, strict=True)
    )
    return left, top, right, bottom


def _limit(share: float) -> float:
    return round(min(max(share, 0.0), 1.0), 4) if share == share else 0.0


def read_objects(value: object) -> Iterator[LocatedObject]:
    """The objects in a list; anything else in it, or no list at all, is left out."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, LocatedObject))


def read_strings(value: object) -> list[LocatedString]:
    """The strings that a value is: one, or those in a list, without empty ones."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, LocatedString) and item.strip()]


def read_number(values: Mapping[str, Any], key: str, default: float) -> float:
    """A number of an object; the default if it has none of that name."""
    value = values.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default
