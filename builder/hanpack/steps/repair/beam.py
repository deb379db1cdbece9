"""The readings of a damaged stretch that a search follows at once: grown by guesses, pruned to a few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.steps.repair.candidates import Candidates, plain_forms
from hanpack.steps.repair.ngram_model import Weights
from hanpack.steps.traced import Replacement

# A byte that is not known; the number of readings that are followed at once, those out of step and those
# in step again, and how far below the best one may lie.
UNKNOWN = -1
BEAM = 150
ALIGNED_BEAM = 30
WINDOW = 15.0


class Path(NamedTuple):
    """One reading of a stretch so far.

    ``lead`` is the byte that waits for its trail byte: 0 for none, -1 for a lost one; then ``partner`` is
    the trail byte that was lost with it (the two are no valid pair), or -1. ``gap`` is the least
    logarithmic distance to a rival that was dropped on the way.
    """

    score: float
    before: str
    last: str
    lead: int = 0
    partner: int = UNKNOWN
    start: int = 0
    text: str = ""
    found: tuple[Replacement, ...] = ()
    gap: float = 99.0


class Guesses(NamedTuple):
    """A path and the many characters that may come next in it, before any of them is tried.

    ``scores`` are those of the candidates at ``places``. ``lead`` is the byte that waits after each, 0 where
    ``finish`` brings the text in step; where it is lost, each candidate's trail byte is its partner.
    """

    path: Path
    candidates: Candidates
    scores: Weights
    places: npt.NDArray[np.int64]
    lead: int
    finish: Callable[[Path], Path]


def most_likely(guesses: Sequence[Guesses], most: int) -> list[Path]:
    """Go on with the most likely of all guesses."""
    if not guesses:
        return []
    scores = np.concatenate([guess.scores for guess in guesses])
    owners = np.repeat(np.arange(len(guesses)), [len(guess.scores) for guess in guesses])
    places = np.concatenate([guess.places for guess in guesses])
    best = np.argpartition(-scores, most)[:most] if len(scores) > most else np.arange(len(scores))
    return [
        _take(guesses[owner], place, score)
        for owner, place, score in zip(
            owners[best].tolist(), places[best].tolist(), scores[best].tolist(), strict=True
        )
    ]


def _take(guess: Guesses, place: int, score: float) -> Path:
    path, candidates, lead = guess.path, guess.candidates, guess.lead
    character = candidates.characters[place]
    before = (path.before + plain_forms().get(character, character))[-3:]
    partner = int(candidates.trails[place]) if lead == UNKNOWN else UNKNOWN
    text = path.text + character
    emitted = Path(
        score, before, character, lead or path.lead, partner, path.start, text, path.found, path.gap
    )
    return emitted if lead else guess.finish(emitted)


def prune(candidates: Sequence[Path]) -> list[Path]:
    """Keep the best path of each state, then the best of all; what is dropped narrows the gap."""
    best: dict[tuple[str, int, int, int], Path] = {}
    for path in candidates:
        state = path.before, path.lead, path.partner, path.start if path.lead else -1
        rival = best.get(state)
        if rival is None:
            best[state] = path
            continue
        first, second = (path, rival) if path.score > rival.score else (rival, path)
        best[state] = first._replace(gap=min(first.gap, first.score - second.score))
    ranked = sorted(best.values(), key=lambda path: -path.score)
    worst = ranked[0].score - WINDOW if ranked else 0.0
    shifted = [path for path in ranked if path.lead and path.score > worst][:BEAM]
    # What is in step again has paid for its end already: it must not be crowded out.
    aligned = [path for path in ranked if not path.lead][:ALIGNED_BEAM]
    return sorted(shifted + aligned, key=lambda path: -path.score)
