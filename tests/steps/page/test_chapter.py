"""All of a chapter is text but its navigation; a heading is one line of Markdown."""

from __future__ import annotations

import pytest

from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.chapter import reduce_chapter
from hanpack.steps.traced import count_removed
from tests.sources.packages import make_chapter

BODIES = {
    "paragraphs": ("<p>一</p>\n<p>二</p>", "一\n二"),
    "short chapter with a link": ('<p><a href="a">见</a></p>', "见"),
    "heading of two lines": ("<h2>第一章<br/>风起</h2><p>文</p>", "## 第一章 风起\n文"),
    "heading in a section": ("<section><h3><span>节</span></h3>文</section>", "### 节\n文"),
    "navigation": ("<nav><p>目录</p></nav><p>文</p>", "文"),
    "list": ("<ul><li>甲</li><li>乙</li></ul>", "- 甲\n- 乙"),
    "table": (
        "<table><tr><th><h4>年</h4></th><th>量</th></tr><tr><td>一</td><td>二</td></tr></table>",
        "| 年 | 量 |\n| --- | --- |\n| 一 | 二 |",
    ),
    "entities": ("<p>甲&amp;乙&#x4e19;</p>", "甲&乙丙"),
    "image only": ('<img src="a.png"/>', ""),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_text_of_a_chapter_is_all_that_a_reader_sees(name: str) -> None:
    body, text = BODIES[name]
    assert reduce_chapter(decode(make_chapter(body).encode(), "utf-8")).text == text


@pytest.mark.parametrize("head", ["<title/>", '<script src="a.js"/>', '<style type="text/css" />'])
def test_an_empty_element_of_xhtml_hides_nothing_after_it(head: str) -> None:
    page = make_chapter("<p>文</p>", head)
    assert reduce_chapter(decode(page.encode(), "utf-8")).text == "文"


def test_a_byte_order_mark_within_the_book_is_no_text() -> None:
    data = b"\xef\xbb\xbf" + make_chapter("<p>文</p>").encode()
    assert reduce_chapter(decode(data, "utf-8", byte_start=100)).text == "文"


def test_the_first_heading_is_metadata() -> None:
    page = make_chapter("<h1>上篇</h1><h2>第一章</h2>").encode()
    assert reduce_chapter(decode(page, "utf-8")).metadata == {"chapter": "上篇"}


def test_navigation_is_removed_by_the_step_layout() -> None:
    page = make_chapter("<p>第一章</p>").encode()
    reduced = reduce_chapter(decode(page, "utf-8"), is_navigation=True)
    assert (reduced.text, count_removed(reduced)) == ("", {"layout": len(page)})
