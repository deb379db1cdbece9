"""The positions where a text may be cut and its token counts, from which both policies choose chunks."""

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
)
from hanpack.steps.chunk.sections import Outline
from hanpack.steps.chunk.settings import ChunkSettings
from hanpack.steps.tokens.tokenized_text import TokenizedText

# A sentence end that fills less of the budget than this is not used if a clause end fills more:
# `python benchmarks/split.py` prints the effect, in its columns "fill before last" and "cut at sentence".
_LEAST_FILL = 0.3
# The largest expected difference of an estimate from the exact count, in tokens.
ESTIMATE_ERROR = 3


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
        index = bisect_left(self.estimates, self.estimate(own_start) - overlap - ESTIMATE_ERROR)
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
        reach = self.tokenized.estimate_reach(start, self.max_tokens + ESTIMATE_ERROR)
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
