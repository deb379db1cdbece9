"""Conversion of a text from one Chinese script to another, every character traced to where it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

from hanpack.steps.script.recognition import (
    Classes,
    Letter,
    Script,
    classify,
    count_letters,
    find_script,
    judge_script,
    simplified_count,
    traditional_count,
)
from hanpack.steps.script.rules import (
    mend_for_simplified,
    simplify_quotes,
    tells_zhu_apart,
    traditionalise_quotes,
)
from hanpack.steps.traced import Replacement, Traced, code_points

__all__ = ["Script", "ScriptConverter", "Target", "find_script"]

Target = Literal["keep", "hans", "hant", "tw", "hk"]
Flags = npt.NDArray[np.bool_]
Conversion = Callable[[str], str]

STEP = "script"
_WINDOW = 1 << 16
_UNIT = re.compile(r"[^\n。！？；!?;]*[\n。！？；!?;]+[」』”’）)]*|[^\n。！？；!?;]+")
_BREAK = re.compile(r"[^㐀-鿿\U00020000-\U000323af\ud800-\udfff]")
_SURROGATES = re.compile("[\ud800-\udfff]+")
# Characters of either script that a conversion may still change, where nothing stronger tells the script.
_MAYBE_TRADITIONAL = re.compile("[著乾夥徵「」]")
_MAYBE_SIMPLIFIED = re.compile("[几胄猫猪线烟灯咏叠却响强床粮群]")
_CONFIGURATIONS: Mapping[str, str] = {"hant": "s2t", "tw": "s2tw", "hk": "s2hk"}
_PHRASES: Mapping[str, str] = {"hant": "s2t", "tw": "s2twp", "hk": "s2hkp"}
_REGIONAL: Mapping[tuple[str, str], tuple[str, str]] = {
    ("hk", "tw"): ("hk2t", "t2tw"),
    ("tw", "hk"): ("tw2t", "t2hk"),
}
_FOREIGN_SHARE = 0.2
_FARTHEST = 24


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of the text to convert; in a ``strict`` one only the characters of the other script change."""

    start: int
    end: int
    strict: bool = False


class ScriptConverter:
    """Converts texts to one target script; make one a worker, for it cannot be pickled.

    ``hans`` is OpenCC's t2s with our own regional forms and word rules (:mod:`.script_rules`), ``hant`` s2t,
    ``tw`` s2tw and ``hk`` s2hk: characters and a region's variants, never its vocabulary. With ``phrases``
    vocabulary is exchanged as well: tw2sp or hk2sp by the region found, s2twp, s2hkp. A Traditional text
    with the habits of the other region is brought to the target's variants.
    """

    def __init__(self, target: Target, phrases: bool = False) -> None:
        self.target = target
        self._phrases = phrases
        self._openccs: dict[str, OpenCC] = {}

    def convert(self, traced: Traced) -> Traced:
        """Bring a text to the target; what changes is recorded as edits of the step ``script``.

        Japanese, Korean and classical texts come back as they are, and so does a text in the target script.
        """
        text = traced.text
        if self.target == "keep" or not text:
            return traced
        letters = classify(text)
        counts = count_letters(letters)
        script = judge_script(text, counts)
        if not script.convertible:
            return traced
        passages = self._passages(text, letters, counts, script)
        if not passages:
            return traced
        conversion = self._conversion(text, script)
        return _rewrite(traced, _windows(text, passages), letters, conversion, self._key, self.target)

    def _conversion(self, text: str, script: Script) -> Conversion:
        if self.target == "hans":
            to_simplified, keep_zhu = self._opencc(self._to_simplified(text, script)), tells_zhu_apart(text)
            return lambda piece: simplify_quotes(to_simplified(mend_for_simplified(piece, keep_zhu)))
        regional = _REGIONAL.get((script.region, self.target)) if script.name == "Hant" else None
        if regional is not None:
            to_standard, to_region = (self._opencc(name) for name in regional)
            return lambda piece: to_region(to_standard(piece))
        to_traditional = self._opencc(self._configuration())
        return lambda piece: traditionalise_quotes(to_traditional(piece))

    def _to_simplified(self, text: str, script: Script) -> str:
        if not self._phrases:
            return "t2s"
        if script.region:
            return f"{script.region}2sp"
        sample = _SURROGATES.sub("", text[:_WINDOW])
        plain = self._opencc("t2s")(sample)
        taiwan, hong_kong = (_common_prefix(plain, self._opencc(name)(sample)) for name in ("tw2sp", "hk2sp"))
        return "hk2sp" if hong_kong < taiwan else "tw2sp"

    def _configuration(self) -> str:
        return (_PHRASES if self._phrases else _CONFIGURATIONS)[self.target]

    def _opencc(self, name: str) -> Conversion:
        if name not in self._openccs:
            self._openccs[name] = OpenCC(name)
        convert: Conversion = self._openccs[name].convert
        return convert

    def _key(self, piece: str) -> str:
        """The piece in a form in which both sides of a conversion are alike, for comparing them."""
        key = self._opencc("t2s")(piece)
        return key if len(key) == len(piece) else piece

    def _passages(
        self, text: str, letters: Classes, counts: Mapping[Letter, int], script: Script
    ) -> list[Passage]:
        simplified, traditional = simplified_count(counts), traditional_count(counts)
        foreign = counts[Letter.KANA] + counts[Letter.HANGUL]
        whole = [Passage(0, len(text))]
        if self.target == "hans":
            if not traditional and (simplified or _MAYBE_TRADITIONAL.search(text) is None):
                return []
            if script.name in ("Hant", "other") and not foreign:
                return whole
            return _passages_by_unit(text, letters, script, _TRADITIONAL, _SIMPLIFIED)
        if not simplified and traditional:
            regional = self._phrases or (script.region, self.target) in _REGIONAL
            weak = 0 if regional else len(_MAYBE_SIMPLIFIED.findall(text))
            return whole if regional or 4 * weak >= traditional else []
        if script.name in ("Hans", "other") and not foreign:
            return whole
        return _passages_by_unit(text, letters, script, _SIMPLIFIED, _TRADITIONAL)


