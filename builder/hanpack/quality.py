"""The figures of quality of the texts of a batch, and the reason for one that the recipe does not keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hanpack.reasons import Cause, Reason
from hanpack.steps.quality import Bounds, QualityFigures, find_violation, measure_quality
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.repair.perplexity import measure_perplexity
from hanpack.steps.texts import JoinedTexts


def judge_quality(
    texts: JoinedTexts,
    damage_left: Sequence[int],
    bounds: Mapping[str, Bounds],
    ngram_model: NgramModel,
) -> list[QualityFigures | Reason]:
    """The figures of each finished text, or the reason why the recipe does not keep it.

    The perplexity is measured only if it is among ``bounds``.
    """
    is_named = "perplexity" in bounds
    perplexities = [measure_perplexity(ngram_model, text) if is_named else None for text in texts.texts]
    measured = measure_quality(texts, perplexities, damage_left)
    return [find_low_quality(figures, bounds) or figures for figures in measured] if bounds else [*measured]


def find_low_quality(figures: QualityFigures, bounds: Mapping[str, Bounds]) -> Reason | None:
    """The reason for a document with a figure that is out of its bounds; None if there is none.

    >>> (figures,) = measure_quality(JoinedTexts(["abc"]), [None], [0])
    >>> str(find_low_quality(figures, {"han_share": Bounds(least=0.5)}))
    'han_share is 0, and the recipe keeps documents from 0.5'
    """
    violation = find_violation(figures, bounds)
    if violation is None:
        return None
    name, value, bound = violation
    named = (("from", bound.least), ("up to", bound.greatest))
    limits = " ".join(f"{words} {limit:g}" for words, limit in named if limit is not None)
    return Reason(Cause.LOW_QUALITY, {"figure": name, "value": f"{value:g}", "bounds": limits})
