"""Measures the lines of texts: how long they are, and the share of characters in lines that are repeated."""

from __future__ import annotations

import numpy as np

from hanpack.steps.alignment import Positions
from hanpack.steps.texts import JoinedTexts

# Any odd number with many bits set spreads the keys of different lines.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def measure_lines(texts: JoinedTexts) -> list[tuple[float, float]]:
    r"""The share of characters in repeated lines, and the mean length of lines that are not empty, by text.

    >>> measure_lines(JoinedTexts(["第一条\n第一条\n\n略", ""]))
    [(0.428571, 2.33), (0.0, 0.0)]
    """
    limits = texts.find_character("\n")
    starts = np.append(0, limits + 1)
    sizes = np.append(limits, len(texts.text)) - starts
    # Every line of the joined texts is a line of one text, and every text has at least one.
    first_lines = np.searchsorted(starts, texts.firsts)
    counts = np.diff(first_lines, append=len(starts))
    is_filled = sizes > 0
    filled_counts = np.add.reduceat(is_filled.view(np.uint8), first_lines, dtype=np.int64)
    owners = np.repeat(np.arange(len(counts)), counts)
    repeated = _count_repeated(texts, owners[is_filled], starts[is_filled], sizes[is_filled])
    lengths = texts.lengths - counts + 1
    columns = zip(repeated, lengths.tolist(), filled_counts.tolist(), strict=True)
    return [
        (round(of_text / length, 6) if of_text else 0.0, round(length / count, 2)) if length else (0.0, 0.0)
        for of_text, length, count in columns
    ]


def _count_repeated(texts: JoinedTexts, owners: Positions, starts: Positions, sizes: Positions) -> list[int]:
    """How many characters each text has in lines that occur earlier in it.

    The arrays have an entry for each line that is not empty: its text, its start and its size. Lines are
    compared only if their sizes and their characters at three places are equal.
    """
    counts = [0] * len(texts.texts)
    keys = (owners.astype(np.uint64) ^ sizes.astype(np.uint64)) * _MULTIPLIER
    for offsets in (np.zeros_like(sizes), sizes // 2, sizes - 1):
        keys = (keys ^ texts.take_codes(starts + offsets).astype(np.uint64)) * _MULTIPLIER
    order = np.argsort(keys)
    # Whether each line in this order has the key of the line before it; the ends have none beside them.
    is_equal = np.zeros(len(order) + 1, np.bool_)
    is_equal[1:-1] = keys[order[1:]] == keys[order[:-1]]
    candidates = order[is_equal[1:] | is_equal[:-1]]
    lines: set[tuple[int, str]] = set()
    columns = (values[candidates].tolist() for values in (owners, starts, sizes))
    for owner, start, size in zip(*columns, strict=True):
        line = owner, texts.text[start : start + size]
        if line in lines:
            counts[owner] += size
        lines.add(line)
    return counts
