"""What is visible of an HTML page, where its posts are, and where each character comes from."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page.html_layout import set_lines
from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.page.html_text import read_html
from tests.growth import NEARLY_LINEAR, measure_growth
from tests.steps.page.markup import MARKUP


def texts_of(page: HtmlPage) -> list[str]:
    return [line.text for line in page.lines]


def set_text(markup: str) -> str:
    """The text of all lines of a page."""
    page = read_html(markup)
    pieces = set_lines(page, range(len(page.lines)))
    return "".join(f"{piece.inserted}{piece.run.text if piece.run else ''}" for piece in pieces)


def test_hidden_strings_and_raw_elements_are_not_visible() -> None:
    page = (
        "<div>一<script>if (a < b) '</div>'</script><span style='display: none'>二<span>三</span></span>"
        "四&nbsp;五&#20845;&lt;</div>"
    )
    assert read_html(page).text == "一四 五六<"


def test_markup_that_never_closes_is_text() -> None:
    assert read_html("<a '" * 3).text == "<a '" * 3


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
    page = read_html(f"头<{element}>一<{name}>二</{name}>三</{name}>尾")
    assert ["".join(texts_of(page)[slice(*post)]) for post in page.posts] == ["一二三"]
    assert page.text.replace("\n", "") == "头一二三尾"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<td class="num"><a href="/t">22</a><em>1171</em></td>', "22 1171"),
        ('<li><em>1</em><a href="/t">63675</a></li>', "1 63675"),
        ('<li><span class="n">22</span><span class="day">2020-7-19</span></li>', "22 2020-7-19"),
        ("<td><cite><a href='/u'>青石</a></cite>\n<em><a href='/p'>前天</a></em></td>", "青石 前天"),
        ("<div><span>周刊</span>\n<a href='/a'>趣闻</a>\n<a href='/b'>指南</a></div>", "周刊 趣闻 指南"),
        ("<a href='/1'>1</a><i class='icon'></i><a href='/2'>2</a>", "1 2"),
    ],
)
def test_a_link_and_the_element_next_to_it_are_two_items(markup: str, text: str) -> None:
    assert set_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p><b>中</b>国</p>", "中国"),
        ("<p><b>中</b>\n<i>国</i></p>", "中国"),
        ("<p>见<a href='/a'>中国</a><a href='/b'>北京</a></p>", "见中国北京"),
        ("<p>H<sub>2</sub>O，10<sup>3</sup>，1<sup>st</sup></p>", "H2O，103，1st"),
        ("<p>共<em>1</em>23条，<a href='/a'>第<em>1</em>23条</a></p>", "共123条，第123条"),
        ("<p><b>1</b><i>23</i>人，<b class='s1'>1</b><i class='s1'>23</i>人</p>", "123人，123人"),
        ("<p>参考<a href='/a'>12</a>34，<a href='/a'>乙</a>\n，丙</p>", "参考1234，乙，丙"),
        ("<a href='/a'><i class='visible'>a.cn/20</i><i class='invisible'>22</i></a>", "a.cn/2022"),
        ("<pre><span class='n'>1</span><span class='m'>2</span></pre>", "12"),
        ("<p>12<a name='top'></a><span></span>34</p>", "1234"),
    ],
)
def test_elements_within_a_word_or_a_number_do_not_divide_it(markup: str, text: str) -> None:
    assert set_text(markup) == text


def test_a_badge_of_the_author_is_no_post_and_goods_for_sale_in_a_post_are_hidden() -> None:
    badge = '<div class="ztext AuthorInfo-badgeText">2023 年度新知答主</div>'
    goods = (
        '<div class="RichText-MCNLinkCardContainer"><a href="/g"><div>广告</div><div>¥36.00</div></a></div>'
    )
    link = '<div class="RichText-LinkCardContainer"><a href="/b">相关回答</a></div>'
    page = read_html(f'{badge}<span class="RichText ztext Copyright"><p>有震感。</p>{goods}{link}</span>')
    assert [texts_of(page)[slice(*post)] for post in page.posts] == [["有震感。", "相关回答"]]


def test_notices_are_hidden_within_a_post_only() -> None:
    notice = '<i class="pstatus">编辑</i>'
    assert texts_of(read_html(f'{notice}<td id="postmessage_1">{notice}一</td>')) == ["编辑", "一"]


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<p>一<p>二", ["一", "二"]),
        ("<ul><li>一<li>二</ul>三", ["一", "二", "三"]),
        ("<table><tr><td>一<td>二<tr><td>三</table>四", ["一", "二", "三", "四"]),
        ("<div>一</span></div>二", ["一", "二"]),
        ("<table><tr><td>一</div>二</td></tr></table>", ["一", "二"]),
        ("<p style='display:none'>隐<p>显", ["显"]),
        ("<b><div>一</b>二</div>三", ["一二", "三"]),
        ("一<br/>二<hr>三", ["一", "二", "三"]),
        ("<dl><dt>一<dd>二<dt>三</dl>", ["一", "二", "三"]),
        ("<html><body>一</body></html>二<html><body>三", ["一", "二三"]),
    ],
)
def test_elements_end_where_a_browser_ends_them(markup: str, lines: list[str]) -> None:
    page = read_html(markup)
    assert texts_of(page) == lines
    assert [element.first_line <= element.end_line <= len(lines) for element in page.elements].count(
        False
    ) == 0


def test_a_cell_knows_its_row_and_its_table() -> None:
    page = read_html("<table><tr><th>一<th>二<tr><td>三<table><tr><td>四</table></table>")
    names = {number: element.name for number, element in enumerate(page.elements)}
    rows = {number: [[names[cell] for cell in row] for row in rows] for number, rows in page.tables.items()}
    assert list(rows.values()) == [[["th", "th"], ["td"]], [["td"]]]


def test_link_text_is_counted() -> None:
    line = read_html("<p>见<a href='/1'>通知</a>。<a name='x'>甲</a></p>").lines[0]
    assert (line.characters, line.link_characters) == (5, 2)


@pytest.mark.parametrize(
    "unit",
    [
        "<div>",
        "<p>",
        "<li>",
        "<td>",
        "<table>",
        "<b><p>",
        "</div>",
        "<a href=x>",
        "<ruby><rt>",
        "<pre>\n",
        "<td></div>",
    ],
)
def test_markup_that_never_ends_costs_in_proportion(unit: str) -> None:
    assert measure_growth(lambda markup: read_html(f"{markup}一"), unit, 24_000) < NEARLY_LINEAR


@given(
    st.lists(st.sampled_from([*MARKUP, "一二", "\n", " ", "abc", '"', "<", ">"]), max_size=40).map("".join)
)
def test_the_visible_text_of_any_markup_is_in_the_page(page: str) -> None:
    end = 0
    for line in read_html(page).lines:
        assert line.runs
        for run in line.runs:
            assert end <= run.start < run.end <= len(page)
            source = page[run.start : run.end]
            is_reading = source.startswith(("<r", "</r")) and set(run.text) <= set("()")
            assert is_reading or run.text in (source, html.unescape(source))
            end = run.end


def test_blanks_of_hidden_text_set_nothing_apart() -> None:
    markup = '各位代表，<font class="jammer">" x7 k2</font>请审议<b style="display:none">&nbsp; 乙</b>。'
    assert read_html(markup).text == "各位代表，请审议。"


@pytest.mark.parametrize(
    ("markup", "links"),
    [
        ("<a href=/>首页</a>乙", 2),
        ("<a href=/a/ >首页</a>乙", 2),
        ('<a href="/"/>首页', 0),
        ("<a href=b />首页", 0),
    ],
)
def test_an_address_that_ends_with_a_slash_closes_no_element(markup: str, links: int) -> None:
    (line,) = read_html(markup).lines
    assert line.link_characters == links
