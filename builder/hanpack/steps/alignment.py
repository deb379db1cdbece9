"""The map between the characters of a text and the positions in the source it was made from.

An alignment is two non-decreasing lists of breaks of equal length, as in CodeMirror's change sets: the text
between two breaks corresponds to the source between the same two breaks, as one block. A block is *even* if
its characters map one by one, each to the same number of source positions; any other block is indivisible.
The same type maps a document to source bytes and the output of a step to its input, so alignments compose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

# How many points are located at a time.
_BLOCK = 1 << 16
# An alignment with so many times fewer blocks than the one before it leaves most of that as it is.
_SPARSE = 8
Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """The breaks in the text (in characters) and in the source (in bytes, or characters of an earlier text).

    ``text`` and ``source`` have the shape (blocks + 1,), ``even`` has the shape (blocks,). A block without
    text was removed, a block without source was inserted; both count as even, for they can be cut. Those of a
    long record, of which there may be millions, take four bytes each, see :func:`choose_type`.
    """

    text: Positions
    source: Positions
    even: Flags

    @classmethod
    def of_lengths(cls, lengths: Sequence[tuple[int, int, bool]], source_start: int = 0) -> Alignment:
        """Build from a triple for each block: (characters, source positions, even).

        >>> Alignment.of_lengths([(2, 6, True), (1, 3, False)], source_start=10).source_span(1, 3)
        (13, 19)
        """
        table = np.array([(0, source_start, 0), *lengths], dtype=np.int64)
        breaks = np.cumsum(table[:, :2], axis=0)
        return cls(breaks[:, 0], breaks[:, 1], table[1:, 2].astype(np.bool_))

    @classmethod
    def of_widths(cls, widths: npt.NDArray[np.integer], source_start: int = 0) -> Alignment:
        """Build from the number of source positions of each character, shape (characters,).

        >>> Alignment.of_widths(np.array([1, 3, 3])).source_span(1, 2)
        (1, 4)
        """
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
        """Map each character to one source position."""
        return cls.of_lengths([(length, length, True)], source_start)

    @classmethod
    def of_replacements(cls, length: int, starts: Positions, ends: Positions, sizes: Positions) -> Alignment:
        """Map the text after replacements to the text before them, which has ``length`` characters.

        Each span ``[starts, ends)`` is replaced by ``sizes`` characters; the arrays have the shape
        (replacements,). The spans are sorted and do not overlap. The text between them maps one by one.

        >>> changed = Alignment.of_replacements(4, np.array([1]), np.array([3]), np.array([1]))
        >>> changed.length, changed.source_span(1, 2)
        (3, (1, 3))
        """
        text, source = np.empty((2, 2 * len(starts) + 1), dtype=np.int64)
        text[0], text[2::2] = 0, -ends
        text[0:-1:2] += starts
        text[-1] += length
        source[0::2] = text[0::2]
        text[1::2], source[1::2] = sizes, ends - starts
        even = np.ones(len(text), dtype=np.bool_)
        even[1::2] = (sizes == 0) | (starts == ends)
        occupied = (text > 0) | (source > 0)
        if not occupied.any():
            return cls.identity(0)
        return cls(_add_up(text[occupied]), _add_up(source[occupied]), even[occupied])

    @property
    def length(self) -> int:
        """The number of characters of the text."""
        return int(self.text[-1])

    def after(self, earlier: Alignment) -> Alignment:
        """Compose: ``self`` maps this text to a middle text, ``earlier`` maps the middle text to the source.

        An indivisible block of either stays one block: the blocks of the other inside it are merged. At one
        position, inserted text comes before removed source.

        >>> decoded = Alignment.of_widths(np.array([3, 3, 1]))
        >>> shortened = Alignment.of_replacements(3, np.array([0]), np.array([1]), np.array([0]))
        >>> shortened.after(decoded).source_span(0, 2)
        (3, 7)
        """
        # Invariant: the points are the breaks of both alignments in the middle text, without those that fall
        # inside an indivisible block of either. Each point gives up to three breaks, in this order:
        #   (first text position, first source position)
        #   (last text position, first source position): between these two, inserted text
        #   (last text position, last source position): between these two, removed source
        is_sparse = len(earlier.even) > _SPARSE * len(self.even)
        corners = [self._splice(earlier)] if is_sparse else self._find_all_corners(earlier)
        text, source, even = _join_corners(corners)
        if len(text) == 1:
            return Alignment(np.repeat(text, 2), np.repeat(source, 2), np.ones(1, np.bool_))
        one_sided = (text[1:] == text[:-1]) | (source[1:] == source[:-1])
        return Alignment(text, source, even[:-1] | one_sided)

    def _find_all_corners(self, earlier: Alignment) -> list[tuple[Positions, Positions, Flags]]:
        """The breaks that all points of the middle text give, block by block."""
        points = _merge(self.source, earlier.text)
        kind = choose_type(len(points), self.text[-1], earlier.source[-1])
        # A long record has millions of points, and each takes 100 bytes on the way.
        blocks = (points[start : start + _BLOCK] for start in range(0, len(points), _BLOCK))
        return [
            (text.astype(kind, copy=False), source.astype(kind, copy=False), even)
            for text, source, even in (self._find_corners(block, earlier) for block in blocks)
        ]

    def _splice(self, earlier: Alignment) -> tuple[Positions, Positions, Flags]:
        """The same breaks where few blocks changed: inside the others those of ``earlier`` only move."""
        earlier = earlier._unite_removed()
        is_same = self.even & (np.diff(self.text) == np.diff(self.source))
        low = _search(earlier.text, self.source[:-1], "right")
        high = np.maximum(_search(earlier.text, self.source[1:], "left"), low)
        changed = [earlier.text[slice(*span)] for span in zip(low[~is_same], high[~is_same], strict=True)]
        text, source, even = self._find_corners(_merge(self.source, *changed), earlier)
        # The corners up to the beginning of a block come before the breaks inside it.
        limits = np.searchsorted(text, self.text[:-1][is_same], "right").tolist()
        moves = (self.text - self.source)[:-1][is_same].tolist()
        pieces, done = [], 0
        for first, last, move, limit in zip(low[is_same], high[is_same], moves, limits, strict=True):
            inside, before = slice(first, last), slice(done, limit)
            pieces += [(text[before], source[before], even[before])]
            pieces += [(earlier.text[inside] + move, earlier.source[inside], earlier.even[inside])]
            done = limit
        pieces.append((text[done:], source[done:], even[done:]))
        kind = choose_type(len(earlier.text), self.text[-1], earlier.source[-1])
        text, source, even = map(np.concatenate, zip(*pieces, strict=True))
        return text.astype(kind, copy=False), source.astype(kind, copy=False), even

    def _unite_removed(self) -> Alignment:
        """The same map, with source that was removed at one position of the text as one block."""
        is_inner = (self.text[1:-1] == self.text[:-2]) & (self.text[1:-1] == self.text[2:])
        if not is_inner.any():
            return self
        kept = np.concatenate(([True], ~is_inner, [True]))
        return Alignment(self.text[kept], self.source[kept], self.even[kept[:-1]])

    def _find_corners(self, points: Positions, earlier: Alignment) -> tuple[Positions, Positions, Flags]:
        """The breaks that some points of the middle text give, and whether the block after each is even.

        They are in order, and no two are the same; the arrays have the shape (breaks,).
        """
        text_low, text_high, text_can_cut = _locate(points, self.source, self.text, self.even)
        source_low, source_high, source_can_cut = _locate(points, earlier.text, earlier.source, earlier.even)
        kept = text_can_cut & source_can_cut
        points = points[kept]
        text, source = np.empty((2, len(points), 3), dtype=np.int64)
        text[:, 0], text[:, 1], text[:, 2] = text_low[kept], text_high[kept], text_high[kept]
        source[:, 0], source[:, 1], source[:, 2] = source_low[kept], source_low[kept], source_high[kept]
        even = np.zeros((len(points), 3), dtype=np.bool_)
        later_block = _search(self.source, points, "right") - 1
        earlier_block = _search(earlier.text, points, "right") - 1
        inside = (later_block < len(self.even)) & (earlier_block < len(earlier.even))
        even[inside, 2] = self.even[later_block[inside]] & earlier.even[earlier_block[inside]]
        return _keep_last(text.reshape(-1), source.reshape(-1), even.reshape(-1))

    def cut(self, limits: Flags) -> Alignment:
        """Add breaks at the flagged positions of the text; an indivisible block is not cut.

        ``limits`` has the shape (characters + 1,).

        >>> Alignment.of_widths(np.array([3, 3, 3])).cut(np.array([False, True, False, False])).text.tolist()
        [0, 1, 3]
        """
        longest = len(self.text) + int(np.count_nonzero(limits))
        kind = choose_type(longest, self.text[-1], self.source[-1])
        text, source = (np.empty(longest, kind) for _ in range(2))
        even = np.empty(longest, np.bool_)
        count = done = 0
        # Window by window: a long record has millions of breaks, and each takes ten numbers on the way.
        for start in range(0, len(limits), _BLOCK):
            points = np.flatnonzero(limits[start : start + _BLOCK]) + start
            at, new_text, new_source = self._find_cuts(points)
            # The breaks up to the last before the next window, each new one before the old one at ``at``.
            end = int(_search(self.text, np.array([start + _BLOCK]), "left")[0])
            if start + _BLOCK >= len(limits):
                end = len(self.text)
            end = max(end, int(at[-1]) if len(at) else end)
            size = end - done + len(at)
            here = slice(count, count + size)
            is_new = np.zeros(size, np.bool_)
            is_new[at - done + np.arange(len(at))] = True
            text[here][is_new], source[here][is_new] = new_text, new_source
            text[here][~is_new], source[here][~is_new] = self.text[done:end], self.source[done:end]
            # A new break has the block after it in common with the old one before it.
            blocks = np.cumsum(~is_new) + done - 1
            even[here] = self.even[np.minimum(blocks, len(self.even) - 1)]
            count, done = count + size, end
        return Alignment(text[:count], source[:count], even[: count - 1])

    def _find_cuts(self, points: Positions) -> tuple[Positions, Positions, Positions]:
        """The break before which each point is put that can be cut, the point, and its source position."""
        left = _search(self.text, points, "left")
        is_between = self.text.take(left, mode="clip") != points
        points, left = points[is_between], left[is_between]
        size = self.text[left] - self.text[left - 1]
        span = self.source[left] - self.source[left - 1]
        offset = (points - self.text[left - 1]) * span
        can_cut = self.even[left - 1] & (offset % size == 0)
        at = left[can_cut]
        return at, points[can_cut], self.source[at - 1] + (offset // size)[can_cut]

    def source_spans(
        self, starts: Sequence[int] | Positions, ends: Sequence[int] | Positions
    ) -> tuple[Positions, Positions]:
        """Map text spans to the source spans they came from, without source removed at their edges.

        All arrays have the shape (spans,). An empty text span maps to all source removed at its position.

        >>> low, high = Alignment.of_widths(np.array([1, 3, 3])).source_spans([0, 1], [1, 3])
        >>> low.tolist(), high.tolist()
        ([0, 1], [1, 7])
        """
        if len(starts) > _BLOCK:
            # Block by block: each span takes ten numbers on the way.
            low, high = np.empty((2, len(starts)), self.source.dtype)
            for block in (slice(at, at + _BLOCK) for at in range(0, len(starts), _BLOCK)):
                low[block], high[block] = self.source_spans(starts[block], ends[block])
            return low, high
        starts, ends = np.asarray(starts, dtype=np.int64), np.asarray(ends, dtype=np.int64)
        first = np.clip(_search(self.text, starts, "right") - 1, 0, len(self.even) - 1)
        last = np.clip(_search(self.text, ends, "left") - 1, 0, len(self.even) - 1)
        low = np.where(self.even[first], self._inside(first, starts, round_up=False), self.source[first])
        high = np.where(self.even[last], self._inside(last, ends, round_up=True), self.source[last + 1])
        empty = starts == ends
        if empty.any():
            points = starts[empty]
            low[empty] = self.source_spans_of_points(points, "left")
            high[empty] = self.source_spans_of_points(points, "right")
        return low.astype(self.source.dtype, copy=False), high.astype(self.source.dtype, copy=False)

    def source_spans_of_points(self, points: Positions, side: str) -> Positions:
        """The first (``left``) or last (``right``) source position of each point between characters."""
        low, high, can_cut = _locate(points, self.text, self.source, self.even)
        block = np.clip(_search(self.text, points, "left") - 1, 0, len(self.even) - 1)
        if side == "left":
            return np.where(can_cut, low, self.source[block])
        return np.where(can_cut, high, self.source[block + 1])

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Map one text span to its source span.

        >>> Alignment.identity(5, source_start=100).source_span(2, 4)
        (102, 104)
        """
        low, high = self.source_spans(np.array([start]), np.array([end]))
        return int(low[0]), int(high[0])

    def text_spans(self, starts: Positions, ends: Positions) -> tuple[Positions, Positions]:
        """Map source spans to the text spans they became; a span whose text was removed maps to an empty one.

        >>> starts, ends = Alignment.of_widths(np.array([1, 3, 3])).text_spans(np.array([1]), np.array([7]))
        >>> starts.tolist(), ends.tolist()
        ([1], [3])
        """
        return self.inverse().source_spans(starts, ends)

    def inverse(self) -> Alignment:
        """The same map, from source to text."""
        return Alignment(self.source, self.text, self.even)

    def find_gaps(self) -> Flags:
        """Whether source was removed at each point of the text; shape (characters + 1,)."""
        gaps = np.zeros(self.length + 1, dtype=np.bool_)
        gaps[self.text[:-1][self._is_removed()]] = True
        return gaps

    def removed(self) -> tuple[Positions, Positions]:
        """The source spans that have no text, in order; both arrays have the shape (spans,)."""
        removed = self._is_removed()
        return self.source[:-1][removed], self.source[1:][removed]

    def _is_removed(self) -> Flags:
        """Whether each block has source and no text; shape (blocks,)."""
        return np.asarray((self.text[1:] == self.text[:-1]) & (self.source[1:] > self.source[:-1]), np.bool_)

    def _inside(self, block: Positions, position: Positions, *, round_up: bool) -> Positions:
        """The source position of a text position inside an even block."""
        size = np.maximum(self.text[block + 1] - self.text[block], 1)
        scaled = (position - self.text[block]) * (self.source[block + 1] - self.source[block])
        inside: Positions = self.source[block] + (-(-scaled // size) if round_up else scaled // size)
        return inside


def choose_type(count: int, *last: int | np.integer) -> np.dtype[Any]:
    """The type of so many positions, of which the last are given: 4 bytes if there are many, and they fit."""
    return np.dtype(np.int32 if count > _BLOCK and max(last) < 2**31 else np.int64)


def _merge(*positions: Positions) -> Positions:
    """The different ones of several lists of positions, in order."""
    merged = np.concatenate(positions)
    # Each list is in order: a stable sort merges them, many times as fast as np.unique.
    merged.sort(kind="stable")
    return merged[np.concatenate(([True], merged[1:] != merged[:-1]))]


def _search(domain: Positions, points: Positions, side: Literal["left", "right"]) -> Positions:
    """As np.searchsorted, which copies the whole domain if the points are of another type."""
    if points.dtype != domain.dtype:
        limits = np.iinfo(domain.dtype)
        points = np.clip(points, limits.min, limits.max).astype(domain.dtype)
    return np.searchsorted(domain, points, side)


def _add_up(lengths: Positions) -> Positions:
    """The breaks between blocks of these lengths, from 0; shape (blocks + 1,)."""
    breaks = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=breaks[1:])
    return breaks


def _keep_last(text: Positions, source: Positions, even: Flags) -> tuple[Positions, Positions, Flags]:
    """Of equal breaks in a row the last, whose flag is that of the block after it."""
    is_last = np.ones(len(text), np.bool_)
    np.not_equal(text[1:], text[:-1], out=is_last[:-1])
    is_last[:-1] |= source[1:] != source[:-1]
    return text[is_last], source[is_last], even[is_last]


def _join_corners(
    corners: list[tuple[Positions, Positions, Flags]],
) -> tuple[Positions, Positions, Flags]:
    """Join lists of breaks, of which the last of one may be the same as the first of the next.

    ``corners`` is emptied, so that not all breaks are in memory twice.
    """
    if len(corners) == 1:
        return corners.pop()
    corners = [block for block in corners if len(block[0])] or corners[:1]
    for number, ((text, source, even), (next_text, next_source, _)) in enumerate(pairwise(corners)):
        if text[-1] == next_text[0] and source[-1] == next_source[0]:
            corners[number] = text[:-1], source[:-1], even[:-1]
    texts, sources, flags = map(list, zip(*corners, strict=True))
    del corners
    text = np.concatenate(texts)
    del texts
    source = np.concatenate(sources)
    del sources
    return text, source, np.concatenate(flags)


def _locate(
    points: Positions, domain: Positions, image: Positions, even: Flags
) -> tuple[Positions, Positions, Flags]:
    """The first and last position of each point of the domain in the image, and whether it can be cut there.

    ``domain`` and ``image`` are the two lists of breaks of an alignment, in either direction.
    """
    if len(points) > _BLOCK:
        # Block by block: a long record has millions of points, and each takes ten numbers on the way.
        blocks = (points[start : start + _BLOCK] for start in range(0, len(points), _BLOCK))
        parts = [_locate(block, domain, image, even) for block in blocks]
        return (
            np.concatenate([part[0] for part in parts]),
            np.concatenate([part[1] for part in parts]),
            np.concatenate([part[2] for part in parts]),
        )
    left = _search(domain, points, "left")
    right = _search(domain, points, "right") - 1
    exact = right >= left
    block = np.clip(left - 1, 0, len(even) - 1)
    size = domain[block + 1] - domain[block]
    span = image[block + 1] - image[block]
    offset = (points - domain[block]) * span
    can_cut = exact | (even[block] & (offset % np.maximum(size, 1) == 0))
    between = image[block] + offset // np.maximum(size, 1)
    low = np.where(exact, image[np.minimum(left, len(image) - 1)], between)
    high = np.where(exact, image[right], between)
    return low, high, can_cut
