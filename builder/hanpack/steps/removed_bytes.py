"""Counts the source bytes that each step removed from each of several texts, all at once.

Nearly always the removals of a text do not overlap, and are exactly the bytes that have no text: then each
counts for its step. Only the other texts are counted one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.edit_list import JoinedEdits
from hanpack.steps.joined_alignment import JoinedAlignment
from hanpack.steps.traced import Traced, count_removed


def count_removed_of_all(
    texts: Sequence[Traced], edits: JoinedEdits, alignment: JoinedAlignment
) -> list[dict[str, int]]:
    """Count the source bytes that each step removed, as :func:`count_removed` does for each text.

    ``edits`` and ``alignment`` are those of all texts.

    >>> from hanpack.steps.alignment import Alignment
    >>> from hanpack.steps.replacements import Replacement
    >>> traced = Traced("a國", Alignment.of_widths(np.array([1, 3]))).apply("spaces", [Replacement(1, 2)])
    >>> count_removed_of_all([traced], JoinedEdits.of([traced.edits]), JoinedAlignment.of([traced.alignment]))
    [{'spaces': 3}]

    Raises:
        AssertionError: there are bytes without text that no edit removed.
    """
    sums, are_exact = sum_removed(edits, alignment)
    names = edits.steps.names
    counts: list[dict[str, int]] = [{} for _ in texts]
    rows, columns = np.nonzero(sums)
    for row, column, count in zip(rows.tolist(), columns.tolist(), sums[rows, columns].tolist(), strict=True):
        counts[row][names[column]] = count
    for row in np.flatnonzero(~are_exact).tolist():
        counts[row] = count_removed(texts[row])
    return counts


def sum_removed(edits: JoinedEdits, alignment: JoinedAlignment) -> tuple[Positions, Flags]:
    """The bytes of the removals of each step in each text; shape (texts, names of steps).

    The other array, of the shape (texts,), says of which texts these are the bytes that each step removed.
    """
    removed = edits.kinds.find("removed")
    owners, starts, ends = edits.owners[removed], edits.byte_starts[removed], edits.byte_ends[removed]
    steps = np.frombuffer(edits.steps.codes, np.uint8)[removed].astype(np.int64)
    sums = np.zeros((len(edits.counts), len(edits.steps.names)), np.int64)
    np.add.at(sums, (owners, steps), ends - starts)
    # A long record may have millions of edits: what is not needed any more is let go of.
    del removed, steps
    if len(edits.counts) > 1:
        shifts = alignment.source_shifts[owners]
        starts, ends = starts + shifts, ends + shifts
    return sums, _are_disjoint(alignment, owners, starts, ends)


def _are_disjoint(alignment: JoinedAlignment, owners: Positions, starts: Positions, ends: Positions) -> Flags:
    """Whether the removals of each text do not overlap and are exactly its bytes without text.

    ``owners`` are the numbers of the texts of the removals. The result has the shape (texts,).
    """
    order = np.argsort(starts, kind="stable")
    owners, starts, ends = owners[order], starts[order], ends[order]
    low, high = alignment.joined.removed()
    count = len(alignment.starts)
    without_text = np.bincount(
        np.searchsorted(alignment.starts, low, side="right") - 1, high - low, minlength=count
    )
    are_exact = np.asarray(np.bincount(owners, ends - starts, minlength=count) == without_text, np.bool_)
    # Spans that touch are one span.
    apart = np.flatnonzero(low[1:] != high[:-1])
    low, high = low[np.append(0, apart + 1)[: len(low)]], high[np.append(apart, -1)[: len(high)]]
    span = np.searchsorted(low, starts, side="right") - 1
    is_wrong = (span < 0) | (ends > high.take(span, mode="clip")) if len(low) else starts < ends
    is_wrong[1:] |= starts[1:] < ends[:-1]
    are_exact[owners[is_wrong]] = False
    return are_exact
