"""Splits a text at its sentences into chunks of at most 512 tokens: the loop that users write by hand.

The counts of the sentences are added, which is the cheapest way and seldom exact: tokens may cross sentence
ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

MOST_TOKENS = 512
_SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]?")


def split_text(text: str, encode: Callable[[str], Sequence[int]]) -> Iterator[tuple[str, int]]:
    """The chunks of a text and their tokens; a sentence that is too long is cut into equal pieces."""
    chunk: list[str] = []
    tokens = 0
    for sentence in filter(None, _SENTENCE.findall(text)):
        count = len(encode(sentence))
        for piece, size in _cut(sentence, count):
            if chunk and tokens + size > MOST_TOKENS:
                yield "".join(chunk), tokens
                chunk, tokens = [], 0
            chunk.append(piece)
            tokens += size
    if chunk:
        yield "".join(chunk), tokens


def _cut(sentence: str, count: int) -> Iterator[tuple[str, int]]:
    pieces = -(-count // MOST_TOKENS)
    length = -(-len(sentence) // pieces)
    for start in range(0, len(sentence), length):
        yield sentence[start : start + length], -(-count // pieces)
