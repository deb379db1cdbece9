"""MinHash signatures of folded texts, with which similar texts are found without comparing all pairs.

A text is represented by the set of its character trigrams (shingles). The similarity of two texts is the
Jaccard index of their sets (Broder 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hanpack.steps.dedup.folding import FoldedText
from hanpack.steps.hash_mixing import HALF, mix
from hanpack.steps.traced import code_points

Shingles = npt.NDArray[np.uint64]
Bands = npt.NDArray[np.uint32]
Lengths = npt.NDArray[np.int64]

BANDS = 32
_ROWS = 5
_BINS = BANDS * _ROWS
_MOST_BINS = 1024
_SHINGLE_SIZE = 3
# A folded character is below 0x34000, so a shingle is three code points in 54 bits, without hashing.
_CHARACTER_BITS = np.uint64(18)
# How many shingles are hashed at once.
_BLOCK = 1 << 14
# Longer texts than this are sketched alone. One with more different shingles than this fills all bins in the
# first round: the probability that any of 160 bins stays empty is below 160 * exp(-65,536 / 160), or 1e-175.
_LONGEST_TOGETHER = 1 << 16
_MOST_DISTINCT = 1 << 16
_LOW = np.uint64(0xFFFFFFFF)
_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """What represents a folded text when documents are compared.

    ``exact`` is its BLAKE2b hash of 16 bytes, by which equal texts are found. ``length`` is in folded
    characters. ``bands`` has the shape (BANDS,): two texts of similarity s have each band in common with the
    probability s to the power of 5. A text without letters has the length 0, and all its bands are 0.
    """

    exact: bytes
    length: int
    bands: Bands


def compute_signature(folded: FoldedText) -> Signature:
    """Compute the signature of a folded text in linear time; it is the same on every machine.

    >>> signature = compute_signature(FoldedText("政府工作报告", np.ones(6, np.bool_)))
    >>> signature.length, signature.bands.shape, len(signature.exact)
    (6, (32,), 16)
    """
    (signature,) = compute_signatures([folded])
    return signature


def compute_signatures(texts: Sequence[FoldedText]) -> list[Signature]:
    """Compute the signatures of several folded texts at once."""
    lengths = [len(folded.text) for folded in texts]
    if max(lengths, default=0) > _LONGEST_TOGETHER:
        long = {number for number, length in enumerate(lengths) if length > _LONGEST_TOGETHER}
        short = iter(compute_signatures([text for number, text in enumerate(texts) if number not in long]))
        return [
            _compute_signature_of_long_text(text.text) if number in long else next(short)
            for number, text in enumerate(texts)
        ]
    codes = code_points("".join(folded.text for folded in texts))
    data = codes.tobytes()
    limits = [0, *accumulate(lengths)]
    bands = _join_rows(compute_minima(codes, np.array(lengths, np.int64)))
    width = codes.itemsize
    return [
        Signature(blake2b(data[width * first : width * last], digest_size=16).digest(), last - first, row)
        for (first, last), row in zip(pairwise(limits), bands, strict=True)
    ]


def _compute_signature_of_long_text(text: str) -> Signature:
    exact = blake2b(digest_size=16)
    for start in range(0, len(text), _BLOCK):
        exact.update(code_points(text[start : start + _BLOCK]).data)
    bands = _join_rows(compute_minima_of_long_text(text))[0]
    return Signature(exact.digest(), len(text), bands)


def compute_shingles(folded_text: str) -> Shingles:
    """Compute the distinct trigrams of a folded text, sorted; shape (shingles,).

    A text of one or two characters is a single shingle.
    """
    return sort_distinct(_trigrams(code_points(folded_text)))


def sort_distinct(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The distinct values, sorted; several times as fast as ``np.unique``, which hashes them since numpy 2.3.

    >>> sort_distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(ordered)]]


def compute_similarity(first: Shingles, second: Shingles) -> float:
    """Compute the Jaccard index of two sets of shingles, from 0 to 1; that of an empty set is 0.

    >>> compute_similarity(compute_shingles("政府工作报告"), compute_shingles("政府工作总结"))
    0.3333333333333333
    """
    if not len(first) or not len(second):
        return 0.0
    smaller, larger = sorted((first, second), key=len)
    positions = np.searchsorted(larger, smaller)
    common = int(np.count_nonzero(larger.take(positions, mode="clip") == smaller))
    return common / (len(first) + len(second) - common)


def _trigrams(codes: npt.NDArray[np.uint32]) -> Shingles:
    wide = codes.astype(np.uint64)
    if not len(wide):
        return wide
    size = min(_SHINGLE_SIZE, len(wide))
    count = len(wide) - size + 1
    joined = wide[:count]
    for offset in range(1, size):
        joined = (joined << _CHARACTER_BITS) | wide[offset : offset + count]
    return joined


def compute_minima(
    codes: npt.NDArray[np.uint32], lengths: Lengths, bin_count: int = _BINS
) -> npt.NDArray[np.uint64]:
    """Compute a minimum for each bin of each text; shape (texts, bin_count), with at most 1024 bins.

    ``codes`` are the code points of all texts one after another, ``lengths`` the number of those of each, of
    the shape (texts,). The probability that two texts have the same minimum in a bin is their similarity.

    Fast similarity sketching (Dahlgaard, Knudsen and Thorup 2017): each round puts every shingle into one bin
    by its hash, and a bin keeps the smallest hash of its first round with a shingle. So a long text takes a
    round or two, while MinHash takes a hash function for each bin, and a short text fills its bins in later
    rounds. After as many rounds as there are bins, each bin that is still empty gets a round of its own.
    """
    minima = np.full((len(lengths), bin_count), _EMPTY)
    flat = minima.reshape(-1)
    shingles, owners = _list_shingles(codes, lengths, bin_count)
    # The texts with empty bins; only they take part in the next round.
    unfilled = np.arange(len(lengths))
    for number in range(bin_count):
        if not len(shingles):
            break
        # The number of the round is the high half of a value, so that an earlier round is always smaller.
        high = np.uint64(number) << HALF
        for start in range(0, len(shingles), _BLOCK):
            hashes = mix(shingles[start : start + _BLOCK] ^ _SEEDS[number])
            bins = hashes >> HALF
            bins *= np.uint64(bin_count)
            bins >>= HALF
            bins += owners[start : start + _BLOCK]
            hashes &= _LOW
            hashes |= high
            places = bins.view(np.int64)
            if number:
                # What an earlier round filled stays.
                is_open = flat.take(places) >= high
                places, hashes = places[is_open], hashes[is_open]
            np.minimum.at(flat, places, hashes)
        is_full = minima.take(unfilled, axis=0).max(axis=1) != _EMPTY
        if is_full.any():
            unfilled = unfilled[~is_full]
            takes_part = np.zeros(len(flat), np.bool_)
            takes_part[unfilled * bin_count] = True
            is_left = takes_part.take(owners.view(np.int64))
            shingles, owners = shingles[is_left], owners[is_left]
    for text, empty in zip(*np.nonzero((minima == _EMPTY) & (lengths > 0)[:, None]), strict=True):
        first, last = np.searchsorted(owners, np.uint64(text * bin_count) + np.arange(2, dtype=np.uint64))
        of_text = shingles[first:last]
        minima[text, empty] = mix(of_text ^ _SEEDS[bin_count + empty]).min()
    return minima


def compute_minima_of_long_text(text: str) -> npt.NDArray[np.uint64]:
    """The same minima for one text, of the shape (1, 160), in little memory.

    The shingles of the first round are made block by block. If it leaves bins empty, the text has few
    different shingles, however long it is: the other rounds are over those.
    """
    minima = np.full(_BINS, _EMPTY)
    starts = range(0, len(text) - _SHINGLE_SIZE + 1, _BLOCK)
    blocks = (_trigrams(code_points(text[start : start + _BLOCK + _SHINGLE_SIZE - 1])) for start in starts)
    distinct = np.zeros(0, np.uint64)
    for block in blocks:
        _fill_bins(minima, block, 0)
        if len(distinct) <= _MOST_DISTINCT:
            distinct = sort_distinct(np.concatenate((distinct, block)))
    for number in range(1, _BINS):
        if minima.max() != _EMPTY:
            break
        _fill_bins(minima, distinct, number)
    for empty in np.flatnonzero(minima == _EMPTY):
        minima[empty] = mix(distinct ^ _SEEDS[_BINS + empty]).min()
    return minima.reshape(1, _BINS)


def _fill_bins(minima: npt.NDArray[np.uint64], shingles: Shingles, number: int) -> None:
    """Round ``number`` of one text: ``minima``, of the shape (160,), are changed."""
    hashes = mix(shingles ^ _SEEDS[number])
    bins = ((hashes >> HALF) * np.uint64(_BINS)) >> HALF
    np.minimum.at(minima, bins.astype(np.intp), (hashes & _LOW) | (np.uint64(number) << HALF))


def _list_shingles(
    codes: npt.NDArray[np.uint32], lengths: Lengths, bin_count: int
) -> tuple[Shingles, npt.NDArray[np.uint64]]:
    """The shingles of all texts, and for each the first bin of its text; a text shorter than one is one."""
    first_bins = np.arange(len(lengths), dtype=np.uint64) * np.uint64(bin_count)
    limits = [0, *np.cumsum(lengths).tolist()]
    if (lengths >= _SHINGLE_SIZE).all() and len(lengths):
        joined = _trigrams(codes)
        # Those that begin at the last characters of a text reach into the next.
        inside = np.ones(len(codes), np.bool_)
        for offset in range(1, _SHINGLE_SIZE):
            inside[np.cumsum(lengths) - offset] = False
        counts = lengths - _SHINGLE_SIZE + 1
        return joined[inside[: len(joined)]], np.repeat(first_bins, counts)
    pieces = [_trigrams(codes[first:last]) for first, last in pairwise(limits)]
    owners = np.repeat(first_bins, [len(piece) for piece in pieces])
    return np.concatenate([np.zeros(0, np.uint64), *pieces]), owners


def _join_rows(minima: npt.NDArray[np.uint64]) -> Bands:
    """Hash the minima of each band to one number, which is never 0 unless the text is empty.

    ``minima`` has the shape (texts, 160), the result (texts, BANDS).
    """
    joined = np.zeros((len(minima), BANDS), np.uint64)
    for row in range(_ROWS):
        joined = mix(joined ^ minima[:, row::_ROWS])
    bands: Bands = np.maximum(joined >> HALF, np.uint64(1)).astype(np.uint32)
    bands[minima[:, 0] == _EMPTY] = 0
    return bands


_SEEDS = mix(np.arange(2 * _MOST_BINS, dtype=np.uint64))
