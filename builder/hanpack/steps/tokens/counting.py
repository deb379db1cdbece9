"""Counts tokens as tiktoken does, from a vocabulary on disk, without the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import accumulate, pairwise
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import regex
import tiktoken

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.alignment import Positions
from hanpack.steps.lookups import look_up
from hanpack.steps.tokens.encodings import GrowingEncoding, replace_surrogates
from hanpack.steps.tokens.ranks import parse_ranks
from hanpack.steps.tokens.tokenized_text import (
    PiecewiseText,
    RecountedText,
    TokenizedText,
    TokenStarts,
    cut_at_boundaries,
)

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
# That of Qwen 3.5 and 3.6: combining marks belong to words.
QWEN35_PATTERN = QWEN_PATTERN.replace(r"?\p{L}+", r"?[\p{L}\p{M}]+").replace(
    r"[^\s\p{L}\p{N}]+", r"[^\s\p{L}\p{M}\p{N}]+"
)
FORCED_BOUNDARY_PATTERNS = frozenset(
    (O200K_PATTERN, CL100K_PATTERN, LLAMA3_PATTERN, QWEN_PATTERN, QWEN35_PATTERN)
)

Encode = Callable[[str], npt.NDArray[np.integer]]
# The tokens of several texts one after another, and where those of each begin; shape (texts + 1,).
EncodedTexts = tuple[npt.NDArray[np.integer], Sequence[int]]
EncodeAll = Callable[[Sequence[str]], EncodedTexts]


class Encoder(NamedTuple):
    """What encodes texts that have no lone surrogates: several at once, or only counts the tokens of one.

    ``expect`` loads what pays for so many bytes of text, see :meth:`TokenCounter.expect`.
    """

    encode_all: EncodeAll
    count: Callable[[str], int]
    expect: Callable[[int], None]


_SURROGATE = compile_lazily("[\ud800-\udfff]")
_WHITE_SPACE = compile_lazily(r"\s*")
# Texts up to this many characters are counted by tiktoken, which has the lowest cost per call.
_SHORT = 2_000
# Texts from this many characters on are copied rather than kept in two forms.
_LONG = 1 << 20
# Texts from this many characters on are encoded piece by piece.
_VERY_LONG = 4 * _LONG
_NO_TOKENS = np.zeros(0, np.uint32)
# Counts of texts up to this length are cached: the marks and numbers at the ends of chunks repeat.
_CACHED_LENGTH, _CACHE_SIZE = 8, 4_096
# tiktoken's pattern engine panics (which is no Python exception) on about a million spaces in a row.
_LONGEST_WHITE_SPACE = 400_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer as data: the bytes of its ranks file, and what that file does not contain.

    ``pattern`` cuts a text into pieces. ``sha256`` is that of ``ranks_file``, in hexadecimal. ``format`` is
    ``tiktoken`` (lines of a base64 token and its rank) or ``json`` (a ``tokenizer.json``, which has its own
    pattern and special tokens). ``normalization`` is the Unicode form (``NFC``) into which the tokenizer
    brings a text first, empty if none.
    """

    name: str
    pattern: str
    ranks_file: bytes = field(repr=False, hash=False)
    sha256: str
    special_tokens: Mapping[str, int] = field(default_factory=dict, hash=False)
    format: str = "tiktoken"
    normalization: str = ""


