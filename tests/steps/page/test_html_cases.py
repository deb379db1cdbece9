"""The kinds of faults that people report of HTML and forum pages: each case says what the text must hold."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from typing import Any

import pytest

from hanpack.steps.page.stripping import strip_page
from tests.case_files import read_rows
from tests.conftest import CASES
from tests.steps.traced_texts import trace

PARAGRAPHS = (
    "近日，清江县农业部门组织技术人员深入田间地头，指导农户开展秋收工作，确保颗粒归仓。",
    "据介绍，全县今年水稻种植面积达到四十万亩，预计总产量比去年增加百分之三左右。",
    "下一步，各乡镇将继续做好秋粮收购服务，及时发布市场信息，帮助农户解决卖粮难题。",
    "在城东的一个粮站，记者看到十几辆运粮车正在排队过磅，工作人员忙而不乱，井然有序。",
    "种粮大户石桥说，往年最担心的是下雨天粮食没有地方晾晒，今年合作社添置了烘干设备。",
    "水利部门负责人表示，目前全县水库蓄水充足，能够满足冬小麦播种的灌溉需要。",
    "金融机构也推出专项贷款，简化手续，让农户少跑腿、早拿钱，安心投入再生产。",
)
LINKS = "<a href='/'>首页</a>{0}<a href='/a'>新闻</a>{0}<a href='/b'>财经</a>"
NAVIGATION = {
    "list": f"<ul><li>{LINKS.format('</li><li>')}</li></ul>",
    "bar": f"<div class='top'>{LINKS.format(' | ')}</div>",
}
FOOTER = "<div class='footer'><p>版权所有：清江网</p></div>"


def write_page(case: dict[str, Any]) -> str:
    """The page of a case: its markup within the page of its kind."""
    insert = case["insert"]
    head, body_end = case.get("head", ""), case.get("insert_end", "")
    before, after = (
        "".join(f"<p>{paragraph}</p>" for paragraph in part) for part in (PARAGRAPHS[:4], PARAGRAPHS[4:])
    )
    article = f"<div class='content'><h1>秋粮收购</h1>{{}}{before}{{}}{after}{body_end}</div>"
    menu = f"<div class='nav'>{NAVIGATION['list']}</div>"
    pages = {
        "whole": insert,
        "article": f"<title>秋粮收购</title></head><body>{menu}{article.format('', insert)}{FOOTER}",
        "dated": f"<title>秋粮收购</title>{head}</head><body>{menu}{article.format(insert, '')}{FOOTER}",
        "window_title": f"<title>{insert}</title></head><body>{menu}{article.format('', '')}{FOOTER}",
        "author": f'<meta name="author" content="{insert}"></head><body>{article.format("", "")}',
        "short_list": f"<title>通知</title></head><body>{menu}{insert}{FOOTER}",
        "short_bar": f"<title>通知</title></head><body>{NAVIGATION['bar']}{insert}{FOOTER}",
        "post": f'</head><body><table><tr><td class="t_f" id="postmessage_1">{insert}</td></tr></table>',
        "thread_text": (
            "清江论坛›论坛›技术›批量改名\n返回列表\n查看: 1234|回复: 2\n批量改名\n[复制链接]\n"
            "青石\n积分\n56\n发消息\n电梯直达\n楼主\n"
            "发表于 2015-4-5 23:44:12 | 只看该作者 | 倒序浏览 | 阅读模式\n"
            f"各位好，请问怎样批量修改文件名？\n{insert}\n使用道具 举报\n返回列表\n"
            "您需要登录后才可以回帖 登录 | 立即注册\n本版积分规则\nPowered by Discuz! X3.4\n"
        ),
    }
    page: str = pages[case["page"]]
    if case["page"] in ("whole", "thread_text"):
        return page
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'>{page}</body></html>"


PAGES = read_rows(CASES / "html_pages.jsonl")


def test_there_are_cases_of_each_kind() -> None:
    counts = Counter(case["kind"] for case in PAGES)
    assert len(counts) == 12
    assert min(counts.values()) >= 8


@pytest.mark.skipif(find_spec("trafilatura") is None, reason="needs trafilatura")
@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case['kind']}: {case['name']}") for case in PAGES])
def test_a_page_gives_what_its_reader_sees(case: dict[str, Any]) -> None:
    result = strip_page(trace(write_page(case)))
    expected = case["expected"]
    if "eq" in expected:
        assert result.text == expected["eq"]
    for piece in expected.get("has", ()):
        assert piece in result.text
    for piece in expected.get("hasnot", ()):
        assert piece not in result.text
    for name, value in expected.get("metadata", {}).items():
        assert result.metadata.get(name) == value
    if "flagged" in expected:
        assert sum(edit.kind == "flagged" for edit in result.edits) == expected["flagged"]
    if case["page"] in ("article", "dated"):
        for paragraph in PARAGRAPHS:
            assert paragraph in result.text
        assert "首页" not in result.text
        assert "版权所有" not in result.text
