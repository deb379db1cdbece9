"""What tidying changes, what it leaves, and that clean text comes back itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment
from hanpack.steps.traced import Traced
from hanpack.steps.typography.marks import compose, mend_quotes, remove_controls, set_widths, tidy_spaces

STEPS = [compose, mend_quotes, remove_controls, set_widths, tidy_spaces]
MESSY = st.text('中文a1 \u3000\u00a0\t\r\n,:()"“”０Ａ\u200b\u200d\u0301\ufeff', max_size=40)


def traced(text: str) -> Traced:
    widths = np.array([len(letter.encode("utf-8", "surrogatepass")) for letter in text], dtype=np.int64)
    return Traced(text, Alignment.of_widths(widths))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "县  长   吴  浩\n\n二〇二四年一月",
        "“引用”，时间12:30，比例1:2，共3,000元。",
        "def f(a, b): return a  # see https://example.org/a,b",
        "面积3㎡，第Ⅱ期 👨\u200d👩\u200d👧",
    ],
)
def test_clean_text_comes_back_itself(step: Callable[[Traced], Traced], text: str) -> None:
    before = traced(text)
    assert step(before) is before


@pytest.mark.parametrize("step", STEPS)
@given(text=MESSY)
def test_a_second_run_finds_nothing(step: Callable[[Traced], Traced], text: str) -> None:
    once = step(traced(text))
    assert step(once).text == once.text
    assert once.alignment.length == len(once.text)


@given(MESSY)
def test_tidied_lines_have_no_margins_and_one_blank_line_at_most(text: str) -> None:
    tidied = tidy_spaces(traced(text)).text
    assert "\r" not in tidied
    assert "\n\n\n" not in tidied
    assert all(line == line.strip(" \u3000\u00a0\t") for line in tidied.split("\n"))


@given(MESSY)
def test_tidying_only_touches_white_space(text: str) -> None:
    def visible(letters: str) -> str:
        return "".join(letters.split())

    assert visible(tidy_spaces(traced(text)).text) == visible(text)


def test_each_kept_character_keeps_its_bytes() -> None:
    tidied = tidy_spaces(traced("\u3000\u3000甲 \r\n\r\n\r\n乙"))
    assert tidied.text == "甲\n\n乙"
    assert [tidied.alignment.source_span(at, at + 1) for at in range(4)] == [
        (6, 9),
        (11, 12),
        (13, 14),
        (16, 19),
    ]
    assert {edit.kind for edit in tidied.edits} == {"removed"}


@pytest.mark.parametrize(
    ("text", "set_text"),
    [
        (
            "投资(一期),其中:中央3,000万元;12:30完成95%,好",
            "投资（一期），其中：中央3,000万元；12:30完成95%，好",
        ),
        ("ＧＤＰ增长５．６％", "GDP增长5.6%"),
        ('他说:"你好"!', "他说：“你好”！"),
        ("见https://example.org/a,b:c，转(正文)", "见https://example.org/a,b:c，转（正文）"),
        ("Python, Java (both)和`f(值),1`", "Python, Java (both)和`f(值),1`"),
        ("第一, 第二", "第一，第二"),
    ],
)
def test_widths_are_set_beside_han_characters_only(text: str, set_text: str) -> None:
    assert set_widths(traced(text)).text == set_text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_composed_text_is_nfc_but_for_ideographic_variants(text: str) -> None:
    composed = compose(traced(text)).text
    assert unicodedata.normalize("NFC", composed) == unicodedata.normalize("NFC", text)


def test_composition_keeps_variants_and_symbols() -> None:
    assert compose(traced("e\u0301 \uf900 ㎡Ⅱ")).text == "é \uf900 ㎡Ⅱ"


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("\ufeff甲\u200b乙\x00\u200e\u200d丙", "甲乙丙"),
        ("👩🏽\u200d🚀❤️\u200d🔥", "👩🏽\u200d🚀❤️\u200d🔥"),
        ("क्\u200dष می\u200cخ", "क्\u200dष می\u200cخ"),
        ("שלום\u200e", "שלום\u200e"),
        ("a\tb\n", "a\tb\n"),
    ],
)
def test_only_characters_that_show_nothing_and_do_nothing_go(text: str, visible: str) -> None:
    assert remove_controls(traced(text)).text == visible


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("余家”僵尸型”社会组织", "余家“僵尸型”社会组织"),
        ("“甲“和“乙”", "“甲”和“乙”"),
        ("”，甲”", "”，甲”"),
        ("一“半", "一“半"),
        ("“外“内”外”", "“外“内”外”"),
        ("”甲\n乙”", "”甲\n乙”"),
    ],
)
def test_quotes_are_turned_only_where_the_line_tells_how(text: str, mended: str) -> None:
    assert mend_quotes(traced(text)).text == mended
