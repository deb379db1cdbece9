"""What is visible of an HTML page, where its posts are, and where each character comes from."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page.html_text import read_html
from tests.steps.page.markup import MARKUP


def test_hidden_strings_and_raw_elements_are_not_visible() -> None:
    page = (
        "<div>一<script>if (a < b) '</div>'</script><span style='display: none'>二<span>三</span></span>"
        "四&nbsp;五&#20845;&lt;</div>"
    )
    assert read_html(page).text == "一四五六<"


def test_markup_that_never_closes_is_text() -> None:
    assert read_html("<a '" * 3).text == "<a'" * 3


@pytest.mark.parametrize(
    "element",
    [
        'td id="postmessage_7"',
        'div id="post_message_7"',
        "div id=read_tpc",
        'div class="regular cooked"',
        'div component="post/content"',
    ],
)
def test_a_post_is_the_element_in_which_the_software_puts_it(element: str) -> None:
    name = element.split()[0]
    visible = read_html(f"头<{element}>一<{name}>二</{name}>三</{name}>尾")
    assert [visible.text[slice(*post)] for post in visible.posts] == ["一二三"]


def test_notices_are_hidden_within_a_post_only() -> None:
    notice = '<i class="pstatus">编辑</i>'
    visible = read_html(f'{notice}<td id="postmessage_1">{notice}一</td>')
    assert visible.text == "编辑一"


def test_a_span_of_the_visible_text_cuts_its_runs() -> None:
    page = "<b>一二</b>&#20845;<i>三四</i>"
    runs = list(read_html(page).runs_within(1, 4))
    assert [run.text for run in runs] == ["二", "六", "三"]
    assert [page[run.start : run.end] for run in runs] == ["二", "&#20845;", "三"]


@given(
    st.lists(st.sampled_from([*MARKUP, "一二", "\n", " ", "abc", '"', "<", ">"]), max_size=40).map("".join)
)
def test_the_visible_text_of_any_markup_is_in_the_page(page: str) -> None:
    visible = read_html(page)
    assert visible.text == "".join(run.text for run in visible.runs)
    end = 0
    for run in visible.runs:
        assert end <= run.start < run.end <= len(page)
        source = page[run.start : run.end]
        assert run.text in (source, html.unescape(source))
        end = run.end
