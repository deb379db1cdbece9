"""Laws of traced texts: edits record what was done, and each removed byte has the step that removed it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.steps import alignment
from hanpack.steps import traced as tracing
from hanpack.steps.alignment import Alignment
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced, count_removed, locate_edits
from tests.steps.traced_texts import trace

TEXT = st.text(st.sampled_from("ab一二\U00020000\n"), max_size=30)


@st.composite
def replacements(draw: st.DrawFn, length: int) -> list[Replacement]:
    marks = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    new = st.text(st.sampled_from("xy三"), max_size=3)
    return [Replacement(start, end, draw(new), draw(st.booleans())) for start, end in pairs]


@given(TEXT, st.data())
def test_applying_replacements_is_what_slicing_gives(text: str, data: st.DataObject) -> None:
    changes = data.draw(replacements(len(text)))
    expected, position = [], 0
    for change in changes:
        if not change.flagged:
            expected += [text[position : change.start], change.text]
            position = change.end
    assert trace(text).apply("a", changes).text == "".join([*expected, text[position:]])


@given(TEXT, st.data())
def test_removed_bytes_and_kept_bytes_make_the_record(text: str, data: st.DataObject) -> None:
    traced = trace(text)
    for step in ("first", "second", "third"):
        traced = traced.apply(step, data.draw(replacements(len(traced.text))))
    removed = sum(count_removed(traced).values())
    starts, ends = traced.alignment.removed()
    assert removed == (ends - starts).sum()
    assert traced.alignment.source[-1] == len(text.encode())


@given(TEXT, st.data())
def test_an_edit_points_at_the_bytes_it_read_and_the_text_it_made(text: str, data: st.DataObject) -> None:
    proposed = data.draw(replacements(len(text)))
    changed = trace(text).apply("a", proposed)
    effective = [
        change for change in proposed if change.flagged or text[change.start : change.end] != change.text
    ]
    starts, ends = locate_edits(changed)
    assert len(changed.edits) == len(effective)
    for edit, change, start, end in zip(changed.edits, effective, starts, ends, strict=True):
        raw = text.encode()[edit.byte_start : edit.byte_end].decode()
        assert raw == text[change.start : change.end]
        if edit.kind == "replaced":
            assert changed.text[start:end] == change.text
        if edit.kind == "inserted":
            assert change.text in changed.text[start:end]


@settings(max_examples=50)
@given(TEXT, st.data())
def test_a_long_record_is_changed_block_by_block_with_the_same_result(text: str, data: st.DataObject) -> None:
    changes = [data.draw(replacements(len(text)))]
    changes.append(data.draw(replacements(len(trace(text).apply("a", changes[0]).text))))
    whole = trace(text).apply("a", changes[0]).apply("b", changes[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracing, "_BLOCK", 2)
        patch.setattr(alignment, "_BLOCK", 3)
        in_blocks = trace(text).apply("a", changes[0]).apply("b", changes[1])
        assert count_removed(in_blocks) == count_removed(whole)
    assert in_blocks.text == whole.text
    assert in_blocks.edits == whole.edits
    for name in ("text", "source", "even"):
        columns = (getattr(traced.alignment, name).tolist() for traced in (in_blocks, whole))
        assert len({tuple(column) for column in columns}) == 1


def test_a_text_without_replacements_is_the_same_object() -> None:
    traced = trace("一二")
    assert traced.apply("a", []) is traced
    assert traced.apply("a", [Replacement(0, 1, "一")]) is traced


def test_a_flag_changes_nothing_and_is_recorded() -> None:
    flagged = trace("一二").apply("a", [Replacement(0, 1, "x", flagged=True)])
    assert flagged.text == "一二"
    assert [(edit.kind, edit.byte_start, edit.byte_end) for edit in flagged.edits] == [("flagged", 0, 3)]


def test_edits_inside_bytes_that_a_later_step_removes_are_dropped() -> None:
    changed = trace("一ab二").apply("first", [Replacement(1, 2), Replacement(2, 3, "x")])
    changed = changed.apply("second", [Replacement(0, 2)])
    assert changed.text == "二"
    assert [(edit.step, edit.kind) for edit in changed.edits] == [("second", "removed")]
    assert count_removed(changed) == {"second": 5}


def test_bytes_removed_without_an_edit_are_refused() -> None:
    traced = Traced("", Alignment.of_lengths([(0, 3, True)]))
    with pytest.raises(AssertionError, match="removed by no step"):
        count_removed(traced)
    assert count_removed(traced, strict=False) == {}


def test_equal_length_replacements_keep_each_character_at_its_bytes() -> None:
    changed = trace("一二三").apply("a", [Replacement(0, 3, "xyz")])
    assert [changed.alignment.source_span(at, at + 1) for at in range(3)] == [(0, 3), (3, 6), (6, 9)]


@pytest.mark.parametrize(
    "wrong", [[Replacement(0, 2), Replacement(1, 3)], [Replacement(2, 1)], [Replacement(0, 9)]]
)
def test_replacements_that_overlap_or_leave_the_text_are_refused(wrong: list[Replacement]) -> None:
    with pytest.raises(ValueError, match="replacement"):
        trace("一二三").apply("a", wrong)


VALUES = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", " ", None, "1", "2", 0, False]))


@given(VALUES, VALUES)
def test_metadata_that_is_set_stays_unless_it_is_blank(
    earlier: dict[str, object], later: dict[str, object]
) -> None:
    metadata = Traced("", Alignment.identity(0), metadata=earlier).with_metadata(later).metadata
    assert metadata.keys() == earlier.keys() | later.keys()
    for name, value in metadata.items():
        is_set = name in earlier and earlier[name] not in ("", " ", None)
        assert value == (earlier[name] if is_set or name not in later else later[name])


def test_a_substitution_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 characters cannot take the place of 3"):
        trace("一二三").substitute("a", "一二")


@given(TEXT, st.data())
def test_substituting_is_replacing_each_changed_run(text: str, data: st.DataObject) -> None:
    new = "".join(data.draw(st.sampled_from([character, "x"])) for character in text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    traced = trace(text).apply("a", [Replacement(start, end)])
    new = new[:start] + new[end:]
    substituted = traced.substitute("b", new)
    replaced = traced.apply("b", [Replacement(0, len(new), new)])
    assert substituted.text == replaced.text
    for at in range(len(new)):
        assert substituted.alignment.source_span(at, at + 1) == replaced.alignment.source_span(at, at + 1)
    breaks = set(substituted.alignment.text.tolist())
    changed = [at for at, character in enumerate(new) if character != traced.text[at]]
    assert {border for at in changed for border in (at, at + 1)} <= breaks


@given(TEXT, st.data())
def test_the_edits_of_a_substitution_hold_no_removed_bytes(text: str, data: st.DataObject) -> None:
    marks = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    removals = [Replacement(start, end) for start, end in zip(marks[::2], marks[1::2], strict=False)]
    traced = trace(text).apply("a", removals)
    changed = traced.substitute("b", "x" * len(traced.text))
    removed = [(edit.byte_start, edit.byte_end) for edit in changed.edits if edit.kind == "removed"]
    replaced = [(edit.byte_start, edit.byte_end) for edit in changed.edits if edit.kind == "replaced"]
    assert len(removed) == len(removals)
    assert bool(replaced) == bool(traced.text)
    overlaps = [
        (start, end) for start, end in replaced for low, high in removed if low < end and start < high
    ]
    assert overlaps == []
