"""What extract_html keeps of a page, and that every kept character is the page's own."""

from __future__ import annotations

import html
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment
from hanpack.steps.page.html import align_lines, extract_html, is_html, read_metadata
from hanpack.steps.page.html_text import read_html
from hanpack.steps.traced import Traced

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data" / "broken"
CASES = ROOT / "tests" / "cases" / "pages"
needs_trafilatura = pytest.mark.skipif(find_spec("trafilatura") is None, reason="needs trafilatura")


def traced(text: str) -> Traced:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    widths = 1 + (codes > 0x7F).astype(np.int64) + (codes > 0x7FF) + (codes > 0xFFFF)
    return Traced(text, Alignment.of_widths(widths))


def assert_every_character_is_the_pages_own(page: str, result: Traced) -> None:
    raw = page.encode("utf-8", "surrogatepass")
    starts = np.arange(len(result.text))
    low, high = result.alignment.source_spans(starts, starts + 1)
    previous = 0
    for character, start, end in zip(result.text, low.tolist(), high.tolist(), strict=True):
        source = raw[start:end].decode("utf-8", "surrogatepass")
        assert character == source or character in html.unescape(source) or character in " \n"
        assert start >= previous
        previous = start


def test_a_forum_page_gives_its_posts() -> None:
    page = (CASES / "discuz.html").read_text(encoding="utf-8")
    result = extract_html(traced(page))
    assert result.text == "清江县防汛工作方案\n一、各乡镇要落实责任，备足物资。\n支持 <方案>"
    assert dict(result.metadata) == {
        "title": "清江县防汛工作方案",
        "region": "湖北",
        "date": "2023-04-05",
        "author": "青石",
        "url": "http://bbs.example.org/thread-7-1-1.html",
    }
    assert_every_character_is_the_pages_own(page, result)


@needs_trafilatura
def test_an_article_gives_its_paragraphs() -> None:
    page = (CASES / "article.html").read_text(encoding="utf-8")
    result = extract_html(traced(page))
    paragraphs = result.text.split("\n")
    assert paragraphs[-2].startswith("今年以来，全县备足化肥 3.2 万吨、农药 & 种子各一批，春耕备耕进展顺利。")
    assert paragraphs[-1].startswith("县农业农村局负责人说，下一步将加强市场监管，保证农资质量，让农民用上")
    assert paragraphs[-1].endswith("全县已完成翻耕面积十二万亩，占计划的八成以上。")
    assert not [word for word in ("不是正文", "关于我们", "网站地图", "color") if word in result.text]
    assert dict(result.metadata) == {
        "title": "春耕备耕进展顺利",
        "date": "2024-03-07",
        "author": "李青",
        "publisher": "清江日报",
        "url": "http://example.org/a/1.html",
    }
    assert_every_character_is_the_pages_own(page, result)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "政府工作报告\n各位代表：",
        "<p>在 HTML 中表示一段，</p>表示结束。",
        '<?xml version="1.0"?><root><item>一</item></root>',
        "a < b && c > d",
        "# 标题\n\n<!-- INFO END -->\n\n第一条",
        "<?php echo '<html>'; ?>",
    ],
)
def test_a_text_that_is_no_html_comes_back_as_it_is(text: str) -> None:
    source = traced(text)
    assert extract_html(source) is source


@pytest.mark.parametrize(
    "text", ["<!DOCTYPE html>\n<html><p>一", "\ufeff<HTML><body>一</body></HTML>", "<div><p>一</p></div>\n"]
)
def test_a_page_and_a_fragment_are_html(text: str) -> None:
    assert is_html(text)


def test_lines_are_found_in_the_order_of_the_page() -> None:
    visible = "首页要闻第一段文字说的是春耕备耕进展顺利更多第二段文字说的是夏粮丰收在望。更多"
    found = align_lines(
        ["- 第一段文字说的是春耕备耕进展顺利", "更多", "| 第二段文字说的是夏粮丰收在望。 |"], visible
    )
    assert [visible[slice(*span)] for span in found.spans] == [
        "第一段文字说的是春耕备耕进展顺利",
        "更多",
        "第二段文字说的是夏粮丰收在望。",
    ]
    assert found.missed == 0


