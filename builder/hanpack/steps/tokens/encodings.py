"""The encodings of one vocabulary: of a few tokens for the first texts, of all tokens for many texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tiktoken

from hanpack.steps.tokens.ranks import PAIRS, Ranks, find_pairs

# The complete encoding is made after so many bytes of text, or so many encodings of a few tokens: making it
# costs about as much as encoding that text, or as making these.
_MOST_BYTES = 1_000_000
_MOST_PARTIAL = 6


class GrowingEncoding:
    """Encodings that give a text the tokens of a complete vocabulary, each made when a text needs it.

    A byte-pair encoder looks up substrings of the text only. So an encoding of those tokens that can be
    substrings of a text gives this text the same tokens as that of all tokens, and is made in a tenth of the
    time. ``make`` makes an encoding of some tokens with their ranks.
    """

    def __init__(self, ranks: Ranks, make: Callable[[dict[bytes, int]], tiktoken.Encoding]) -> None:
        self._ranks = ranks
        self._make = make
        self._complete: tiktoken.Encoding | None = None
        # The encoding for texts that have no other pairs of adjacent bytes than these.
        self._partial: tiktoken.Encoding | None = None
        self._pairs = np.zeros(PAIRS, np.bool_)
        self._text_bytes = self._partial_count = 0

    @property
    def complete(self) -> tiktoken.Encoding:
        """The encoding of all tokens."""
        if self._complete is None:
            self._complete = self._make(self._ranks.select_all())
            self._partial = None
        return self._complete

    def expect(self, size: int) -> None:
        """Make the complete encoding now if ``size`` bytes of text will need it."""
        if size > _MOST_BYTES:
            _ = self.complete

    def find(self, texts: Sequence[str]) -> tiktoken.Encoding:
        """An encoding that gives each of these texts its tokens."""
        if self._complete is not None:
            return self._complete
        data = replace_surrogates("\n".join(texts)).encode()
        self._text_bytes += len(data)
        pairs = find_pairs(data)
        if self._partial is None or (pairs & ~self._pairs).any():
            self._pairs |= pairs
            self._partial_count += 1
            if self._text_bytes > _MOST_BYTES or self._partial_count > _MOST_PARTIAL:
                return self.complete
            self._partial = self._make(self._ranks.select(self._pairs))
        return self._partial


def replace_surrogates(text: str) -> str:
    r"""The text as tiktoken reads it: pairs of surrogates joined, lone ones replaced by U+FFFD.

    >>> replace_surrogates("\ud83d\ude00 \ud83d") == "\U0001f600 \ufffd"
    True
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
