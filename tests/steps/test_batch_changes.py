"""Changing several texts at once is changing each of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.batch_changes import apply_all, substitute_all
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced
from tests.steps.traced_texts import trace

TEXTS = st.lists(st.text("一二a\n\r𠀀", max_size=12), min_size=1, max_size=5)


def draw_removals(text: str, data: st.DataObject) -> list[Replacement]:
    marks = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return [Replacement(start, end) for start, end in zip(marks[::2], marks[1::2], strict=False)]


def draw_changes(text: str, data: st.DataObject) -> list[Replacement]:
    written = st.sampled_from(["", "x", "xy", "一二三"])
    return [
        Replacement(start, end, data.draw(written), data.draw(st.sampled_from([False, False, True])))
        for start, end, *_ in draw_removals(text, data)
    ]


def assert_equal(changed: list[Traced], expected: list[Traced]) -> None:
    assert [one.text for one in changed] == [one.text for one in expected]
    assert [one.edits for one in changed] == [one.edits for one in expected]
    for one, other in zip(changed, expected, strict=True):
        for name in ("text", "source", "even"):
            np.testing.assert_array_equal(getattr(one.alignment, name), getattr(other.alignment, name))


@given(TEXTS, st.data())
def test_replacing_in_several_texts_is_replacing_in_each(texts: list[str], data: st.DataObject) -> None:
    traced = [trace(text).apply("a", draw_changes(text, data)) for text in texts]
    changes = [draw_changes(one.text, data) for one in traced]
    changed = apply_all("b", traced, changes)
    assert_equal(changed, [one.apply("b", of_text) for one, of_text in zip(traced, changes, strict=True)])
    pairs = list(zip(changed, traced, strict=True))
    is_same = [one.text == before.text and one.edits == before.edits for one, before in pairs]
    assert [one is before for one, before in pairs] == is_same


@given(TEXTS, st.data())
def test_insertions_at_the_same_place_are_made_in_their_order(texts: list[str], data: st.DataObject) -> None:
    places = [sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4))) for text in texts]
    changes = [[Replacement(at, at, "x") for at in of_text] for of_text in places]
    traced = list(map(trace, texts))
    changed = apply_all("b", traced, changes)
    assert_equal(changed, [one.apply("b", of_text) for one, of_text in zip(traced, changes, strict=True)])


@pytest.mark.parametrize("wrong", [[Replacement(0, 2), Replacement(1, 3)], [Replacement(0, 9)]])
def test_replacements_that_overlap_or_leave_their_text_are_refused(wrong: list[Replacement]) -> None:
    with pytest.raises(ValueError, match="replacement"):
        apply_all("a", [trace("一二三"), trace("四五六")], [[], wrong])


@given(TEXTS, st.data())
def test_substituting_several_texts_is_substituting_each(texts: list[str], data: st.DataObject) -> None:
    traced = [trace(text).apply("a", draw_removals(text, data)) for text in texts]
    written = [
        "".join(data.draw(st.sampled_from([character, "x"])) for character in one.text) for one in traced
    ]
    changed = substitute_all("b", traced, written)
    assert_equal(changed, [one.substitute("b", text) for one, text in zip(traced, written, strict=True)])


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
