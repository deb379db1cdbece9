"""Undo what scraping did to a record: mojibake, byte shifts, in-place pinyin; flag what is lost.

A module of its own although short: only it depends on the order of the repairs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from hanpack.steps.repair.charsets import begin_signs, damage_signs
from hanpack.steps.repair.gbk import EURO
from hanpack.steps.repair.lossy import LOSSY_CHARACTERS, find_leftovers, find_lossy, find_texts_with_leftovers
from hanpack.steps.repair.misread import find_misread
from hanpack.steps.repair.mojibake import classify_signs, find_mojibake
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.repair.pinyin import find_pinyin
from hanpack.steps.repair.pronunciation import ANNOTATION
from hanpack.steps.repair.shift import SHIFT_MARK, find_shifts
from hanpack.steps.texts import CharacterTable, JoinedTexts, make_table
from hanpack.steps.traced import Traced


def find_damaged(texts: JoinedTexts) -> set[int]:
    """The indexes of the texts with a sign of damage: all that :func:`repair_damage` changes.

    >>> sorted(find_damaged(JoinedTexts(["創(chuàng)新", "創新", "三?！敝С"])))
    [0, 2]
    """
    indexes = texts.find_characters(_damage_characters()) | texts.find(ANNOTATION)
    indexes |= find_texts_with_leftovers(texts)
    indexes |= texts.find_matches(damage_signs(), texts.find_sequences(*_damage_tables()))
    for tables in _mojibake_tables():
        indexes |= texts.find_places(texts.find_sequences(*tables))
    return indexes


@lru_cache(maxsize=1)
def _damage_characters() -> CharacterTable:
    """The characters without which nothing is lost or shifted."""
    characters, ranges = LOSSY_CHARACTERS
    return make_table(characters + SHIFT_MARK, ranges)


@lru_cache(maxsize=1)
def _damage_tables() -> tuple[CharacterTable, ...]:
    """The first two characters of what :func:`damage_signs` matches."""
    return tuple(map(make_table, begin_signs()))


@lru_cache(maxsize=1)
def _mojibake_tables() -> tuple[tuple[CharacterTable, ...], ...]:
    """The sequences of characters that :func:`mojibake_signs` matches."""
    first, second, third = map(make_table, classify_signs())
    return (first, second, third), (first, make_table(EURO), first)


def repair_damage(traced: Traced, ngram_model: NgramModel) -> Traced:
    """Apply the steps "mojibake", "lossy", "pinyin" and "shift"; an undamaged text is returned unchanged.

    What is lost is flagged after wrong encodings are undone: only then it is known where characters miss.
    Pinyin comes before shifts: the characters that a record annotates are evidence for its shifted stretches.

    Args:
        traced: the text of a record.
        ngram_model: decides between possible restorations; a text without signs of damage never uses it.

    Returns:
        The restored text with an edit for each repair; an edit of kind "flagged" for damage that was left.

    >>> from hanpack.steps.alignment import Alignment
    >>> from hanpack.steps.repair.ngram_model import count_ngrams
    >>> from hanpack.steps.repair.ngram_table import pack_model
    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["火炬传递活动"] * 9))]))
    >>> damaged = "創(chuàng)新：火炬?zhèn)鬟f活動"
    >>> repaired = repair_damage(Traced(damaged, Alignment.identity(len(damaged))), model)
    >>> repaired.text
    '創新：火炬傳遞活動'
    >>> [(edit.step, edit.kind) for edit in repaired.edits]
    [('pinyin', 'removed'), ('shift', 'replaced')]
    """
    traced = traced.apply("mojibake", find_misread(traced.text, ngram_model))
    traced = traced.apply("mojibake", find_mojibake(traced.text, ngram_model))
    traced = traced.apply("lossy", find_lossy(traced.text))
    annotations = find_pinyin(traced.text)
    annotated = frozenset(traced.text[annotation.start - 1] for annotation in annotations)
    traced = _repair_title(traced) if annotations else traced
    traced = traced.apply("pinyin", annotations)
    shifts = find_shifts(traced.text, ngram_model, annotated)
    traced = traced.apply("shift", shifts)
    leftovers = find_leftovers(traced.text)
    if shifts:
        # A ? may be of a shifted stretch, which is restored or flagged already.
        leftovers = [change for change in leftovers if traced.text[change.start] != "?"]
    return traced.apply("lossy", leftovers)


def _repair_title(traced: Traced) -> Traced:
    """A text that has pronunciations in it, with a title without them: alone a title has too few to judge."""
    title = traced.metadata.get("title")
    if not isinstance(title, str) or not ANNOTATION.search(title):
        return traced
    repaired, start = "", 0
    for annotation in find_pinyin(f"{title}\n{traced.text}"):
        if annotation.end > len(title):
            break
        repaired += title[start : annotation.start]
        start = annotation.end
    return replace(traced, metadata={**traced.metadata, "title": repaired + title[start:]})