_SIMPLIFIED = (Letter.SIMPLIFIED, Letter.SIMPLIFIED_MODERN)
_TRADITIONAL = (Letter.TRADITIONAL, Letter.TRADITIONAL_MODERN, Letter.TAIWAN, Letter.HONG_KONG)


def _passages_by_unit(
    text: str, letters: Classes, script: Script, wanted: tuple[Letter, ...], other: tuple[Letter, ...]
) -> list[Passage]:
    """Decide sentence by sentence; ``wanted`` are the letters of the script to convert from.

    In a text of the target script a sentence must be clearly of the other one; in a mixed text every
    character of the other script is converted, and its neighbours where that script prevails.
    """
    starts = np.array([found.start() for found in _UNIT.finditer(text)], dtype=np.int64)
    ends = np.append(starts[1:], len(text))
    from_script = np.add.reduceat(np.isin(letters, wanted), starts, dtype=np.int64)
    to_script = np.add.reduceat(np.isin(letters, other), starts, dtype=np.int64)
    foreign = np.add.reduceat(np.isin(letters, (Letter.KANA, Letter.HANGUL)), starts, dtype=np.int64)
    han = np.add.reduceat((letters >= Letter.HAN) & (letters <= Letter.CANTONESE), starts, dtype=np.int64)
    native = foreign <= _FOREIGN_SHARE * (han + foreign)
    majority = int(from_script.sum()) >= int(to_script.sum())
    if script.name == "mixed" or majority:
        full = (from_script > 0) & (4 * from_script >= to_script)
        full |= (from_script + to_script == 0) & majority
        strict = (from_script > 0) & ~full
    else:
        full = (from_script > 1) & (from_script > 2 * to_script)
        strict = np.zeros_like(full)
    kinds = np.where(native, np.where(full, 2, np.where(strict, 1, 0)), 0)
    firsts = np.flatnonzero(np.diff(kinds, prepend=-1))
    lasts = np.append(firsts[1:], len(kinds)) - 1
    return [
        Passage(int(starts[first]), int(ends[last]), strict=bool(kinds[first] == 1))
        for first, last in zip(firsts, lasts, strict=True)
        if kinds[first]
    ]


