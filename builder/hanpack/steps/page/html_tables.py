"""Finds the tables of data in an HTML page, and the grid of their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.html_page import DataTable, HtmlPage, PageElement, find_enclosing

# A cell with more characters or lines than these is a part of the page, not of a table of data.
_CELL_CHARACTERS = 300
_CELL_LINES = 8
# A grid may have this many times as many places as the table has cells.
_MOST_PLACES_FOR_A_CELL = 4
_MOST_SPANNED = 50
_COLUMN_SPAN = compile_lazily(r"\bcolspan\s*=\s*[\"']?(\d{1,3})", re.IGNORECASE)
_ROW_SPAN = compile_lazily(r"\browspan\s*=\s*[\"']?(\d{1,3})", re.IGNORECASE)


def with_data_tables(page: HtmlPage) -> HtmlPage:
    """A page that has all but its tables of data, with them."""
    return replace(page, data_tables=find_data_tables(page))


def find_data_tables(page: HtmlPage) -> Sequence[DataTable]:
    """The tables that are data in rows and columns, and not the layout of the page.

    >>> from hanpack.steps.page.html_text import read_html
    >>> layout = "<table><tr><td>标题</table>"
    >>> len(find_data_tables(read_html(layout + "<table><tr><td>一<td>二<tr><td>三<td>四</table>")))
    1
    """
    totals = list(accumulate((line.characters for line in page.lines), initial=0))
    outer = _find_outer_tables(page)
    tables = []
    for number, rows in page.tables.items():
        if number not in outer and (table := _read_table(page, number, rows, totals)):
            tables.append(table)
    return tables


def count_places(page: HtmlPage) -> int:
    """How many places the tables of a page have, filled up to the longest row, and its cells span.

    >>> from hanpack.steps.page.html_text import read_html
    >>> count_places(read_html('<table><tr><td colspan="3" rowspan="4">一<tr><td>二</table>'))
    19
    """
    count = 0
    for rows in page.tables.values():
        widest = 0
        for row in rows:
            cells = [page.elements[cell] for cell in row]
            spans = [(_read_span(_COLUMN_SPAN, cell), _read_span(_ROW_SPAN, cell)) for cell in cells]
            widest = max(widest, sum(columns for columns, _ in spans))
            count += sum(columns * span for columns, span in spans)
        count += widest * len(rows)
    return count


def _find_outer_tables(page: HtmlPage) -> set[int]:
    """The tables that contain others."""
    enclosing = zip(page.elements, find_enclosing(page, "table"), strict=True)
    return {table for element, table in enclosing if element.name == "table"}


def _read_table(
    page: HtmlPage, number: int, rows: Sequence[Sequence[int]], totals: Sequence[int]
) -> DataTable | None:
    """The table, if its cells are short, form a grid and contain all of its text below the caption."""
    filled = [cells for row in rows if any(map(_has_lines, cells := [page.elements[cell] for cell in row]))]
    if len(filled) < 2 or max(map(len, filled)) < 2:
        return None
    cells = [cell for row in filled for cell in row]
    sizes = [totals[cell.end_line] - totals[cell.first_line] for cell in cells]
    first, end = min(cell.first_line for cell in cells), page.elements[number].end_line
    if (
        max(sizes) > _CELL_CHARACTERS
        or max(cell.end_line - cell.first_line for cell in cells) > _CELL_LINES
        or sum(sizes) != totals[end] - totals[first]
    ):
        return None
    grid = _place_cells(filled)
    width = max(map(len, grid))
    if width * len(grid) > _MOST_PLACES_FOR_A_CELL * len(cells):
        return None
    return DataTable(
        first_line=first, end_line=end, rows=[[*row, *[None] * (width - len(row))] for row in grid]
    )


def _has_lines(cell: PageElement) -> bool:
    return cell.first_line < cell.end_line


def _place_cells(rows: Sequence[Sequence[PageElement]]) -> list[list[PageElement | None]]:
    """The cells at their columns; ``covered`` are the columns that a cell of an earlier row spans."""
    grid = []
    covered: dict[int, int] = {}
    for cells in rows:
        places: list[PageElement | None] = []
        next_covered = {column: count - 1 for column, count in covered.items() if count > 1}
        for cell in cells:
            while len(places) in covered:
                places.append(None)
            columns = min(_read_span(_COLUMN_SPAN, cell), _MOST_SPANNED)
            span = min(_read_span(_ROW_SPAN, cell), _MOST_SPANNED)
            if span > 1:
                next_covered.update(dict.fromkeys(range(len(places), len(places) + columns), span - 1))
            places += [cell, *[None] * (columns - 1)]
        grid.append(places)
        covered = next_covered
    return grid


def _read_span(pattern: re.Pattern[str], cell: PageElement) -> int:
    span = pattern.search(cell.attributes) if cell.attributes else None
    return max(int(span[1]), 1) if span else 1
