"""Byte shifts are undone where the evidence is good and flagged where it is thin; all else is left."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.alignment import Alignment
from hanpack.steps.repair import shift
from hanpack.steps.repair.ngram_model import NgramModel, count, pack
from hanpack.steps.repair.pinyin import LISTED
from hanpack.steps.repair.pronunciation import ANNOTATION, PRONUNCIATION, default_pronunciation
from hanpack.steps.repair.shift import TRIGGER, find_shifts
from hanpack.steps.traced import Replacement, Traced

from .damage import annotate, insert_before_marks, read_page

SHARED = Path(__file__).parents[4] / "shared" / "data"
GOLD = SHARED / "repair" / "damaged_dev.jsonl"
needs_shared = pytest.mark.skipif(
    not GOLD.exists(), reason="the shared material is not beside the repository"
)
LANGUAGE = load_ngram_model()


def restore(text: str) -> str:
    return Traced(text, Alignment.identity(len(text))).apply("shift", find_shifts(text, LANGUAGE)).text


def test_the_restored_stretch_is_all_that_is_replaced() -> None:
    assert find_shifts("火炬?zhèn)鬟f活動", LANGUAGE) == [Replacement(2, 10, "傳遞")]


@pytest.mark.parametrize(
    ("clean", "listed"),
    [
        ("火炬傳遞活動", "鎮"),
        ("全體居民人均可支配收入年均增長5%以上", "用"),
        ("加強生物多樣性保護，整合優化自然保護地", "有"),
        ("提升城鄉社區治理水平，推動移風易俗", "小有"),
    ],
)
def test_what_was_matched_across_characters_is_restored(clean: str, listed: str) -> None:
    damaged = annotate(clean, listed)
    assert TRIGGER.search(damaged) or damaged == clean
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
    assert damaged != clean
    assert restore(damaged) == clean


def test_a_word_of_the_record_is_evidence() -> None:
    told = "龘校是一所學校。龘校建於清代。龘校有三千學生。"
    damaged = insert_before_marks("龘校“一流”建設。")
    assert restore(told + damaged) == told + "龘校“一流”建設。"


def test_where_evidence_is_thin_nothing_is_changed_and_the_stretch_is_flagged() -> None:
    ignorant = NgramModel(pack([(1.0, count(["的一是在"]))]))
    text = "他?！敝С龅拙€"
    found = find_shifts(text, ignorant, sure=50.0)
    assert all(one.flagged for one in found)


def test_a_lost_digit_is_flagged_and_never_made_up() -> None:
    text = insert_before_marks("堅決兜住“三保”支出3534億元")
    found = find_shifts(text, LANGUAGE)
    assert "?534億元" in restore(text)
    assert any("?" in text[one.start : one.end] for one in found if one.flagged)


def test_a_year_lost_its_first_digit_and_the_text_tells_which() -> None:
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


def test_a_byte_lost_after_a_figure_is_found() -> None:
    clean = "增加值增長7%。“一鏈一策”推動產業發展，"
    damaged = insert_before_marks(clean)
    assert "%?！" in damaged
    assert restore(damaged) == clean


def test_a_shift_to_the_end_of_a_text_is_restored() -> None:
    clean = "深化以案促改促治，营造风清气正的政治生态。"
    damaged = annotate(clean, "复")
    assert damaged.endswith("???")
    assert clean == restore(damaged)


def test_the_work_allowed_grows_with_the_text_and_no_faster() -> None:
    damaged = insert_before_marks("堅決兜住“三保”支出底線，支持珠海、佛山發展。")
    for times in (1, 20):
        found = find_shifts(damaged * times, LANGUAGE)
        assert len(found) == times * len(find_shifts(damaged, LANGUAGE))
        assert not any(one.flagged for one in found)


@given(st.text("保校海。，”“三底線?！？(zhèn) \nab€", max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_ordered_replacements(text: str) -> None:
    Traced(text, Alignment.identity(len(text))).apply("shift", find_shifts(text, LANGUAGE))


@given(st.text("三保底線支出，。“”全面建設0a\n", max_size=60))
@settings(deadline=None)
def test_text_without_a_question_mark_is_sound(text: str) -> None:
    assert find_shifts(text, LANGUAGE) == []


@needs_shared
def test_the_oracle_makes_the_gold_pairs() -> None:
    """The order of a page's list is not known: a few orders of it give all but a few of the pairs."""
    pairs = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    told = sum(_is_reproduced(pair) for pair in pairs)
    assert told >= len(pairs) - 5


@needs_shared
def test_the_clean_side_of_the_pairs_is_left_alone() -> None:
    for line in GOLD.read_text("utf-8").splitlines():
        assert find_shifts(json.loads(line)["clean"], LANGUAGE) == []


def test_a_bad_pair_is_one_question_mark_and_a_lone_byte_the_euro() -> None:
    assert read_page(b"a\xb1(b\x80\xb1\xa3") == "a?b€保"


def _is_reproduced(pair: dict[str, str]) -> bool:
    clean, damaged = pair["clean"], pair["damaged"]
    if pair["family"] == "shift":
        # A mark that stands in place was left alone by the damage.
        return insert_before_marks(clean).replace("?！", "！") == damaged.replace("?！", "！")
    sure = {damaged[match.start() - 1] for match in ANNOTATION.finditer(damaged)} & set(clean) - set("?")
    said = {match[1] for match in re.finditer(rf"[?(]({PRONUNCIATION})\)", damaged)}
    codes = clean.encode("gbk")
    across = {codes[place : place + 2].decode("gbk", errors="ignore") for place in range(len(codes) - 1)}
    maybe = sorted(one for one in across & LISTED - sure if default_pronunciation(one) in said)[:7]
    keys = (
        lambda one: one.encode("gbk"),
        lambda one: [-byte for byte in one.encode("gbk")],
        default_pronunciation,
    )
    return any(
        annotate(clean, sorted(sure | set(chosen), key=key)) == damaged
        for size in range(len(maybe) + 1)
        for chosen in combinations(maybe, size)
        for key in keys
    )


def test_a_record_of_nothing_but_marks_costs_bounded_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shift, "_LEAST_WORK", 0)
    monkeypatch.setattr(shift, "_WORK_A_CHARACTER", 0)
    text = "什么?！" * 300 + "是什么"
    found = find_shifts(text, LANGUAGE)
    assert found
    assert all(one.flagged for one in found)
