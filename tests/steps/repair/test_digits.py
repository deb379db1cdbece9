"""A lost digit is inferred where the text around it determines it, and nowhere else."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanpack.steps.repair.digits import (
    CHARACTERS_AFTER,
    CHARACTERS_BEFORE,
    DIGIT_RULES,
    DigitRule,
    infer_digit,
)
from hanpack.steps.repair.forms import simplify, traditional_forms
from tests.case_files import SHARED_DATA, needs_shared, read_gzipped_rows

NAMES = [rule.name for rule in DIGIT_RULES]
FIRST_DIGIT = re.compile(r"(?<![\d.])\d")


def cut(text: str) -> tuple[str, str]:
    """The texts before and after the lost digit."""
    before, after = text.split("?")
    return before, after


def find_rules(before: str, after: str) -> list[str]:
    return [rule.name for rule in DIGIT_RULES if rule.matches(before, after)]


def test_each_rule_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(DIGIT_RULES) > 0


@pytest.mark.parametrize("rule", DIGIT_RULES, ids=NAMES)
def test_the_example_of_a_rule_is_determined_by_this_rule_alone(rule: DigitRule) -> None:
    before, after = cut(rule.example)
    assert find_rules(before, after) == [rule.name]
    assert infer_digit(before, after) == rule.digit


@pytest.mark.parametrize("rule", DIGIT_RULES, ids=NAMES)
def test_the_counter_example_of_a_rule_is_determined_by_no_rule(rule: DigitRule) -> None:
    before, after = cut(rule.counter_example)
    assert find_rules(before, after) == []
    assert infer_digit(before, after) == ""


@pytest.mark.parametrize("rule", DIGIT_RULES, ids=NAMES)
def test_a_rule_applies_to_traditional_characters_too(rule: DigitRule) -> None:
    traditional = "".join(traditional_forms().get(character, character) for character in rule.example)
    before, after = cut(traditional)
    assert simplify(traditional) == rule.example
    assert infer_digit(before, after) == rule.digit


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("收入比由?.31縮小至2.87", "3"),
        ("收入比由?.90缩小至2.87", "2"),
        ("收入比由3.31缩小至?.87。", "2"),
        ("收入比由3.31缩小至?.47。", "2"),
        ("收入比由?.31扩大至2.87", ""),
        ("排放量由每吨?000—2000元", ""),
        ("投资占比?3%。", ""),
    ],
)
def test_a_ratio_that_narrows_changes_as_little_as_possible(text: str, digit: str) -> None:
    assert infer_digit(*cut(text)) == digit


@example("", 2345)
@given(st.text(alphabet="万亿个户元家，。增长达?", max_size=8), st.integers(0, 9999))
def test_a_number_outside_a_fixed_phrase_stays_lost(unit: str, rest: int) -> None:
    assert infer_digit("新增就业", f"{rest}人{unit}") == ""


@given(st.text(max_size=40), st.text(max_size=40))
def test_at_most_one_digit_is_inferred(before: str, after: str) -> None:
    assert infer_digit(before, after) in ("", *"0123456789")


@needs_shared
def test_inferred_digits_are_those_of_reports() -> None:
    """The first digit is taken off each number, and inferred again from the text around it."""
    right, wrong = Counter[str](), Counter[str]()
    for row in read_gzipped_rows(SHARED_DATA / "corpora" / "provincial_reports_dev.jsonl.gz"):
        text = simplify(row["text"])
        for match in FIRST_DIGIT.finditer(text):
            before = text[max(0, match.start() - CHARACTERS_BEFORE) : match.start()]
            after = text[match.end() : match.end() + CHARACTERS_AFTER]
            digit = infer_digit(before, after)
            name = next(iter(find_rules(before, after)), "ratio that narrows")
            (right if digit == match[0] else wrong)[name] += bool(digit)
    assert right.total() > 200
    assert wrong.total() <= 0.01 * right.total()
