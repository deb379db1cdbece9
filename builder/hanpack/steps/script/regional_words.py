"""Exchanges the vocabulary of a conversion for that of a region, where words of it stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from hanpack.steps.replacements import Replacement
from hanpack.steps.script.differences import find_differences, split_by_run
from hanpack.steps.script.segmentation import CONTEXT, WordLattice
from hanpack.steps.script.vocabulary import has_suffix, is_general_word, is_other_word

# No word of OpenCC's regional vocabulary that overlaps others is longer.
_LONGEST_TERM = 6
# What is looked at on either side of a difference: a word that ends in it, and what that is cut with.
_AROUND = _LONGEST_TERM + CONTEXT
# Texts repeat themselves: of so many differences the decisions are kept, if they are not longer than this.
_KEPT, _LONGEST_KEPT = 1 << 12, 32


class RegionalWords:
    """Which of the words that OpenCC exchanges are words where they stand, and not parts of others."""

    def __init__(self, vocabulary: frozenset[str], lattice: WordLattice) -> None:
        self._vocabulary = vocabulary
        self._lattice = lattice
        self._select_again = lru_cache(_KEPT)(self._select_in)

    def exchange(self, piece: str, plain: str, exchanged: str, written: str, is_computing: bool) -> str:
        """A conversion ``written`` of a Simplified piece with the words of the region.

        ``plain`` is the conversion of OpenCC without them, ``exchanged`` the one with them.
        """
        if exchanged == plain:
            return written
        differences = split_by_run(plain, find_differences(plain, exchanged, 0, str))
        pieces: list[str] = []
        position = 0
        for difference in self._select(piece, differences, is_computing):
            pieces += [written[position : difference.start], difference.text]
            position = difference.end
        return "".join([*pieces, written[position:]])

    def _select(
        self, piece: str, differences: Iterable[Replacement], is_computing: bool
    ) -> Iterator[Replacement]:
        """The differences in words that stand there, and not in parts of others, as 总线 in 总|线索."""
        for start, end, text, _ in differences:
            low = max(0, start - _AROUND)
            select = self._select_again if end - start <= _LONGEST_KEPT else self._select_in
            around = piece[low : max(start + 1, end) + _AROUND]
            for first, last, part in select(around, start - low, end - low, text, is_computing):
                yield Replacement(low + first, low + last, part)

    def _select_in(
        self, around: str, start: int, end: int, text: str, is_computing: bool
    ) -> Sequence[tuple[int, int, str]]:
        """The parts of a difference that are selected, by what stands around it."""
        words = [*self._split_by_term(around, start, end, text)]
        is_word = [
            last - first == 1
            or (
                (has_suffix(around, last) or self._lattice.has_word(around, first, last))
                and not is_other_word(around, first)
                and (is_computing or not is_general_word(around, first, last))
            )
            for first, last, _ in words
        ]
        if len(text) != end - start:
            return [(start, end, text)] if all(is_word) else []
        return [part for (_, _, part), kept in zip(words, is_word, strict=True) if kept]

    def _split_by_term(
        self, around: str, start: int, end: int, text: str
    ) -> Iterator[tuple[int, int, tuple[int, int, str]]]:
        """The words of the vocabulary in which a difference lies, each with its part of the difference.

        A character of no word stands alone.
        """
        position, stop = start, max(start + 1, end)
        while position < stop:
            first, last = self._find_term(around, position)
            part_end = min(last, stop)
            yield first, last, (position, part_end, text[position - start : part_end - start])
            position = part_end

    def _find_term(self, around: str, position: int) -> tuple[int, int]:
        """The first and longest word of the vocabulary that holds a character, or the character."""
        for low in range(max(0, position - _LONGEST_TERM), position + 1):
            for length in range(_LONGEST_TERM, position - low, -1):
                if around[low : low + length] in self._vocabulary:
                    return low, low + length
        return position, position + 1
