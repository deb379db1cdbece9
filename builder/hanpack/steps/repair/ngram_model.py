"""How likely a character is after others: an interpolated n-gram model over Simplified characters.

Each part of a model takes a discount off every count and gives it, with the counts that were left out of
the model, to the order below, where an n-gram counts once for each character seen before it (R. Kneser and
H. Ney, "Improved backing-off for m-gram language modeling", 1995, interpolated). The parts are mixed by
fixed shares, so that a word list does not thin out running text. In memory all parts share one sorted array
of n-grams, so that what may follow a context is one slice of it, the same for all parts.
"""

from __future__ import annotations

import math
import struct
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

ORDER = 4
SIZES = range(1, ORDER + 1)
LINE_END = "\n"
VALUE = "0"
# Ends an n-gram that counts all that followed a context and was left out of the model.
REST = "\0"
Weights = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
_BITS = 14
# The alphabets of all parts together may be larger than one part's.
_WIDE_BITS = 15
_WIDE = 1 << _WIDE_BITS
_STEPS_PER_E = 16
_COUNTS = tuple(math.exp(step / _STEPS_PER_E) for step in range(256))
_DISCOUNT = 0.75
# A context counts for a little more than what was seen after it: all may yet follow.
_OPEN = 0.5
# What a part says of an n-gram of the table: 0 is never seen, n the count of step n - 1.
_SEEN = np.array([0.0, *_COUNTS[:255]])
_DISCOUNTED = np.maximum(_SEEN - _DISCOUNT, 0.0)
_WEIGHTS = tuple(_DISCOUNTED.tolist())
_UNSEEN = 0.02
_SPREAD = 200.0
_FEW = 64


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The n-grams of all parts, sorted.

    An n-gram's key packs the codes of its characters, 15 bits each, the first character highest;
    ``steps`` has a row an n-gram and a column a part. ``contexts`` are the keys that others go on from,
    sorted: those from ``starts[n]`` to ``starts[n + 1]`` go on from context n. In each part a count there is
    worth ``worths[n]``, and ``lefts[n]`` is left to the order below. ``alone`` has the probability of each
    code by itself, a row a code, row 0 for what no part knows.
    """

    codes: Mapping[str, int]
    keys: Codes
    steps: npt.NDArray[np.uint8]
    contexts: Codes
    starts: Codes
    worths: npt.NDArray[np.float32]
    lefts: npt.NDArray[np.float32]
    alone: Weights


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """What may follow a context: for each of its ends that is known, a slice of the table and weights.

    ``weights[0]`` are those of the characters by themselves, ``weights[n]`` those of the counts in rows
    ``starts[n - 1]`` to ``ends[n - 1]``, a number a part. ``key`` is the context's, -1 where the table
    does not know it.
    """

    key: int
    weights: tuple[tuple[float, ...], ...]
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Characters to choose from: their codes without repetition, ``place`` of each code, and ``alone``.

    ``place`` has an entry a code, the number of the chosen codes where it is none of them.
    """

    codes: Codes
    place: Codes
    alone: Weights


