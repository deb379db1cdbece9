"""Substituting several texts at once is substituting each of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.substitution import substitute_all
from hanpack.steps.traced import Replacement, Traced
from tests.steps.traced_texts import trace

TEXTS = st.lists(st.text("一二a\n\r𠀀", max_size=12), min_size=1, max_size=5)


def draw_removals(text: str, data: st.DataObject) -> list[Replacement]:
    marks = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return [Replacement(start, end) for start, end in zip(marks[::2], marks[1::2], strict=False)]


@given(TEXTS, st.data())
def test_substituting_several_texts_is_substituting_each(texts: list[str], data: st.DataObject) -> None:
    traced = [trace(text).apply("a", draw_removals(text, data)) for text in texts]
    written = [
        "".join(data.draw(st.sampled_from([character, "x"])) for character in one.text) for one in traced
    ]
    changed = substitute_all("b", traced, written)
    expected = [one.substitute("b", text) for one, text in zip(traced, written, strict=True)]
    assert [one.text for one in changed] == written
    assert [one.edits for one in changed] == [one.edits for one in expected]
    for one, other in zip(changed, expected, strict=True):
        for name in ("text", "source", "even"):
            np.testing.assert_array_equal(getattr(one.alignment, name), getattr(other.alignment, name))


def test_a_text_that_stays_the_same_is_the_same_object() -> None:
    traced = [trace("一二"), trace("三")]
    changed = substitute_all("b", traced, ["一二", "x"])
    assert changed[0] is traced[0]
    assert changed[1].text == "x"


def test_a_long_text_and_a_text_of_another_length_are_treated_as_by_themselves() -> None:
    long = Traced("一" * 70_000, trace("一" * 70_000).alignment)
    changed, unchanged = substitute_all("b", [long, trace("二")], ["一x" * 35_000, "二"])
    assert len(changed.edits) == 35_000
    assert unchanged.text == "二"
    with pytest.raises(ValueError, match="2 characters cannot take the place of 3"):
        substitute_all("b", [trace("一二三")], ["一二"])
