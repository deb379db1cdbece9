"""Sets the lines of an HTML page as Markdown: tables, lists and code; all else stays plain lines.

The marks are inserted text. Source: GitHub Flavored Markdown, "Tables", "List items", "Fenced code blocks".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import (
    INDENTED_BREAKS,
    SOURCE_LINE_BREAK,
    TEXT_LINE_BREAK,
    DataTable,
    HtmlPage,
    PageElement,
    VisibleLine,
    VisibleRun,
    find_enclosing,
)
from hanpack.steps.page.html_tokens import HEADINGS
from hanpack.steps.page.site_lines import is_site_line

_MOST_INDENT = 24
_FIRST_ORDINAL = compile_lazily(r"\bstart\s*=\s*[\"']?(\d{1,6})", re.IGNORECASE)
# An item that begins with a mark of its own gets no other.
_ITEM_MARK = compile_lazily(
    r"[-*+•·●○■□◆◇▪▲★※‣–—①-⑳㈠-㈩]|[(（\[【]?(?:\d{1,3}|[一二三四五六七八九十百]{1,4}|[a-zA-Z])(?:[、．:：)）\]】]|\.(?!\d))"
    r"|第[\d一二三四五六七八九十百]{1,4}[条章节款项]"
)
# An item that contains one of these is a part of the page, not of a list.
_LAYOUT_ELEMENTS = HEADINGS | {
    "article",
    "aside",
    "div",
    "dl",
    "figure",
    "footer",
    "form",
    "header",
    "section",
    "table",
}
# Program code has one of these signs in so many characters, and mostly no Han; a letter or a poem has not.
_CODE_SIGN = compile_lazily(r"[{}();=<>\[\]#$\\/_\"']")
_CHARACTERS_FOR_A_SIGN = 30
_HAN = compile_lazily(r"[一-鿿]")
_MOST_HAN = 0.5
_BACKTICKS = compile_lazily(r"`{3,}")
# Characters between which a line break of the source is no space.
_WIDE = compile_lazily(r"[⺀-〿㐀-鿿豈-﫿︰-﹏！-｠]")


class SetText(NamedTuple):
    """A piece of the document: text to insert, and the run of the page after it; at the end there is none."""

    inserted: str
    run: VisibleRun | None


def set_lines(page: HtmlPage, chosen: Collection[int]) -> Iterator[SetText]:
    """Set the chosen lines of a page, in their order.

    >>> from hanpack.steps.page.html_text import read_html
    >>> page = read_html("<ul><li>一<li>二</ul><table><tr><td>三<td>四<tr><td>五<td></table>")
    >>> pieces = set_lines(page, range(len(page.lines)))
    >>> print("".join(piece.inserted + (piece.run.text if piece.run else "") for piece in pieces))
    - 一
    - 二
    <BLANKLINE>
    | 三 | 四 |
    | --- | --- |
    | 五 |  |
    """
    setter = _Setter(page)
    yield from setter.set_lines(sorted(chosen))


class _Setter:
    """Sets lines one after another; what is to be inserted before the next run waits until that comes."""

    def __init__(self, page: HtmlPage) -> None:
        self._page = page
        self._tables: dict[int, DataTable] = {}
        for table in page.data_tables:
            self._tables.update(dict.fromkeys(range(table.first_line, table.end_line), table))
        self._layout_items = _find_layout_items(page)
        # How far the text of each item that got a mark is indented.
        self._indents: dict[int, int] = {}
        self._last_character = ""
        self._waiting = ""

    def set_lines(self, numbers: Sequence[int]) -> Iterator[SetText]:
        chosen = frozenset(numbers)
        position = 0
        is_after_table = False
        while position < len(numbers):
            number = numbers[position]
            line = self._page.lines[number]
            table = self._tables.get(number) if self._tables else None
            end = position + 1
            if table and _count_cells(table, chosen) > 1:
                end = bisect_left(numbers, table.end_line, position)
                self._end_line("\n\n")
                yield from self._set_table(table, chosen)
                is_after_table = True
            else:
                self._end_line("\n\n" if is_after_table else "\n" if line.code >= 0 else line.separator)
                is_after_table = False
                if line.code >= 0:
                    while end < len(numbers) and self._continues(numbers[end], number):
                        end += 1
                    yield from self._set_code([self._page.lines[number] for number in numbers[position:end]])
                else:
                    self._waiting += self._choose_item_mark(line)
                    yield from self._set_runs(line.runs)
            position = end
        if self._waiting:
            yield SetText(self._waiting, None)

    def _continues(self, number: int, first: int) -> bool:
        """Whether a line is part of the same code as another, and of the same table if any."""
        is_same_code = self._page.lines[number].code == self._page.lines[first].code
        return is_same_code and self._tables.get(number) is self._tables.get(first)

    def _end_line(self, separator: str) -> None:
        """Put the separator of two lines before the next run."""
        if self._last_character:
            self._waiting += separator

    def _set_runs(self, runs: Sequence[VisibleRun]) -> Iterator[SetText]:
        for place, run in enumerate(runs):
            if place and run.separator:
                self._waiting += self._choose_separator(run)
            yield SetText(self._waiting, run)
            self._waiting = ""
            self._last_character = run.text[-1]

    def _choose_separator(self, run: VisibleRun) -> str:
        separator = run.separator
        if separator == INDENTED_BREAKS[1]:
            return " "
        if separator.startswith((SOURCE_LINE_BREAK, TEXT_LINE_BREAK)):
            return "" if _WIDE.match(self._last_character) and _WIDE.match(run.text) else " "
        return separator

    def _set_code(self, lines: Sequence[VisibleLine]) -> Iterator[SetText]:
        """Preformatted text, between fences if it is program code."""
        text = "\n".join(line.text for line in lines)
        fence = ""
        if self._page.elements[lines[0].code].name != "pre" or _is_program(text):
            fence = "`" * (max(map(len, _BACKTICKS.findall(text)), default=2) + 1)
            self._waiting += f"{fence}\n"
        for place, line in enumerate(lines):
            if place:
                self._end_line(line.separator)
            yield from self._set_runs(line.runs)
        if fence:
            self._waiting += f"\n{fence}"

    def _choose_item_mark(self, line: VisibleLine) -> str:
        """The indent and the mark of a list item, if the line begins one."""
        if line.item < 0 or line.item in self._layout_items:
            return ""
        elements = self._page.elements
        item = elements[line.item]
        if not item.ordinal:
            return ""
        text = line.text
        if _ITEM_MARK.match(text) or is_site_line(text):
            return ""
        items = elements[item.parent]
        start = _FIRST_ORDINAL.search(items.attributes) if items.attributes else None
        mark = f"{item.ordinal + (int(start[1]) - 1 if start else 0)}. " if items.name == "ol" else "- "
        indent = self._indents.get(items.parent, 0)
        if indent < _MOST_INDENT:
            self._indents[line.item] = indent + len(mark)
        return " " * indent + mark

    def _set_table(self, table: DataTable, chosen: Collection[int]) -> Iterator[SetText]:
        rows = [row for row in table.rows if any(_find_lines(cell, chosen) for cell in row)]
        for place, row in enumerate(rows):
            self._waiting += "\n|" if place else "|"
            for cell in row:
                self._waiting += " "
                yield from self._set_cell(_find_lines(cell, chosen))
                self._waiting += " |"
            if place == 0:
                self._waiting += "\n|" + " --- |" * len(row)

    def _set_cell(self, numbers: Sequence[int]) -> Iterator[SetText]:
        """The lines of a cell on one line; a bar in the text is escaped."""
        for place, number in enumerate(numbers):
            if place:
                self._waiting += " "
            for piece in self._set_runs(self._page.lines[number].runs):
                yield from _escape_bars(piece)


def _count_cells(table: DataTable, chosen: Collection[int]) -> int:
    """How many cells of a table have chosen lines."""
    return sum(bool(_find_lines(cell, chosen)) for row in table.rows for cell in row)


def _find_lines(cell: PageElement | None, chosen: Collection[int]) -> Sequence[int]:
    """The chosen lines of a cell."""
    return [number for number in range(cell.first_line, cell.end_line) if number in chosen] if cell else []


def _escape_bars(piece: SetText) -> Iterator[SetText]:
    inserted, run = piece.inserted, piece.run
    if run is None or "|" not in run.text:
        yield piece
        return
    if run.end - run.start != len(run.text):
        yield SetText(f"{inserted}\\", run)
        return
    position = 0
    for bar in re.finditer(r"\|", run.text):
        if position < bar.start():
            yield SetText(inserted, _cut(run, position, bar.start()))
            inserted = ""
        yield SetText(f"{inserted}\\", _cut(run, bar.start(), bar.end()))
        inserted = ""
        position = bar.end()
    if position < len(run.text):
        yield SetText("", _cut(run, position, len(run.text)))


def _cut(run: VisibleRun, start: int, end: int) -> VisibleRun:
    return VisibleRun(run.text[start:end], run.start + start, run.start + end, "")


def _is_program(text: str) -> bool:
    return (
        len(_CODE_SIGN.findall(text)) * _CHARACTERS_FOR_A_SIGN >= len(text)
        and len(_HAN.findall(text)) < len(text) * _MOST_HAN
    )


def _find_layout_items(page: HtmlPage) -> set[int]:
    """The list items that contain parts of the layout."""
    enclosing = zip(page.elements, find_enclosing(page, "li"), strict=True)
    return {item for element, item in enclosing if element.name in _LAYOUT_ELEMENTS}
