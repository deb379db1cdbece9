"""The policy ``structure``: chunks for retrieval, which run across as few high headings as possible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hanpack.steps.chunk.boundaries import Strength, is_cluster_limit, strength_of_end
from hanpack.steps.chunk.cuts import Cutter, Span
from hanpack.steps.chunk.heading_patterns import MARKER_KINDS

# The cost of a chunk, to which the other costs are relative.
_CHUNK = 1.0
# The added cost of a chunk that runs across a heading, by the number of headings above that heading.
_ACROSS = (2.0, 1.2, 0.6, 0.4, 0.25)
# Articles and the lowest items are short: several share a chunk, however few headings are above them.
_SMALL_KINDS = frozenset(kind.name for kind in MARKER_KINDS if kind.small)
_ACROSS_SMALL = 0.6
# The cost of a cut that is not before a heading, and of a cut that leaves the heading before it without text.
_AT_LINE, _AT_SENTENCE, _AFTER_HEADING = 0.25, 0.5, 2.0
# The cost of an empty chunk; that of a partly filled one is this times the square of its empty part.
_EMPTINESS = 0.2
_BELOW_MINIMUM = 1.5
# The largest expected difference of an estimate from the exact count, in tokens.
_ESTIMATE_ERROR = 8

Costs = npt.NDArray[np.float64]


def cut_by_structure(cutter: Cutter) -> list[Span]:
    """Choose the cuts of least total cost, by dynamic programming over the positions to cut.

    The costs are computed from estimated tokens; each chunk is then counted exactly. A chunk that is over the
    budget after all, or a sentence longer than the budget, is cut further as the policy ``fill`` does.
    Headings alone are no chunk if there is text under them: where the next sentence does not fit, it is cut.
    """
    positions = [0, *(end for end in cutter.ends if is_cluster_limit(cutter.text, end))]
    spans: list[Span] = []
    floor = 0
    for low, high in _join_headings(cutter, _plan(cutter, positions)):
        own_start = low
        while own_start < high:
            start = cutter.overlapping_start(own_start, floor)
            span = _whole(cutter, start, own_start, high) or _with_text(
                cutter, cutter.fullest(start, own_start)[0]
            )
            spans.append(span)
            own_start, floor = span.end, start
            if own_start > high:
                return [*spans, *_rest(cutter, own_start, floor)]
    return spans


def _join_headings(cutter: Cutter, plan: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The planned spans, in which nothing but headings is part of the span after it."""
    joined_start: int | None = None
    for low, high in plan:
        start = low if joined_start is None else joined_start
        if cutter.leaves_headings(start, high):
            joined_start = start
        else:
            yield start, high
            joined_start = None


def _with_text(cutter: Cutter, span: Span) -> Span:
    """A chunk of nothing but headings with the beginning of the sentence after it, if that fits."""
    if not cutter.leaves_headings(span.own_start, span.end):
        return span
    finer = None if cutter.begins_row(span.end) else cutter.finer_end(span.start, span.end)
    if finer is None or finer.strength == Strength.CHARACTER:
        return span
    return Span(span.start, span.own_start, finer.position, finer.token_count)


def _whole(cutter: Cutter, start: int, own_start: int, high: int) -> Span | None:
    """The chunk up to ``high`` if it is within the budget."""
    if cutter.estimate(high) - cutter.estimate(start) > cutter.max_tokens + _ESTIMATE_ERROR:
        return None
    tokens = cutter.tokenized.count(start, high)
    return Span(start, own_start, high, tokens) if tokens <= cutter.max_tokens else None


def _rest(cutter: Cutter, own_start: int, floor: int) -> list[Span]:
    """The fullest chunks from a position on: the plan no longer applies once a chunk ends beyond its span."""
    spans: list[Span] = []
    while own_start < len(cutter.text):
        start = cutter.overlapping_start(own_start, floor)
        span, _ = cutter.fullest(start, own_start)
        spans.append(span)
        own_start, floor = span.end, start
    return spans


def _plan(cutter: Cutter, positions: list[int]) -> list[tuple[int, int]]:
    """The spans between positions that have the least total cost, in order.

    Invariant: once position j is done, ``chosen[j]`` is the best start of a chunk that ends there, and the
    least cost of all chunks up to j is ``settled[j]`` plus the running total of ``across``. The squared
    emptiness of a chunk from i to j is (opened[i] - filled[j]) ** 2, so that one subtraction of arrays gives
    it for all i.
    """
    room = max(cutter.max_tokens - cutter.settings.overlap, 1)
    minimum = cutter.settings.minimum
    tokens = cutter.tokenized.estimate_before(np.array(positions, np.int64))
    at_position, across = _costs(cutter, positions)
    crossed = np.cumsum(across)
    filled = _EMPTINESS**0.5 * tokens / room
    opened = filled + _EMPTINESS**0.5
    settled = np.zeros(len(positions))
    chosen = [0] * len(positions)
    nearest = tokens.searchsorted(tokens - room).tolist()
    ends = zip(range(1, len(positions)), nearest[1:], filled[1:].tolist(), strict=True)
    fixed_costs = (at_position[1:] + crossed[:-1] - crossed[1:]).tolist()
    for (index, low, full), fixed in zip(ends, fixed_costs, strict=True):
        if low >= index:
            # A sentence longer than the budget makes several chunks.
            chosen[index] = index - 1
            settled[index] = settled[index - 1] + _CHUNK * (tokens[index] - tokens[index - 1]) / room + fixed
            continue
        cost = opened[low:index] - full
        cost *= cost
        cost += settled[low:index]
        if minimum:
            cost += _BELOW_MINIMUM * (tokens[index] - tokens[low:index] < minimum)
        best = int(cost.argmin())
        chosen[index] = low + best
        settled[index] = cost[best] + _CHUNK + fixed
    cuts = [len(positions) - 1]
    while cuts[-1]:
        cuts.append(chosen[cuts[-1]])
    cuts.reverse()
    return [(positions[low], positions[high]) for low, high in pairwise(cuts)]


def _costs(cutter: Cutter, positions: list[int]) -> tuple[Costs, Costs]:
    """The cost of a cut at each position, and the added cost of a chunk across it; shape (positions,)."""
    at_position = np.array(
        [
            _AT_SENTENCE
            if not position or strength_of_end(cutter.text, position) == Strength.SENTENCE
            else _AT_LINE
            for position in positions
        ]
    )
    across = np.zeros(len(positions))
    index_of = {position: index for index, position in enumerate(positions)}
    outline = cutter.outline
    depths: list[int] = []
    for heading, place in enumerate(outline.places):
        parent = outline.parents[heading]
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
        index = index_of.get(place)
        if index is None:
            continue
        following = positions[index + 1] if index + 1 < len(positions) else place
        # The text of an article begins in its line.
        if outline.kind(heading) != "article" and not outline.has_text_under(heading, following):
            at_position[index + 1 : index + 2] = _AFTER_HEADING
        before = heading - 1
        if heading and not outline.has_text_under(before, place) and not outline.ends_at(before, place):
            at_position[index] = _AFTER_HEADING
        else:
            at_position[index] = 0
            cost = _ACROSS[min(depths[heading], len(_ACROSS) - 1)]
            across[index] = min(cost, _ACROSS_SMALL) if outline.kind(heading) in _SMALL_KINDS else cost
    at_position[-1] = 0
    return at_position, across