def _windows(text: str, passages: Iterable[Passage]) -> Iterator[Passage]:
    """Cut passages where no word stands across the cut, and around lone surrogates, which OpenCC refuses."""
    for passage in passages:
        start = passage.start
        for found in [*_SURROGATES.finditer(text, passage.start, passage.end), None]:
            end = found.start() if found else passage.end
            while end - start > _WINDOW:
                cut = _last_break(text, start, start + _WINDOW)
                yield replace(passage, start=start, end=cut)
                start = cut
            if end > start:
                yield replace(passage, start=start, end=end)
            start = found.end() if found else end


def _last_break(text: str, start: int, end: int) -> int:
    line = text.rfind("\n", start, end)
    if line > start:
        return line + 1
    tail = max(start, end - 1024)
    return max((found.end() for found in _BREAK.finditer(text, tail, end)), default=end)


def _rewrite(
    traced: Traced,
    windows: Iterable[Passage],
    letters: Classes,
    conversion: Conversion,
    key: Conversion,
    target: Target,
) -> Traced:
    """Convert window by window: what keeps its length one to one, then the rest by replacements."""
    pieces: list[str] = []
    longer: list[Replacement] = []
    position = 0
    for window in windows:
        source = traced.text[window.start : window.end]
        pieces.append(traced.text[position : window.start])
        position = window.end
        converted = conversion(source)
        if len(converted) != len(source):
            converted, found = _by_sentence(source, window.start, converted, conversion, key)
            longer.extend(() if window.strict else found)
        if window.strict and converted != source:
            wanted = _TRADITIONAL if target == "hans" else _SIMPLIFIED
            converted = _only(source, converted, np.isin(letters[window.start : window.end], wanted))
        pieces.append(converted)
    pieces.append(traced.text[position:])
    return traced.substitute(STEP, "".join(pieces)).apply(STEP, longer)


def _only(source: str, converted: str, chosen: Flags) -> str:
    return _decoded(np.where(chosen, code_points(converted), code_points(source)))


def _by_sentence(
    source: str, offset: int, converted: str, conversion: Conversion, key: Conversion
) -> tuple[str, list[Replacement]]:
    """Split a window whose length changes: its text as far as lengths hold, and replacements for the rest."""
    sentences = [found.group() for found in _UNIT.finditer(source)]
    results = [conversion(sentence) for sentence in sentences]
    if "".join(results) != converted:
        sentences, results = [source], [converted]
    kept: list[str] = []
    found: list[Replacement] = []
    for sentence, result in zip(sentences, results, strict=True):
        if len(sentence) == len(result):
            kept.append(result)
        else:
            found.extend(_compare(sentence, result, offset, key))
            kept.append(sentence)
        offset += len(sentence)
    return "".join(kept), found


def _compare(source: str, result: str, offset: int, key: Conversion) -> Iterator[Replacement]:
    """Walk both sides in step and, where they part, find the nearest place where they meet again.

    Linear in the length: what two conversions of one sentence differ by is short.
    """
    left, right = key(source), key(result)
    here, there = 0, 0
    while here < len(source) or there < len(result):
        if here < len(source) and there < len(result) and left[here] == right[there]:
            skip = (1, 1)
        else:
            near = _meeting(left[here : here + _FARTHEST], right[there : there + _FARTHEST])
            skip = near or (len(source) - here, len(result) - there)
        new = result[there : there + skip[1]]
        if source[here : here + skip[0]] != new:
            yield Replacement(offset + here, offset + here + skip[0], new)
        here, there = here + skip[0], there + skip[1]


def _meeting(left: str, right: str) -> tuple[int, int] | None:
    """How far to skip on either side, the least in all, for two characters to agree; None where none do."""
    for total in range(1, _FARTHEST):
        for first in range(min(total, len(left)), -1, -1):
            second = total - first
            if second <= len(right) and left[first : first + 2] == right[second : second + 2]:
                return first, second
    return None


def _common_prefix(first: str, second: str) -> int:
    """How long two conversions of a text agree: the one with a vocabulary that fits parts sooner."""
    return next(
        (at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), len(first)
    )


def _decoded(codes: npt.NDArray[np.uint32]) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
