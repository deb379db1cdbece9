"""Which script a text is in, what conversion gives and leaves, and where each character came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment
from hanpack.steps.script import Script, ScriptConverter, Target, find_script
from hanpack.steps.traced import Traced

SHARED = Path(__file__).parents[4] / "shared" / "data"
needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="the shared material is not beside the repository"
)

CONVERTERS = {target: ScriptConverter(target) for target in get_args(Target)}
PHRASES = {target: ScriptConverter(target, phrases=True) for target in get_args(Target)}
CHINESE = st.text(
    "她坐著寫信後來發現帳號國际机遊戲资料「」『』“”，。\n网頁面程式著名软件繁體\ud800A1か", max_size=60
)

JAPANESE = "東京は日本の首都であり、多くの人々が暮らしている。彼女は図書館で本を読んでいた。"
KOREAN = "大韓民國의 首都는 서울이며 많은 사람들이 살고 있다. 그는 도서관에서 책을 읽었다."
CLASSICAL = (
    "子曰：學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？人不知而不慍，不亦君子乎？"
    "有子曰：其為人也孝弟，而好犯上者，鮮矣；不好犯上，而好作亂者，未之有也。君子務本，本立而道生。"
)
VERSE = "\n".join(
    [
        "白日依山盡，黃河入海流。",
        "欲窮千里目，更上一層樓。",
        "床前明月光，疑是地上霜。",
        "舉頭望明月，低頭思故鄉。",
    ]
    * 2
)


def traced(text: str) -> Traced:
    widths = np.array([len(letter.encode("utf-8", "surrogatepass")) for letter in text], dtype=np.int64)
    return Traced(text, Alignment.of_widths(widths))


def converted(text: str, target: Target) -> str:
    return CONVERTERS[target].convert(traced(text)).text


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("政府工作报告指出，经济运行总体平稳。", Script("Hans")),
        ("政府工作報告指出，經濟運行總體平穩。", Script("Hant")),
        ("她在車裡聽著音樂。", Script("Hant", "tw")),
        ("佢喺屋企裏面聽緊嘢，我哋返嚟喇。", Script("Hant", "hk")),
        ("软件与程序。軟體與程式。", Script("mixed")),
        ("Hello, world", Script("other", reason="no evidence")),
        (JAPANESE, Script("other", convertible=False, reason="japanese")),
        (KOREAN, Script("other", convertible=False, reason="korean")),
        (CLASSICAL, Script("Hant", convertible=False, reason="classical")),
        (VERSE, Script("Hant", convertible=False, reason="classical")),
    ],
)
def test_the_script_is_found(text: str, script: Script) -> None:
    assert find_script(text) == script


@pytest.mark.parametrize("target", get_args(Target))
@pytest.mark.parametrize("text", [JAPANESE, KOREAN, CLASSICAL, VERSE])
def test_what_is_not_modern_chinese_is_left_alone(text: str, target: Target) -> None:
    before = traced(text)
    assert CONVERTERS[target].convert(before) is before


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("他著名的著作里，皇后乘着火车。李乾的账目", "hans"),
        ("公司的软件与“数据”。", "hans"),
        ("公司的軟體與「資料」在臺灣。", "tw"),
        ("皇后與公里，一隻貓在後面。", "hant"),
        ("國家", "keep"),
        ("", "hans"),
    ],
)
def test_a_text_in_the_target_script_comes_back_itself(text: str, target: Target) -> None:
    before = traced(text)
    assert CONVERTERS[target].convert(before) is before


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        (
            "她穿著大衣，沿著河走，隨著人潮，帶著孩子看著書。",
            "她穿着大衣，沿着河走，随着人潮，带着孩子看着书。",
        ),
        ("著手研究，著重發展，著力推進，附著與沉著，著陸", "着手研究，着重发展，着力推进，附着与沉着，着陆"),
        ("著名作家的著作顯著地多，遺著、名著、論著與土著", "著名作家的著作显著地多，遗著、名著、论著与土著"),
        ("魯迅著《吶喊》，他讀著《紅樓夢》", "鲁迅著《呐喊》，他读着《红楼梦》"),
        ("二人合著一書，結合著實際", "二人合著一书，结合着实际"),
        ("她在帳戶記帳，在帳篷裡掛蚊帳", "她在账户记账，在帐篷里挂蚊帐"),
        ("牠們用大砲，每小時三十哩，簷下", "它们用大炮，每小时三十里，檐下"),
        ("他於倫敦用於單位的義大利機器", "他于伦敦用于单位的意大利机器"),
        ("他說：「我讀『紅樓夢』。」與『魔法』", "他说：“我读‘红楼梦’。”与『魔法』"),
        ("在臺灣排行老么，這麼多", "在台湾排行老幺，这么多"),
    ],
)
def test_hans_is_what_the_mainland_writes(traditional: str, simplified: str) -> None:
    assert converted(traditional, "hans") == simplified


def test_a_text_that_writes_both_tells_them_apart_itself() -> None:
    assert converted("慰藉著受傷的心靈，聽着", "hans") == "慰藉著受伤的心灵，听着"


@pytest.mark.parametrize(
    ("target", "traditional"),
    [
        ("hant", "她說：「裏面的軟件爲什麼唱着『歌』？」it’s"),
        ("tw", "她說：「裡面的軟件為什麼唱著『歌』？」it’s"),
        ("hk", "她説：「裏面的軟件為什麼唱着『歌』？」it’s"),
    ],
)
def test_each_traditional_target_writes_its_own_variants(target: Target, traditional: str) -> None:
    assert converted("她说：“里面的软件为什么唱着‘歌’？”it’s", target) == traditional


def test_a_text_of_the_other_region_takes_the_variants_of_the_target() -> None:
    assert converted("佢喺屋企裏面唱着歌。", "tw") == "佢喺屋企裡面唱著歌。"


def test_vocabulary_is_exchanged_only_on_request() -> None:
    assert converted("伺服器的硬碟和滑鼠", "hans") == "伺服器的硬碟和滑鼠"
    assert PHRASES["hans"].convert(traced("伺服器的硬碟和滑鼠壞了")).text == "服务器的硬盘和鼠标坏了"


def test_a_traditional_passage_in_a_simplified_text_is_converted_and_nothing_else() -> None:
    plain = "我们的经济发展很快，李乾说这个问题还没有解决。" * 10
    assert (
        converted(f"{plain}\n這個問題還沒有解決。\n{plain}", "hans")
        == f"{plain}\n这个问题还没有解决。\n{plain}"
    )


def test_foreign_sentences_in_a_chinese_text_are_left() -> None:
    chinese = "這個詞彙來自日語，我們將在後面詳細說明它的歷史與現在的用法，並且討論它與漢語的關係。"
    japanese = "彼の学校は東京に在るのです。"
    result = converted(chinese + japanese, "hans")
    assert result.endswith(japanese)
    assert result.startswith("这个词汇来自日语")


def test_lone_surrogates_stay_and_the_rest_is_converted() -> None:
    assert converted("國家\ud800發展\udfff", "hans") == "国家\ud800发展\udfff"


@given(CHINESE, st.sampled_from(get_args(Target)), st.booleans())
def test_every_character_comes_from_its_own_place(text: str, target: Target, phrases: bool) -> None:
    before = traced(text)
    after = (PHRASES if phrases else CONVERTERS)[target].convert(before)
    assert after.alignment.length == len(after.text)
    low, high = after.alignment.source_spans(np.arange(len(after.text)), np.arange(len(after.text)) + 1)
    assert (np.diff(low) >= 0).all()
    if len(after.text) == len(text):
        raw = text.encode("utf-8", "surrogatepass")
        origins = [
            raw[start:end].decode("utf-8", "surrogatepass") for start, end in zip(low, high, strict=True)
        ]
        unchanged = [new for new in after.text if new in text and new in "\ud800A1か\n，。"]
        assert "".join(unchanged) == "".join(letter for letter in origins if letter in "\ud800A1か\n，。")


@given(CHINESE, st.sampled_from(["hans", "hant", "tw", "hk"]))
def test_edits_name_exactly_the_bytes_that_changed(text: str, target: Target) -> None:
    after = CONVERTERS[target].convert(traced(text))
    if len(after.text) != len(text):
        return
    told = {at for edit in after.edits for at in range(edit.byte_start, edit.byte_end)}
    position, changed = 0, set()
    for old, new in zip(text, after.text, strict=True):
        width = len(old.encode("utf-8", "surrogatepass"))
        changed |= set(range(position, position + width)) if old != new else set()
        position += width
    assert told == changed
    assert {edit.step for edit in after.edits} <= {"script"}


@settings(max_examples=20)
@given(
    st.sampled_from(["軟體和網際網路。", "記憶體裡的資料，", "滑鼠\n", "甲", "這個演算法很快！"]).flatmap(
        lambda part: st.lists(st.sampled_from([part, "使用者點選連結。", "B2B"]), max_size=12)
    )
)
def test_phrases_of_another_length_keep_their_neighbours_in_place(parts: list[str]) -> None:
    text = "".join(parts)
    after = PHRASES["hans"].convert(traced(text))
    for mark in "。！\nB":
        new = [at for at, letter in enumerate(after.text) if letter == mark]
        old = [len(text[:at].encode()) for at, letter in enumerate(text) if letter == mark]
        assert [after.alignment.source_span(at, at + 1)[0] for at in new] == old


def test_a_long_text_is_converted_as_its_parts_are() -> None:
    part = "這個問題還沒有解決，她坐著寫信給國家圖書館" * 3
    assert converted(part * 2000, "hans") == converted(part, "hans") * 2000


def edit_distance(first: str, second: str) -> int:
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first, 1):
        above = [at]
        for to, other in enumerate(second, 1):
            above.append(min(row[to] + 1, above[-1] + 1, row[to - 1] + (letter != other)))
        row = above
    return row[-1]


@needs_shared
def test_hans_meets_the_bar_on_the_development_gold() -> None:
    rows = [json.loads(line) for line in (SHARED / "script/gsd_dev.jsonl").read_text("utf-8").splitlines()]
    wrong = sum(
        edit_distance(result, row["simp"])
        for row in rows
        if (result := converted(row["trad"], "hans")) != row["simp"]
    )
    assert wrong / sum(len(row["simp"]) for row in rows) <= 500e-6


@needs_shared
def test_no_case_of_opencc_is_lost() -> None:
    targets = {"s2t": "hant", "s2tw": "tw", "s2hk": "hk"}
    lines = (SHARED / "script/opencc_cases_dev.jsonl").read_text("utf-8").splitlines()
    lost = []
    for row in map(json.loads, lines):
        source, wanted = (row["simp"], row["trad"]) if row["dir"] == "s2t" else (row["trad"], row["simp"])
        target = targets.get(row["cfg"].removesuffix("p"), "hans")
        converters = PHRASES if row["cfg"].endswith("p") else CONVERTERS
        result = converters[target].convert(traced(source)).text
        if result != wanted:
            lost.append((row["cfg"], source, result))
    assert lost == []


@needs_shared
@pytest.mark.parametrize("target", ["hans", "hant", "tw", "hk"])
@pytest.mark.parametrize(
    "name",
    [
        "classical_kyoto",
        "classical_kyoto_dev",
        "poetry_trad",
        "japanese",
        "japanese_dev",
        "korean_gsd",
        "korean_kaist",
    ],
)
def test_no_harm_is_done(name: str, target: Target) -> None:
    text = (SHARED / f"no_harm/{name}.txt").read_text("utf-8")
    assert converted(text, target) == text
