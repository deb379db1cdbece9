"""Undo what scraping did to a record: mojibake, byte shifts, in-place pinyin; flag what is lost."""

from __future__ import annotations

from hanpack.steps.language import Language
from hanpack.steps.lossy import find_lossy
from hanpack.steps.pinyin import find_pinyin
from hanpack.steps.shift import find_shifts
from hanpack.steps.traced import Traced


def repair_damage(traced: Traced, language: Language) -> Traced:
    """Apply the repairs in the order that undoes the damage; a sound text comes back as it is."""
    traced = traced.apply("lossy", find_lossy(traced.text))
    readings = find_pinyin(traced.text)
    annotated = frozenset(traced.text[found.start - 1] for found in readings)
    traced = traced.apply("pinyin", readings)
    return traced.apply("shift", find_shifts(traced.text, language, annotated))
