"""Chooses the cuts of a text: full chunks that end at a sentence or a stronger boundary (line, paragraph).

This module is long because both policies choose from one state, the cut positions and token counts of a text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import replace
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
from hanpack.steps.chunk.sections import Outline
from hanpack.steps.chunk.settings import ChunkSettings
from hanpack.steps.tokens.tokenized_text import TokenizedText

# These constants are fractions of the budget. `python benchmarks/split.py` prints their effect, in its
# columns "fill before last" and "cut at sentence".
# A sentence end that fills less than this is not used if a clause end fills more.
_LEAST_FILL = 0.3
# The minimum saving of all cuts at clause ends together.
_CLAUSE_SAVING = 0.9
# The minimum that a cut at a clause end must add to its chunk.
_CLAUSE_GAIN = 0.15
# The fraction that may be given up to end at a line rather than a sentence, or to keep a heading with its
# text.
_LINE_PRICE = 0.004
_HEADING_PRICE = 0.05
# In a small budget a heading takes a larger fraction: up to so many tokens, and so much of it, are given up.
# For a heading within a line, and where more tokens would cost one more chunk, they are fewer.
_HEADING_TOKENS, _HEADING_TOKENS_IN_LINE = 40, 12
_LARGEST_HEADING_PRICE = 0.25
# A last chunk smaller than this takes over sentences of the one before.
_LEAST_LAST = 1 / 16
# The largest expected difference of an estimate from the exact count, in tokens.
_ESTIMATE_ERROR = 3


class Span(NamedTuple):
    """A planned chunk: characters ``[start, end)``; those before ``own_start`` repeat the one before."""

    start: int
    own_start: int
    end: int
    token_count: int


class FinerEnd(NamedTuple):
    """A position inside a sentence where a chunk may end, and the tokens of the chunk up to it."""

    position: int
    token_count: int
    strength: Strength


class Cutter:
    """A text with its possible cut positions and its token counts, from which both policies choose."""

    def __init__(
        self,
        text: str,
        tokenized: TokenizedText,
        ends: list[int],
        rows: Mapping[int, int],
        outline: Outline,
        settings: ChunkSettings,
    ) -> None:
        self.text = text
        # The starts and ends of the rows of tables, which are cut only if they do not fit the budget.
        self.rows = rows
        self.tokenized = tokenized
        self.outline = outline
        self.settings = settings
        self.max_tokens = settings.max_tokens
        # The tokens that may be given up for a heading that opens a line.
        self._heading_tokens = _HEADING_TOKENS
        self._narrowed: dict[int, Cutter] = {}
        # The sentence ends, and the starts of headings inside a line, in order.
        self.ends = sorted({*ends, *outline.inside}) if outline.inside else ends

    def within(self, max_tokens: int) -> Cutter:
        """The same text within another budget; overlap and minimum are at most half of that."""
        if max_tokens == self.max_tokens:
            return self
        narrowed = self._narrowed.get(max_tokens)
        if narrowed is None:
            half = max_tokens // 2
            settings = replace(
                self.settings,
                max_tokens=max_tokens,
                overlap=min(self.settings.overlap, half),
                minimum=min(self.settings.minimum, half),
            )
            narrowed = Cutter(self.text, self.tokenized, self.ends, self.rows, self.outline, settings)
            narrowed.estimates = self.estimates
            self._narrowed[max_tokens] = narrowed
        return narrowed

    @cached_property
    def estimates(self) -> list[int]:
        """About how many tokens come before each of the ends."""
        estimates: list[int] = self.tokenized.estimate_before(np.array(self.ends, np.int64)).tolist()
        return estimates

    def fill(self) -> list[Span]:
        """As few and as full chunks as these positions allow, from the first to the last."""
        spans, given_up = self._cut_forward(prefer=True)
        if given_up > len(spans):
            # Headings that were kept with their text at a high price may have cost one more chunk.
            self._heading_tokens = _HEADING_TOKENS_IN_LINE
            cheaper, given_up_cheaper = self._cut_forward(prefer=True)
            if len(cheaper) < len(spans):
                spans, given_up = cheaper, given_up_cheaper
            else:
                self._heading_tokens = _HEADING_TOKENS
        # The tokens given up for line ends may have cost one more chunk; a heading is kept with its text.
        if given_up and spans[-1].token_count <= given_up + len(spans) * _ESTIMATE_ERROR:
            fullest, _ = self._cut_forward(prefer=False)
            spans = fullest if len(fullest) < len(spans) else spans
        return self._without_small_last(self._with_clause_ends(spans))

    def estimate(self, position: int) -> int:
        """About how many tokens come before a position."""
        index = bisect_left(self.ends, position)
        if index < len(self.ends) and self.ends[index] == position:
            return self.estimates[index]
        return int(self.tokenized.estimate_before(np.array((position,), np.int64))[0]) if position else 0

    def overlapping_start(self, own_start: int, floor: int) -> int:
        """Where a chunk may begin to repeat sentences before ``own_start``, but none before ``floor``.

        It repeats none of another section: it begins where the heading above ``own_start`` does, or later.
        """
        overlap = self.settings.overlap
        if not overlap or not own_start:
            return own_start
        section = self.outline.place_above(own_start)
        index = bisect_left(self.estimates, self.estimate(own_start) - overlap - _ESTIMATE_ERROR)
        index = max(index, bisect_left(self.ends, section))
        has_row = self.begins_row(own_start)
        following = self.rows[own_start] if has_row else next_cluster_limit(self.text, own_start)
        while index < len(self.ends) and self.ends[index] < own_start:
            start = self.ends[index]
            if (
                start > floor
                and self.tokenized.count(start, own_start) <= overlap
                and self.tokenized.count(start, following) <= self.max_tokens
                and is_cluster_limit(self.text, start)
            ):
                return start
            index += 1
        return own_start

    def furthest_end(self, start: int, own_start: int) -> tuple[int, int]:
        """The last sentence end that a chunk from ``start`` can reach: its index in ``ends`` and the tokens.

        If it reaches none after ``own_start``, the index of the last end before that, and 0 tokens.
        """
        reach = self.tokenized.estimate_reach(start, self.max_tokens + _ESTIMATE_ERROR)
        index = bisect_right(self.ends, reach) - 1
        least = bisect_right(self.ends, own_start) - 1
        while index > least:
            tokens = self.tokenized.count(start, self.ends[index])
            if tokens <= self.max_tokens and is_cluster_limit(self.text, self.ends[index]):
                return index, tokens
            index -= 1
        return least, 0

    def finer_end(self, start: int, low: int) -> FinerEnd | None:
        """The best end after ``low`` inside a sentence; None if not even one character fits the budget."""
        high = self._furthest_character(start, low)
        while high is not None:
            position, strength = find_finer_cut(self.text, low, high)
            if strength == Strength.CHARACTER:
                # The estimate may be before the end of a cluster that does fit.
                cluster_end = next_cluster_limit(self.text, low)
                if self.tokenized.count(start, cluster_end) <= self.max_tokens:
                    position, strength = cluster_end, Strength.GRAPHEME
            tokens = self.tokenized.count(start, position)
            if tokens <= self.max_tokens:
                return FinerEnd(position, tokens, strength)
            # Rarely, a shorter part has more tokens than a longer one.
            high = position - 1 if position > low + 1 else None
        return None

    def begins_row(self, position: int) -> bool:
        """Whether a row of a table begins at a position that fits the budget by itself."""
        end = self.rows.get(position)
        return end is not None and self.tokenized.count(position, end) <= self.max_tokens

    def fullest(self, start: int, own_start: int) -> tuple[Span, int]:
        """The chunk that reaches furthest, and the index of its end in ``ends`` (-1 if inside a sentence).

        Raises:
            UsageError: the character at ``own_start`` has more tokens than the budget.
        """
        index, tokens = self.furthest_end(start, own_start)
        end = self.ends[index] if tokens else own_start
        minimum = self.settings.minimum
        if tokens >= max(_LEAST_FILL * self.max_tokens, minimum) or end == len(self.text):
            return Span(start, own_start, end, tokens), index
        if tokens and self.begins_row(end):
            return Span(start, own_start, end, tokens), index
        finer = self.finer_end(start, end)
        if finer is None and not tokens:
            raise self._too_small(own_start)
        if finer is not None:
            least = Strength.GRAPHEME if tokens < minimum else Strength.CLAUSE
            if not tokens or (finer.token_count > tokens and finer.strength >= least):
                return Span(start, own_start, finer.position, finer.token_count), -1
        return Span(start, own_start, end, tokens), index

    def _cut_forward(self, prefer: bool) -> tuple[list[Span], int]:
        """The chunks one after the other, and how many tokens they gave up for preferred ends."""
        spans: list[Span] = []
        own_start, floor, given_up = 0, 0, 0
        while own_start < len(self.text):
            span, tokens = self._next(own_start, floor, prefer)
            given_up += tokens
            spans.append(span)
            own_start, floor = span.end, span.start
        return spans, given_up

    def _next(self, own_start: int, floor: int, prefer: bool = True) -> tuple[Span, int]:
        """The chunk that continues at a position, and how many tokens it gave up for a preferred end."""
        start = self.overlapping_start(own_start, floor)
        span, index = self.fullest(start, own_start)
        if index < 0 and start < own_start:
            # Nothing is repeated if the sentence that would be cut fits without it.
            alone, index = self.fullest(own_start, own_start)
            span = span if index < 0 else alone
        if index < 0 or span.end == len(self.text):
            return span, 0
        preferred = self._with_preferred_end(span, index, prefer)
        return preferred, span.token_count - preferred.token_count

    def _with_clause_ends(self, spans: list[Span]) -> list[Span]:
        """The chunks with a few ends moved to a clause end, if each of these saves one chunk.

        Invariant: ``alternative`` is a second series of chunks, which differs from the plan by one end at a
        clause. It is dropped when its last end is no longer past that of the plan. When it reaches the next
        end of the plan, it has saved a chunk and replaces the chunks of the plan.
        """
        unused = self.max_tokens * (len(spans) - 1) - sum(span.token_count for span in spans[:-1])
        if unused < _CLAUSE_SAVING * self.max_tokens:
            return spans
        index = 0
        alternative: list[Span] = []
        while index + 1 < len(spans):
            span, following = spans[index : index + 2]
            if alternative:
                alternative.append(self._next(alternative[-1].end, alternative[-1].start)[0])
            moved = self._with_clause_end(span)
            if moved and (not alternative or moved.end > alternative[-1].end):
                alternative = [moved]
            if (
                alternative
                and alternative[-1].end >= following.end
                and self._saves_chunk(alternative[-1], following)
            ):
                before = spans[: index + 1 - len(alternative)]
                spans = [*before, *alternative, *self._continue(alternative[-1], spans[index + 2 :])]
                alternative = []
            elif alternative and alternative[-1].end <= span.end:
                alternative = []
            index += 1
        return spans

    def _saves_chunk(self, last: Span, replaced: Span) -> bool:
        """Whether an alternative up to ``last`` saves enough; at the end of the text it may save less."""
        saved = self.max_tokens + replaced.token_count - last.token_count
        return replaced.end < len(self.text) or saved >= _CLAUSE_SAVING * self.max_tokens

    def _with_clause_end(self, span: Span) -> Span | None:
        """The same chunk, ended at the last clause end it can reach, if that adds enough."""
        if span.token_count > (1 - _CLAUSE_GAIN) * self.max_tokens or self.begins_row(span.end):
            return None
        finer = self.finer_end(span.start, span.end)
        if finer is None or finer.strength < Strength.CLAUSE or finer.token_count <= span.token_count:
            return None
        return Span(span.start, span.own_start, finer.position, finer.token_count)

    def _continue(self, last: Span, old: list[Span]) -> list[Span]:
        """The chunks after ``last``; once one begins where an old one does, the old ones from there on."""
        spans: list[Span] = []
        index = 0
        while last.end < len(self.text):
            while index < len(old) and old[index].own_start < last.end:
                index += 1
            if index < len(old) and old[index].own_start == last.end and old[index].start > last.start:
                return [*spans, *old[index:]]
            last = self._next(last.end, last.start)[0]
            spans.append(last)
        return spans

    def _with_preferred_end(self, span: Span, index: int, prefers_lines: bool) -> Span:
        """The same chunk, ended before the headings at its end, or at a line that ends shortly before."""
        headings = self._list_last_headings(span)
        for place in headings:
            shortened = self._shortened(span, place, self._heading_price(place))
            if shortened is not span:
                return shortened
        if headings:
            return span
        if prefers_lines and strength_of_end(self.text, span.end) == Strength.SENTENCE:
            back = self.tokenized.estimate_reach(span.end, -int(_LINE_PRICE * self.max_tokens))
            low = max(span.own_start, back - 1)
            for nearer in range(index - 1, -1, -1):
                end = self.ends[nearer]
                if end <= low:
                    break
                if strength_of_end(self.text, end) > Strength.SENTENCE:
                    return self._shortened(span, end, _LINE_PRICE * 2)
        return span

    def _list_last_headings(self, span: Span) -> list[int]:
        """The places of the headings at the end of a chunk that have no text in it, in order.

        The first may be one for which too many tokens would be given up; those before it are left out.
        """
        places: list[int] = []
        end, nearest = span.end, None
        while (heading := self.outline.index_before(end)) >= 0:
            place = self.outline.places[heading]
            if place <= span.own_start or self.outline.has_text_under(heading, end):
                break
            places.append(place)
            if nearest is None:
                price = int(self._price(self._heading_tokens) * self.max_tokens)
                nearest = self.tokenized.estimate_reach(span.end, -price - 2 * _ESTIMATE_ERROR)
            if place < nearest:
                break
            end = place
        return places[::-1]

    def leaves_headings(self, start: int, end: int) -> bool:
        """Whether a chunk has headings alone, and what is under the last of them is in the next chunk."""
        outline = self.outline
        index = outline.index_before(end)
        if end == len(self.text) or index < 0 or outline.ends_at(index, end):
            return False
        while index >= 0 and not outline.has_text_under(index, end):
            end = outline.places[index]
            if not self.text[start:end].strip():
                return True
            index -= 1
        return False

    def _heading_price(self, place: int) -> float:
        """The fraction of the budget that may be given up to keep the heading at a place with its text."""
        opens_line = strength_of_end(self.text, place) > Strength.SENTENCE
        return self._price(self._heading_tokens if opens_line else _HEADING_TOKENS_IN_LINE)

    def _price(self, tokens: int) -> float:
        return max(_HEADING_PRICE, min(tokens / self.max_tokens, _LARGEST_HEADING_PRICE))

    def _shortened(self, span: Span, end: int, price: float) -> Span:
        tokens = self.tokenized.count(span.start, end)
        least = max(span.token_count - price * self.max_tokens, self.settings.minimum)
        if least <= tokens <= self.max_tokens and is_cluster_limit(self.text, end):
            return Span(span.start, span.own_start, end, tokens)
        return span

    def _without_small_last(self, spans: list[Span]) -> list[Span]:
        """Let a very small last chunk take over sentences of the one before it."""
        minimum = self.settings.minimum
        least = max(int(_LEAST_LAST * self.max_tokens), minimum)
        if len(spans) < 2 or spans[-1].token_count >= least:
            return spans
        before, last = spans[-2:]
        goal = self.estimate(last.end) - least
        for index in range(bisect_right(self.estimates, goal + _ESTIMATE_ERROR) - 1, -1, -1):
            cut = self.ends[index]
            if cut <= before.own_start:
                break
            start = self.overlapping_start(cut, before.start)
            tokens = self.tokenized.count(start, last.end)
            if tokens > self.max_tokens:
                break
            shortened = self.tokenized.count(before.start, cut)
            if minimum > shortened or shortened > self.max_tokens:
                break
            if (
                tokens >= least
                and cut < before.end
                and is_cluster_limit(self.text, cut)
                and not self._list_last_headings(Span(before.start, before.own_start, cut, shortened))
            ):
                kept = Span(before.start, before.own_start, cut, shortened)
                return [*spans[:-2], kept, Span(start, cut, last.end, tokens)]
        return spans

    def _furthest_character(self, start: int, low: int) -> int | None:
        """About the last position after ``low``, inside the text, to which a chunk fits the budget."""
        least = low + 1
        most = max(len(self.text) - 1, least)
        tokens = self.max_tokens
        while tokens > 0:
            high = min(max(self.tokenized.estimate_reach(start, tokens), least), most)
            count = self.tokenized.count(start, high)
            if count <= self.max_tokens:
                return high
            if high == least:
                break
            tokens -= max(1, count - self.max_tokens)
        for high in (least, next_cluster_limit(self.text, low)):
            if self.tokenized.count(start, high) <= self.max_tokens:
                return high
        return None

    def _too_small(self, position: int) -> UsageError:
        return UsageError(
            f"the character {self.text[position]!r} takes more tokens than the budget of {self.max_tokens}",
            f"character {position}",
            "raise the budget",
        )
