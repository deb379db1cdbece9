"""The index of evaluation texts: which n-grams they have, and where.

The folded texts are indexed by the hashes of their 6-grams. An n-gram that many texts have says little and
costs much, so it is left out, unless a text has too few others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup.folding import TextFolder
from hanpack.steps.hash_mixing import GOLDEN_RATIO, SECOND_MULTIPLIER
from hanpack.steps.traced import code_points

Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

# The fewest letters of a text that is searched for.
SHORTEST_TEXT = 10
GRAM_SIZE = 6
# How many n-grams of a document are looked up at once.
BLOCK = 1 << 16
# An n-gram of more texts than this is left out, unless it is one of the two rarest of its text.
_MOST_TEXTS = 32
_FEWEST_GRAMS = 2
# An n-gram is indexed so many times for a text: a text may be one letter repeated.
_MOST_REPEATS = 2
_PAIR = np.uint64(0xD1B54A32D192ED03)


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationTexts:
    """An index of evaluation texts; it can be pickled, and is made once for all documents.

    ``names`` has each text once: a text whose folded form equals that of an earlier one goes by the earlier
    name. ``too_short`` names the texts with fewer than :data:`SHORTEST_TEXT` letters, which are not searched
    for. ``codes`` are the folded texts one after another; text t is ``[firsts[t], firsts[t + 1])``.

    ``grams`` are the sorted hashes of the indexed n-grams, ``gram_counts`` the number of them in each text.
    N-gram g occurs at the entries ``[entries[g], entries[g + 1])``: ``texts`` has the number of the text and
    ``offsets`` the position in it. ``bloom_filter`` and ``directory`` are addressed by the highest bits of a
    hash: whether an n-gram may have them, and the first n-gram that has at least these.
    """

    names: tuple[str, ...]
    too_short: tuple[str, ...]
    codes: Codes
    firsts: Positions
    grams: Hashes
    gram_counts: Positions
    entries: Positions
    texts: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int32]
    bloom_filter: Flags
    directory: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.names)

    def codes_of(self, text: int) -> Codes:
        """The code points of a folded text; shape (characters,)."""
        return self.codes[self.firsts[text] : self.firsts[text + 1]]

    def find_grams(self, codes: Codes, block: int = BLOCK) -> tuple[Positions, Positions]:
        """Find the indexed n-grams in a folded document: their positions and their numbers, in order.

        ``block`` is how many n-grams are looked up at once; it does not change the result.
        """
        positions: list[Positions] = []
        numbers: list[Positions] = []
        for low in range(0, len(codes) - GRAM_SIZE + 1, block):
            hashes = _hash_grams(codes[low : low + block + GRAM_SIZE - 1])
            possible = np.flatnonzero(self.bloom_filter.take(_high_bits(hashes, len(self.bloom_filter))))
            looked_up = self._look_up(hashes[possible])
            positions.append(possible[looked_up >= 0] + low)
            numbers.append(looked_up[looked_up >= 0])
        return np.concatenate(positions), np.concatenate(numbers)

    def _look_up(self, hashes: Hashes) -> Positions:
        """The number of the n-gram with each hash, -1 if there is none; faster than a binary search."""
        bucket = _high_bits(hashes, len(self.directory) - 1)
        candidate, end = self.directory.take(bucket), self.directory.take(bucket + 1)
        numbers = np.full(len(hashes), -1, np.int64)
        while (candidate < end).any():
            is_equal = (candidate < end) & (self.grams.take(candidate, mode="clip") == hashes)
            numbers[is_equal] = candidate[is_equal]
            candidate += 1
        return numbers


def index_texts(texts: Iterable[tuple[str, str]], folder: TextFolder) -> EvaluationTexts:
    """Index evaluation texts, each with its name before it.

    >>> texts = index_texts([("exam 1", "下列哪座城市是我国的首都"), ("exam 2", "对还是错")], TextFolder())
    >>> texts.names, texts.too_short
    (('exam 1',), ('exam 2',))
    """
    names: dict[str, str] = {}
    too_short: list[str] = []
    for name, text in texts:
        folded = folder.fold(text).text
        if len(folded) < SHORTEST_TEXT:
            too_short.append(name)
        else:
            names.setdefault(folded, name)
    codes = code_points("".join(names))
    lengths = np.array([len(folded) for folded in names], dtype=np.int64)
    firsts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    sizes = lengths - GRAM_SIZE + 1
    owners = np.repeat(np.arange(len(names)), sizes)
    offsets = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    hashes = _hash_grams(codes)[firsts[owners] + offsets]
    is_indexed = _choose_grams(hashes, owners)
    hashes, owners, offsets = hashes[is_indexed], owners[is_indexed], offsets[is_indexed]
    order = np.lexsort((offsets, owners, hashes))
    grams, entries = np.unique(hashes[order], return_index=True)
    return EvaluationTexts(
        names=tuple(names.values()),
        too_short=tuple(too_short),
        codes=codes,
        firsts=firsts,
        grams=grams,
        gram_counts=np.bincount(owners, minlength=len(names)).astype(np.int64),
        entries=np.concatenate((entries, [len(order)])).astype(np.int64),
        texts=owners[order].astype(np.int32),
        offsets=offsets[order].astype(np.int32),
        bloom_filter=_make_bloom_filter(grams),
        directory=_make_directory(grams),
    )


def _choose_grams(hashes: Hashes, owners: Positions) -> Flags:
    """Which n-grams to index: those of few texts, and the rarest ones of each text; shape (n-grams,).

    ``owners`` are the texts of the n-grams, in order.
    """
    _, numbers = np.unique(hashes, return_inverse=True)
    order = np.lexsort((np.arange(len(owners)), owners, numbers))
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (np.diff(numbers[order]) != 0) | (np.diff(owners[order]) != 0)
    text_counts = np.bincount(numbers[order[is_first]])[numbers]
    first = np.flatnonzero(is_first)[np.cumsum(is_first) - 1]
    is_repeated = np.zeros(len(order), np.bool_)
    is_repeated[order] = np.arange(len(order)) - first >= _MOST_REPEATS
    rarest_first = np.lexsort((text_counts, is_repeated, owners))
    rank_in_text = np.arange(len(owners)) - np.searchsorted(owners, owners)
    is_indexed = text_counts <= _MOST_TEXTS
    is_indexed[rarest_first[rank_in_text < _FEWEST_GRAMS]] = True
    return np.asarray(is_indexed & ~is_repeated, np.bool_)


def _make_bloom_filter(grams: Hashes) -> Flags:
    """Whether an n-gram has each value of the highest bits; shape (a power of two,)."""
    bloom_filter = np.zeros(1 << min(max((16 * len(grams)).bit_length(), 10), 24), np.bool_)
    bloom_filter[_high_bits(grams, len(bloom_filter))] = True
    return bloom_filter


def _make_directory(grams: Hashes) -> npt.NDArray[np.int32]:
    """The first n-gram with at least each value of the highest bits; shape (a power of two + 1,)."""
    bits = min(max((4 * len(grams)).bit_length(), 1), 24)
    values = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    return np.append(np.searchsorted(grams, values), len(grams)).astype(np.int32)


def _high_bits(hashes: Hashes, size: int) -> Positions:
    """The index of each hash in a table of this size, a power of two: its highest bits."""
    return (hashes >> np.uint64(65 - size.bit_length())).view(np.int64)


def _hash_grams(codes: Codes) -> Hashes:
    """A 64-bit hash of each n-gram, made from those of its three pairs; shape (characters - n + 1,)."""
    wide = codes.astype(np.uint64)
    pairs = wide[:-1] * GOLDEN_RATIO + wide[1:]
    fours = pairs[:-2] * _PAIR + pairs[2:]
    grams = fours[:-2] * _PAIR + pairs[4:]
    grams *= SECOND_MULTIPLIER
    return grams
