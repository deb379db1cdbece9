"""The texts of a batch: what the steps change, and one look at all of them that says which a step concerns.

Most steps change few texts. Searching each text for what a step changes costs a call for each; the texts
joined into one are searched in a single call.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import is_
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.lookups import look_up
from hanpack.steps.traced import CodePoints, Traced, code_points

# How many characters of joined texts are looked at together where that takes many times their memory.
WINDOW = 1 << 18
# How many code points are compared at once, so that what is made of them stays in the processor's cache: all
# at once take twice as long.
_CACHED = 1 << 15
# The code points of joined texts up to this length are kept.
_LONG = 1 << 22
# Of each code point, whether a step looks for it; shape (0x110000,).
CharacterTable = npt.NDArray[np.bool_]
# The bits in which characters of a class are counted, and the most characters that are counted at once.
_COUNT_BITS = 16
_COUNTED = (1 << _COUNT_BITS) - 1
_MOST_CLASSES = 4
# The basic block of CJK unified ideographs.
_IDEOGRAPHS = range(0x4E00, 0xA000)


@dataclass(frozen=True, slots=True, eq=False)
class ClassTable:
    """The classes of characters that are counted.

    ``ones`` has for each code point a 1 in the bits of its class, 0 if it has none; its last entry stands for
    all code points beyond it.
    """

    classes: int
    ones: Positions

    @classmethod
    def of_numbers(cls, classes: int, numbers: npt.NDArray[np.uint8]) -> ClassTable:
        """The table of code points that each have the number of their class, from 1 on, or 0 for none.

        >>> ClassTable.of_numbers(2, np.array([0, 1, 2], np.uint8)).ones.tolist()
        [0, 1, 65536]
        """
        assert classes <= _MOST_CLASSES
        ones = np.zeros(len(numbers), np.int64)
        for kind in range(classes):
            ones[numbers == kind + 1] = 1 << (_COUNT_BITS * kind)
        return cls(classes, ones)


class JoinedTexts:
    """Some texts joined, with a line feed between every two: what matches no line feed matches inside texts.

    >>> joined = JoinedTexts(["甲?", "乙!", "丙?"])
    >>> sorted(joined.find(re.compile("[?]"))), sorted(joined.find_characters(make_table("!")))
    ([0, 2], [1])
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._counted: list[tuple[ClassTable, Positions]] = []

    @cached_property
    def text(self) -> str:
        """All texts, with a line feed between every two."""
        return "\n".join(self.texts)

    @property
    def codes(self) -> CodePoints:
        """The code points of :attr:`text`; those of a long one are not kept: they take twice its memory."""
        return code_points(self.text) if len(self.text) > _LONG else self._codes

    def find_codes(self, start: int, end: int) -> CodePoints:
        """The code points of :attr:`text` from ``start`` to ``end``."""
        return code_points(self.text[start:end]) if len(self.text) > _LONG else self._codes[start:end]

    @cached_property
    def _codes(self) -> CodePoints:
        return code_points(self.text)

    def take_codes(self, places: Positions) -> CodePoints:
        """The code points at some positions of :attr:`text`."""
        if len(self.text) <= _LONG:
            return self._codes[places]
        return np.array([ord(self.text[place]) for place in places.tolist()], np.uint32)

    def find_character(self, character: str) -> Positions:
        """The positions of a character, no ideograph, in :attr:`text`, in order; shape (places,)."""
        return np.concatenate(
            [places.compress(codes == ord(character)) for places, codes in self._iterate_others()]
        )

    def find_rare(self, character: str) -> Positions:
        """The positions of a character that is rare in :attr:`text`, in order; shape (places,).

        >>> JoinedTexts(["甲乙", "乙"]).find_rare("乙").tolist()
        [1, 3]
        """
        text = self.text
        places: list[int] = []
        place = text.find(character)
        while place >= 0:
            places.append(place)
            place = text.find(character, place + 1)
        return np.array(places, np.int64)

    def keep(self, texts: Sequence[str]) -> JoinedTexts:
        """These texts joined: the same object, with all that it has looked up, if they are the same texts."""
        is_same = len(texts) == len(self.texts) and all(map(is_, texts, self.texts))
        return self if is_same else JoinedTexts(texts)

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

    def find_words(self, words: WordTables) -> Positions:
        """Where one of some words may begin: places with the first two characters of words; in order."""
        return self.find_sequences(words.first, words.second)

    def find_sequences(self, *tables: CharacterTable) -> Positions:
        """Where characters of these tables stand one after another in :attr:`text`; in order."""
        windows = self._iterate_windows(len(tables) - 1)
        places = [find_sequences(codes, *tables) + first for first, codes in windows]
        return places[0] if len(places) == 1 else np.concatenate(places)

    def find_runs(self, table: CharacterTable, least: int) -> tuple[Positions, Positions]:
        """Where runs of at least so many characters of a table begin and end in :attr:`text`; shapes (runs,).

        The table has no ideographs of the basic block.

        >>> starts, ends = JoinedTexts(["a12b345"]).find_runs(make_table("12345"), 3)
        >>> starts.tolist(), ends.tolist()
        ([4], [7])
        """
        starts: list[Positions] = []
        ends: list[Positions] = []
        for places, codes in self._iterate_others():
            inside = places.compress(table.take(codes))
            # Where a character of the table is not right after the one before it.
            is_first = np.ones(len(inside) + 1, np.bool_)
            np.not_equal(inside[1:], inside[:-1] + 1, out=is_first[1:-1])
            starts.append(inside.compress(is_first[:-1]))
            ends.append(inside.compress(is_first[1:]) + 1)
        begun, ended = np.concatenate(starts), np.concatenate(ends)
        # A run may go on from one window to the next.
        is_apart = begun[1:] != ended[:-1]
        begun = np.concatenate((begun[:1], begun[1:].compress(is_apart)))
        ended = np.concatenate((ended[:-1].compress(is_apart), ended[-1:]))
        is_long = ended - begun >= least
        return begun.compress(is_long), ended.compress(is_long)

    def _iterate_windows(self, overlap: int = 0) -> Iterator[tuple[int, CodePoints]]:
        """The code points of :attr:`text` in windows, each with its first position: one unless it is long.

        Each has so many characters of the next one, too.
        """
        length = len(self.text)
        size = WINDOW if length > _LONG else max(length, 1)
        for first in range(0, max(length, 1), size):
            yield first, self.find_codes(first, first + size + overlap)

    def _iterate_others(self) -> Iterator[tuple[Positions, CodePoints]]:
        """The positions and code points of all characters that are no ideographs, in windows.

        Those of the basic block are meant, six of seven characters of Chinese texts: what is none of them is
        found faster among the others.
        """
        return self._find_others() if len(self.text) > _LONG else iter(self._others)

    @cached_property
    def _others(self) -> list[tuple[Positions, CodePoints]]:
        return list(self._find_others())

    def _find_others(self) -> Iterator[tuple[Positions, CodePoints]]:
        for first, codes in self._iterate_windows():
            found: list[Positions] = []
            for start in range(0, max(len(codes), 1), _CACHED):
                # Code points below the block become large: they have no sign.
                offsets = codes[start : start + _CACHED] - np.uint32(_IDEOGRAPHS.start)
                found.append(np.flatnonzero(offsets >= len(_IDEOGRAPHS)) + start)
            places = np.concatenate(found)
            yield places + first, codes.take(places)

    def find_matches(
        self, pattern: re.Pattern[str], places: Positions, joined: str | None = None
    ) -> set[int]:
        """The indexes of the texts in which a pattern matches at one of these positions of :attr:`text`."""
        joined = self.text if joined is None else joined
        return self.find_places([place for place in places.tolist() if pattern.match(joined, place)])

    def count_classes(self, classes: ClassTable) -> Positions:
        """How many characters of each class from 1 on each text has; shape (classes - 1, texts).

        They are kept: several steps ask for the counts of the same table.

        >>> classes = make_class_table([make_table("12"), make_table("乙")])
        >>> JoinedTexts(["甲1", "乙乙"]).count_classes(classes).tolist()
        [[1, 0], [0, 2]]
        """
        for table, kept in self._counted:
            if table is classes:
                return kept
        counts = self._count_classes(classes)
        counts.flags.writeable = False
        self._counted.append((classes, counts))
        return counts

    def _count_classes(self, classes: ClassTable) -> Positions:
        counts = np.zeros((classes.classes, len(self.texts)), np.int64)
        for start in range(0, len(self.text), _COUNTED):
            # A character counts one in the bits of its class, so that one sum has the counts of all classes.
            ones = classes.ones.take(self.find_codes(start, start + _COUNTED), mode="clip")
            first, last = np.searchsorted(self.firsts, (start + 1, start + 1 + len(ones)))
            ones[self.firsts[max(first, 1) : last] - 1 - start] = 0
            # The texts that have characters in this window; the first may begin before it.
            texts = slice(first - 1, np.searchsorted(self.firsts, start + len(ones)))
            sums = np.add.reduceat(ones, np.maximum(self.firsts[texts] - start, 0))
            counts[:, texts] += split_counts(sums, classes)
        return counts

    def count_others(self, classes: ClassTable) -> tuple[Positions, Positions]:
        """How many characters of each class each text has, and how many that are no ideographs.

        Ideographs of the basic block have no class in the table. The shapes are (classes, texts) and
        (texts,).

        >>> classes = make_class_table([make_table("12"), make_table("?")])
        >>> counts, others = JoinedTexts(["甲1", "乙?丙，"]).count_others(classes)
        >>> counts.tolist(), others.tolist()
        ([[1, 0], [0, 1]], [1, 2])
        """
        counts = np.zeros((classes.classes, len(self.texts)), np.int64)
        others = np.zeros(len(self.texts), np.int64)
        limits = np.stack((self.firsts, self.firsts + self.lengths))
        for places, codes in self._iterate_others():
            low, high = np.searchsorted(places, limits)
            others += high - low
            for start in range(0, len(codes), _COUNTED):
                window = codes[start : start + _COUNTED]
                sums = np.zeros(len(window) + 1, np.int64)
                np.cumsum(classes.ones.take(window, mode="clip"), out=sums[1:])
                before, after = (sums[np.clip(index - start, 0, len(window))] for index in (low, high))
                counts += split_counts(after - before, classes)
        return counts, others

    def find_places(self, places: Sequence[int] | Positions) -> set[int]:
        """The indexes of the texts with these positions of :attr:`text`."""
        owners = np.searchsorted(self.firsts, np.asarray(places, np.int64), side="right") - 1
        return set(owners.tolist())

    def find_flagged(self, flags: Flags) -> set[int]:
        """The indexes of the texts with a flagged character; there is a flag for each of :attr:`codes`."""
        return self.find_places(np.flatnonzero(flags))

    def find_characters(self, table: CharacterTable) -> set[int]:
        """The indexes of the texts that have a character of a table."""
        indexes: set[int] = set()
        for first, codes in self._iterate_windows():
            indexes |= self.find_places(np.flatnonzero(look_up(table, codes)) + first)
        return indexes


