"""Exact token counts of any part of a text, for the price of one pass of the tokenizer.

Token counts do not add up: joining two parts can change the count. A byte-pair tokenizer first cuts the
text into pieces with a pattern and merges inside each piece only, so counts do add up at piece boundaries.
Under the patterns in ``FORCED`` every place between a letter and a space or a mark is such a boundary,
whatever stands around it: a piece with a letter in it goes on with letters, combining marks or an apostrophe
only, and no pattern looks behind. So is the start of every line that begins with no blank and no slash: a
piece with a line break in it goes on with blanks and slashes only, and ends at the last break of its run.
Between two such places a part has the pieces of the whole document; only what lies before the first and after
the last of them is counted anew, a few characters each.
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt
import tiktoken

from hanpack.errors import UsageError
from hanpack.steps.alignment import Positions

O200K_PATTERN = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
CL100K_PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$"
    r"|\s*[\r\n]|\s+(?!\S)|\s"
)
LLAMA3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
QWEN_PATTERN = LLAMA3_PATTERN.replace(r"\p{N}{1,3}", r"\p{N}")
FORCED = frozenset((O200K_PATTERN, CL100K_PATTERN, LLAMA3_PATTERN, QWEN_PATTERN))

Totals = npt.NDArray[np.int32]
Encode = Callable[[str], npt.NDArray[np.integer]]

# Characters whose class no version of Unicode disputes; U+0027 may open a contraction and is neither.
_LETTERS = "A-Za-zÀ-ÖØ-öø-ʯЀ-ѿぁ-ゖァ-ヺ㐀-䶿一-鿿가-힣𠀀-𪛖"
_OTHERS = " !-&(-/:-@\\[-`{-~\\t\\r\\n‐-‧‰-⁞、-〃〈-【】〔-〛！-／：-＠［-｀｛-･　"
_NEXT = re.compile(f"[{_LETTERS}](?=[{_OTHERS}])")
_LAST = re.compile(f"(?s:.*)[{_LETTERS}](?=[{_OTHERS}])")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK = re.compile(r"\s*")
_LOOK_BACK = 48
# Parts up to this many characters are counted by tiktoken, which has the least cost a call.
_SHORT = 2_000
# The marks and numbers at the ends of chunks are nearly always the same few.
_SHORTEST, _REMEMBERED = 8, 4_096
# The pattern engine of tiktoken gives up on about a million spaces in a row (a panic, not an exception).
_LONGEST_BLANK = 400_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer as data: the bytes of its ranks file and what the file does not say.

    ``sha256`` is that of ``ranks_file``, in hexadecimal. ``format`` is ``tiktoken`` (base64 token and rank,
    one a line) or ``json`` (a ``tokenizer.json``, which holds its own pattern and special tokens).
    """

    name: str
    pattern: str
    ranks_file: bytes = field(repr=False)
    sha256: str
    special_tokens: Mapping[str, int] = field(default_factory=dict)
    format: str = "tiktoken"


class TokenizedText(Protocol):
    """A text whose tokens have been counted once."""

    @property
    def token_count(self) -> int:
        """The exact number of tokens of the whole text."""

    def count(self, start: int, end: int) -> int:
        """The exact number of tokens of ``text[start:end]`` when it is encoded alone."""

    def before(self, positions: Positions) -> Positions:
        """About how many tokens of the whole stand before each position; non-decreasing."""

    def reach(self, start: int, tokens: int) -> int:
        """About where the text from ``start`` on has had so many tokens (a character position)."""


class TokenCounter(Protocol):
    """Counts tokens as one named tokenizer does."""

    @property
    def name(self) -> str:
        """The tokenizer's name."""

    def count(self, text: str) -> int:
        """The number of tokens of a text."""

    def prepare(self, text: str) -> TokenizedText:
        """Count a text once, so that its parts can be counted for nearly nothing."""

    def encode(self, text: str) -> npt.NDArray[np.integer]:
        """The token ids of a text, special tokens read as ordinary text; shape (tokens,)."""


