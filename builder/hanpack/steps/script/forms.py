"""Chooses the Traditional form of a Simplified character that has several, by the characters beside it.

OpenCC takes the longest phrases from left to right, so a phrase that crosses a word boundary gives a wrong
form: 资金|发放 becomes 資|金髮|放. Here each ambiguous character is classified anew, by a linear model: every
context of :data:`CONTEXTS` has a weight for each form, and so has the form that OpenCC chose; the form with
the highest sum is taken. As contexts are read from the Simplified text, no choice depends on another, and the
time is linear. benchmarks/learn_forms.py learns the weights by multinomial logistic regression.
"""

from __future__ import annotations

import json
import lzma
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hanpack.steps.hash_mixing import FIRST_MULTIPLIER, GOLDEN_RATIO, HALF
from hanpack.steps.script.segmentation import SINGLE_COST, WordLattice
from hanpack.steps.traced import code_points, to_text

Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

# The offsets of the characters that make up each context, from the ambiguous character.
CONTEXTS = ((1,), (-1,), (-2, -1), (-1, 1), (1, 2), (-2, -1, 1), (-1, 1, 2))
# Weights are stored as integers, this many to a unit of the log odds.
SCALE = 16
# What the form that OpenCC chose gains, so that weak evidence does not change it.
# Tuned by ``benchmarks/script.py``: the error on the GSD pairs is lowest at this value.
_TRUST = 5 * SCALE // 4
# The same for characters of which Taiwan writes both forms outside of official texts: 計劃 218, 計畫 109 in
# DRCD and GSD. Tuned by ``benchmarks/script.py``: the least that has the lowest error on the GSD pairs.
_TRUSTS = {"划": 5 * SCALE}
_REACH = 2
# What stands for a context character that is not Han. Nothing beyond such a character is read.
UNKNOWN, OTHER, DIGIT, LATIN, DOT, BLANK = range(6)
_FIRST_HAN = 16
_HAN_RANGES = ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x32400))
_KINDS = (
    (DIGIT, "0123456789０１２３４５６７８９"),
    (LATIN, "".join(map(chr, (*range(0x41, 0x5B), *range(0x61, 0x7B))))),
    (DOT, "·・‧"),
    (BLANK, " 　"),
)
# Words of laws and judgments: such texts keep habits of their own, as 計畫 for 計劃.
_OFFICIAL_WORDS = (
    *("规定", "声请", "裁判", "判决", "裁定", "法院", "主管机关", "本法", "依法", "条例"),
    *("应当", "人民政府", "主管部门", "本办法", "本规定", "本解释"),
    *("人民代表大会", "常务委员会", "检察院", "当事人", "被告", "原告"),
)
_OFFICIAL_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class AmbiguousCharacter:
    """A Simplified character with its forms as Taiwan writes them, the most frequent first.

    ``standard`` has the same forms in OpenCC's own standard, a blank for one that OpenCC does not know. The
    forms of a ``regional`` character differ by the habit of a region and not by meaning. A character is
    ``stable`` if its first form is nearly always right: then only another choice of OpenCC is judged.
    """

    character: str
    forms: str
    standard: str
    regional: bool = False
    stable: bool = False


