"""Exact token counts, token by token the same as the tokenizer's own, and the packing of training sequences.

``open_counter`` opens the counter of a vocabulary.
"""

from hanpack.steps.tokens.counters import open_counter

__all__ = ["open_counter"]
