"""A line is Japanese by its forms of characters and its particles, Chinese by its words."""

from __future__ import annotations

import pytest

from hanpack.steps.script.japanese import are_shinjitai, is_chinese_with_kana, is_not_japanese


@pytest.mark.parametrize("text", ["個人情報保護", "学校教育法施行規則", "日本国憲法", "給与支給日"])
def test_what_japanese_writes_may_be_japanese(text: str) -> None:
    assert not is_not_japanese(text)
    assert not is_chinese_with_kana(text)


@pytest.mark.parametrize("text", ["國家標準", "国家标准", "臺灣", "讀書"])
def test_forms_of_chinese_alone_are_not_japanese(text: str) -> None:
    assert is_not_japanese(text)


@pytest.mark.parametrize("text", ["你唱カラオケ", "ラーメン是日本的麵", "送給你ケーキ", "他跟サトシ去"])
def test_a_word_of_chinese_tells_a_line_with_kana(text: str) -> None:
    assert is_chinese_with_kana(text)


@pytest.mark.parametrize(
    "text", ["個人情報の保護", "会員に返還した", "是非ご覧ください", "誰ですか", "国是の研究"]
)
def test_words_that_japanese_has_as_well_do_not_tell(text: str) -> None:
    assert not is_chinese_with_kana(text)


def test_forms_that_both_simplified_are_told_from_those_of_china_alone() -> None:
    assert are_shinjitai("国学会")
    assert not are_shinjitai("学习")
