"""Measures the lines of texts: how long they are, and the share of characters in lines that are repeated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.hash_mixing import GOLDEN_RATIO
from hanpack.steps.texts import JoinedTexts

# Many times the relative error of a product of two floats, 2 ** -53.
_NEAR = 1e-12


def measure_lines(texts: JoinedTexts) -> tuple[list[float], list[float]]:
    r"""The share of characters in repeated lines, and the mean length of lines that are not empty, by text.

    >>> measure_lines(JoinedTexts(["第一条\n第一条\n\n略", ""]))
    ([0.428571, 0.0], [2.33, 0.0])
    """
    if not texts.texts:
        return [], []
    limits = texts.find_character("\n")
    starts = np.append(0, limits + 1)
    sizes = np.append(limits, len(texts.text)) - starts
    # Every line of the joined texts is a line of one text, and every text has at least one.
    first_lines = np.searchsorted(starts, texts.firsts)
    counts = np.diff(first_lines, append=len(starts))
    is_filled = sizes > 0
    filled_counts = np.add.reduceat(is_filled.view(np.uint8), first_lines, dtype=np.int64)
    owners = np.repeat(np.arange(len(counts)), counts)
    filled = (values.compress(is_filled) for values in (owners, starts, sizes))
    repeated = _count_repeated(texts, *filled)
    lengths = texts.lengths - counts + 1
    # A text without characters but line feeds has no lines to count.
    return (
        round_all(repeated / np.maximum(lengths, 1), 6),
        round_all(lengths / np.maximum(filled_counts, 1), 2),
    )


def round_all(values: npt.NDArray[np.float64], digits: int) -> list[float]:
    """What ``round`` gives for each of some values that are not negative; shape (values,).

    >>> round_all(np.array([0.125, 2.675, 1 / 3]), 2) == [round(0.125, 2), round(2.675, 2), round(1 / 3, 2)]
    True
    """
    scaled = values * 10**digits
    rounded: list[float] = (np.rint(scaled) / 10**digits).tolist()
    # The product is rounded itself: near the middle it does not say which result is nearer.
    is_near = np.abs(scaled - np.floor(scaled) - 0.5) < _NEAR * (scaled + 1)
    for index in np.flatnonzero(is_near).tolist():
        rounded[index] = round(float(values[index]), digits)
    return rounded


def _count_repeated(texts: JoinedTexts, owners: Positions, starts: Positions, sizes: Positions) -> Positions:
    """How many characters each text has in lines that occur earlier in it; shape (texts,).

    The arrays have an entry for each line that is not empty: its text, its start and its size. Lines are
    compared only if their sizes and their characters at three places are equal.
    """
    counts = np.zeros(len(texts.texts), np.int64)
    keys = (owners.astype(np.uint64) ^ sizes.astype(np.uint64)) * GOLDEN_RATIO
    for offsets in (np.zeros_like(sizes), sizes // 2, sizes - 1):
        keys = (keys ^ texts.take_codes(starts + offsets).astype(np.uint64)) * GOLDEN_RATIO
    # The lowest bits of a key become the index of its line: to sort keys is faster than to find their order.
    index_bits = np.uint64(len(keys).bit_length())
    ordered = np.sort((keys >> index_bits << index_bits) | np.arange(len(keys), dtype=np.uint64))
    # Whether each line in this order has the key of the line before it; the ends have none beside them.
    is_equal = np.zeros(len(ordered) + 1, np.bool_)
    is_equal[1:-1] = (ordered[1:] ^ ordered[:-1]) >> index_bits == 0
    chosen = ordered.compress(is_equal[1:] | is_equal[:-1])
    candidates = np.sort((chosen & ((np.uint64(1) << index_bits) - np.uint64(1))).astype(np.int64))
    lines: set[str] = set()
    of_text = -1
    columns = (values.take(candidates).tolist() for values in (owners, starts, sizes))
    for owner, start, size in zip(*columns, strict=True):
        if owner != of_text:
            of_text = owner
            lines.clear()
        line = texts.text[start : start + size]
        if line in lines:
            counts[owner] += size
        lines.add(line)
    return counts
