"""Which script a text is in, what conversion changes and leaves, and where each character came from."""

from __future__ import annotations

import re
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.steps.script.conversion import ScriptConverter, Target
from hanpack.steps.script.recognition import Script, find_script
from tests.case_files import SHARED_DATA, needs_shared, read_rows
from tests.conftest import CASES
from tests.steps.script.distance import measure_distance
from tests.steps.traced_texts import trace

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


def convert(text: str, target: Target, *, phrases: bool = False) -> str:
    return (PHRASES if phrases else CONVERTERS)[target].convert(trace(text)).text


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
def test_the_script_of_a_text_is_determined(text: str, script: Script) -> None:
    assert find_script(text) == script


@pytest.mark.parametrize("target", get_args(Target))
def test_what_follows_a_null_character_is_converted_and_kept(target: Target) -> None:
    before = "这个国家发\0展a。這個國家軟\0體"
    after = convert(before, target, phrases=True)
    assert [len(part) for part in after.split("\0")] == [len(part) for part in before.split("\0")]


@pytest.mark.parametrize("target", get_args(Target))
@pytest.mark.parametrize("text", [JAPANESE, KOREAN, CLASSICAL, VERSE])
def test_a_text_that_is_not_modern_chinese_is_not_convert(text: str, target: Target) -> None:
    before = trace(text)
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
    before = trace(text)
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
def test_hans_has_the_characters_that_the_mainland_uses(traditional: str, simplified: str) -> None:
    assert convert(traditional, "hans") == simplified


def test_a_text_with_both_the_particle_and_zhu_keeps_them() -> None:
    assert convert("慰藉著受傷的心靈，聽着", "hans") == "慰藉著受伤的心灵，听着"


@pytest.mark.parametrize(
    ("target", "traditional"),
    [
        ("hant", "她說：「裏面的軟件爲什麼唱着『歌』？」it’s"),
        ("tw", "她說：「裡面的軟件為什麼唱著『歌』？」it’s"),
        ("hk", "她説：「裏面的軟件為什麼唱着『歌』？」it’s"),
    ],
)
def test_each_traditional_target_has_its_own_variants(target: Target, traditional: str) -> None:
    assert convert("她说：“里面的软件为什么唱着‘歌’？”it’s", target) == traditional


def test_a_text_of_the_other_region_takes_the_variants_of_the_target() -> None:
    assert convert("佢喺屋企裏面唱着歌。", "tw") == "佢喺屋企裡面唱著歌。"


def test_vocabulary_is_exchanged_only_on_request() -> None:
    assert convert("伺服器的硬碟和滑鼠", "hans") == "伺服器的硬碟和滑鼠"
    assert convert("伺服器的硬碟和滑鼠壞了", "hans", phrases=True) == "服务器的硬盘和鼠标坏了"


def test_a_traditional_passage_in_a_simplified_text_is_converted_and_nothing_else() -> None:
    plain = "我们的经济发展很快，李乾说这个问题还没有解决。" * 10
    assert (
        convert(f"{plain}\n這個問題還沒有解決。\n{plain}", "hans")
        == f"{plain}\n这个问题还没有解决。\n{plain}"
    )


def test_foreign_sentences_in_a_chinese_text_are_not_converted() -> None:
    chinese = "這個詞彙來自日語，我們將在後面詳細說明它的歷史與現在的用法，並且討論它與漢語的關係。"
    japanese = "彼の学校は東京に在るのです。"
    result = convert(chinese + japanese, "hans")
    assert result.endswith(japanese)
    assert result.startswith("这个词汇来自日语")


def test_lone_surrogates_stay_and_the_rest_is_convert() -> None:
    assert convert("國家\ud800發展\udfff", "hans") == "国家\ud800发展\udfff"


UNCHANGED = "\ud800A1か\n，。"


MANY = st.lists(st.text("她看著聽着遺「國际机車帳乾隆衞」，。\n软件著A\x1e\x00か", max_size=24), max_size=6)


def test_words_of_cantonese_stay() -> None:
    line = "噉都要執。佢哋嘅嘢，唔係我攞嚟㗎。"
    assert convert(line, "hans") == "噉都要执。佢哋嘅嘢，唔系我攞嚟㗎。"


def test_a_line_that_is_repeated_is_no_verse() -> None:
    assert convert("旅遊高質量發展。\n" * 9, "hans") == "旅游高质量发展。\n" * 9


