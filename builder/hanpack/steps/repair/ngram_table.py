"""The n-grams of all components of a model in one table, as it is stored in the package.

The stored bytes are nearly those in memory, so that the table is unpacked in a tenth of a second. What the
counts say of a context is computed when it, or one near it, is first needed.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

ORDER = 4
# Ends an n-gram whose count is that of all continuations of its context that were pruned.
PRUNED = "\0"
Weights = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
LogCounts = npt.NDArray[np.uint8]
# Bits of a character's code in a key.
CODE_BITS = 15
CODES = 1 << CODE_BITS
# Counts are stored as rounded logarithms, 16 steps to a factor of e, in one byte: 0 for never seen, n for the
# count of step n - 1.
_STEPS_PER_E = 16
_MOST_STEPS = 254
_COUNT_VALUES = np.array([0.0, *(math.exp(step / _STEPS_PER_E) for step in range(_MOST_STEPS + 1))])
_DISCOUNT = 0.75
DISCOUNTED_VALUES = np.maximum(_COUNT_VALUES - _DISCOUNT, 0.0)
# Added to the sum of the counts after a context, so that a character never seen there keeps some probability.
_CONTEXT_ADDEND = 0.5
# Additive smoothing of the unigrams: the addend of each character, and of their sum.
_UNIGRAM_ADDEND = 0.02
_UNIGRAM_SUM_ADDEND = 200.0
# The weights of this many contexts are computed at once; a power of 2, as bits.
_BLOCK_BITS = 12
# The numbers of components, bytes of the alphabet, n-grams, single characters among these, and contexts.
_HEADER = struct.Struct("<IIIII")
_ALIGNMENT = 8


class ContextWeights:
    """What a count of 1 after a context adds to a probability, and the share left to the next lower order.

    Both are computed from the counts of the continuations, for a block of contexts when one is first needed.
    """

    def __init__(self, log_counts: LogCounts, is_pruned: npt.NDArray[np.bool_], starts: Codes) -> None:
        self._log_counts = log_counts
        self._is_pruned = is_pruned
        self._starts = starts
        shape = len(starts) - 1, log_counts.shape[1]
        self._count_weights = np.empty(shape, np.float32)
        self._backoff_weights = np.empty(shape, np.float32)
        self._is_computed = bytearray((shape[0] >> _BLOCK_BITS) + 1)

    def find(self, context: int) -> tuple[list[float], list[float]]:
        """The two weights of the context in a row of the table; a number for each component."""
        if not self._is_computed[context >> _BLOCK_BITS]:
            self._compute(context >> _BLOCK_BITS)
        return self._count_weights[context].tolist(), self._backoff_weights[context].tolist()

    def find_all(self, contexts: Codes) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """The two weights of contexts in these rows; each of the shape (rows, components)."""
        for block in np.unique(contexts >> _BLOCK_BITS).tolist():
            if not self._is_computed[block]:
                self._compute(block)
        return self._count_weights[contexts], self._backoff_weights[contexts]

    def _compute(self, block: int) -> None:
        contexts = slice(block << _BLOCK_BITS, block + 1 << _BLOCK_BITS)
        starts = self._starts[block << _BLOCK_BITS : (block + 1 << _BLOCK_BITS) + 1]
        log_counts = self._log_counts[starts[0] : starts[-1]]
        firsts = starts[:-1] - starts[0]
        totals = _sum_by_context(_COUNT_VALUES, log_counts, firsts) + _CONTEXT_ADDEND
        unpruned = np.where(self._is_pruned[starts[0] : starts[-1], None], np.uint8(0), log_counts)
        discounted = _sum_by_context(DISCOUNTED_VALUES, unpruned, firsts)
        self._count_weights[contexts] = 1 / totals
        self._backoff_weights[contexts] = (totals - discounted) / totals
        self._is_computed[block] = True


@dataclass(frozen=True, eq=False)
class NgramTable:
    """The n-grams of all components, sorted by their keys: the codes of their characters, 15 bits each.

    Attributes:
        codes: the code of each character, from 1 on; 0 is for a character that no component contains.
        lasts: shape (n-grams,); the code of the last character of each.
        log_counts: shape (n-grams, components); 0 for never seen, else one more than the step of the count.
        contexts: shape (contexts,), sorted; the keys of the n-grams that longer ones continue.
        starts: shape (contexts + 1,); the continuations of context n are the rows ``starts[n]`` to
            ``starts[n + 1]``, sorted by their last characters.
        weights: the weights of each context.
        unigrams: shape (codes, components); the probability of each code without context.
    """

    codes: Mapping[str, int]
    lasts: npt.NDArray[np.uint16]
    log_counts: LogCounts
    contexts: Codes
    starts: Codes
    weights: ContextWeights
    unigrams: Weights

    @cached_property
    def keys(self) -> Codes:
        """The keys of all n-grams; shape (n-grams,). They take twice the memory of all else."""
        prefixes: Codes = np.repeat(self.contexts, np.diff(self.starts)) << CODE_BITS
        single = len(self.lasts) - len(prefixes)
        keys: Codes = self.lasts.astype(np.int64)
        keys[single:] |= prefixes
        return keys


def pack_model(components: Sequence[tuple[float, Mapping[str, float]]]) -> bytes:
    """Serialise the components of a model, each a weight and the counts of n-grams.

    Counts below 1 are left out, others are rounded to 3 %.

    Raises:
        ValueError: the components have more different characters than a code can number.
    """
    kept = [{gram: number for gram, number in counts.items() if number >= 1} for _, counts in components]
    alphabets = [{PRUNED, *(gram for gram in grams if len(gram) == 1)} for grams in kept]
    alphabet = "".join(sorted(set().union(*alphabets)))
    if len(alphabet) >= CODES:
        raise ValueError(f"{len(alphabet)} different characters are more than a model can hold")
    codes = {character: code for code, character in enumerate(alphabet, 1)}
    columns = []
    for grams, own_alphabet in zip(kept, alphabets, strict=True):
        steps = {
            _make_key(gram, codes): min(_MOST_STEPS, round(math.log(number) * _STEPS_PER_E))
            for gram, number in grams.items()
            if own_alphabet.issuperset(gram)
        }
        keys = np.array(sorted(steps), np.int64)
        columns.append((keys, np.array([steps[key] for key in keys.tolist()], np.uint8)))
    return pack_columns([weight for weight, _ in components], alphabet, columns)


def _make_key(gram: str, codes: Mapping[str, int]) -> int:
    key = 0
    for character in gram:
        key = key << CODE_BITS | codes[character]
    return key


def pack_columns(
    weights: Sequence[float], alphabet: str, columns: Sequence[tuple[Codes, LogCounts]]
) -> bytes:
    """Serialise components, each given by the sorted keys of its n-grams and the steps of their counts."""
    # A stable sort merges what is in order already.
    keys = np.sort(np.concatenate([keys for keys, _ in columns]), kind="stable")
    keys = keys[np.diff(keys, prepend=-1) > 0]
    log_counts = np.zeros((len(keys), len(columns)), np.uint8)
    for column, (own_keys, steps) in enumerate(columns):
        log_counts[np.searchsorted(keys, own_keys), column] = np.minimum(steps, _MOST_STEPS) + 1
    single = int(np.searchsorted(keys, CODES))
    prefixes = keys[single:] >> CODE_BITS
    firsts = np.flatnonzero(np.diff(prefixes, prepend=-1))
    lengths = np.diff(firsts, append=len(prefixes)).astype("<u2")
    # The differences, with the bytes of equal significance side by side, compress to a fifth.
    differences = np.diff(prefixes[firsts], prepend=0).astype("<u8").view(np.uint8).reshape(-1, 8).T
    letters = alphabet.encode()
    pieces = (
        (keys & CODES - 1).astype("<u2").tobytes(),
        log_counts.tobytes(),
        lengths.tobytes(),
        differences.tobytes(),
        letters,
    )
    body = zlib.compress(b"".join(map(_pad, pieces)), 9)
    header = _HEADER.pack(len(columns), len(letters), len(keys), single, len(firsts))
    return header + struct.pack(f"<{len(weights)}d", *weights) + body


def read_weights(data: bytes) -> tuple[float, ...]:
    """The weights of the components of a packed model."""
    number, *_ = _HEADER.unpack_from(data)
    return struct.unpack_from(f"<{number}d", data, _HEADER.size)


def unpack_table(data: bytes) -> NgramTable:
    """The table of a packed model; its arrays are not copied out of the bytes."""
    number, letters, size, single, contexts = _HEADER.unpack_from(data)
    body = zlib.decompress(memoryview(data)[_HEADER.size + 8 * number :])
    position = 0

    def take(length: int) -> bytes | memoryview:
        nonlocal position
        piece = memoryview(body)[position : position + length]
        position += length + -length % _ALIGNMENT
        return piece

    lasts = np.frombuffer(take(2 * size), "<u2").astype(np.uint16, copy=False)
    log_counts = np.frombuffer(take(number * size), np.uint8).reshape(size, number)
    lengths = np.frombuffer(take(2 * contexts), "<u2")
    planes = np.frombuffer(take(8 * contexts), np.uint8).reshape(8, contexts)
    alphabet = bytes(take(letters)).decode()
    codes = {character: code for code, character in enumerate(alphabet, 1)}
    starts = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))) + single
    pruned = codes.pop(PRUNED)
    return NgramTable(
        codes=codes,
        lasts=lasts,
        log_counts=log_counts,
        contexts=np.cumsum(np.ascontiguousarray(planes.T).view("<i8").ravel(), dtype=np.int64),
        starts=starts,
        weights=ContextWeights(log_counts, lasts == pruned, starts),
        unigrams=_find_unigrams(lasts[:single], log_counts[:single], len(alphabet) + 1),
    )


def _find_unigrams(lasts: npt.NDArray[np.uint16], log_counts: LogCounts, codes: int) -> Weights:
    """The probabilities of codes without context, from the counts of single characters."""
    unigrams = np.zeros((codes, log_counts.shape[1]))
    unigrams[lasts] = _COUNT_VALUES[log_counts]
    for column in unigrams.T:
        column[:] = (column + _UNIGRAM_ADDEND) / (column.sum() + _UNIGRAM_SUM_ADDEND)
    return unigrams


def _sum_by_context(values: Weights, log_counts: LogCounts, firsts: Codes) -> Weights:
    """The sum of the values of logarithmic counts from each first row to the next, for each component."""
    if not len(firsts):
        return np.zeros((0, log_counts.shape[1]))
    return np.stack([np.add.reduceat(values[column], firsts) for column in log_counts.T], axis=1)


def _pad(piece: bytes) -> bytes:
    return piece + b"\0" * (-len(piece) % _ALIGNMENT)
