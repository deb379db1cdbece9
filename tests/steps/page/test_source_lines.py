"""Line breaks of the source are lines of the text where a page has no others, unless an editor made them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page import strip_page
from tests.steps.traced_texts import trace

SENTENCES = ("收到，谢谢分享。", "明天上午九点开会！", "请大家准时参加。", "会后去粮站看看。")
# Sentences of many lengths, so that no width breaks the text after most of them.
PARAGRAPH = "".join("稻" * length + "。" for length in (11, 23, 7, 31, 17, 13, 29, 19, 37, 5) * 3)


def read_post(content: str, cell: str = '<td class="t_f" id="postmessage_1">') -> str:
    return strip_page(trace(f"<html><body><table><tr>{cell}{content}</td></tr></table></body></html>")).text


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\n\n", "\n　　", "\n&nbsp;&nbsp;", "\n    "])
@pytest.mark.parametrize("count", [2, 4])
def test_a_post_without_markup_keeps_its_lines(line_break: str, count: int) -> None:
    assert read_post(line_break.join(SENTENCES[:count])).splitlines() == list(SENTENCES[:count])


def test_a_break_after_a_blank_line_is_one_too() -> None:
    assert read_post("\r\n\r\n".join(SENTENCES[:2]) + "\r\n" + SENTENCES[2]).splitlines() == list(
        SENTENCES[:3]
    )


@pytest.mark.parametrize(
    "lines",
    [
        ["床前明月光，", "疑是地上霜。", "举头望明月，", "低头思故乡。"],
        ["第一章 总则", "第一条 为了防汛，制定本办法。", "第二条 本办法自公布之日起施行。", "附则略。"],
        ["参会名单：", "青石", "白杨", "红柳"],
        ["问：几点开会？", "答：九点。", "问：在哪里开？", "答：在粮站。"],
    ],
    ids=["poem", "law", "names", "questions"],
)
def test_lines_of_other_kinds_are_lines_too(lines: list[str]) -> None:
    assert read_post("\n".join(lines)).splitlines() == lines


def test_a_style_that_shows_line_breaks_makes_lines_anywhere() -> None:
    wrapped = "各地备足种子和化肥，抓紧检\n修农机"
    shown = read_post(f'<div style="color:red;white-space: pre-wrap">{wrapped}</div>')
    assert shown.splitlines() == wrapped.splitlines()
    assert read_post(f'<div style="white-space: nowrap">{wrapped}</div>') == wrapped.replace("\n", "")


@given(st.integers(25, 60), st.sampled_from(["<td>", "<div>", "<p>"]))
def test_text_that_an_editor_broke_is_one_line(width: int, tag: str) -> None:
    text = PARAGRAPH
    wrapped = "\n".join(text[start : start + width] for start in range(0, len(text), width))
    assert read_post(f"<br>{tag}{wrapped}") == text


@pytest.mark.parametrize(
    "content",
    [
        "<p>收到，谢谢分享。\n明天上午九点开会。\n请大家准时参加。</p>",
        "<p>\n  收到，谢谢分享。\n  <b>明天上午九点开会。</b>\n  请大家准时参加。\n</p>",
    ],
    ids=["paragraph", "tags"],
)
def test_a_paragraph_of_the_page_is_one_line(content: str) -> None:
    assert read_post(content) == "收到，谢谢分享。明天上午九点开会。请大家准时参加。"


def test_a_break_within_a_sentence_is_no_line() -> None:
    assert (
        read_post("收到，谢谢分享\n，明天上午\n<b>九点</b>\n开会。") == "收到，谢谢分享，明天上午九点开会。"
    )


def test_a_cell_of_a_table_stays_on_one_line() -> None:
    table = "<table><tr><th>甲</th><th>乙</th></tr><tr><td>一。\n二。\n三。</td><td>四</td></tr></table>"
    assert "| 一。二。三。 | 四 |" in read_post(table)