class TokenCounter(Protocol):
    """Counts tokens as one named tokenizer does."""

    @property
    def name(self) -> str:
        """The tokenizer's name."""

    def count(self, text: str) -> int:
        """The number of tokens of a text."""

    def prepare(self, text: str) -> TokenizedText:
        """Encode a text once, so that its parts can be counted at almost no cost."""

    def prepare_all(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Encode several texts at once, as :meth:`prepare` does each."""

    def encode(self, text: str) -> npt.NDArray[np.integer]:
        """The token ids of a text, special tokens read as ordinary text; shape (tokens,)."""

    def locate(self, text: str) -> Positions:
        """The span of each token in the text; shape (tokens, 2), in characters.

        Tokens that share a character have it in both of their spans.

        Raises:
            ValueError: the tokenizer changes this text before it encodes it.
        """

    def expect(self, size: int) -> None:
        """Load now what pays for ``size`` bytes of text: worker processes that are forked later share it."""


class TiktokenCounter:
    r"""Counts as ``tiktoken.Encoding.encode_ordinary`` does, built from a vocabulary without the network.

    >>> ranks = b"YQ== 0\nYg== 1\nYWI= 2\n"  # the tokens a, b and ab in base64, each with its rank
    >>> counter = TiktokenCounter(Vocabulary("letters", "[ab]+", ranks, sha256=""))
    >>> tokenized = counter.prepare("abab")
    >>> tokenized.token_count, tokenized.count(1, 4)
    (2, 2)

    Raises:
        UsageError: a line of the ranks file is not a base64 token and a number.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.name = vocabulary.name
        ranks = parse_ranks(vocabulary.ranks_file, vocabulary.name)
        self.encodings = GrowingEncoding(ranks, partial(build_encoding, vocabulary))
        self._use(Encoder(self._encode_with_tiktoken, self._count_with_tiktoken, self.encodings.expect))
        self._has_forced_boundaries = vocabulary.pattern in FORCED_BOUNDARY_PATTERNS
        self._pattern = vocabulary.pattern
        self._characters_per_token = ranks.count_characters_started()

    @property
    def encoding(self) -> tiktoken.Encoding:
        """The encoding of the complete vocabulary."""
        return self.encodings.complete

    def expect(self, size: int) -> None:
        """Load now what pays for ``size`` bytes of text: worker processes that are forked later share it."""
        self.encoder.expect(size)

    def with_encoder(self, encoder: Encoder) -> TiktokenCounter:
        """The same counter with another encoder, which must give the same tokens as tiktoken.

        See :func:`hanpack.steps.tokens.counters.agrees`.
        """
        faster = copy(self)
        faster._use(encoder)
        return faster

    def _use(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._count_cached = lru_cache(_CACHE_SIZE)(encoder.count)

    def encode(self, text: str) -> npt.NDArray[np.integer]:
        """The token ids of a text, special tokens read as ordinary text; shape (tokens,)."""
        if _has_longer_white_space(text, _LONGEST_WHITE_SPACE):
            return encode_by_pieces(self.encoding, self._pattern, text)
        tokens, _ = self.encoder.encode_all(
            [replace_surrogates(text) if _has_surrogate(text) else _copy_long(text)]
        )
        return tokens

    def locate(self, text: str) -> Positions:
        """The span of each token in the text; shape (tokens, 2), in characters."""
        tokens = self.encode(text).tolist()
        sizes = [len(self.encoding.decode_single_token_bytes(token)) for token in tokens]
        ends = np.cumsum(np.array(sizes, np.int64))
        data = np.frombuffer(replace_surrogates(text).encode(), np.uint8)
        # The number of characters that have begun up to each byte.
        begun = np.cumsum((data & 0xC0) != 0x80)
        return np.column_stack((begun[ends - sizes] - 1, begun[ends - 1])).astype(np.int64)

    def count(self, text: str) -> int:
        """The number of tokens of a text."""
        if len(text) > _SHORT:
            return len(self.encode(text))
        if not text.isascii() and _has_surrogate(text):
            text = replace_surrogates(text)
        return self._count_cached(text) if len(text) <= _CACHED_LENGTH else self.encoder.count(text)

    def prepare(self, text: str) -> TokenizedText:
        """Encode a text once, so that its parts can be counted at almost no cost."""
        (tokenized,) = self.prepare_all([text])
        return tokenized

    def prepare_all(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Encode several texts at once, as :meth:`prepare` does each."""
        if not self._has_forced_boundaries or not all(map(_is_ordinary, texts)):
            return [self._prepare_alone(text) for text in texts]
        if any(len(text) >= _VERY_LONG for text in texts):
            return [PiecewiseText(text, self.count, self._find_starts_by_pieces(text)) for text in texts]
        tokens, limits = self.encoder.encode_all(list(map(_copy_long, texts)))
        starts = self._find_token_starts(tokens)
        return [
            PiecewiseText(text, self.count, starts[first : last + 1])
            for text, (first, last) in zip(texts, pairwise(limits), strict=True)
        ]

    def _prepare_alone(self, text: str) -> TokenizedText:
        if self._has_forced_boundaries and not _has_surrogate(text):
            return PiecewiseText(text, self.count, self._find_token_starts(self.encode(text)))
        # A high and a low surrogate in a row are one character to tiktoken and two to Python.
        tokens = self.encode(_SURROGATE.sub("\ufffd", text))
        return RecountedText(text, self.count, self._find_token_starts(tokens))

    def _find_starts_by_pieces(self, text: str) -> TokenStarts:
        """The starts of the tokens of a text that is encoded piece by piece, cut at forced boundaries."""
        pieces = cut_at_boundaries(text, _LONG)
        parts = [self._find_token_starts(self.encoder.encode_all([_copy_long(piece)])[0]) for piece in pieces]
        starts = np.empty(sum(len(part) - 1 for part in parts) + 1, np.int32)
        starts[0] = count = 0
        parts.reverse()
        while parts:
            # Let go of one by one: there is no time at which all of them are in memory twice.
            part = parts.pop()
            np.add(part[1:], starts[count], out=starts[count + 1 : count + len(part)])
            count += len(part) - 1
        return starts

    def _find_token_starts(self, tokens: npt.NDArray[np.integer]) -> TokenStarts:
        starts = np.empty(len(tokens) + 1, np.int32)
        starts[0] = 0
        np.cumsum(look_up(self._characters_per_token, tokens), out=starts[1:], dtype=np.int32)
        return starts

    def _encode_with_tiktoken(self, texts: Sequence[str]) -> EncodedTexts:
        encode = partial(self.encodings.find(texts).encode_to_numpy, disallowed_special=())
        tokens = list(map(encode, texts))
        limits = [0, *accumulate(map(len, tokens))]
        return tokens[0] if len(tokens) == 1 else np.concatenate([_NO_TOKENS, *tokens]), limits

    def _count_with_tiktoken(self, text: str) -> int:
        return len(self.encodings.find([text]).encode_ordinary(text))


def build_encoding(vocabulary: Vocabulary, ranks: dict[bytes, int]) -> tiktoken.Encoding:
    """Make the tiktoken encoding of some or all tokens of a vocabulary; nothing is downloaded."""
    # Without any special token tiktoken would search for the empty string, which matches everywhere.
    special_tokens = dict(vocabulary.special_tokens) or {"<|endoftext|>": max(ranks.values(), default=-1) + 1}
    return tiktoken.Encoding(
        vocabulary.name,
        pat_str=vocabulary.pattern,
        mergeable_ranks=ranks,
        special_tokens=special_tokens,
    )


def encode_by_pieces(encoding: tiktoken.Encoding, pattern: str, text: str) -> npt.NDArray[np.integer]:
    """Encode piece by piece, cut by the package regex, which takes white space of any length.

    The result has the shape (tokens,) and is what ``encode_ordinary`` would give.
    """
    tokens: list[int] = []
    for piece in regex.finditer(pattern, replace_surrogates(text)):
        tokens.extend(encoding._encode_single_piece(piece.group()))
    return np.array(tokens, np.int64)


def _copy_long(text: str) -> str:
    """A text, or a copy of a long one: encoders leave a text as UTF-8 in the object that they are given."""
    return text if len(text) < _LONG else text[:1] + text[1:]


def _has_surrogate(text: str) -> bool:
    """Whether a text has a lone surrogate; an encoding into UTF-16 is the fastest check."""
    try:
        text.encode("utf-16-le")
    except UnicodeEncodeError:
        return True
    return False


def _is_ordinary(text: str) -> bool:
    """Whether every encoder takes a text: it has neither half a surrogate pair nor endless white space."""
    return not _has_surrogate(text) and not _has_longer_white_space(text, _LONGEST_WHITE_SPACE)


def _has_longer_white_space(text: str, limit: int) -> bool:
    """Whether a run of white space may have more than ``limit`` characters.

    A run that long covers at least one of the positions inspected, so few characters are read.
    """
    stride = limit // 2
    for position in range(stride, len(text), stride):
        run = _WHITE_SPACE.match(text, position) if text[position].isspace() else None
        if run and run.end() - position + stride > limit:
            return True
    return False
