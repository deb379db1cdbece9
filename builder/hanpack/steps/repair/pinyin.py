"""In-place pinyin: readings that a word filter put after single characters, as in 創(chuàng)建國(guó)家.

Damage is told from a gloss, a textbook or a name's reading by its consistency in the record: the
characters of a fixed list are annotated every time they occur, one at a time, inside words, with their
context-free reading; on a page of glosses one word is annotated once, on ruby text every character.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass

from hanpack.steps.repair.forms import simplified_forms
from hanpack.steps.repair.gbk import characters, pairs
from hanpack.steps.repair.pronunciation import (
    ANNOTATION,
    PRONUNCIATION,
    default_pronunciation,
    pronunciations,
)
from hanpack.steps.traced import Replacement

# Characters seen annotated on damaged pages, in both scripts: a prior, for a record may list others.
LISTED: Set[str] = frozenset(
    "万专业严个为乐习乡书争事产仓价优会來侧倉個側储價優儲內关养内冊册写农准创到創务动势動務勢区医區协協卫"
    "厂发台号后向听問嚴团国國團场坚執堅報場复好学學实實寫对导專對導小库应庫廠开強强当後復忧态態憂應成战戰"
    "戶户执扩扬护报据揚據擴数數文新无时時書會有术机权来构标树業構樂標樹機權测济润測準满滿潤濟災灾点無營爭"
    "爲物独献獨獻环现現環產用电画畫當發监監础礎种科称種稱稳穩简節簡类紀級細結絡統經網線績續级纪线细经结络"
    "统绩续网習联聯聽能臺节营萬號術衛补補見規觀见观规計訓訪設評詢詩話誉認誠誰調請謹識護譽计认训设访评识诗"
    "诚话询请谁调谨負財責費貿質購贈负财责质购贸费赠起車轉车转農达过运还这进远這進運過達遠還鄉醫銷錢鎮钱销"
    "镇長长門開關门问队阳险陽隊險電面頁項預領類页项预领風风養驅驗驱验鳥鸟點"
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# What a reading leaves where it was put across two characters, as in 炬?zhèn)鬟f.
_ACROSS = re.compile(rf"(?<=[\u3400-\u9fff)])\?{PRONUNCIATION} ?\)")
_ALWAYS = 0.7
_INSIDE = 0.5
_RUBY_SHARE = 0.5
_ENOUGH = 2.0
_REPEATED = 3
_SHORT = 80
# The leads of the 3,755 commonest characters in GB 2312.
_COMMON_LEADS = range(0xB0, 0xD8)


@dataclass(frozen=True, slots=True)
class _Annotation:
    """``(reading)`` at ``[start, end)`` after a character, and whether that stands inside a word."""

    character: str
    reading: str
    start: int
    end: int
    inside: bool


def find_pinyin(text: str) -> list[Replacement]:
    """Find the readings that damage put into a record; each replacement removes one with its parentheses.

    Genuine pinyin is left alone. A text without a reading in parentheses costs one scan.
    """
    found = [
        _read(text, match.start(), match.end(), match[1])
        for match in ANNOTATION.finditer(text)
        if match.start()
    ]
    if not found:
        return []
    listed = _find_list(text, found)
    if not listed:
        return []
    spoken = {annotation.reading for annotation in found if annotation.character in listed}
    return [
        Replacement(annotation.start, annotation.end)
        for annotation in found
        if annotation.character in listed
        or (annotation.reading in spoken and (annotation.character or text[annotation.start - 1].isalpha()))
    ]


def _read(text: str, start: int, end: int, reading: str) -> _Annotation:
    """Name the annotated character: the one before, or one matched across it and an ASCII letter."""
    character = text[start - 1]
    first = start - 1
    if character < "\x80":
        trail = pairs().get(text[start - 2 : start - 1], (0, 0))[1]
        character = characters().get((trail, ord(character)), "")
        first = start - 2
    elif not _HAN.match(character):
        character = ""
    if reading not in pronunciations(character):
        character = ""
    before = text[first - 1] if first > 0 else " "
    after = text[end : end + 1] or " "
    inside = bool(_HAN.match(after)) or before == ")" or bool(_HAN.match(before))
    return _Annotation(character, reading, start, end, inside)


def _find_list(text: str, found: list[_Annotation]) -> Set[str]:
    """The characters whose annotations are damage in this record; empty where it is not damaged."""
    named = [annotation for annotation in found if annotation.character]
    han = len(_HAN.findall(text))
    if not named or len(named) > _RUBY_SHARE * han:
        return frozenset()
    times = Counter(annotation.character for annotation in named)
    inside = Counter(annotation.character for annotation in named if annotation.inside)
    spoken = Counter({annotation.character: 0 for annotation in named})
    spoken.update(character for character, _ in {(one.character, one.reading) for one in named})
    present = Counter(text)
    steady = {
        character
        for character, number in times.items()
        if spoken[character] == 1
        and number >= _ALWAYS * present[character]
        and inside[character] >= _INSIDE * number
    }
    weight = sum(_weight(character, times[character], han) for character in steady)
    weight += _ENOUGH * bool(_ACROSS.search(text))
    if weight < _ENOUGH or len(steady) < _ALWAYS * len(times):
        return frozenset()
    return {
        character
        for character in times
        if character in LISTED or _is_common(character) or (character in steady and times[character] > 1)
    }


def _weight(character: str, times: int, han: int) -> float:
    """How much one steadily annotated character says for damage."""
    weight = 1.0 if character in LISTED else 0.5 if _is_common(character) else 0.0
    if weight and (times >= _REPEATED or (han <= _SHORT and character in LISTED)):
        weight += 1.0
    return weight


def _is_common(character: str) -> bool:
    form = simplified_forms().get(character, character)
    return pairs().get(form, (0, 0))[0] in _COMMON_LEADS and bool(default_pronunciation(character))
