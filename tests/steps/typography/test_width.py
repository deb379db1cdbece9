"""Widths are set beside Han characters, and nowhere else."""

from __future__ import annotations

import pytest

from hanpack.steps.typography import set_widths
from tests.steps.traced_texts import trace


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
    assert set_widths(trace(text)).text == set_text


def test_a_text_that_changes_again_and_again_is_flagged_after_some_rounds() -> None:
    # The first closing quote is part of the address, so that each round turns the next quote.
    text = '"甲http://a" 甲 ' + '"b' * 50
    edits = set_widths(trace(text)).edits
    assert {edit.kind for edit in edits} == {"replaced", "flagged"}
    assert len(edits) < 20


def test_parentheses_of_any_depth_are_widened_in_a_few_rounds() -> None:
    text = "(" * 90 + "甲" + ")" * 90
    widened = set_widths(trace(text))
    assert widened.text == "（" * 90 + "甲" + "）" * 90
    assert {edit.kind for edit in widened.edits} == {"replaced"}


def test_nested_parentheses_are_widened_together() -> None:
    assert set_widths(trace("甲(乙(丙)丁)")).text == "甲（乙（丙）丁）"
