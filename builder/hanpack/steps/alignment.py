"""The map between the characters of a text and the positions of what it was made from.

An alignment is two equal-length, non-decreasing lists of breaks, as in CodeMirror's change sets: between
two breaks the text positions correspond to the source positions as one block. A block is *even* when its
characters map one by one, each to the same number of source positions; otherwise it is a unit.
The same type maps a document to source bytes and the output of a step to its input, so steps compose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Breaks in the text (characters), breaks in the source (bytes, or the characters of an earlier text).

    ``text`` and ``source`` have the shape (blocks + 1,), ``even`` the shape (blocks,). A block without
    text is something removed, a block without source something inserted; both are even: they can be cut.
    """

    text: Positions
    source: Positions
    even: Flags

    @classmethod
    def of_lengths(cls, lengths: Sequence[tuple[int, int, bool]], source_start: int = 0) -> Alignment:
        """Build from (characters, source positions, even) triples, one a block."""
        table = np.array([(0, source_start, 0), *lengths], dtype=np.int64)
        breaks = np.cumsum(table[:, :2], axis=0)
        return cls(breaks[:, 0], breaks[:, 1], table[1:, 2].astype(np.bool_))

    @classmethod
    def of_widths(cls, widths: npt.NDArray[np.integer], source_start: int = 0) -> Alignment:
        """Build from the number of source positions each character takes; equal neighbours share a block."""
        count = len(widths)
        if not count:
            return cls.identity(0, source_start)
        changes = np.flatnonzero(widths[1:] != widths[:-1]) + 1
        text = np.concatenate(([0], changes, [count])).astype(np.int64)
        sizes = (text[1:] - text[:-1]) * widths[text[:-1]].astype(np.int64)
        source = np.concatenate(([source_start], source_start + np.cumsum(sizes))).astype(np.int64)
        return cls(text, source, np.ones(len(sizes), np.bool_))

    @classmethod
    def identity(cls, length: int, source_start: int = 0) -> Alignment:
        """The alignment of a text with itself."""
        return cls.of_lengths([(length, length, True)], source_start)

    @classmethod
    def of_replacements(cls, length: int, starts: Positions, ends: Positions, sizes: Positions) -> Alignment:
        """What replacing ``[starts, ends)`` of a text of ``length`` by ``sizes`` characters does to it.

        The spans are sorted and do not overlap; what lies between them maps one by one.
        """
        kept = np.concatenate((starts, [length])) - np.concatenate(([0], ends))
        lengths = np.zeros((2 * len(starts) + 1, 2), dtype=np.int64)
        lengths[0::2] = kept[:, None]
        lengths[1::2, 0] = sizes
        lengths[1::2, 1] = ends - starts
        even = np.ones(len(lengths), dtype=np.bool_)
        even[1::2] = (sizes == 0) | (starts == ends)
        occupied = lengths.any(axis=1)
        if not occupied.any():
            return cls.identity(0)
        breaks = np.vstack((np.zeros((1, 2), dtype=np.int64), np.cumsum(lengths[occupied], axis=0)))
        return cls(breaks[:, 0], breaks[:, 1], even[occupied])

    @property
    def length(self) -> int:
        """The number of characters of the text."""
        return int(self.text[-1])

    def after(self, earlier: Alignment) -> Alignment:
        """Compose: ``self`` maps this text to a middle one, ``earlier`` the middle one to the source.

        Where a block of either is a unit, the blocks of the other that cut it are joined to it.
        Text inserted and source removed at the same place stand in that order.
        """
        points = np.unique(np.concatenate((self.source, earlier.text)))
        text_low, text_high, text_whole = _locate(points, self.source, self.text, self.even)
        source_low, source_high, source_whole = _locate(points, earlier.text, earlier.source, earlier.even)
        kept = text_whole & source_whole
        points = points[kept]
        corners = np.empty((len(points), 3, 2), dtype=np.int64)
        corners[:, 0, 0], corners[:, 0, 1] = text_low[kept], source_low[kept]
        corners[:, 1, 0], corners[:, 1, 1] = text_high[kept], source_low[kept]
        corners[:, 2, 0], corners[:, 2, 1] = text_high[kept], source_high[kept]
        even = np.zeros((len(points), 3), dtype=np.bool_)
        mine = np.searchsorted(self.source, points, side="right") - 1
        theirs = np.searchsorted(earlier.text, points, side="right") - 1
        inside = (mine < len(self.even)) & (theirs < len(earlier.even))
        even[inside, 2] = self.even[mine[inside]] & earlier.even[theirs[inside]]
        flat, flags = corners.reshape(-1, 2), even.reshape(-1)
        moved = (flat[1:] != flat[:-1]).any(axis=1)
        breaks = flat[np.concatenate(([True], moved))]
        if len(breaks) == 1:
            return Alignment(np.repeat(breaks[:, 0], 2), np.repeat(breaks[:, 1], 2), np.ones(1, np.bool_))
        one_sided = (breaks[1:] == breaks[:-1]).any(axis=1)
        return Alignment(breaks[:, 0], breaks[:, 1], flags[:-1][moved] | one_sided)

    def cut(self, points: Positions) -> Alignment:
        """The same map with breaks at these places of the text too; a unit is not cut."""
        low, _, whole = _locate(points, self.text, self.source, self.even)
        left = np.searchsorted(self.text, points, side="left")
        fresh = whole & (left == np.searchsorted(self.text, points, side="right"))
        at = left[fresh]
        pieces = 1 + np.bincount(at - 1, minlength=len(self.even))
        return Alignment(
            np.insert(self.text, at, points[fresh]),
            np.insert(self.source, at, low[fresh]),
            np.repeat(self.even, pieces),
        )

    def source_spans(
        self, starts: Sequence[int] | Positions, ends: Sequence[int] | Positions
    ) -> tuple[Positions, Positions]:
        """Map text spans to the source spans they came from, without what was removed at their edges.

        An empty text span maps to everything removed at its place.
        """
        starts, ends = np.asarray(starts, dtype=np.int64), np.asarray(ends, dtype=np.int64)
        first = np.clip(np.searchsorted(self.text, starts, side="right") - 1, 0, len(self.even) - 1)
        last = np.clip(np.searchsorted(self.text, ends, side="left") - 1, 0, len(self.even) - 1)
        low = np.where(self.even[first], self._inside(first, starts), self.source[first])
        high = np.where(self.even[last], -self._inside(last, ends, sign=-1), self.source[last + 1])
        empty = starts == ends
        if empty.any():
            at = starts[empty]
            low[empty] = self.source_spans_of_points(at, "left")
            high[empty] = self.source_spans_of_points(at, "right")
        return low, high

    def source_spans_of_points(self, points: Positions, side: str) -> Positions:
        """The first (``left``) or last (``right``) source position of a place between characters."""
        low, high, whole = _locate(points, self.text, self.source, self.even)
        block = np.clip(np.searchsorted(self.text, points, side="left") - 1, 0, len(self.even) - 1)
        if side == "left":
            return np.where(whole, low, self.source[block])
        return np.where(whole, high, self.source[block + 1])

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Map one text span to its source span."""
        low, high = self.source_spans(np.array([start]), np.array([end]))
        return int(low[0]), int(high[0])

    def text_spans(self, starts: Positions, ends: Positions) -> tuple[Positions, Positions]:
        """Map source spans to the text spans they became; a span whose text is gone maps to an empty one."""
        return self.inverse().source_spans(starts, ends)

    def inverse(self) -> Alignment:
        """The same map read from source to text."""
        return Alignment(self.source, self.text, self.even)

    def has_gap(self) -> Flags:
        """Whether source was removed at each place of the text; shape (characters + 1,)."""
        gaps = np.zeros(self.length + 1, dtype=np.bool_)
        gone = (self.text[1:] == self.text[:-1]) & (self.source[1:] > self.source[:-1])
        gaps[self.text[:-1][gone]] = True
        return gaps

    def removed(self) -> tuple[Positions, Positions]:
        """The source spans that have no text, in order."""
        gone = (self.text[1:] == self.text[:-1]) & (self.source[1:] > self.source[:-1])
        return self.source[:-1][gone], self.source[1:][gone]

    def _inside(self, block: Positions, position: Positions, sign: int = 1) -> Positions:
        """The place in an even block, rounded down; with ``sign=-1`` its negative, so rounded up."""
        size = np.maximum(self.text[block + 1] - self.text[block], 1)
        span = self.source[block + 1] - self.source[block]
        place: Positions = sign * self.source[block] + sign * (position - self.text[block]) * span // size
        return place


def _locate(
    points: Positions, domain: Positions, image: Positions, even: Flags
) -> tuple[Positions, Positions, Flags]:
    """Where each point of the domain falls in the image (first, last), and whether it can be cut there."""
    left = np.searchsorted(domain, points, side="left")
    right = np.searchsorted(domain, points, side="right") - 1
    exact = right >= left
    block = np.clip(left - 1, 0, len(even) - 1)
    size = domain[block + 1] - domain[block]
    span = image[block + 1] - image[block]
    offset = (points - domain[block]) * span
    whole = exact | (even[block] & (offset % np.maximum(size, 1) == 0))
    between = image[block] + offset // np.maximum(size, 1)
    low = np.where(exact, image[np.minimum(left, len(image) - 1)], between)
    high = np.where(exact, image[right], between)
    return low, high, whole
