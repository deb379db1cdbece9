"""The evidence in a damaged record itself: its script, the characters it annotates, and its own phrases."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.beam import UNKNOWN
from hanpack.steps.repair.candidates import CandidateKey, Candidates, invalid_after
from hanpack.steps.repair.forms import is_traditional, simplified_forms, to_model_text, traditional_forms
from hanpack.steps.repair.gbk import FIRST_LEAD
from hanpack.steps.repair.gram_counts import GramCounts
from hanpack.steps.repair.ngram_model import ContextState, NgramModel
from hanpack.steps.repair.ngram_table import Weights
from hanpack.steps.repair.pronunciation import ANNOTATION, COMMONLY_ANNOTATED, PRONUNCIATION
from hanpack.steps.repair.shift_costs import ShiftCosts

# Some pages have these between the lost byte and the mark that was put in.
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
# A trigger and all that its damage may reach: up to the next "€" or ASCII character other than "?".
_DAMAGE = compile_lazily(rf"\?(?:{PRONUNCIATION} ?\)|{CONTROLS}*[！？!?])[^\x00-\x3e\x40-\x7f€]*")
# Bounds of the caches, in entries; the last in scores of single candidates.
_MOST_PROBABILITIES = 100_000
_MOST_STATES = 20_000
_MOST_SCORES = 1_000_000


class LikelyCandidates(NamedTuple):
    """The best log-probability of some candidates; indices and log-probabilities of those near it.

    The arrays have the shape (likely candidates,).
    """

    best: float
    indices: npt.NDArray[np.int64]
    log_probabilities: Weights


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A record's own evidence, joined with an n-gram model.

    Attributes:
        ngram_model: how likely characters are in official Chinese.
        costs: how the record's own evidence is weighed.
        traditional: whether the record is in Traditional characters.
        characters: the characters outside its damaged stretches.
        annotated: the characters that the record annotates.
        likely_annotated: those, and the characters that damaged pages commonly annotate.
        grams: for each one or two characters, how often each character follows them in the record.
    """

    ngram_model: NgramModel
    costs: ShiftCosts
    traditional: bool
    characters: Set[str]
    annotated: Set[str]
    likely_annotated: Set[str]
    grams: GramCounts
    _cache: _Cache = field(default_factory=lambda: _Cache())

    def log_probability(self, context: str, form: str) -> float:
        """How likely a form is after a context: what occurs in the record already is more likely to recur."""
        cache = self._cache.probabilities
        key = context + form
        result = cache.get(key)
        if result is None:
            if len(cache) > _MOST_PROBABILITIES:
                cache.clear()
            result = cache[key] = self._log_probability(context, form)
            self._cache.work += self.costs.probability_work
        return result

    def _log_probability(self, context: str, form: str) -> float:
        probability = self.ngram_model.state_probability(self._state(context), form)
        weight, suffixes = self._local_weight(context)
        if weight:
            local = sum(self.grams.count_after(suffix, form) / total for suffix, total in suffixes)
            probability = (1 - weight) * probability + weight * (local / len(suffixes))
        return math.log(probability)

    def log_probabilities(self, context: str, candidates: Candidates) -> Weights:
        """:meth:`log_probability` plus :meth:`shifted_cost` of each candidate; shape (candidates,)."""
        cache = self._cache
        key = context, candidates.key
        result = cache.scores.get(key)
        if result is None:
            cache.score_count += len(candidates.characters)
            if cache.score_count > _MOST_SCORES:
                cache.scores.clear()
                cache.score_count = 0
            result = cache.scores[key] = self._log_probabilities(context, candidates)
        return result

    @property
    def work(self) -> int:
        """The work of scoring so far, in candidates: most of the work of a search."""
        return self._cache.work

    def likely_candidates(
        self, context: str, candidates: Candidates, lost_trail: int, pair_lost: bool
    ) -> LikelyCandidates:
        """The candidates whose log-probability is within the beam's window of that of the best.

        Args:
            context: the characters before them.
            candidates: the set of characters.
            lost_trail: if not ``UNKNOWN``, the trail byte that was lost with their lead byte, with which that
                is no valid pair.
            pair_lost: whether their trail byte was lost with the byte after it.
        """
        cache = self._cache
        key = context, candidates.key, lost_trail, pair_lost
        likely = cache.likely_candidates.get(key)
        if likely is not None:
            return likely
        if len(cache.likely_candidates) >= _MOST_STATES:
            cache.likely_candidates.clear()
        cache.work += len(candidates.characters)
        scores = self.log_probabilities(context, candidates)
        if lost_trail != UNKNOWN:
            scores = np.where(invalid_after(lost_trail)[candidates.leads], scores, -np.inf)
        if pair_lost:
            # The decoder took the trail byte for the lead byte of that pair.
            scores = np.where(candidates.trails >= FIRST_LEAD, scores, -np.inf)
        best = float(scores.max(initial=-np.inf))
        # One more than the window, since adding the score of a hypothesis rounds.
        indices = np.flatnonzero(scores > best - (self.costs.beam_window + 1))
        likely = cache.likely_candidates[key] = LikelyCandidates(best, indices, scores[indices])
        return likely

    def _log_probabilities(self, context: str, candidates: Candidates) -> Weights:
        probabilities = self.ngram_model.state_probabilities(self._state(context), candidates.forms)
        weight, suffixes = self._local_weight(context)
        if weight:
            probabilities *= 1 - weight
            for suffix, total in suffixes:
                indices, counts = self._local_continuations(suffix, candidates)
                probabilities[indices] += counts * (weight / total / len(suffixes))
        return np.log(probabilities)[candidates.form_indices] + self._shifted_costs(candidates)

    def _local_weight(self, context: str) -> tuple[float, list[tuple[str, int]]]:
        """The weight of the record's own counts, and the suffixes of a context it contains, with totals."""
        total = self.grams.find(context[-1:]).total
        if not total:
            return 0.0, []
        suffixes = [(context[-1:], total)]
        longer_total = self.grams.find(context[-2:]).total
        if longer_total:
            suffixes.append((context[-2:], longer_total))
        return self.costs.local_share * total / (total + self.costs.local_doubt), suffixes

    def _local_continuations(self, suffix: str, candidates: Candidates) -> tuple[list[int], Weights]:
        """The indices of the candidates' forms that follow a suffix in the record, and how often they do."""
        cache = self._cache.local_continuations
        key = suffix, candidates.key
        result = cache.get(key)
        if result is None:
            if len(cache) > _MOST_STATES:
                cache.clear()
            counts = {
                candidates.index_by_form[form]: number
                for form, number in self.grams.iterate_after(suffix)
                if form in candidates.index_by_form
            }
            result = list(counts), np.array(list(counts.values()), dtype=np.float64)
            cache[key] = result
        return result

    def _shifted_costs(self, candidates: Candidates) -> Weights:
        cache = self._cache.shifted_costs
        result = cache.get(candidates.key)
        if result is None:
            result = np.array([self.shifted_cost(character) for character in candidates.characters])
            cache[candidates.key] = result
        return result

    def _state(self, context: str) -> ContextState:
        cache, model = self._cache.states, self.ngram_model
        state = cache.get(context)
        if state is None:
            if len(cache) > _MOST_STATES:
                cache.clear()
            state = (
                model.extend_context(self._state(context[1:]), context) if context else model.empty_context()
            )
            cache[context] = state
        return state

    def form_cost(self, character: str) -> float:
        """The cost of restoring a character in a form that is foreign to the record."""
        if character in self.characters:
            return 0.0
        simplified = simplified_forms().get(character)
        if not self.traditional:
            return self.costs.other_script if simplified else 0.0
        usual = traditional_forms().get(simplified or character, simplified or character)
        if usual == character:
            return 0.0
        return self.costs.other_variant if simplified else self.costs.other_script

    def shifted_cost(self, character: str) -> float:
        """:meth:`form_cost` in a shifted stretch, and more for a character that the page annotates.

        The annotation of such a character would still be there.
        """
        return self.form_cost(character) + (self.costs.unlisted if character in self.annotated else 0.0)


