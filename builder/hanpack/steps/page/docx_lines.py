"""Collects the lines of a Word document while it is read: runs of text, and the elements they are in."""

from __future__ import annotations

from dataclasses import dataclass, field

from hanpack.steps.page.html_page import PageElement, VisibleLine, VisibleRun

NONE = -1


@dataclass(slots=True)
class CellDraft:
    """A cell of a table: the number of its element, how many columns it spans, and whether it goes on.

    A cell that ``continues`` is the lower part of the cell above it; ``rows`` counts those that one spans.
    """

    number: int
    columns: int = 1
    continues: bool = False
    rows: int = 1


@dataclass(slots=True)
class TableDraft:
    """A table while it is read: its element, and the cells of its rows."""

    number: int
    rows: list[list[CellDraft]] = field(default_factory=list)


@dataclass(slots=True)
class _ElementDraft:
    name: str
    parent: int
    first_line: int
    end_line: int = 0
    attributes: str = ""


class DocumentLines:
    """The lines and elements so far; a line begins with its first run and ends at the next break."""

    def __init__(self) -> None:
        self.lines: list[VisibleLine] = []
        self.tables: dict[int, list[list[int]]] = {}
        self._elements: list[_ElementDraft] = []
        self._open = [NONE]
        self._runs: list[VisibleRun] = []
        # What is set before the next run, if it begins a line.
        self.mark = ""

    @property
    def has_runs(self) -> bool:
        """Whether the present line has text."""
        return bool(self._runs)

    def begin(self, name: str) -> int:
        """Open an element; returns its number."""
        self.break_line()
        self._elements.append(_ElementDraft(name, self._open[-1], len(self.lines)))
        self._open.append(len(self._elements) - 1)
        return self._open[-1]

    def end(self) -> None:
        """Close the innermost element."""
        self.break_line()
        self._elements[self._open.pop()].end_line = len(self.lines)

    def begin_line(self, mark: str) -> None:
        """Set a mark before the next line, such as that of a heading, if the line has text."""
        self.mark = mark

    def add(self, text: str, start: int, end: int) -> None:
        """Add a run of text that the characters ``[start, end)`` stand for."""
        if not text:
            return
        if self.mark:
            self._runs.append(VisibleRun(self.mark, start, start, ""))
            self.mark = ""
        self._runs.append(VisibleRun(text, start, end, ""))

    def break_line(self) -> None:
        """End the present line, if it has text."""
        self.mark = ""
        if not self._runs:
            return
        characters = sum(len(run.text) for run in self._runs)
        line = VisibleLine(self._open[-1], NONE, NONE, "\n", tuple(self._runs), characters, 0)
        self._runs = []
        if line.text.strip():
            self.lines.append(line)

    def end_table(self, table: TableDraft) -> None:
        """Close a table: give its cells their spans, as in HTML, and leave out those that another covers."""
        above: dict[int, CellDraft] = {}
        rows = []
        for cells in table.rows:
            places: dict[int, CellDraft] = {}
            column = 0
            kept = []
            for cell in cells:
                origin = above.get(column) if cell.continues and self._is_empty(cell) else None
                if origin:
                    origin.rows += 1
                else:
                    kept.append(cell)
                places[column] = origin or cell
                column += cell.columns
            above = places
            rows.append(kept)
        for cell in (cell for row in rows for cell in row):
            self._elements[cell.number].attributes = f'colspan="{cell.columns}" rowspan="{cell.rows}"'
        self.tables[table.number] = [[cell.number for cell in row] for row in rows]
        self.end()

    def _is_empty(self, cell: CellDraft) -> bool:
        element = self._elements[cell.number]
        return element.first_line == element.end_line

    def finish(self) -> list[PageElement]:
        """All elements, after the last line."""
        while len(self._open) > 1:
            self.end()
        self.break_line()
        return [
            PageElement(draft.name, draft.attributes, draft.parent, draft.first_line, draft.end_line, 0)
            for draft in self._elements
        ]
