"""The counter of a vocabulary: which of the counters reads it, and whether a faster encoder may serve."""

from __future__ import annotations

from hanpack.steps.tokens.counting import TiktokenCounter, TokenCounter, Vocabulary
from hanpack.steps.tokens.fast_tokens import open_fast_counter
from hanpack.steps.tokens.json_tokens import JsonCounter


def open_counter(vocabulary: Vocabulary, fast: bool = True) -> TokenCounter:
    """Open the counter of a vocabulary.

    With ``fast`` a faster encoder takes tiktoken's place where one is installed and agrees with it; a proof
    counts without.

    Raises:
        UsageError: a ``tokenizer.json`` is damaged, or the package tokenizers is not installed.
    """
    if vocabulary.format == "json":
        return JsonCounter(vocabulary)
    return open_fast_counter(vocabulary) if fast else TiktokenCounter(vocabulary)
