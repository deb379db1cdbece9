"""The language model: probabilities that sum to one, one at a time or many at once."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.repair.ngram_model import REST, NgramModel, count, pack

LETTERS = "的一是在不了\n"
LINES = st.lists(st.text("的一是在不了", min_size=1, max_size=12), min_size=1, max_size=6)


def learn(*corpora: list[str]) -> NgramModel:
    share = 1 / len(corpora)
    return NgramModel(pack([(share, count(lines)) for lines in corpora]))


@given(LINES, LINES, st.text("的一是在不了龘", max_size=3))
def test_the_probabilities_of_what_may_follow_sum_to_at_most_one(
    first: list[str], second: list[str], before: str
) -> None:
    language = learn(first, second)
    whole = sum(language.probability(before, character) for character in language.table.codes)
    assert 0 < whole <= 1 + 1e-6


@given(LINES, LINES, st.text("的一是在不了龘", max_size=3))
def test_many_characters_are_weighed_as_one_is(first: list[str], second: list[str], before: str) -> None:
    language = learn(first, second)
    asked = [*LETTERS, "龘", "鱻"]
    found = language.likelihoods(language.after(before), language.choose(asked)).tolist()
    assert found == pytest.approx([language.probability(before, character) for character in asked])


def test_what_was_counted_is_likelier_than_what_was_not() -> None:
    language = learn(["高质量发展", "高质量发展", "高水平开放"])
    assert language.probability("高质", "量") > language.probability("高水", "量")
    assert language.probability("高质量", "发") > 0.5
    assert language.probability("高质", "龘") > 0


def test_a_context_with_an_unknown_character_counts_for_what_is_known_of_it() -> None:
    language = learn(["高质量发展"])
    assert language.probability("龘质", "量") == language.probability("质", "量")


def test_the_likelihood_of_a_text_is_that_of_its_characters() -> None:
    language = learn(["高质量发展"])
    expected = math.log(language.probability("", "高")) + math.log(language.probability("高", "质"))
    assert language.log_likelihood("高质") == pytest.approx(expected)


def test_a_shorter_context_counts_what_stands_in_many_places_and_not_what_stands_often() -> None:
    language = learn(["来自山东省", "来自山东省", "来自山东省", "在浙江", "去浙江", "到浙江"])
    assert language.probability("", "江") == language.probability("", "东")
    assert language.probability("", "浙") > language.probability("", "山")


def test_what_was_left_out_of_a_model_leaves_its_share_to_shorter_contexts() -> None:
    counts = count(["的一是在", "的一是不", "的一是了"])
    kept = {gram: number for gram, number in counts.items() if gram not in ("一是不", "一是了")}
    told = NgramModel(pack([(1.0, {**kept, "一是" + REST: 2.0})]))
    silent = NgramModel(pack([(1.0, kept)]))
    assert told.probability("一是", "在") < silent.probability("一是", "在")
    assert told.probability("一是", "不") > silent.probability("一是", "不")
    assert told.probability("一是", REST) == told.probability("一是", "龘")
