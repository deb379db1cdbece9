"""Line breaks of the source are lines of the text where a page has no others, unless an editor made them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page.stripping import strip_page
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


def read_thread(*posts: str) -> str:
    cells = "".join(
        f'<tr><td class="t_f" id="postmessage_{number}">{post}<br/>\n</td></tr>'
        for number, post in enumerate(posts)
    )
    return strip_page(trace(f"<html><body><table>{cells}</table></body></html>")).text


LONG_HEADING = "（一）圆满完成全县防汛抗旱指挥机构和各乡镇服务保障工作任务以及有关事项"
REPORT = (
    "政府工作报告\n石青\n各位代表：\n现在，我代表县人民政府向大会报告工作，请予审议，并请提出意见。\n一、去年工作",
    f"过去一年，全县粮食增产，种粮大户增收。\n{LONG_HEADING}\n各地备足种子和化肥，抓紧检修农机。",
    f"{LONG_HEADING}\n各地备足种子和化肥，抓紧检修农机，组织技术人员进村入户指导春耕。",
)


def test_the_posts_of_a_thread_are_judged_together() -> None:
    assert read_thread(*REPORT).splitlines() == "\n".join(REPORT).splitlines()
    assert read_thread(REPORT[2]) == REPORT[2].replace("\n", "")


@given(st.integers(25, 60), st.permutations(range(3)))
def test_a_post_that_an_editor_broke_is_one_line_among_others(width: int, order: list[int]) -> None:
    wrapped = "\n".join(PARAGRAPH[start : start + width] for start in range(0, len(PARAGRAPH), width))
    posts = (wrapped, "收到。\n谢谢分享。", "同意。")
    lines = ([PARAGRAPH], ["收到。谢谢分享。"], ["同意。"])
    read = read_thread(*(posts[place] for place in order))
    assert read.splitlines() == [line for place in order for line in lines[place]]


TOOLBAR = "下载\n打印\n全屏\n收藏\n【字号：\n加大\n还原\n减小\n】"
HEADER = ("2026年清江县政府工作报告", "——2026年2月3日在清江县人民代表大会上", "县长 石青", "各位代表：")
CHAPTER = (
    "一、去年工作回顾",
    "粮食稳产。种粮大户增收，各地备足种子和化肥，抓紧检修农机。",
    "二、今年重点工作",
    "完。",
)


@pytest.mark.parametrize("tag", ["p", "div"])
def test_the_lines_of_a_text_that_a_site_put_into_paragraphs_are_lines(tag: str) -> None:
    fields = "来源：清江日报\n时间：2026-02-09"
    beginning = "\n".join([TOOLBAR, *HEADER[:2], fields, *HEADER[2:]])
    page = f"<{tag}>{beginning}</{tag}><{tag}>{chr(10).join(CHAPTER)}</{tag}>"
    stripped = strip_page(
        trace(f"<html><title>报告_清江网</title><body><article><h1>报告</h1>{page}</article></body></html>")
    )
    assert stripped.text.splitlines() == ["报告", *HEADER, *CHAPTER]
    assert stripped.metadata["date"] == "2026-02-09"


@pytest.mark.parametrize(
    ("wrapped", "text"),
    [
        (
            "<div>本项目使用 Rust\n编写，支持 Linux\n和 macOS 系统，欢迎大家试用并且提出意见和建议。</div>",
            "本项目使用 Rust 编写，支持 Linux 和 macOS 系统，欢迎大家试用并且提出意见和建议。",
        ),
        (
            "<p>各地备足种子，\n抓紧检修农机，\n组织技术人员\n进村入户。\n全县春耕进展顺利。</p>",
            "各地备足种子，抓紧检修农机，组织技术人员进村入户。全县春耕进展顺利。",
        ),
        ("<h1>清江县\n政府工作报告\n（摘要）</h1><p>全文。</p>", "清江县政府工作报告（摘要）\n全文。"),
        ("<div>各地备足种子和化肥\n，抓紧检修农机\n。</div>", "各地备足种子和化肥，抓紧检修农机。"),
    ],
    ids=["blanks", "by hand", "heading", "marks"],
)
def test_lines_that_somebody_broke_in_an_editor_are_joined(wrapped: str, text: str) -> None:
    assert read_post(f"<br>{wrapped}") == text
