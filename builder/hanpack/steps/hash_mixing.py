"""Multipliers that spread the bits of 64-bit hashes, and the finaliser of SplitMix64.

Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators". Products of 64-bit numbers keep
their lowest 64 bits; a hash is best taken from the highest bits of a product. This module is short because it
has only what the hashes of several modules share.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

# The fraction of the golden ratio in 64 bits: the products of successive numbers are far from each other.
GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)
FIRST_MULTIPLIER, SECOND_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
# The number of bits in half a hash, to shift by.
HALF = np.uint64(32)


def mix(values: Hashes) -> Hashes:
    """Hash 64-bit numbers: different ones give different hashes, whose bits all depend on all of theirs.

    >>> [hex(value) for value in mix(np.array([0, 1], np.uint64)).tolist()]
    ['0xe220a8397b1dcdaf', '0x910a2dec89025cc1']
    """
    mixed = values + GOLDEN_RATIO
    mixed ^= mixed >> np.uint64(30)
    mixed *= FIRST_MULTIPLIER
    mixed ^= mixed >> np.uint64(27)
    mixed *= SECOND_MULTIPLIER
    mixed ^= mixed >> np.uint64(31)
    return mixed
