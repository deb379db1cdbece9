"""Which metadata an HTML page gives."""

from __future__ import annotations

import pytest

from hanpack.steps.decode import decode
from hanpack.steps.page import strip_page
from hanpack.steps.page.html_metadata import read_metadata
from hanpack.steps.page.html_text import read_html


@pytest.mark.parametrize(
    ("page", "metadata"),
    [
        (
            '<title>甲_乙_丙网</title><meta content="李" name="author">',
            {"title": "甲_乙", "author": "李"},
        ),
        (
            '<meta property="article:published_time" content="2024-3-7T10:00">',
            {"date": "2024-03-07"},
        ),
        ("<title>甲 &amp; 乙 - 丙网</title>", {"title": "甲 & 乙"}),
        ("<title>甲 - 公文 - 论坛 - Powered by Discuz!</title>", {"title": "甲"}),
        ('<meta property="og:title" content="甲"><title>乙</title>', {"title": "甲"}),
        ("<title>甲乙丙丁——丙在线</title>", {"title": "甲乙丙丁"}),
        ("<title>春天来了——记老张</title>", {"title": "春天来了——记老张"}),
        ("<title>丙网 - 全市会议召开</title><h1>全市会议召开</h1>", {"title": "全市会议召开"}),
        ("<title>丙网 > 农业 > 全市会议召开</title>", {"title": "全市会议召开"}),
        ("<title>【丙网】全市会议召开</title>", {"title": "全市会议召开"}),
        ("<title>【公告】全市会议召开</title>", {"title": "【公告】全市会议召开"}),
        ("<title>甲方 > 乙方：谁说了算</title>", {"title": "甲方 > 乙方：谁说了算"}),
        (
            "<h1>全市会议召开</h1><p>发布日期：二〇二四年十二月二十七日</p>",
            {"date": "2024-12-27"},
        ),
        ("<h1>全市会议召开</h1><p>发布日期：二〇二四年十三月七日</p>", {}),
        ('<meta name="author" content="Discuz! Team and Comsenz UI Team">', {}),
        ('<meta name="author" content="织梦内容管理系统">', {}),
        ('<meta name="author" content="PHPCMS">', {}),
        (
            '<meta name="pubdate" content="今天"><meta name="publishdate" content="2024/3/7">',
            {"date": "2024-03-07"},
        ),
        ('<meta name="pubdate" content="2024-13-7">', {}),
        (
            "<link rel='canonical' href='http://example.org/?a=1&amp;b=2'>",
            {"url": "http://example.org/?a=1&b=2"},
        ),
        ('<link rel="canonical" href="//example.org/p/1">', {"url": "https://example.org/p/1"}),
        ("<meta name=ContentSource content=县水利局>", {"publisher": "县水利局"}),
        ('<span id="thread_subject">甲</span><meta property="og:title" content="乙">', {"title": "甲"}),
        ('<a>[公文]</a> <span id="thread_subject">甲</span>', {"title": "甲"}),
        ('<a>[台灣]</a> <span id="thread_subject">甲</span>', {"title": "甲", "region": "台灣"}),
        ("<p>没有元数据</p>", {}),
    ],
)
def test_the_metadata_of_a_page(page: str, metadata: dict[str, str]) -> None:
    assert dict(read_metadata(page, read_html(page), ())) == metadata


def test_the_day_below_a_document_is_its_date_if_the_page_says_no_other() -> None:
    body = (
        "<p>经研究，定于2024年12月20日召开年度工作会议，现将有关事项函告如下，请按时参加，并做好准备工作。</p>"
        * 3
    )
    signed = "<p align=right>某某局办公室</p><p align=right>{}</p>"
    for day in ("2024年12月1日", "二〇二四年十二月一日"):
        page = f"<html><title>关于召开会议的函</title><body>{body}{signed.format(day)}</body></html>"
        assert strip_page(decode(page.encode(), "utf-8")).metadata["date"] == "2024-12-01"
    page = f"<html><title>关于召开会议的函</title><body>{body}{signed.format('另有通知')}</body></html>"
    assert "date" not in strip_page(decode(page.encode(), "utf-8")).metadata
