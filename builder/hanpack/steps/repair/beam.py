"""The beam of the search for byte shifts: hypotheses, their expansion by candidates, and pruning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.steps.repair.candidates import Candidates
from hanpack.steps.repair.forms import model_forms
from hanpack.steps.repair.ngram_table import ORDER, Weights
from hanpack.steps.repair.restoration import RestoredPiece, Span, find_difference
from hanpack.steps.repair.shift_costs import ShiftCosts

# A byte that was lost.
UNKNOWN = -1
# The characters before another that the n-gram model makes use of.
CONTEXT = ORDER - 1
# The doubts of a hypothesis without a rival.
NO_DOUBTS: Mapping[Span, float] = MappingProxyType({})


class Hypothesis(NamedTuple):
    """What a damaged stretch may have been, up to one position.

    A named tuple, because a search makes them by the hundred thousand.

    Attributes:
        score: the log-probability of the restored text, plus costs.
        context: the last restored characters, in the form that the n-gram model counts.
        last_character: the last restored character.
        lead: the lead byte that waits for its trail byte: 0 for none (in step), ``UNKNOWN`` for a lost byte.
        lost_trail: of a lost lead byte, the trail byte that was lost with it, or ``UNKNOWN``. The two are no
            valid pair: a decoder replaced them by one "?".
        start: where the current shift began.
        restored: the last restored piece.
        doubts: the spans of the damaged text in which rivals that were pruned in its favour restore something
            else, and by how much it is more likely than the most likely of these rivals.
    """

    score: float
    context: str
    last_character: str
    lead: int = 0
    lost_trail: int = UNKNOWN
    start: int = 0
    restored: RestoredPiece | None = None
    doubts: Mapping[Span, float] = NO_DOUBTS


class Expansion(NamedTuple):
    """A hypothesis and the candidates for its next character, before a new hypothesis is made of each.

    Attributes:
        hypothesis: what is expanded.
        candidates: the set of characters.
        scores: the scores of the candidates that are likely enough.
        indices: the indices of these candidates in the set.
        end: where the symbol ends in the damaged text.
        lead: the byte that waits after each, 0 if ``finish`` brings the text in step. If it is
            ``UNKNOWN``, the trail byte of each candidate was lost with it.
        finish: ends the shift after the character.
    """

    hypothesis: Hypothesis
    candidates: Candidates
    scores: Weights
    indices: npt.NDArray[np.int64]
    end: int
    lead: int
    finish: Callable[[Hypothesis], Hypothesis]


def expand_best(expansions: Sequence[Expansion], most: int) -> list[Hypothesis]:
    """Make hypotheses of the most likely candidates of all expansions, ``most`` at the most."""
    if not expansions:
        return []
    scores = np.concatenate([expansion.scores for expansion in expansions])
    owners = np.repeat(np.arange(len(expansions)), [len(expansion.scores) for expansion in expansions])
    indices = np.concatenate([expansion.indices for expansion in expansions])
    best = np.argpartition(-scores, most)[:most] if len(scores) > most else np.arange(len(scores))
    return [
        _expand(expansions[owner], index, score)
        for owner, index, score in zip(
            owners[best].tolist(), indices[best].tolist(), scores[best].tolist(), strict=True
        )
    ]


def _expand(expansion: Expansion, index: int, score: float) -> Hypothesis:
    hypothesis, candidates, lead = expansion.hypothesis, expansion.candidates, expansion.lead
    character = candidates.characters[index]
    # All fields, because ``_replace`` takes three times as long.
    expanded = Hypothesis(
        score,
        (hypothesis.context + model_forms().get(character, character))[-CONTEXT:],
        character,
        lead or hypothesis.lead,
        int(candidates.trails[index]) if lead == UNKNOWN else UNKNOWN,
        hypothesis.start,
        RestoredPiece(hypothesis.restored, hypothesis.start, expansion.end, character, chosen=True),
        hypothesis.doubts,
    )
    return expanded if lead else expansion.finish(expanded)


def prune(hypotheses: Sequence[Hypothesis], costs: ShiftCosts) -> list[Hypothesis]:
    """Keep the best hypothesis of each state, then the best of all, best first.

    Only the best of one state can win, because all have the same future; the others are its rivals.
    """
    best: dict[tuple[str, int, int, int], Hypothesis] = {}
    for hypothesis in hypotheses:
        start = hypothesis.start if hypothesis.lead else -1
        state = hypothesis.context, hypothesis.lead, hypothesis.lost_trail, start
        rival = best.get(state)
        if rival is None:
            best[state] = hypothesis
            continue
        first, second = (hypothesis, rival) if hypothesis.score > rival.score else (rival, hypothesis)
        best[state] = add_doubts(first, second, costs.sure_margin)
    ranked = sorted(best.values(), key=lambda hypothesis: -hypothesis.score)
    least = ranked[0].score - costs.beam_window if ranked else 0.0
    shifted = [hypothesis for hypothesis in ranked if hypothesis.lead and hypothesis.score > least]
    # A hypothesis in step has paid for the end of its shift already: those out of step must not crowd it out.
    aligned = [hypothesis for hypothesis in ranked if not hypothesis.lead]
    kept = shifted[: costs.shifted_beam] + aligned[: costs.aligned_beam]
    return sorted(kept, key=lambda hypothesis: -hypothesis.score)


def add_doubts(hypothesis: Hypothesis, rival: Hypothesis, sure_margin: float) -> Hypothesis:
    """The hypothesis with the doubts that a rival raises, if the rival is not less likely by ``sure_margin``.

    These are where the rival restores something else, and what the rival was in doubt about itself.
    """
    margin = hypothesis.score - rival.score
    if margin >= sure_margin:
        return hypothesis
    difference = find_difference(hypothesis.restored, rival.restored)
    # What both have from a common past is no news: a rival is not the more likely of the two.
    raised = rival.doubts if rival.doubts is not hypothesis.doubts else NO_DOUBTS
    doubts = dict(hypothesis.doubts)
    for span, further in raised.items():
        doubt = margin + further
        if doubt < sure_margin and doubt < doubts.get(span, sure_margin):
            doubts[span] = doubt
    if difference:
        doubts[difference] = min(margin, doubts.get(difference, sure_margin))
    return hypothesis._replace(doubts=doubts)


def find_best(hypotheses: Sequence[Hypothesis], sure_margin: float) -> Hypothesis | None:
    """The best hypothesis in step, with the doubts that the others in step raise."""
    ended = [hypothesis for hypothesis in hypotheses if not hypothesis.lead]
    if not ended:
        return None
    best, *rivals = ended
    for rival in rivals:
        best = add_doubts(best, rival, sure_margin)
    return best