class NgramModel:
    """A model made by :func:`pack`; most texts need none, so it is unpacked when it is first asked.

    Its texts are in Simplified characters, with each run of letters, digits, dots and percent signs as one
    ``VALUE``.
    """

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    @cached_property
    def table(self) -> Table:
        """The n-grams, a column of counts for each part."""
        return _join([_unpack_part(body) for _, body in _split_parts(self._packed)])

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """The weights of the parts."""
        return tuple(share for share, _ in _split_parts(self._packed))

    def after(self, before: str) -> Following:
        """What may follow a context of any length; only its last characters count."""
        following = self.begin()
        for size in range(1, ORDER):
            if size > len(before):
                break
            following = self.lengthen(following, before[-size:])
        return following

    def begin(self) -> Following:
        """What may stand where nothing before it is known."""
        return Following(0, (self.shares,))

    def lengthen(self, shorter: Following, before: str) -> Following:
        """What may follow ``before``, told from what may follow it without its first character."""
        table = self.table
        code = table.codes.get(before[0], 0)
        unknown = Following(-1, shorter.weights, shorter.starts, shorter.ends)
        if shorter.key < 0 or not code:
            return unknown
        key = code << _WIDE_BITS * (len(before) - 1) | shorter.key
        contexts = table.contexts.data
        row = bisect_left(contexts, key)
        if row == len(contexts) or contexts[row] != key:
            return unknown
        left = table.lefts[row].tolist()
        weights = [tuple(map(float.__mul__, level, left)) for level in shorter.weights]
        added = tuple(map(float.__mul__, self.shares, table.worths[row].tolist()))
        start, end = table.starts.data[row], table.starts.data[row + 1]
        return Following(key, (*weights, added), (*shorter.starts, start), (*shorter.ends, end))

    def likelihood(self, following: Following, character: str) -> float:
        """The probability of one character; above 0 for every character."""
        table = self.table
        code = table.codes.get(character, 0)
        found = math.fsum(map(float.__mul__, table.alone[code].tolist(), following.weights[0]))
        if not code:
            return found
        keys = table.keys.data
        for level, start in enumerate(following.starts):
            end = following.ends[level]
            wanted = (int(keys[start]) >> _WIDE_BITS) << _WIDE_BITS | code
            row = bisect_left(keys, wanted, start, end)
            if row < end and keys[row] == wanted:
                for step, weight in zip(table.steps[row].tolist(), following.weights[level + 1], strict=True):
                    found += _WEIGHTS[step] * weight
        return found

    def choose(self, characters: Sequence[str]) -> Choice:
        """Prepare characters, none twice, to be weighed by :meth:`likelihoods`."""
        codes = np.array([self.table.codes.get(character, 0) for character in characters], dtype=np.int64)
        place = np.full(len(self.table.alone), len(codes), dtype=np.int64)
        place[codes] = np.arange(len(codes))
        place[0] = len(codes)
        return Choice(codes, place, self.table.alone[codes])

    def likelihoods(self, following: Following, choice: Choice) -> Weights:
        """The probability of each of a choice of characters: :meth:`likelihood` for many."""
        found = np.zeros(len(choice.codes) + 1)
        found[:-1] = choice.alone @ np.array(following.weights[0])
        table = self.table
        for level, (start, end) in enumerate(zip(following.starts, following.ends, strict=True), 1):
            places = choice.place[table.keys[start:end] & (_WIDE - 1)]
            steps = table.steps[start:end]
            if end - start > _FEW:
                chosen = np.flatnonzero(places < len(choice.codes))
                places, steps = places[chosen], steps[chosen]
            found[places] += _DISCOUNTED[steps] @ np.array(following.weights[level])
        return found[:-1]

    def probability(self, before: str, character: str) -> float:
        """The probability of ``character`` after ``before``; above 0 for every character."""
        return self.likelihood(self.after(before), character)

    def log_likelihood(self, text: str) -> float:
        """The natural logarithm of the probability of a prepared text, begun in the middle of a line."""
        return sum(
            math.log(self.probability(text[max(0, place - ORDER + 1) : place], character))
            for place, character in enumerate(text)
        )


def count(lines: Iterable[str]) -> Counter[str]:
    """Count the n-grams of prepared lines, with a line end before and after each.

    The longest count as often as they stand there, shorter ones once for each character seen before them.
    """
    text = "".join(f"{LINE_END}{line}" for line in lines) + LINE_END
    grams = {
        size: [text[start : start + size] for start in range(len(text) - size + 1)] for size in SIZES[1:]
    }
    found = Counter(grams[ORDER])
    for size in SIZES[1:]:
        found.update(gram[1:] for gram in set(grams[size]))
    return found


def pack(parts: Sequence[tuple[float, Mapping[str, float]]]) -> bytes:
    """Serialise (share, counts of n-grams) as a model; counts below 1 are left out, others kept to 3 %."""
    pieces = [struct.pack("<I", len(parts))]
    for share, counts in parts:
        body = _pack_part(counts)
        pieces.append(struct.pack("<dI", share, len(body)) + body)
    return b"".join(pieces)