class Texts:
    """The texts of a batch in order, each traced to its source, and all of them joined."""

    def __init__(self, traced: Sequence[Traced], joined: JoinedTexts | None = None) -> None:
        self.traced = traced
        self.joined = joined or JoinedTexts([text.text for text in traced])

    def change(self, indexes: Iterable[int], change: Callable[[Sequence[Traced]], Sequence[Traced]]) -> Texts:
        """The texts after a change of some of them; all others are the same objects.

        >>> from hanpack.steps.alignment import Alignment
        >>> texts = Texts([Traced(text, Alignment.identity(1)) for text in "甲乙"])
        >>> changed = texts.change([1], lambda chosen: [chosen[0].substitute("script", "丙")])
        >>> [traced.text for traced in changed.traced]
        ['甲', '丙']
        """
        chosen = list(indexes)
        changed = list(self.traced)
        is_same = True
        for index, after in zip(chosen, change([changed[index] for index in chosen]), strict=True):
            is_same = is_same and after.text is changed[index].text
            changed[index] = after
        return Texts(changed, self.joined if is_same else None)


class WordTables(NamedTuple):
    """The first and the second characters of some words, by which the places with the words are found."""

    first: CharacterTable
    second: CharacterTable

    @classmethod
    def of(cls, words: Iterable[str]) -> WordTables:
        """The tables of words of at least two characters.

        >>> tables = WordTables.of(["发表于", "楼层"])
        >>> JoinedTexts(["青石发表于", "发布"]).find_words(tables).tolist()
        [2]
        """
        words = list(words)
        assert all(len(word) > 1 for word in words)
        return cls(
            make_table("".join(word[0] for word in words)), make_table("".join(word[1] for word in words))
        )


