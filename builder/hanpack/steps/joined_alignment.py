"""The alignments of the texts of a batch as one, so that the spans of all texts are mapped in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hanpack.steps.alignment import Alignment, Positions


@dataclass(frozen=True, slots=True, eq=False)
class JoinedAlignment:
    """The alignments of several texts as one, so that the spans of all texts are mapped at once.

    ``joined`` has the texts one after another, with a character and a source position that are of none of
    them between every two. Position p of text i is ``text_shifts[i] + p`` there, source position q is
    ``source_shifts[i] + q``, and its source begins there at ``starts[i]``. The arrays have the shape
    (texts,).
    """

    joined: Alignment
    text_shifts: Positions
    source_shifts: Positions
    starts: Positions

    @classmethod
    def of(cls, alignments: Sequence[Alignment]) -> JoinedAlignment:
        """Join the alignments of some texts.

        >>> two = [Alignment.of_widths(np.array([3, 3]), 10), Alignment.of_widths(np.array([1, 3]), 5)]
        >>> numbers, starts, ends = np.array([[0, 1], [1, 1], [2, 2]])
        >>> low, high = JoinedAlignment.of(two).source_spans(numbers, starts, ends)
        >>> low.tolist(), high.tolist()
        ([13, 6], [16, 9])
        """
        if not alignments:
            nothing = np.zeros(0, np.int64)
            return cls(Alignment.identity(0), nothing, nothing, nothing)
        if len(alignments) == 1:
            # Without a copy: that of a long record takes more memory than its text.
            nothing = np.zeros(1, np.int64)
            return cls(alignments[0], nothing, nothing, alignments[0].source[:1])
        counts = np.array([len(alignment.text) for alignment in alignments], np.int64)
        ends = np.cumsum(counts)
        text, text_shifts = join_breaks(np.concatenate([alignment.text for alignment in alignments]), counts)
        source, source_shifts = join_breaks(
            np.concatenate([alignment.source for alignment in alignments]), counts
        )
        even = np.concatenate([alignment.even for alignment in alignments])
        between = (ends - np.arange(1, len(ends) + 1))[:-1]
        joined = Alignment(text, source, np.insert(even, between, False))
        return cls(joined, text_shifts, source_shifts, source[ends - counts])

    def source_spans(
        self, texts: Positions, starts: Positions, ends: Positions
    ) -> tuple[Positions, Positions]:
        """The source span of each span of a text; see :meth:`Alignment.source_spans`.

        ``texts`` are the numbers of the texts. All arrays have the shape (spans,).
        """
        if len(self.starts) == 1:
            # Nothing is shifted, and there may be millions of spans.
            return self.joined.source_spans(starts, ends)
        text_shifts, source_shifts = self.text_shifts[texts], self.source_shifts[texts]
        low, high = self.joined.source_spans(starts + text_shifts, ends + text_shifts)
        return low - source_shifts, high - source_shifts

    def text_spans(self, texts: Positions, starts: Positions, ends: Positions) -> tuple[Positions, Positions]:
        """The span of a text that each source span became; see :meth:`Alignment.text_spans`."""
        if len(self.starts) == 1:
            return self.joined.text_spans(starts, ends)
        text_shifts, source_shifts = self.text_shifts[texts], self.source_shifts[texts]
        low, high = self.joined.text_spans(starts + source_shifts, ends + source_shifts)
        return low - text_shifts, high - text_shifts


def join_breaks(breaks: Positions, counts: Positions) -> tuple[Positions, Positions]:
    """The breaks of several texts as those of one in which they lie apart by one, and the shift of each text.

    ``counts`` says how many breaks each text has, at least one; its shape is that of the shifts, (texts,).

    >>> [array.tolist() for array in join_breaks(np.array([0, 2, 5, 7]), np.array([2, 2]))]
    [[0, 2, 3, 5], [0, -2]]
    """
    ends = np.cumsum(counts)
    lengths = breaks[ends - 1] - breaks[ends - counts]
    places = np.cumsum(lengths + 1) - lengths - 1
    shifts = places - breaks[ends - counts]
    return breaks + np.repeat(shifts, counts), shifts
