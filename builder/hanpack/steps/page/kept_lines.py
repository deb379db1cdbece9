"""The replacements that reduce a page to chosen lines of it: what is between them is removed."""

from __future__ import annotations

from collections.abc import Collection

from hanpack.steps.page.html_layout import set_lines
from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.traced import Replacement


def keep_lines(markup: str, page: HtmlPage, lines: Collection[int]) -> list[Replacement]:
    """The replacements that leave the lines, set as Markdown."""
    changes: list[Replacement] = []
    position = 0
    for piece in set_lines(page, lines):
        run = piece.run
        changes += _reduce_gap(markup, position, run.start if run else position, piece.inserted)
        if run:
            if markup[run.start : run.end] != run.text:
                changes.append(Replacement(run.start, run.end, run.text))
            position = run.end
    if position < len(markup):
        changes.append(Replacement(position, len(markup)))
    return changes


def _reduce_gap(markup: str, start: int, end: int, inserted: str) -> list[Replacement]:
    """Remove what is between two runs but for a blank that the inserted text begins with; insert the rest."""
    blank = inserted[:1] if inserted[:1] in (" ", "\n") else ""
    place = markup.find(blank, start, end) if blank else -1
    parts = [(start, end)] if place < 0 else [(start, place), (place + 1, end)]
    changes = [Replacement(*part) for part in parts if part[0] < part[1]]
    rest = inserted if place < 0 else inserted[1:]
    if rest:
        changes.append(Replacement(end, end, rest))
    return changes
