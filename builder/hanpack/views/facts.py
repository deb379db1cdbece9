"""Facts and texts as lines of the terminal: a fact is not broken between two lines if it fits on one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text

from hanpack.views.visible_text import make_visible, put_on_one_line

SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts with a separator between them; a line ends after the last fact that it has room for."""

    facts: Sequence[Text]

    @property
    def plain(self) -> str:
        """All facts on one line.

        >>> Facts([Text("a.txt"), Text("3 tokens")]).plain
        'a.txt · 3 tokens'
        """
        return SEPARATOR.join(fact.plain for fact in self.facts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, each as wide as its facts."""
        for line in self._fill_lines(options.max_width):
            yield Text(SEPARATOR, "dim").join(line)

    def _fill_lines(self, width: int) -> Iterator[list[Text]]:
        line: list[Text] = []
        room = width
        for fact in self.facts:
            needed = fact.cell_len + (len(SEPARATOR) if line else 0)
            if line and needed > room:
                yield line
                line, room, needed = [], width, fact.cell_len
            line.append(fact)
            room -= needed
        if line:
            yield line


@dataclass(frozen=True, slots=True)
class Indented:
    """A text two columns to the right, with an empty line after it.

    A line of Chinese is broken at the edge, any other between words.
    """

    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines of the text."""
        width = max(options.max_width - 2, 2)
        for line in self.text.splitlines():
            for piece in _break_line(line, console, width) or [""]:
                yield Segment(f"  {piece}".rstrip())
                yield Segment.line()
        yield Segment.line()


def _break_line(line: str, console: Console, width: int) -> list[str]:
    """The pieces of a line that fit: of Chinese broken anywhere, of other text between words."""
    if cell_len(line) > 1.5 * len(line):
        return chop_cells(line, width)
    return [piece.plain for piece in Text(line).wrap(console, width)]


@dataclass(frozen=True, slots=True)
class FoldedLine:
    """A styled text that is broken at the edge, wherever that is: Chinese has no spaces to break it at."""

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines of the text."""
        pieces = chop_cells(self.text.plain, max(options.max_width, 2))
        yield from self.text.divide(list(accumulate(map(len, pieces)))[:-1])


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list, two columns to the right; its further lines are four columns to the right."""

    text: str
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines of the item."""
        line = put_on_one_line(make_visible(self.text))
        pieces = _break_line(line, console, max(options.max_width - 4, 2))
        for index, piece in enumerate(pieces):
            yield Text(f"{'    ' if index else '  '}{piece}", self.style)
