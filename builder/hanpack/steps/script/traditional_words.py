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

    ``sign`` is in every match; ``example`` is changed, ``counter_example`` is not. A rule that is not
    ``for_official`` leaves the texts of laws and courts as they are.
    """

    name: str
    sign: str
    pattern: re.Pattern[str]
    replacement: str
    example: str
    counter_example: str
    for_official: bool = True


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
        compile_lazily(rf"出(?<=[一二兩三四五六七八九十百數幾每整這那哪首]出)(?={_PLAYS})"),
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
        "the surname of a name that stands alone or in a list",
        "於",
        compile_lazily(
            r"於(?<![^、：\n　]於)(?![是此今法理情心後前下上中外內])"
            r"(?=[㐀-鿿]{1,2}(?:[、，。等和與及\n　]|\Z))"
        ),
        "于",
        "李勝素、於魁智等",
        "在北部、於南部的山",
    ),
    TraditionalRule(
        "the surname before what somebody is called",
        "於",
        compile_lazily(
            r"於(?=先生|女士|小姐|太太|老師|教授|同學|醫[師生]|律師|博士|經理|主任|[院校局市縣]長|書記|某[某人，。、的]|姓)"
            r"(?:(?<![㐀-鿿]於)|(?<=[姓叫跟]於))"
        ),
        "于",
        "於先生說，跟於老師學",
        "對於老師，位於院長室",
    ),
    TraditionalRule(
        "sleepy",
        "困",
        compile_lazily(
            "困(?:(?<=[很太好真犯超挺又]困)(?![難境擾惑苦窘頓守局厄於在住獸乏])|(?=得(?:睜|眼|想|要|不行|直|打|厲|慌|很))"
            "|(?<=[我你他她們]困)(?=了(?![我你他她它們一兩三幾數好])))"
        ),
        "睏",
        "我困了，他困得睜不開眼，又困又累",
        "很困難，又困在山裡，他困了三天",
    ),
    TraditionalRule(
        "a single ship that only has or is",
        "隻",
        compile_lazily("隻(?<=[這那每一][隻艘條]船隻)(?=[有能是會在要])"),
        "只",
        "這艘船隻有一人",
        "這些船隻有三艘",
    ),
    TraditionalRule(
        "a figure and what it counts",
        "只",
        compile_lazily("只(?<=[0-9]只)(?=[㐀-鿿])(?![是有要能會剩見怕好不用限在供為可])"),
        "隻",
        "99只怪獸",
        "第3只有一種",
    ),
    TraditionalRule(
        "a nautical mile",
        "海裡",
        compile_lazily("海裡(?<=[0-9一二兩三四五六七八九十百千萬]海裡)"),
        "海里",
        "十海裡外",
        "海裡游泳",
    ),
    TraditionalRule(
        "copied",
        "復製",
        compile_lazily("復製(?<![恢回修康收光]復製)(?![造作成])"),
        "複製",
        "用它來復製檔案",
        "恢復製造與恢復製程",
    ),
    TraditionalRule(
        "complications", "並發症", compile_lazily("並發症"), "併發症", "引起並發症", "並發生症狀"
    ),
    TraditionalRule(
        "and bought", "併購", compile_lazily("併購(?=買(?![方家賣主])|置)"), "並購", "併購買股票", "併購買方"
    ),
    TraditionalRule(
        # As these companies write their names: GSD 17 of 17.
        "a railway or a television company of Hong Kong",
        "線",
        compile_lazily(
            r"線(?:(?<=[東西]鐵線)|(?<=(?:港島|觀塘|荃灣|屯馬|東涌)線)|(?<=(?:馬鞍山|將軍澳|迪士尼)線)"
            r"|(?<=機場快線)(?=[^\n]{0,30}(?:香港|港鐵|東[鐵涌]))|(?<=香港無線)(?=電視)|(?<=無線)(?=電視(?:翡翠|藝員)))"
        ),
        "綫",
        "港島線與西鐵線，無線電視翡翠臺",
        "高鐵線與無線電視",
    ),
)
# What Taiwan writes so, as the count before each rule shows. Vocabulary, as 義大利 for 意大利, is none of it.
TAIWAN_RULES = (
    # A district has villages whose names end with 里: 375 of 375 in the rulings of courts.
    TraditionalRule(
        "a village of a district",
        "裡",
        compile_lazily(
            r"裡(?:(?<=[區鎮鄉市][㐀-鿿]{2}裡)|(?<=區第[一二三四五][㐀-鿿]{2}裡))"
            r"(?=[民長、，。；：\s0-9（）()「」]|第[0-9一二三四五六七八九十]|\Z)"
        ),
        "里",
        "大溪鎮福安裡、左營區進學裡",
        "在市區房子裡面",
    ),
    # 污染 7110, 汙染 20.
    TraditionalRule("dirt", "汙", compile_lazily("汙"), "污", "空氣汙染", "空氣污染"),
    # 游擊 56, 遊擊 11.
    TraditionalRule("guerrilla", "遊擊", compile_lazily("遊擊"), "游擊", "打遊擊", "遊行"),
    # 并州 14, 幷州 0.
    TraditionalRule("the province of Bing", "幷州", compile_lazily("幷州"), "并州", "幷州刺史", "幷入"),
    # 銷毀 12, 銷燬 2; 燒毀 18, 燒燬 1.
    TraditionalRule("destroyed", "燬", compile_lazily("燬(?<=[銷燒]燬)"), "毀", "銷燬文件", "焚燬"),
    # 公布 171, 公佈 3; 分布 407, 分佈 37; 遍布 43, 遍佈 5; 宣布 716, 宣佈 14; 頒布 92, 頒佈 1;
    # 布置 11, 佈置 5. 布局 44, 佈局 3.
    TraditionalRule(
        "spread", "佈", compile_lazily("佈(?:(?<=[公分遍宣頒]佈)|(?=置))"), "布", "公佈名單", "發佈"
    ),
    TraditionalRule("layout", "佈局", compile_lazily("佈局"), "布局", "全球佈局", "佈置"),
    # 濕 437, 溼 22.
    TraditionalRule("wet", "溼", compile_lazily("溼"), "濕", "潮溼", "潮濕"),
    # 折疊 20, 摺疊 16.
    TraditionalRule("folded", "摺疊", compile_lazily("摺疊"), "折疊", "摺疊桌", "摺扇"),
    # Outside of official texts: 佔據, 佔領 and 佔地 288, 占據, 占領 and 占地 160.
    TraditionalRule(
        "occupied",
        "占",
        compile_lazily("占(?=[據領]|地(?!支))"),
        "佔",
        "占據與占領",
        "占卜與占地支",
        for_official=False,
    ),
    # 甦醒 5, 蘇醒 1.
    TraditionalRule("awake", "蘇醒", compile_lazily("蘇醒"), "甦醒", "他蘇醒了", "蘇州醒來"),
    # Outside of official texts: 升 1694, 陞 3.
    TraditionalRule(
        "risen", "陞", compile_lazily("陞(?![遷官])"), "升", "陞降與提陞", "陞遷", for_official=False
    ),
    # 家具 23, 傢具 9, 傢俱 7.
    TraditionalRule("furniture", "傢俱", compile_lazily("傢俱"), "家具", "木傢俱", "傢伙"),
    # 迴圈 132, 回圈 0: a loop of a program.
    TraditionalRule("loop", "回圈", compile_lazily("回圈"), "迴圈", "執行回圈", "回家"),
    # 註解 67, 注解 0.
    TraditionalRule("comment", "注解", compile_lazily("注解"), "註解", "加上注解", "注意"),
    # 遺跡 56, 遺蹟 8.
    TraditionalRule("remains", "遺蹟", compile_lazily("遺蹟"), "遺跡", "古城遺蹟", "古蹟"),
    # 岩 370, 巖 19: temples have 巖 in their names.
    TraditionalRule(
        "rock", "巖", compile_lazily("巖(?<![藏福水陀]巖)(?!寺)"), "岩", "黃巖區的巖壁", "清水巖"
    ),
    # 岳 224, 嶽 9: high mountains.
    TraditionalRule(
        "a name", "嶽", compile_lazily("嶽(?<![五東西南北中山地河]嶽)(?!麓)"), "岳", "楊文嶽", "五嶽與嶽麓山"
    ),
    # 恆 542, 恒 9.
    TraditionalRule("constant", "恒", compile_lazily("恒"), "恆", "恒春", "衡"),
    # 娘 112, 孃 2.
    TraditionalRule("mother", "孃", compile_lazily("孃"), "娘", "老孃舅", "嬢"),
    # 紅麴 3, 紅曲 0.
    TraditionalRule("yeast", "紅曲", compile_lazily("紅曲(?=[米菌])"), "紅麴", "紅曲菌", "紅曲線"),
    # 藉由 46, 借由 0.
    TraditionalRule(
        "through", "借由", compile_lazily("借由(?<![出外租轉]借由)"), "藉由", "借由他", "出借由他"
    ),
    # 回歸 165, 迴歸 2: in statistics.
    TraditionalRule(
        "return",
        "迴歸",
        compile_lazily("迴歸(?<![線性邏輯逐步多元]迴歸)(?![分模係系方曲直線法樹問任])"),
        "回歸",
        "迴歸社會",
        "線性迴歸分析",
    ),
    # 蒙蔽 3, 矇蔽 1.
    TraditionalRule("deceived", "矇蔽", compile_lazily("矇蔽"), "蒙蔽", "受矇蔽", "矇住"),
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


def correct_words(
    source: str, written: str, *, rules: Sequence[TraditionalRule], official: bool = False
) -> str:
    """Correct a conversion of ``source``, which may be official, to Traditional; the length stays.

    An animal's pronoun stays only in a text about animals.

    >>> correct_words("这出戏", "這出戲", rules=COMMON_RULES)
    '這齣戲'
    >>> correct_words("让它循环", "讓牠循環", rules=()), correct_words("鸟儿，它飞", "鳥兒，牠飛", rules=())
    ('讓它循環', '鳥兒，牠飛')
    """
    for rule in rules:
        if rule.sign in written and (rule.for_official or not official):
            written = rule.pattern.sub(rule.replacement, written)
    if _ANIMAL_PRONOUN in written and _ANIMAL_PRONOUN not in source and not _ANIMALS.search(source):
        written = written.replace(_ANIMAL_PRONOUN, "它")
    return written
