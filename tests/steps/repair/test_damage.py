"""The repair of a record as a whole: cases met in the wild, sound text, and what still fails."""

from __future__ import annotations

import opencc
import pytest

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.repair import repair_damage
from hanpack.steps.repair.pronunciation import ANNOTATION
from tests.case_files import SHARED_DATA, needs_shared, read_cases, read_gzipped_rows
from tests.conftest import ROOT

from .samples import repair, trace


@pytest.mark.parametrize("case", read_cases("in_the_wild"))
def test_damage_is_undone(case: dict[str, str]) -> None:
    assert repair(case["damaged"]).text == case["clean"]


@pytest.mark.parametrize("case", read_cases("negative"))
def test_sound_text_comes_back_without_an_edit(case: dict[str, str]) -> None:
    repaired = repair(case["text"])
    assert repaired.text == case["text"]
    assert repaired.edits == ()


@pytest.mark.parametrize("case", read_cases("known_failures"))
@pytest.mark.xfail(strict=True, reason="the case says why")
def test_known_failures(case: dict[str, str]) -> None:
    assert repair(case["damaged"]).text == case["clean"]


def test_each_restored_stretch_maps_to_the_damaged_one() -> None:
    damaged = "創(chuàng)新：火炬?zhèn)鬟f活動，建設(shè)國(guó)家"
    repaired = repair(damaged)
    start = repaired.text.index("傳遞")
    low, high = repaired.alignment.source_span(start, start + 2)
    assert damaged[low:high] == "?zhèn)鬟f"
    assert [edit.step for edit in repaired.edits] == ["pinyin", "pinyin", "pinyin", "shift"]


@pytest.mark.parametrize(
    "text", ["锟斤拷锟斤拷息 数据", "数据\ufffd\ufffd丢失", "ȸ ٱ ֹȸ ݱ ǴϾ û ĿVIEW ӿ SNS߰ гƮũ Ϲ Բϴ ޼ ѽŴ"]
)
def test_what_is_lost_is_flagged_and_left(text: str) -> None:
    repaired = repair(text)
    assert repaired.text == text
    assert {(edit.step, edit.kind) for edit in repaired.edits} == {("lossy", "flagged")}


@needs_shared
def test_no_line_that_must_not_change_is_edited() -> None:
    files = sorted((SHARED_DATA / "no_harm").rglob("*.*"))
    lines = [(path.name, line) for path in files for line in path.read_text("utf-8").splitlines()]
    assert len(lines) > 40_000
    assert [(name, line) for name, line in lines if repair(line).edits] == []


@needs_shared
def test_no_whole_file_or_corpus_text_is_edited() -> None:
    files = sorted((SHARED_DATA / "no_harm").rglob("*.*"))
    corpora = [
        path
        for path in sorted((SHARED_DATA / "corpora").glob("*.jsonl.gz"))
        if not path.name.startswith("laws")
    ]
    texts = [(path.name, path.read_text("utf-8")) for path in files]
    texts += [(path.name, row["text"]) for path in corpora for row in read_gzipped_rows(path)]
    assert min(len(files), len(corpora)) > 0
    edits = [
        (edit.kind, text[edit.byte_start : edit.byte_end]) for _, text in texts for edit in repair(text).edits
    ]
    # What their site left in two of the reports: 、?水灌区, PM⏎2.5⏎年, 目标⏎是：.
    assert {kind for kind, _ in edits} == {"flagged"}
    assert sorted(raw for _, raw in edits) == ["\n", "\n", "\n2.5\n", "\n2.5\n", "?"]


def test_the_traditional_seed_has_no_pinyin_and_agrees_with_its_original() -> None:
    first, second = (next((ROOT / "seeds").glob(f"00{number}_*")) for number in (0, 2))
    repaired = [repair(line).text for line in first.read_text("utf-8").splitlines()]
    assert len(repaired) > 10
    assert [text for text in repaired if ANNOTATION.search(text)] == []
    assert any("三保”支出底線" in text for text in repaired)
    # The converter of that page wrote 著 for 着, which plain t2s leaves.
    converter = opencc.OpenCC("t2s")
    passages = {text.replace("著", "着") for text in map(converter.convert, repaired) if text}
    assert len(passages & set(second.read_text("utf-8").splitlines())) == 3


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("堤防加固二期、?水灌区开工建设。", ["?"]),
        ("PM\n2.5\n年平均浓度下降。", ["\n2.5\n"]),
        ("减排CO\n2\n十万吨。", ["\n2\n"]),
        ("经济发展的主要目标\n是：增长百分之五。", ["\n"]),
        ("是吗?我们知道，真的?", []),
        ("主要目标：\n是增长。\nPM\n20\n个", []),
        ("今年GDP\n2.5\n万亿元", []),
    ],
)
def test_what_a_site_left_within_a_sentence_is_flagged(text: str, flagged: list[str]) -> None:
    repaired = repair(text)
    assert repaired.text == text
    assert [(edit.step, edit.kind) for edit in repaired.edits] == [("lossy", "flagged")] * len(flagged)
    # In these tests a character is a byte.
    assert [text[edit.byte_start : edit.byte_end] for edit in repaired.edits] == flagged


def test_the_title_of_a_damaged_text_loses_its_pronunciations_too() -> None:
    text = "網(wǎng)絡(luò )主播行為規范發布，創(chuàng)新網(wǎng)絡(luò )管理，明確(què)要求。"
    traced = trace(text).with_metadata({"title": "《網(wǎng)絡(luò )主播行為規范》", "author": "青(qīng)石"})
    repaired = repair_damage(traced, load_ngram_model())
    assert repaired.metadata == {"title": "《網絡主播行為規范》", "author": "青(qīng)石"}
    assert repaired.text == "網絡主播行為規范發布，創新網絡管理，明確要求。"


def test_the_title_of_a_sound_text_keeps_its_pronunciation() -> None:
    text = "甪直古镇位于苏州城东，是一座有两千五百多年历史的水乡古镇。"
    traced = trace(text).with_metadata({"title": "甪(lù)直古镇"})
    assert repair_damage(traced, load_ngram_model()) == traced
