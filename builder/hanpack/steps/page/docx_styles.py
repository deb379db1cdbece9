"""Reads the styles and the numbering of a Word document: which paragraphs are headings, and their numbers.

Source: ISO/IEC 29500-1, 17.7 (styles) and 17.9 (numbering).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.docx_numbers import write_number
from hanpack.steps.page.xml_events import XmlEvent

LEVELS = 9
# A style of a paragraph that is not numbered has this number.
_NO_LIST = "0"
_MOST_BASES = 16
_MOST_DIGITS = 6
_LEVEL_NUMBER = compile_lazily(r"%([1-9])")
_HEADING_NAME = compile_lazily(r"(?:heading|标题|標題)\s*([1-9])$", re.IGNORECASE)
_CONTENTS_NAME = compile_lazily(r"(?:toc\s*\d|table of figures)$", re.IGNORECASE)
_WIDE_END = compile_lazily(r"[、-〕．，：）]$")
_HAN_END = compile_lazily(r"[㐀-鿿]$")


@dataclass(slots=True)
class ParagraphProperties:
    """What a paragraph or its style says of itself; None is what it leaves to the style below.

    ``outline_level`` is 0 for the highest heading, 9 for body text; ``list_id`` and ``list_level`` say which
    number it gets.
    """

    style: str | None = None
    outline_level: int | None = None
    list_id: str | None = None
    list_level: int | None = None
    is_title: bool = False
    is_contents: bool = False
    is_mark_deleted: bool = False
    alignment: str | None = None
    is_resolved: bool = False

    def read(self, event: XmlEvent) -> None:
        """Take over what a start tag below ``w:pPr`` says."""
        value = event.attributes.get("w:val")
        if event.name == "w:pStyle":
            self.style = value
        elif event.name == "w:outlineLvl":
            self.outline_level = read_integer(value)
        elif event.name == "w:numId":
            self.list_id = value
        elif event.name == "w:ilvl":
            self.list_level = read_integer(value)
        elif event.name == "w:jc":
            self.alignment = value


@dataclass(slots=True)
class _Style:
    base: str | None = None
    is_default: bool = False
    properties: ParagraphProperties = field(default_factory=ParagraphProperties)


class Styles:
    """The paragraph styles of a document, by their ids."""

    def __init__(self, events: Iterable[XmlEvent]) -> None:
        self._styles: dict[str, _Style] = {}
        style = _Style()
        for event in events:
            if event.kind != "open":
                continue
            if event.name == "w:style":
                style = _Style(is_default=event.attributes.get("w:default") in ("1", "true"))
                if event.attributes.get("w:type", "paragraph") == "paragraph":
                    self._styles[event.attributes.get("w:styleId", "")] = style
            elif event.name == "w:name":
                _read_name(event.attributes.get("w:val", ""), style.properties)
            elif event.name == "w:basedOn":
                style.base = event.attributes.get("w:val")
            else:
                style.properties.read(event)
        defaults = (name for name, style in self._styles.items() if style.is_default)
        self._default = next(defaults, None)

    def resolve(self, own: ParagraphProperties) -> ParagraphProperties:
        """The properties of a paragraph with what its style, and those that it is based on, add to them."""
        resolved = replace(own, is_resolved=True)
        name = own.style or self._default
        for _ in range(_MOST_BASES):
            style = self._styles.get(name or "")
            if style is None:
                break
            base = style.properties
            if resolved.outline_level is None:
                resolved.outline_level = base.outline_level
            if resolved.alignment is None:
                resolved.alignment = base.alignment
            if resolved.list_id is None and base.list_id is not None:
                resolved.list_id = base.list_id
                if resolved.list_level is None:
                    resolved.list_level = base.list_level
            resolved.is_title = resolved.is_title or base.is_title
            resolved.is_contents = resolved.is_contents or base.is_contents
            name = style.base
        return resolved


def _read_name(name: str, properties: ParagraphProperties) -> None:
    """What the name of a built-in style says, also if the file leaves out its properties."""
    heading = _HEADING_NAME.match(name)
    if heading and properties.outline_level is None:
        properties.outline_level = int(heading[1]) - 1
    properties.is_title = name.lower() in ("title", "标题", "標題")
    properties.is_contents = _CONTENTS_NAME.match(name) is not None


@dataclass(slots=True)
class _Level:
    """A level of a list: its first number, how numbers are written, and the text around them."""

    start: int = 1
    number_format: str = "decimal"
    text: str = ""
    is_legal: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a numbered paragraph; a bullet has no text of its own."""

    text: str
    is_bullet: bool
    level: int

    @property
    def mark(self) -> str:
        """The label as Markdown: a bullet is a dash, and those of lower levels are indented.

        >>> Label("一、", False, 0).mark, Label("第一条", False, 0).mark, Label("", True, 1).mark
        ('一、', '第一条\u3000', '  - ')
        """
        if self.is_bullet:
            return "  " * self.level + "- "
        blank = "" if not self.text or _WIDE_END.search(self.text) else " "
        return self.text + ("\u3000" if _HAN_END.search(self.text) else blank)


