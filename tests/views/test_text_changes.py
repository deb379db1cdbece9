"""What differs between two texts is cut out of them, whatever they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hanpack.views.text_changes import LONGEST_ALIGNED, find_text_changes

TEXTS = st.text(alphabet="甲乙丙丁", max_size=12)


@given(TEXTS, TEXTS)
def test_texts_that_differ_have_a_change_and_others_have_none(old: str, new: str) -> None:
    assert bool(find_text_changes(old, new)) == (old != new)


@given(TEXTS, TEXTS)
def test_the_old_text_becomes_the_new_one_by_all_changes(old: str, new: str) -> None:
    text, position = "", 0
    for change in find_text_changes(old, new, most=100):
        start = old.index(change.before + change.old + change.after, max(position - len(change.before), 0))
        start += len(change.before)
        text += old[position:start] + change.new
        position = start + len(change.old)
    # Equal places may be found before the right one, so that only the length is a law.
    assert len(text + old[position:]) == len(new)


def test_a_long_stretch_that_differs_is_one_change() -> None:
    (change,) = find_text_changes("甲" + "乙" * (LONGEST_ALIGNED + 1) + "丙", "甲丁丙")
    assert (change.before, change.new, change.after) == ("甲", "丁", "丙")
    assert change.old.endswith("…")
