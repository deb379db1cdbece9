"""How many tokens are left for the text of a chunk below the headings that are put before it."""

from __future__ import annotations

from collections.abc import Sequence

from hanpack.steps.chunk.sections import Outline
from hanpack.steps.tokens.counting import TokenCounter

# Headings may take at most the budget divided by this; the highest of a longer path are left out.
_HEADING_DIVISOR = 4
# One token more is reserved below headings: joining two texts can make a token that neither had.
_JOINT = 1


def most_heading_tokens(max_tokens: int) -> int:
    """The most tokens that are reserved for the headings before a chunk.

    >>> most_heading_tokens(256)
    64
    """
    return max_tokens // _HEADING_DIVISOR


class HeadingBudget:
    """The budget of chunks by the headings above them; without a counter no headings are put before chunks.

    ``max_tokens`` is the budget of a chunk with its headings.
    """

    def __init__(self, outline: Outline, counter: TokenCounter | None, max_tokens: int) -> None:
        self._outline = outline
        self._counter = counter
        self._max_tokens = max_tokens
        self._lines: dict[int, int] = {}
        self._reserved: dict[int, int] = {-1: 0}

    def reserve(self, index: int) -> int:
        """About how many tokens to reserve if the nearest heading above a chunk is that of the index.

        Each heading is counted once, as a line of its own. -1 is no heading.
        """
        if self._counter is None:
            return 0
        reserved = self._reserved.get(index)
        if reserved is None:
            allowed, reserved, above = most_heading_tokens(self._max_tokens), 0, index
            while above >= 0 and reserved + self._count_line(above) <= allowed:
                reserved += self._count_line(above)
                above = self._outline.parents[above]
            reserved += _JOINT if reserved else 0
            self._reserved[index] = reserved
        return reserved

    def room(self, own_start: int, start: int) -> int:
        """The budget for the text of a chunk that begins at ``start``, its own part at ``own_start``."""
        return self._max_tokens - self.reserve(self._outline.index_above(own_start, start))

    def fits(self, own_start: int, start: int, end: int) -> bool:
        """Whether a chunk and all headings above it are within the budget, counted as one text."""
        if self._counter is None:
            return False
        heading = join_headings(self._outline.headings_before(own_start, start))
        return self._counter.count(heading + self._outline.text[start:end]) <= self._max_tokens

    def _count_line(self, index: int) -> int:
        tokens = self._lines.get(index)
        if tokens is None:
            heading = self._outline.written(index)
            assert self._counter is not None
            tokens = self._lines[index] = self._counter.count(f"{heading}\n") if heading else 0
        return tokens


def join_headings(path: Sequence[str]) -> str:
    r"""The headings before a chunk, a line each.

    >>> join_headings(("第一章 总则", "第一条"))
    '第一章 总则\n第一条\n'
    """
    return "".join(f"{heading}\n" for heading in path)
