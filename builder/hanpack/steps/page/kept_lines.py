"""The replacements that reduce a page to chosen lines of it: what is between them is removed."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator

from hanpack.steps.page.html_layout import set_lines
from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.replacements import Replacement


class PackedReplacements:
    """Replacements that do not need the page any more, and take a quarter of the memory of a list of them.

    >>> changes = PackedReplacements([Replacement(0, 3), Replacement(5, 5, "、")])
    >>> list(changes) == list(changes) == [Replacement(0, 3), Replacement(5, 5, "、")]
    True
    """

    def __init__(self, replacements: Iterable[Replacement]) -> None:
        self._starts, self._ends = array("q"), array("q")
        self._texts: list[str] = []
        for replacement in replacements:
            self._starts.append(replacement.start)
            self._ends.append(replacement.end)
            self._texts.append(replacement.text)

    def __iter__(self) -> Iterator[Replacement]:
        return map(Replacement, self._starts, self._ends, self._texts)


def keep_lines(markup: str, page: HtmlPage, lines: Collection[int]) -> Iterator[Replacement]:
    """The replacements that leave the lines, set as Markdown."""
    position = 0
    for piece in set_lines(page, lines):
        run = piece.run
        yield from _reduce_gap(markup, position, run.start if run else position, piece.inserted)
        if run:
            if markup[run.start : run.end] != run.text:
                yield Replacement(run.start, run.end, run.text)
            position = run.end
    if position < len(markup):
        yield Replacement(position, len(markup))


def _reduce_gap(markup: str, start: int, end: int, inserted: str) -> Iterator[Replacement]:
    """Remove what is between two runs but for a blank that the inserted text begins with; insert the rest."""
    blank = inserted[:1] if inserted[:1] in (" ", "\n") else ""
    place = markup.find(blank, start, end) if blank else -1
    parts = [(start, end)] if place < 0 else [(start, place), (place + 1, end)]
    yield from (Replacement(*part) for part in parts if part[0] < part[1])
    rest = inserted if place < 0 else inserted[1:]
    if rest:
        yield Replacement(end, end, rest)
