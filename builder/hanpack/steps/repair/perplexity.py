"""How surprising texts are to the n-gram model: their perplexity, computed for all characters at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from hanpack.steps.repair.forms import to_model_text
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.repair.ngram_table import CODE_BITS, DISCOUNTED_VALUES, ORDER, Codes, Weights

# The perplexity of a longer text is that of so many characters at its beginning.
LONGEST_SAMPLE = 2000
# So many characters are computed together: more are no faster, and take memory.
_TOGETHER = 1 << 13


def measure_perplexity(ngram_model: NgramModel, text: str) -> float:
    """The perplexity per character of a text, or of its first 2,000 characters; 0 for an empty text.

    The text is compared in Simplified characters, and each run of letters and digits counts as one character.
    The lower it is, the more the text reads like the official, legal and general prose the model was made of.

    >>> from hanpack.steps.repair.ngram_model import NgramModel, count_ngrams
    >>> from hanpack.steps.repair.ngram_table import pack_model
    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["高质量发展", "高水平开放"]))]))
    >>> measure_perplexity(model, "高质量发展") < measure_perplexity(model, "展发量质高")
    True
    """
    prepared = to_model_text(text[:LONGEST_SAMPLE])
    if not prepared:
        return 0.0
    mean = float(np.log(measure_probabilities(ngram_model, prepared)).mean())
    return round(math.exp(-mean), 2)


def measure_likelihoods(ngram_model: NgramModel, texts: Sequence[str]) -> list[float]:
    """How likely each of many short texts is, whatever its script and its numbers (natural logarithms).

    It is :meth:`NgramModel.log_likelihood` of the texts as the model counts them, up to rounding.

    >>> from hanpack.steps.repair.ngram_model import NgramModel, count_ngrams
    >>> from hanpack.steps.repair.ngram_table import pack_model
    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["高质量发展", "高水平开放"]))]))
    >>> likely, empty, unlikely = measure_likelihoods(model, ["高質量", "", "量质高"])
    >>> likely > unlikely, empty
    (True, 0.0)
    """
    likelihoods: list[float] = []
    for group in _group(list(map(to_model_text, texts))):
        starts = np.cumsum([0, *map(len, group)])
        logarithms = np.log(measure_probabilities(ngram_model, "".join(group), starts[:-1].tolist()))
        totals = np.concatenate(([0.0], np.cumsum(logarithms)))[starts]
        likelihoods += np.diff(totals).tolist()
    return likelihoods


def _group(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in groups of at most so many characters, or of one text."""
    first = size = 0
    for index, text in enumerate(texts):
        if size and size + len(text) > _TOGETHER:
            yield texts[first:index]
            first, size = index, 0
        size += len(text)
    yield texts[first:]


def measure_probabilities(ngram_model: NgramModel, text: str, starts: Sequence[int] = (0,)) -> Weights:
    """The probability of each character of a prepared text after those before it; shape (characters,).

    ``starts`` are where texts begin that were joined, in order: nothing is before the first character of
    each. It is :meth:`NgramModel.probability` for each character, up to rounding. Invariant of the loop:
    ``shares`` are the weights of the unigrams and of each shorter context, and ``keys`` those contexts, for
    the characters in ``alive``, whose context of this size the table contains.
    """
    table = ngram_model.table
    codes_by_character = {character: table.codes.get(character, 0) for character in set(text)}
    codes = np.array([codes_by_character[character] for character in text], np.int64)
    components = np.array(ngram_model.component_weights)
    shares = [np.tile(components, (len(codes), 1))]
    keys = np.zeros(len(codes), np.int64)
    alive = np.arange(len(codes))
    first = np.array(starts, np.int64)
    # How many characters are before each in its own text.
    places = alive - np.repeat(first, np.diff([*first, len(codes)]))
    contexts: list[tuple[Codes, Codes]] = []
    for size in range(1, ORDER):
        alive = alive[places[alive] >= size]
        before = codes[alive - size]
        extended = before << CODE_BITS * (size - 1) | keys[alive]
        rows = np.minimum(np.searchsorted(table.contexts, extended), len(table.contexts) - 1)
        is_known = (before > 0) & (table.contexts[rows] == extended)
        alive, rows = alive[is_known], rows[is_known]
        keys[alive] = extended[is_known]
        count_weights, backoff_weights = table.weights.find_all(rows)
        for level in shares:
            level[alive] *= backoff_weights
        added = np.zeros((len(codes), len(components)))
        added[alive] = components * count_weights
        shares.append(added)
        contexts.append((alive, rows))
    probabilities: Weights = np.einsum("ij,ij->i", table.unigrams[codes], shares[0])
    for level, (followed, context_rows) in zip(shares[1:], contexts, strict=True):
        rows, is_known = table.find_after(context_rows, codes[followed])
        is_known &= codes[followed] > 0
        known_places, known_rows = followed[is_known], rows[is_known]
        discounted = DISCOUNTED_VALUES[table.log_counts[known_rows]]
        probabilities[known_places] += np.einsum("ij,ij->i", discounted, level[known_places])
    return probabilities
