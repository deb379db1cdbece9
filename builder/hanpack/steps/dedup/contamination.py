"""Evaluation texts inside documents: the folded text of each is looked for whole, or all but whole.

Candidates come from shared n-grams: an edit spoils at most n of them, so a text with few edits keeps the
others, at about the same distance from where it begins (Jokinen and Ukkonen's q-gram lemma, 1991). Each
candidate is then compared character by character, so nothing is found on the word of a hash.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup.folding import Folded, Folder
from hanpack.steps.traced import code_points

Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

SHARE = 0.93
SHORTEST = 10
_SIZE = 6
# An n-gram of more evaluation texts than this is common, and looked for only where a text has too few others.
_COMMON = 32
_FEWEST = 2
# An n-gram that a text has more often is indexed no further: a text may be one letter over and over.
_REPEATED = 2
_ONE, _TWO, _FOUR = (np.uint64(v) for v in (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 0x94D049BB133111EB))
_TRIES = 16
_BLOCK = 1 << 16
_SHIFTS = np.array([0, -1, 1, -2, 2, -3, 3])
_TEXT_BITS = np.int64(34)
_ZERO = np.int64(1 << 33)


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationTexts:
    """An index of evaluation texts; it can be pickled, and is made once for all documents.

    ``names`` and ``codes`` (the folded texts one after another; text t has ``[firsts[t], firsts[t + 1])``)
    hold each text once: one that is another again, when folded, is known by the other's name. ``grams`` are
    the sorted hashes of their n-grams; gram g stands at ``[entries[g], entries[g + 1])`` of ``texts``, the
    number of a text, and ``offsets``, its place there. ``counts`` tells how many n-grams of each text are
    indexed. ``sieve`` and ``directory`` find a gram by its highest bits: whether there may be one, and the
    first that has them. ``too_short`` names the texts with fewer than :data:`SHORTEST` letters, which are not
    looked for.
    """

    names: tuple[str, ...]
    too_short: tuple[str, ...]
    codes: Codes
    firsts: Positions
    counts: Positions
    grams: Hashes
    entries: Positions
    texts: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int32]
    sieve: Flags
    directory: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Match:
    """An evaluation text found in a document, at ``[start, end)`` of its characters.

    ``share`` is the share of the evaluation text's folded characters that stand there, in their order.
    """

    name: str
    start: int
    end: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """The n-grams that a document shares with the texts, sorted by ``keys``: the text, then the diagonal.

    A diagonal is where the text would begin in the document: the place there less the offset in the text.
    """

    keys: Positions
    texts: Positions
    offsets: Positions
    positions: Positions


def index_texts(texts: Iterable[tuple[str, str]], folder: Folder) -> EvaluationTexts:
    """Index evaluation texts, given as (name, text)."""
    found: dict[str, str] = {}
    too_short: list[str] = []
    for name, text in texts:
        folded = folder.fold(text).text
        if len(folded) < SHORTEST:
            too_short.append(name)
        else:
            found.setdefault(folded, name)
    codes = code_points("".join(found))
    lengths = np.array([len(text) for text in found], dtype=np.int64)
    firsts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    sizes = lengths - _SIZE + 1
    owners = np.repeat(np.arange(len(found)), sizes)
    offsets = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    hashes = _hash_grams(codes)[firsts[owners] + offsets]
    kept = _choose(hashes, owners)
    hashes, owners, offsets = hashes[kept], owners[kept], offsets[kept]
    order = np.lexsort((offsets, owners, hashes))
    grams, entries = np.unique(hashes[order], return_index=True)
    return EvaluationTexts(
        names=tuple(found.values()),
        too_short=tuple(too_short),
        codes=codes,
        firsts=firsts,
        counts=np.bincount(owners, minlength=len(found)).astype(np.int64),
        grams=grams,
        entries=np.concatenate((entries, [len(order)])).astype(np.int64),
        texts=owners[order].astype(np.int32),
        offsets=offsets[order].astype(np.int32),
        sieve=_make_sieve(grams),
        directory=_make_directory(grams),
    )


def find_matches(folded: Folded, index: EvaluationTexts, share: float = SHARE) -> list[Match]:
    """Find the evaluation texts that a document contains, at least ``share`` of each, by place.

    Two matches of one text do not overlap. At the default share a text with 7 of 100 letters changed is
    certain to be found, unless many texts share most of its n-grams; one with letters left out or put in
    almost is. A share below 0.8 finds parts of texts, and set phrases in short ones.

    Raises:
        ValueError: ``share`` is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share is above 0 and at most 1, not {share}")
    if len(folded.text) < _SIZE or not len(index):
        return []
    codes = code_points(folded.text)
    hits, grams = _find_grams(codes, index)
    if not len(hits):
        return []
    shared = _pair(hits, grams, index)
    found: list[tuple[int, int, int, float]] = []
    taken: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    failed: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for text, low, high in _candidates(shared, index, share):
        length = int(index.firsts[text + 1] - index.firsts[text])
        begin = int(shared.positions[low] - shared.offsets[low])
        # The fullest come first: what many fuller ones were not, a text made of set phrases, this is not.
        if len(failed[text]) == _TRIES or _overlaps(failed[text], begin, begin + 1):
            continue
        if _overlaps(taken[text], begin, begin + length):
            continue
        words = index.codes[index.firsts[text] : index.firsts[text + 1]]
        start, end, got = _compare(codes, words, shared.offsets[low:high], shared.positions[low:high])
        if got < share or end <= start:
            # A fuller band beside this one was no match: in a text that repeats itself they are legion.
            beside = int((1 - share) * length / 2)
            insort(failed[text], (begin - beside, begin + beside + 1))
        elif not _overlaps(taken[text], start, end):
            insort(taken[text], (start, end))
            found.append((start, end, text, got))
    places = folded.places
    return [
        Match(index.names[text], int(places[start]), int(places[end - 1]) + 1, got)
        for start, end, text, got in sorted(found)
    ]


