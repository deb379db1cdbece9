"""Which pieces of many folded texts can contain a folded text: a filter of its n-grams for each piece.

The texts are cut into blocks of about equal size. The filter of a block has one bit for each hash of an
n-gram in it: a Bloom filter with one hash function (Bloom 1970). A block that lacks the bit of any n-gram
of a text does not contain the text; one that has them all may contain it. Stored bit by bit (the first bits
of all blocks, then the second bits, …), a query reads as many rows as it has n-grams: the signature files of
Goodwin et al. 2017, "BitFunnel: Revisiting Signatures for Search".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.hash_mixing import GOLDEN_RATIO, HALF
from hanpack.steps.texts import WINDOW
from hanpack.steps.traced import CodePoints, code_points

Bits = npt.NDArray[np.uint8]

# The fewest folded characters of a text to search for.
SHORTEST_QUERY = 3
# A block also has the n-grams that begin up to so many characters after its end; of a query as many are used.
OVERLAP = 64
# A folded character counts at most this many bytes, so that a block has many more of them than ``OVERLAP``.
_MOST_CHARACTER_BYTES = 64
_CHARACTER_BITS = np.uint64(18)
# The longest n-gram of whose characters all bits are hashed.
_EXACT_LENGTH = 3


@dataclass(frozen=True, slots=True)
class FilterShape:
    """The bytes of text in a block, the bits of its filter, and the lengths of the n-grams that have bits."""

    block_bytes: int
    bits: int
    lengths: tuple[int, ...]


# That of ``search_index.bin``, whose format has it. Its bits are 8.6 % of the text.
TRIGRAMS = FilterShape(32 * 1024, 22_528, (3,))
# As many bits for a text, and the fewest pages of Parquet with a block that can have a text of 5 to 8
# characters, whether it is there or not: benchmarks/find_speed.py.
SHORT_GRAMS = FilterShape(128 * 1024, 90_112, (2, 3, 4))


@dataclass(frozen=True, slots=True, eq=False)
class BlockFilters:
    """The filters of consecutive blocks; ``bits`` has the shape (blocks, bits / 8).

    ``first_texts`` has for each block the number of the first text that has characters in it, shape
    (blocks,). The next block begins with the same text if that text continues there.
    """

    bits: Bits
    first_texts: Positions


class FilterMaker:
    """Makes the filters of texts that are added one after another.

    >>> maker = FilterMaker(TRIGRAMS)
    >>> maker.add(["政府工作报告", "春天来了"], [18, 12])
    >>> filters = maker.finish()
    >>> filters.bits.shape, filters.first_texts.tolist()
    ((1, 2816), [0])
    >>> [bool(select_blocks(TRIGRAMS, filters.bits, text)) for text in ("工作报", "报告春")]
    [True, False]
    """

    def __init__(self, shape: FilterShape) -> None:
        self._shape = shape
        self._texts = 0
        # The bytes of all texts so far, at most those that count.
        self._size = 0.0
        self._first_texts: list[int] = []
        # The filters of the blocks that get no more bits, and the flags of those that may.
        self._rows: list[Bits] = []
        self._closed = 0
        self._flags = np.zeros((0, shape.bits), np.bool_)

    def add(self, texts: Sequence[str], sizes: Sequence[int]) -> None:
        """Add folded texts, which have these numbers of bytes as they are written."""
        counts = np.array([len(text) for text in texts], np.int64)
        firsts = np.cumsum(counts) - counts
        weights = np.zeros(len(texts))
        starts = np.zeros(len(texts))
        for number, (text, size) in enumerate(zip(texts, sizes, strict=True)):
            weights[number] = min(size / len(text), _MOST_CHARACTER_BYTES) if text else 0.0
            starts[number] = self._size
            self._size += float(weights[number]) * len(text)
        self._extend(starts + weights * (counts - min(self._shape.lengths)), counts)
        codes = code_points("".join(texts))
        for begin in range(0, len(codes), WINDOW):
            window = range(begin, min(begin + WINDOW, len(codes)))
            # The text of each character, and its place in it.
            inside = np.clip(firsts + counts, begin, window.stop) - np.clip(firsts, begin, window.stop)
            owners = np.repeat(np.arange(len(texts)), inside)
            places = np.arange(begin, window.stop) - firsts[owners]
            blocks = self._find_blocks(starts[owners] + weights[owners] * places)
            # N-grams near the beginning of a block are in the block before it too.
            before = self._find_blocks(starts[owners] + weights[owners] * np.maximum(places - OVERLAP, 0))
            left = np.where(counts[owners] < SHORTEST_QUERY, 0, counts[owners] - places)
            self._add_window(codes[begin : window.stop + max(self._shape.lengths) - 1], left, blocks, before)

    def finish(self) -> BlockFilters:
        """The filters of all texts."""
        self._close(len(self._first_texts))
        empty = np.zeros((0, self._shape.bits // 8), np.uint8)
        return BlockFilters(np.concatenate([empty, *self._rows]), np.array(self._first_texts, np.int64))

    def _find_blocks(self, sizes: npt.NDArray[np.float64]) -> Positions:
        return (sizes / self._shape.block_bytes).astype(np.int64)

    def _extend(self, last_sizes: npt.NDArray[np.float64], counts: Positions) -> None:
        """Begin the blocks of some texts, in which their last n-grams begin at these sizes."""
        for count, last in zip(counts.tolist(), self._find_blocks(last_sizes).tolist(), strict=True):
            if count >= SHORTEST_QUERY:
                self._first_texts += [self._texts] * (last + 1 - len(self._first_texts))
            self._texts += 1

    def _add_window(self, codes: CodePoints, left: Positions, blocks: Positions, before: Positions) -> None:
        """Add the n-grams that begin with some characters; ``codes`` also has those after them.

        The arrays have for each character how many of its text are left, its block, and the block before if
        it has its n-grams too.
        """
        self._close(int(blocks[0]) - 1)
        last = min(int(blocks[-1]) + 1, len(self._first_texts)) - self._closed
        if last > len(self._flags):
            more = np.zeros((last - len(self._flags), self._shape.bits), np.bool_)
            self._flags = np.concatenate((self._flags, more))
        flags = self._flags.reshape(-1)
        first_bits = (blocks - self._closed) * self._shape.bits
        overlaps = np.flatnonzero(blocks != before)
        first_overlap_bits = (before[overlaps] - self._closed) * self._shape.bits
        for length, hashes in _hash_grams(codes, self._shape):
            is_inside = left >= length
            count = min(len(hashes), len(left))
            places = hashes[:count] + first_bits[:count]
            flags[places[is_inside[:count]]] = True
            near = is_inside[overlaps]
            flags[hashes[overlaps[near]] + first_overlap_bits[near]] = True

    def _close(self, end: int) -> None:
        """Make the filters of the blocks before ``end``; later texts have no characters in them."""
        count = min(end - self._closed, len(self._flags))
        if count > 0:
            self._rows.append(np.packbits(self._flags[:count], axis=1))
            self._flags = self._flags[count:]
            self._closed += count


def find_query_bits(shape: FilterShape, folded: str) -> list[int]:
    """The bits that the filter of a block has if an occurrence of a folded text begins in it.

    >>> len(find_query_bits(TRIGRAMS, "政府工作报告"))
    4

    Raises:
        ValueError: the text has fewer than three characters.
    """
    if len(folded) < SHORTEST_QUERY:
        raise ValueError(f"a query has at least {SHORTEST_QUERY} folded characters")
    grams = _hash_grams(code_points(folded[: OVERLAP + min(shape.lengths) - 1]), shape)
    bits: list[int] = np.unique(np.concatenate([hashes for _, hashes in grams])).tolist()
    return bits


def select_blocks(shape: FilterShape, bits: Bits, folded: str) -> list[int]:
    """The blocks in which a folded text may begin; ``bits`` are filters, with the shape (blocks, bytes)."""
    places = np.array(find_query_bits(shape, folded))
    has_bits = bits[:, places // 8] & (128 >> places % 8).astype(np.uint8)
    blocks: list[int] = np.flatnonzero(has_bits.all(axis=1)).tolist()
    return blocks


def _hash_grams(codes: CodePoints, shape: FilterShape) -> Iterator[tuple[int, Positions]]:
    """For each length a number below ``shape.bits`` for each n-gram; shape (characters - length + 1,)."""
    wide = codes.astype(np.uint64)
    grams = wide
    for length in range(1, min(max(shape.lengths), len(codes)) + 1):
        if length > 1:
            # Three characters have 54 bits; more do not fit.
            is_short = length <= _EXACT_LENGTH
            shifted = grams[:-1] << _CHARACTER_BITS if is_short else grams[:-1] * GOLDEN_RATIO
            grams = shifted ^ wide[length - 1 :]
        if length in shape.lengths:
            mixed = (grams * GOLDEN_RATIO) >> HALF
            mixed = ((mixed ^ grams) * GOLDEN_RATIO) >> HALF
            yield length, np.asarray((mixed * np.uint64(shape.bits)) >> HALF, np.int64)
