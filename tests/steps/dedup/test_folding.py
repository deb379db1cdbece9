"""The folded form: one key for all ways to write the same text, with the place of each character."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from hanpack.steps.dedup.folding import TextFolder

FOLDER = TextFolder()
CONVERTERS = {name: OpenCC(name) for name in ("s2t", "s2tw", "s2hk")}
ANY_TEXT = st.text(st.characters(), max_size=60)
# The first level of GB 2312, rows 16 to 55: 3,755 common characters.
COMMON = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)]
COMMON_TEXT = st.text(st.sampled_from(COMMON), max_size=40)


def fold(text: str) -> str:
    return FOLDER.fold(text).text


@given(ANY_TEXT)
def test_folding_again_changes_nothing(text: str) -> None:
    once = FOLDER.fold(text)
    assert fold(once.text) == once.text


@given(ANY_TEXT)
def test_each_folded_character_is_what_the_one_at_its_place_folds_to(text: str) -> None:
    folded = FOLDER.fold(text)
    assert (np.diff(folded.places) > 0).all()
    assert folded.text == "".join(fold(text[place]) for place in folded.places)
    assert [place for place, character in enumerate(text) if fold(character)] == folded.places.tolist()


@given(ANY_TEXT, ANY_TEXT)
def test_each_part_of_a_text_folds_by_itself(first: str, second: str) -> None:
    assert fold(first + second) == fold(first) + fold(second)


@given(ANY_TEXT)
def test_only_letters_and_digits_are_left(text: str) -> None:
    others = [
        character
        for character in fold(text)
        if unicodedata.category(character)[0] not in "LN" and character <= "\U0001ffff"
    ]
    assert others == []


@pytest.mark.parametrize("configuration", CONVERTERS)
@given(text=COMMON_TEXT)
def test_a_text_and_its_traditional_form_fold_alike(configuration: str, text: str) -> None:
    assert fold(CONVERTERS[configuration].convert(text)) == fold(text)


@pytest.mark.parametrize("configuration", CONVERTERS)
def test_every_common_character_folds_as_its_traditional_form_does(configuration: str) -> None:
    lines = "\n".join(COMMON)
    assert fold(CONVERTERS[configuration].convert(lines)) == fold(lines)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("着力发展，里程碑；乾坤于此", "著力發展,裡程碑;乾坤於此"),
        ("明瞭、干部、幹部、乾燥", "明了干部干部干燥"),
        ("借此、複雜、重复、覆盖", "藉此、複雜、重複、複蓋"),
        ("家具、座标、气焰、仿佛、疏浚", "傢俱、坐標、氣燄、彷彿、疏濬"),
        ("裏面、爲、衆、峯、羣、麪、牀、戸、値", "里面为众峰群面床户值"),
        ("２０２４年　ＧＤＰ增长５．２％", "2024年gdp增長5.2%"),
        ("二〇二四年", "二○二四年"),
        ("①加强②改进", "(1)加強(2)改進"),
        ("　　一、总体\u200b要求\r\n", "一 总体要求"),
        ("Straße É", "straße e\u0301"),
        ("\uff76\uff9e", "ガ"),
        ("\u2f08\uf9d1\u3280", "人六一"),
        ("20℃", "20 °C"),
        ("\ud800甲\udc00", "甲"),
        ("٣三", "3三"),
    ],
)
def test_ways_to_write_the_same_fold_alike(first: str, second: str) -> None:
    assert fold(first) == fold(second)


@pytest.mark.parametrize(
    ("first", "second"), [("二〇二四", "二〇二五"), ("增加", "减少"), ("甲乙", "乙甲"), ("第1条", "第11条")]
)
def test_different_texts_fold_differently(first: str, second: str) -> None:
    assert fold(first) != fold(second)


@pytest.mark.parametrize(
    "text", ["", "，。！？ \n\t\u3000", "\ud800", "\ue000\U000f0000", "😀🏽\u200d", "\0\ufeff\ufe0f"]
)
def test_a_text_without_letters_folds_to_nothing(text: str) -> None:
    folded = FOLDER.fold(text)
    assert folded.text == ""
    assert folded.places.shape == (0,)


def test_a_class_is_represented_by_its_simplified_form() -> None:
    assert fold("發展經濟與改善民生的關係裡") == "发展经济与改善民生的关系里"
