"""Finds evaluation texts inside documents, whole or nearly whole.

Candidates come from common n-grams (the q-gram lemma of Jokinen and Ukkonen 1991): an edit changes at most n
of them, so a text with few edits keeps most of its n-grams, at about the same distance from its beginning.
Each candidate is then compared character by character, so that no match depends on a hash.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup.candidates import expand_ranges
from hanpack.steps.dedup.evaluation_texts import BLOCK, GRAM_SIZE, Codes, EvaluationTexts, Flags
from hanpack.steps.dedup.folding import FoldedText
from hanpack.steps.traced import code_points

# The share of an evaluation text's letters that a document must contain.
MATCHED_SHARE = 0.93
# After so many candidates that did not match, a text is given up in a document: it consists of set phrases.
_MOST_REJECTED = 16
# How far from the diagonal of an n-gram the letters outside all n-grams may be.
_SHIFTS = np.array([0, -1, 1, -2, 2, -3, 3])
# A text and a diagonal as one number: the diagonal has these low bits, in which 1 << 33 is the diagonal 0.
_DIAGONAL_BITS = np.int64(34)
_DIAGONAL_ZERO = np.int64(1 << 33)


@dataclass(frozen=True, slots=True)
class Match:
    """An evaluation text found in a document, at the characters ``[start, end)``.

    ``share`` is the share of the folded characters of the evaluation text that occur there, in their order.
    """

    name: str
    start: int
    end: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class _CommonGrams:
    """The n-grams that a document and the texts have in common, sorted by ``keys``: text, then diagonal.

    All arrays have the shape (common n-grams,). A diagonal is where the text would begin in the document:
    ``positions``, in the document, minus ``offsets``, in the text.
    """

    keys: Positions
    texts: Positions
    offsets: Positions
    positions: Positions


class _Candidate(NamedTuple):
    """A text and the common n-grams ``[low, high)`` of it, which have neighbouring diagonals."""

    text: int
    low: int
    high: int


class _Comparison(NamedTuple):
    """The span of a text in the folded document, and the share of its characters that are the same there."""

    start: int
    end: int
    share: float


def find_matches(
    folded: FoldedText, texts: EvaluationTexts, share: float = MATCHED_SHARE, *, block: int = BLOCK
) -> list[Match]:
    """Find the evaluation texts of which a document contains at least ``share``, by position.

    Two matches of one text do not overlap. With the default share, a text with at most 7 of 100 letters
    changed is always found, unless many texts have most of its n-grams; one with letters added or left out
    almost always. A share below 0.8 also finds parts of texts, and set phrases in short ones. ``block`` is
    how many n-grams are looked up at once; it does not change the result.

    >>> from hanpack.steps.dedup.evaluation_texts import index_texts
    >>> from hanpack.steps.dedup.folding import TextFolder
    >>> folder = TextFolder()
    >>> texts = index_texts([("exam 1", "下列哪座城市是我国的首都")], folder)
    >>> find_matches(folder.fold("题目：下列哪座城市，是我國的首都？"), texts)
    [Match(name='exam 1', start=3, end=16, share=1.0)]

    Raises:
        ValueError: ``share`` is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share is above 0 and at most 1, not {share}")
    if len(folded.text) < GRAM_SIZE or not len(texts):
        return []
    codes = code_points(folded.text)
    positions, grams = texts.find_grams(codes, block)
    if not len(positions):
        return []
    common = _pair_occurrences(positions, grams, texts)
    candidates = list(_find_candidates(common, texts, share))
    search = _Search(codes, texts, common, share)
    # The ends of a candidate are inexact: what seems to overlap a match may only stand beside it. Such
    # candidates come last, and what they share with a match is left to the match.
    overlapping = [candidate for candidate in candidates if not search.compare(candidate)]
    for candidate in overlapping:
        search.compare(candidate, is_trimmed=True)
    places = folded.places
    return [
        Match(texts.names[text], int(places[start]), int(places[end - 1]) + 1, matched_share)
        for (start, end, matched_share), text in sorted(
            search.matches, key=lambda match: (match[0].start, match[0].end, match[1])
        )
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """The search for texts in one document: what its candidates gave so far.

    ``matched`` and ``rejected`` hold sorted spans of the folded document by text: those that match, which do
    not overlap, and those in which a candidate that begins there would not match.
    """

    codes: Codes
    texts: EvaluationTexts
    common: _CommonGrams
    share: float
    matches: list[tuple[_Comparison, int]] = field(default_factory=list)
    matched: defaultdict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    rejected: defaultdict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def compare(self, candidate: _Candidate, *, is_trimmed: bool = False) -> bool:
        """Compare a candidate unless it is already decided; False if it overlaps a match.

        If ``is_trimmed``, a candidate that shares less than half with matches is a match without that part.
        """
        text, low, high = candidate
        text_codes, common = self.texts.codes_of(text), self.common
        begin = int(common.positions[low] - common.offsets[low])
        rejected, matched = self.rejected[text], self.matched[text]
        # Candidates come by their number of n-grams, so those that follow have no more than the rejected.
        if len(rejected) == _MOST_REJECTED or _overlaps(rejected, begin, begin + 1):
            return True
        margin = len(text_codes) // 4 if is_trimmed else 0
        if _overlaps(matched, begin + margin, begin + len(text_codes) - margin):
            return False
        comparison = _compare(self.codes, text_codes, common.offsets[low:high], common.positions[low:high])
        if comparison.share < self.share or comparison.end <= comparison.start:
            # A text that repeats itself has many candidates close to this one, none of them better.
            reach = int((1 - self.share) * len(text_codes) / 2)
            insort(rejected, (begin - reach, begin + reach + 1))
            return True
        start, end = _trim(matched, comparison.start, comparison.end)
        size = comparison.end - comparison.start
        if end - start < (size / 2 if is_trimmed else size):
            return False
        insort(matched, (start, end))
        self.matches.append((_Comparison(start, end, comparison.share), text))
        return True


def _pair_occurrences(positions: Positions, grams: Positions, texts: EvaluationTexts) -> _CommonGrams:
    """Pair each n-gram of the document with each of its occurrences in the texts."""
    sizes = texts.entries[grams + 1] - texts.entries[grams]
    entries = expand_ranges(texts.entries[grams], sizes)
    numbers = texts.texts[entries].astype(np.int64)
    offsets, repeated = texts.offsets[entries].astype(np.int64), np.repeat(positions, sizes)
    keys = (numbers << _DIAGONAL_BITS) + (repeated - offsets + _DIAGONAL_ZERO)
    order = np.argsort(keys, kind="stable")
    return _CommonGrams(keys[order], numbers[order], offsets[order], repeated[order])


def _find_candidates(common: _CommonGrams, texts: EvaluationTexts, share: float) -> Iterator[_Candidate]:
    """Neighbouring diagonals that have enough n-grams of one text in common, those with the most first."""
    keys, numbers = common.keys, common.texts
    lengths = texts.firsts[numbers + 1] - texts.firsts[numbers]
    most_edits = ((1 - share) * lengths + 1e-9).astype(np.int64)
    counts = texts.gram_counts[numbers]
    fewest = np.maximum((counts * share / 4).astype(np.int64), 1)
    needed = np.maximum(counts - GRAM_SIZE * most_edits, fewest)
    # Each inserted or omitted letter moves what follows it to the next diagonal.
    highs = np.searchsorted(keys, keys + np.minimum(most_edits, lengths // 2), side="right")
    sizes = highs - np.arange(len(keys))
    is_first = np.ones(len(keys), np.bool_)
    is_first[1:] = keys[1:] != keys[:-1]
    lows = np.flatnonzero(is_first & (sizes >= needed))
    lows = lows[np.argsort(-sizes[lows], kind="stable")]
    yield from map(_Candidate, numbers[lows].tolist(), lows.tolist(), highs[lows].tolist())


def _compare(codes: Codes, text_codes: Codes, offsets: Positions, positions: Positions) -> _Comparison:
    """Lay a text along the n-grams that it has in common with a document, and compare its characters.

    A character between two n-grams may be on the diagonal of either, or on the main one. The characters
    before the first n-gram and after the last may be on a diagonal near theirs.
    """
    diagonals = positions - offsets
    values, counts = np.unique(diagonals, return_counts=True)
    main = values[np.argmax(counts)]
    # Of the occurrences of one n-gram, the one nearest to the main diagonal.
    order = np.lexsort((np.abs(diagonals - main), offsets))
    offsets, diagonals = offsets[order], diagonals[order]
    is_first = np.concatenate(([True], offsets[1:] != offsets[:-1]))
    offsets, diagonals = offsets[is_first], diagonals[is_first]
    place = np.arange(len(text_codes))
    after = np.minimum(np.searchsorted(offsets, place), len(offsets) - 1)
    before = np.maximum(np.searchsorted(offsets, place, side="right") - 1, 0)
    is_same = _is_same(codes, text_codes, place + main)
    is_same |= _is_same(codes, text_codes, place + diagonals[before])
    is_same |= _is_same(codes, text_codes, place + diagonals[after])
    head = place[: offsets[0] or GRAM_SIZE]
    after_last = place[offsets[-1] + GRAM_SIZE :]
    tail = after_last if len(after_last) else place[-GRAM_SIZE:]
    first = _find_diagonal(codes, text_codes, head, main, diagonals[0])
    last = _find_diagonal(codes, text_codes, tail, main, diagonals[-1])
    is_same[head] |= _is_same(codes, text_codes[head], head + first)
    is_same[tail] |= _is_same(codes, text_codes[tail], tail + last)
    return _Comparison(max(first, 0), min(last + len(text_codes), len(codes)), float(is_same.mean()))


def _find_diagonal(codes: Codes, text_codes: Codes, place: Positions, main: np.int64, near: np.int64) -> int:
    """The diagonal on which most of these characters of a text agree: the main one, or one near ``near``."""
    diagonals = np.concatenate(([main], near + _SHIFTS))
    is_same = _is_same(codes, text_codes[place], place + diagonals[:, None])
    return int(diagonals[np.argmax(is_same.sum(axis=1))])


def _is_same(codes: Codes, text_codes: Codes, places: Positions) -> Flags:
    """Whether the document has each character of a text at its place; a place outside of it has none."""
    is_inside = (places >= 0) & (places < len(codes))
    return np.asarray(is_inside & (codes.take(places, mode="clip") == text_codes), np.bool_)


def _trim(spans: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The part of a span after those of these sorted spans that begin before it, and before the next one."""
    index = bisect_left(spans, (start, start))
    if index > 0:
        start = max(start, spans[index - 1][1])
    if index < len(spans):
        end = min(end, spans[index][0])
    return start, end


def _overlaps(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a span overlaps one of these, whose starts and ends are both sorted."""
    index = bisect_left(spans, (end, end))
    return index > 0 and spans[index - 1][1] > start