def test_a_line_is_found_around_what_the_extractor_left_out() -> None:
    visible = "张三发表的意见是村里应当修路广告图片并且应当通水通电。"
    found = align_lines(["张三发表的意见是村里应当修路并且应当通水通电。"], visible)
    assert (
        "".join(visible[slice(*span)] for span in found.spans)
        == "张三发表的意见是村里应当修路并且应当通水通电。"
    )


def test_what_is_not_in_the_page_is_counted_and_left_out() -> None:
    found = align_lines(["这一句话在网页的源文件里是没有的。", "无"], "网页里只有别的话")
    assert found.spans == ()
    assert found.missed == 2


def test_hidden_strings_and_raw_elements_are_not_seen() -> None:
    page = (
        "<div>一<script>if (a < b) '</div>'</script><span style='display: none'>二<span>三</span></span>"
        "四&nbsp;五&#20845;&lt;</div>"
    )
    assert read_html(page).text == "一四五六<"


def test_the_head_of_a_page_gives_its_metadata() -> None:
    page = (
        '<title>甲_乙_丙网</title><meta property="article:published_time" content="2024-3-7T10:00">'
        '<meta content="李" name="author">'
    )
    assert dict(read_metadata(page)) == {"title": "甲_乙", "date": "2024-03-07", "author": "李"}


MARKUP = [
    "<p>",
    "</p>",
    "<br>",
    '<td id="postmessage_1">',
    "</td>",
    "&amp;",
    "&#20845;",
    "&bad",
    "<!--",
    "-->",
    "<b a='>'>",
]


@given(
    st.lists(st.sampled_from([*MARKUP, "一二", "\n", " ", "abc", '"', "<", ">"]), max_size=40).map("".join)
)
def test_whatever_the_markup_the_visible_text_is_the_pages_own(page: str) -> None:
    visible = read_html(page)
    assert visible.text == "".join(piece.text for piece in visible.pieces)
    end = 0
    for piece in visible.pieces:
        assert end <= piece.start < piece.end <= len(page)
        source = page[piece.start : piece.end]
        assert piece.text in (source, html.unescape(source))
        end = piece.end


@given(st.lists(st.sampled_from([*MARKUP, "一二", "\n", " ", "abc"]), max_size=40).map("".join))
def test_a_forum_page_of_any_shape_stays_traced(body: str) -> None:
    page = f'<html><div id="postmessage_9">甲{body}'
    assert_every_character_is_the_pages_own(page, extract_html(traced(page)))


def test_markup_that_never_closes_is_text() -> None:
    assert read_html("<a '" * 3).text == "<a'" * 3


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared material")
class TestSharedMaterial:
    def test_a_real_discuz_page_gives_its_four_posts(self) -> None:
        page = next((SHARED / "discuz").glob("magic_*.html")).read_text(encoding="utf-8")
        result = extract_html(traced(page))
        assert result.text.startswith("建议对鼠神进行改版，现在的鼠神说是传奇")
        assert result.text.endswith("莲花能自动蓄能恢复……这*点就可以重新站起来了（强烈复议）")
        assert result.metadata["author"] == "前程往事"
        assert_every_character_is_the_pages_own(page, result)

    @needs_trafilatura
    def test_nearly_every_line_of_the_extractor_is_found_in_real_pages(self) -> None:
        missed = lines = 0
        for path in sorted((SHARED / "forum_html").glob("*.html")):
            page = path.read_text(encoding="utf-8")
            result = extract_html(traced(page))
            assert_every_character_is_the_pages_own(page, result)
            missed += sum(edit.kind == "flagged" for edit in result.edits)
            lines += result.text.count("\n") + 1
        assert missed <= lines * 0.01
