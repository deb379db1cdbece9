"""Sketches of folded texts: what finds equal and similar ones without comparing every two.

A text is the set of its character trigrams, and two texts are as similar as the Jaccard index of their sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from hanpack.steps.dedup.folding import Folded
from hanpack.steps.traced import code_points

Shingles = npt.NDArray[np.uint64]
Bands = npt.NDArray[np.uint32]

BANDS = 32
_ROWS = 5
_BINS = BANDS * _ROWS
_GRAM = 3
# A folded character is below 0x34000, so three stand side by side in 54 bits: a shingle is no hash.
_BITS = np.uint64(18)
_BLOCK = 1 << 14
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_UNFILLED = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """What stands for a folded text.

    ``exact`` is 128 bits of its BLAKE2b: texts are equal where it is. ``length`` is in folded characters.
    ``bands`` has the shape (BANDS,): two texts of similarity s share each with the probability s to the 5th.
    A text without letters has the length 0 and no band, which is written as zeros.
    """

    exact: bytes
    length: int
    bands: Bands


def compute_signature(folded: Folded) -> Signature:
    """Signature one folded text, in linear time; the same on every machine and in every process."""
    codes = code_points(folded.text)
    return Signature(hash_folded(folded), len(codes), _join_rows(compute_minima(codes)))


def hash_folded(folded: Folded) -> bytes:
    """The hash ``exact`` of a folded text: 16 bytes."""
    return blake2b(code_points(folded.text).tobytes(), digest_size=16).digest()


def shingles(folded_text: str) -> Shingles:
    """The trigrams of a folded text, sorted, each once; a text of one or two characters is one by itself."""
    return np.unique(_trigrams(code_points(folded_text)))


def similarity(first: Shingles, second: Shingles) -> float:
    """The Jaccard index of two sets of shingles, 0 to 1; what has no shingles is similar to nothing."""
    if not len(first) or not len(second):
        return 0.0
    few, many = sorted((first, second), key=len)
    places = np.searchsorted(many, few)
    shared = int(np.count_nonzero(many.take(places, mode="clip") == few))
    return shared / (len(first) + len(second) - shared)


def _trigrams(codes: npt.NDArray[np.uint32]) -> Shingles:
    wide = codes.astype(np.uint64)
    if not len(wide):
        return wide
    size = min(_GRAM, len(wide))
    count = len(wide) - size + 1
    joined = wide[:count]
    for offset in range(1, size):
        joined = (joined << _BITS) | wide[offset : offset + count]
    return joined


def compute_minima(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """A minimum for each bin, which two texts share with their similarity as the probability; shape (160,).

    Fast similarity sketching (Dahlgaard, Knudsen and Thorup 2017): each round throws every shingle into one
    bin, and a bin keeps the least of its first round. So a long text costs a round or two where MinHash
    costs a hash function a bin, and a short text fills its bins in later rounds. As many rounds more as
    there are bins, each for one bin alone, fill what is left.
    """
    minima = np.full(_BINS, _UNFILLED)
    found = _trigrams(codes)
    if not len(found):
        return minima
    together = max(1, min(_BINS, 8 * _BINS // len(found)))
    for first in range(0, _BINS, together):
        seeds = _SEEDS[first : min(first + together, _BINS)]
        rounds = np.arange(first, first + len(seeds), dtype=np.uint64) << _HALF
        for start in range(0, len(found), _BLOCK):
            hashes = _mix(found[start : start + _BLOCK] ^ seeds[:, None])
            bins = ((hashes >> _HALF) * np.uint64(_BINS)) >> _HALF
            values = (hashes & _LOW) | rounds[:, None]
            np.minimum.at(minima, bins.ravel().astype(np.intp), values.ravel())
        if minima.max() != _UNFILLED:
            return minima
    for empty in np.flatnonzero(minima == _UNFILLED):
        minima[empty] = _mix(found ^ _SEEDS[_BINS + empty]).min()
    return minima


def _join_rows(minima: npt.NDArray[np.uint64]) -> Bands:
    if minima[0] == _UNFILLED:
        return np.zeros(BANDS, np.uint32)
    joined = np.zeros(BANDS, np.uint64)
    for row in minima.reshape(BANDS, _ROWS).T:
        joined = _mix(joined ^ row)
    bands: Bands = np.maximum(joined >> _HALF, np.uint64(1)).astype(np.uint32)
    return bands


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread every bit over all: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


_SEEDS = _mix(np.arange(2 * _BINS, dtype=np.uint64))
