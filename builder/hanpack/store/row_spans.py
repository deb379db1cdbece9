"""Sets of rows, as ranges in order of which no two overlap. It is short because it has only these."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence


def join_ranges(groups: Iterable[Sequence[range]]) -> list[range]:
    """The union of groups of ranges, as ranges in order that do not overlap.

    >>> join_ranges([[range(4, 9)], [range(0, 2), range(2, 5)]])
    [range(0, 9)]
    """
    joined: list[range] = []
    for span in sorted((span for group in groups for span in group), key=lambda span: span.start):
        if joined and span.start <= joined[-1].stop:
            joined[-1] = range(joined[-1].start, max(joined[-1].stop, span.stop))
        else:
            joined.append(span)
    return joined


def cut_ranges(spans: Sequence[range], limits: range) -> list[range]:
    """The parts of ranges in order that are inside others.

    >>> cut_ranges([range(0, 3), range(5, 9), range(12, 15)], range(2, 12))
    [range(2, 3), range(5, 9)]
    """
    inside: list[range] = []
    for number in range(bisect_right(spans, limits.start, key=lambda span: span.stop), len(spans)):
        span = range(max(spans[number].start, limits.start), min(spans[number].stop, limits.stop))
        if not span:
            break
        inside.append(span)
    return inside
