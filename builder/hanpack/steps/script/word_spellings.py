"""Words that Taiwan writes in one way: their other spellings and false ones, replaced.

A character with several forms is chosen by its neighbours (:mod:`.forms`), so that one word may come out in
two ways. The counts are of the sources of benchmarks/learn_forms.py: in official texts, then in others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hanpack.lazy_patterns import compile_lazily

Register = Literal["any", "official"]


@dataclass(frozen=True, slots=True)
class WordSpelling:
    """Writes ``replaced`` as ``spelling``, of the same length, where ``pattern`` matches it.

    In ``example`` it is replaced, in ``counter_example`` it stays, as its characters are of other words.
    """

    replaced: str
    spelling: str
    pattern: re.Pattern[str]
    register: Register
    example: str
    counter_example: str


def _spell(
    replaced: str,
    spelling: str,
    *,
    not_after: str = "",
    not_before: str = "",
    after: str = "",
    before: str = "",
    register: Register = "any",
    counter_example: str = "",
) -> WordSpelling:
    """The spelling of a word but after or before the characters given, or only after or before them."""
    pattern = "".join(
        (
            # The word is first: a pattern that begins with a look-behind is searched slowly.
            replaced,
            f"(?<![{not_after}]{replaced})" if not_after else "",
            f"(?<=[{after}]{replaced})" if after else "",
            f"(?![{not_before}])" if not_before else "",
            f"(?=[{before}])" if before else "",
        )
    )
    example = f"{after[:1]}{replaced}{before[:1]}"
    return WordSpelling(replaced, spelling, compile_lazily(pattern), register, example, counter_example)


_HAIR = "理美頭毛白黑長短假金秀植染燙護洗落脫鬚鬢"
_PEOPLE_AND_POSTS = "構員額組事業超定總滿空缺核內增減"

# False in every text: most are parts of two words, which OpenCC takes for one.
CERTAIN_SPELLINGS: Sequence[WordSpelling] = (
    WordSpelling(
        "髮",
        "發",
        compile_lazily("髮(?<=[看愛保維監救辯守]護髮)(?![質絲根色型梢際膜素霜油品])"),
        "any",
        "看護髮燒的人",
        "保護髮質",
    ),
    _spell("髮生", "發生", not_after=_HAIR, not_before="長", counter_example="理髮生意"),
    _spell("髮票", "發票", not_after=_HAIR, counter_example="理髮票券"),
    _spell("嚮", "向", not_before="往導慕", counter_example="嚮往與嚮導"),
    _spell("嚮導", "向導", before="線航彈管體電師致入", counter_example="嚮導帶路"),
    _spell("籤", "簽", not_after="標抽書牙竹中求封題", before="約發收字註注派認", counter_example="標籤發放"),
    _spell("籤", "簽", not_after="標", before="訂署", counter_example="標籤署名"),
    _spell("證書籤", "證書簽"),
    _spell("書籤收", "書簽收", not_before="藏集納", counter_example="書籤收藏"),
    _spell("一並", "一併", not_after="唯統", not_before="不非未無沒", counter_example="唯一並存"),
    _spell("簽注", "簽註"),
    _spell("製定", "制定"),
    _spell("製度", "制度", not_before="假", counter_example="研製度假用品"),
    _spell("制造", "製造", not_after="機限控體管強抑法", not_before="成就", counter_example="機制造成"),
    _spell("曆史", "歷史", not_after="年", counter_example="年曆史話"),
    _spell("適于", "適於"),
    _spell("采", "採", after="超開盜濫私禁限", not_before="邑", counter_example="風采"),
    _spell("采", "採", not_after="風神丰文異喝精光", before="取掘光集購煤礦砂", counter_example="文采光華"),
    _spell("通風采光", "通風採光"),
    _spell("誌向", "志向"),
    _spell("捲宗", "卷宗"),
    # A struggle in which nobody gains, but inner files of an investigation.
    _spell("內卷", "內捲", not_after="查察審訴域區轄院", not_before="宗第", counter_example="偵查內卷"),
    _spell("水錶面", "水表面"),
    _spell("標志", "標誌", not_before="向願氣", counter_example="目標志向"),
    _spell("複議", "復議", not_after="反", counter_example="反複議論"),
    _spell("準運", "准運", not_after="標水基精校", counter_example="標準運動"),
    _spell("準入", "准入", not_after="標水基精對瞄", counter_example="標準入門"),
    _spell("不準", "不准", before="㐀-鿿", not_before="確時備則點繩頭性的了嗎", counter_example="不準確"),
    _spell("標准", "標準"),
    _spell("刻制", "刻製", not_after="立即時深此", counter_example="立刻制止"),
    _spell("征求", "徵求", not_after="出遠長", counter_example="遠征求勝"),
    _spell("干淨", "乾淨", not_after="若", counter_example="若干淨額"),
    _spell("乾道", "幹道", not_before="年元初中末二三四五六七八九", counter_example="乾道年間"),
    _spell("併聯", "並聯"),
    _spell("併排", "並排", not_after="一", not_before="除放查", counter_example="一併排除"),
    _spell("錶現", "表現"),
    _spell("鐘表", "鐘錶"),
    _spell("指明瞭", "指明了"),
    _spell("提昇", "提升"),
    _spell("拚搏", "拼搏"),
    _spell("查乾湖", "查干湖"),
    _spell("查幹湖", "查干湖"),
    _spell("標對錶", "標對表"),
    _spell("巴爾干", "巴爾幹"),
    _spell("弔銷", "吊銷"),
    _spell("途逕", "途徑"),
    _spell("征得", "徵得", not_after="出遠長親", counter_example="遠征得勝"),
    _spell("緻人", "致人", not_after="精細別標景雅", counter_example="標緻人物"),
    _spell("翫忽", "玩忽"),
    _spell("乾線", "幹線", not_after="烘晒曬晾風吹", counter_example="烘乾線"),
    _spell("乾渠", "幹渠"),
    _spell("干渠", "幹渠"),
    _spell("干流", "幹流", not_after="若", counter_example="若干流派"),
    _spell("干支流", "幹支流", not_after="若", counter_example="若干支流"),
    _spell("併處", "並處", not_after="合歸裁兼吞整", counter_example="合併處理"),
)

# Which of several spellings Taiwan writes.
TAIWAN_SPELLINGS: Sequence[WordSpelling] = (
    # 3534 and 5, 204 and 29: others write 發佈 of posts and messages.
    _spell("發佈", "發布", not_before="告", register="official", counter_example="發佈告"),
    # 67 and 8, 5 and 7.
    _spell("佔用", "占用"),
    # 61 and 3, 5 and 3.
    _spell("侵佔", "侵占"),
    # 11665 and 171: 計畫. Other texts write 計劃 1 time of 4, and of careful ones the most.
    _spell("計劃", "計畫", not_after="會", not_before="撥", register="official", counter_example="會計劃分"),
    # 占有 91, 占用 67, 佔 10.
    _spell("佔", "占", register="official"),
    # 477 and 3, 120 and 14.
    _spell("祕", "秘", not_before="魯", counter_example="祕魯"),
    # 56 and 48, 57 and 15.
    _spell("橋梁", "橋樑"),
    # 71 and 2, 77 and 48.
    _spell("周期", "週期"),
    _spell("周歲", "週歲"),
    # 9 and 0, 180 and 67.
    _spell("周年", "週年"),
    # 13 and 2.
    _spell("並網", "併網", not_before="羅上路絡站", counter_example="並網羅人才"),
    # 54 and 24, 190 and 8.
    _spell("週邊", "周邊"),
    _spell("四週", "四周", not_after="第十每", not_before="年後內前以間的一至到", counter_example="第四週"),
    # 37 and 1, 4 and 3.
    _spell("煙草", "菸草"),
    _spell("煙", "菸", after="香卷捲控吸戒", not_before="霧塵氣火囪花", counter_example="吸煙霧"),
    _spell("煙", "菸", before="葉絲農支盒", counter_example="煙火"),
    _spell("菸霧", "煙霧"),
    _spell("禁煙", "禁菸", not_before="運令", register="official", counter_example="禁煙運動"),
    _spell("雪茄煙", "雪茄菸"),
    _spell("煙蒂", "菸蒂"),
    _spell("卷菸", "捲菸"),
    _spell("鍛煉", "鍛鍊"),
    # 48 and 0, 24 and 0.
    _spell("休閑", "休閒"),
    _spell("閑置", "閒置"),
    _spell("傢具", "家具"),
    _spell("家俱", "家具"),
    _spell("化粧品", "化妝品"),
    _spell("詆譭", "詆毀"),
    _spell("厘米", "釐米"),
    _spell("挑大樑", "挑大梁"),
    _spell("杆", "桿", after="線電燈吊"),
    # 39 and 21, 118 and 8.
    _spell("坐標", "座標"),
    # 71 and 24.
    _spell("散佈", "散布", register="official"),
    _spell("答復", "答覆"),
    _spell("水表", "水錶", not_after="地山河海湖", not_before="面層示明達現格", counter_example="地下水表面"),
    _spell("臺風", "颱風", not_after="平舞電月站講", not_before="險格波雲景光情", counter_example="舞臺風格"),
    # 245 and 34.
    _spell(
        "了解",
        "瞭解",
        not_after="到得出成為有作除",
        not_before="決釋放散除答凍聘僱析約救",
        register="official",
        counter_example="作了解釋",
    ),
    _spell("凶器", "兇器"),
    # 943 and 9, 255 and 11 of 帳.
    _spell("賬", "帳"),
    # 編製 for what is drawn up, 編制 for the posts of an office: 1412 and 1276.
    _spell(
        "編制",
        "編製",
        not_after=_PEOPLE_AND_POSTS,
        not_before="管限外內數總員額委辦調工表定單",
        register="official",
        counter_example="編制員額",
    ),
)

# Spellings which Taiwan writes both: a text has the more frequent of its own, the first of as many.
EQUAL_SPELLINGS: Sequence[tuple[str, str]] = (
    ("發布", "發佈"),
    ("計劃", "計畫"),
    ("佔比", "占比"),
    ("複查", "復查"),
    ("複審", "復審"),
    ("複核", "復核"),
    ("彙集", "匯集"),
    ("匯交", "彙交"),
)


def correct_spellings(written: str, *, spellings: Sequence[WordSpelling], official: bool = False) -> str:
    """Write each word of a Traditional text, which may be official, in one way; the length stays.

    >>> correct_spellings("勞動保護髮生爭議，理髮生意", spellings=CERTAIN_SPELLINGS)
    '勞動保護發生爭議，理髮生意'
    """
    characters = set(written)
    for spelling in spellings:
        is_possible = characters.issuperset(spelling.replaced) and spelling.replaced in written
        if is_possible and (official or spelling.register == "any"):
            characters.update(spelling.spelling)
            written = spelling.pattern.sub(spelling.spelling, written)
    return written


def agree_spellings(written: str) -> str:
    """Write each word of :data:`EQUAL_SPELLINGS` as most of the text does.

    >>> agree_spellings("復查後再複查，復查")
    '復查後再復查，復查'
    """
    for pair in EQUAL_SPELLINGS:
        if all(spelling in written for spelling in pair):
            counts = [written.count(spelling) for spelling in pair]
            usual = pair[counts.index(max(counts))]
            rare = pair[1 - pair.index(usual)]
            written = written.replace(rare, usual)
    return written
