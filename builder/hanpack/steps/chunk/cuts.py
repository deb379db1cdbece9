"""Chooses the cuts of a text: full chunks that end at the end of a sentence or better."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import NamedTuple

import numpy as np

from hanpack.errors import UsageError
from hanpack.steps.chunk.boundaries import (
    Strength,
    find_finer_cut,
    is_cluster_limit,
    next_cluster_limit,
    strength_of_end,
)
from hanpack.steps.chunk.outline import Outline
from hanpack.steps.tokens.counting import TokenizedText

# A sentence end that fills less than this part of the budget gives way to the end of a clause.
LEAST_FILL = 0.3
# What an end at a clause must save over all, and what it must add to its own chunk to be looked at: parts of
# the budget.
CLAUSE_WORTH = 0.9
_LEAST_GAIN = 0.15
# What a better place may cost: part of the budget given up to end at a line rather than a sentence, or to
# keep a heading with the text under it.
LINE_WORTH = 0.004
HEADING_WORTH = 0.05
# A last chunk smaller than this part of the budget is a crumb: it takes over a sentence of the one before.
CRUMB = 1 / 16
_AFTER_HEADING = " \t\r\n　。；：:;"
# How far an estimate of a part's tokens is taken to be off at most before the exact count is asked for.
_ESTIMATE_ERROR = 3


class Span(NamedTuple):
    """A chunk to be: it covers ``[cover_start, end)`` and begins at ``start``, earlier where it overlaps."""

    start: int
    cover_start: int
    end: int
    token_count: int


class Cutter:
    """A text, its places to cut and its token counts: what every policy chooses from."""

    def __init__(
        self,
        text: str,
        counted: TokenizedText,
        ends: list[int],
        outline: Outline,
        budget: int,
        overlap: int = 0,
        minimum: int = 0,
    ) -> None:
        self.text = text
        self.counted = counted
        self.outline = outline
        self.budget = budget
        self.overlap = overlap
        self.minimum = minimum
        self.ends = _with_headings(ends, outline)

    @cached_property
    def estimates(self) -> list[int]:
        """About how many tokens stand before each of the ends."""
        found: list[int] = self.counted.estimate_before(np.array(self.ends, np.int64)).tolist()
        return found

    def fill(self) -> list[Span]:
        """Full chunks from the first to the last; the fewest there can be at these places."""
        spans, given_up = self._cut_forward(prefer=True)
        if given_up and spans[-1].token_count <= given_up + len(spans) * _ESTIMATE_ERROR:
            plain, _ = self._cut_forward(prefer=False)
            spans = plain if len(plain) < len(spans) else spans
        return self._without_crumb(self._with_clauses(spans))

    def estimate(self, position: int) -> int:
        """About how many tokens stand before a position."""
        index = bisect_left(self.ends, position)
        if index < len(self.ends) and self.ends[index] == position:
            return self.estimates[index]
        return int(self.counted.estimate_before(np.array((position,), np.int64))[0]) if position else 0

    def overlapping_start(self, cover_start: int, floor: int) -> int:
        """Where a chunk begins that may repeat sentences before ``cover_start``, none before ``floor``."""
        if not self.overlap or not cover_start:
            return cover_start
        index = bisect_left(self.estimates, self.estimate(cover_start) - self.overlap - _ESTIMATE_ERROR)
        following = next_cluster_limit(self.text, cover_start)
        while index < len(self.ends) and self.ends[index] < cover_start:
            place = self.ends[index]
            if (
                place > floor
                and self.counted.count(place, cover_start) <= self.overlap
                and self.counted.count(place, following) <= self.budget
                and is_cluster_limit(self.text, place)
            ):
                return place
            index += 1
        return cover_start

    def furthest_end(self, start: int, cover_start: int) -> tuple[int, int]:
        """The last sentence end a chunk from ``start`` can reach: its index in ``ends`` and the tokens.

        The index is that of the last end not after ``cover_start`` where none can be reached (tokens 0).
        """
        index = bisect_right(self.ends, self.counted.estimate_reach(start, self.budget + _ESTIMATE_ERROR)) - 1
        least = bisect_right(self.ends, cover_start) - 1
        while index > least:
            tokens = self.counted.count(start, self.ends[index])
            if tokens <= self.budget and is_cluster_limit(self.text, self.ends[index]):
                return index, tokens
            index -= 1
        return least, 0

    def finer_end(self, start: int, low: int) -> tuple[int, int, Strength] | None:
        """The best end after ``low`` inside a sentence: place, tokens and how natural it is.

        None where not even one more character fits the budget.
        """
        high = self._furthest_character(start, low)
        while high is not None:
            place, strength = find_finer_cut(self.text, low, high)
            if strength == Strength.CHARACTER:
                # The estimate may have stopped short of the end of a cluster that does fit.
                whole = next_cluster_limit(self.text, low)
                if self.counted.count(start, whole) <= self.budget:
                    place, strength = whole, Strength.GRAPHEME
            tokens = self.counted.count(start, place)
            if tokens <= self.budget:
                return place, tokens, strength
            # A shorter part can, rarely, take more tokens than a longer one.
            high = place - 1 if place > low + 1 else None
        return None

    def _cut_forward(self, prefer: bool) -> tuple[list[Span], int]:
        """The chunks one after the other, and how many tokens they gave up for better places."""
        spans: list[Span] = []
        cover_start, floor, given_up = 0, 0, 0
        while cover_start < len(self.text):
            span, lost = self._next(cover_start, floor, prefer)
            given_up += lost
            spans.append(span)
            cover_start, floor = span.end, span.start
        return spans, given_up

    def _next(self, cover_start: int, floor: int, prefer: bool) -> tuple[Span, int]:
        """The chunk that goes on from a place, and how many tokens it gave up for a better end."""
        start = self.overlapping_start(cover_start, floor)
        span, index = self.fullest(start, cover_start)
        if not prefer or index < 0 or span.end == len(self.text):
            return span, 0
        preferred = self._preferred(span, index)
        return preferred, span.token_count - preferred.token_count

    def _with_clauses(self, spans: list[Span]) -> list[Span]:
        """The chunks with a few ends moved to a clause, each of which saves a whole chunk.

        Beside the chunks runs the best course with one more end at a clause. Once it is a chunk ahead it
        takes their place; once it is not ahead at all it is given up.
        """
        empty = self.budget * (len(spans) - 1) - sum(span.token_count for span in spans[:-1])
        if empty < CLAUSE_WORTH * self.budget:
            return spans
        index = 0
        course: list[Span] = []
        while index + 1 < len(spans):
            span, following = spans[index : index + 2]
            if course:
                course.append(self._next(course[-1].end, course[-1].start, True)[0])
            turned = self._ended_at_clause(span)
            if turned and (not course or turned.end > course[-1].end):
                course = [turned]
            if course and course[-1].end >= following.end and self._saves(course[-1], following):
                before = spans[: index + 1 - len(course)]
                spans = [*before, *course, *self._follow(course[-1], spans[index + 2 :])]
                course = []
            elif course and course[-1].end <= span.end:
                course = []
            index += 1
        return spans

    def _saves(self, last: Span, old: Span) -> bool:
        """Whether a course that ends with ``last`` saves its worth; at the end of a text it may not."""
        saved = self.budget + old.token_count - last.token_count
        return old.end < len(self.text) or saved >= CLAUSE_WORTH * self.budget

    def _ended_at_clause(self, span: Span) -> Span | None:
        """The same chunk, ended at the last clause it can reach where that adds enough."""
        if span.token_count > (1 - _LEAST_GAIN) * self.budget:
            return None
        found = self.finer_end(span.start, span.end)
        if found is None or found[2] < Strength.CLAUSE or found[1] <= span.token_count:
            return None
        return Span(span.start, span.cover_start, found[0], found[1])

    def _follow(self, last: Span, old: list[Span]) -> list[Span]:
        """The chunks after ``last``; the old ones from where they begin at the same place."""
        spans: list[Span] = []
        index = 0
        while last.end < len(self.text):
            while index < len(old) and old[index].cover_start < last.end:
                index += 1
            if index < len(old) and old[index].cover_start == last.end and old[index].start > last.start:
                return [*spans, *old[index:]]
            last = self._next(last.end, last.start, True)[0]
            spans.append(last)
        return spans

    def fullest(self, start: int, cover_start: int) -> tuple[Span, int]:
        """The chunk that goes furthest, and the index of its end in ``ends`` (-1 where no sentence ends)."""
        index, tokens = self.furthest_end(start, cover_start)
        end = self.ends[index] if tokens else cover_start
        least = max(LEAST_FILL * self.budget, self.minimum)
        if tokens >= least or end == len(self.text):
            return Span(start, cover_start, end, tokens), index
        inside = self.finer_end(start, end)
        if inside is None and not tokens:
            raise self._too_small(cover_start)
        if inside is not None:
            place, finer, strength = inside
            wanted = Strength.GRAPHEME if tokens < self.minimum else Strength.CLAUSE
            if not tokens or (finer > tokens and strength >= wanted):
                return Span(start, cover_start, place, finer), -1
        return Span(start, cover_start, end, tokens), index

    def _preferred(self, span: Span, index: int) -> Span:
        """The same chunk with a heading at its end left to the next, or ended at a line close before."""
        before = self.outline.index_before(span.end)
        if (
            before >= 0
            and index
            and self.outline.places[before] >= max(self.ends[index - 1], span.cover_start + 1)
        ):
            heading = self.outline.heading(before)
            if not self.text[heading.end : span.end].strip(_AFTER_HEADING):
                return self._shortened(span, self.outline.places[before], HEADING_WORTH)
        if strength_of_end(self.text, span.end) == Strength.SENTENCE:
            low = max(
                span.cover_start, self.counted.estimate_reach(span.end, -int(LINE_WORTH * self.budget)) - 1
            )
            for nearer in range(index - 1, -1, -1):
                place = self.ends[nearer]
                if place <= low:
                    break
                if strength_of_end(self.text, place) > Strength.SENTENCE:
                    return self._shortened(span, place, LINE_WORTH * 2)
        return span

    def _shortened(self, span: Span, end: int, worth: float) -> Span:
        tokens = self.counted.count(span.start, end)
        least = max(span.token_count - worth * self.budget, self.minimum)
        if least <= tokens <= self.budget and is_cluster_limit(self.text, end):
            return Span(span.start, span.cover_start, end, tokens)
        return span

    def _without_crumb(self, spans: list[Span]) -> list[Span]:
        """Let a last chunk that is very small take over sentences of the one before it."""
        least = max(int(CRUMB * self.budget), self.minimum)
        if len(spans) < 2 or spans[-1].token_count >= least:
            return spans
        before, last = spans[-2:]
        goal = self.estimate(last.end) - least
        for index in range(bisect_right(self.estimates, goal + _ESTIMATE_ERROR) - 1, -1, -1):
            place = self.ends[index]
            if place <= before.cover_start:
                break
            start = self.overlapping_start(place, before.start)
            tokens = self.counted.count(start, last.end)
            if tokens > self.budget:
                break
            shortened = self.counted.count(before.start, place)
            if self.minimum > shortened or shortened > self.budget:
                break
            if tokens >= least and place < before.end and is_cluster_limit(self.text, place):
                kept = Span(before.start, before.cover_start, place, shortened)
                return [*spans[:-2], kept, Span(start, place, last.end, tokens)]
        return spans

    def _furthest_character(self, start: int, low: int) -> int | None:
        """About the last place after ``low``, inside the text, that surely keeps within the budget."""
        least = low + 1
        most = max(len(self.text) - 1, least)
        tokens = self.budget
        while tokens > 0:
            high = min(max(self.counted.estimate_reach(start, tokens), least), most)
            found = self.counted.count(start, high)
            if found <= self.budget:
                return high
            if high == least:
                break
            tokens -= max(1, found - self.budget)
        for place in (least, next_cluster_limit(self.text, low)):
            if self.counted.count(start, place) <= self.budget:
                return place
        return None

    def _too_small(self, place: int) -> UsageError:
        return UsageError(
            f"the character {self.text[place]!r} takes more tokens than the budget of {self.budget}",
            f"character {place}",
            "raise the budget",
        )


def _with_headings(ends: list[int], outline: Outline) -> list[int]:
    """Sentence ends, and the starts of headings that stand inside a line, in order."""
    return sorted({*ends, *outline.inside}) if outline.inside else ends