def test_a_menu_of_items_of_seven_characters_is_no_verse() -> None:
    items = "關於本公司業務\n最新消息與公告\n產品服務與支援\n投資人關係專區\n聯絡我們與地圖\n"
    simplified = "关于本公司业务\n最新消息与公告\n产品服务与支援\n投资人关系专区\n联络我们与地图\n"
    assert convert(items * 2, "hans") == simplified * 2


@pytest.mark.parametrize("length", [5, 7])
def test_regular_verse_is_not_converted(length: int) -> None:
    lines = (CASES / "no_harm/poetry.txt").read_text(encoding="utf-8").splitlines()
    verse = [line for line in lines if re.fullmatch(rf"(?:[㐀-鿿]{{{length}}}[，。]){{2}}", line)]
    assert len(verse) >= 4
    assert not find_script("\n".join(verse * 2)).convertible


@given(MANY, st.sampled_from(get_args(Target)), st.booleans())
@settings(max_examples=300)
def test_texts_are_converted_together_as_each_by_itself(
    texts: list[str], target: Target, phrases: bool
) -> None:
    converter = (PHRASES if phrases else CONVERTERS)[target]
    together = converter.convert_all(list(map(trace, texts)))
    for text, converted in zip(texts, together, strict=True):
        by_itself = converter.convert(trace(text))
        assert converted.text == by_itself.text
        assert list(converted.edits) == list(by_itself.edits)
        for name in ("text", "source", "even"):
            assert np.array_equal(getattr(converted.alignment, name), getattr(by_itself.alignment, name))


@given(CHINESE, st.sampled_from(get_args(Target)), st.booleans())
def test_characters_stay_in_the_order_of_their_sources(text: str, target: Target, phrases: bool) -> None:
    after = (PHRASES if phrases else CONVERTERS)[target].convert(trace(text))
    assert after.alignment.length == len(after.text)
    low, high = after.alignment.source_spans(np.arange(len(after.text)), np.arange(len(after.text)) + 1)
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()


@given(CHINESE, st.sampled_from(get_args(Target)), st.booleans())
def test_a_character_of_no_script_keeps_its_own_bytes(text: str, target: Target, phrases: bool) -> None:
    after = (PHRASES if phrases else CONVERTERS)[target].convert(trace(text))
    raw = text.encode("utf-8", "surrogatepass")
    kept = [at for at, character in enumerate(after.text) if character in UNCHANGED]
    sources = [slice(*after.alignment.source_span(at, at + 1)) for at in kept]
    assert [raw[source].decode("utf-8", "surrogatepass") for source in sources] == [
        after.text[at] for at in kept
    ]
    assert len(kept) == sum(character in UNCHANGED for character in text)


@given(CHINESE, st.sampled_from(["hans", "hant", "tw", "hk"]))
def test_a_conversion_without_vocabulary_keeps_the_length_and_its_edits_name_the_changed_bytes(
    text: str, target: Target
) -> None:
    after = CONVERTERS[target].convert(trace(text))
    assert len(after.text) == len(text)
    in_edits = {byte for edit in after.edits for byte in range(edit.byte_start, edit.byte_end)}
    position, changed = 0, set()
    for old, new in zip(text, after.text, strict=True):
        width = len(old.encode("utf-8", "surrogatepass"))
        changed |= set(range(position, position + width)) if old != new else set()
        position += width
    assert in_edits == changed
    assert {edit.step for edit in after.edits} <= {"script"}


@settings(max_examples=20)
@given(
    st.sampled_from(["軟體和網際網路。", "記憶體裡的資料，", "滑鼠\n", "甲", "這個演算法很快！"]).flatmap(
        lambda part: st.lists(st.sampled_from([part, "使用者點選連結。", "B2B"]), max_size=12)
    )
)
def test_phrases_of_another_length_keep_their_neighbours_in_place(parts: list[str]) -> None:
    text = "".join(parts)
    after = PHRASES["hans"].convert(trace(text))
    for mark in "。！\nB":
        new = [at for at, character in enumerate(after.text) if character == mark]
        old = [len(text[:at].encode()) for at, character in enumerate(text) if character == mark]
        assert [after.alignment.source_span(at, at + 1)[0] for at in new] == old


