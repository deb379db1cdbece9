"""Comments of HTML that fill a line of a text are removed, and nothing else of the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page.comment_lines import find_comment_lines
from hanpack.steps.page.recognition import find_pages
from hanpack.steps.page.stripping import strip_page
from hanpack.steps.texts import JoinedTexts
from tests.steps.traced_texts import trace


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("# 办法\n\n日期\n\n<!-- INFO END -->\n\n第一条\n", "# 办法\n\n日期\n\n第一条\n"),
        ("<!-- toc -->\n# 办法\n第一条\n", "# 办法\n第一条\n"),
        ("修改如下：\n\n<!-- TABLE -->\n| 甲 | 乙 |\n|---|---|\n", "修改如下：\n\n| 甲 | 乙 |\n|---|---|\n"),
        ("上文。\r\n<!--more-->\r\n下文。\r\n", "上文。\r\n下文。\r\n"),
        ("上文。\n<!-- a -->\n<!-- b -->\n下文。", "上文。\n下文。"),
        ("上文。\n<!-- 完 -->", "上文。\n"),
    ],
)
def test_a_comment_that_fills_a_line_goes(text: str, kept: str) -> None:
    stripped = strip_page(trace(text))
    assert stripped.text == kept
    assert {(edit.step, edit.kind) for edit in stripped.edits} == {("page", "removed")}
    assert find_pages(JoinedTexts(["正文。", text])) == {1}


@pytest.mark.parametrize(
    "text",
    [
        "写作 <!-- 注释 --> 时\n正文。\n",
        "说明\n\n```html\n<!-- 导航 -->\n<nav></nav>\n```\n",
        "说明\n\n```html\n<!-- 导航 -->\n没有结束\n",
        "说明\n\n    <!-- 导航 -->\n",
        "说明\n<!-- 导航 -->\n<nav>\n",
        "说明\n</div>\n<!-- 导航 -->\n",
        "说明\n<!-- 没有结束\n正文。\n",
        "说明\n<!-- 甲 --> 乙\n丙 -->\n",
    ],
)
def test_other_comments_stay(text: str) -> None:
    assert strip_page(trace(text)).text == text


def test_a_comment_that_a_page_shows_stays() -> None:
    page = (
        "<html><body><div><p>请写下面一行，它是一个注释，不会显示：</p>&lt;!-- 甲 --&gt;</div></body></html>"
    )
    assert "<!-- 甲 -->" in strip_page(trace(page)).text


@given(st.text(st.sampled_from("<!->a \n"), max_size=40))
def test_only_lines_with_a_comment_are_removed(text: str) -> None:
    for start, end in find_comment_lines(text):
        removed = text[start:end]
        assert removed.lstrip().startswith("<!--")
        assert removed.rstrip().endswith("-->")
        assert not start or text[start - 1] == "\n"
        assert end == len(text) or text[end - 1] == "\n"
