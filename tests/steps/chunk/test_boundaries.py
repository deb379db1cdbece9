"""Sentences end where a reader ends them, and no cut falls inside a grapheme cluster."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.steps.chunk.boundaries import (
    Strength,
    find_finer_cut,
    find_sentence_ends,
    is_cluster_limit,
    last_cluster_limit,
    next_cluster_limit,
    strength_of_end,
)
from tests.growth import NEARLY_LINEAR, measure_growth

CLUSTERS = st.lists(
    st.sampled_from(
        (
            "a",
            "中",
            "。",
            "e\u0301",
            "👨\u200d👩\u200d👧",
            "🇨🇳",
            "🇨",
            "\r\n",
            "\r",
            "\n",
            "각",
            "각",
            "❤️",
            "\u200d",
            " ",
            "\u0301",
        )
    ),
    max_size=30,
).map("".join)


def cluster_limits(text: str) -> list[int]:
    return [cluster.end() for cluster in regex.finditer(r"\X", text)]


def sentences(text: str) -> list[str]:
    ends = find_sentence_ends(text)
    return [text[low:high] for low, high in zip([0, *ends[:-1]], ends, strict=True)]


@pytest.mark.parametrize(
    "parts",
    [
        ["他说：“好。”", "『是嗎？！』", "走了……", "然后；", "完"],
        ["第一段。\n", "　　第二段\r\n\n\n", "第三段"],
        ["第一段。\n\n", "第二段（见附件。）", "第三段"],
        ["工作;", "助推企业;", "(四)着力。", "完"],
        ["He met Mr. Smith. ", 'He said "Hi." ', "Then 3.14 is pi! ", "Really?"],
        ["See e.g. the U.S. policy of J. Smith. ", "a != b; ", "x"],
        ["发展.", "推进"],
        ["1. 甲\n", "2. 乙\n"],
        ["增长3.5%,在a;b?c!d之内"],
        ["“好。”他说。", "“走吧！”", "他们走了。"],
        ["「好嗎？」她笑著問道：「你說呢？」", "完"],
        ["“好。”", "我知道。"],
        ['"这是对的。"他说。', '"真的吗？"她问。'],
        ['他说："好。"', '"走！"众人喊道。', "完"],
        ['"好。"\n', '"走。"\n', "完"],
        ["他走了。", '"我也走。"', "她想。"],
        ['5" 的屏幕。', "6的屏幕。"],
        ["他说。", '"走。'],
        ['这叫"好"。', "他说。"],
    ],
)
def test_sentences_keep_their_closing_marks(parts: list[str]) -> None:
    assert sentences("".join(parts)) == parts


@given(st.text("。！？；!?;.\r\n ”’」)\"'a中说1\u3000", max_size=60))
def test_sentence_ends_rise_to_the_end_of_the_text(text: str) -> None:
    ends = find_sentence_ends(text)
    assert ends == sorted(set(ends))
    assert (ends[-1:] == [len(text)]) if text else ends == []
    assert 0 not in ends


def test_paragraphs_are_stronger_ends_than_lines_and_lines_than_sentences() -> None:
    text = "甲。乙。\n丙。\n\n丁"
    ends = find_sentence_ends(text)
    assert [strength_of_end(text, end) for end in ends[:-1]] == [
        Strength.SENTENCE,
        Strength.LINE,
        Strength.PARAGRAPH,
    ]


@settings(max_examples=300)
@given(CLUSTERS)
def test_cluster_limits_are_those_of_the_unicode_standard(text: str) -> None:
    limits = cluster_limits(text)
    for position in range(1, len(text)):
        assert is_cluster_limit(text, position) == (position in limits)
        last = last_cluster_limit(text, 0, position)
        assert last == max((limit for limit in limits if limit <= position), default=None)
    for start, end in zip([0, *limits], limits, strict=False):
        assert next_cluster_limit(text, start) == end


@settings(max_examples=300)
@given(CLUSTERS.filter(lambda text: len(text) > 2), st.data())
def test_a_finer_cut_is_in_its_range_and_cuts_no_cluster_that_fits(text: str, data: st.DataObject) -> None:
    limits = [0, *cluster_limits(text)]
    low = data.draw(st.sampled_from([limit for limit in limits if limit < len(text) - 1] or [0]))
    high = data.draw(st.integers(low + 1, len(text) - 1))
    position, strength = find_finer_cut(text, low, high)
    assert low < position <= high
    if strength == Strength.CHARACTER:
        assert [limit for limit in limits if low < limit <= high] == []
    else:
        assert position in limits


@pytest.mark.parametrize(
    ("text", "cut", "strength"),
    [
        ("推进创新发展质量，提高效益水平", "推进创新发展质量，", Strength.CLAUSE),
        ("hello there wonderful people", "hello there wonderful ", Strength.WORD),
        ("推进创新发展提高质量效益水平abcde", "推进创新发展提高质量效益水平", Strength.GRAPHEME),
        ("人口3,500万和增长", "人口3,500万和增", Strength.GRAPHEME),
    ],
)
def test_a_finer_cut_prefers_clauses_then_words(text: str, cut: str, strength: Strength) -> None:
    position, reached = find_finer_cut(text, 0, len(text) - 1)
    assert (text[:position], reached) == (cut, strength)


@pytest.mark.parametrize("unit", ["。", "\n", " \n", "\r", '。"', ". ", "e\u0301", "🇨🇳", "; ", "a"])
def test_long_runs_cost_nearly_linear_time(unit: str) -> None:
    assert measure_growth(find_sentence_ends, unit, 200_000) < NEARLY_LINEAR
    assert measure_growth(lambda text: find_finer_cut(text, 0, 4_000), unit, 200_000) < NEARLY_LINEAR
    assert measure_growth(lambda text: next_cluster_limit(text, 100), unit, 200_000) < NEARLY_LINEAR


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("核章\n。\n切結書", ["核章\n。\n", "切結書"]),
        ("依照『\n輸入辦法\n』規定\n辦理", ["依照『\n輸入辦法\n』規定\n", "辦理"]),
        ("相符者\n\n　，檢疫站處置", ["相符者\n\n　，檢疫站處置"]),
        ("如下：\n(\n一\n)\n借用", ["如下：\n", "(\n一\n)\n", "借用"]),
        # A dash, a list sign and an opening mark begin lines.
        ("同意。\n“好。”\n——甲\n（一）乙", ["同意。\n", "“好。”\n", "——甲\n", "（一）乙"]),
    ],
)
def test_no_line_ends_before_a_closing_mark_or_after_an_opening_one(text: str, ends: list[str]) -> None:
    positions = find_sentence_ends(text)
    assert [text[start:end] for start, end in zip([0, *positions], positions, strict=False)] == ends


@pytest.mark.parametrize(
    ("text", "cut"), [("执行二年以上方可减刑，减", "执行二年以上方可减"), ("甲乙丙丁（戊己", "甲乙丙丁")]
)
def test_a_finer_cut_is_before_no_comma_and_after_no_opening_bracket(text: str, cut: str) -> None:
    high = len(cut) + 1
    assert find_finer_cut(text, 0, high)[0] == len(cut)
