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


def test_changes_far_apart_are_shown_each() -> None:
    lines = [f"第{number}条　本条例由市人民政府负责解释。\n" for number in range(300)]
    changed = [*lines[:150], "新增一条。\n", *lines[150:]]
    for place in (20, 281):
        changed[place] = changed[place].replace("市人民", "县人民")
    changes = find_text_changes("".join(lines), "".join(changed))
    pairs = [(change.old, change.new) for change in changes]
    assert pairs == [("市", "县"), ("", "新增一条。\n"), ("市", "县")]


def test_all_of_a_change_is_shown_if_it_may_be_so_long() -> None:
    (change,) = find_text_changes("甲丙", f"甲{'乙' * 100}丙", longest=100)
    assert change.new == "乙" * 100


def test_a_long_stretch_that_differs_is_one_change() -> None:
    (change,) = find_text_changes("甲" + "乙" * (LONGEST_ALIGNED + 1) + "丙", "甲丁丙")
    assert (change.before, change.new, change.after) == ("甲", "丁", "丙")
    assert change.old.endswith("…")
