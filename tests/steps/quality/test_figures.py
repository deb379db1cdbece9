"""The figures of quality: each is what a count character by character gives, whatever stands in the batch."""

from __future__ import annotations

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.quality import FIGURES, Bounds, find_violation, measure_quality
from hanpack.steps.quality.lines import round_all
from hanpack.steps.texts import JoinedTexts

TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("第一条，。\n 12３a々〇𠀀𰻞가あ"), st.characters(codec="utf-8")),
    max_size=40,
)


def count_slowly(text: str) -> tuple[float, float, float]:
    visible = [character for character in text if not character.isspace()]
    han = sum(
        unicodedata.name(character, "").startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH"))
        or character in "々〇"
        for character in visible
    )
    digits = sum(unicodedata.category(character) == "Nd" for character in visible)
    punctuation = sum(unicodedata.category(character)[0] in "PS" for character in visible)
    size = len(visible) or 1
    return round(han / size, 6), round(digits / size, 6), round(punctuation / size, 6)


@given(st.lists(st.text(alphabet="第一条，。\n 12３a々〇𠀀가あ！", max_size=40), max_size=4))
def test_shares_are_those_of_a_count_character_by_character(texts: list[str]) -> None:
    figures = measure_quality(JoinedTexts(texts), [None] * len(texts), [0] * len(texts))
    shares = [(row.han_share, row.digit_share, row.punctuation_share) for row in figures]
    assert shares == [count_slowly(text) for text in texts]


@given(TEXTS, TEXTS)
def test_the_figures_of_a_text_do_not_depend_on_the_batch(first: str, second: str) -> None:
    together = measure_quality(JoinedTexts([first, second]), [None, 2.5], [0, 3])
    assert together == [
        *measure_quality(JoinedTexts([first]), [None], [0]),
        *measure_quality(JoinedTexts([second]), [2.5], [3]),
    ]


@given(
    st.lists(
        st.one_of(
            st.floats(min_value=0, max_value=1e6),
            st.builds(lambda part, whole: part / whole, st.integers(0, 10**6), st.integers(1, 10**4)),
            st.integers(0, 10**6).map(lambda number: number / 8),
        ),
        max_size=20,
    ),
    st.sampled_from([2, 6]),
)
def test_many_values_are_rounded_as_each_alone(values: list[float], digits: int) -> None:
    assert round_all(np.array(values, np.float64), digits) == [round(value, digits) for value in values]


def test_repeated_lines_are_counted_from_their_second_occurrence_on() -> None:
    (figures,) = measure_quality(JoinedTexts(["甲乙丙\n丁\n甲乙丙\n\n\n甲乙丙"]), [None], [0])
    assert figures.repeated_line_share == 0.6
    assert figures.mean_line_length == 2.5


def test_a_figure_on_its_bound_is_within_it_and_one_that_was_not_measured_violates_nothing() -> None:
    (figures,) = measure_quality(JoinedTexts(["甲1"]), [None], [2])
    assert find_violation(figures, {"han_share": Bounds(least=0.5, greatest=0.5)}) is None
    assert find_violation(figures, {"perplexity": Bounds(greatest=1)}) is None
    violation = find_violation(figures, {"han_share": Bounds(least=0.1), "damage_left": Bounds(greatest=1)})
    assert violation == ("damage_left", 2, Bounds(greatest=1))
    assert len(FIGURES) == 7
