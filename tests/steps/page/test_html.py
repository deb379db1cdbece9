"""What extract_html keeps of a page, and that every kept character is the page's own."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page import html_text
from hanpack.steps.page.html import extract_html, is_html
from hanpack.steps.page.html_text import read_html
from tests.steps.page.markup import MARKUP
from tests.steps.page.pages import (
    SHARED,
    assert_traced_to_markup,
    expected_metadata,
    expected_text,
    read_sample,
)
from tests.steps.traced_texts import trace

needs_trafilatura = pytest.mark.skipif(find_spec("trafilatura") is None, reason="needs trafilatura")


@pytest.mark.parametrize("name", ["discuz.html", "discuz_x3.html", "phpwind_html.html", "discourse.html"])
def test_a_forum_page_gives_its_posts(name: str) -> None:
    page = read_sample(name)
    result = extract_html(trace(page))
    assert result.text == expected_text(name)
    assert dict(result.metadata) == expected_metadata(name)
    assert_traced_to_markup(page, result)


@needs_trafilatura
@pytest.mark.parametrize("name", ["article.html", "government_article.html"])
def test_an_article_gives_its_paragraphs(name: str) -> None:
    page = read_sample(name)
    result = extract_html(trace(page))
    metadata = expected_metadata(name)
    # Whether the title belongs to the main text is a matter of trafilatura's version.
    assert result.text.removeprefix(f"{metadata['title']}\n") == expected_text(name)
    assert dict(result.metadata) == metadata
    assert [edit for edit in result.edits if edit.kind == "flagged"] == []
    assert_traced_to_markup(page, result)


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
    source = trace(text)
    assert extract_html(source) is source


@pytest.mark.parametrize(
    "text", ["<!DOCTYPE html>\n<html><p>一", "\ufeff<HTML><body>一</body></HTML>", "<div><p>一</p></div>\n"]
)
def test_a_page_and_a_fragment_are_html(text: str) -> None:
    assert is_html(text)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("一<br>二", "一\n二"),
        ("<p>一</p>\n<p>二</p>", "一\n二"),
        ("一\n二", "一二"),
        ("one\ntwo", "one two"),
        ("一 二", "一 二"),
        ("<b>一</b><i>二</i>", "一二"),
        ("甲&nbsp;乙", "甲 乙"),
        ("&#20845;&lt;七&gt;", "六<七>"),
        ("<span style='display:none'>隐</span>显", "显"),
    ],
)
def test_what_is_between_two_runs_of_text(body: str, text: str) -> None:
    page = f'<html><div id="postmessage_1">{body}</div></html>'
    result = extract_html(trace(page))
    assert result.text == text
    assert_traced_to_markup(page, result)


def test_a_table_within_code_is_set_once() -> None:
    table = "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
    page = f'<html><div id="postmessage_1"><pre>f(x);{table}</pre>'
    result = extract_html(trace(page))
    assert result.text == "```\nf(x);\n```\n\n| a | b |\n| --- | --- |\n| c | d |"
    assert_traced_to_markup(page, result)


@given(st.lists(st.sampled_from([*MARKUP, "一二", "\n", " ", "abc"]), max_size=40).map("".join))
def test_a_forum_page_of_any_shape_stays_traced(body: str) -> None:
    page = f'<html><div id="postmessage_9">甲{body}'
    assert_traced_to_markup(page, extract_html(trace(page)))


@pytest.mark.parametrize("kept", [3, 4, 9])
def test_a_page_of_too_many_elements_keeps_its_text_and_is_flagged(
    monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(html_text, "_MOST_ELEMENTS", kept)
    monkeypatch.setattr(html_text, "_CHARACTERS_FOR_ELEMENT", 10**6)
    cells = "".join(f"<tr><td>{number}<td style='display:none'>甲" for number in range(4))
    page = f"<html><body><table>{cells}</table><p>乙<ruby>丙<rt>bing</ruby></body></html>"
    result = extract_html(trace(page))
    assert [text for text in "0123" if text not in result.text] == []
    assert "乙" in result.text
    assert result.edits[-1].kind == "flagged"
    assert_traced_to_markup(page, result)


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared material")
class TestSharedMaterial:
    def test_a_real_discuz_page_gives_its_four_posts(self) -> None:
        page = next((SHARED / "broken" / "discuz").glob("magic_*.html")).read_text(encoding="utf-8")
        result = extract_html(trace(page))
        assert len(read_html(page).posts) == 4
        assert result.text.startswith("建议对鼠神进行改版，现在的鼠神说是传奇")
        assert result.text.endswith("莲花能自动蓄能恢复……这*点就可以重新站起来了（强烈复议）")
        assert result.metadata["author"] == "前程往事"
        assert_traced_to_markup(page, result)

    @needs_trafilatura
    def test_the_main_text_of_nearly_every_page_is_certain(self) -> None:
        uncertain = pages = 0
        for path in sorted((SHARED / "broken" / "forum_html").glob("*.html")):
            page = path.read_text(encoding="utf-8")
            result = extract_html(trace(page))
            assert_traced_to_markup(page, result)
            uncertain += sum(edit.kind == "flagged" for edit in result.edits)
            pages += 1
        assert pages > 10
        assert uncertain <= 2