def test_a_long_text_is_converted_as_its_parts_are() -> None:
    part = "這個問題還沒有解決，她坐著寫信給國家圖書館" * 3
    assert convert(part * 2000, "hans") == convert(part, "hans") * 2000


def find_failed_cases(rows: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """The cases of OpenCC that a target fails: configuration, source and result."""
    targets: dict[str, Target] = {"s2t": "hant", "s2tw": "tw", "s2hk": "hk"}
    failed = []
    for row in rows:
        source, expected = (row["simp"], row["trad"]) if row["dir"] == "s2t" else (row["trad"], row["simp"])
        target = targets.get(row["cfg"].removesuffix("p"), "hans")
        result = convert(source, target, phrases=row["cfg"].endswith("p"))
        if result != expected:
            failed.append((row["cfg"], source, result))
    return failed


def test_hans_is_the_gold_of_the_treebank() -> None:
    rows = read_rows(CASES / "script" / "gsd_pairs.jsonl")
    results = [convert(row["trad"], "hans") for row in rows]
    assert results == [row["simp"] for row in rows]


def test_the_cases_of_opencc_pass() -> None:
    assert find_failed_cases(read_rows(CASES / "script" / "opencc_cases.jsonl")) == []


@pytest.mark.parametrize("target", ["hans", "hant", "tw", "hk"])
@pytest.mark.parametrize("name", ["japanese", "korean", "classical", "classical_simplified", "poetry"])
def test_texts_that_are_not_modern_chinese_stay(name: str, target: Target) -> None:
    text = (CASES / "no_harm" / f"{name}.txt").read_text("utf-8")
    assert convert(text, target) == text


@pytest.mark.parametrize(
    ("name", "targets"),
    [
        ("english.txt", ["hans", "hant", "tw", "hk"]),
        ("cantonese.txt", ["hant", "hk"]),
        ("learner.txt", ["hans"]),
        ("classical_and_modern.txt", ["hans"]),
        ("pinyin_lessons.js", ["hans"]),
        ("pinyin_library.rst", ["hans"]),
        ("source_code.cpp.txt", ["hans"]),
    ],
)
def test_texts_in_the_target_script_stay(name: str, targets: list[Target]) -> None:
    text = (CASES / "no_harm" / name).read_text("utf-8")
    assert {target: convert(text, target) for target in targets} == dict.fromkeys(targets, text)


@needs_shared
def test_the_error_on_the_shared_gold_is_at_most_500_per_million() -> None:
    rows = read_rows(SHARED_DATA / "script/gsd_dev.jsonl")
    wrong = sum(
        measure_distance(result, row["simp"])
        for row in rows
        if (result := convert(row["trad"], "hans")) != row["simp"]
    )
    assert wrong / sum(len(row["simp"]) for row in rows) <= 500e-6


@needs_shared
def test_the_shared_cases_of_opencc_pass() -> None:
    assert find_failed_cases(read_rows(SHARED_DATA / "script/opencc_cases_dev.jsonl")) == []


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
def test_the_shared_texts_that_are_not_modern_chinese_stay(name: str, target: Target) -> None:
    text = (SHARED_DATA / f"no_harm/{name}.txt").read_text("utf-8")
    assert convert(text, target) == text


@pytest.mark.parametrize(
    ("text", "simplified"),
    [
        ("他說カラオケ很好玩", "他说カラオケ很好玩"),
        ("這家店叫ラーメン一番，味道不錯", "这家店叫ラーメン一番，味道不错"),
        ("昨天買了たこ焼き和ラムネ，還不錯", "昨天买了たこ焼き和ラムネ，还不错"),
        ("請問ポイント怎麼用", "请问ポイント怎么用"),
        ("這個アニメ我看過三遍", "这个アニメ我看过三遍"),
        ("この歌很好聽", "この歌很好听"),
        ("會議紀錄。\n他說カラオケ很好玩。", "会议纪录。\n他说カラオケ很好玩。"),
    ],
)
def test_a_chinese_line_with_kana_is_converted(text: str, simplified: str) -> None:
    assert convert(text, "hans") == simplified


@pytest.mark.parametrize(
    "text",
    [
        "東京都の電車は便利です",
        "國語の授業を受けました。",
        "這はペンです",
        "龍馬、お茶を飲んでください",
        "カラオケの歌が聽こえる",
    ],
)
def test_a_japanese_line_is_not_converted(text: str) -> None:
    assert convert(text, "hans") == text
