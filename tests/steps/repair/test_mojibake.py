"""Text that was decoded with a wrong encoding: what is whole is restored, and what lost a byte is flagged."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.steps.repair.gbk import EURO, pairs_by_character
from hanpack.steps.traced import locate_edits
from tests.case_files import read_cases, read_rows
from tests.conftest import CASES

from .samples import repair

SENTENCES = (
    "坚定不移推进高质量发展，保障和改善民生。",
    "各位代表：现在，我代表省人民政府向大会报告工作。",
    "中共中央政治局召开会议，分析研究当前经济形势，部署下一阶段工作",
    "全年新增就业12.5万人，城镇登记失业率控制在3%以内；",
    "这家酒店的服务很好，下次还会再来！",
)
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map("\n".join)
CHARACTER_BY_PAIR = {pair: character for character, pair in pairs_by_character().items()}


def read_as_windows(raw: bytes) -> str:
    """Bytes as browsers read them in Windows-1252."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw)


def read_as_gbk(raw: bytes) -> str:
    """Bytes as browsers read them in GBK: private use, the euro sign, and U+FFFD for what is in no pair."""
    characters: list[str] = []
    position = 0
    while position < len(raw):
        pair = (raw[position], raw[position + 1] if position + 1 < len(raw) else 0)
        if pair[0] < 0x80:
            characters.append(chr(pair[0]))
        elif pair[0] == 0x80:
            characters.append(EURO)
        elif pair in CHARACTER_BY_PAIR:
            characters.append(CHARACTER_BY_PAIR[pair])
            position += 1
        else:
            characters.append("\ufffd")
            position += pair[1] >= 0x80
        position += 1
    return "".join(characters)


READERS = {
    "UTF-8 as Windows-1252": lambda raw: read_as_windows(raw),
    "UTF-8 as MacRoman": lambda raw: raw.decode("mac_roman"),
    "UTF-8 as cp437": lambda raw: raw.decode("cp437"),
    "UTF-8 as cp850": lambda raw: raw.decode("cp850"),
    "UTF-8 as Windows-1252, twice": lambda raw: read_as_windows(read_as_windows(raw).encode()),
    "UTF-8 as GBK": read_as_gbk,
}


def split_by_flags(text: str) -> tuple[list[str], list[str]]:
    """The pieces of a repaired text outside the flagged spans, and the flagged ones."""
    repaired = repair(text)
    starts, ends = locate_edits(repaired)
    flagged = sorted(
        (start, end)
        for start, end, edit in zip(starts.tolist(), ends.tolist(), repaired.edits, strict=True)
        if edit.kind == "flagged"
    )
    pieces, position = [], 0
    for start, end in flagged:
        pieces.append(repaired.text[position : max(start, position)])
        position = max(position, end)
    return [*pieces, repaired.text[position:]], [repaired.text[start:end] for start, end in flagged]


def test_every_kind_has_at_least_eight_cases() -> None:
    counts = Counter(case["kind"] for case in read_rows(CASES / "mojibake.jsonl"))
    assert set(counts) == {"1252", "gbk", "other"}
    assert min(counts.values()) >= 8


@pytest.mark.parametrize("case", read_cases("mojibake"))
def test_a_damaged_text_is_restored_but_for_what_is_flagged(case: dict[str, Any]) -> None:
    repaired = repair(case["damaged"])
    assert repaired.text == case["text"]
    assert split_by_flags(case["damaged"])[1] == case["flagged"]


@pytest.mark.parametrize("case", read_cases("mojibake"))
def test_the_restored_text_has_nothing_left_to_restore(case: dict[str, Any]) -> None:
    if not case["flagged"]:
        assert repair(case["text"]).edits == ()


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=30, deadline=None)
@given(text=TEXTS, data=st.data())
def test_a_lost_byte_costs_its_character_and_no_other(name: str, text: str, data: st.DataObject) -> None:
    """Outside the flagged spans all is right, and little is flagged."""
    raw = text.encode()
    ideographs = [place for place, byte in enumerate(raw) if byte >= 0x80]
    place = data.draw(st.sampled_from(ideographs))
    pieces, flagged = split_by_flags(READERS[name](raw[:place] + raw[place + 1 :]))
    position = 0
    for piece in pieces:
        assert piece in text[position:]
        position = text.index(piece, position) + len(piece)
    assert flagged
    assert len("".join(pieces)) >= len(text) - 3 - 5 * len(flagged)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=30, deadline=None)
@given(text=TEXTS)
def test_a_whole_text_is_restored_in_every_encoding(name: str, text: str) -> None:
    pieces, flagged = split_by_flags(READERS[name](text.encode()))
    if name == "UTF-8 as GBK":
        # A byte before an ASCII character that is in no pair with it is lost.
        assert len("".join(pieces)) >= len(text) - 3 * len(flagged)
    else:
        assert (pieces, flagged) == ([text], [])


def test_damaged_chinese_before_much_that_is_not_chinese_is_restored() -> None:
    # Its beginning is judged as damaged; the share of Chinese in all of it is too small.
    text = "提高人民生活水平推进创新发展质量加快重点项目建设" + "😀" * 200
    repaired = repair(text.encode().decode("gbk", "replace")).text
    assert repaired.startswith("提高人民生活水平推进创新发展质量")


def test_two_lost_ends_after_a_stretch_are_two_lost_characters() -> None:
    # Found by benchmarks/fuzz.py: the end of the second was beyond the characters that were looked at.
    text = "灞曡川閲忋€\ufffd銆\ufffd"
    assert repair(text).text == "展质量\ufffd\ufffd"


def test_a_record_of_very_many_stretches_that_only_look_damaged_is_left_and_flagged() -> None:
    text = "璋典坏" * 300
    repaired = repair(text)
    assert repaired.text == text
    [flagged] = repaired.edits
    assert (flagged.kind, flagged.byte_end) == ("flagged", len(text))
    assert repair(text[:60]).edits == []


def test_pairs_that_gb_18030_reads_as_private_use_are_restored() -> None:
    text = "。司机交换了采访笔记，没有人提出异议"
    damaged = text.encode().decode("gb18030")
    assert "\ue76d" in damaged
    assert split_by_flags(damaged) == ([text], [])
