"""The n-grams of all components of a model in one table, as it is stored in the package.

The stored bytes are nearly those in memory, so that the table is unpacked in a tenth of a second, piece by
piece into its arrays. What the counts say of a context is computed when it, or one near it, is first needed.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ORDER = 4
# Ends an n-gram whose count is that of all continuations of its context that were pruned.
PRUNED = "\0"
Weights = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]
LastCodes = npt.NDArray[np.uint16]
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
# The numbers of components, bytes of the alphabet, n-grams, single characters among these, and n-grams up to
# the last that is a context.
_HEADER = struct.Struct("<IIIII")
_ALIGNMENT = 8
# So many bytes are decompressed at once, and so many n-grams unpacked.
_PIECE = 1 << 16


class ContextWeights:
    """What a count of 1 after a context adds to a probability, and the share left to the next lower order.

    Both are computed from the counts of the continuations, for a block of contexts when one is first needed.
    """

    def __init__(self, log_counts: LogCounts, lasts: LastCodes, pruned: int, starts: Rows) -> None:
        self._log_counts = log_counts
        self._lasts = lasts
        self._pruned = pruned
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
        is_pruned = self._lasts[starts[0] : starts[-1], None] == self._pruned
        unpruned = np.where(is_pruned, np.uint8(0), log_counts)
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
    lasts: LastCodes
    log_counts: LogCounts
    contexts: Codes
    starts: Rows
    weights: ContextWeights
    unigrams: Weights

    def find_after(self, contexts: Codes, codes: Codes) -> tuple[Codes, npt.NDArray[np.bool_]]:
        """The rows of contexts, each continued by a character, and whether there is such an n-gram.

        ``contexts`` are numbers of contexts, ``codes`` those of the characters; all shapes are (pairs,). They
        are searched in the continuations, because the keys of all n-grams take twice the memory of all else.
        """
        low, end = self.starts[contexts], self.starts[contexts + 1]
        high = end.copy()
        for _ in range(int((high - low).max(initial=0)).bit_length()):
            middle = (low + high) >> 1
            # A search that has ended is at its row, or at the first row after the continuations.
            is_open = low < high
            is_before = is_open & (self.lasts[np.minimum(middle, len(self.lasts) - 1)] < codes)
            low = np.where(is_before, middle + 1, low)
            high = np.where(is_open & ~is_before, middle, high)
        rows = np.minimum(low, len(self.lasts) - 1)
        return rows, (low < end) & (self.lasts[rows] == codes)

    def list_keys(self) -> Codes:
        """The keys of all n-grams; shape (n-grams,)."""
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
        numbers = {
            _make_key(gram, codes): number for gram, number in grams.items() if own_alphabet.issuperset(gram)
        }
        keys = np.array(sorted(numbers), np.int64)
        columns.append((keys, np.array([numbers[key] for key in keys.tolist()])))
    return pack_columns([weight for weight, _ in components], alphabet, columns)


def _make_key(gram: str, codes: Mapping[str, int]) -> int:
    key = 0
    for character in gram:
        key = key << CODE_BITS | codes[character]
    return key


def pack_columns(weights: Sequence[float], alphabet: str, columns: Sequence[tuple[Codes, Weights]]) -> bytes:
    """Serialise components, each given by the keys of its n-grams and their counts, which are 1 or more.

    The codes of the stored table number the characters by the n-grams that end with them, the most frequent
    first, so that the last characters of the continuations of a context are close to one another. Every
    context is an n-gram itself: it needs no more than the number of its continuations.
    """
    keys = np.unique(np.concatenate([_with_contexts(keys) for keys, _ in columns]))
    frequencies = np.bincount(keys & CODES - 1, minlength=len(alphabet) + 1)[1:]
    order = np.argsort(-frequencies, kind="stable")
    recode = np.zeros(len(alphabet) + 1, np.int64)
    recode[order + 1] = np.arange(1, len(alphabet) + 1)
    recoded = [(_recode(own_keys, recode), _to_steps(counts)) for own_keys, counts in columns]
    keys = np.sort(_recode(keys, recode))
    log_counts = np.zeros((len(columns), len(keys)), np.uint8)
    for column, (own_keys, steps) in zip(log_counts, recoded, strict=True):
        column[np.searchsorted(keys, own_keys)] = steps + 1
    single = int(np.searchsorted(keys, CODES))
    prefixes: Codes = keys[single:] >> CODE_BITS
    contexts, numbers = np.unique(prefixes, return_counts=True)
    places = np.searchsorted(keys, contexts)
    lengths = np.zeros(places[-1] + 1 if len(places) else 0, "<u2")
    lengths[places] = numbers
    lasts = (keys & CODES - 1).astype("<u2")
    letters = "".join(alphabet[place] for place in order.tolist()).encode()
    pieces = (
        _to_planes(np.diff(lasts, prepend=lasts.dtype.type(0))),
        log_counts.tobytes(),
        _to_planes(lengths),
        letters,
    )
    # Few bytes repeat in longer strings, so that runs and frequencies of single bytes compress best.
    compressor = zlib.compressobj(9, strategy=zlib.Z_RLE)
    body = compressor.compress(b"".join(map(_pad, pieces))) + compressor.flush()
    header = _HEADER.pack(len(columns), len(letters), len(keys), single, len(lengths))
    return header + struct.pack(f"<{len(weights)}d", *weights) + body


def _with_contexts(keys: Codes) -> Codes:
    """The keys of n-grams and of all that they continue."""
    prefixes = [keys >> CODE_BITS * size for size in range(ORDER)]
    joined: Codes = np.concatenate(prefixes)
    return joined[joined > 0]


def _recode(keys: Codes, recode: Codes) -> Codes:
    """The keys of the same n-grams with other codes; ``recode`` has the new code of each."""
    result = np.zeros_like(keys)
    for place in range(ORDER):
        result |= recode[keys >> CODE_BITS * place & CODES - 1] << CODE_BITS * place
    return result


def _to_steps(counts: Weights) -> LogCounts:
    steps = np.minimum(np.round(np.log(counts) * _STEPS_PER_E), _MOST_STEPS - 1)
    return steps.astype(np.uint8)


def _to_planes(numbers: npt.NDArray[np.uint16]) -> bytes:
    """The low bytes of all numbers, then the high bytes: so they compress better."""
    return np.ascontiguousarray(numbers.astype("<u2").view(np.uint8).reshape(-1, 2).T).tobytes()


def read_weights(data: bytes) -> tuple[float, ...]:
    """The weights of the components of a packed model."""
    number, *_ = _HEADER.unpack_from(data)
    return struct.unpack_from(f"<{number}d", data, _HEADER.size)


def unpack_table(data: bytes) -> NgramTable:
    """The table of a packed model."""
    number, letters, size, single, up_to_last_context = _HEADER.unpack_from(data)
    body = _Body(memoryview(data)[_HEADER.size + 8 * number :])
    lasts = body.read_planes(size)
    np.add.accumulate(lasts, out=lasts)
    log_counts = body.read(number * size).reshape(number, size).T
    lengths = body.read_planes(up_to_last_context)
    alphabet = body.read(letters).tobytes().decode()
    codes = {character: code for code, character in enumerate(alphabet, 1)}
    pruned = codes.pop(PRUNED)
    numbers = lengths[lengths > 0]
    starts = np.full(len(numbers) + 1, single, np.int32)
    np.add.accumulate(numbers, dtype=np.int32, out=starts[1:])
    starts[1:] += single
    return NgramTable(
        codes=codes,
        lasts=lasts,
        log_counts=log_counts,
        contexts=_find_contexts(lasts, lengths, starts, single),
        starts=starts,
        weights=ContextWeights(log_counts, lasts, pruned, starts),
        unigrams=_find_unigrams(lasts[:single], log_counts[:single], len(alphabet) + 1),
    )


class _Body:
    """The compressed pieces of a packed model, which are decompressed one after the other."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._decompressor = zlib.decompressobj()

    def read(self, size: int) -> npt.NDArray[np.uint8]:
        """The next piece, of so many bytes."""
        piece = np.empty(size, np.uint8)
        self._fill(piece)
        self._skip_padding(size)
        return piece

    def read_planes(self, count: int) -> LastCodes:
        """The next piece, of so many numbers: their low bytes, then the high bytes."""
        numbers = np.empty(count, "<u2")
        for plane in numbers.view(np.uint8).reshape(-1, 2).T:
            self._fill(plane)
        self._skip_padding(2 * count)
        return numbers.astype(np.uint16, copy=False)

    def _skip_padding(self, size: int) -> None:
        self._fill(np.empty(-size % _ALIGNMENT, np.uint8))

    def _fill(self, values: npt.NDArray[np.uint8]) -> None:
        """Decompress as many bytes as there are values."""
        filled = 0
        while filled < len(values):
            given = self._decompressor.unconsumed_tail
            if not given:
                given, self._data = bytes(self._data[:_PIECE]), self._data[_PIECE:]
            piece = self._decompressor.decompress(given, min(len(values) - filled, _PIECE))
            values[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
            filled += len(piece)


def _find_contexts(lasts: LastCodes, lengths: npt.NDArray[np.uint16], starts: Rows, single: int) -> Codes:
    """The keys of all contexts: of the n-grams with a length, which is the number of their continuations.

    The first ``single`` n-grams are characters; then come the continuations of each context, in order.
    """
    contexts = np.empty(len(starts) - 1, np.int64)
    found, first, end = 0, 0, single
    # Invariant: the contexts before the row ``first`` are found, and n-grams of one size end before ``end``.
    while first < end:
        for start in range(first, min(end, len(lengths)), _PIECE):
            rows = np.flatnonzero(lengths[start : min(start + _PIECE, end)]).astype(np.int32) + np.int32(
                start
            )
            keys = lasts[rows].astype(np.int64)
            if first:
                keys |= contexts[np.searchsorted(starts, rows, "right") - 1] << CODE_BITS
            contexts[found : found + len(rows)] = keys
            found += len(rows)
        first, end = end, int(starts[found])
    return contexts


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
