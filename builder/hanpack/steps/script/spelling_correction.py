"""Writes each word of a Traditional text in one way, by the table of spellings (:mod:`.word_spellings`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt

from hanpack.steps.script.word_spellings import EQUAL_SPELLINGS, WordSpelling
from hanpack.steps.traced import code_points

Flags = npt.NDArray[np.bool_]
# A shorter text is looked through pair by pair: what numpy needs for a call is more.
_SHORT = 100


class WordFinder:
    """Says which of many words a text may have: those whose first two characters occur in it together."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words: dict[str, list[int]] = {}
        for number, word in enumerate(words):
            self._words.setdefault(word[:2], []).append(number)
        keys = np.array([ord(word[0]) << 16 | ord(word[1]) for word in words], dtype=np.uint32)
        self._keys, self._numbers = np.unique(keys, return_inverse=True)
        self._is_first = np.zeros(0x10000, dtype=np.bool_)
        self._is_first[keys >> 16] = True

    def find(self, text: str) -> Flags:
        """Whether each word may occur; shape (words,).

        >>> WordFinder(["發布", "複查"]).find("再複查").tolist()
        [False, True]
        """
        if len(text) < _SHORT:
            of_pair = self._words.get
            has_pair: Flags = np.zeros(len(self._numbers), dtype=np.bool_)
            for place in range(len(text) - 1):
                if numbers := of_pair(text[place : place + 2]):
                    has_pair[numbers] = True
            return has_pair
        codes = np.minimum(code_points(text), np.uint32(0xFFFF))
        places = np.flatnonzero(self._is_first[codes[:-1]])
        keys = codes[places] << np.uint32(16) | codes[places + 1]
        rows = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        is_possible = np.zeros(len(self._keys), dtype=np.bool_)
        is_possible[rows[self._keys[rows] == keys]] = True
        possible: Flags = is_possible[self._numbers]
        return possible


class SpellingCorrector:
    """Writes each word of a Traditional text in one way; the same can serve all texts of a target."""

    def __init__(self, spellings: Sequence[WordSpelling]) -> None:
        self._spellings = tuple(spellings)
        longer = [number for number, row in enumerate(self._spellings) if len(row.replaced) > 1]
        self._longer = np.array(longer, dtype=np.int64)
        self._single = [number for number, row in enumerate(self._spellings) if len(row.replaced) == 1]
        self._finder = WordFinder([self._spellings[number].replaced for number in longer])
        # The later spellings whose word may come about when each is written.
        self._followers = [
            [
                later
                for later in range(number + 1, len(self._spellings))
                if set(row.spelling) & set(self._spellings[later].replaced)
            ]
            for number, row in enumerate(self._spellings)
        ]

    def correct(self, written: str, *, official: bool = False) -> str:
        """Correct a text, which may be official; its length stays.

        >>> from hanpack.steps.script.word_spellings import CERTAIN_SPELLINGS
        >>> SpellingCorrector(CERTAIN_SPELLINGS).correct("勞動保護髮生爭議，理髮生意")
        '勞動保護發生爭議，理髮生意'
        """
        possible = [number for number in self._single if self._spellings[number].replaced in written]
        possible += self._longer[self._finder.find(written)].tolist()
        heapify(possible)
        before = -1
        while possible:
            number = heappop(possible)
            row = self._spellings[number]
            if number > before and (official or row.register == "any"):
                corrected = _replace(written, row)
                if corrected is not written:
                    for follower in self._followers[number]:
                        heappush(possible, follower)
                    written = corrected
            before = number
        return written


def _replace(written: str, row: WordSpelling) -> str:
    """The text with a word spelled otherwise; the text itself if the word does not occur."""
    pieces: list[str] = []
    length = len(row.replaced)
    end, start = 0, written.find(row.replaced)
    while start >= 0:
        if row.pattern.match(written, start) is not None:
            pieces += [written[end:start], row.spelling]
            end = start + length
        start = written.find(row.replaced, start + length)
    return "".join([*pieces, written[end:]]) if pieces else written


def agree_spellings(written: str) -> str:
    """Write each word of :data:`EQUAL_SPELLINGS` as most of the text does.

    >>> agree_spellings("復查後再複查，復查")
    '復查後再復查，復查'
    """
    is_possible = _equal_finder().find(written).reshape(-1, 2).all(axis=1)
    for number in np.flatnonzero(is_possible).tolist():
        pair = EQUAL_SPELLINGS[number]
        counts = [written.count(spelling) for spelling in pair]
        if all(counts):
            usual = pair[counts.index(max(counts))]
            rare = pair[1 - pair.index(usual)]
            written = written.replace(rare, usual)
    return written


@cache
def _equal_finder() -> WordFinder:
    return WordFinder([spelling for pair in EQUAL_SPELLINGS for spelling in pair])
