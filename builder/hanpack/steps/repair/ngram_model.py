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
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hanpack.steps.repair.ngram_table import (
    CODE_BITS,
    DISCOUNTED_VALUES,
    ORDER,
    Codes,
    NgramTable,
    Weights,
    read_weights,
    unpack_table,
)

SIZES = range(1, ORDER + 1)
LINE_END = "\n"
# The character that replaces a run of ASCII letters, digits, dots and percent signs in the model's texts.
PLACEHOLDER = "0"
_DISCOUNTED = tuple(DISCOUNTED_VALUES.tolist())
# From this many continuations on it is faster to filter out those that are not scored.
_FILTER_FROM = 64


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
    """A model from the bytes of ``ngram_table.pack_model``, unpacked at its first use: most texts need none.

    Its texts are in Simplified characters with ``PLACEHOLDER`` for each run of letters, digits, dots and
    percent signs (:func:`hanpack.steps.repair.forms.to_model_text`).

    >>> from hanpack.steps.repair.ngram_table import pack_model
    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["高质量发展", "高水平开放"]))]))
    >>> model.probability("高质", "量") > model.probability("高水", "量") > 0
    True
    >>> model.log_likelihood("高质量") > model.log_likelihood("量质高")
    True
    """

    def __init__(self, packed: bytes) -> None:
        self.packed = packed

    @cached_property
    def table(self) -> NgramTable:
        """The n-grams with their counts in each component."""
        return unpack_table(self.packed)

    @property
    def is_unpacked(self) -> bool:
        """Whether the n-grams are in memory."""
        return "table" in self.__dict__

    def forget_table(self) -> None:
        """Let go of the n-grams, which take 34 to 52 MB; at the next use they are unpacked again, in 0.3 s.

        >>> from hanpack.steps.repair.ngram_table import pack_model
        >>> model = NgramModel(pack_model([(1.0, count_ngrams(["高质量发展"]))]))
        >>> probability = model.probability("高质", "量")
        >>> model.forget_table()
        >>> model.is_unpacked, model.probability("高质", "量") == probability
        (False, True)
        """
        self.__dict__.pop("table", None)

    @cached_property
    def component_weights(self) -> tuple[float, ...]:
        """The weight of each component in the mixture; they add up to 1."""
        return read_weights(self.packed)

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
        count_weights, backoff = table.weights.find(row)
        weights = [tuple(map(float.__mul__, level, backoff)) for level in shorter.weights]
        added = tuple(map(float.__mul__, self.component_weights, count_weights))
        start, end = table.starts.data[row], table.starts.data[row + 1]
        return ContextState(key, (*weights, added), (*shorter.starts, start), (*shorter.ends, end))

    def state_probability(self, state: ContextState, character: str) -> float:
        """The probability of a character after a context; above 0 for every character."""
        table = self.table
        code = table.codes.get(character, 0)
        probability = math.fsum(map(float.__mul__, table.unigrams[code].tolist(), state.weights[0]))
        if not code:
            return probability
        lasts = table.lasts.data
        for level, start in enumerate(state.starts):
            end = state.ends[level]
            row = bisect_left(lasts, code, start, end)
            if row < end and lasts[row] == code:
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
            indices = characters.index_by_code[table.lasts[start:end]]
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