@dataclass(slots=True)
class _Cache:
    """Results for one record: they save time and change no answer."""

    probabilities: dict[str, float] = field(default_factory=dict)
    states: dict[str, ContextState] = field(default_factory=dict)
    scores: dict[tuple[str, CandidateKey], Weights] = field(default_factory=dict)
    local_continuations: dict[tuple[str, CandidateKey], tuple[list[int], Weights]] = field(
        default_factory=dict
    )
    shifted_costs: dict[CandidateKey, Weights] = field(default_factory=dict)
    likely_candidates: dict[tuple[str, CandidateKey, int, bool], LikelyCandidates] = field(
        default_factory=dict
    )
    score_count: int = 0
    work: int = 0


def gather_evidence(text: str, ngram_model: NgramModel, annotated: Set[str], costs: ShiftCosts) -> Evidence:
    """Gather a record's evidence, leaving out what looks damaged.

    ``annotated`` are the characters whose annotations were removed from the record before.
    """
    undamaged = map(to_model_text, _DAMAGE.split(ANNOTATION.sub("", text)))
    return Evidence(
        ngram_model=ngram_model,
        costs=costs,
        traditional=is_traditional(text),
        characters=frozenset(_DAMAGE.sub("", text)),
        annotated=annotated,
        likely_annotated=annotated | COMMONLY_ANNOTATED,
        grams=GramCounts.count(undamaged),
    )
