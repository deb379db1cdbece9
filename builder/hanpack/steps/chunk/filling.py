"""The policy ``fill``: full chunks that end at a sentence or a stronger boundary (line, paragraph)."""

from __future__ import annotations

from bisect import bisect_right

from hanpack.steps.chunk.boundaries import Strength, introduces, is_cluster_limit, strength_of_end
from hanpack.steps.chunk.cuts import ESTIMATE_ERROR, Cutter, Span

# These constants are fractions of the budget. `python benchmarks/split.py` prints their effect, in its
# columns "fill before last" and "cut at sentence".
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
# The same for the words that introduce a list (有下列情形之一的：).
_INTRODUCTION_TOKENS = 60
# A last chunk smaller than this takes over sentences of the one before.
_LEAST_LAST = 1 / 16


def cut_full(cutter: Cutter) -> list[Span]:
    """As few and as full chunks as the positions of a text allow, from the first to the last."""
    return _Filler(cutter).fill()


class _Filler:
    """Chooses the ends of chunks one after the other, then moves a few of them."""

    def __init__(self, cutter: Cutter) -> None:
        self._cutter = cutter
        # The tokens that may be given up for a heading that opens a line.
        self._heading_tokens = _HEADING_TOKENS

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
        if given_up and spans[-1].token_count <= given_up + len(spans) * ESTIMATE_ERROR:
            fullest, _ = self._cut_forward(prefer=False)
            spans = fullest if len(fullest) < len(spans) else spans
        return self._without_small_last(self._with_clause_ends(spans))

    def _cut_forward(self, prefer: bool) -> tuple[list[Span], int]:
        """The chunks one after the other, and how many tokens they gave up for preferred ends."""
        spans: list[Span] = []
        own_start, floor, given_up = 0, 0, 0
        while own_start < len(self._cutter.text):
            span, tokens = self._next(own_start, floor, prefer)
            given_up += tokens
            spans.append(span)
            own_start, floor = span.end, span.start
        return spans, given_up

    def _next(self, own_start: int, floor: int, prefer: bool = True) -> tuple[Span, int]:
        """The chunk that continues at a position, and how many tokens it gave up for a preferred end."""
        start = self._cutter.overlapping_start(own_start, floor)
        span, index = self._cutter.fullest(start, own_start)
        if index < 0 and start < own_start:
            # Nothing is repeated if the sentence that would be cut fits without it.
            alone, index = self._cutter.fullest(own_start, own_start)
            span = span if index < 0 else alone
        if index < 0 or span.end == len(self._cutter.text):
            return span, 0
        preferred = self._with_preferred_end(span, index, prefer)
        return preferred, span.token_count - preferred.token_count

    def _with_clause_ends(self, spans: list[Span]) -> list[Span]:
        """The chunks with a few ends moved to a clause end, if each of these saves one chunk.

        Invariant: ``alternative`` is a second series of chunks, which differs from the plan by one end at a
        clause. It is dropped when its last end is no longer past that of the plan. When it reaches the next
        end of the plan, it has saved a chunk and replaces the chunks of the plan.
        """
        unused = self._cutter.max_tokens * (len(spans) - 1) - sum(span.token_count for span in spans[:-1])
        if unused < _CLAUSE_SAVING * self._cutter.max_tokens:
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
        saved = self._cutter.max_tokens + replaced.token_count - last.token_count
        return replaced.end < len(self._cutter.text) or saved >= _CLAUSE_SAVING * self._cutter.max_tokens

    def _with_clause_end(self, span: Span) -> Span | None:
        """The same chunk, ended at the last clause end it can reach, if that adds enough."""
        if span.token_count > (1 - _CLAUSE_GAIN) * self._cutter.max_tokens or self._cutter.begins_row(
            span.end
        ):
            return None
        finer = self._cutter.finer_end(span.start, span.end)
        if finer is None or finer.strength < Strength.CLAUSE or finer.token_count <= span.token_count:
            return None
        return Span(span.start, span.own_start, finer.position, finer.token_count)

    def _continue(self, last: Span, old: list[Span]) -> list[Span]:
        """The chunks after ``last``; once one begins where an old one does, the old ones from there on."""
        spans: list[Span] = []
        index = 0
        while last.end < len(self._cutter.text):
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
        if prefers_lines and introduces(self._cutter.text, span.end):
            return self._before_introduction(span, index)
        if prefers_lines and strength_of_end(self._cutter.text, span.end) == Strength.SENTENCE:
            low = self._position_before(span, _LINE_PRICE)
            for nearer in range(index - 1, -1, -1):
                end = self._cutter.ends[nearer]
                if end <= low:
                    break
                if strength_of_end(self._cutter.text, end) > Strength.SENTENCE:
                    return self._shortened(span, end, _LINE_PRICE * 2)
        return span

    def _before_introduction(self, span: Span, index: int) -> Span:
        """The same chunk, ended before the words that introduce what follows it, if they are short enough."""
        price = self._price(_INTRODUCTION_TOKENS)
        low = self._position_before(span, price)
        for nearer in range(index - 1, -1, -1):
            end = self._cutter.ends[nearer]
            if end <= low:
                break
            if not introduces(self._cutter.text, end):
                headings = self._list_last_headings(span._replace(end=end))
                return self._shortened(span, headings[0] if headings else end, price)
        return span

    def _position_before(self, span: Span, price: float) -> int:
        """About the first position at which a chunk may end that gives up this part of the budget."""
        back = self._cutter.tokenized.estimate_reach(span.end, -int(price * self._cutter.max_tokens))
        return max(span.own_start, back - 1)

    def _list_last_headings(self, span: Span) -> list[int]:
        """The places of the headings at the end of a chunk that have no text in it, in order.

        The first may be one for which too many tokens would be given up; those before it are left out.
        """
        places: list[int] = []
        end, nearest = span.end, None
        while (heading := self._cutter.outline.index_before(end)) >= 0:
            place = self._cutter.outline.places[heading]
            if place <= span.own_start or self._cutter.outline.has_text_under(heading, end):
                break
            places.append(place)
            if nearest is None:
                price = int(self._price(self._heading_tokens) * self._cutter.max_tokens)
                nearest = self._cutter.tokenized.estimate_reach(span.end, -price - 2 * ESTIMATE_ERROR)
            if place < nearest:
                break
            end = place
        return places[::-1]

    def _heading_price(self, place: int) -> float:
        """The fraction of the budget that may be given up to keep the heading at a place with its text."""
        opens_line = strength_of_end(self._cutter.text, place) > Strength.SENTENCE
        return self._price(self._heading_tokens if opens_line else _HEADING_TOKENS_IN_LINE)

    def _price(self, tokens: int) -> float:
        return max(_HEADING_PRICE, min(tokens / self._cutter.max_tokens, _LARGEST_HEADING_PRICE))

    def _shortened(self, span: Span, end: int, price: float) -> Span:
        tokens = self._cutter.tokenized.count(span.start, end)
        least = max(span.token_count - price * self._cutter.max_tokens, self._cutter.settings.minimum)
        if least <= tokens <= self._cutter.max_tokens and is_cluster_limit(self._cutter.text, end):
            return Span(span.start, span.own_start, end, tokens)
        return span

    def _without_small_last(self, spans: list[Span]) -> list[Span]:
        """Let a very small last chunk take over sentences of the one before it."""
        minimum = self._cutter.settings.minimum
        least = max(int(_LEAST_LAST * self._cutter.max_tokens), minimum)
        if len(spans) < 2 or spans[-1].token_count >= least:
            return spans
        before, last = spans[-2:]
        goal = self._cutter.estimate(last.end) - least
        for index in range(bisect_right(self._cutter.estimates, goal + ESTIMATE_ERROR) - 1, -1, -1):
            cut = self._cutter.ends[index]
            if cut <= before.own_start:
                break
            start = self._cutter.overlapping_start(cut, before.start)
            tokens = self._cutter.tokenized.count(start, last.end)
            if tokens > self._cutter.max_tokens:
                break
            shortened = self._cutter.tokenized.count(before.start, cut)
            if minimum > shortened or shortened > self._cutter.max_tokens:
                break
            if (
                tokens >= least
                and cut < before.end
                and not introduces(self._cutter.text, cut)
                and is_cluster_limit(self._cutter.text, cut)
                and not self._list_last_headings(Span(before.start, before.own_start, cut, shortened))
            ):
                kept = Span(before.start, before.own_start, cut, shortened)
                return [*spans[:-2], kept, Span(start, cut, last.end, tokens)]
        return spans
