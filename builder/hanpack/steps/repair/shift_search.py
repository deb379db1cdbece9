"""The search over one damaged stretch: a beam of hypotheses over the automaton that ``shift`` describes."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.beam import CONTEXT, UNKNOWN, Expansion, Hypothesis, expand_best, find_best, prune
from hanpack.steps.repair.candidates import Candidates, candidate_sets
from hanpack.steps.repair.digits import CHARACTERS_AFTER, CHARACTERS_BEFORE, infer_digit
from hanpack.steps.repair.evidence import CONTROLS, Evidence
from hanpack.steps.repair.forms import model_forms, to_model_text
from hanpack.steps.repair.gbk import EURO, EURO_BYTE, FIRST_LEAD, characters_by_pair, pairs_by_character
from hanpack.steps.repair.ngram_model import LINE_END, PLACEHOLDER
from hanpack.steps.repair.pronunciation import (
    ANNOTATION,
    BROKEN_ANNOTATION,
    characters_pronounced,
    default_pronunciation,
)
from hanpack.steps.repair.restoration import RestoredPiece, append_character, restored_in_shift

_CONTROL = compile_lazily(CONTROLS)
# ASCII marks that occur between words; every other mark is too rare for a search to choose it.
_MARKS_BETWEEN_WORDS = ("+", "-", "/")
# A question or an exclamation ends a sentence as a full stop does, though official texts hardly have any.
_SENTENCE_ENDS, _FULL_STOP = frozenset("?!？！"), "。"
# Marks that a page may have made half-width after the damage, and the lead byte of their full-width forms.
_HALF_WIDTH_MARKS = frozenset("!,:;?()")
_FULL_WIDTH_LEAD = 0xA3
# How many characters before a stretch are read for the context of the n-gram model. Annotations are removed
# from them, so that more are read than the context has.
_READ_BEFORE = 60
# How many are read for the last character before a stretch, which may have an annotation after it.
_READ_FOR_LAST = 20


@dataclass(frozen=True, slots=True)
class _Symbol:
    """The next piece of the damaged text: a character, or an entire broken annotation ``?pron)``.

    ``pronunciation`` is empty for a character; ``is_trigger`` says whether damage may begin here.
    """

    start: int
    end: int
    character: str
    pronunciation: str
    is_trigger: bool


class StretchSearch:
    """Searches the damaged stretches of one record, one after the other, within a budget of work.

    Args:
        text: the record.
        evidence: the evidence of the record itself, and the n-gram model.
        trigger: where damage may begin.
        work: the work that may be done, in candidates; :attr:`work` is what is left, below 0 when used up.
    """

    def __init__(self, text: str, evidence: Evidence, trigger: re.Pattern[str], work: int) -> None:
        self.text = text
        self.evidence = evidence
        self.costs = evidence.costs
        self.trigger = trigger
        self.candidate_sets = candidate_sets(evidence.ngram_model)
        self.work = work
        self.has_given_up = False
        self.best_score = -np.inf
        self.aligned_bests: list[float] = []

    def search(self, position: int) -> tuple[Hypothesis | None, int]:
        """The best hypothesis from a trigger on and where it ends; None if no hypothesis fits.

        If a bound of the search is reached, also None, and ``has_given_up`` is set.
        """
        text = self.text
        self.has_given_up = False
        before = ANNOTATION.sub("", text[max(0, position - _READ_BEFORE) : position])
        last = ANNOTATION.sub("", text[max(0, position - _READ_FOR_LAST) : position])[-1:]
        hypotheses = [Hypothesis(score=0.0, context=to_model_text(before)[-CONTEXT:], last_character=last)]
        # How many characters were read since a likely hypothesis was out of step.
        characters_in_step = 0
        limit = position + self.costs.longest_stretch
        least_work = max(0, self.work - self.costs.stretch_work)
        triggers = 0
        while position < len(text) and characters_in_step < self.costs.lookahead:
            if position > limit or self.work < least_work or triggers > self.costs.most_triggers:
                self._give_up()
                return None, position
            annotation = ANNOTATION.match(text, position)
            if annotation:
                hypotheses = [
                    self._pass_annotation(hypothesis, annotation)
                    for hypothesis in hypotheses
                    if self._may_be_annotated(hypothesis, annotation)
                ]
                position = annotation.end()
            else:
                symbol = self._read_symbol(position)
                triggers += symbol.is_trigger
                hypotheses = self._advance(hypotheses, symbol)
                position = symbol.end
            if not hypotheses:
                return None, position
            least = hypotheses[0].score - self.costs.pending_margin
            pending = any(hypothesis.lead and hypothesis.score > least for hypothesis in hypotheses)
            triggered = self.trigger.match(text, position)
            if triggered and not pending and not hypotheses[0].restored:
                break
            characters_in_step = 0 if pending or triggered else characters_in_step + 1
        return find_best(hypotheses, self.costs.sure_margin), position

    def _give_up(self) -> None:
        """Leave only the work that the length of the record allows: the rest of it is likely no damage."""
        self.has_given_up = True
        self.work = min(self.work, self.costs.work_per_character * len(self.text))

    def _read_symbol(self, position: int) -> _Symbol:
        broken = BROKEN_ANNOTATION.match(self.text, position)
        return _Symbol(
            start=position,
            end=broken.end() if broken else position + 1,
            character=self.text[position],
            pronunciation=broken[1] if broken else "",
            is_trigger=bool(self.trigger.match(self.text, position)),
        )

    def _may_be_annotated(self, hypothesis: Hypothesis, annotation: re.Match[str]) -> bool:
        """Whether an annotation can follow.

        Out of step, it must be the pronunciation of the damaged character before it.
        """
        previous = self.text[annotation.start() - 1]
        return not hypothesis.lead or default_pronunciation(previous) == annotation[1]

    def _pass_annotation(self, hypothesis: Hypothesis, annotation: re.Match[str]) -> Hypothesis:
        """Skip an annotation; after a character that was restored just before it, remove it too."""
        restored = hypothesis.restored
        if hypothesis.lead or not restored or restored.end != annotation.start() or restored.flagged:
            return hypothesis
        if default_pronunciation(hypothesis.last_character) != annotation[1]:
            return hypothesis
        return hypothesis._replace(restored=restored._replace(end=annotation.end()))

    def _advance(self, hypotheses: Sequence[Hypothesis], symbol: _Symbol) -> list[Hypothesis]:
        """The hypotheses after a symbol, the best first."""
        single: list[Hypothesis] = []
        shifted: list[Expansion] = []
        aligned: list[Expansion] = []
        self.best_score = -np.inf
        self.aligned_bests = []
        work_before = self.evidence.work
        for hypothesis in hypotheses:
            for successor in self._successors(hypothesis, symbol):
                if isinstance(successor, Hypothesis):
                    single.append(successor)
                    self.best_score = max(self.best_score, successor.score)
                elif successor.lead:
                    shifted.append(successor)
                else:
                    aligned.append(successor)
        expanded = expand_best(shifted, 2 * self.costs.shifted_beam)
        expanded += expand_best(aligned, 2 * self.costs.aligned_beam)
        self.work -= self.evidence.work - work_before + self.costs.symbol_work
        self.work -= self.costs.hypothesis_work * (len(hypotheses) + len(single) + len(expanded))
        kept = prune(single + expanded, self.costs)
        self.work -= self.costs.doubt_work * sum(len(hypothesis.doubts) for hypothesis in kept)
        return kept

    def _successors(self, hypothesis: Hypothesis, symbol: _Symbol) -> Iterator[Hypothesis | Expansion]:
        """The transitions of the automaton: all that a symbol may lead to."""
        character = symbol.character
        if not hypothesis.lead:
            yield self._keep(hypothesis, symbol)
            yield from self._begin_shift(hypothesis, symbol)
        elif symbol.pronunciation:
            yield from self._end_with_annotation(hypothesis, symbol)
        elif _CONTROL.match(character):
            yield hypothesis
        elif character == "?":
            if symbol.is_trigger:
                yield hypothesis
            yield from self._lose_two_bytes(hypothesis, symbol.start)
        elif character == EURO or character < "\x80":
            trail = EURO_BYTE if character == EURO else ord(character)
            yield from self._complete(hypothesis, trail, 0, symbol.end)
            if character in _HALF_WIDTH_MARKS:
                yield from self._complete(
                    hypothesis, _FULL_WIDTH_LEAD, ord(character) | EURO_BYTE, symbol.end
                )
        else:
            first, second = pairs_by_character().get(character, (0, 0))
            if second >= FIRST_LEAD:
                yield from self._complete(hypothesis, first, second, symbol.end)
            elif second < EURO_BYTE:
                yield from self._complete(hypothesis, first, 0, symbol.end, following=chr(second))

    def _keep(self, hypothesis: Hypothesis, symbol: _Symbol) -> Hypothesis:
        """Text in step goes on as it is."""
        score, context, character = hypothesis.score, hypothesis.context, hypothesis.last_character
        for character in self.text[symbol.start : symbol.end]:
            if character in _SENTENCE_ENDS:
                character = _FULL_STOP
            log_probability, context = self._score(context, character)
            score += log_probability + self.evidence.form_cost(character)
        score += self.costs.literal_annotation if symbol.pronunciation else 0.0
        return hypothesis._replace(score=score, context=context, last_character=character)

    def _begin_shift(self, hypothesis: Hypothesis, symbol: _Symbol) -> Iterator[Hypothesis]:
        """A shift begins: a lead byte became "?", with what was put in or with the "(" of an annotation."""
        if not (symbol.is_trigger or symbol.pronunciation):
            return
        shifted = hypothesis._replace(
            score=hypothesis.score + self.costs.damage, start=symbol.start, lost_trail=UNKNOWN
        )
        if symbol.is_trigger and not symbol.pronunciation:
            yield shifted._replace(lead=UNKNOWN)
        if symbol.pronunciation:
            # The annotated character is the trail byte of the one before and the lead byte that was lost.
            trail = pairs_by_character().get(hypothesis.last_character, (0, 0))[1]
            for annotated in characters_pronounced(trail, symbol.pronunciation):
                lost_lead = pairs_by_character()[annotated][1]
                if lost_lead >= FIRST_LEAD:
                    yield shifted._replace(
                        lead=lost_lead, score=shifted.score + self._unlisted_cost(annotated)
                    )

    def _complete(
        self, hypothesis: Hypothesis, trail: int, lead: int, end: int, following: str = ""
    ) -> Iterator[Hypothesis | Expansion]:
        """The waiting byte and ``trail`` make a character.

        Then ``lead`` waits, or if it is 0, the shift ends, after ``following`` if there is any.
        """

        def finish(completed: Hypothesis) -> Hypothesis:
            return _end_shift(self._append(completed, following, end) if following else completed)

        if hypothesis.lead == UNKNOWN:
            yield from self._expand(hypothesis, self.candidate_sets.with_trail(trail), end, lead, finish)
            return
        character = characters_by_pair().get((hypothesis.lead, trail))
        if character:
            completed = self._append(hypothesis, character, end)
            yield completed._replace(lead=lead, lost_trail=UNKNOWN) if lead else finish(completed)

    def _end_with_annotation(self, hypothesis: Hypothesis, symbol: _Symbol) -> Iterator[Hypothesis]:
        """The lost trail byte is that of an annotated character; its annotation brings the text in step."""
        pronunciation = symbol.pronunciation
        if hypothesis.lead == UNKNOWN:
            characters = [
                character
                for character in sorted(self.evidence.likely_annotated)
                if default_pronunciation(character) == pronunciation and _fits(hypothesis, character)
            ]
        else:
            characters = list(characters_pronounced(hypothesis.lead, pronunciation))
        for character in characters:
            ended = _end_shift(self._append(hypothesis, character, symbol.end, annotated=True))
            yield ended._replace(score=ended.score + self._unlisted_cost(character))

    def _lose_two_bytes(self, hypothesis: Hypothesis, position: int) -> Iterator[Expansion]:
        """A "?" is a trail byte that was lost with the byte after it, or by itself at the end of a line."""
        end = position + 1
        after = self.text[end : end + 1]

        def end_line(expanded: Hypothesis) -> Hypothesis:
            ended = _end_shift(expanded)
            return ended._replace(score=ended.score + self.evidence.log_probability(ended.context, LINE_END))

        def lose_ascii(expanded: Hypothesis) -> Hypothesis:
            return self._lose_ascii(expanded, position)

        def append_mark(mark: str) -> Callable[[Hypothesis], Hypothesis]:
            return lambda expanded: _end_shift(self._append(expanded, mark, end))

        sets, lead = self.candidate_sets, hypothesis.lead
        candidates = sets.modelled() if lead == UNKNOWN else sets.with_lead(lead)
        if after in ("", LINE_END):
            yield from self._expand(hypothesis, candidates, end, 0, end_line)
        if after:
            yield from self._expand(hypothesis, candidates, end, UNKNOWN, end_line, pair_lost=True)
            alphanumeric = after.isdigit() or after in tuple(".%")
            cost = self.costs.lost_alphanumeric if alphanumeric else self.costs.lost_other_ascii
            yield from self._expand(hypothesis, candidates, end, 0, lose_ascii, cost=cost, pair_lost=True)
            for mark in () if after.isdigit() else _MARKS_BETWEEN_WORDS:
                finish = append_mark(mark)
                cost = self.costs.lost_mark
                yield from self._expand(hypothesis, candidates, end, 0, finish, cost=cost, pair_lost=True)

    def _expand(
        self,
        hypothesis: Hypothesis,
        candidates: Candidates,
        end: int,
        lead: int,
        finish: Callable[[Hypothesis], Hypothesis],
        *,
        cost: float = 0.0,
        pair_lost: bool = False,
    ) -> Iterator[Expansion]:
        """Score all candidates at once and leave out those that are too unlikely.

        ``pair_lost`` says that their trail byte was lost with the byte after it.
        """
        lost_trail = hypothesis.lost_trail if hypothesis.lead == UNKNOWN else UNKNOWN
        likely = self.evidence.likely_candidates(hypothesis.context, candidates, lost_trail, pair_lost)
        best = likely.best + (hypothesis.score + cost)
        if lead:
            best = self.best_score = max(self.best_score, best)
        elif not self._may_enter_beam(best):
            return
        self.work -= self.costs.expansion_work
        scores = likely.log_probabilities + (hypothesis.score + cost)
        kept = np.flatnonzero(scores > best - self.costs.beam_window)
        if len(kept):
            yield Expansion(
                hypothesis=hypothesis,
                candidates=candidates,
                scores=scores[kept],
                indices=likely.indices[kept],
                end=end,
                lead=lead,
                finish=finish,
            )

    def _may_enter_beam(self, best: float) -> bool:
        """Whether an expansion in step may give one of those kept: not if the best of as many are better."""
        if len(self.aligned_bests) < 2 * self.costs.aligned_beam:
            heapq.heappush(self.aligned_bests, best)
        elif best < self.aligned_bests[0]:
            return False
        else:
            heapq.heapreplace(self.aligned_bests, best)
        return True

    def _lose_ascii(self, hypothesis: Hypothesis, position: int) -> Hypothesis:
        """An ASCII character was lost: a digit that the text determines, or its "?" stays and is flagged."""
        before = self.text[max(0, hypothesis.start - CHARACTERS_BEFORE) : hypothesis.start]
        before += restored_in_shift(hypothesis.restored, hypothesis.start, CHARACTERS_BEFORE)
        digit = infer_digit(before, self.text[position + 1 : position + 1 + CHARACTERS_AFTER])
        ended = _end_shift(hypothesis)
        if digit:
            restored = self._append(ended, digit, position + 1)
            return restored._replace(score=restored.score + self.costs.inferred_digit)
        log_probability, context = self._score(ended.context, PLACEHOLDER)
        # The character before it has no place of its own.
        last = ended.restored and ended.restored._replace(end=position)
        lost = RestoredPiece(last, shift=position, end=position + 1, text="", flagged=True)
        return ended._replace(
            score=ended.score + log_probability, context=context, last_character="?", restored=lost
        )

    def _unlisted_cost(self, character: str) -> float:
        """The cost of an annotated character that is not among those that are likely annotated."""
        return 0.0 if character in self.evidence.likely_annotated else self.costs.unlisted

    def _score(self, context: str, character: str) -> tuple[float, str]:
        """The log-probability of a character after a context, and the context after it."""
        form = model_forms().get(character, character)
        if form == PLACEHOLDER and context[-1:] == PLACEHOLDER:
            return 0.0, context
        log_probability = self.evidence.log_probability(context, form)
        return log_probability, (context + form)[-CONTEXT:]

    def _append(
        self, hypothesis: Hypothesis, character: str, end: int, annotated: bool = False
    ) -> Hypothesis:
        """Restore one more character, of the symbol that ends at ``end``."""
        log_probability, context = self._score(hypothesis.context, character)
        shifted = hypothesis.lead and not annotated
        form_cost = self.evidence.shifted_cost if shifted else self.evidence.form_cost
        return Hypothesis(
            hypothesis.score + (log_probability + form_cost(character)),
            context,
            character,
            hypothesis.lead,
            hypothesis.lost_trail,
            hypothesis.start,
            append_character(hypothesis.restored, hypothesis.start, end, character),
            hypothesis.doubts,
        )


def _end_shift(hypothesis: Hypothesis) -> Hypothesis:
    """The text is in step again after what was restored last."""
    score, context, last_character, _, _, start, restored, doubts = hypothesis
    return Hypothesis(score, context, last_character, 0, UNKNOWN, start, restored, doubts)


def _fits(hypothesis: Hypothesis, character: str) -> bool:
    """Whether a character's lead byte may have been lost with the trail byte before it."""
    pair = pairs_by_character().get(character)
    if not pair:
        return False
    return hypothesis.lost_trail == UNKNOWN or (hypothesis.lost_trail, pair[0]) not in characters_by_pair()
