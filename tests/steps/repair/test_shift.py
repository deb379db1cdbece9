"""Byte shifts are undone where the evidence is good and flagged where it is thin; all else is unchanged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.repair.ngram_model import NgramModel, count_ngrams
from hanpack.steps.repair.ngram_table import pack_model
from hanpack.steps.repair.shift import TRIGGER, find_shifts
from hanpack.steps.repair.shift_costs import SHIFT_COSTS
from hanpack.steps.replacements import Replacement
from tests.case_files import SHARED_DATA, needs_shared, read_rows

from .damage import annotate, decode_page, insert_before_marks, is_annotated, is_marked
from .samples import find_flagged, is_right_outside, trace

GOLD = SHARED_DATA / "repair" / "damaged_dev.jsonl"
NGRAM_MODEL = load_ngram_model()
SENTENCES = (
    "堅決兜住“三保”支出底線。",
    "支持珠海、佛山、惠州、東莞、中山、江門。",
    "實施一老一小”保障，經營主體持續壯大。",
    "總量接近一千萬戶，支出3534億元。",
)


def restore(text: str) -> str:
    return trace(text).apply("shift", find_shifts(text, NGRAM_MODEL)).text


def test_the_restored_stretch_is_all_that_is_replaced() -> None:
    assert find_shifts("火炬?zhèn)鬟f活動", NGRAM_MODEL) == [Replacement(2, 10, "傳遞")]


@pytest.mark.parametrize(
    ("clean", "annotated"),
    [
        ("火炬傳遞活動", "鎮"),
        ("全體居民人均可支配收入年均增長5%以上", "用"),
        ("加強生物多樣性保護，整合優化自然保護地", "有"),
        ("提升城鄉社區治理水平，推動移風易俗，建設和美鄉村", "卫类"),
    ],
)
def test_what_was_matched_across_characters_is_restored(clean: str, annotated: str) -> None:
    damaged = annotate(clean, annotated)
    assert TRIGGER.search(damaged)
    assert restore(damaged) == clean


@pytest.mark.parametrize(
    "clean",
    [
        "堅決兜住“三保”支出底線。",
        "支持珠海、佛山、惠州、東莞、中山、江門",
        "實施一老一小”保障，經營主體持續壯大。總量接近一千萬戶",
    ],
)
def test_a_lost_lead_byte_is_chosen_by_evidence(clean: str) -> None:
    damaged = insert_before_marks(clean)
    assert TRIGGER.search(damaged)
    assert restore(damaged) == clean


def test_a_word_of_the_record_is_evidence() -> None:
    record = "龘校是一所學校。龘校建於清代。龘校有三千學生。"
    damaged = insert_before_marks("龘校“一流”建設。")
    assert restore(record + damaged) == record + "龘校“一流”建設。"
    assert restore(damaged) != "龘校“一流”建設。"


def test_only_the_character_in_doubt_is_left_and_flagged() -> None:
    damaged = insert_before_marks("堅決兜住“三保”支出底線。")
    [restored] = find_shifts(damaged, NGRAM_MODEL)
    assert (damaged[restored.start : restored.end], restored.text) == ("?！敝С龅拙€", "保”支出底線")
    doubting = replace(SHIFT_COSTS, least_margin=30.0, sure_margin=30.0)
    [left, sure] = find_shifts(damaged, NGRAM_MODEL, costs=doubting)
    assert (damaged[left.start : left.end], left.flagged) == ("?！", True)
    assert (damaged[sure.start : sure.end], sure.text) == ("敝С龅拙€", "”支出底線")


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3), st.floats(0.5, 60.0), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_restoration_with_flags_is_the_one_without_but_for_them(
    sentences: list[str], margin: float, wide: bool
) -> None:
    damaged = insert_before_marks("".join(sentences))
    costs = replace(SHIFT_COSTS, least_margin=margin, sure_margin=2 * margin if wide else margin)
    edits = find_shifts(damaged, NGRAM_MODEL, costs=costs)
    whole = find_shifts(damaged, NGRAM_MODEL, costs=replace(costs, least_margin=0.0))
    flagged = trace(damaged).apply("shift", edits)
    assert is_right_outside(flagged.text, find_flagged(flagged), trace(damaged).apply("shift", whole).text)
    assert cover(whole) <= cover(edits)


def cover(edits: list[Replacement]) -> set[int]:
    return {position for edit in edits for position in range(edit.start, edit.end)}


def test_a_model_that_knows_none_of_the_words_restores_nothing() -> None:
    ignorant = NgramModel(pack_model([(1.0, count_ngrams(["的一是在"]))]))
    damaged = insert_before_marks("堅決兜住“三保”支出底線。")
    assert [edit for edit in find_shifts(damaged, ignorant) if not edit.flagged] == []


def test_an_annotation_across_characters_that_no_hypothesis_explains_is_flagged() -> None:
    assert find_shifts("火炬?ɡū)鬟f活動", NGRAM_MODEL) == [Replacement(2, 6, flagged=True)]


def test_a_lost_digit_is_flagged_and_never_made_up() -> None:
    text = insert_before_marks("堅決兜住“三保”支出3534億元")
    flagged = [text[edit.start : edit.end] for edit in find_shifts(text, NGRAM_MODEL) if edit.flagged]
    assert "?534億元" in restore(text)
    assert flagged == ["?"]


def test_the_lost_first_digit_of_a_year_is_inferred() -> None:
    clean = "堅決兜住“三保”支出2026年預算"
    damaged = insert_before_marks(clean)
    assert "?026年" in damaged
    assert restore(damaged) == clean


def test_a_mark_between_words_that_was_lost_with_a_byte_is_restored() -> None:
    clean = "開展“人工智能+”行動，堅決兜住“三保”底線，深入實施“人工智能+”行動"
    lost = "三保”實施人工智能+行動"
    damaged = insert_before_marks(lost)
    assert "+" not in damaged
    assert restore(clean + damaged) == clean + lost


def test_a_byte_lost_after_a_figure_is_restored() -> None:
    clean = "增加值增長7%。“一鏈一策”推動產業發展，"
    damaged = insert_before_marks(clean)
    assert "%?！" in damaged
    assert restore(damaged) == clean


def test_a_shift_to_the_end_of_a_text_is_restored() -> None:
    clean = "深化以案促改促治，营造风清气正的政治生态。"
    damaged = annotate(clean, "复")
    assert damaged.endswith("???")
    assert restore(damaged) == clean


@pytest.mark.parametrize("times", [1, 20])
def test_the_work_allowed_grows_with_the_text(times: int) -> None:
    clean = "堅決兜住“三保”支出底線，支持珠海、佛山發展。"
    edits = find_shifts(insert_before_marks(clean) * times, NGRAM_MODEL)
    assert len(edits) == 2 * times
    assert [edit for edit in edits if edit.flagged] == []


def test_damage_that_is_left_when_the_work_is_used_up_is_flagged() -> None:
    costs = replace(SHIFT_COSTS, base_work=0, work_per_character=0)
    edits = find_shifts("什么?！" * 300 + "是什么", NGRAM_MODEL, costs=costs)
    assert len(edits) > 290
    assert [edit for edit in edits if not edit.flagged] == []


def test_the_work_for_any_record_is_not_added_to_that_for_a_long_one() -> None:
    text = insert_before_marks("堅決兜住“三保”支出底線，支持珠海、佛山發展。") * 20
    # Each of the two is enough for a part of it, both together for all of it.
    base = 500_000
    costs = replace(SHIFT_COSTS, base_work=base, work_per_character=base // len(text))
    edits = find_shifts(text, NGRAM_MODEL, costs=costs)
    flagged = sum(edit.flagged for edit in edits)
    assert 0 < flagged < len(edits)


def test_doubts_are_counted_as_work() -> None:
    text = "三?！敝С?！龅拙€。"
    assert find_shifts(text, NGRAM_MODEL) == [Replacement(1, 10, "保”支常■底線")]
    costs = replace(SHIFT_COSTS, doubt_work=SHIFT_COSTS.stretch_work)
    assert find_shifts(text, NGRAM_MODEL, costs=costs) == [Replacement(1, 6, flagged=True)]


@given(st.text("保校海。，”“三底線?！？(zhèn) \nab€", max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_replacements_in_order(text: str) -> None:
    edits = find_shifts(text, NGRAM_MODEL)
    bounds = [bound for edit in edits for bound in (edit.start, edit.end)]
    assert bounds == sorted(bounds)
    assert [edit for edit in edits if edit.start >= edit.end] == []


@given(st.text("三保底線支出，。“”全面建設0a\n", max_size=60))
@settings(deadline=None)
def test_text_without_a_question_mark_is_sound(text: str) -> None:
    assert find_shifts(text, NGRAM_MODEL) == []


@needs_shared
def test_the_oracle_makes_all_but_a_few_of_the_gold_pairs() -> None:
    pairs = read_rows(GOLD)
    reproduced = sum(
        (is_marked if pair["family"] == "shift" else is_annotated)(pair["clean"], pair["damaged"])
        for pair in pairs
    )
    assert reproduced >= len(pairs) - 5


@needs_shared
def test_the_clean_side_of_the_pairs_is_unchanged() -> None:
    for pair in read_rows(GOLD):
        assert find_shifts(pair["clean"], NGRAM_MODEL) == []


def test_an_invalid_pair_is_one_question_mark_and_a_single_byte_the_euro() -> None:
    assert decode_page(b"a\xb1(b\x80\xb1\xa3") == "a?b€保"
