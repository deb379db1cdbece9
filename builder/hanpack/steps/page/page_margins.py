"""Tells the lines in the margins of pages from the lines of the body, by where they are on the page.

Boxes of lines are those of the source, such as a PDF file; a text alone has none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

# The share of the page's height in which running heads and feet may be. A line as large as the body must be
# in the narrow one, the margin of 2.54 cm that word processors leave on A4.
_BAND, _NARROW_BAND = 0.15, 0.085
# A line has the size of another if their heights differ by no more than this factor, as those of fonts do.
_SAME_SIZE = 0.92
# A line is apart from the next if the distance is that of two lines of the body by this factor.
_APART = 1.3
# If the body of so many pages reaches the height of a line, the line is in the body.
_SHARE_IN_BODY = 0.1


class LineBox(NamedTuple):
    """The upper and lower side of a line, as shares of the page's height from its top.

    ``goes_on`` says whether it goes on with the paragraph of the line before, None if that is not known.
    """

    top: float
    bottom: float
    goes_on: bool | None = None

    @property
    def height(self) -> float:
        """The height of its characters, as a share of the page's height."""
        return self.bottom - self.top


class Margins:
    """Where the body of the pages is, and which of the lines at the edges of a page are outside of it.

    ``boxes`` are those of all lines; ``pages`` has the indexes of the lines of each page, in reading order.
    ``heads`` are the lines that may be running heads or feet, ``numbers`` those that are page numbers.

    >>> boxes = [LineBox(0.04, 0.05), *(LineBox(row / 50, row / 50 + 0.014) for row in range(5, 40))]
    >>> margins = Margins(boxes, [range(36)], {0, 1}, set())
    >>> margins.count_outside(range(36), [0, 1], is_foot=False)
    1
    """

    def __init__(
        self, boxes: Sequence[LineBox], pages: Sequence[Sequence[int]], heads: set[int], numbers: set[int]
    ) -> None:
        self._boxes, self._numbers = boxes, numbers
        self._pages = len(pages)
        shown = [boxes[index] for page in pages for index in page]
        self._height = median(box.height for box in shown) if shown else 0.0
        steps = [
            step
            for page in pages
            for before, after in pairwise(page)
            if (step := boxes[after].bottom - boxes[before].bottom) > 0
        ]
        self._step = median(steps) if steps else 0.0
        bodies = [
            [
                boxes[index]
                for index in page
                if index not in heads
                and index not in numbers
                and _is_same_size(boxes[index].height, self._height)
            ]
            for page in pages
        ]
        self._tops = sorted(min(box.top for box in body) for body in bodies if body)
        self._bottoms = sorted(max(box.bottom for box in body) for body in bodies if body)

    def count_outside(self, edge: Sequence[int], candidates: Sequence[int], is_foot: bool) -> int:
        """How many of the candidates, which begin an edge of a page, are outside of the body.

        ``edge`` are the lines of the page from that edge on. A line that is like the next line of the body
        is one of the body, and so is one that is inside of the body of other pages.
        """
        for count in range(len(candidates), 0, -1):
            following = edge[count] if count < len(edge) else None
            outside = all(self._is_outside(edge, place, following, is_foot=is_foot) for place in range(count))
            if outside and (following is None or not self._is_next_line(edge[count - 1], following, is_foot)):
                return count
        return 0

    def _is_outside(self, edge: Sequence[int], place: int, following: int | None, *, is_foot: bool) -> bool:
        index = edge[place]
        if self._measure_depth(index, is_foot) > _BAND:
            return False
        if index in self._numbers:
            return True
        if self._is_in_body(index, is_foot):
            return False
        if self._boxes[index].height < _SAME_SIZE * self._height:
            return True
        # As large as the body: only the outermost line that is no number, and set apart.
        is_outermost = all(
            before in self._numbers or self._are_beside(before, index) for before in edge[:place]
        )
        return (
            is_outermost
            and self._measure_depth(index, is_foot) <= _NARROW_BAND
            and (following is None or not self._is_close(index, following, is_foot))
        )

    def _measure_depth(self, index: int, is_foot: bool) -> float:
        """How far a line reaches into the page from its edge."""
        box = self._boxes[index]
        return 1 - box.top if is_foot else box.bottom

    def _is_in_body(self, index: int, is_foot: bool) -> bool:
        box = self._boxes[index]
        reaching = (
            len(self._bottoms) - bisect_right(self._bottoms, box.top)
            if is_foot
            else bisect_left(self._tops, box.bottom)
        )
        return reaching >= max(1, _SHARE_IN_BODY * self._pages)

    def _is_next_line(self, index: int, following: int, is_foot: bool) -> bool:
        """Whether a line and the next inside of it are two lines of one text: of one size, and close."""
        return (
            index not in self._numbers
            and _is_same_size(self._boxes[index].height, self._boxes[following].height)
            and self._is_close(index, following, is_foot)
        )

    def _is_close(self, index: int, following: int, is_foot: bool) -> bool:
        # The lower sides are near the lines that characters of all sizes stand on.
        step = self._boxes[following].bottom - self._boxes[index].bottom
        return (-step if is_foot else step) < _APART * self._step

    def _are_beside(self, first: int, second: int) -> bool:
        """Whether two lines are at one height."""
        boxes = self._boxes[first], self._boxes[second]
        return max(box.top for box in boxes) < min(box.bottom for box in boxes)


def _is_same_size(first: float, second: float) -> bool:
    return min(first, second) >= _SAME_SIZE * max(first, second)