class TiktokenCounter:
    """Counts as ``tiktoken.Encoding.encode_ordinary`` does, built from a vocabulary without the network.

    ``with_encoder`` puts a faster encoder of the same vocabulary in tiktoken's place; see
    ``hanpack.steps.tokens.fast_tokens``, which checks it first.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.name = vocabulary.name
        ranks = parse_ranks(vocabulary)
        self.encoding = build_encoding(vocabulary, ranks)
        self._encode: Encode = self._reference
        encode_ordinary = self.encoding.encode_ordinary
        self._count_shortest = lru_cache(_REMEMBERED)(lambda text: len(encode_ordinary(text)))
        self._forced = vocabulary.pattern in FORCED
        self._pattern = vocabulary.pattern
        self._starts = count_characters_started(ranks)

    def with_encoder(self, encode: Encode) -> TiktokenCounter:
        """The same counter with another encoder, which must give tiktoken's own tokens."""
        faster = copy(self)
        faster._encode = encode
        return faster

    def encode(self, text: str) -> npt.NDArray[np.integer]:
        """The token ids of a text, special tokens read as ordinary text; shape (tokens,)."""
        if _longest_blank_exceeds(text, _LONGEST_BLANK):
            return _encode_by_pieces(self.encoding, self._pattern, text)
        return self._encode(text if _is_encodable(text) else _with_replacements(text))

    def count(self, text: str) -> int:
        """The number of tokens of a text."""
        if len(text) <= _SHORTEST:
            return self._count_shortest(text)
        if len(text) <= _SHORT:
            return len(self.encoding.encode_ordinary(text))
        return len(self.encode(text))

    def prepare(self, text: str) -> TokenizedText:
        """Encode a text once, so that its parts can be counted for nearly nothing."""
        if self._forced and _is_encodable(text):
            return PiecewiseText(text, self.count, _running_total(self._starts, self.encode(text)))
        # A pair of lone surrogates is one character to tiktoken and two to Python.
        tokens = self.encode(_SURROGATE.sub("\ufffd", text))
        return RecountedText(text, self.count, _running_total(self._starts, tokens))

    def _reference(self, text: str) -> npt.NDArray[np.integer]:
        return self.encoding.encode_to_numpy(text, disallowed_special=())


class RecountedText:
    """Counts a part by encoding it: for tokenizers whose pattern is not known to have forced boundaries.

    ``characters`` has the shape (tokens + 1,): how many characters have begun before each token of the
    whole text; exact at token boundaries that are character boundaries.
    """

    def __init__(self, text: str, count_text: Callable[[str], int], characters: Totals) -> None:
        self._text = text
        self._count_text = count_text
        self._characters = characters

    @property
    def token_count(self) -> int:
        """The exact number of tokens of the whole text."""
        return self._count_text(self._text)

    def count(self, start: int, end: int) -> int:
        """The exact number of tokens of ``text[start:end]`` when it is encoded alone."""
        return self._count_text(self._text[start:end])

    def before(self, positions: Positions) -> Positions:
        """About how many tokens of the whole stand before each position; non-decreasing."""
        found: Positions = self._characters.searchsorted(positions, "right") - 1
        return found

    def reach(self, start: int, tokens: int) -> int:
        """About where the text from ``start`` on has had so many tokens (a character position)."""
        last = len(self._characters) - 1
        token = int(self._characters.searchsorted(start, "right")) - 1 + tokens
        return len(self._text) if token >= last else int(self._characters[token])


class PiecewiseText(RecountedText):
    """Counts a part from the whole's tokens between its first and last forced boundary."""

    def __init__(self, text: str, count_text: Callable[[str], int], characters: Totals) -> None:
        super().__init__(text, count_text, characters)
        # One number is found sooner in a plain view than through a call of numpy.
        self._view = characters.data
        # Where chunks begin and end is asked for more than once.
        self._known: dict[int, int] = {}

    @property
    def token_count(self) -> int:
        """The exact number of tokens of the whole text."""
        return len(self._characters) - 1

    def reach(self, start: int, tokens: int) -> int:
        """About where the text from ``start`` on has had so many tokens (a character position)."""
        token = self._after(start) - 1 + tokens
        return self._view[token] if token < len(self._view) else len(self._text)

    def _after(self, position: int) -> int:
        """How many tokens begin at the position or before it."""
        known = self._known.get(position)
        if known is None:
            known = self._known[position] = bisect_right(self._view, position)
        return known

    def count(self, start: int, end: int) -> int:
        """The exact number of tokens of ``text[start:end]`` when it is encoded alone."""
        if start >= end:
            return 0
        text = self._text
        first = self._first_boundary(start, end)
        last = self._last_boundary(start, end)
        if first is None or last is None or first > last:
            return self._count_text(text[start:end])
        # At a forced boundary the last token that begins there or before it is the one that begins there.
        between = self._after(last) - self._after(first)
        if start < first:
            between += self._count_text(text[start:first])
        if last < end:
            between += self._count_text(text[last:end])
        return between

    def _first_boundary(self, start: int, end: int) -> int | None:
        if start == 0 or self._begins_line(start):
            return start
        # A boundary at the start itself counts, so the letter before it is looked at too.
        found = _NEXT.search(self._text, start - 1, end)
        return found.end() if found else None

    def _last_boundary(self, start: int, end: int) -> int | None:
        if end == len(self._text) or self._begins_line(end):
            return end
        # A boundary at the end itself counts, so the mark after it is looked at too.
        low, reach = end, _LOOK_BACK
        while low > start:
            low = max(start, end - reach)
            found = _LAST.match(self._text, low, end + 1)
            if found:
                return found.end()
            reach *= 8
        return None

    def _begins_line(self, position: int) -> bool:
        text = self._text
        return text[position - 1] in "\r\n" and text[position] != "/" and not text[position].isspace()


