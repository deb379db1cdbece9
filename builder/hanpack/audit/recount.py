"""Chooses the texts whose tokens the reference tokenizer counts again, beside the replay's own count of all.

The replay counts every token by the encoder that the build used, which may be a faster one: that a count is
what this encoder gives is proven for every row. That the encoder agrees with the reference is proven for a
sample: every 32nd document, every 32nd chunk, and the chunks in which a character occurs for the first time.
Encoders differ where they take a character for one of another class; so both count a text with each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.lookups import look_up
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.steps.tokens.tokenized_text import TokenizedText
from hanpack.steps.traced import CodePoints

# One text in so many is counted again, whatever its characters are.
RECOUNT_EVERY = 32
_CODE_POINTS = 0x110000


class Recount:
    """Counts texts by the reference tokenizer: all, or with ``is_sample`` some.

    ``tokenizer`` is None if the vocabulary is not at hand: then none. ``number`` is how many were.
    """

    def __init__(self, tokenizer: TokenCounter | None, *, is_sample: bool) -> None:
        self.tokenizer = tokenizer
        self.number = 0
        self._is_sample = is_sample
        self._documents = self._chunks = 0
        self._has_occurred = np.zeros(_CODE_POINTS, np.bool_)

    def tokenize(self, texts: Sequence[str]) -> dict[int, TokenizedText]:
        """The tokens of those of the next documents that are counted again, by their index in ``texts``."""
        if self.tokenizer is None:
            return {}
        every = RECOUNT_EVERY if self._is_sample else 1
        chosen = range(-self._documents % every, len(texts), every)
        self._documents += len(texts)
        self.number += len(chosen)
        prepared = self.tokenizer.prepare_all([texts[index] for index in chosen])
        return dict(zip(chosen, prepared, strict=True))

    def tokenize_alone(self, text: str) -> TokenizedText | None:
        """The tokens of a document that is checked by itself."""
        if self.tokenizer is None:
            return None
        self.number += 1
        return self.tokenizer.prepare(text)

    def choose_chunks(self, codes: CodePoints, starts: Positions, ends: Positions) -> Flags:
        """Which of the next chunks, which are spans of ``codes`` in order, are counted again by themselves.

        >>> recount = Recount(None, is_sample=True)
        >>> codes, starts, ends = np.array([7, 7, 7, 8], np.uint32), np.array([0, 1, 2]), np.array([1, 2, 4])
        >>> recount.choose_chunks(codes, starts, ends).tolist()
        [True, False, True]
        """
        chosen = np.zeros(len(starts), np.bool_)
        if not self._is_sample:
            return chosen
        chosen[-self._chunks % RECOUNT_EVERY :: RECOUNT_EVERY] = True
        self._chunks += len(starts)
        for chunk in np.flatnonzero(chosen).tolist():
            self._has_occurred[codes[starts[chunk] : ends[chunk]]] = True
        places = np.flatnonzero(~look_up(self._has_occurred, codes))
        while len(places):
            chunk = max(int(np.searchsorted(starts, places[0], side="right")) - 1, 0)
            chosen[chunk] = True
            # What stands between the chunks is in none of them.
            self._has_occurred[codes[starts[chunk] : max(ends[chunk], places[0] + 1)]] = True
            places = places[~self._has_occurred[codes[places]]]
        self.number += int(np.count_nonzero(chosen))
        return chosen
