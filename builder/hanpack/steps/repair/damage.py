"""Undo what scraping did to a record: mojibake, byte shifts, in-place pinyin; flag what is lost."""

from __future__ import annotations

from hanpack.steps.repair.lossy import find_lossy
from hanpack.steps.repair.misread import find_misread
from hanpack.steps.repair.mojibake import find_mojibake
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.repair.pinyin import find_pinyin
from hanpack.steps.repair.shift import find_shifts
from hanpack.steps.traced import Traced


def repair_damage(traced: Traced, language: NgramModel) -> Traced:
    """Apply the steps "lossy", "mojibake", "pinyin" and "shift"; a sound text comes back as it is.

    Pinyin goes first: what a record annotates is evidence for what its shifted stretches were.
    """
    traced = traced.apply("lossy", find_lossy(traced.text))
    traced = traced.apply("mojibake", find_misread(traced.text, language))
    traced = traced.apply("mojibake", find_mojibake(traced.text, language))
    readings = find_pinyin(traced.text)
    annotated = frozenset(traced.text[found.start - 1] for found in readings)
    traced = traced.apply("pinyin", readings)
    return traced.apply("shift", find_shifts(traced.text, language, annotated))