def find_sequences(codes: CodePoints, *tables: CharacterTable) -> Positions:
    """Where characters of these tables stand one after another, one of each; shape (places,).

    >>> find_sequences(code_points("甲乙乙甲乙"), make_table("甲"), make_table("乙")).tolist()
    [0, 3]
    """
    places: Positions = np.flatnonzero(look_up(tables[0], codes))
    for offset, table in enumerate(tables[1:], 1):
        places = places[places < len(codes) - offset]
        places = places[table.take(codes.take(places + offset))]
    return places


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


def make_class_table(tables: Sequence[CharacterTable]) -> ClassTable:
    """The classes of the characters of up to four tables of equal length; a character has one at most.

    >>> make_class_table([make_table("!"), make_table("#")]).ones[33:36].tolist()
    [1, 0, 65536]
    """
    assert len(tables) <= _MOST_CLASSES
    ones = np.zeros(len(tables[0]), np.int64)
    for number, table in enumerate(tables):
        ones[table] = 1 << (_COUNT_BITS * number)
    return ClassTable(len(tables), ones)


def split_counts(sums: Positions, classes: ClassTable) -> Positions:
    """The counts of each class in sums of the table's ``ones``; shape (classes, sums).

    >>> classes = make_class_table([make_table("12"), make_table("#")])
    >>> split_counts(classes.ones.take(code_points("1#2")).sum(keepdims=True), classes).tolist()
    [[2], [1]]
    """
    counts: Positions = np.stack(
        [(sums >> (_COUNT_BITS * kind)) & _COUNTED for kind in range(classes.classes)]
    )
    return counts
