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
        for start, end, text, _ in replacements:
            self._starts.append(start)
            self._ends.append(end)
            self._texts.append(text)

    def __iter__(self) -> Iterator[Replacement]:
        return map(Replacement, self._starts, self._ends, self._texts)


def keep_lines(markup: str, page: HtmlPage, lines: Collection[int]) -> Iterator[Replacement]:
    """The replacements that leave the lines, set as Markdown."""
    position = 0
    for inserted, run in set_lines(page, lines):
        if run is None:
            yield from _reduce_gap(markup, position, position, inserted)
            continue
        text, start, end, _ = run
        yield from _reduce_gap(markup, position, start, inserted)
        if markup[start:end] != text:
            yield Replacement(start, end, text)
        position = end
    if position < len(markup):
        yield Replacement(position, len(markup))


def _reduce_gap(markup: str, start: int, end: int, inserted: str) -> Iterator[Replacement]:
    """Remove what is between two runs but for a blank that the inserted text begins with; insert the rest."""
    place = markup.find(inserted[0], start, end) if inserted.startswith((" ", "\n")) else -1
    if place >= 0:
        if start < place:
            yield Replacement(start, place)
        start, inserted = place + 1, inserted[1:]
    if start < end:
        yield Replacement(start, end)
    if inserted:
        yield Replacement(end, end, inserted)