def _candidates(shared: _Shared, index: EvaluationTexts, share: float) -> Iterator[tuple[int, int, int]]:
    """Bands of neighbouring diagonals with enough n-grams of one text, the fullest first: text, low, high."""
    keys, texts = shared.keys, shared.texts
    lengths = index.firsts[texts + 1] - index.firsts[texts]
    allowed = ((1 - share) * lengths + 1e-9).astype(np.int64)
    counts = index.counts[texts]
    needed = np.maximum(counts - _SIZE * allowed, np.maximum((counts * share / 4).astype(np.int64), 1))
    highs = np.searchsorted(keys, keys + np.minimum(allowed, lengths // 2), side="right")
    sizes = highs - np.arange(len(keys))
    fresh = np.ones(len(keys), np.bool_)
    fresh[1:] = keys[1:] != keys[:-1]
    lows = np.flatnonzero(fresh & (sizes >= needed))
    lows = lows[np.argsort(-sizes[lows], kind="stable")]
    yield from zip(texts[lows].tolist(), lows.tolist(), highs[lows].tolist(), strict=True)


def _compare(codes: Codes, words: Codes, offsets: Positions, positions: Positions) -> tuple[int, int, float]:
    """Lay a text along the n-grams it shares with a document: its span there, and the share that is the same.

    Characters between two n-grams are compared as they stand beside the one before and the one after.
    """
    diagonals = positions - offsets
    values, counts = np.unique(diagonals, return_counts=True)
    main = values[np.argmax(counts)]
    order = np.lexsort((np.abs(diagonals - main), offsets))
    offsets, diagonals = offsets[order], diagonals[order]
    once = np.concatenate(([True], offsets[1:] != offsets[:-1]))
    offsets, diagonals = offsets[once], diagonals[once]
    place = np.arange(len(words))
    after = np.minimum(np.searchsorted(offsets, place), len(offsets) - 1)
    before = np.maximum(np.searchsorted(offsets, place, side="right") - 1, 0)
    same = _same(codes, words, place + main)
    same |= _same(codes, words, place + diagonals[before])
    same |= _same(codes, words, place + diagonals[after])
    head = place[: offsets[0] or _SIZE]
    rest = place[offsets[-1] + _SIZE :]
    tail = rest if len(rest) else place[-_SIZE:]
    first = _fit(codes, words, head, main, diagonals[0])
    last = _fit(codes, words, tail, main, diagonals[-1])
    same[head] |= _same(codes, words[head], head + first)
    same[tail] |= _same(codes, words[tail], tail + last)
    return max(first, 0), min(last + len(words), len(codes)), float(same.mean())


def _fit(codes: Codes, words: Codes, place: Positions, main: np.int64, near: np.int64) -> int:
    """The diagonal on which most of these characters of a text stand, near the one of their n-gram."""
    diagonals = np.concatenate(([main], near + _SHIFTS))
    same = _same(codes, words[place], place + diagonals[:, None])
    return int(diagonals[np.argmax(same.sum(axis=1))])


def _same(codes: Codes, words: Codes, places: Positions) -> Flags:
    """Whether the document has each character of a text at its place; outside it has none."""
    inside = (places >= 0) & (places < len(codes))
    return np.asarray(inside & (codes.take(places, mode="clip") == words), np.bool_)


def _overlaps(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a span overlaps one of these, whose starts and ends are both sorted."""
    at = bisect_left(spans, (end, end))
    return at > 0 and spans[at - 1][1] > start


def _find_grams(codes: Codes, index: EvaluationTexts) -> tuple[Positions, Positions]:
    """The places of a document's n-grams that are indexed, and their numbers; a block at a time."""
    places: list[Positions] = []
    numbers: list[Positions] = []
    for low in range(0, len(codes) - _SIZE + 1, _BLOCK):
        hashes = _hash_grams(codes[low : low + _BLOCK + _SIZE - 1])
        likely = np.flatnonzero(index.sieve.take(_sift(hashes, len(index.sieve))))
        number = _look_up(hashes[likely], index)
        there = number >= 0
        places.append(likely[there] + low)
        numbers.append(number[there])
    return np.concatenate(places), np.concatenate(numbers)


def _pair(hits: Positions, grams: Positions, index: EvaluationTexts) -> _Shared:
    """Pair each n-gram of the document with each of its places in the texts."""
    sizes = index.entries[grams + 1] - index.entries[grams]
    entries = np.arange(int(sizes.sum())) + np.repeat(index.entries[grams] - np.cumsum(sizes) + sizes, sizes)
    texts = index.texts[entries].astype(np.int64)
    offsets, positions = index.offsets[entries].astype(np.int64), np.repeat(hits, sizes)
    keys = (texts << _TEXT_BITS) + (positions - offsets + _ZERO)
    order = np.argsort(keys, kind="stable")
    return _Shared(keys[order], texts[order], offsets[order], positions[order])


def _choose(hashes: Hashes, owners: Positions) -> Flags:
    """Which n-grams of the texts to index: those of few texts, and of each text the rarest few."""
    _, numbers = np.unique(hashes, return_inverse=True)
    order = np.lexsort((np.arange(len(owners)), owners, numbers))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (np.diff(numbers[order]) != 0) | (np.diff(owners[order]) != 0)
    shared_by = np.bincount(numbers[order[fresh]])[numbers]
    first = np.flatnonzero(fresh)[np.cumsum(fresh) - 1]
    again = np.zeros(len(order), np.bool_)
    again[order] = np.arange(len(order)) - first >= _REPEATED
    rarest = np.lexsort((shared_by, again, owners))
    before = np.arange(len(owners)) - np.searchsorted(owners, owners)
    kept = shared_by <= _COMMON
    kept[rarest[before < _FEWEST]] = True
    return np.asarray(kept & ~again, np.bool_)


def _make_sieve(grams: Hashes) -> Flags:
    """A table that says of a hash, quickly, that it is not among these; shape (a power of two,)."""
    sieve = np.zeros(1 << min(max((16 * len(grams)).bit_length(), 10), 24), np.bool_)
    sieve[_sift(grams, len(sieve))] = True
    return sieve


def _make_directory(grams: Hashes) -> npt.NDArray[np.int32]:
    """The first gram with each value of the highest bits, or a greater one; shape (a power of two + 1,)."""
    bits = min(max((4 * len(grams)).bit_length(), 1), 24)
    values = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    return np.append(np.searchsorted(grams, values), len(grams)).astype(np.int32)


def _look_up(hashes: Hashes, index: EvaluationTexts) -> Positions:
    """The number of each hash among the grams, -1 where it is none; in fewer steps than a bisection."""
    bucket = _sift(hashes, len(index.directory) - 1)
    number, end = index.directory.take(bucket), index.directory.take(bucket + 1)
    found = np.full(len(hashes), -1, np.int64)
    while (number < end).any():
        same = (number < end) & (index.grams.take(number, mode="clip") == hashes)
        found[same] = number[same]
        number += 1
    return found


def _sift(hashes: Hashes, size: int) -> Positions:
    """The place of each hash in a table of this size, a power of two: its highest bits."""
    return (hashes >> np.uint64(65 - size.bit_length())).view(np.int64)


def _hash_grams(codes: Codes) -> Hashes:
    """A 64-bit hash of each n-gram, put together from those of its pairs; shape (characters - n + 1,)."""
    wide = codes.astype(np.uint64)
    pairs = wide[:-1] * _ONE + wide[1:]
    fours = pairs[:-2] * _TWO + pairs[2:]
    grams = fours[:-2] * _TWO + pairs[4:]
    grams *= _FOUR
    return grams
