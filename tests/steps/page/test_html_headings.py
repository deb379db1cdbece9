"""The headings of a page keep their levels beside its text."""

from __future__ import annotations

import json

import pytest

from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.json_strings import unwrap_json
from hanpack.steps.page.stripping import strip_page
from hanpack.steps.traced import Traced

BODY = "各单位要按照要求认真落实本项工作，确保取得实效，并按时报送有关情况。"


def list_headings(traced: Traced, data: bytes) -> list[tuple[int, str]]:
    return [
        (heading.level, data[heading.byte_start : heading.byte_end].decode()) for heading in traced.headings
    ]


def read_page(body: str) -> tuple[Traced, list[tuple[int, str]]]:
    data = f"<html><body><article>{body}</article></body></html>".encode()
    traced = strip_page(decode(data, "utf-8"))
    return traced, list_headings(traced, data)


def test_a_page_keeps_the_levels_of_its_headings_and_its_text_gets_no_marks() -> None:
    body = f"<h1>工作方案</h1><h2><a>一、目标</a></h2><p>{BODY}</p><h4>具体做法</h4><p>{BODY}</p>"
    traced, headings = read_page(body)
    assert headings == [(1, "工作方案"), (2, "一、目标"), (4, "具体做法")]
    assert traced.text == f"工作方案\n一、目标\n{BODY}\n具体做法\n{BODY}"


@pytest.mark.parametrize("level", [1, 2, 4])
def test_the_heading_with_the_title_of_an_article_is_its_highest(level: int) -> None:
    """Whether the site puts it into the element with the text or above that."""
    title, part = (
        f"<h{level}>秋粮收购</h{level}>",
        f"<h2>服务</h2><p>{BODY}甲</p><p>{BODY}乙</p><p>{BODY}丙</p>",
    )
    info = "<div class='info'><span>2024-03-07 10:20 来源：清江日报</span></div>"
    layouts = (
        f"<div class='article'>{title}{info}<div class='content'>{part}</div></div>",
        f"<div class='article'>{info}<div class='content'>{title}{part}</div></div>",
        f"<table><tr><td>{title}</td></tr><tr><td>{info}</td></tr><tr><td><div>{part}</div></td></tr></table>",
    )
    for layout in layouts:
        data = f"<html><title>秋粮收购_清江网</title><body>{layout}</body></html>".encode()
        traced = strip_page(decode(data, "utf-8"))
        assert list_headings(traced, data)[0] == (1, "秋粮收购")
        assert traced.text.startswith(f"秋粮收购\n服务\n{BODY}甲\n")
        assert traced.metadata["title"] == "秋粮收购"


@pytest.mark.parametrize(
    "heading",
    [
        "<h1>清江新闻网</h1>",
        "<h1><a href='/'>秋粮收购</a></h1>",
        "<p>秋粮收购</p>",
        "<div class='nav'><h1>新闻中心</h1></div>",
    ],
)
def test_what_is_not_the_heading_with_the_title_stays_outside_the_article(heading: str) -> None:
    content = f"<div class='content'><p>{BODY}甲</p><p>{BODY}乙</p></div>"
    body = f"{heading}<div class='info'>2024-03-07 10:20 来源：清江日报</div>{content}"
    page = f"<html><title>秋粮收购_清江网</title><body>{body}</body></html>".encode()
    traced = strip_page(decode(page, "utf-8"))
    assert traced.text == f"{BODY}甲\n{BODY}乙"
    assert traced.headings == ()


def test_a_title_that_the_text_has_already_is_not_there_twice() -> None:
    content = f"<div class='content'><p><b>秋粮收购</b></p><p>{BODY}甲</p><p>{BODY}乙</p></div>"
    body = f"<h1>秋粮收购</h1><div>2024-03-07 10:20</div>{content}"
    page = f"<html><title>秋粮收购_清江网</title><body>{body}</body></html>".encode()
    assert strip_page(decode(page, "utf-8")).text.count("秋粮收购") == 1


def test_a_mention_of_the_title_in_the_article_is_not_its_heading() -> None:
    content = f"<div class='content'>{f'<p>{BODY}</p>' * 6}<p>秋粮收购是大事，{BODY}</p></div>"
    body = f"<h1>秋粮收购</h1><div>2024-03-07 10:20</div>{content}"
    data = f"<html><title>秋粮收购_清江网</title><body>{body}</body></html>".encode()
    assert list_headings(strip_page(decode(data, "utf-8")), data) == [(1, "秋粮收购")]


def test_a_heading_of_several_lines_is_one() -> None:
    _, headings = read_page(f"<h2>关于做好<br>防汛工作的通知</h2><p>{BODY}</p>")
    assert headings == [(2, "关于做好<br>防汛工作的通知")]


@pytest.mark.parametrize(
    "heading",
    [
        BODY,
        f"{BODY * 4}请查收",
        "来源：清江日报 2024-03-07",
        "1590 有用 看过 2024-04-07 09:53:05 浙江",
        "",
    ],
)
def test_a_sentence_or_a_line_of_the_site_is_no_heading(heading: str) -> None:
    _, headings = read_page(f"<h3>{heading}</h3><p>{BODY}</p><h3>附则</h3><p>{BODY}</p>")
    assert headings == [(3, "附则")]


def test_a_heading_in_a_cell_of_a_table_is_part_of_the_table() -> None:
    cells = "<table><tr><th><h4>年份</h4></th><th>数量</th></tr><tr><td>2023</td><td>12</td></tr></table>"
    _, headings = read_page(f"<h2>统计</h2><p>{BODY}</p>{cells}<p>{BODY}</p>")
    assert headings == [(2, "统计")]


def test_a_page_within_json_has_headings_too() -> None:
    page = f'<html><body><h2 class="t">一、目标</h2><p>{BODY * 3}</p></body></html>'
    line = json.dumps({"text": page}, ensure_ascii=False).encode()
    traced = strip_page(unwrap_json(line, "text").traced)
    assert list_headings(traced, line) == [(2, "一、目标")]


def test_a_post_after_others_is_under_none_of_their_headings() -> None:
    posts = (f"<h3>安装</h3><p>{BODY}</p>", f"<p>{BODY}</p>", f"<p>{BODY}</p>", f"<h3>截图</h3><p>{BODY}</p>")
    page = "".join(f'<div class="cooked">{post}</div>' for post in posts)
    _, headings = read_page(page)
    assert headings == [(3, "安装"), (0, BODY), (3, "截图")]
    _, headings = read_page("".join(f'<div class="cooked"><h3>截图</h3>{BODY}</div>' for _ in range(2)))
    assert headings == [(3, "截图"), (0, "截图"), (3, "截图")]
