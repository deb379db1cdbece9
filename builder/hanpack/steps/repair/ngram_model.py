"""How likely a character is after others: an interpolated n-gram model over Simplified characters.

Each component takes a discount off every count and passes it, with the counts that were pruned from the
model, to the next lower order, where an n-gram counts once for each different character seen before it
(interpolated Kneser-Ney smoothing: R. Kneser and H. Ney, "Improved backing-off for m-gram language modeling",
1995). The components are mixed with fixed weights, so that a word list does not dilute the statistics of
running text. In memory all components share one sorted array of n-grams, so that the continuations of a
context are one slice of it, the same for all components.
"""

from __future__ import annotations

import math
import struct
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

ORDER = 4
SIZES = range(1, ORDER + 1)
LINE_END = "\n"
# The character that replaces a run of ASCII letters, digits, dots and percent signs in the model's texts.
PLACEHOLDER = "0"
# Ends an n-gram whose count is that of all continuations of its context that were pruned.
PRUNED = "\0"
Weights = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
# Bits of a character's code: in the packed bytes of a component, and in memory, where the alphabet is that of
# all components together.
_PACKED_BITS = 14
CODE_BITS = 15
_CODES = 1 << CODE_BITS
# Counts are stored as rounded logarithms, 16 steps to a factor of e, in one byte.
_STEPS_PER_E = 16
_COUNTS = tuple(math.exp(step / _STEPS_PER_E) for step in range(256))
_DISCOUNT = 0.75
# Added to the sum of the counts after a context, so that a character never seen there keeps some probability.
_CONTEXT_ADDEND = 0.5
# The counts by the entries of ``NgramTable.log_counts``: 0 for never seen, n for the count of step n - 1.
_COUNT_VALUES = np.array([0.0, *_COUNTS[:255]])
DISCOUNTED_VALUES = np.maximum(_COUNT_VALUES - _DISCOUNT, 0.0)
_DISCOUNTED = tuple(DISCOUNTED_VALUES.tolist())
# Additive smoothing of the unigrams: the addend of each character, and of their sum.
_UNIGRAM_ADDEND = 0.02
_UNIGRAM_SUM_ADDEND = 200.0
# From this many continuations on it is faster to filter out those that are not scored.
_FILTER_FROM = 64


@dataclass(frozen=True, slots=True, eq=False)
class NgramTable:
    """The n-grams of all components, sorted.

    Attributes:
        codes: the code of each character, from 1 on; 0 is for a character that no component contains.
        keys: shape (n-grams,); a key packs the codes of an n-gram, 15 bits each, the first character highest.
        log_counts: shape (n-grams, components); 0 for never seen, else one more than the step of the count.
        contexts: shape (contexts,), sorted; the keys of the n-grams that longer ones continue.
        starts: shape (contexts + 1,); the continuations of context n are the rows ``starts[n]`` to
            ``starts[n + 1]`` of ``keys``.
        count_weights: shape (contexts, components); what a count of 1 after a context adds to a probability.
        backoff_weights: shape (contexts, components); the share that is left to the next lower order.
        unigrams: shape (codes, components); the probability of each code without context.
    """

    codes: Mapping[str, int]
    keys: Codes
    log_counts: npt.NDArray[np.uint8]
    contexts: Codes
    starts: Codes
    count_weights: npt.NDArray[np.float32]
    backoff_weights: npt.NDArray[np.float32]
    unigrams: Weights


@dataclass(frozen=True, slots=True, eq=False)
class ContextState:
    """What the model needs of a context: the continuations of each of its suffixes, and their weights.

    Attributes:
        key: the key of the context, -1 if the table does not contain it.
        weights: a number for each component, first for unigrams, then for each suffix in the table.
        starts: the first row of the continuations of each of these suffixes, the shortest first.
        ends: the row after the last of each.
    """

    key: int
    weights: tuple[tuple[float, ...], ...]
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CharacterSet:
    """Characters that are scored together.

    Attributes:
        codes: shape (characters,); their codes, without repetition.
        index_by_code: shape (codes of the table,); the index of each code in ``codes``, or ``len(codes)`` for
            a code that is not in the set.
        unigrams: shape (characters, components); their unigram probabilities.
    """

    codes: Codes
    index_by_code: Codes
    unigrams: Weights