class Numbering:
    """The lists of a document; it counts their paragraphs while they are read in order."""

    def __init__(self, events: Iterable[XmlEvent]) -> None:
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, str] = {}
        self._overrides: dict[tuple[str, int], _Level | int] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._started: set[str] = set()
        self._read(events)

    def _read(self, events: Iterable[XmlEvent]) -> None:
        levels: dict[int, _Level] = {}
        level, list_id, override = _Level(), "", 0
        is_list = False
        for event in events:
            if event.kind != "open":
                continue
            value = event.attributes.get("w:val", "")
            if event.name == "w:abstractNum":
                levels = self._abstract[event.attributes.get("w:abstractNumId", "")] = {}
                is_list = False
            elif event.name == "w:num":
                list_id, is_list = event.attributes.get("w:numId", ""), True
            elif event.name == "w:abstractNumId" and is_list:
                self._lists[list_id] = value
            elif event.name == "w:lvlOverride":
                override = read_integer(event.attributes.get("w:ilvl")) or 0
            elif event.name == "w:startOverride":
                self._overrides[list_id, override] = read_integer(value) or 0
            elif event.name == "w:lvl":
                level, number = _Level(), read_integer(event.attributes.get("w:ilvl")) or 0
                if is_list:
                    self._overrides[list_id, number] = level
                else:
                    levels[number] = level
            else:
                _read_level(event.name, value, level)

    def find_label(self, list_id: str | None, list_level: int | None) -> Label | None:
        """Count a paragraph of a list and give its label; None if it is in no list."""
        if list_id is None or list_id == _NO_LIST or list_id not in self._lists:
            return None
        number = min(max(list_level or 0, 0), LEVELS - 1)
        level = self._find_level(list_id, number)
        if level is None:
            return None
        if level.number_format == "bullet":
            return Label("", is_bullet=True, level=number)
        counts = self._count(list_id, number)

        def write(match: re.Match[str]) -> str:
            index = int(match[1]) - 1
            other = self._find_level(list_id, index) or _Level()
            number_format = "decimal" if level.is_legal else other.number_format
            value = counts[index]
            return write_number(other.start if value is None else value, number_format)

        return Label(_LEVEL_NUMBER.sub(write, level.text).strip(), is_bullet=False, level=number)

    def _find_level(self, list_id: str, number: int) -> _Level | None:
        override = self._overrides.get((list_id, number))
        if isinstance(override, _Level):
            return override
        return self._abstract.get(self._lists[list_id], {}).get(number)

    def _count(self, list_id: str, number: int) -> list[int | None]:
        """The counts of all levels with this paragraph; lists of one abstract list count on."""
        counts = self._counts.setdefault(self._lists[list_id], [None] * LEVELS)
        if list_id not in self._started:
            self._started.add(list_id)
            for index in range(LEVELS):
                start = self._overrides.get((list_id, index))
                if isinstance(start, int):
                    counts[index] = start - 1
                elif isinstance(start, _Level):
                    counts[index] = None
        level = self._find_level(list_id, number)
        value = counts[number]
        counts[number] = (level.start if level else 1) if value is None else value + 1
        counts[number + 1 :] = [None] * (LEVELS - number - 1)
        return counts


def _read_level(name: str, value: str, level: _Level) -> None:
    if name == "w:start":
        level.start = read_integer(value) or 0
    elif name == "w:numFmt":
        level.number_format = value
    elif name == "w:lvlText":
        level.text = value
    elif name == "w:isLgl":
        level.is_legal = value not in ("0", "false")


def read_integer(value: str | None, base: int = 10) -> int | None:
    """The integer of an attribute; None if it is none, or too large to be one of a level or a number."""
    try:
        return int(value, base) if value and len(value) <= _MOST_DIGITS else None
    except ValueError:
        return None
