"""Labels Simplified texts with Traditional forms: cuts them into words, each with one Traditional spelling.

benchmarks/learn_forms.py learns from such texts where words meet, as no Traditional texts show it: the laws
and reports of the mainland have words and neighbours of their own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

# No word of the list is longer than this.
_LONGEST = 8
# The cost of a character that no word holds, as a count of the list.
_UNKNOWN_COUNT = 1


class WordLattice:
    """Cuts texts into the words whose counts have the largest product (Viterbi, 1967).

    >>> WordLattice({"劳动": 90, "保护": 80, "发生": 70, "护发": 5}).segment("劳动保护发生")
    ['劳动', '保护', '发生']
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        total = math.log(sum(counts.values()))
        self._costs = {word: total - math.log(count) for word, count in counts.items()}
        self._unknown = total - math.log(_UNKNOWN_COUNT)
        self._longest: dict[str, int] = {}
        for word in counts:
            if len(word) <= _LONGEST:
                self._longest[word[0]] = max(len(word), self._longest.get(word[0], 1))

    def segment(self, text: str) -> list[str]:
        """The words of a text; characters of no word stand alone."""
        costs, lengths = [0.0] * (len(text) + 1), [1] * (len(text) + 1)
        word_costs, longest = self._costs, self._longest
        for start in range(len(text) - 1, -1, -1):
            character = text[start]
            best, length = word_costs.get(character, self._unknown) + costs[start + 1], 1
            for size in range(2, min(longest.get(character, 1), len(text) - start) + 1):
                cost = word_costs.get(text[start : start + size])
                if cost is not None and cost + costs[start + size] < best:
                    best, length = cost + costs[start + size], size
            costs[start], lengths[start] = best, length
        words: list[str] = []
        start = 0
        while start < len(text):
            words.append(text[start : start + lengths[start]])
            start += lengths[start]
        return words


def choose_spellings(
    pairs: Iterable[tuple[str, str]], texts: Iterable[str], ambiguous: frozenset[str]
) -> dict[str, str]:
    """The Traditional spelling of each Simplified word of ``pairs`` with an ambiguous character.

    Of several spellings that is taken which occurs most in the Traditional ``texts``, else the first.
    """
    spellings: dict[str, list[str]] = {}
    for traditional, simplified in pairs:
        if len(traditional) == len(simplified) > 1 and not ambiguous.isdisjoint(simplified):
            candidates = spellings.setdefault(simplified, [])
            if traditional not in candidates:
                candidates.append(traditional)
    contested = {word for candidates in spellings.values() if len(candidates) > 1 for word in candidates}
    counts: Counter[str] = Counter()
    for text in texts:
        for size in range(2, 5):
            counts.update(
                word for start in range(len(text)) if (word := text[start : start + size]) in contested
            )
    return {
        simplified: max(candidates, key=lambda word: counts[word])
        for simplified, candidates in spellings.items()
    }


def label_texts(
    lattice: WordLattice, spellings: Mapping[str, str], single: Mapping[str, str], texts: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Each text with its Traditional spelling, a blank for a character of which no word tells the form.

    ``single`` has the form of characters that are a word alone.
    """
    for text in texts:
        pieces = []
        for word in lattice.segment(text):
            unknown = " " * len(word)
            pieces.append(single.get(word, unknown) if len(word) == 1 else spellings.get(word, unknown))
        yield text, "".join(pieces)
