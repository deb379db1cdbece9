"""Lines without margins, at most one blank line between them, and nothing else changed."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanpack.steps.typography import tidy_spaces
from tests.steps.traced_texts import trace

MESSY = st.text("中文a1 \u3000\u00a0\t\r\n", max_size=40)


BLANKS = " \u3000\u00a0\t"
PARAGRAPHS = st.lists(
    st.tuples(st.text(BLANKS, max_size=4), st.integers(25, 30), st.sampled_from(("\n", "\r\n", "\n\n\n\n"))),
    max_size=6,
).map(lambda lines: "".join(indent + "文" * size + indent + end for indent, size, end in lines))


@given(PARAGRAPHS)
def test_tidy_paragraphs_have_no_margins_and_one_blank_line_at_most(text: str) -> None:
    tidy = tidy_spaces(trace(text)).text
    assert "\r" not in tidy
    assert "\n\n\n" not in tidy
    lines = tidy.split("\n")
    assert lines == [line.strip(BLANKS) for line in lines]


@given(MESSY)
@example("\t1 ")
def test_lines_have_no_blanks_at_their_ends_and_their_own_indent_or_none(text: str) -> None:
    lines = tidy_spaces(trace(text)).text.split("\n")
    own = [line.rstrip(BLANKS) for line in text.replace("\r", "\n").split("\n")]
    assert [line for line in lines if line != line.rstrip(BLANKS)] == []
    assert [line for line in lines if line != line.lstrip(BLANKS) and line not in own] == []


@given(MESSY)
def test_only_white_space_changes(text: str) -> None:
    assert "".join(tidy_spaces(trace(text)).text.split()) == "".join(text.split())


def test_each_kept_character_keeps_its_bytes() -> None:
    tidy = tidy_spaces(trace("\u3000\u3000甲 \r\n\r\n\r\n乙"))
    assert tidy.text == "甲\n\n乙"
    assert [tidy.alignment.source_span(at, at + 1) for at in range(4)] == [
        (6, 9),
        (11, 12),
        (13, 14),
        (16, 19),
    ]
    assert {edit.kind for edit in tidy.edits} == {"removed"}


def test_a_single_carriage_return_becomes_a_line_feed() -> None:
    tidy = tidy_spaces(trace("甲\r乙"))
    assert tidy.text == "甲\n乙"
    assert [(edit.step, edit.kind) for edit in tidy.edits] == [("spaces", "replaced")]


LONG = "各单位要按照要求认真落实本项工作，确保取得实效，并按时报送。"
CODE = "    更新所有表  逐一核对\n    重启服务\n"


@pytest.mark.parametrize(
    "text",
    [
        f"# 说明\n\n先备份。\n\n{CODE}\n再检查。\n\n完成后通知。\n",
        f"---\ntitle: 说明\n---\n\n先备份。\n\n再检查。\n\n{CODE}\n通知。\n",
        f"步骤如下：\n\n```\nmake\n```\n\n先备份。\n\n再检查。\n\n{CODE}",
    ],
)
def test_indented_code_of_markdown_keeps_its_indent_in_any_language(text: str) -> None:
    assert CODE.strip("\n") in tidy_spaces(trace(text)).text


@pytest.mark.parametrize(
    "text",
    [
        # Without a sign of Markdown; every paragraph is indented; a line that goes on from the one before.
        f"{LONG}\n\n    {LONG}\n\n{LONG}\n\n{LONG}\n\n{LONG}\n",
        f"# 说明\n\n    {LONG}\n\n    {LONG}\n\n    {LONG}\n",
        f"# 说明\n\n{LONG}\n\n{LONG}\n\n{LONG}\n    {LONG}\n\n{LONG}\n",
    ],
)
def test_indented_paragraphs_of_other_texts_lose_their_indent(text: str) -> None:
    tidy = tidy_spaces(trace(text)).text
    assert tidy.split("\n") == [line.strip(BLANKS) for line in tidy.split("\n")]


@pytest.mark.parametrize("character", ["\u200b", "\u2060", "\ufeff"])
def test_a_line_of_nothing_but_characters_without_width_is_blank(character: str) -> None:
    text = f"甲{character}乙。\n\n{character}\n {character} \n丙。{character}\n"
    assert tidy_spaces(trace(text)).text == f"甲{character}乙。\n\n丙。\n"
