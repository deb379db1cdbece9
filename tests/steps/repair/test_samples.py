"""Repair on small samples of every family of damage, of real damaged pages and of sound text."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.repair.pronunciation import ANNOTATION
from hanpack.steps.repair.shift import find_shifts
from tests.case_files import SHARED_DATA, needs_shared, read_cases, read_rows
from tests.conftest import CASES

from .damage import is_annotated, is_marked
from .samples import find_flagged, is_right_outside, repair

ANNOTATED_FAMILIES = ("core", "simplified", "traditional")
MISREAD_FAMILIES = ("UTF-8 read as GBK", "UTF-8 read as Windows-1252", "GBK read as Windows-1252")
GOLD = SHARED_DATA / "repair" / "damaged_dev.jsonl"
PAIRS = read_rows(CASES / "repair" / "pairs.jsonl")


def test_there_are_samples_of_every_family() -> None:
    families = Counter(pair["family"] for pair in PAIRS)
    assert set(families) == {"shift", *ANNOTATED_FAMILIES, *MISREAD_FAMILIES}
    assert min(families.values()) >= 6


@pytest.mark.parametrize("pair", read_cases("repair/pairs"))
def test_a_damaged_paragraph_is_restored(pair: dict[str, str]) -> None:
    assert pair["damaged"] != pair["clean"]
    assert repair(pair["damaged"]).text == pair["clean"]


@pytest.mark.parametrize("pair", read_cases("repair/pairs"))
def test_the_original_of_a_damaged_paragraph_has_no_edit(pair: dict[str, str]) -> None:
    repaired = repair(pair["clean"])
    assert (repaired.text, list(repaired.edits)) == (pair["clean"], [])


@pytest.mark.parametrize("page", read_cases("repair/pages"))
def test_lines_of_a_damaged_page_are_restored(page: dict[str, str]) -> None:
    repaired = repair(page["damaged"])
    assert repaired.text == page["clean"]
    assert not ANNOTATION.search(repaired.text)


@pytest.mark.parametrize("page", read_cases("repair/pages"))
def test_what_is_left_of_a_damaged_page_is_flagged(page: dict[str, Any]) -> None:
    flagged = [edit for edit in repair(page["damaged"]).edits if edit.kind == "flagged"]
    assert [page["damaged"][edit.byte_start : edit.byte_end] for edit in flagged] == page["flagged"]


@pytest.mark.parametrize("case", read_cases("repair/flagged"))
def test_the_sure_parts_of_an_uncertain_stretch_are_restored(case: dict[str, Any]) -> None:
    repaired = repair(case["damaged"])
    spans = find_flagged(repaired)
    assert repaired.text == case["restored"]
    assert [repaired.text[low:high] for low, high in spans] == case["flagged"]
    assert is_right_outside(repaired.text, spans, case["clean"])


@needs_shared
def test_a_flag_covers_what_is_wrong_in_nearly_all_pairs() -> None:
    pairs = read_rows(GOLD)[::3]
    repaired = [repair(pair["damaged"]) for pair in pairs]
    spans = [find_flagged(done) for done in repaired]
    right = [
        is_right_outside(done.text, flagged, pair["clean"])
        for pair, done, flagged in zip(pairs, repaired, spans, strict=True)
    ]
    assert len([flagged for flagged in spans if flagged]) >= 5
    assert right.count(False) <= len(pairs) / 100


@pytest.mark.parametrize("case", read_cases("repair/clean"))
def test_sound_text_has_no_edit(case: dict[str, str]) -> None:
    repaired = repair(case["text"])
    assert (repaired.text, list(repaired.edits)) == (case["text"], [])


def test_sound_text_beside_a_damaged_paragraph_has_no_edit() -> None:
    """A record that is damaged somewhere is searched as a whole."""
    damaged = next(pair for pair in PAIRS if pair["family"] == "shift")
    cases = [row["text"] for row in read_rows(CASES / "repair" / "clean.jsonl") if "\n" not in row["text"]]
    repaired = repair("\n".join([damaged["damaged"], *cases])).text.split("\n")
    assert repaired == [damaged["clean"], *cases]


def test_the_oracle_makes_the_damaged_paragraphs() -> None:
    shifted = [pair for pair in PAIRS if pair["family"] == "shift"]
    annotated = [pair for pair in PAIRS if pair["family"] in ANNOTATED_FAMILIES]
    assert [pair for pair in shifted if not is_marked(pair["clean"], pair["damaged"])] == []
    assert [pair for pair in annotated if not is_annotated(pair["clean"], pair["damaged"])] == []


def test_a_restored_paragraph_has_no_shift_left() -> None:
    for pair in PAIRS:
        assert find_shifts(pair["clean"], load_ngram_model()) == []