def parse_ranks(vocabulary: Vocabulary) -> dict[bytes, int]:
    """Read the base64 tokens and ranks of a ``.tiktoken`` file.

    Raises:
        UsageError: a line is not a base64 token and a number.
    """
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(vocabulary.ranks_file.splitlines(), 1):
        if not line:
            continue
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token)] = int(rank)
        except (ValueError, binascii.Error) as error:
            raise UsageError(
                f"line {number} is not a base64 token and its rank",
                vocabulary.name,
                "give a .tiktoken file",
            ) from error
    return ranks


def build_encoding(vocabulary: Vocabulary, ranks: dict[bytes, int]) -> tiktoken.Encoding:
    """Make the tiktoken encoding of a vocabulary; nothing is downloaded."""
    # With no special token at all tiktoken would search for the empty string, at every place of a text.
    special_tokens = dict(vocabulary.special_tokens) or {"<|endoftext|>": max(ranks.values(), default=-1) + 1}
    return tiktoken.Encoding(
        vocabulary.name,
        pat_str=vocabulary.pattern,
        mergeable_ranks=ranks,
        special_tokens=special_tokens,
    )


def count_characters_started(ranks: Mapping[bytes, int]) -> npt.NDArray[np.uint8]:
    """How many characters begin in each token: its bytes that are no UTF-8 continuation; shape (ranks,)."""
    ends = np.cumsum(np.fromiter(map(len, ranks), np.int64, len(ranks)))
    data = np.frombuffer(b"".join(ranks), np.uint8)
    begun = np.concatenate(([0], np.cumsum((data & 0xC0) != 0x80)))
    starts = np.concatenate(([0], ends[:-1]))
    counts = np.zeros(max(ranks.values(), default=-1) + 1, np.uint8)
    counts[np.fromiter(ranks.values(), np.int64, len(ranks))] = begun[ends] - begun[starts]
    return counts


def _running_total(starts: npt.NDArray[np.uint8], tokens: npt.NDArray[np.integer]) -> Totals:
    total = np.empty(len(tokens) + 1, np.int32)
    total[0] = 0
    np.cumsum(starts.take(tokens), out=total[1:], dtype=np.int32)
    return total


def _is_encodable(text: str) -> bool:
    """Whether a text is free of lone surrogates; a copy into UTF-16 is the quickest way to know."""
    try:
        text.encode("utf-16-le")
    except UnicodeEncodeError:
        return False
    return True


def _with_replacements(text: str) -> str:
    """The text as tiktoken reads it: pairs of surrogates joined, lone ones replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _longest_blank_exceeds(text: str, limit: int) -> bool:
    """A run of so many blanks covers one of the places looked at, so few characters are read."""
    stride = limit // 2
    for place in range(stride, len(text), stride):
        if text[place].isspace() and _BLANK.match(text, place).end() - place + stride > limit:  # type: ignore[union-attr]
            return True
    return False


def _encode_by_pieces(encoding: tiktoken.Encoding, pattern: str, text: str) -> npt.NDArray[np.integer]:
    """Encode piece by piece with an engine that takes blanks of any length, where tiktoken's gives up."""
    import regex

    tokens: list[int] = []
    for piece in regex.finditer(pattern, _with_replacements(text)):
        tokens.extend(encoding._encode_single_piece(piece.group()))
    return np.array(tokens, np.int64)