class NgramModel:
    """A model from the bytes of :func:`pack_model`, unpacked at its first use, because most texts need none.

    Its texts are in Simplified characters with ``PLACEHOLDER`` for each run of letters, digits, dots and
    percent signs (:func:`hanpack.steps.repair.forms.to_model_text`).

    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["高质量发展", "高水平开放"]))]))
    >>> model.probability("高质", "量") > model.probability("高水", "量") > 0
    True
    >>> model.log_likelihood("高质量") > model.log_likelihood("量质高")
    True
    """

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    @cached_property
    def table(self) -> NgramTable:
        """The n-grams with their counts in each component."""
        return _merge_components([_unpack_component(body) for _, body in _split_components(self._packed)])

    @cached_property
    def component_weights(self) -> tuple[float, ...]:
        """The weight of each component in the mixture; they add up to 1."""
        return tuple(weight for weight, _ in _split_components(self._packed))

    def context_state(self, context: str) -> ContextState:
        """The state of a context of any length; only its last ``ORDER`` - 1 characters count."""
        state = self.empty_context()
        for size in range(1, ORDER):
            if size > len(context):
                break
            state = self.extend_context(state, context[-size:])
        return state

    def empty_context(self) -> ContextState:
        """The state if nothing is known of what comes before."""
        return ContextState(0, (self.component_weights,))

    def extend_context(self, shorter: ContextState, context: str) -> ContextState:
        """The state of a context, from that of the context without its first character."""
        table = self.table
        code = table.codes.get(context[0], 0)
        unseen = ContextState(-1, shorter.weights, shorter.starts, shorter.ends)
        if shorter.key < 0 or not code:
            return unseen
        key = code << CODE_BITS * (len(context) - 1) | shorter.key
        contexts = table.contexts.data
        row = bisect_left(contexts, key)
        if row == len(contexts) or contexts[row] != key:
            return unseen
        backoff = table.backoff_weights[row].tolist()
        weights = [tuple(map(float.__mul__, level, backoff)) for level in shorter.weights]
        added = tuple(map(float.__mul__, self.component_weights, table.count_weights[row].tolist()))
        start, end = table.starts.data[row], table.starts.data[row + 1]
        return ContextState(key, (*weights, added), (*shorter.starts, start), (*shorter.ends, end))

    def state_probability(self, state: ContextState, character: str) -> float:
        """The probability of a character after a context; above 0 for every character."""
        table = self.table
        code = table.codes.get(character, 0)
        probability = math.fsum(map(float.__mul__, table.unigrams[code].tolist(), state.weights[0]))
        if not code:
            return probability
        keys = table.keys.data
        for level, start in enumerate(state.starts):
            end = state.ends[level]
            key = (int(keys[start]) >> CODE_BITS) << CODE_BITS | code
            row = bisect_left(keys, key, start, end)
            if row < end and keys[row] == key:
                for log_count, weight in zip(
                    table.log_counts[row].tolist(), state.weights[level + 1], strict=True
                ):
                    probability += _DISCOUNTED[log_count] * weight
        return probability

    def character_set(self, characters: Sequence[str]) -> CharacterSet:
        """Prepare characters, without repetition, for :meth:`state_probabilities`."""
        codes = np.array([self.table.codes.get(character, 0) for character in characters], dtype=np.int64)
        index_by_code = np.full(len(self.table.unigrams), len(codes), dtype=np.int64)
        index_by_code[codes] = np.arange(len(codes))
        index_by_code[0] = len(codes)
        return CharacterSet(codes, index_by_code, self.table.unigrams[codes])

    def state_probabilities(self, state: ContextState, characters: CharacterSet) -> Weights:
        """The probability of each character of a set: :meth:`state_probability` for many at once."""
        number = len(characters.codes)
        # One entry more than there are characters collects the continuations that are not scored.
        probabilities = np.zeros(number + 1)
        probabilities[:-1] = characters.unigrams @ np.array(state.weights[0])
        table = self.table
        for level, (start, end) in enumerate(zip(state.starts, state.ends, strict=True), 1):
            indices = characters.index_by_code[table.keys[start:end] & (_CODES - 1)]
            log_counts = table.log_counts[start:end]
            if end - start > _FILTER_FROM:
                scored = np.flatnonzero(indices < number)
                indices, log_counts = indices[scored], log_counts[scored]
            probabilities[indices] += DISCOUNTED_VALUES[log_counts] @ np.array(state.weights[level])
        return probabilities[:-1]

    def probability(self, context: str, character: str) -> float:
        """The probability of a character after a context of any length; above 0 for every character."""
        return self.state_probability(self.context_state(context), character)

    def log_likelihood(self, text: str) -> float:
        """The natural logarithm of the probability of a prepared text that begins in the middle of a line."""
        return sum(
            math.log(self.probability(text[max(0, position - ORDER + 1) : position], character))
            for position, character in enumerate(text)
        )


