"""Which pieces of many folded texts can contain a folded text: a filter of trigrams for each piece.

The texts are cut into blocks of about equal size. The filter of a block has one bit for each hash of a
trigram in it: a Bloom filter with one hash function (Bloom 1970). A block that lacks the bit of any trigram
of a text does not contain the text; one that has them all may contain it. Stored bit by bit (the first bits
of all blocks, then the second bits, …), a query reads as many rows as it has trigrams: the signature files of
Goodwin et al. 2017, "BitFunnel: Revisiting Signatures for Search".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.traced import code_points

Bits = npt.NDArray[np.uint8]

# The fewest folded characters of a text to search for.
SHORTEST_QUERY = 3
# The bytes of text in a block, and the bits of its filter: 8.6 % of the text.
BLOCK_BYTES = 32 * 1024
FILTER_BITS = 22_528
# A block also has the trigrams that begin this many characters after its end; no query has more trigrams.
OVERLAP = 64
# A folded character counts at most this many bytes, so that a block has many more of them than ``OVERLAP``.
_MOST_CHARACTER_BYTES = 64
_CHARACTER_BITS = np.uint64(18)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True, eq=False)
class BlockFilters:
    """The filters of consecutive blocks; ``bits`` has the shape (blocks, FILTER_BITS / 8).

    ``first_texts`` has for each block the number of the first text that has characters in it, shape
    (blocks,). The next block begins with the same text if that text continues there.
    """

    bits: Bits
    first_texts: Positions


class FilterMaker:
    """Makes the filters of texts that are added one after another.

    >>> maker = FilterMaker()
    >>> maker.add("政府工作报告", 18)
    >>> maker.add("春天来了", 12)
    >>> filters = maker.finish()
    >>> filters.bits.shape, filters.first_texts.tolist()
    ((1, 2816), [0])
    >>> [bool(select_blocks(filters.bits, text)) for text in ("工作报", "报告春")]
    [True, False]
    """

    def __init__(self) -> None:
        self._texts = 0
        # The bytes of all texts so far, at most those that count.
        self._size = 0.0
        self._rows: list[Bits] = []
        self._first_texts: list[int] = []
        self._blocks: list[Positions] = []
        self._hashes: list[Positions] = []

    def add(self, folded: str, size: int) -> None:
        """Add a folded text, which has ``size`` bytes as it is written."""
        codes = code_points(folded)
        count = len(codes)
        weight = min(size / count, _MOST_CHARACTER_BYTES) if count else 0.0
        start, self._size = self._size, self._size + weight * count
        number, self._texts = self._texts, self._texts + 1
        if count < SHORTEST_QUERY:
            return
        hashes = _hash_trigrams(codes)
        blocks = ((start + weight * np.arange(len(hashes))) / BLOCK_BYTES).astype(np.int64)
        if blocks[0] > self._first_open + _WAITING_BLOCKS:
            self._close(int(blocks[0]))
        while len(self._first_texts) <= blocks[-1]:
            self._first_texts.append(number)
        # Trigrams near the beginning of a block are in the block before it too.
        before = blocks[np.maximum(np.arange(len(blocks)) - OVERLAP, 0)]
        overlaps = before != blocks
        self._blocks += [blocks, before[overlaps]]
        self._hashes += [hashes, hashes[overlaps]]

    def finish(self) -> BlockFilters:
        """The filters of all texts."""
        self._close(len(self._first_texts))
        empty = np.zeros((0, FILTER_BITS // 8), np.uint8)
        first_texts = np.array(self._first_texts, dtype=np.int64)
        return BlockFilters(np.concatenate([empty, *self._rows]), first_texts)

    @property
    def _first_open(self) -> int:
        return sum(map(len, self._rows))

    def _close(self, end: int) -> None:
        """Make the filters of the blocks before ``end``; later texts have no characters in them."""
        first = self._first_open
        if end <= first:
            return
        blocks, hashes = np.concatenate([_NONE, *self._blocks]), np.concatenate([_NONE, *self._hashes])
        is_closed = blocks < end
        flags = np.zeros((end - first) * FILTER_BITS, np.bool_)
        flags[(blocks[is_closed] - first) * FILTER_BITS + hashes[is_closed]] = True
        self._rows.append(np.packbits(flags.reshape(end - first, FILTER_BITS), axis=1))
        self._blocks, self._hashes = [blocks[~is_closed]], [hashes[~is_closed]]


_NONE = np.zeros(0, np.int64)
# How many blocks are waiting before their filters are made at once.
_WAITING_BLOCKS = 64


def find_query_bits(folded: str) -> list[int]:
    """The bits that the filter of a block has if an occurrence of a folded text begins in it.

    >>> len(find_query_bits("政府工作报告"))
    4

    Raises:
        ValueError: the text has fewer than three characters.
    """
    if len(folded) < SHORTEST_QUERY:
        raise ValueError(f"a query has at least {SHORTEST_QUERY} folded characters")
    hashes = _hash_trigrams(code_points(folded[: OVERLAP + SHORTEST_QUERY - 1]))
    bits: list[int] = np.unique(hashes).tolist()
    return bits


def select_blocks(bits: Bits, folded: str) -> list[int]:
    """The blocks in which a folded text may begin; ``bits`` are filters, with the shape (blocks, bytes)."""
    places = np.array(find_query_bits(folded))
    has_bits = bits[:, places // 8] & (128 >> places % 8).astype(np.uint8)
    blocks: list[int] = np.flatnonzero(has_bits.all(axis=1)).tolist()
    return blocks


def _hash_trigrams(codes: npt.NDArray[np.uint32]) -> Positions:
    """A number below ``FILTER_BITS`` for each trigram; shape (characters - 2,)."""
    wide = codes.astype(np.uint64)
    joined = (((wide[:-2] << _CHARACTER_BITS) | wide[1:-1]) << _CHARACTER_BITS) | wide[2:]
    mixed = (joined * _MULTIPLIER) >> _HALF
    mixed = ((mixed ^ joined) * _MULTIPLIER) >> _HALF
    return np.asarray((mixed * np.uint64(FILTER_BITS)) >> _HALF, np.int64)
