"""Which script a text is in: Simplified, Traditional, a mix, or something no conversion should touch.

Evidence is counted in one vectorised pass. A character is Simplified-only or Traditional-only where OpenCC
would convert it and the national character set of the other side (GB 2312, Big5) does not hold it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

from hanpack.steps.traced import code_points

ScriptName = Literal["Hans", "Hant", "mixed", "other"]
Region = Literal["", "tw", "hk"]
Classes = npt.NDArray[np.uint8]


class Letter(IntEnum):
    """What one character tells about the script of its text."""

    SILENT = 0
    HAN = 1
    SIMPLIFIED = 2
    SIMPLIFIED_MODERN = 3
    TRADITIONAL = 4
    TRADITIONAL_MODERN = 5
    TAIWAN = 6
    HONG_KONG = 7
    MODERN = 8
    CLASSICAL = 9
    CANTONESE = 10
    KANA = 11
    HANGUL = 12
    LATIN = 13
    SURROGATE = 14


# Big5 holds these as rare or old forms; in running text only Simplified Chinese writes them.
_SIMPLIFIED_IN_BIG5 = "万与优价体坏宁庄怀怜惊扑扰机极构洁确离种虫触赶听岭异柜党圣忏气网苹胆庆听吨适历"
# The Hong Kong set holds these as living Traditional variants.
_VARIANTS = (
    "却叠咏响卧厨厦厢厩厮恒温脚携猪猫烟凉凑减冲决况凄凛强囱咤咢屮弢慈晉勇吆芳貫蜨䕫麽黄册吴净准秆粮糇糍葱踪銮霡"
    "榅皂牦衅床凤榥麼群"
)
_TRADITIONAL_IN_GB2312 = "後於"
_MODERN = "的了是在你她很都把被吧呢"
_MODERN_SIMPLIFIED = "这个们没吗还说给让"
_MODERN_TRADITIONAL = "這個們沒嗎還說給讓"
_CLASSICAL = "曰矣乎哉焉兮吾汝"
_CANTONESE = "嘅喺嘢咗冇啲佢哋㗎嚟噉哂唔"
_HAN_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0))

# Shares of the letters that count; measured on modern, classical, Japanese and Korean text.
_FOREIGN_SHARE = 0.2
_MIXED_SHARE = 0.05
_SHORTEST_CLASSICAL = 60
_CLASSICAL_SHARE = 0.003
_CLASSICAL_MODERN_SHARE = 0.018
_VERSE_MODERN_SHARE = 0.03
_VERSE_SHARE = 0.5
_MODERN_LATIN_SHARE = 0.005
_VERSE = re.compile(r"(?:(?<![㐀-鿿])(?:[㐀-鿿]{5}[^㐀-鿿]+){4,}|(?<![㐀-鿿])(?:[㐀-鿿]{7}[^㐀-鿿]+){4,})")


@dataclass(frozen=True, slots=True)
class Script:
    """The script of a text, the regional habit it shows ("" where none) and whether to convert it at all.

    Japanese, Korean and classical texts are not ``convertible``; ``reason`` says which they are.
    """

    name: ScriptName
    region: Region = ""
    convertible: bool = True
    reason: Literal["", "japanese", "korean", "classical", "no evidence"] = ""


def find_script(text: str) -> Script:
    """Tell the script of a text from the characters that only one script uses."""
    return judge_script(text, count_letters(classify(text)))


def classify(text: str) -> Classes:
    """The :class:`Letter` of each character; shape (characters,)."""
    letters: Classes = _letter_table()[code_points(text)]
    return letters


def count_letters(letters: Classes) -> Mapping[Letter, int]:
    """How many characters there are of each kind."""
    counts = np.bincount(letters, minlength=len(Letter))
    return MappingProxyType({letter: int(counts[letter]) for letter in Letter})


def simplified_count(counts: Mapping[Letter, int]) -> int:
    """Characters that only Simplified Chinese writes."""
    return counts[Letter.SIMPLIFIED] + counts[Letter.SIMPLIFIED_MODERN]


def traditional_count(counts: Mapping[Letter, int]) -> int:
    """Characters that only Traditional Chinese writes."""
    return (
        counts[Letter.TRADITIONAL]
        + counts[Letter.TRADITIONAL_MODERN]
        + counts[Letter.TAIWAN]
        + counts[Letter.HONG_KONG]
    )


def judge_script(text: str, counts: Mapping[Letter, int]) -> Script:
    """Tell the script of a text from its counts; the text itself is read only where it may be verse."""
    simplified, traditional = simplified_count(counts), traditional_count(counts)
    modern = counts[Letter.MODERN] + counts[Letter.SIMPLIFIED_MODERN] + counts[Letter.TRADITIONAL_MODERN]
    han = simplified + traditional + sum(counts[kind] for kind in _NEUTRAL_HAN)
    if counts[Letter.KANA] > _FOREIGN_SHARE * (han + counts[Letter.KANA]):
        return Script("other", convertible=False, reason="japanese")
    if counts[Letter.HANGUL] > _FOREIGN_SHARE * (han + counts[Letter.HANGUL]):
        return Script("other", convertible=False, reason="korean")
    evidence = simplified + traditional
    if not evidence:
        return Script("other", reason="no evidence")
    name: ScriptName = "mixed"
    if traditional <= _MIXED_SHARE * evidence:
        name = "Hans"
    elif simplified <= _MIXED_SHARE * evidence:
        name = "Hant"
    if _is_classical(text, han, modern, counts):
        return Script(name, convertible=False, reason="classical")
    return Script(name, _region(text, counts) if name == "Hant" else "")


_NEUTRAL_HAN = (Letter.HAN, Letter.MODERN, Letter.CLASSICAL, Letter.CANTONESE)


def _region(text: str, counts: Mapping[Letter, int]) -> Region:
    taiwan = counts[Letter.TAIWAN] + text.count("著")
    hong_kong = counts[Letter.HONG_KONG] + counts[Letter.CANTONESE] + text.count("着")
    if taiwan == hong_kong:
        return ""
    return "tw" if taiwan > hong_kong else "hk"


def _is_classical(text: str, han: int, modern: int, counts: Mapping[Letter, int]) -> bool:
    if han < _SHORTEST_CLASSICAL or counts[Letter.LATIN] > _MODERN_LATIN_SHARE * han:
        return False
    if modern <= _CLASSICAL_MODERN_SHARE * han and counts[Letter.CLASSICAL] >= _CLASSICAL_SHARE * han:
        return True
    if modern > _VERSE_MODERN_SHARE * han:
        return False
    verse = sum(found.end() - found.start() for found in _VERSE.finditer(text))
    return verse >= _VERSE_SHARE * len(text)


@lru_cache(maxsize=1)
def _letter_table() -> Classes:
    """The kind of every code point; shape (0x110000,)."""
    table = np.zeros(0x110000, dtype=np.uint8)
    han = [chr(code) for low, high in _HAN_RANGES for code in range(low, high)]
    joined = "\n".join(han)
    simplified = OpenCC("t2s").convert(joined).split("\n")
    traditional = OpenCC("s2t").convert(joined).split("\n")
    for low, high in _HAN_RANGES:
        table[low:high] = Letter.HAN
    table[0xF900:0xFB00] = table[0x2F800:0x2FA20] = Letter.HAN
    for letter, into_simplified, into_traditional in zip(han, simplified, traditional, strict=True):
        if into_simplified != letter and not _is_encodable(letter, "gb2312"):
            table[ord(letter)] = Letter.TRADITIONAL
        elif into_traditional != letter and not _is_encodable(letter, "big5"):
            table[ord(letter)] = Letter.SIMPLIFIED
    for letters, kind in (
        (_SIMPLIFIED_IN_BIG5, Letter.SIMPLIFIED),
        (_VARIANTS, Letter.HAN),
        (_TRADITIONAL_IN_GB2312, Letter.TRADITIONAL),
        (_MODERN, Letter.MODERN),
        (_MODERN_SIMPLIFIED, Letter.SIMPLIFIED_MODERN),
        (_MODERN_TRADITIONAL, Letter.TRADITIONAL_MODERN),
        (_CLASSICAL, Letter.CLASSICAL),
        (_CANTONESE, Letter.CANTONESE),
        ("裡", Letter.TAIWAN),
        ("裏衞説鋭閲", Letter.HONG_KONG),
        ("0123456789０１２３４５６７８９", Letter.LATIN),
    ):
        table[[ord(letter) for letter in letters]] = kind
    table[0x41:0x5B] = table[0x61:0x7B] = Letter.LATIN
    table[0x3041:0x3100] = table[0x31F0:0x3200] = table[0xFF66:0xFFA0] = Letter.KANA
    table[0x30FB] = Letter.SILENT
    table[0x1100:0x1200] = table[0x3130:0x3190] = table[0xAC00:0xD7A4] = Letter.HANGUL
    table[0xD800:0xE000] = Letter.SURROGATE
    table.flags.writeable = False
    return table


def _is_encodable(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
