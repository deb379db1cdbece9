"""The tokens of a ``.tiktoken`` file as arrays, and a quick selection of those that a text can have."""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.errors import UsageError

Flags = npt.NDArray[np.bool_]
PAIRS = 1 << 16
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_WRONG = 255
_VALUES = np.full(256, _WRONG, np.uint8)
_VALUES[np.frombuffer(_ALPHABET, np.uint8)] = np.arange(64)
_PADDING = ord("=")
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """The tokens of a vocabulary and their ranks.

    Attributes:
        data: the bytes of all tokens, one after the other.
        starts: shape (tokens + 1,); where each token begins in ``data``, and last the end.
        ranks: shape (tokens,).
    """

    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    ranks: npt.NDArray[np.int64]

    def count_characters_started(self) -> npt.NDArray[np.uint8]:
        """How many characters begin in each token: its bytes that do not continue a UTF-8 sequence.

        The shape is (highest rank + 1,), indexed by rank.
        """
        counts = np.zeros(int(self.ranks.max(initial=-1)) + 1, np.uint8)
        if len(self.ranks):
            begins = ((self.data & 0xC0) != 0x80).view(np.uint8)
            counts[self.ranks] = np.add.reduceat(begins, self.starts[:-1], dtype=np.uint8)
        return counts

    def select_all(self) -> dict[bytes, int]:
        """All tokens with their ranks, as tiktoken takes them."""
        return self._select(np.arange(len(self.ranks)))

    def select(self, pairs: Flags) -> dict[bytes, int]:
        """The tokens whose pairs of adjacent bytes are all among ``pairs``, and all single bytes.

        These are all tokens that can be substrings of a text whose pairs :func:`find_pairs` returned.
        """
        is_selected = np.ones(len(self.data), np.bool_)
        is_selected[:-1] = pairs[self.data[:-1].astype(np.uint16) << 8 | self.data[1:]]
        is_selected[self.starts[1:] - 1] = True
        return self._select(np.flatnonzero(np.logical_and.reduceat(is_selected, self.starts[:-1])))

    def _select(self, tokens: npt.NDArray[np.int64]) -> dict[bytes, int]:
        data = self.data.tobytes()
        spans = zip(self.starts[tokens].tolist(), self.starts[tokens + 1].tolist(), strict=True)
        return dict(zip([data[start:end] for start, end in spans], self.ranks[tokens].tolist(), strict=True))


def find_pairs(text: bytes) -> Flags:
    """Which pairs of adjacent bytes a text has; shape (PAIRS,), by 256 times the first plus the second."""
    data = np.frombuffer(text, np.uint8)
    pairs = np.zeros(PAIRS, np.bool_)
    pairs[data[:-1].astype(np.uint16) << 8 | data[1:]] = True
    return pairs


def parse_ranks(ranks_file: bytes, name: str) -> Ranks:
    r"""Read the lines of a ``.tiktoken`` file, each a token in base64 and its rank.

    >>> ranks = parse_ranks(b"YQ== 0\nYWI= 1\n", "letters")
    >>> ranks.select_all(), ranks.select(find_pairs(b"ba"))
    ({b'a': 0, b'ab': 1}, {b'a': 0})

    Raises:
        UsageError: a line is neither empty nor a token in base64 and its rank; the error names the line.
    """
    ranks = _parse_regular(ranks_file)
    return ranks if ranks is not None else _parse_lines(ranks_file.splitlines(), name)


def _parse_regular(ranks_file: bytes) -> Ranks | None:
    """Read lines that have one space and end with a line feed, all at once; None if there are others."""
    text = np.frombuffer(ranks_file, np.uint8)
    separators = np.flatnonzero(text <= ord(" "))
    spaces, ends = separators[::2], separators[1::2]
    is_regular = len(separators) and len(spaces) == len(ends) and ends[-1] == len(text) - 1
    if not is_regular or (text[spaces] != ord(" ")).any() or (text[ends] != ord("\n")).any():
        return None
    begins = np.concatenate(([0], ends[:-1] + 1))
    widths = spaces - begins
    ranks = _parse_numbers(text, spaces, ends)
    if ranks is None or (widths <= 0).any() or (widths % 4).any():
        return None
    # 1 within the words in base64, 0 elsewhere, as the sum of the steps at their edges.
    steps = np.zeros(len(text), np.int8)
    steps[begins], steps[spaces] = 1, -1
    quads = text[np.cumsum(steps, dtype=np.int8).view(np.bool_)].reshape(-1, 4)
    lasts = np.cumsum(widths // 4) - 1
    values = _VALUES[quads]
    is_padding = quads[lasts] == _PADDING
    is_padding[:, 2] &= is_padding[:, 3]
    is_padding[:, :2] = False
    padded = values[lasts]
    padded[is_padding] = 0
    values[lasts] = padded
    if values.max() == _WRONG:
        return None
    decoded = np.empty((len(quads), 3), np.uint8)
    decoded[:, 0] = values[:, 0] << 2 | values[:, 1] >> 4
    decoded[:, 1] = values[:, 1] << 4 | values[:, 2] >> 2
    decoded[:, 2] = values[:, 2] << 6 | values[:, 3]
    is_data = np.ones(decoded.shape, np.bool_)
    is_data[lasts] = ~is_padding[:, 1:]
    lengths = 3 * (widths // 4) - is_padding[:, 2] - is_padding[:, 3]
    return Ranks(decoded[is_data], np.concatenate(([0], np.cumsum(lengths))), ranks)


def _parse_numbers(
    text: npt.NDArray[np.uint8], spaces: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64] | None:
    """The decimal numbers from each space to its end; None if any is none."""
    digits = ends - spaces - 1
    if digits.min() < 1 or digits.max() > _MOST_DIGITS:
        return None
    numbers = np.zeros(len(ends), np.int64)
    for place in range(int(digits.max())):
        rows = np.flatnonzero(digits > place)
        values = text[ends[rows] - 1 - place] - np.uint8(ord("0"))
        if values.max() > 9:
            return None
        numbers[rows] += values * np.int64(10**place)
    return numbers


def _parse_lines(lines: Sequence[bytes], name: str) -> Ranks:
    tokens, ranks = [], []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            token, rank = line.split()
            tokens.append(binascii.a2b_base64(token))
            ranks.append(int(rank))
        except (ValueError, binascii.Error) as error:
            raise UsageError(
                f"line {number} is not a base64 token and its rank", name, "give a .tiktoken file"
            ) from error
    starts = np.concatenate(([0], np.cumsum([len(token) for token in tokens], dtype=np.int64)))
    return Ranks(np.frombuffer(b"".join(tokens), np.uint8), starts, np.array(ranks, np.int64))
