"""A word is written in one way in Traditional, and characters that are parts of two words are left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack import normalize
from hanpack.steps.script.spelling_correction import SpellingCorrector, agree_spellings
from hanpack.steps.script.word_spellings import (
    CERTAIN_SPELLINGS,
    EQUAL_SPELLINGS,
    TAIWAN_SPELLINGS,
    WordSpelling,
)

SPELLINGS = (*CERTAIN_SPELLINGS, *TAIWAN_SPELLINGS)
CHARACTERS = "".join(
    sorted({character for row in SPELLINGS for character in row.example + row.counter_example})
)


@pytest.mark.parametrize("row", SPELLINGS, ids=lambda row: row.replaced + row.spelling)
def test_a_spelling_is_replaced_in_its_example_and_not_in_its_counter_example(row: WordSpelling) -> None:
    assert row.spelling in SpellingCorrector([row]).correct(row.example, official=True)
    left = SpellingCorrector([row]).correct(row.counter_example, official=True)
    assert left == row.counter_example
    assert len(row.replaced) == len(row.spelling)


@given(st.text(CHARACTERS, max_size=30), st.booleans())
def test_the_length_stays(text: str, official: bool) -> None:
    assert len(SpellingCorrector(SPELLINGS).correct(text, official=official)) == len(text)


@given(st.lists(st.sampled_from([spelling for pair in EQUAL_SPELLINGS for spelling in pair]), max_size=9))
def test_a_text_has_one_of_equal_spellings(words: list[str]) -> None:
    written = agree_spellings("，".join(words)).split("，")
    for pair in EQUAL_SPELLINGS:
        assert len(set(pair) & set(written)) <= 1


def test_a_spelling_of_official_texts_is_left_in_others() -> None:
    assert SpellingCorrector(TAIWAN_SPELLINGS).correct("國家計劃") == "國家計劃"
    assert SpellingCorrector(TAIWAN_SPELLINGS).correct("國家計劃", official=True) == "國家計畫"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("本法规定监督对象、职权和程序。", "本法規定監督對象、職權和程序。"),
        ("依法提交招标文件和建设项目，应当鼓励和支持。", "依法提交招標文件和建設項目，應當鼓勵和支持。"),
        ("打开文件，程序支持对象。", "開啟檔案，程式支援物件。"),
        ("政府支持重点项目。" * 30, "政府支持重點項目。" * 30),
        ("软件支持重点项目。" * 30, "軟體支援重點專案。" * 30),
        ("应当使用塑料和网络。", "應當使用塑膠和網路。"),
    ],
)
def test_words_of_computing_are_exchanged_in_texts_about_computing(source: str, expected: str) -> None:
    assert normalize(source, script="tw", phrases=True).text == expected
