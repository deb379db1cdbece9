"""How likely a character is after others: an interpolated n-gram model over Simplified characters.

Witten-Bell-like smoothing (I. Witten, T. Bell, 1991): each order is mixed with the one below it by a
constant. Counts are kept in sorted integer arrays, so that a model takes eight bytes an n-gram.
"""

from __future__ import annotations

import math
import zlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

_BITS = 14
_STEPS_PER_E = 16
_MIXING = (20.0, 4.0, 2.0)
_UNSEEN = 0.02
_SPREAD = 200.0
ORDER = 4
LINE_END = "\n"
VALUE = "0"


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """Counts of n-grams up to ``ORDER`` characters, made by :func:`learn` and read by :func:`unpack`.

    Texts are counted in Simplified characters, with runs of letters, digits, dots and percent signs as
    one ``VALUE`` and line ends as ``LINE_END``.
    """

    codes: Mapping[str, int]
    keys: array[int]
    logs: bytes
    total: float
    followers: Mapping[str, str]

    def probability(self, before: str, character: str) -> float:
        """The probability of ``character`` after ``before``, longer contexts first."""
        codes = self.codes
        code = codes.get(character, 0)
        result = ((self._count(code) if code else 0.0) + _UNSEEN) / (self.total + _SPREAD)
        context = 0
        place = 0
        for length, mixing in enumerate(_MIXING, 1):
            if length > len(before):
                break
            earlier = codes.get(before[-length], 0)
            if not earlier:
                break
            context |= earlier << place
            place += _BITS
            seen = self._count(context)
            if not seen:
                break
            both = self._count(context << _BITS | code) if code else 0.0
            result = (both + mixing * result) / (seen + mixing)
        return result

    def log_likelihood(self, text: str) -> float:
        """The natural logarithm of the probability of a prepared text, begun in the middle of a line."""
        return sum(
            math.log(self.probability(text[max(0, place - ORDER + 1) : place], character))
            for place, character in enumerate(text)
        )

    def _count(self, key: int) -> float:
        place = bisect_left(self.keys, key)
        if place < len(self.keys) and self.keys[place] == key:
            return _COUNTS[self.logs[place]]
        return 0.0


_COUNTS = tuple(math.exp(step / _STEPS_PER_E) for step in range(256))


def count(texts: Iterable[str]) -> Counter[str]:
    """Count the n-grams of prepared lines (see :class:`Language`), line ends added."""
    found: Counter[str] = Counter()
    for text in texts:
        line = f"{LINE_END}{text}{LINE_END}"
        for size in range(1, ORDER + 1):
            found.update(line[start : start + size] for start in range(len(line) - size + 1))
    return found


def pack(counts: Mapping[str, float], followers: int = 600) -> bytes:
    """Serialise counts of at least 1; :func:`unpack` reads them. Counts keep a precision of 3 %."""
    kept = {gram: number for gram, number in counts.items() if number >= 1}
    alphabet = "".join(sorted(gram for gram in kept if len(gram) == 1))
    if len(alphabet) >= 1 << _BITS:
        raise ValueError(f"{len(alphabet)} different characters are more than a model can hold")
    codes = {character: code for code, character in enumerate(alphabet, 1)}
    table: dict[int, int] = {}
    for gram, number in kept.items():
        key = 0
        for character in gram:
            key = key << _BITS | codes[character]
        table[key] = min(255, round(math.log(number) * _STEPS_PER_E))
    keys = np.array(sorted(table), dtype=np.uint64)
    logs = bytes(table[key] for key in keys.tolist())
    deltas = np.diff(keys, prepend=np.uint64(0))
    planes = deltas.astype("<u8").view(np.uint8).reshape(-1, 8).T.tobytes()
    letters = alphabet.encode()
    head = np.array([len(letters), len(keys), followers], dtype="<u4").tobytes()
    return zlib.compress(head + letters + planes + logs, 9)


def unpack(data: bytes) -> Language:
    """Read a model that :func:`pack` made."""
    raw = zlib.decompress(data)
    letters, size, most = np.frombuffer(raw, dtype="<u4", count=3).tolist()
    alphabet = raw[12 : 12 + letters].decode()
    planes = np.frombuffer(raw, dtype=np.uint8, count=8 * size, offset=12 + letters).reshape(8, size)
    deltas = np.ascontiguousarray(planes.T).view("<u8").ravel()
    keys = np.cumsum(deltas, dtype=np.uint64)
    logs = raw[12 + letters + 8 * size :]
    single = int(np.searchsorted(keys, np.uint64(1 << _BITS)))
    total = sum(_COUNTS[step] for step in logs[:single])
    return Language(
        codes={character: code for code, character in enumerate(alphabet, 1)},
        keys=array("Q", keys.tobytes()),
        logs=logs,
        total=total,
        followers=_followers(alphabet, keys, logs, most),
    )


def _followers(alphabet: str, keys: np.ndarray, logs: bytes, most: int) -> Mapping[str, str]:
    """The likeliest characters after each character, the likeliest of all under the empty string."""
    steps = np.frombuffer(logs, dtype=np.uint8).astype(np.int64)
    ones, twos = (int(place) for place in np.searchsorted(keys, [1 << _BITS, 1 << 2 * _BITS]))
    order = np.argsort(-steps[:ones], kind="stable")[:most]
    table = {"": "".join(alphabet[code - 1] for code in keys[:ones][order].tolist())}
    pairs = keys[ones:twos].astype(np.int64)
    first, second = pairs >> _BITS, pairs & ((1 << _BITS) - 1)
    starts = np.searchsorted(first, np.arange(1, len(alphabet) + 2))
    for code, character in enumerate(alphabet, 1):
        low, high = int(starts[code - 1]), int(starts[code])
        order = np.argsort(-steps[ones:twos][low:high], kind="stable")[:most]
        table[character] = "".join(alphabet[follower - 1] for follower in second[low:high][order].tolist())
    return table
