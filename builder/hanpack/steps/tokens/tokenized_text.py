"""Exact token counts of any part of a text, for the price of one pass of the tokenizer.

Token counts do not add up: joining two parts can change the count. A byte-pair tokenizer first cuts the
text into pieces with a pattern and merges bytes inside each piece only, so counts do add up at the
boundaries of pieces. Under the patterns in ``FORCED_BOUNDARY_PATTERNS`` of
:mod:`hanpack.steps.tokens.counting` two kinds of places are always such a boundary, whatever the text around
them ("forced boundaries"):

- between a letter and a following space or punctuation mark: a piece that has a letter continues with
  letters, combining marks or an apostrophe only, and no pattern looks behind;
- the start of a line that begins with neither white space nor a slash: a piece that has a line break
  continues with white space and slashes only, and ends at the last break of its run.

Invariant: between its first and its last forced boundary, a part of a text has the same pieces as the text.
Only the few characters before the first and after the last of them are encoded again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.alignment import Positions

TokenStarts = npt.NDArray[np.int32]

# Characters that are letters, or spaces and marks, in every version of Unicode. U+0027 is in neither set,
# because it may open a contraction.
LETTERS = "A-Za-zÀ-ÖØ-öø-ʯЀ-ѿぁ-ゖァ-ヺ㐀-䶿一-鿿가-힣𠀀-𪛖"
SPACES_AND_MARKS = " !-&(-/:-@\\[-`{-~\\t\\r\\n‐-‧‰-⁞、-〃〈-【】〔-〛！-／：-＠［-｀｛-･　"
_NEXT_BOUNDARY = compile_lazily(f"[{LETTERS}](?=[{SPACES_AND_MARKS}])")
_LAST_BOUNDARY = compile_lazily(f"(?s:.*)[{LETTERS}](?=[{SPACES_AND_MARKS}])")
# How many characters before the end of a part are searched first for its last forced boundary.
_LOOK_BACK = 48


def cut_at_boundaries(text: str, size: int) -> Iterator[str]:
    """Cut a text into pieces of at least ``size`` characters, each but the last up to a forced boundary.

    >>> list(cut_at_boundaries("报告。工作，完成。", 3))
    ['报告。工作', '，完成。']
    """
    start = 0
    while start < len(text):
        boundary = _NEXT_BOUNDARY.search(text, start + size)
        end = boundary.end() if boundary else len(text)
        yield text[start:end]
        start = end


class TokenizedText(Protocol):
    """A text that has been encoded once; positions are in characters."""

    @property
    def token_count(self) -> int:
        """The exact number of tokens of the text."""

    def count(self, start: int, end: int) -> int:
        """The exact number of tokens of ``text[start:end]`` when it is encoded by itself."""

    def estimate_before(self, positions: Positions) -> Positions:
        """About how many tokens of the text come before each position; non-decreasing, same shape."""

    def estimate_reach(self, start: int, tokens: int) -> int:
        """About the position where ``text[start:position]`` has that many tokens, which may be negative."""


class RecountedText:
    """Counts a part by encoding it: for tokenizers whose pattern may have no forced boundaries.

    ``token_starts`` has the shape (tokens + 1,): the number of characters that begin before each token of
    the text, and last the text's length, all counted from the first of them. If a token begins with a
    complete character, this is the token's position. ``count_text`` gives the exact number of tokens of a
    string.
    """

    def __init__(self, text: str, count_text: Callable[[str], int], token_starts: TokenStarts) -> None:
        self._text = text
        self._count_text = count_text
        self._counted_starts = token_starts

    @cached_property
    def _token_starts(self) -> TokenStarts:
        # A text of one chunk does not need them; those of the first text of a batch are positions already.
        first = int(self._counted_starts[0])
        starts: TokenStarts = self._counted_starts - first if first else self._counted_starts
        return starts

    @property
    def token_count(self) -> int:
        """The exact number of tokens of the text."""
        return self._count_text(self._text)

    def count(self, start: int, end: int) -> int:
        """The exact number of tokens of ``text[start:end]`` when it is encoded by itself."""
        return self._count_text(self._text[start:end])

    def estimate_before(self, positions: Positions) -> Positions:
        """About how many tokens of the text come before each position; non-decreasing, same shape."""
        return self._find_tokens(positions)

    def estimate_reach(self, start: int, tokens: int) -> int:
        """About the position where ``text[start:position]`` has that many tokens, which may be negative."""
        last = len(self._token_starts) - 1
        token = int(self._find_tokens(np.int32(start))) + tokens
        return len(self._text) if token >= last else int(self._token_starts[token])

    def _find_tokens(self, positions: Positions | np.int32) -> Positions:
        """The index of the last token that starts at each position or before it."""
        # For values of another type numpy converts all starts first, on each call.
        tokens: Positions = self._token_starts.searchsorted(positions.astype(np.int32), "right") - 1
        return tokens


class PiecewiseText(RecountedText):
    """Counts a part from the text's tokens between the part's first and last forced boundary."""

    def __init__(self, text: str, count_text: Callable[[str], int], token_starts: TokenStarts) -> None:
        super().__init__(text, count_text, token_starts)
        # The starts and ends of chunks are looked up several times.
        self._tokens_up_to: dict[int, int] = {}

    @cached_property
    def _view(self) -> memoryview:
        # A binary search for a single number is faster in a memoryview than through a call of numpy.
        return self._token_starts.data

    @property
    def token_count(self) -> int:
        """The exact number of tokens of the text."""
        return len(self._counted_starts) - 1

    def estimate_reach(self, start: int, tokens: int) -> int:
        """About the position where ``text[start:position]`` has that many tokens, which may be negative."""
        token = self._count_starts(start) - 1 + tokens
        return self._view[token] if token < len(self._view) else len(self._text)

    def _count_starts(self, position: int) -> int:
        """How many tokens begin at the position or before it."""
        count = self._tokens_up_to.get(position)
        if count is None:
            count = self._tokens_up_to[position] = bisect_right(self._view, position)
        return count

    def count(self, start: int, end: int) -> int:
        """The exact number of tokens of ``text[start:end]`` when it is encoded by itself."""
        if start >= end:
            return 0
        text = self._text
        first = self._first_boundary(start, end)
        last = self._last_boundary(start, end)
        if first is None or last is None or first > last:
            return self._count_text(text[start:end])
        # A token begins at each forced boundary, so the difference is the number of tokens between the two.
        tokens = self._count_starts(last) - self._count_starts(first)
        if start < first:
            tokens += self._count_text(text[start:first])
        if last < end:
            tokens += self._count_text(text[last:end])
        return tokens

    def _first_boundary(self, start: int, end: int) -> int | None:
        if start == 0 or self._begins_line(start):
            return start
        # The search includes the character before the start: the start itself may be a boundary.
        boundary = _NEXT_BOUNDARY.search(self._text, start - 1, end)
        return boundary.end() if boundary else None

    def _last_boundary(self, start: int, end: int) -> int | None:
        if end == len(self._text) or self._begins_line(end):
            return end
        # The search includes the character after the end: the end itself may be a boundary.
        low, reach = end, _LOOK_BACK
        while low > start:
            low = max(start, end - reach)
            boundary = _LAST_BOUNDARY.match(self._text, low, end + 1)
            if boundary:
                return boundary.end()
            reach *= 8
        return None

    def _begins_line(self, position: int) -> bool:
        text = self._text
        return text[position - 1] in "\r\n" and text[position] != "/" and not text[position].isspace()
