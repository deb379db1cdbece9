"""Counts the sequences of two and three characters of a text in sorted arrays.

A long damaged record has millions of them: as objects they took several times its memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.steps.traced import code_points

Keys = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int32]

# A code point takes so many bits; a sequence of three characters is told from one of two by the highest.
_BITS = 21
_OF_THREE = 1 << 63
# Between the parts of a text: this code point is no character, and no sequence with it is counted.
_BREAK = "\U0010ffff"
# How many characters are counted at a time.
_BLOCK = 1 << 18
# So many different sequences are counted, in 50 MB, and then no more: few long texts are so varied.
_MOST_KEYS = 1 << 22
# Of how many contexts the places are remembered.
_MOST_CONTEXTS = 20_000


class Followers(NamedTuple):
    """Where the sequences that begin with a context are in the arrays, and how often the context occurs.

    ``key`` is that of the context before the character U+0000.
    """

    first: int
    last: int
    total: int
    key: int


NO_FOLLOWERS = Followers(0, 0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class GramCounts:
    """How often each character follows each one or two characters; both arrays have the shape (grams,).

    >>> counts = GramCounts.count(["报告报告", "报"])
    >>> counts.find("报").total, counts.count_after("报告", "报"), counts.count_after("告", "告")
    (2, 1, 0)
    """

    keys: Keys
    counts: Counts
    _places: dict[str, Followers] = field(default_factory=dict)

    @classmethod
    def count(cls, parts: Iterable[str]) -> GramCounts:
        """Count the sequences of two and three characters in each part of a text."""
        keys, counts = np.zeros(0, np.uint64), np.zeros(0, np.int32)
        for block, limit in _make_blocks(parts):
            of_block, numbers = np.unique(_list_grams(block, limit), return_counts=True)
            places = keys.searchsorted(of_block)
            is_known = keys[np.minimum(places, len(keys) - 1)] == of_block if len(keys) else places < 0
            counts[places[is_known]] += numbers[is_known].astype(np.int32)
            others = places[~is_known]
            if len(others):
                keys = np.insert(keys, others, of_block[~is_known])
                counts = np.insert(counts, others, numbers[~is_known].astype(np.int32))
            if len(keys) > _MOST_KEYS:
                break
        return cls(keys, counts)

    def find(self, context: str) -> Followers:
        """What follows one or two characters; nothing follows other contexts."""
        followers = self._places.get(context)
        if followers is None:
            if len(self._places) >= _MOST_CONTEXTS:
                self._places.clear()
            followers = self._places[context] = self._find(context)
        return followers

    def count_after(self, context: str, character: str) -> int:
        """How often a character follows one or two others."""
        first, last, _, before = self.find(context)
        key = np.uint64(before + ord(character))
        place = first + int(self.keys[first:last].searchsorted(key))
        return int(self.counts[place]) if place < last and self.keys[place] == key else 0

    def iterate_after(self, context: str) -> Iterator[tuple[str, int]]:
        """The characters that follow one or two others, and how often each does."""
        first, last, _, _ = self.find(context)
        codes = self.keys[first:last] & np.uint64((1 << _BITS) - 1)
        return zip(map(chr, codes.tolist()), self.counts[first:last].tolist(), strict=True)

    def _find(self, context: str) -> Followers:
        if not 1 <= len(context) <= 2:
            return NO_FOLLOWERS
        key = 0
        for character in context:
            key = key + ord(character) << _BITS
        if len(context) == 2:
            key += _OF_THREE
        limits = np.array([key, key + ord(_BREAK)], np.uint64)
        first, last = self.keys.searchsorted(limits).tolist()
        return Followers(first, last, int(self.counts[first:last].sum(dtype=np.int64)), key)


def _make_blocks(parts: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The parts in blocks with a break between any two, and how many characters of each begin a sequence.

    A longer part is in several blocks, which end with the first two characters of the next.
    """
    block: list[str] = []
    size = 0
    for part in parts:
        if len(part) > _BLOCK:
            for start in range(0, len(part), _BLOCK):
                yield part[start : start + _BLOCK + 2], _BLOCK
            continue
        block.append(part)
        size += len(part) + 1
        if size >= _BLOCK:
            yield _BREAK.join(block), size
            block, size = [], 0
    yield _BREAK.join(block), size


def _list_grams(text: str, limit: int) -> Keys:
    """The keys of all sequences of two and three characters that begin before the limit, without breaks."""
    codes = code_points(text).astype(np.uint64)
    is_text = codes != ord(_BREAK)
    first, second, third = codes[:-2][:limit], codes[1:-1][:limit], codes[2:][:limit]
    of_three = np.uint64(_OF_THREE) | first << np.uint64(2 * _BITS) | second << np.uint64(_BITS) | third
    of_two = codes[:-1][:limit] << np.uint64(_BITS) | codes[1:][:limit]
    is_two = is_text[:-1] & is_text[1:]
    return np.concatenate((of_two[is_two[:limit]], of_three[(is_two[:-1] & is_text[2:])[:limit]]))
