"""The policy ``structure``: chunks for retrieval, which run across no higher heading than they must."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hanpack.steps.chunk.boundaries import Strength, is_cluster_limit, strength_of_end
from hanpack.steps.chunk.cuts import Cutter, Span
from hanpack.steps.chunk.outline import Outline

# What a chunk costs; what it costs more to run across a heading, by how many headings stand above that one.
_CHUNK = 1.0
_CROSSING = (2.0, 1.2, 0.6, 0.4, 0.25)
# What it costs to cut where no heading stands.
_AT_LINE, _AT_SENTENCE, _ABOVE_ITS_TEXT = 0.25, 0.5, 2.0
_EMPTINESS = 0.2
# Articles and the lowest items are short: they share a chunk, however few headings stand above them.
_SMALL = frozenset(("article", "point", "round", "roundsign", "circle", "first", "word"))
_SMALL_UNIT = 0.6
_ESTIMATE_ERROR = 8
_TOO_SMALL = 1.5
_BETWEEN = " \t\r\n　。；：:;"

Costs = npt.NDArray[np.float64]


def cut_by_structure(cutter: Cutter) -> list[Span]:
    """Choose the cuts of least cost over the whole text, by dynamic programming over the places to cut.

    The costs work on estimates of the tokens; each chunk is then counted exactly, and one that is over the
    budget after all, or a sentence longer than the budget, is cut further as the policy ``fill`` does.
    """
    places = [0, *(end for end in cutter.ends if is_cluster_limit(cutter.text, end))]
    spans: list[Span] = []
    floor = 0
    for low, high in _segments(cutter, places):
        cover_start = low
        while cover_start < high:
            start = cutter.overlapping_start(cover_start, floor)
            span = _whole(cutter, start, cover_start, high) or cutter.fullest(start, cover_start)[0]
            spans.append(span)
            cover_start, floor = span.end, start
            if cover_start > high:
                return [*spans, *_rest(cutter, cover_start, floor)]
    return spans


def _whole(cutter: Cutter, start: int, cover_start: int, high: int) -> Span | None:
    """The chunk up to ``high`` where it keeps within the budget."""
    if cutter.estimate(high) - cutter.estimate(start) > cutter.budget + _ESTIMATE_ERROR:
        return None
    tokens = cutter.counted.count(start, high)
    return Span(start, cover_start, high, tokens) if tokens <= cutter.budget else None


def _rest(cutter: Cutter, cover_start: int, floor: int) -> list[Span]:
    spans: list[Span] = []
    while cover_start < len(cutter.text):
        start = cutter.overlapping_start(cover_start, floor)
        span, _ = cutter.fullest(start, cover_start)
        spans.append(span)
        cover_start, floor = span.end, start
    return spans


def _segments(cutter: Cutter, places: list[int]) -> list[tuple[int, int]]:
    """The spans of least cost between places, in order."""
    room = max(cutter.budget - cutter.overlap, 1)
    tokens = cutter.counted.estimate_before(np.array(places, np.int64))
    at_place, across = _costs(cutter, places)
    crossing = np.cumsum(across)
    # What the span from i to j leaves empty costs (opened[i] - filled[j]) squared; settled[i] is the rest.
    filled = _EMPTINESS**0.5 * tokens / room
    opened = filled + _EMPTINESS**0.5
    settled = np.zeros(len(places))
    chosen = [0] * len(places)
    nearest = tokens.searchsorted(tokens - room).tolist()
    ends = zip(range(1, len(places)), nearest[1:], filled[1:].tolist(), strict=True)
    constant = (at_place[1:] + crossing[:-1] - crossing[1:]).tolist()
    for (index, low, full), fixed in zip(ends, constant, strict=True):
        if low >= index:
            chosen[index] = index - 1
            settled[index] = settled[index - 1] + _CHUNK * (tokens[index] - tokens[index - 1]) / room + fixed
            continue
        cost = opened[low:index] - full
        cost *= cost
        cost += settled[low:index]
        if cutter.minimum:
            cost += _TOO_SMALL * (tokens[index] - tokens[low:index] < cutter.minimum)
        best = int(cost.argmin())
        chosen[index] = low + best
        settled[index] = cost[best] + _CHUNK + fixed
    cuts = [len(places) - 1]
    while cuts[-1]:
        cuts.append(chosen[cuts[-1]])
    cuts.reverse()
    return [(places[low], places[high]) for low, high in pairwise(cuts)]


def _costs(cutter: Cutter, places: list[int]) -> tuple[Costs, Costs]:
    """What a cut at each place costs, and what a chunk that runs across it costs more; shape (places,)."""
    at_place = np.array(
        [
            _AT_SENTENCE
            if not place or strength_of_end(cutter.text, place) == Strength.SENTENCE
            else _AT_LINE
            for place in places
        ]
    )
    crossing = np.zeros(len(places))
    index_of = {place: index for index, place in enumerate(places)}
    outline = cutter.outline
    depths: list[int] = []
    for heading, place in enumerate(outline.places):
        parent = outline.parents[heading]
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
        index = index_of.get(place)
        if index is None:
            continue
        if _follows_its_parent(outline, heading):
            at_place[index] = _ABOVE_ITS_TEXT
        else:
            at_place[index] = 0
            weight = _CROSSING[min(depths[heading], len(_CROSSING) - 1)]
            crossing[index] = min(weight, _SMALL_UNIT) if outline.kind(heading) in _SMALL else weight
    at_place[-1] = 0
    return at_place, crossing


def _follows_its_parent(outline: Outline, heading: int) -> bool:
    """Whether nothing but the heading above it stands before a heading: a cut would leave that one alone."""
    parent = outline.parents[heading]
    if parent < 0 or parent != heading - 1:
        return False
    between = outline.text[outline.heading(parent).end : outline.places[heading]]
    return not between.strip(_BETWEEN)