def _split_parts(data: bytes) -> Iterator[tuple[float, bytes]]:
    """The share and the bytes of each part of a packed model."""
    (number,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(number):
        share, size = struct.unpack_from("<dI", data, position)
        yield share, data[position + 12 : position + 12 + size]
        position += 12 + size


def _pack_part(counts: Mapping[str, float]) -> bytes:
    kept = {gram: number for gram, number in counts.items() if number >= 1}
    alphabet = "".join(sorted({REST, *(gram for gram in kept if len(gram) == 1)}))
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


def _unpack_part(data: bytes) -> tuple[str, Codes, npt.NDArray[np.uint8]]:
    """A part's alphabet, the keys of its n-grams and the steps of their counts."""
    raw = zlib.decompress(data)
    letters, size = struct.unpack_from("<II", raw)
    alphabet = raw[8 : 8 + letters].decode()
    planes = np.frombuffer(raw, dtype=np.uint8, count=8 * size, offset=8 + letters).reshape(8, size)
    keys = np.cumsum(np.ascontiguousarray(planes.T).view("<u8").ravel(), dtype=np.uint64).view(np.int64)
    return alphabet, keys, np.frombuffer(raw, dtype=np.uint8, offset=8 + letters + 8 * size)


def _join(parts: Sequence[tuple[str, Codes, npt.NDArray[np.uint8]]]) -> Table:
    """Bring the parts to one alphabet and one array of n-grams; the order of keys stays that of texts."""
    alphabet = sorted(set().union(*(letters for letters, _, _ in parts)))
    if len(alphabet) >= _WIDE:
        raise ValueError(f"{len(alphabet)} different characters are more than a model can hold")
    codes = {character: code for code, character in enumerate(alphabet, 1)}
    widened = []
    for letters, narrow, _ in parts:
        new = np.array([0, *(codes[letter] for letter in letters)], dtype=np.int64)
        wide = np.zeros_like(narrow)
        for place in range(ORDER):
            wide |= new[narrow >> _BITS * place & ((1 << _BITS) - 1)] << _WIDE_BITS * place
        widened.append(wide)
    # A stable sort merges what is in order already.
    keys = np.sort(np.concatenate(widened), kind="stable")
    keys = keys[np.diff(keys, prepend=-1) > 0]
    steps = np.zeros((len(keys), len(parts)), dtype=np.uint8)
    alone = np.zeros((len(alphabet) + 1, len(parts)))
    for column, (wide, (_, _, logs)) in enumerate(zip(widened, parts, strict=True)):
        steps[np.searchsorted(keys, wide), column] = np.minimum(logs, 254) + 1
        single = int(np.searchsorted(wide, _WIDE))
        alone[wide[:single], column] = _SEEN[np.minimum(logs[:single], 254).astype(np.int64) + 1]
        alone[:, column] = (alone[:, column] + _UNSEEN) / (alone[:, column].sum() + _SPREAD)
    single = int(np.searchsorted(keys, _WIDE))
    prefixes = keys[single:] >> _WIDE_BITS
    firsts = np.flatnonzero(np.diff(prefixes, prepend=-1))
    contexts = prefixes[firsts]
    wholes = _add_up(_SEEN, steps[single:], firsts) + _OPEN
    steps[keys & (_WIDE - 1) == codes.pop(REST)] = 0
    discounted = _add_up(_DISCOUNTED, steps[single:], firsts)
    starts = np.append(firsts, len(prefixes)) + single
    worths, lefts = 1 / wholes, (wholes - discounted) / wholes
    return Table(
        codes, keys, steps, contexts, starts, worths.astype(np.float32), lefts.astype(np.float32), alone
    )


def _add_up(values: Weights, steps: npt.NDArray[np.uint8], firsts: Codes) -> Weights:
    """The sums of what the steps of rows are worth, from each first row to the next, a column a part."""
    if not len(firsts):
        return np.zeros((0, steps.shape[1]))
    # One part after the other: numbers for all at once would take twice the memory of the table.
    return np.stack([np.add.reduceat(values[column], firsts) for column in steps.T], axis=1)
