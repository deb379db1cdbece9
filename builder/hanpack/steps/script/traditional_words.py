"""Words that OpenCC and the form classifier write wrongly on the way to Traditional, corrected after them.

Every correction keeps the length of the text. The habits of Taiwan were counted in the sources that
benchmarks/learn_forms.py learns from: its laws, its articles, DRCD and the training part of GSD.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hanpack.lazy_patterns import compile_lazily


@dataclass(frozen=True, slots=True)
class TraditionalRule:
    """Text that is written otherwise where ``pattern`` matches it.

    ``sign`` is in every match; ``example`` is changed, ``counter_example`` is not.
    """

    name: str
    sign: str
    pattern: re.Pattern[str]
    replacement: str
    example: str
    counter_example: str


_PLAYS = (
    "(?:(?:[好大小老新短鬧悲喜默歌話舞京越豫粵川慘啞怪]|獨幕|多幕|音樂|舞臺|舞台|歷史|傳統|經典|精彩|愛情|荒誕|滑稽|木偶|皮影"
    "|壓軸|重頭|折子|摺子|連臺|連台|電視|廣播|歌舞|家庭|政治|諷刺)的?){0,2}[戲劇](?![場院團烈組透毒增本])"
)
_TASTE = "味水魚菜肉蛋鴨湖海潮草湯粥豬酥豆淡酸甜辣香鮮濕餅粿糕蝦蟹飯麵粽圓鹽鹼津澀苦油酒"

# What every Traditional text writes so.
COMMON_RULES = (
    TraditionalRule(
        "a play, after what counts it",
        "出",
        compile_lazily(rf"(?<=[一二兩三四五六七八九十百數幾每整這那哪首])出(?={_PLAYS})"),
        "齣",
        "這出音樂劇與三出京劇",
        "一出劇場就走，這出自一部戲劇",
    ),
    TraditionalRule(
        "all, and names with it",
        "鹹",
        compile_lazily(rf"鹹(?=[㐀-鿿][宮里鎮縣鄉村市區州郡街路門殿橋])(?![{_TASTE}])|鹹(?=集)"),
        "咸",
        "鹹福宮在鹹昌里，群賢鹹集",
        "鹹水村的鹹魚",
    ),
    TraditionalRule(
        "copied",
        "復製",
        compile_lazily("(?<![恢回修康收光])復製(?![造作成])"),
        "複製",
        "用它來復製檔案",
        "恢復製造與恢復製程",
    ),
)
# What Taiwan writes so, as the count before each rule shows. Vocabulary, as 義大利 for 意大利, is none of it.
TAIWAN_RULES = (
    # 污染 7110, 汙染 20.
    TraditionalRule("dirt", "汙", compile_lazily("汙"), "污", "空氣汙染", "空氣污染"),
    # 游擊 56, 遊擊 11.
    TraditionalRule("guerrilla", "遊擊", compile_lazily("遊擊"), "游擊", "打遊擊", "遊行"),
    # 并州 14, 幷州 0.
    TraditionalRule("the province of Bing", "幷州", compile_lazily("幷州"), "并州", "幷州刺史", "幷入"),
    # 銷毀 12, 銷燬 2.
    TraditionalRule("destroyed", "銷燬", compile_lazily("銷燬"), "銷毀", "銷燬文件", "燒燬"),
    # 公布 171, 公佈 3; 布局 44, 佈局 3.
    TraditionalRule("announced", "公佈", compile_lazily("公佈"), "公布", "公佈名單", "發佈"),
    TraditionalRule("layout", "佈局", compile_lazily("佈局"), "布局", "全球佈局", "佈置"),
    # 迴圈 132, 回圈 0: a loop of a program.
    TraditionalRule("loop", "回圈", compile_lazily("回圈"), "迴圈", "執行回圈", "回家"),
    # 註解 67, 注解 0.
    TraditionalRule("comment", "注解", compile_lazily("注解"), "註解", "加上注解", "注意"),
)
_ANIMAL_PRONOUN = "牠"
# Words for animals, and the characters with the radicals of insects, fish, birds and dogs, but for those that
# mean something else.
_ANIMALS = compile_lazily(
    "动物|宠物|物种|生物|牲畜|家畜|野兽|禽|雌|雄|幼崽|幼体|捕食|饲养|哺乳|猎|栖息|繁殖|产卵|巢|兽|犬|鸡|鸭|鹅|兔|鼠(?!标)|虎|熊|蛇|龟|蛙"
    "|蟾|[大小]象|象牙|象群|羊|猪|[公母奶水黄耕犀野]牛|牛[群只犊]|[骏白黑小野赛斑河海][马豹豚豹]|马[匹驹]|豹|鹿|鲸|驴|骡|骆驼|恐龙|鳄|鱼|[虫鸟狗猫]"
    "|(?![虽虹蛮融蜜蜡蛋蚀蜀])[\u8671-\u883b]|[\u9c7c-\u9ce2]|(?!鸿)[\u9e1f-\u9e73]"
    "|(?![状犯独狭猛狂献狠犹狱猜狡狩猖獗])[\u72ac-\u737e]"
)


def correct_words(source: str, written: str, *, rules: Sequence[TraditionalRule]) -> str:
    """Correct a conversion of ``source`` to Traditional; the length stays.

    An animal's pronoun stays only in a text about animals.

    >>> correct_words("这出戏", "這出戲", rules=COMMON_RULES)
    '這齣戲'
    >>> correct_words("让它循环", "讓牠循環", rules=()), correct_words("鸟儿，它飞", "鳥兒，牠飛", rules=())
    ('讓它循環', '鳥兒，牠飛')
    """
    for rule in rules:
        if rule.sign in written:
            written = rule.pattern.sub(rule.replacement, written)
    if _ANIMAL_PRONOUN in written and _ANIMAL_PRONOUN not in source and not _ANIMALS.search(source):
        written = written.replace(_ANIMAL_PRONOUN, "它")
    return written
