"""Which script a text is in: Simplified, Traditional, a mix of both, or a text that must not be converted.

The evidence is counted in one vectorised pass. A character is Simplified-only or Traditional-only if OpenCC
would convert it and the national character set of the other side (GB 2312, Big5) does not hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.script.character_sets import SIMPLIFIED_ONLY, TRADITIONAL_ONLY
from hanpack.steps.script.japanese import CHINESE_WORDS, are_shinjitai, is_chinese_with_kana, is_not_japanese
from hanpack.steps.traced import code_points

ScriptName = Literal["Hans", "Hant", "mixed", "other"]
Region = Literal["", "tw", "hk"]
CharacterClasses = npt.NDArray[np.uint8]


class CharacterClass(IntEnum):
    """What a character reveals about the script of its text; ``NONE`` reveals nothing."""

    NONE = 0
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
    JAPANESE = 15


# How many characters of each class a text has, by the number of the class.
ClassCounts = Sequence[int]

_CLASS_COUNT = len(CharacterClass)
SIMPLIFIED_CLASSES = (CharacterClass.SIMPLIFIED, CharacterClass.SIMPLIFIED_MODERN)
TRADITIONAL_CLASSES = (
    CharacterClass.TRADITIONAL,
    CharacterClass.TRADITIONAL_MODERN,
    CharacterClass.TAIWAN,
    CharacterClass.HONG_KONG,
)
FOREIGN_CLASSES = (CharacterClass.KANA, CharacterClass.HANGUL, CharacterClass.JAPANESE)
_NEUTRAL_HAN_CLASSES = (
    CharacterClass.HAN,
    CharacterClass.MODERN,
    CharacterClass.CLASSICAL,
    CharacterClass.CANTONESE,
)

# Big5 holds these as rare or old forms; in running text only Simplified Chinese uses them.
_SIMPLIFIED_IN_BIG5 = "万与优价体坏宁庄怀怜惊扑扰机极构洁确离种虫触赶听岭异柜党圣忏气网苹胆庆听吨适历"
# The Hong Kong set holds these as current Traditional variants.
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
# Forms that Japanese made and neither GB 2312 nor Big5 holds: no Chinese text writes them.
_JAPANESE = (
    "両乗亀亜仏仮価倶倹兎児円処剣効勅勧勲単厠収唖営噛団囲図圏圧塁塡塩壌壱売変奨姉姫嬢実対専尭巌巣帯帰庁広廃弐弾従応恵悩悪戦戯戻払抜択拝拠拡挙挿捜掲掻揺摂撃撹斉斎暁曁曽栄桜桝桟検楡楽様歓"
    "歯歴殻気氷汚沢浄涙渇済渉渋渓満溌滝瀬焼犠猟痩発皐県砕稲穂穣竃竜粋粛経絵絶継続緑縦繊繋繍聡聴脳臓舎舗艶茘荘蔵薫薬蛍蝋覇覚覧観訳読謡譲賛贋転軽輌辺逓遅郷酔醗醤醸釈鉄鉱銭鋳錬関闘陥険雑霊"
    "頴顕駅駆騒験髄髪鴎鶏鹸麹黒黙鼈齢込働峠畑辻枠匂塀栃椛榊樫凪凧喰笹籾麿雫鰯噺栂桝椙槇鋲躾"
    "労厳壊寛巻徴徳懐晩暦査権歩歳毎渕潅焔産畳疎穏縁縄総隠隷頬頼顔駄鴬嶋樋増戸録"
)
HAN_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0))

# Shares of the characters of a text, measured on modern, classical, Japanese and Korean text;
# tests/steps/script/test_conversion.py holds them to the texts of tests/cases/no_harm.
FOREIGN_SHARE = 0.2
# How much a Japanese form of a Han character tells beside a kana.
_JAPANESE_WEIGHT = 3
MIXED_SHARE = 0.05
_SHORTEST_CLASSICAL = 60
_CLASSICAL_SHARE = 0.003
_CLASSICAL_MODERN_SHARE = 0.018
_VERSE_MODERN_SHARE = 0.03
_VERSE_SHARE = 0.5
_MODERN_LATIN_SHARE = 0.005
# A quotation, title or remark that may be Japanese or Korean in a Chinese text.
_QUOTATION = compile_lazily(r"[「『《〈“‘（(【]([^「」『』《》〈〉“”‘’（）()【】\n]{1,60})[」』》〉”’）)】]")
_KANA_OR_HANGUL = compile_lazily("[ぁ-ゟァ-ヺｦ-ﾟ\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
# How many characters are read to tell Chinese from Japanese beside a quotation.
_SAMPLE = 2000
# What verse speaks of with at least this share of its characters, and what is listed in short lines does not:
# 0.6 percent of 678 poems have less, and 95 to 99.5 percent of any eight such lines of reports and laws.
_IMAGERY = frozenset(
    "丹亦今仙似何余光初劍千古君吟吾啼坐塵壺夜夢天孤客宵寄寒尋山峰崖嶺巒巷帆幾弓心思恨悲惟愁愛憶懷我旌旦昏春晚暮曉曙望朝李杏松枝柳桃桑梅樓樹橋檣歌此歸殿汝江沙泉洞洲浪淚深清渡溪潮烟無"
    "煙燕爾牛猶猿獨玉琴琵琶白皆石碧秋稻空窗竹笛箭簫簾紅絃羊老聞腸臥舊舟花芳荷莫菊落葉蓮蘭蝶螢蟬衣裏詩誰谷豈遠還酒醉野銅鏡閑閒陌陰雁雞離雨雪雲霜霞露青靜頭風飛首香馬魂魚鳥鶯鶴麻黍"
    "剑尘壶梦寻岭峦几爱忆怀晓楼树桥樯归泪无尔犹独箫帘红弦闻肠卧旧叶莲兰萤蝉里诗谁岂远还铜镜闲阴鸡离云静头风飞马鱼鸟莺鹤"
)
_IMAGERY_SHARE = 0.06
# Four or more lines in a row of five characters each, or of seven each; a repeated slogan is no verse.
_VERSE = compile_lazily(
    r"(?:(?<![㐀-鿿])(?:[㐀-鿿]{5}[^㐀-鿿]+){4,}|(?<![㐀-鿿])(?:[㐀-鿿]{7}[^㐀-鿿]+){4,})"
)
_HAN_LINE = compile_lazily("[㐀-鿿]+")
_FEWEST_LINES = 4


@dataclass(frozen=True, slots=True)
class Script:
    """The script of a text, the region whose habits it shows ("" for none) and whether it can be converted.

    Japanese, Korean and classical texts are not ``convertible``; ``reason`` names which of these a text is.
    """

    name: ScriptName
    region: Region = ""
    convertible: bool = True
    reason: Literal["", "japanese", "korean", "classical", "no evidence"] = ""


def find_script(text: str) -> Script:
    """Determine the script of a text from the characters that only one script uses.

    >>> find_script("政府工作報告").name, find_script("她在車裡聽著音樂").region
    ('Hant', 'tw')
    >>> find_script("東京は日本の首都であり、多くの人々が暮らしている。").reason
    'japanese'
    """
    return decide_script(text, classify_text(text).counts)


class ClassifiedText(NamedTuple):
    """The class of each character of a text, shape (characters,), and their counts.

    ``quotations`` are the spans of Japanese and Korean quotations, whose characters have the class ``NONE``.
    """

    classes: CharacterClasses
    counts: ClassCounts
    quotations: Sequence[tuple[int, int]]


def classify_text(text: str) -> ClassifiedText:
    """The classes of the characters of a text, without those of Japanese and Korean quotations.

    >>> classified = classify_text("歌名「さくら」，歡迎收聽")
    >>> classified.counts[CharacterClass.KANA], classified.quotations
    (0, [(3, 6)])
    """
    (classified,) = classify_texts([text])
    return classified


def classify_texts(texts: Sequence[str]) -> Iterator[ClassifiedText]:
    """Classify each of several texts, as :func:`classify_text` does."""
    joined = classify_characters("".join(texts))
    start = 0
    for text in texts:
        classes = joined[start : start + len(text)]
        start += len(text)
        counts, quotations = count_classes(classes), list[tuple[int, int]]()
        if counts[CharacterClass.KANA] or counts[CharacterClass.HANGUL]:
            quotations = mask_foreign_quotations(text, classes)
        yield ClassifiedText(classes, count_classes(classes) if quotations else counts, quotations)


def classify_characters(text: str) -> CharacterClasses:
    """The :class:`CharacterClass` of each character; shape (characters,)."""
    classes: CharacterClasses = class_table().take(code_points(text))
    return classes


def mask_foreign_quotations(text: str, classes: CharacterClasses) -> list[tuple[int, int]]:
    """The spans of Japanese and Korean quotations in a Chinese text, whose characters become ``NONE``.

    The name of a Japanese shop or song does not make a line Japanese, and is not converted with it.

    >>> text = "歌名「さくら」，歡迎收聽"
    >>> mask_foreign_quotations(text, classify_characters(text))
    [(3, 6)]
    """
    quotations = [match for match in _QUOTATION.finditer(text) if _KANA_OR_HANGUL.search(match.group(1))]
    spans = [match.span(1) for match in quotations]
    if not spans:
        return []
    remaining = _remove_spans(text[:_SAMPLE], spans)
    if not is_not_japanese(remaining):
        # Japanese sentences have kana, and do not write the titles of works in 《》.
        is_titled = all(match.group()[0] == "《" for match in quotations)
        if _KANA_OR_HANGUL.search(remaining) or not (is_titled or CHINESE_WORDS.search(remaining)):
            return []
    for start, end in spans:
        classes[start:end] = CharacterClass.NONE
    return spans


def _is_simplified_in_japan(text: str) -> bool:
    """Whether all Simplified characters of a text are simplified in Japan, too."""
    characters = "".join(dict.fromkeys(text))
    kinds = classify_characters(characters).tolist()
    return are_shinjitai(
        character for character, kind in zip(characters, kinds, strict=True) if kind in SIMPLIFIED_CLASSES
    )


def _remove_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces, position = [], 0
    for start, end in spans:
        pieces.append(text[position:start])
        position = end
    return "".join([*pieces, text[position:]])


def is_of_classes(classes: CharacterClasses, kinds: tuple[CharacterClass, ...]) -> npt.NDArray[np.bool_]:
    """Whether each character is of one of these classes; shape (characters,)."""
    flags: npt.NDArray[np.bool_] = _flag_classes(kinds).take(classes)
    return flags


@cache
def _flag_classes(kinds: tuple[CharacterClass, ...]) -> npt.NDArray[np.bool_]:
    """Whether each class is one of these; shape (classes,)."""
    flags = np.zeros(_CLASS_COUNT, np.bool_)
    flags[list(kinds)] = True
    flags.flags.writeable = False
    return flags


def count_classes(classes: CharacterClasses) -> ClassCounts:
    """Count the characters of each class."""
    counts: list[int] = np.bincount(classes, minlength=_CLASS_COUNT).tolist()
    return counts


def count_simplified(counts: ClassCounts) -> int:
    """The number of characters that only Simplified Chinese uses."""
    return sum(counts[kind] for kind in SIMPLIFIED_CLASSES)


def count_traditional(counts: ClassCounts) -> int:
    """The number of characters that only Traditional Chinese uses."""
    return sum(counts[kind] for kind in TRADITIONAL_CLASSES)


def decide_script(text: str, counts: ClassCounts) -> Script:
    """Determine the script of a text from its counts; the text itself is read only if it may be verse."""
    simplified, traditional = count_simplified(counts), count_traditional(counts)
    modern = (
        counts[CharacterClass.MODERN]
        + counts[CharacterClass.SIMPLIFIED_MODERN]
        + counts[CharacterClass.TRADITIONAL_MODERN]
    )
    han = simplified + traditional + sum(counts[kind] for kind in _NEUTRAL_HAN_CLASSES)
    kana, hangul = counts[CharacterClass.KANA], counts[CharacterClass.HANGUL]
    japanese = counts[CharacterClass.JAPANESE]
    han += japanese
    sample = text[:_SAMPLE]
    is_likely = kana > FOREIGN_SHARE * (han + kana)
    is_possible = japanese and kana + _JAPANESE_WEIGHT * japanese > FOREIGN_SHARE * (han + kana)
    sample = text[:_SAMPLE]
    # 学 and 則 in one text, of which no script of Chinese has both; Chinese prose has other words as well.
    is_possible = is_possible or bool(
        simplified and traditional and (kana or (not modern and _is_simplified_in_japan(sample)))
    )
    if (is_likely or (is_possible and not is_not_japanese(sample))) and not is_chinese_with_kana(sample):
        return Script("other", convertible=False, reason="japanese")
    if hangul > FOREIGN_SHARE * (han + hangul):
        return Script("other", convertible=False, reason="korean")
    evidence = simplified + traditional
    if not evidence:
        return Script("other", reason="no evidence")
    name: ScriptName = "mixed"
    if traditional <= MIXED_SHARE * evidence:
        name = "Hans"
    elif simplified <= MIXED_SHARE * evidence:
        name = "Hant"
    if _is_classical(text, han, modern, counts):
        return Script(name, convertible=False, reason="classical")
    return Script(name, _find_region(text, counts) if name == "Hant" else "")


def _find_region(text: str, counts: ClassCounts) -> Region:
    taiwan = counts[CharacterClass.TAIWAN] + text.count("著")
    hong_kong = counts[CharacterClass.HONG_KONG] + counts[CharacterClass.CANTONESE] + text.count("着")
    if taiwan == hong_kong:
        return ""
    return "tw" if taiwan > hong_kong else "hk"


def _is_classical(text: str, han: int, modern: int, counts: ClassCounts) -> bool:
    """Whether a text has the words of classical prose and few modern ones, or is mostly regular verse."""
    if han < _SHORTEST_CLASSICAL or counts[CharacterClass.LATIN] > _MODERN_LATIN_SHARE * han:
        return False
    is_prose = counts[CharacterClass.CLASSICAL] >= _CLASSICAL_SHARE * han
    if modern <= _CLASSICAL_MODERN_SHARE * han and is_prose:
        return True
    if modern > _VERSE_MODERN_SHARE * han:
        return False
    runs = [match.group() for match in _VERSE.finditer(text)]
    length = sum(len(verse) for verse in runs if _is_verse(_HAN_LINE.findall(verse)))
    return length >= _VERSE_SHARE * len(text)


def _is_verse(lines: Sequence[str]) -> bool:
    """Whether lines of one length are verse: a repeated slogan is none, nor are the items of a menu."""
    characters = "".join(lines)
    imagery = sum(character in _IMAGERY for character in characters)
    return len(set(lines)) >= _FEWEST_LINES and imagery >= _IMAGERY_SHARE * len(characters)


@lru_cache(maxsize=1)
def class_table() -> CharacterClasses:
    """The class of every code point; shape (0x110000,)."""
    table = np.zeros(0x110000, dtype=np.uint8)
    for low, high in HAN_RANGES:
        table[low:high] = CharacterClass.HAN
    table[0xF900:0xFB00] = table[0x2F800:0x2FA20] = CharacterClass.HAN
    for characters, kind in (
        (TRADITIONAL_ONLY, CharacterClass.TRADITIONAL),
        (SIMPLIFIED_ONLY, CharacterClass.SIMPLIFIED),
        (_SIMPLIFIED_IN_BIG5, CharacterClass.SIMPLIFIED),
        (_VARIANTS, CharacterClass.HAN),
        (_TRADITIONAL_IN_GB2312, CharacterClass.TRADITIONAL),
        (_MODERN, CharacterClass.MODERN),
        (_MODERN_SIMPLIFIED, CharacterClass.SIMPLIFIED_MODERN),
        (_MODERN_TRADITIONAL, CharacterClass.TRADITIONAL_MODERN),
        (_CLASSICAL, CharacterClass.CLASSICAL),
        (_CANTONESE, CharacterClass.CANTONESE),
        ("裡", CharacterClass.TAIWAN),
        ("裏衞説鋭閲", CharacterClass.HONG_KONG),
        (_JAPANESE, CharacterClass.JAPANESE),
        ("0123456789０１２３４５６７８９", CharacterClass.LATIN),
    ):
        table[code_points(characters)] = kind
    table[0x41:0x5B] = table[0x61:0x7B] = CharacterClass.LATIN
    table[0x3041:0x3100] = table[0x31F0:0x3200] = table[0xFF66:0xFFA0] = CharacterClass.KANA
    table[0x30FB] = CharacterClass.NONE
    table[0x1100:0x1200] = table[0x3130:0x3190] = table[0xAC00:0xD7A4] = CharacterClass.HANGUL
    table[0xD800:0xE000] = CharacterClass.SURROGATE
    table.flags.writeable = False
    return table