class FormClassifier:
    """The weights of all contexts; the same data can serve every Traditional target."""

    def __init__(self, data: bytes) -> None:
        decompressor = lzma.LZMADecompressor()
        header, _, body = decompressor.decompress(data).partition(b"\n")
        self._word_data = decompressor.unused_data
        content = json.loads(header)
        self.characters = tuple(AmbiguousCharacter(**row) for row in content["characters"])
        planes = np.frombuffer(body, dtype=np.uint8).reshape(5, -1)
        steps = planes[0].astype(np.uint32)
        for plane in (1, 2, 3):
            steps |= planes[plane].astype(np.uint32) << np.uint32(8 * plane)
        self._keys = np.cumsum(steps, dtype=np.uint32)
        self._weights = np.concatenate((planes[4].view(np.int8), np.zeros(1, dtype=np.int8)))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The Simplified words that OpenCC exchanges for those of a region."""
        return frozenset(self._word_lists["vocabulary"])

    @cached_property
    def lattice(self) -> WordLattice:
        """Frequent Simplified words with their counts."""
        lists = self._word_lists
        counts = (round(math.exp(level / SCALE)) for level in lists["levels"])
        return WordLattice(dict(zip(lists["words"].split(" "), counts, strict=True)), SINGLE_COST)

    @cached_property
    def _word_lists(self) -> dict[str, Any]:
        lists: dict[str, Any] = json.loads(lzma.decompress(self._word_data))
        return lists

    def find_weights(self, keys: npt.NDArray[np.uint32]) -> npt.NDArray[np.int8]:
        """The weight of each key; 0 for a context that was not learnt."""
        places = np.searchsorted(self._keys, keys)
        places[self._keys[np.minimum(places, len(self._keys) - 1)] != keys] = len(self._keys)
        return self._weights[places]


class FormChooser:
    """Chooses among the forms that one target writes.

    Args:
        classifier: the weights.
        to_target: writes forms of OpenCC's standard as the target does; None for Taiwan, whose forms the
            classifier has.
        regional: whether the habits of Taiwan are followed as well; OpenCC's forms stay otherwise.
    """

    def __init__(
        self,
        classifier: FormClassifier,
        to_target: Callable[[str], str] | None = None,
        *,
        regional: bool = False,
    ) -> None:
        self._classifier = classifier
        characters = [row for row in classifier.characters if regional or not row.regional]
        self._ambiguous_index = np.full(0x110000, -1, dtype=np.int16)
        self._forms = np.zeros((len(characters), max(len(row.forms) for row in characters)), dtype=np.int64)
        for index, row in enumerate(characters):
            self._ambiguous_index[ord(row.character)] = index
            forms = row.forms if to_target is None else to_target(row.standard)
            self._forms[index, : len(forms)] = [0 if form == " " else ord(form) for form in forms]
        self._taiwanese = np.zeros_like(self._forms)
        for index, row in enumerate(characters):
            self._taiwanese[index, : len(row.forms)] = [ord(form) for form in row.forms]
        self._is_stable = np.array([row.stable for row in characters])
        self._trust = np.array([_TRUSTS.get(row.character, _TRUST) for row in characters])

    def choose(self, source: str, converted: str, *, official: bool = False) -> str:
        """Correct a conversion of ``source``, a text of the same length; only ambiguous characters change."""
        codes, result = code_points(source), code_points(converted).copy()
        index = self._ambiguous_index[codes]
        positions = np.flatnonzero(index >= 0)
        is_current = self._forms[index[positions]] == result[positions][:, None]
        current = is_current.argmax(axis=1)
        judged = is_current.any(axis=1) & ~(self._is_stable[index[positions]] & (current == 0))
        positions, current = positions[judged], current[judged]
        if not len(positions):
            return converted
        numbers = np.arange(len(positions))
        forms, taiwanese = self._forms[index[positions]], self._taiwanese[index[positions]]
        contexts = hash_contexts(codes, positions, taiwanese[numbers, current], official)
        scores = np.where(forms > 0, 0, -(1 << 20))
        scores[numbers, current] += _TRUST if official else self._trust[index[positions]]
        for number in range(1, forms.shape[1]):
            rows = np.flatnonzero(forms[:, number])
            keys = to_form_keys(contexts[rows], taiwanese[rows, number])
            scores[rows, number] += self._classifier.find_weights(keys).sum(axis=1, dtype=np.int64)
        result[positions] = forms[numbers, scores.argmax(axis=1)]
        return to_text(result)


def is_official(text: str) -> bool:
    """Whether a Simplified text has the words of laws and judgments.

    >>> is_official("依第五条规定，法院得以裁定驳回。"), is_official("小鸟飞走了。")
    (True, False)
    """
    return sum(text.count(word) for word in _OFFICIAL_WORDS) > _OFFICIAL_SHARE * len(text)


def hash_contexts(
    codes: npt.NDArray[np.uint32] | Integers,
    positions: Integers,
    current: Integers,
    official: bool | npt.NDArray[np.bool_],
    *,
    edge: int = OTHER,
) -> Hashes:
    """The contexts of ambiguous characters, as hashes; shape (positions, contexts + 3).

    The last three columns are the form that OpenCC chose, the same in an official or another text, and the
    character alone. A hash is 0 where a context has an unknown character.

    Args:
        codes: the code points of a Simplified text.
        positions: where the ambiguous characters are.
        current: the form that OpenCC chose at each, a code point as Taiwan writes it; 0 for none.
        official: whether the text is official, for all positions or for each.
        edge: what stands before and after the text.
    """
    around = np.full(_REACH, edge)
    kinds = np.concatenate((around, _character_kinds()[codes], around))
    neighbours: dict[int, Integers] = {}
    for side in (-1, 1):
        nearest = kinds[positions + _REACH + side]
        beyond = kinds[positions + _REACH + 2 * side]
        is_end = nearest < _FIRST_HAN
        neighbours[side] = nearest
        neighbours[2 * side] = np.where(is_end, np.minimum(nearest, OTHER), beyond)
    character = codes[positions].astype(np.uint64) * GOLDEN_RATIO
    columns = []
    for number, offsets in enumerate(CONTEXTS, 1):
        value, known = character + np.uint64(number), np.ones(len(positions), dtype=np.bool_)
        for offset in offsets:
            value = _mix(value * GOLDEN_RATIO + neighbours[offset].astype(np.uint64))
            known &= neighbours[offset] != UNKNOWN
        columns.append(np.where(known, value, 0))
    choice = _mix(_mix(character + np.uint64(50)) + current.astype(np.uint64))
    is_chosen = current > 0
    columns.append(np.where(is_chosen, choice, 0))
    columns.append(np.where(is_chosen, _mix(choice + np.asarray(official, dtype=np.uint64)), 0))
    columns.append(_mix(character + np.uint64(60)))
    return np.stack(columns, axis=1)


def to_form_keys(contexts: Hashes, forms: Integers) -> npt.NDArray[np.uint32]:
    """The keys under which weights are stored: 32 bits of each context and of the form of its row."""
    spread = _mix(contexts + forms.astype(np.uint64)[:, None])
    return (spread >> HALF).astype(np.uint32)


def pack_classifier(
    characters: Sequence[AmbiguousCharacter],
    keys: npt.NDArray[np.uint32],
    weights: npt.NDArray[np.int8],
    counts: Mapping[str, int],
    vocabulary: Iterable[str],
) -> bytes:
    """The data of a :class:`FormClassifier`: a line of JSON and five planes of bytes, compressed.

    Four planes hold the bytes of the differences between sorted keys, one the weights. After them stand the
    words with the logarithms of their ``counts`` and the words of the ``vocabulary``, compressed apart.
    """
    order = np.argsort(keys, kind="stable")
    steps = np.diff(keys[order], prepend=np.uint32(0))
    planes = [(steps >> np.uint32(8 * plane)).astype(np.uint8) for plane in range(4)]
    planes.append(weights[order].view(np.uint8))
    rows = [
        {name: getattr(row, name) for name in ("character", "forms", "standard", "regional", "stable")}
        for row in characters
    ]
    header = json.dumps({"characters": rows}, ensure_ascii=False).encode()
    words = sorted(counts)
    lists = {
        "words": " ".join(words),
        "levels": [round(math.log(counts[word]) * SCALE) for word in words],
        "vocabulary": sorted(vocabulary),
    }
    weights_part = lzma.compress(header + b"\n" + b"".join(plane.tobytes() for plane in planes), preset=9)
    return weights_part + lzma.compress(json.dumps(lists, ensure_ascii=False).encode(), preset=9)


def _mix(values: Hashes) -> Hashes:
    """Spread the bits of hashes, by the finishing steps of MurmurHash3 (A. Appleby, 2011)."""
    mixed = (values ^ (values >> np.uint64(31))) * FIRST_MULTIPLIER
    return mixed ^ (mixed >> np.uint64(29))


@lru_cache(maxsize=1)
def _character_kinds() -> Integers:
    """What each code point counts as in a context: a Han character as itself; shape (0x110000,)."""
    kinds = np.full(0x110000, OTHER, dtype=np.int64)
    for low, high in _HAN_RANGES:
        kinds[low:high] = np.arange(low, high)
    for kind, characters in _KINDS:
        kinds[[ord(character) for character in characters]] = kind
    kinds[0] = UNKNOWN
    kinds.flags.writeable = False
    return kinds
