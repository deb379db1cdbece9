"""Joins the lines of the cells of a table on a PDF page: each row becomes a line with tabs between its cells.

PDFium gives a row cell by cell, and the first line of a cell together with the cell before it if that has one
line. Cells stand beside one another, and the cells of the next row begin at the same places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.pdf_text import PageLine
from hanpack.steps.page.printed_lines import measure_width

# Lines begin at the same place if they differ by no more of the height of a character, and the next line of a
# cell is not farther below than so many heights of a line.
_SAME_PLACE, _NEXT_LINE = 0.6, 1.9
# A cell of more lines is a column of text.
_MOST_LINES = 10
# So many cells in a row, in so many rows, are a table; of rows of two cells more are needed.
_FEWEST_CELLS, _FEWEST_ROWS, _FEWEST_PAIRS = 3, 2, 3
_BLANKS = compile_lazily(r"[ \t]+")
_WIDE = compile_lazily(r"[\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60“”‘’—…]")
_TAB = "\t"


@dataclass(slots=True)
class _Cell:
    """Lines below one another that begin at one place; ``is_divided`` if its first line had another cell."""

    lines: list[PageLine]
    is_divided: bool = False

    @property
    def left(self) -> float:
        return self.lines[0].left

    @property
    def right(self) -> float:
        return max(line.right for line in self.lines)

    @property
    def top(self) -> float:
        return self.lines[0].top

    @property
    def bottom(self) -> float:
        return self.lines[-1].bottom

    def accepts(self, line: PageLine) -> bool:
        """Whether a line is the next of the cell."""
        last = self.lines[-1]
        if _TAB in last.text or _TAB in line.text:
            return False
        step = line.baseline - last.baseline
        is_below = 0 < step <= _NEXT_LINE * (last.bottom - last.top)
        return is_below and _are_aligned(self.left, line.left, last.height) and line.size == last.size


def join_rows(page: Sequence[PageLine]) -> list[PageLine]:
    """The lines of a page, those of each row of a table as one; the others, and their order, are kept."""
    runs = list(_list_runs(list(_list_rows(_list_cells(page)))))
    if not any(is_table for _, is_table in runs):
        # A page without a table keeps its lines as they were, undivided.
        return list(page)
    joined: list[PageLine] = []
    for run, is_table in runs:
        if is_table:
            joined += map(_join_row, run)
        else:
            joined += (line for row in run for cell in row for line in cell.lines)
    return joined


def _list_cells(page: Sequence[PageLine]) -> Iterator[_Cell]:
    cell: _Cell | None = None
    for index, line in enumerate(page):
        if cell and cell.accepts(line):
            cell.lines.append(line)
            continue
        if cell:
            yield cell
        cell = _Cell([line])
        if index + 1 < len(page) and (parts := _divide(line, page[index + 1])):
            before, rest = parts
            yield _Cell([before])
            cell = _Cell([rest], is_divided=True)
    if cell:
        yield cell


def _divide(line: PageLine, after: PageLine) -> tuple[PageLine, PageLine] | None:
    """A line that is the end of one cell and the beginning of the next, by where the next line begins."""
    height = line.height
    is_below = 0 < after.baseline - line.baseline <= _NEXT_LINE * (line.bottom - line.top)
    if not is_below or not line.left + height / 2 < after.left < line.right - height / 2:
        return None
    for blanks in _BLANKS.finditer(line.text):
        rest = line.text[blanks.end() :]
        left = line.right - measure_width(rest) / 2 * height
        if _are_aligned(left, after.left, height):
            before = replace(line, text=line.text[: blanks.start()], right=after.left - height / 2)
            return before, replace(line, text=rest, left=after.left)
    return None


def _list_rows(cells: Iterator[_Cell]) -> Iterator[list[_Cell]]:
    """The cells that stand beside one another, from left to right, each in the height of those before."""
    row: list[_Cell] = []
    for cell in cells:
        if row and not _stands_beside(row, cell):
            yield row
            row = []
        row.append(cell)
    if row:
        yield row


def _stands_beside(row: Sequence[_Cell], cell: _Cell) -> bool:
    top, bottom = min(other.top for other in row), max(other.bottom for other in row)
    return cell.left > row[-1].right and cell.top < bottom and cell.bottom > top


def _list_runs(rows: Sequence[list[_Cell]]) -> Iterator[tuple[list[list[_Cell]], bool]]:
    """The rows of each table, and what is between tables: rows below one another that begin alike."""
    run: list[list[_Cell]] = []
    for row in rows:
        if run and not _follows(run[-1], row):
            yield run, _is_table(run)
            run = []
        run.append(row)
    if run:
        yield run, _is_table(run)


def _follows(before: Sequence[_Cell], row: Sequence[_Cell]) -> bool:
    """Whether a row is the next of a table: below the one before it, and most of its cells below another."""
    if min(len(before), len(row)) < 2 or min(cell.top for cell in row) < min(cell.bottom for cell in before):
        return False
    height = row[0].lines[0].height
    aligned = sum(any(_are_aligned(cell.left, other.left, height) for other in before) for cell in row)
    return 2 * aligned > len(row)


def _is_table(run: Sequence[Sequence[_Cell]]) -> bool:
    cells = [cell for row in run for cell in row]
    lines = [len(cell.lines) for cell in cells]
    if max(lines) < 2 or max(lines) > _MOST_LINES:
        return False
    wide = sum(len(row) >= _FEWEST_CELLS for row in run)
    # A number and the item after it, which is indented below it, are no two cells.
    return wide >= _FEWEST_ROWS or (len(run) >= _FEWEST_PAIRS and not any(cell.is_divided for cell in cells))


def _join_row(row: Sequence[_Cell]) -> PageLine:
    lines = [line for cell in row for line in cell.lines]
    return replace(
        lines[0],
        text=_TAB.join(_join_text(cell.lines) for cell in row),
        left=min(line.left for line in lines),
        top=min(line.top for line in lines),
        right=max(line.right for line in lines),
        bottom=max(line.bottom for line in lines),
        larger_size=max(line.larger_size for line in lines),
        baseline=(first := min(line.baseline for line in lines)),
        height_below=max(line.baseline for line in lines) - first,
    )


def _join_text(lines: Sequence[PageLine]) -> str:
    text = lines[0].text
    for before, line in pairwise(lines):
        is_wide = _WIDE.match(before.text[-1:]) or _WIDE.match(line.text)
        text += line.text if is_wide else f" {line.text}"
    return text


def _are_aligned(left: float, other: float, height: float) -> bool:
    return abs(left - other) <= _SAME_PLACE * height
