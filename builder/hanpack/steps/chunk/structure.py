"""The policy ``structure``: chunks for retrieval, which run across as few high headings as possible.

A unit of the outline is a heading with the text directly under it, and with the headings directly above it
that have no text of their own. A unit that fits the budget together with the headings put before it is never
cut; so is the text before the first heading. Within other units a text is cut at its sentences.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hanpack.steps.chunk.boundaries import Strength, introduces, is_cluster_limit, is_within_line
from hanpack.steps.chunk.cuts import Cutter, Span
from hanpack.steps.chunk.heading_budget import HeadingBudget
from hanpack.steps.chunk.heading_patterns import MARKER_KINDS
from hanpack.steps.verbatim import find_front_matter

# The cost of a chunk, to which the other costs are relative.
_CHUNK = 1.0
# The added cost of a chunk that runs across a heading, by the number of headings above that heading.
_ACROSS = (2.0, 1.2, 0.6, 0.4, 0.25)
# Articles and the lowest items are short: several share a chunk, however few headings are above them.
_SMALL_KINDS = frozenset(kind.name for kind in MARKER_KINDS if kind.small)
_ACROSS_SMALL = 0.6
# Less text than this part of the budget is not worth a chunk: what is directly under a title shares that of
# the first heading under the title, a heading without text that of the next of its level, and the end of a
# text that of the heading before.
_SHORT_TEXT, _SHORT_LAST = 1 / 6, 1 / 8
_ACROSS_AFTER_SHORT = 0.25
# The cost of a cut that is not before a heading, and of a cut that leaves the heading or the words before it
# (for instance: …) without the text that they introduce.
_AT_LINE, _AT_SENTENCE, _AFTER_HEADING = 0.25, 0.5, 2.0
# The cost of a cut between the words that introduce a list and the first heading of that list.
_AFTER_INTRODUCTION = 1.0
# The cost of an empty chunk; that of a partly filled one is this times the square of its empty part.
_EMPTINESS = 0.2
_BELOW_MINIMUM = 1.5
# The largest expected difference of an estimate from the exact count, in tokens.
_ESTIMATE_ERROR = 8

Numbers = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]


def cut_by_structure(cutter: Cutter, budget: HeadingBudget) -> list[Span]:
    """Choose the cuts of least total cost, by dynamic programming over the positions to cut.

    The costs are computed from estimated tokens; each chunk is then counted exactly. One that is over the
    budget after all ends at an earlier position to cut. A sentence longer than the budget is cut further as
    the policy ``fill`` does. Headings alone are no chunk if there is text under them: where the next sentence
    does not fit, it is cut.
    """
    positions = _find_positions(cutter, budget)
    spans: list[Span] = []
    own_start = floor = 0
    for high in _leave_out_headings(cutter, _plan(cutter, budget, positions)):
        while own_start < high:
            span = _next_span(cutter, budget, positions, own_start, floor, high)
            spans.append(span)
            own_start, floor = span.end, span.start
    return spans


def _leave_out_headings(cutter: Cutter, ends: Iterable[int]) -> Iterator[int]:
    """The planned ends of chunks without those of chunks that have nothing but headings."""
    start = 0
    for end in ends:
        if not cutter.leaves_headings(start, end):
            yield end
            start = end


def _next_span(
    cutter: Cutter, budget: HeadingBudget, positions: Sequence[int], own_start: int, floor: int, high: int
) -> Span:
    """The chunk that continues at a position: up to ``high``, or as far as it is within the budget."""
    start = cutter.within(budget.room(own_start, own_start)).overlapping_start(own_start, floor)
    # Nothing is repeated if the sentence that would be cut fits without it.
    for first in dict.fromkeys((start, own_start)):
        span = _find_whole(cutter, budget, positions, start=first, own_start=own_start, high=high)
        if span:
            return span
    narrowed = cutter.within(budget.room(own_start, start))
    return _with_text(narrowed, narrowed.fullest(start, own_start)[0])


def _find_whole(
    cutter: Cutter,
    budget: HeadingBudget,
    positions: Sequence[int],
    *,
    start: int,
    own_start: int,
    high: int,
) -> Span | None:
    """The longest chunk from ``start`` that ends at a position to cut up to ``high`` and is in the budget."""
    room = budget.room(own_start, start)
    most = cutter.estimate(start) + room + _ESTIMATE_ERROR
    index = bisect_left(positions, high)
    while positions[index] > own_start:
        end = positions[index]
        if cutter.estimate(end) <= most and not (end < high and cutter.leaves_headings(own_start, end)):
            tokens = cutter.tokenized.count(start, end)
            if tokens <= room or (tokens <= room + _ESTIMATE_ERROR and budget.fits(own_start, start, end)):
                return Span(start, own_start, end, tokens)
        index -= 1
    return None


def _with_text(cutter: Cutter, span: Span) -> Span:
    """A chunk of nothing but headings with the beginning of the sentence after it, if that fits."""
    if not cutter.leaves_headings(span.own_start, span.end):
        return span
    finer = None if cutter.begins_row(span.end) else cutter.finer_end(span.start, span.end)
    if finer is None or finer.strength == Strength.CHARACTER:
        return span
    return Span(span.start, span.own_start, finer.position, finer.token_count)


def _find_positions(cutter: Cutter, budget: HeadingBudget) -> list[int]:
    """Where the text may be cut, its start and its end included: not within a unit that fits the budget."""
    positions = [0, *(end for end in cutter.ends if is_cluster_limit(cutter.text, end))]
    tokens = cutter.tokenized.estimate_before(np.array(positions, np.int64)).tolist()
    units = [index for index, _, is_unit in _list_headings(cutter, positions) if is_unit and index]
    kept: list[int] = []
    limits = [0, *units, len(positions) - 1]
    front = find_front_matter(cutter.text)
    if front and not _fits(cutter, budget, 0, positions[limits[1]], tokens[limits[1]]):
        # YAML that does not fit with the section after it is a unit of its own.
        index = bisect_left(positions, front[1])
        if index < limits[1] and not cutter.text[front[1] : positions[index]].strip():
            limits.insert(1, index)
    for low, high in pairwise(limits):
        is_whole = high - low > 1 and _fits(
            cutter, budget, positions[low], positions[high], tokens[high] - tokens[low]
        )
        kept += positions[low : low + 1 if is_whole else high]
    return [*kept, positions[-1]]


def _fits(cutter: Cutter, budget: HeadingBudget, start: int, end: int, estimate: int) -> bool:
    """Whether a chunk of that span is within the budget with the headings before it."""
    room = budget.room(start, start)
    if abs(estimate - room) > _ESTIMATE_ERROR:
        return estimate < room
    return cutter.tokenized.count(start, end) <= room or budget.fits(start, start, end)


def _list_headings(cutter: Cutter, positions: Sequence[int]) -> Iterator[tuple[int, int, bool]]:
    """The headings at positions to cut: index of the position, of the heading, and whether it opens a unit.

    It opens none if the heading above it stands directly before it.
    """
    outline = cutter.outline
    index_of = {position: index for index, position in enumerate(positions)}
    for heading, place in enumerate(outline.places):
        index = index_of.get(place)
        if index is not None:
            before = heading - 1
            follows = outline.parents[heading] == before and (
                not outline.has_text_under(before, place) if heading else not cutter.text[:place].strip()
            )
            yield index, heading, not follows


def _plan(cutter: Cutter, budget: HeadingBudget, positions: Sequence[int]) -> list[int]:
    """The ends of the chunks of least total cost, in order.

    Invariant: once position j is done, ``chosen[j]`` is the best start of a chunk that ends there, and the
    least cost of all chunks up to j is ``settled[j]`` plus the running total of ``across``. ``limits[i]`` is
    how many tokens are before the furthest end of a chunk that starts at i. The squared emptiness of a chunk
    from i to j is (opened[i] - filled[j]) ** 2, so that one subtraction of arrays gives it for all i.
    """
    minimum = cutter.settings.minimum
    tokens = cutter.tokenized.estimate_before(np.array(positions, np.int64))
    limits = _find_limits(cutter, budget, positions, tokens)
    at_position, across = _costs(cutter, positions, tokens)
    crossed = np.cumsum(across)
    scale = _EMPTINESS**0.5 / cutter.max_tokens
    filled, opened = scale * tokens, scale * limits
    settled = np.zeros(len(positions))
    chosen = [0] * len(positions)
    nearest = np.maximum.accumulate(limits).searchsorted(tokens).tolist()
    # From here on all starts reach the end, of those before it from ``nearest`` on some.
    reaching = np.minimum.accumulate(limits[::-1])[::-1].searchsorted(tokens).tolist()
    fixed_costs = (at_position[1:] + crossed[:-1] - crossed[1:]).tolist()
    ends = zip(
        range(1, len(positions)), nearest[1:], reaching[1:], filled[1:].tolist(), fixed_costs, strict=True
    )
    for index, low, high, full, fixed in ends:
        if low >= index:
            # A sentence longer than the budget makes several chunks.
            chosen[index] = index - 1
            room = max(limits[index - 1] - tokens[index - 1], 1)
            settled[index] = settled[index - 1] + _CHUNK * (tokens[index] - tokens[index - 1]) / room + fixed
            continue
        cost = opened[low:index] - full
        if high > low:
            cost[cost < 0] = np.inf
        cost *= cost
        cost += settled[low:index]
        if minimum:
            cost += _BELOW_MINIMUM * (tokens[index] - tokens[low:index] < minimum)
        best = int(cost.argmin())
        chosen[index] = low + best
        settled[index] = cost[best] + _CHUNK + fixed
    cuts = [len(positions) - 1]
    while chosen[cuts[-1]]:
        cuts.append(chosen[cuts[-1]])
    return [positions[cut] for cut in reversed(cuts)]


def _find_limits(cutter: Cutter, budget: HeadingBudget, positions: Sequence[int], tokens: Indexes) -> Indexes:
    """How many tokens are before the furthest end of a chunk from each position; shape (positions,).

    The headings before the chunk and the overlap are left free: only what continues a section overlaps.
    """
    rooms = np.array([budget.room(position, position) for position in positions])
    if cutter.settings.overlap:
        ends = np.array(cutter.estimates)
        repeated = ends[ends.searchsorted(tokens - cutter.settings.overlap)]
        sections = np.array([cutter.outline.place_above(position) for position in positions])
        repeated = np.maximum(repeated, cutter.tokenized.estimate_before(sections))
        rooms -= np.maximum(tokens - repeated, 0)
    limits: Indexes = tokens + np.maximum(rooms, 1)
    return limits


def _costs(cutter: Cutter, positions: Sequence[int], tokens: Indexes) -> tuple[Numbers, Numbers]:
    """The cost of a cut at each position, and the added cost of a chunk across it; shape (positions,)."""
    at_position = np.array([_cost_of_cut(cutter.text, position) for position in positions])
    across = np.zeros(len(positions))
    outline = cutter.outline
    depths = _list_depths(outline.parents)
    short = cutter.max_tokens * _SHORT_TEXT
    unit = 0
    for index, heading, is_unit in _list_headings(cutter, positions):
        following = positions[index + 1] if index + 1 < len(positions) else positions[index]
        # The text of an article begins in its line.
        if outline.kind(heading) != "article" and not outline.has_text_under(heading, following):
            at_position[index + 1 : index + 2] = _AFTER_HEADING
        if not is_unit:
            at_position[index] = _AFTER_HEADING
            continue
        at_position[index] = _AFTER_INTRODUCTION if introduces(cutter.text, positions[index]) else 0
        cost = _ACROSS[min(depths[heading], len(_ACROSS) - 1)]
        if outline.kind(heading) in _SMALL_KINDS:
            cost = min(cost, _ACROSS_SMALL)
        if tokens[index] - tokens[unit] < short and (
            outline.parents[heading] == heading - 1
            or (
                depths[heading] == depths[heading - 1]
                and not outline.has_text_under(heading - 1, outline.places[heading])
            )
        ):
            cost = min(cost, _ACROSS_AFTER_SHORT)
        across[index] = cost
        unit = index
    if unit and tokens[-1] - tokens[unit] < cutter.max_tokens * _SHORT_LAST:
        across[unit] = min(across[unit], _ACROSS_SMALL)
    at_position[-1] = 0
    return at_position, across


def _cost_of_cut(text: str, position: int) -> float:
    """The cost of a cut at a position that is not before a heading."""
    if not position:
        return _AT_SENTENCE
    if introduces(text, position):
        return _AFTER_HEADING
    return _AT_SENTENCE if is_within_line(text, position) else _AT_LINE


def _list_depths(parents: Sequence[int]) -> list[int]:
    """How many headings are above each heading."""
    depths: list[int] = []
    for parent in parents:
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
    return depths
