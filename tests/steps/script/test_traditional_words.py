"""Words that a conversion to Traditional writes wrongly are corrected, and nothing beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.resources.form_classifier import load_form_classifier
from hanpack.steps.script.conversion import ScriptConverter
from hanpack.steps.script.traditional_words import (
    COMMON_RULES,
    TAIWAN_RULES,
    TraditionalRule,
    correct_words,
)
from tests.steps.traced_texts import trace

RULES = COMMON_RULES + TAIWAN_RULES
TAIWAN = ScriptConverter("tw", classifier=load_form_classifier())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_changes_its_example_and_not_its_counter_example(rule: TraditionalRule) -> None:
    assert rule.replacement in correct_words("", rule.example, rules=[rule])
    assert correct_words("", rule.counter_example, rules=[rule]) == rule.counter_example
    assert len(rule.replacement) == len(rule.sign)


@given(st.text("一這那出齣戲劇鹹咸宮里裡復複製汙遊擊牠它鳥幷州區、於于3只隻巖嶽五佈分", max_size=30))
def test_the_length_stays_and_a_corrected_text_is_corrected_no_more(text: str) -> None:
    corrected = correct_words("", text, rules=RULES)
    assert len(corrected) == len(text)
    assert correct_words("", corrected, rules=RULES) == corrected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("这出音乐剧是一出悲剧。", "這齣音樂劇是一齣悲劇。"),
        ("三出京剧，每出戏都好。", "三齣京劇，每齣戲都好。"),
        ("他一出剧场就走了。", "他一出劇場就走了。"),
        ("这出自一部戏剧。", "這出自一部戲劇。"),
        ("一出国就看戏。", "一出國就看戲。"),
        ("咸福宫在北京。", "咸福宮在北京。"),
        ("咸祥镇的咸鱼太咸。", "咸祥鎮的鹹魚太鹹。"),
        ("咸水村，咸菜街。", "鹹水村，鹹菜街。"),
        ("空气污染与水污染。", "空氣污染與水污染。"),
        ("他们打游击战。", "他們打游擊戰。"),
        ("法国与意大利签约。", "法國與意大利簽約。"),
        ("让它进入循环，再用它来复制数据。", "讓它進入循環，再用它來複製數據。"),
        ("恢复制造业。", "恢復製造業。"),
        ("演员李胜素、于魁智等在北部、于南部的家。", "演員李勝素、于魁智等在北部、於南部的家。"),
        ("左营区进学里、鼓山区的屋里和城市夜里，", "左營區進學里、鼓山區的屋裡和城市夜裡，"),
        ("动物分布于黄岩区，古城遗迹遍布各地。", "動物分布於黃岩區，古城遺跡遍布各地。"),
        ("五岳与岳麓山，杨文岳在燃烧，文件烧毁了。", "五嶽與嶽麓山，楊文岳在燃燒，文件燒毀了。"),
        ("一共有99只怪兽。", "一共有99隻怪獸。"),
        ("在海里游泳，游到十海里外。", "在海裡游泳，游到十海里外。"),
    ],
)
def test_taiwan_writes_these_words_by_their_meaning(source: str, expected: str) -> None:
    assert TAIWAN.convert(trace(source)).text.replace("臺", "台") == expected.replace("臺", "台")


@pytest.mark.parametrize("animal", ["鱼", "小狗", "蜥蜴", "大象", "河马"])
def test_the_pronoun_of_animals_stays_in_texts_about_animals(animal: str) -> None:
    assert correct_words(f"{animal}，让它走", f"{animal}，讓牠走", rules=()).endswith("牠走")


@pytest.mark.parametrize("thing", ["罗马", "对象", "鼠标", "虽然", "状态"])
def test_a_thing_has_no_pronoun_of_animals(thing: str) -> None:
    assert correct_words(f"{thing}，让它走", f"{thing}，讓牠走", rules=()).endswith("它走")


def test_hong_kong_keeps_its_own_habits() -> None:
    converter = ScriptConverter("hk", classifier=load_form_classifier())
    assert converter.convert(trace("这出话剧在意大利上演")).text == "這齣話劇在意大利上演"


@pytest.mark.parametrize("name", ["宏碁", "明碁"])
def test_the_name_of_a_company_keeps_its_character(name: str) -> None:
    assert ScriptConverter("hans").convert(trace(f"{name}電腦與圍碁")).text == f"{name}电脑与围棋"


@pytest.mark.parametrize(
    "line", ["He said “hello” to me.", "“Word2vec” and ‘GloVe’", "the “capital–country” analogy, it’s fine"]
)
def test_a_latin_line_keeps_its_quotation_marks(line: str) -> None:
    converted = TAIWAN.convert(trace(f"他说“好”。\n{line}\n他说“国家”。")).text
    assert converted == f"他說「好」。\n{line}\n他說「國家」。"


def test_the_half_of_a_quotation_in_a_latin_line_is_replaced_like_the_other() -> None:
    assert TAIWAN.convert(trace("“他说：\nYes, I know.”")).text == "「他說：\nYes, I know.」"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("苯並噁唑與噁二唑", "苯并噁唑与噁二唑"),
        ("令人噁心", "令人恶心"),
        ("篠原涼子主演的電影", "筱原凉子主演的电影"),
    ],
)
def test_the_mainland_writes_these_characters_by_their_meaning(source: str, expected: str) -> None:
    assert ScriptConverter("hans").convert(trace(source)).text == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("他掌握了总线索。", "他掌握了總線索。"),
        ("总线索引", "匯流排索引"),
        ("总线的性能", "匯流排的效能"),
        ("改变量子态", "改變量子態"),
        ("在法定期限内核发意见书，操作系统内核", "在法定期限內核發意見書，作業系統核心"),
        ("首先向业主出租车位，乘坐出租车", "首先向業主出租車位，乘坐計程車"),
        ("根据预算法律，改进算法", "根據預算法律，改進演算法"),
        ("在境内存储，内存不足", "在境內存儲，記憶體不足"),
        ("绿化带宽度，网络带宽", "綠化帶寬度，網路頻寬"),
        ("能耗数据包括电量，数据包丢失", "能耗資料包括電量，資料包丟失"),
        ("开展光盘行动，刻录光盘", "開展光盤行動，燒錄光碟"),
        ("设置交通信号灯，移动通信", "設定交通信號燈，行動通訊"),
        ("前列腺癌和抑郁症", "攝護腺癌和憂鬱症"),
        ("由五人单数组成，数组越界", "由五人單數組成，陣列越界"),
    ],
)
def test_vocabulary_inside_of_other_words_stays(source: str, expected: str) -> None:
    with_vocabulary = ScriptConverter("tw", phrases=True, classifier=load_form_classifier())
    assert with_vocabulary.convert(trace(source)).text == expected


def test_the_spelling_of_taiwan_stays_with_vocabulary() -> None:
    with_vocabulary = ScriptConverter("tw", phrases=True, classifier=load_form_classifier())
    source = "污染防治规划的账目潮湿，禁烟场所安装水表，编制预算。"
    assert with_vocabulary.convert(trace(source)).text == TAIWAN.convert(trace(source)).text


def test_official_texts_keep_words_that_have_another_meaning_in_computing() -> None:
    with_vocabulary = ScriptConverter("tw", phrases=True, classifier=load_form_classifier())
    source = "第五条规定的文件由人民政府发布，网站信息系统的程序应当依法审核。" * 9
    expected = "第五條規定的文件由人民政府發布，網站資訊系統的程序應當依法審核。" * 9
    assert with_vocabulary.convert(trace(source)).text == expected
