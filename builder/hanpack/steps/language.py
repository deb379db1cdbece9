"""How likely a character is after others: an interpolated n-gram model over Simplified characters.

Each part of a model mixes each order with the one below it by the number of different characters seen
after a context (I. Witten and T. Bell, 1991, method C). The parts are mixed by fixed shares, so that a
word list does not thin out running text. Counts are kept in sorted arrays: 13 bytes an n-gram.
"""

from __future__ import annotations

import math
import struct
import zlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions

ORDER = 4
LINE_END = "\n"
VALUE = "0"
_BITS = 14
_STEPS_PER_E = 16
_COUNTS = tuple(math.exp(step / _STEPS_PER_E) for step in range(256))
_UNSEEN = 0.02
_SPREAD = 200.0
_MOST_FOLLOWERS = 600


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Counts of the n-grams of one collection.

    An n-gram's key packs the codes of its characters, 14 bits each; its count is ``exp(log / 16)``;
    ``kinds`` tells how many different characters were counted after it.
    """

    codes: Mapping[str, int]
    keys: array[int]
    logs: bytes
    kinds: array[int]
    total: float

    def probability(self, before: str, character: str) -> float:
        """The probability of ``character`` after ``before``, longer contexts first."""
        codes = self.codes
        code = codes.get(character, 0)
        result = ((self._count(code) if code else 0.0) + _UNSEEN) / (self.total + _SPREAD)
        context = 0
        shift = 0
        for earlier in before[:-ORDER:-1]:
            context |= codes.get(earlier, 0) << shift
            shift += _BITS
            found = bisect_left(self.keys, context)
            if found == len(self.keys) or self.keys[found] != context:
                break
            both = self._count(context << _BITS | code) if code else 0.0
            kinds = self.kinds[found] + 1
            result = (both + kinds * result) / (_COUNTS[self.logs[found]] + kinds)
        return result

    def _count(self, key: int) -> float:
        place = bisect_left(self.keys, key)
        if place < len(self.keys) and self.keys[place] == key:
            return _COUNTS[self.logs[place]]
        return 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """A model made by :func:`pack` and read by :func:`unpack`.

    Its texts are in Simplified characters, with each run of letters, digits, dots and percent signs as one
    ``VALUE``. ``followers`` are the likeliest characters after each character, and of all under "".
    """

    parts: tuple[Part, ...]
    shares: tuple[float, ...]
    followers: Mapping[str, str]

    def probability(self, before: str, character: str) -> float:
        """The probability of ``character`` after ``before``; above 0 for every character."""
        found = 0.0
        for part, share in zip(self.parts, self.shares, strict=True):
            found += share * part.probability(before, character)
        return found

    def log_likelihood(self, text: str) -> float:
        """The natural logarithm of the probability of a prepared text, begun in the middle of a line."""
        return sum(
            math.log(self.probability(text[max(0, place - ORDER + 1) : place], character))
            for place, character in enumerate(text)
        )


def count(lines: Iterable[str]) -> Counter[str]:
    """Count the n-grams of prepared lines, with a line end before and after each."""
    found: Counter[str] = Counter()
    for line in lines:
        ended = f"{LINE_END}{line}{LINE_END}"
        for size in range(1, ORDER + 1):
            found.update(ended[start : start + size] for start in range(len(ended) - size + 1))
    return found


def pack(parts: Sequence[tuple[float, Mapping[str, float]]]) -> bytes:
    """Serialise (share, counts of n-grams) as a model; counts below 1 are left out, others kept to 3 %."""
    pieces = [struct.pack("<I", len(parts))]
    for share, counts in parts:
        body = _pack_part(counts)
        pieces.append(struct.pack("<dI", share, len(body)) + body)
    return b"".join(pieces)


def unpack(data: bytes) -> Language:
    """Read a model that :func:`pack` made."""
    (number,) = struct.unpack_from("<I", data)
    position = 4
    parts: list[Part] = []
    shares: list[float] = []
    followers: dict[str, str] = {}
    for _ in range(number):
        share, size = struct.unpack_from("<dI", data, position)
        position += 12
        part, likeliest = _unpack_part(data[position : position + size])
        position += size
        parts.append(part)
        shares.append(share)
        for character, found in likeliest.items():
            followers[character] = "".join(dict.fromkeys(followers.get(character, "") + found))
    return Language(tuple(parts), tuple(shares), followers)


def _pack_part(counts: Mapping[str, float]) -> bytes:
    kept = {gram: number for gram, number in counts.items() if number >= 1}
    alphabet = "".join(sorted(gram for gram in kept if len(gram) == 1))
    if len(alphabet) >= 1 << _BITS:
        raise ValueError(f"{len(alphabet)} different characters are more than a model can hold")
    codes = {character: code for code, character in enumerate(alphabet, 1)}
    table: dict[int, int] = {}
    for gram, number in kept.items():
        if not all(character in codes for character in gram):
            continue
        key = 0
        for character in gram:
            key = key << _BITS | codes[character]
        table[key] = min(255, round(math.log(number) * _STEPS_PER_E))
    keys = np.array(sorted(table), dtype=np.uint64)
    logs = bytes(table[key] for key in keys.tolist())
    # Differences, with the bytes of equal weight side by side, compress to a quarter.
    differences = np.diff(keys, prepend=np.uint64(0)).astype("<u8")
    planes = differences.view(np.uint8).reshape(-1, 8).T.tobytes()
    letters = alphabet.encode()
    return zlib.compress(struct.pack("<II", len(letters), len(keys)) + letters + planes + logs, 9)


def _unpack_part(data: bytes) -> tuple[Part, Mapping[str, str]]:
    raw = zlib.decompress(data)
    letters, size = struct.unpack_from("<II", raw)
    alphabet = raw[8 : 8 + letters].decode()
    planes = np.frombuffer(raw, dtype=np.uint8, count=8 * size, offset=8 + letters).reshape(8, size)
    keys = np.cumsum(np.ascontiguousarray(planes.T).view("<u8").ravel(), dtype=np.uint64).astype(np.int64)
    logs = raw[8 + letters + 8 * size :]
    single = int(np.searchsorted(keys, 1 << _BITS))
    part = Part(
        codes={character: code for code, character in enumerate(alphabet, 1)},
        keys=array("q", keys.tobytes()),
        logs=logs,
        kinds=array("i", _kinds(keys).tobytes()),
        total=sum(_COUNTS[step] for step in logs[:single]),
    )
    return part, _followers(alphabet, keys, np.frombuffer(logs, dtype=np.uint8).astype(np.int64))


def _kinds(keys: Positions) -> npt.NDArray[np.int32]:
    longer = keys[np.searchsorted(keys, 1 << _BITS) :] >> _BITS
    contexts, numbers = np.unique(longer, return_counts=True)
    kinds = np.zeros(len(keys), dtype=np.int32)
    places = np.minimum(np.searchsorted(keys, contexts), len(keys) - 1)
    known = keys[places] == contexts
    kinds[places[known]] = numbers[known]
    return kinds


def _followers(alphabet: str, keys: Positions, steps: Positions) -> Mapping[str, str]:
    """The likeliest characters after each character, the likeliest of all under the empty string."""
    ones, twos = np.searchsorted(keys, [1 << _BITS, 1 << 2 * _BITS]).tolist()
    best = np.argsort(-steps[:ones], kind="stable")[:_MOST_FOLLOWERS]
    table = {"": "".join(alphabet[code - 1] for code in keys[:ones][best].tolist())}
    first, second = keys[ones:twos] >> _BITS, keys[ones:twos] & ((1 << _BITS) - 1)
    # By first character, then by falling count: one sort for all.
    order = np.lexsort((-steps[ones:twos], first))
    ranked = second[order].tolist()
    starts = np.searchsorted(first, np.arange(1, len(alphabet) + 2)).tolist()
    for code, character in enumerate(alphabet, 1):
        low, high = starts[code - 1], min(starts[code], starts[code - 1] + _MOST_FOLLOWERS)
        table[character] = "".join(alphabet[follower - 1] for follower in ranked[low:high])
    return table
