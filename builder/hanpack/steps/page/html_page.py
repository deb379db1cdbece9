"""An HTML page as values: its elements, the lines of its visible text, and the runs that lines consist of."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

# The separator of two runs between which the source breaks a line inside a block; the same if there is
# nothing but blanks between the runs, and if an indent follows, of ideographic spaces or of entities.
SOURCE_LINE_BREAK = "\r"
TEXT_LINE_BREAK = "\n"
INDENTED_BREAKS = ("\n\u3000", "\n ")


class VisibleRun(NamedTuple):
    """A run of visible characters and its span in the page.

    ``separator`` is what comes between it and the run before on its line: nothing, a space or one of the line
    breaks of the source above. A run that is not literally in the page comes from an entity.
    """

    text: str
    start: int
    end: int
    separator: str


class VisibleRuns(tuple[VisibleRun, ...]):
    """The runs of a line: Python keeps freed plain tuples for later ones, and all memory around them."""

    __slots__ = ()


class VisibleLine(NamedTuple):
    """A line of visible text: its runs, and where it stands in the page.

    ``element`` is the number of the innermost block or cell that it is in, ``item`` that of the list item
    that begins with it, and ``code`` that of the preformatted element or box of code that it is part of; both
    are -1 if there is none. ``separator`` is what comes before it: line breaks, or a space before a cell.
    """

    element: int
    item: int
    code: int
    separator: str
    runs: Sequence[VisibleRun]
    characters: int
    link_characters: int

    @property
    def text(self) -> str:
        """The text of the line, with one space wherever there are any between its runs."""
        if len(self.runs) == 1:
            return self.runs[0].text
        return "".join([f" {run.text}" if run.separator else run.text for run in self.runs])


class PageElement(NamedTuple):
    """A block or cell of a page: its name, attributes as markup, parent, and its lines ``[first, end)``.

    ``parent`` is -1 for an element at the top. ``ordinal`` is the place of a list item in its list, from 1.
    """

    name: str
    attributes: str
    parent: int
    first_line: int
    end_line: int
    ordinal: int


class DataTable(NamedTuple):
    """A table of data: its lines ``[first, end)``, and its rows.

    A row has an element for each column, or None where there is no cell or where another cell spans.
    """

    first_line: int
    end_line: int
    rows: Sequence[Sequence[PageElement | None]]


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """What a reader sees of a page. Elements are in the order of their start tags, lines in that of the page.

    ``posts`` are the spans of lines that the software of a forum marks as posts. ``tables`` gives the rows of
    each table: the numbers of their cells. ``data_tables`` are those that are data, and not layout. A page is
    ``simplified`` if it has too many elements or lines: those after its budget only end lines that are not
    short, and the rest of very many runs of text stays as it is written.
    """

    elements: Sequence[PageElement]
    lines: Sequence[VisibleLine]
    posts: Sequence[tuple[int, int]]
    tables: Mapping[int, Sequence[Sequence[int]]]
    data_tables: Sequence[DataTable] = ()
    simplified: bool = False

    @property
    def text(self) -> str:
        """The text of all lines."""
        return "\n".join(line.text for line in self.lines)


class Members:
    """The numbers that belong to each of some owners, in their order or the last first; -1 is no owner.

    ``owners`` has the owner of each number, ``count`` is how many owners there may be. A list for each owner
    would take many times the memory.

    >>> children = Members([-1, 0, 0], 3, last_first=True)
    >>> list(children.of(0)), list(children.of(1))
    ([2, 1], [])
    """

    def __init__(self, owners: Sequence[int], count: int, *, last_first: bool = False) -> None:
        table = np.array(owners, np.int64)
        order = np.argsort(table, kind="stable")
        self._numbers = array("q", order.astype(np.int64).tobytes())
        self._limits = array("q", np.searchsorted(table[order], np.arange(count + 1)).tobytes())
        self._step = -1 if last_first else 1

    def of(self, owner: int) -> Sequence[int]:
        """The numbers of an owner."""
        return self._numbers[self._limits[owner] : self._limits[owner + 1]][:: self._step]


def find_enclosing(page: HtmlPage, name: str) -> list[int]:
    """For each element the innermost element of this name that it is in, -1 if there is none."""
    # Invariant: ``inner[n]`` is the innermost such element around what is inside of ``n``.
    inner: list[int] = []
    enclosing = []
    for number, element in enumerate(page.elements):
        outer = inner[element.parent] if element.parent >= 0 else -1
        enclosing.append(outer)
        inner.append(number if element.name == name else outer)
    return enclosing
