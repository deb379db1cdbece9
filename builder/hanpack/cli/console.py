"""The console on which commands print: it shows control characters as escapes and reads nothing as markup.

This module is short because rich, which it needs, is loaded with it, and a command that prints nothing does
without.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from hanpack.views.visible_text import make_visible


class VisibleConsole(Console):
    """A console that shows control characters of what is printed as escapes, and reads no markup."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of a renderable; those that are control codes are rich's own."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(make_visible(segment.text), segment.style)
