"""The counter of a vocabulary: which of the counters reads it, and whether a faster encoder may serve."""

from __future__ import annotations

from hanpack.steps.fast_tokens import open_fast_counter
from hanpack.steps.json_tokens import JsonCounter
from hanpack.steps.tokens import Counter, TiktokenCounter, Vocabulary


def open_counter(vocabulary: Vocabulary, fast: bool = True) -> Counter:
    """Open the counter of a vocabulary.

    With ``fast`` a faster encoder takes tiktoken's place where one is installed and agrees with it; a proof
    counts without.

    Raises:
        UsageError: a ``tokenizer.json`` is damaged, or the package tokenizers is not installed.
    """
    if vocabulary.format == "json":
        return JsonCounter(vocabulary)
    return open_fast_counter(vocabulary) if fast else TiktokenCounter(vocabulary)
