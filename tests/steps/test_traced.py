"""Laws of traced texts: edits say what was done, and every removed byte has the step that removed it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment
from hanpack.steps.decode.decoding import decode
from hanpack.steps.traced import Replacement, Traced, count_removed, locate_edits

TEXT = st.text(st.sampled_from("ab一二\U00020000\n"), max_size=30)


def traced_of(text: str) -> Traced:
    return decode(text.encode(), "utf-8")


@st.composite
def replacements(draw: st.DrawFn, length: int) -> list[Replacement]:
    marks = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    new = st.text(st.sampled_from("xy三"), max_size=3)
    return [Replacement(start, end, draw(new), draw(st.booleans())) for start, end in pairs]


@given(TEXT, st.data())
def test_applying_replacements_is_what_slicing_gives(text: str, data: st.DataObject) -> None:
    found = data.draw(replacements(len(text)))
    expected, position = [], 0
    for change in found:
        if not change.flagged:
            expected += [text[position : change.start], change.text]
            position = change.end
    assert traced_of(text).apply("a", found).text == "".join([*expected, text[position:]])


@given(TEXT, st.data())
def test_removed_bytes_and_kept_bytes_make_the_record(text: str, data: st.DataObject) -> None:
    traced = traced_of(text)
    for step in ("first", "second", "third"):
        traced = traced.apply(step, data.draw(replacements(len(traced.text))))
    removed = sum(count_removed(traced).values())
    starts, ends = traced.alignment.removed()
    assert removed == (ends - starts).sum()
    assert traced.alignment.source[-1] == len(text.encode())


@given(TEXT, st.data())
def test_an_edit_points_at_the_bytes_it_read_and_the_text_it_made(text: str, data: st.DataObject) -> None:
    found = data.draw(replacements(len(text)))
    done = traced_of(text).apply("a", found)
    told = [change for change in found if change.flagged or text[change.start : change.end] != change.text]
    starts, ends = locate_edits(done)
    assert len(done.edits) == len(told)
    for edit, change, start, end in zip(done.edits, told, starts, ends, strict=True):
        raw = text.encode()[edit.byte_start : edit.byte_end].decode()
        assert raw == text[change.start : change.end]
        if edit.kind == "replaced":
            assert done.text[start:end] == change.text
        if edit.kind == "inserted":
            assert change.text in done.text[start:end]


def test_a_text_nothing_is_found_in_is_the_same_object() -> None:
    traced = traced_of("一二")
    assert traced.apply("a", []) is traced
    assert traced.apply("a", [Replacement(0, 1, "一")]) is traced


def test_a_flag_changes_nothing_and_is_recorded() -> None:
    done = traced_of("一二").apply("a", [Replacement(0, 1, "x", flagged=True)])
    assert done.text == "一二"
    assert [(edit.kind, edit.byte_start, edit.byte_end) for edit in done.edits] == [("flagged", 0, 3)]


def test_what_a_later_step_removes_is_its_removal_alone() -> None:
    done = traced_of("一ab二").apply("first", [Replacement(1, 2), Replacement(2, 3, "x")])
    done = done.apply("second", [Replacement(0, 2)])
    assert done.text == "二"
    assert [(edit.step, edit.kind) for edit in done.edits] == [("second", "removed")]
    assert count_removed(done) == {"second": 5}


def test_equal_length_replacements_keep_each_character_at_its_bytes() -> None:
    done = traced_of("一二三").apply("a", [Replacement(0, 3, "xyz")])
    assert [done.alignment.source_span(at, at + 1) for at in range(3)] == [(0, 3), (3, 6), (6, 9)]


@pytest.mark.parametrize(
    "wrong", [[Replacement(0, 2), Replacement(1, 3)], [Replacement(2, 1)], [Replacement(0, 9)]]
)
def test_replacements_that_overlap_or_leave_the_text_are_refused(wrong: list[Replacement]) -> None:
    with pytest.raises(ValueError, match="replacement"):
        traced_of("一二三").apply("a", wrong)


def test_metadata_known_before_stays() -> None:
    traced = Traced("", Alignment.identity(0), metadata={"title": "given"})
    assert traced.with_metadata({"title": "found", "date": "2024"}).metadata == {
        "title": "given",
        "date": "2024",
    }


@given(TEXT, st.data())
def test_substituting_is_replacing_each_changed_run(text: str, data: st.DataObject) -> None:
    new = "".join(data.draw(st.sampled_from([char, "x"])) for char in text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    traced = traced_of(text).apply("a", [Replacement(start, end)])
    new = new[:start] + new[end:]
    fast = traced.substitute("b", new)
    slow = traced.apply("b", [Replacement(0, len(new), new)])
    assert fast.text == slow.text
    spans = [
        (fast.alignment.source_span(at, at + 1), slow.alignment.source_span(at, at + 1))
        for at in range(len(new))
    ]
    assert [one for one, _ in spans] == [other for _, other in spans]
    breaks = set(fast.alignment.text.tolist())
    assert all({at, at + 1} <= breaks for at, char in enumerate(new) if char != traced.text[at])


@given(TEXT, st.data())
def test_the_edits_of_a_substitution_hold_no_removed_bytes(text: str, data: st.DataObject) -> None:
    marks = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    gone = [Replacement(start, end) for start, end in zip(marks[::2], marks[1::2], strict=False)]
    traced = traced_of(text).apply("a", gone)
    done = traced.substitute("b", "x" * len(traced.text))
    removed = [(edit.byte_start, edit.byte_end) for edit in done.edits if edit.kind == "removed"]
    for edit in done.edits:
        if edit.kind == "replaced":
            assert all(edit.byte_end <= low or high <= edit.byte_start for low, high in removed)
