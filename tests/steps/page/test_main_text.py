"""Which lines of a page are main text, given what an extractor votes for."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page.html_page import HtmlPage
from hanpack.steps.page.html_text import read_html
from hanpack.steps.page.main_text import choose_lines, collect_votes, find_main_text, leave_out_navigation
from tests.growth import NEARLY_LINEAR, measure_growth
from tests.steps.page.markup import MARKUP

needs_trafilatura = pytest.mark.skipif(find_spec("trafilatura") is None, reason="needs trafilatura")
SENTENCE = "各乡镇组织农技人员下到田间地头，指导农户科学育秧、平整土地、疏通渠道。"


def choose(markup: str, *voted: str) -> list[str]:
    """The texts of the lines that are chosen if the lines with these texts have votes."""
    page = read_html(markup)
    votes = {number for number, line in enumerate(page.lines) if line.text in voted}
    assert len(votes) == len(voted)
    return texts_of(page, sorted(choose_lines(page, votes)))


def texts_of(page: HtmlPage, numbers: list[int]) -> list[str]:
    return [page.lines[number].text for number in numbers]


def test_a_short_line_within_an_article_is_kept() -> None:
    markup = f"<div><h1>题目</h1><div><p>{SENTENCE}<p>5℃<p>{SENTENCE}甲</div></div>"
    assert choose(markup, SENTENCE, f"{SENTENCE}甲") == [SENTENCE, "5℃", f"{SENTENCE}甲"]


def test_a_table_without_votes_is_kept_however_large_it_is() -> None:
    rows = "".join(f"<tr><td>第{number}组<td>{number}" for number in range(50))
    markup = f"<div><p>{SENTENCE}<table>{rows}</table><p>{SENTENCE}甲</div>"
    assert len(choose(markup, SENTENCE, f"{SENTENCE}甲")) == 102


def test_navigation_within_an_article_is_left_out_unless_it_has_votes() -> None:
    links = "<ul><li><a href=a>相关一</a><li><a href=b>相关二</a></ul>"
    markup = f"<div><p>{SENTENCE}{links}<p>{SENTENCE}甲</div>"
    assert "相关一" not in choose(markup, SENTENCE, f"{SENTENCE}甲")
    assert "相关一" in choose(markup, SENTENCE, f"{SENTENCE}甲", "相关一")


def test_links_elsewhere_are_left_out_even_if_they_have_votes() -> None:
    markup = f"<div><a href=a>首页</a></div><div><p>{SENTENCE}<p>{SENTENCE}甲</div>"
    assert choose(markup, "首页", SENTENCE, f"{SENTENCE}甲") == [SENTENCE, f"{SENTENCE}甲"]
    assert choose("<div><a href=a>首页</a></div>", "首页") == ["首页"]


def test_an_element_with_few_votes_keeps_only_the_lines_with_votes() -> None:
    comments = "".join(f"<p>第{number}位网友说，今年的收成不错，粮价也比去年好一些。" for number in range(9))
    markup = f"<div><div><p>{SENTENCE}<p>{SENTENCE}甲</div><div>{comments}</div></div>"
    voted = "第3位网友说，今年的收成不错，粮价也比去年好一些。"
    assert choose(markup, SENTENCE, f"{SENTENCE}甲", voted) == [SENTENCE, f"{SENTENCE}甲", voted]


def test_a_list_with_a_vote_is_kept_as_a_whole() -> None:
    items = "<ul><li>水泵<li>电线<li>草袋和木桩<li>铁锹</ul>"
    markup = f"<div><p>{SENTENCE}{items}<p>{SENTENCE}甲</div>"
    assert choose(markup, SENTENCE, "水泵", f"{SENTENCE}甲")[1:-1] == ["水泵", "电线", "草袋和木桩", "铁锹"]


def test_an_article_within_an_element_with_few_votes_is_kept_as_a_whole() -> None:
    others = "".join(f"<p>第{number}位网友说，今年的收成不错，粮价也比去年好一些。" for number in range(9))
    inner = f"<div><p>{SENTENCE}乙<p>8℃<p>{SENTENCE}丙</div>"
    texts = [f"{SENTENCE}{letter}" for letter in "甲乙丙"]
    markup = f"<div><p>{texts[0]}<p>{texts[0]}<p>{texts[0]}<div>{inner}<div>{others}</div></div></div>"
    page = read_html(markup)
    votes = {number for number, line in enumerate(page.lines) if line.text in texts}
    assert "8℃" in texts_of(page, sorted(choose_lines(page, votes)))


def test_a_paragraph_that_is_a_link_is_kept_unless_it_is_one_of_several() -> None:
    def choose_with(links: str) -> list[str]:
        return choose(f"<div><p>{SENTENCE}{links}<p>{SENTENCE}甲</div>", SENTENCE, f"{SENTENCE}甲")[1:-1]

    assert choose_with("<p><a href=a>原文见县政府网站。</a>") == ["原文见县政府网站。"]
    assert choose_with("<p><a href=a>相关一</a><p><a href=b>相关二</a>") == []


def test_navigation_is_told_by_its_links_and_by_what_elements_are_called() -> None:
    links = "<p><a href=a>首页</a> | 新闻<ul><li><a href=b>财经</a></ul>"
    page = read_html(f"<nav>菜单</nav>{links}<p>通知<div class='page-footer'>版权</div>")
    assert texts_of(page, sorted(leave_out_navigation(page))) == ["首页 | 新闻", "通知"]


def test_a_page_of_navigation_only_is_kept() -> None:
    page = read_html("<nav>菜单</nav><a href=a>首页</a>")
    assert leave_out_navigation(page) == {0, 1}


@needs_trafilatura
def test_a_page_that_the_extractor_cannot_read_is_kept_and_uncertain() -> None:
    markup = f"<html><body>{'<div>' * 400}{'<b>' * 200}<p>{SENTENCE * 10}</p>"
    page = read_html(markup)
    assert collect_votes(markup, page) == frozenset()
    main_text = find_main_text(markup, page)
    assert set(main_text.lines) == {0}
    assert find_main_text(f"<p>{SENTENCE}", read_html(f"<p>{SENTENCE}")).is_uncertain is False


@needs_trafilatura
def test_sentences_that_the_extractor_does_not_see_are_kept_and_the_page_is_uncertain() -> None:
    near = "".join(f"<p>{number}、{SENTENCE}" for number in range(9))
    deep = f"{'<div>' * 400}{'<p>' + SENTENCE * 20}{'</div>' * 400}"
    markup = f"<html><body><div class='content'>{near}</div>{deep}"
    page = read_html(markup)
    assert len(collect_votes(markup, page)) == 9
    main_text = find_main_text(markup, page)
    assert sorted(main_text.lines) == list(range(10))
    assert main_text.is_uncertain


@needs_trafilatura
def test_votes_are_for_the_lines_of_the_page_in_whatever_form_the_extractor_gives_them() -> None:
    paragraphs = "".join(f"<p>{number}.5亿元&amp;amp;<b>{SENTENCE}</b>ꔀꔁꔂ</p>" for number in range(12))
    markup = f"<html><body><div class='nav'><a href='/'>首页</a></div><div class='content'>{paragraphs}</div>"
    page = read_html(markup)
    assert collect_votes(markup, page) == frozenset(range(1, 13))


@given(
    st.lists(
        st.sampled_from([*MARKUP, "<div>", "</div>", "<a href=x>", "</a>", "一二三。"]), max_size=40
    ).map("".join)
)
def test_every_vote_for_text_is_kept_on_a_page_without_links(markup: str) -> None:
    page = read_html(markup.replace("<a href=x>", ""))
    votes = frozenset(range(0, len(page.lines), 2))
    assert votes <= choose_lines(page, votes) <= frozenset(range(len(page.lines)))


@pytest.mark.parametrize(
    "unit", ["<div>一", "<p>一</p>", "<ul><li>一", "<table><tr><td>一", "<div><a href=x>一</a>"]
)
def test_the_choice_costs_in_proportion(unit: str) -> None:
    def choose_every_line(markup: str) -> None:
        page = read_html(markup)
        choose_lines(page, frozenset(range(len(page.lines))))

    assert measure_growth(choose_every_line, unit, 24_000) < NEARLY_LINEAR


def test_a_post_that_was_deleted_is_left_out_unless_there_is_no_other() -> None:
    deleted = '<div component="post/content">此回复已被删除！</div>'
    others = f'<div component="post/content"><p>{SENTENCE}<p>此回复已被删除！</div>'
    page = read_html(f"{deleted}{others}{deleted}")
    assert find_main_text("", page).lines == {1, 2}
    assert find_main_text("", read_html(deleted)).lines == {0}