def count_ngrams(lines: Iterable[str]) -> Counter[str]:
    """Count the n-grams of prepared lines, with a line end before and after each.

    Those of the highest order count as often as they occur, shorter ones once for each different character
    seen before them.

    >>> count_ngrams(["的一的"])["的"], count_ngrams(["的一的"])["一"]
    (2, 1)
    """
    text = "".join(f"{LINE_END}{line}" for line in lines) + LINE_END
    grams = {
        size: [text[start : start + size] for start in range(len(text) - size + 1)] for size in SIZES[1:]
    }
    counts = Counter(grams[ORDER])
    for size in SIZES[1:]:
        counts.update(gram[1:] for gram in set(grams[size]))
    return counts


def pack_model(components: Sequence[tuple[float, Mapping[str, float]]]) -> bytes:
    """Serialise the components of a model, each a weight and the counts of n-grams.

    Counts below 1 are left out, others are rounded to 3 %.

    Raises:
        ValueError: a component has more different characters than a code can number.
    """
    pieces = [struct.pack("<I", len(components))]
    for weight, counts in components:
        body = _pack_component(counts)
        pieces.append(struct.pack("<dI", weight, len(body)) + body)
    return b"".join(pieces)


def _split_components(data: bytes) -> Iterator[tuple[float, bytes]]:
    """The weight and the bytes of each component of a packed model."""
    (number,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(number):
        weight, size = struct.unpack_from("<dI", data, position)
        yield weight, data[position + 12 : position + 12 + size]
        position += 12 + size


def _pack_component(counts: Mapping[str, float]) -> bytes:
    kept = {gram: number for gram, number in counts.items() if number >= 1}
    alphabet = "".join(sorted({PRUNED, *(gram for gram in kept if len(gram) == 1)}))
    if len(alphabet) >= 1 << _PACKED_BITS:
        raise ValueError(f"{len(alphabet)} different characters are more than a model can hold")
    codes = {character: code for code, character in enumerate(alphabet, 1)}
    table: dict[int, int] = {}
    for gram, number in kept.items():
        if not all(character in codes for character in gram):
            continue
        key = 0
        for character in gram:
            key = key << _PACKED_BITS | codes[character]
        table[key] = min(255, round(math.log(number) * _STEPS_PER_E))
    keys = np.array(sorted(table), dtype=np.uint64)
    log_counts = bytes(table[key] for key in keys.tolist())
    # Differences, with the bytes of equal significance side by side, compress to a quarter.
    differences = np.diff(keys, prepend=np.uint64(0)).astype("<u8")
    planes = differences.view(np.uint8).reshape(-1, 8).T.tobytes()
    letters = alphabet.encode()
    return zlib.compress(struct.pack("<II", len(letters), len(keys)) + letters + planes + log_counts, 9)


def _unpack_component(data: bytes) -> tuple[str, Codes, npt.NDArray[np.uint8]]:
    """The alphabet of a component, the keys of its n-grams and their logarithmic counts."""
    raw = zlib.decompress(data)
    letters, size = struct.unpack_from("<II", raw)
    alphabet = raw[8 : 8 + letters].decode()
    planes = np.frombuffer(raw, dtype=np.uint8, count=8 * size, offset=8 + letters).reshape(8, size)
    keys = np.cumsum(np.ascontiguousarray(planes.T).view("<u8").ravel(), dtype=np.uint64).view(np.int64)
    return alphabet, keys, np.frombuffer(raw, dtype=np.uint8, offset=8 + letters + 8 * size)


def _merge_components(components: Sequence[tuple[str, Codes, npt.NDArray[np.uint8]]]) -> NgramTable:
    """Bring the components to one alphabet and one sorted array of n-grams."""
    alphabet = sorted(set().union(*(letters for letters, _, _ in components)))
    if len(alphabet) >= _CODES:
        raise ValueError(f"{len(alphabet)} different characters are more than a model can hold")
    codes = {character: code for code, character in enumerate(alphabet, 1)}
    component_keys = []
    for letters, packed_keys, _ in components:
        new_codes = np.array([0, *(codes[letter] for letter in letters)], dtype=np.int64)
        widened = np.zeros_like(packed_keys)
        for place in range(ORDER):
            packed_codes = packed_keys >> _PACKED_BITS * place & ((1 << _PACKED_BITS) - 1)
            widened |= new_codes[packed_codes] << CODE_BITS * place
        component_keys.append(widened)
    # A stable sort merges what is in order already.
    keys = np.sort(np.concatenate(component_keys), kind="stable")
    keys = keys[np.diff(keys, prepend=-1) > 0]
    log_counts = np.zeros((len(keys), len(components)), dtype=np.uint8)
    unigrams = np.zeros((len(alphabet) + 1, len(components)))
    for column, (own_keys, (_, _, steps)) in enumerate(zip(component_keys, components, strict=True)):
        log_counts[np.searchsorted(keys, own_keys), column] = np.minimum(steps, 254) + 1
        single = int(np.searchsorted(own_keys, _CODES))
        counts = _COUNT_VALUES[np.minimum(steps[:single], 254).astype(np.int64) + 1]
        unigrams[own_keys[:single], column] = counts
        unigrams[:, column] = (unigrams[:, column] + _UNIGRAM_ADDEND) / (
            unigrams[:, column].sum() + _UNIGRAM_SUM_ADDEND
        )
    single = int(np.searchsorted(keys, _CODES))
    prefixes = keys[single:] >> CODE_BITS
    firsts = np.flatnonzero(np.diff(prefixes, prepend=-1))
    contexts = prefixes[firsts]
    totals = _sum_by_context(_COUNT_VALUES, log_counts[single:], firsts) + _CONTEXT_ADDEND
    log_counts[keys & (_CODES - 1) == codes.pop(PRUNED)] = 0
    discounted = _sum_by_context(DISCOUNTED_VALUES, log_counts[single:], firsts)
    return NgramTable(
        codes=codes,
        keys=keys,
        log_counts=log_counts,
        contexts=contexts,
        starts=np.append(firsts, len(prefixes)) + single,
        count_weights=(1 / totals).astype(np.float32),
        backoff_weights=((totals - discounted) / totals).astype(np.float32),
        unigrams=unigrams,
    )


def _sum_by_context(values: Weights, log_counts: npt.NDArray[np.uint8], firsts: Codes) -> Weights:
    """The sum of the values of logarithmic counts from each first row to the next, for each component."""
    if not len(firsts):
        return np.zeros((0, log_counts.shape[1]))
    # Component by component: values for all at once would take twice the memory of the table.
    return np.stack([np.add.reduceat(values[column], firsts) for column in log_counts.T], axis=1)
