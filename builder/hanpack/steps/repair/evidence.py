"""What a damaged record tells of itself: its script, the characters it annotates, and its own phrases."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import numpy as np

from hanpack.steps.repair.candidates import Candidates
from hanpack.steps.repair.forms import is_traditional, simplified_forms, simplify, traditional_forms
from hanpack.steps.repair.ngram_model import Following, NgramModel, Weights
from hanpack.steps.repair.pinyin import LISTED
from hanpack.steps.repair.pronunciation import ANNOTATION, PRONUNCIATION

_VALUES = re.compile(r"[A-Za-z0-9.%]+")
# What stands between the lost byte and the mark on some pages.
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
_DAMAGE = re.compile(rf"\?(?:{PRONUNCIATION} ?\)|{CONTROLS}*[！？!?])[^\x00-\x3e\x40-\x7f€]*")
_OTHER_SCRIPT = -6.0
_OTHER_VARIANT = -3.0
_LOCAL_SHARE = 0.25
_LOCAL_DOUBT = 2.0
# What it costs to take a character for annotated, or not, against what is known of the list.
UNLISTED = -5.0
_MOST_KNOWN = 100_000
_MOST_CONTEXTS = 20_000
_MOST_SCORES = 1_000_000


def plain(text: str) -> str:
    """Text as the language model counts it: Simplified characters, a run of letters or digits as one 0."""
    return simplify(_VALUES.sub("0", text))


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A record's own evidence, joined with a language model.

    ``annotated`` are the characters the record annotates, ``listed`` those and the ones known to be
    annotated on such pages; ``local`` counts what follows each one or two characters in the record.
    """

    language: NgramModel
    traditional: bool
    present: Set[str]
    annotated: Set[str]
    listed: Set[str]
    local: Mapping[str, Mapping[str, int]]
    memory: _Memory = field(default_factory=lambda: _Memory())

    def log_probability(self, before: str, form: str) -> float:
        """How likely a plain character is after others: what stood in the record once is likelier again."""
        known = self.memory.known
        asked = before + form
        found = known.get(asked)
        if found is None:
            if len(known) > _MOST_KNOWN:
                known.clear()
            found = known[asked] = self._log_probability(before, form)
        return found

    def _log_probability(self, before: str, form: str) -> float:
        result = self.language.likelihood(self._following(before), form)
        trust, ends = self._trust(before)
        if trust:
            share = sum(self.local[end].get(form, 0) / total for end, total in ends) / len(ends)
            result = (1 - trust) * result + trust * share
        return math.log(result)

    def log_probabilities(self, before: str, candidates: Candidates) -> Weights:
        """:meth:`log_probability` and :meth:`form_cost` of each candidate, for text out of step."""
        scores = self.memory.scores
        asked = before, candidates.name
        found = scores.get(asked)
        if found is None:
            self.memory.kept += len(candidates.characters)
            if self.memory.kept > _MOST_SCORES:
                scores.clear()
                self.memory.kept = 0
            found = scores[asked] = self._log_probabilities(before, candidates)
        return found

    def _log_probabilities(self, before: str, candidates: Candidates) -> Weights:
        result = self.language.likelihoods(self._following(before), candidates.choice)
        trust, ends = self._trust(before)
        if trust:
            result *= 1 - trust
            for end, total in ends:
                places, numbers = self._local(end, candidates)
                result[places] += numbers * (trust / total / len(ends))
        return np.log(result)[candidates.form] + self._form_costs(candidates)

    def _trust(self, before: str) -> tuple[float, list[tuple[str, int]]]:
        """How far the record's own text is heard, and the ends of ``before`` it knows with their numbers."""
        seen = self.memory.totals.get(before[-1:], 0)
        if not seen:
            return 0.0, []
        ends = [(before[-1:], seen)]
        longer = self.memory.totals.get(before[-2:], 0)
        if longer:
            ends.append((before[-2:], longer))
        return _LOCAL_SHARE * seen / (seen + _LOCAL_DOUBT), ends

    def _local(self, end: str, candidates: Candidates) -> tuple[list[int], Weights]:
        asked = end, candidates.name
        found = self.memory.local.get(asked)
        if found is None:
            if len(self.memory.local) > _MOST_CONTEXTS:
                self.memory.local.clear()
            told = [
                (candidates.forms[form], number)
                for form, number in self.local[end].items()
                if form in candidates.forms
            ]
            found = [place for place, _ in told], np.array([number for _, number in told], dtype=np.float64)
            self.memory.local[asked] = found
        return found

    def _form_costs(self, candidates: Candidates) -> Weights:
        found = self.memory.costs.get(candidates.name)
        if found is None:
            found = np.array([self.shifted_cost(character) for character in candidates.characters])
            self.memory.costs[candidates.name] = found
        return found

    def _following(self, before: str) -> Following:
        contexts = self.memory.contexts
        found = contexts.get(before)
        if found is None:
            if len(contexts) > _MOST_CONTEXTS:
                contexts.clear()
            found = (
                self.language.lengthen(self._following(before[1:]), before)
                if before
                else self.language.begin()
            )
            contexts[before] = found
        return found

    def form_cost(self, character: str) -> float:
        """What it costs to restore a character in a form that is foreign to the record."""
        if character in self.present:
            return 0.0
        simplified = simplified_forms().get(character)
        if not self.traditional:
            return _OTHER_SCRIPT if simplified else 0.0
        usual = traditional_forms().get(simplified or character, simplified or character)
        if usual == character:
            return 0.0
        return _OTHER_VARIANT if simplified else _OTHER_SCRIPT

    def shifted_cost(self, character: str) -> float:
        """:meth:`form_cost` in a shifted stretch, where what the page annotates would stand annotated."""
        return self.form_cost(character) + (UNLISTED if character in self.annotated else 0.0)


@dataclass(slots=True)
class _Memory:
    """What was worked out for a record already: it saves time and changes no answer."""

    known: dict[str, float] = field(default_factory=dict)
    contexts: dict[str, Following] = field(default_factory=dict)
    scores: dict[tuple[str, tuple[str, int]], Weights] = field(default_factory=dict)
    local: dict[tuple[str, tuple[str, int]], tuple[list[int], Weights]] = field(default_factory=dict)
    costs: dict[tuple[str, int], Weights] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    kept: int = 0


def gather_evidence(text: str, language: NgramModel, annotated: Set[str]) -> Evidence:
    """Gather a record's evidence, leaving out what looks damaged."""
    sound = [plain(part) for part in _DAMAGE.split(ANNOTATION.sub("", text))]
    counts: Counter[str] = Counter()
    for part in sound:
        for size in (2, 3):
            counts.update(part[start : start + size] for start in range(len(part) - size + 1))
    local: dict[str, dict[str, int]] = {}
    for gram, number in counts.items():
        local.setdefault(gram[:-1], {})[gram[-1]] = number
    totals = {before: sum(after.values()) for before, after in local.items()}
    return Evidence(
        language=language,
        traditional=is_traditional(text),
        present=frozenset(_DAMAGE.sub("", text)),
        annotated=annotated,
        listed=annotated | LISTED,
        local=local,
        memory=_Memory(totals=totals),
    )
