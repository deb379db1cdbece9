"""The texts of a batch: what the steps change, and one look at all of them that says which a step concerns.

Most steps change few texts. Searching each text for what a step changes costs a call for each; the texts
joined into one are searched in a single call.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.traced import Traced, code_points

# Of each code point, whether a step looks for it; shape (0x110000,).
CharacterTable = npt.NDArray[np.bool_]


class JoinedTexts:
    """Some texts joined, with a line feed between every two: what matches no line feed matches inside texts.

    >>> joined = JoinedTexts(["甲?", "乙!", "丙?"])
    >>> sorted(joined.find(re.compile("[?]"))), sorted(joined.find_characters(make_table("!")))
    ([0, 2], [1])
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    @cached_property
    def text(self) -> str:
        """All texts, with a line feed between every two."""
        return "\n".join(self.texts)

    @cached_property
    def codes(self) -> npt.NDArray[np.uint32]:
        """The code points of :attr:`text`."""
        return code_points(self.text)

    @cached_property
    def lengths(self) -> Positions:
        """The number of characters of each text; shape (texts,)."""
        return np.array([len(text) for text in self.texts], np.int64)

    @cached_property
    def firsts(self) -> Positions:
        """The position in :attr:`text` at which each text begins; shape (texts,)."""
        firsts: Positions = np.cumsum(self.lengths + 1) - self.lengths - 1
        return firsts

    def find(self, pattern: re.Pattern[str], joined: str | None = None) -> set[int]:
        """The indexes of the texts in which a pattern matches; ``joined`` is another form of :attr:`text`."""
        joined = self.text if joined is None else joined
        starts = self.firsts.tolist()
        indexes: set[int] = set()
        match = pattern.search(joined)
        while match:
            index = bisect_right(starts, match.start()) - 1
            indexes.add(index)
            if index + 1 == len(starts):
                break
            match = pattern.search(joined, starts[index + 1])
        return indexes

    def find_places(self, places: Iterable[int]) -> set[int]:
        """The indexes of the texts with these positions of :attr:`text`."""
        owners = np.searchsorted(self.firsts, np.fromiter(places, np.int64), side="right") - 1
        return set(owners.tolist())

    def find_flagged(self, flags: Flags) -> set[int]:
        """The indexes of the texts with a flagged character; there is a flag for each of :attr:`codes`."""
        return self.find_places(np.flatnonzero(flags).tolist())

    def find_characters(self, table: CharacterTable) -> set[int]:
        """The indexes of the texts that have a character of a table."""
        return self.find_flagged(table.take(self.codes))


class Texts:
    """The texts of a batch in order, each traced to its source, and all of them joined."""

    def __init__(self, traced: Sequence[Traced], joined: JoinedTexts | None = None) -> None:
        self.traced = traced
        self.joined = joined or JoinedTexts([text.text for text in traced])

    def change(self, indexes: Iterable[int], change: Callable[[Traced], Traced]) -> Texts:
        """The texts after a change of some of them; all others are the same objects.

        >>> from hanpack.steps.alignment import Alignment
        >>> texts = Texts([Traced(text, Alignment.identity(1)) for text in "甲乙"])
        >>> changed = texts.change([1], lambda traced: traced.substitute("script", "丙"))
        >>> [traced.text for traced in changed.traced]
        ['甲', '丙']
        """
        changed = list(self.traced)
        is_same = True
        for index in indexes:
            before = changed[index]
            after = changed[index] = change(before)
            is_same = is_same and after.text is before.text
        return Texts(changed, self.joined if is_same else None)


def make_table(characters: str, ranges: Iterable[tuple[int, int]] = ()) -> CharacterTable:
    """The table of some characters and of the code points of half-open ranges.

    >>> make_table("!", [(0x61, 0x63)]).nonzero()[0].tolist()
    [33, 97, 98]
    """
    table = np.zeros(0x110000, np.bool_)
    table[code_points(characters)] = True
    for low, high in ranges:
        table[low:high] = True
    table.flags.writeable = False
    return table
