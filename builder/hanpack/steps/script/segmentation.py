"""Cuts Simplified text into words by their counts, and says whether a word stands where its characters do."""

from __future__ import annotations

import math
from collections.abc import Mapping

# No word of the list is longer than this.
_LONGEST = 8
# The cost of a character that no word holds, as a count of the list.
_UNKNOWN_COUNT = 1
# Of the lattice that tells where vocabulary stands: from 6.1 on 出租|车位 is not 出租车|位; at 6.5 in 1.9
# million characters of laws 11 of 23,000 words are no longer seen.
SINGLE_COST = 6.5
# How many characters on either side of a word are cut with it.
CONTEXT = 6


class WordLattice:
    """Cuts texts into the words whose counts have the largest product (Viterbi, 1967).

    ``single_cost`` is added for each word of one character, in nats: beside a word of a text it is more often
    a part of a word than its count says, as in 出租|车位.

    >>> lattice = WordLattice({"劳动": 90, "保护": 80, "发生": 70, "护发": 5})
    >>> lattice.segment("劳动保护发生")
    ['劳动', '保护', '发生']
    """

    def __init__(self, counts: Mapping[str, int], single_cost: float = 0.0) -> None:
        total = math.log(max(1, sum(counts.values())))
        self._costs = {
            word: total - math.log(count) + (single_cost if len(word) == 1 else 0.0)
            for word, count in counts.items()
        }
        self._unknown = total - math.log(_UNKNOWN_COUNT) + single_cost
        # By its first two characters: most pairs of characters in a text begin no word.
        self._longest: dict[str, int] = {}
        for word in counts:
            if 1 < len(word) <= _LONGEST:
                self._longest[word[:2]] = max(len(word), self._longest.get(word[:2], 1))

    def segment(self, text: str) -> list[str]:
        """The words of a text; characters of no word stand alone."""
        lengths = self._cut(text)[1]
        words: list[str] = []
        start = 0
        while start < len(text):
            words.append(text[start : start + lengths[start]])
            start += lengths[start]
        return words

    def has_word(self, text: str, start: int, end: int) -> bool:
        """Whether the characters ``[start, end)`` are a word there, which may be in a longer one.

        They are not where their neighbours make more frequent words with a part of them.

        >>> lattice = WordLattice({"预算": 90, "算法": 80, "法律": 70})
        >>> lattice.has_word("根据预算法律", 3, 5), lattice.has_word("用算法", 1, 3)
        (False, True)
        """
        low, high = max(0, start - CONTEXT), min(len(text), end + CONTEXT)
        costs, lengths = self._cut(text[low:high], (start - low, end - low))
        # The characters may be the last of the text.
        first, last = start - low, min(end, len(text)) - low
        boundaries, place = [0], 0
        while place < last:
            place += lengths[place]
            boundaries.append(place)
        if first in boundaries and place == last:
            # The cheapest words begin and end where the characters do.
            return True
        parts = (text[low:start], text[start:end])
        return sum(self._cut(part)[0][0] for part in parts) + costs[last] <= costs[0] + 1e-9

    def _cut(self, text: str, kept: tuple[int, int] = (0, 0)) -> tuple[list[float], list[int]]:
        """The least cost of the text from each place on, and the length of the word there.

        Words are not used that hold more than the span ``kept`` and all of it.
        """
        costs, lengths = [0.0] * (len(text) + 1), [1] * (len(text) + 1)
        find_cost, find_longest, unknown = self._costs.get, self._longest.get, self._unknown
        first, last = kept
        for start in range(len(text) - 1, -1, -1):
            best, length = find_cost(text[start], unknown) + costs[start + 1], 1
            longest = find_longest(text[start : start + 2])
            for size in range(2, min(longest, len(text) - start) + 1) if longest else ():
                cost = find_cost(text[start : start + size])
                if (
                    cost is not None
                    and cost + costs[start + size] < best
                    and not (first < last and start <= first and last <= start + size != last - first + start)
                ):
                    best, length = cost + costs[start + size], size
            costs[start], lengths[start] = best, length
        return costs, lengths
