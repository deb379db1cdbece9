"""Which metadata an HTML page gives."""

from __future__ import annotations

import pytest

from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.html_metadata import read_metadata
from hanpack.steps.page.html_text import read_html
from hanpack.steps.page.stripping import strip_page


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
        # The author is the site, with the name of its channel; it is a person with a site.
        (
            '<title>全市会议召开_清江财经</title><meta name="author" content="清江">',
            {"title": "全市会议召开"},
        ),
        (
            '<title>全市会议召开_清江新闻网</title><meta name="author" content="清江新闻网">',
            {"title": "全市会议召开"},
        ),
        (
            '<title>全市会议召开 - 石青的博客</title><meta name="author" content="石青">',
            {"title": "全市会议召开", "author": "石青"},
        ),
        ("<title>甲 - 公文 - 论坛 - Powered by Discuz!</title>", {"title": "甲"}),
        ('<meta property="og:title" content="甲"><title>乙</title>', {"title": "甲"}),
        ("<title>甲乙丙丁——丙在线</title>", {"title": "甲乙丙丁"}),
        ("<title>春天来了——记老张</title>", {"title": "春天来了——记老张"}),
        ("<title>(99+ 封私信 / 87 条消息) 全市会议召开 - 丙网</title>", {"title": "全市会议召开"}),
        ("<title>(3 条消息) 全市会议召开</title>", {"title": "全市会议召开"}),
        ("<title>(3) 全市会议召开</title>", {"title": "(3) 全市会议召开"}),
        ("<title>丙网 - 全市会议召开</title><h1>全市会议召开</h1>", {"title": "全市会议召开"}),
        ("<title>丙网 > 农业 > 全市会议召开</title>", {"title": "全市会议召开"}),
        ("<title>【丙网】全市会议召开</title>", {"title": "全市会议召开"}),
        ("<title>【公告】全市会议召开</title>", {"title": "【公告】全市会议召开"}),
        ("<title>甲方 > 乙方：谁说了算</title>", {"title": "甲方 > 乙方：谁说了算"}),
        (
            "<h1>全市会议召开</h1><p>发布日期：二〇二四年十二月二十七日</p>",
            {"title": "全市会议召开", "date": "2024-12-27"},
        ),
        ("<h1>全市会议召开</h1><p>发布日期：二〇二四年十三月七日</p>", {"title": "全市会议召开"}),
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


TEXT = "".join(
    f"<p>第{number}段：全县各地备足化肥，抓紧检修农机，春耕生产进展顺利。</p>" for number in range(8)
)
HEADS = {
    "a line": "<div>发布时间：2025-03-04　来源：村报　作者：石磊　字体：【大 中 小】</div>",
    "a label after the time": "<div>2025-03-04 08:30 来源：村报 作者：石磊</div>",
    "spans": "<div><span>2025-03-04 08:30</span><span>来源：村报</span><span>作者：石磊</span></div>",
    "paragraphs": "<p>来源：村报</p><p>作者：石磊</p><p>时间：2025-03-04</p>",
    "in reverse": "<div>作者：石磊 | 来源：<a href=/>村报</a> | 2025年3月4日 <a href=/r>举报</a></div>",
    "list": "<ul><li>文章来源：村报</li><li>撰稿：石磊</li><li>发布日期：2025/3/4</li></ul>",
    "Traditional": "<div>發佈時間：2025-03-04 來源：村报 作者：石磊 瀏覽次數：12</div>",
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("below", ["", "<div>责任编辑：李青</div>"])
def test_the_lines_around_an_article_give_its_author_and_publisher(head: str, below: str) -> None:
    page = (
        f"<html><title>春耕_网</title><body><h1>春耕</h1>{HEADS[head]}<div>{TEXT}</div>{below}</body></html>"
    )
    stripped = strip_page(decode(page.encode(), "utf-8"))
    assert "石磊" not in stripped.text
    fields = {name: stripped.metadata.get(name) for name in ("date", "publisher", "author")}
    assert fields == {"date": "2025-03-04", "publisher": "村报", "author": "石磊"}


@pytest.mark.parametrize(
    "line",
    [
        "<div>图片来源：村报</div>",
        "<div>来源：http://a.cn/1 作者：admin</div>",
        "<div>作者：</div>",
        f"<div>作者：{'石' * 60}</div>",
        "<div>来源：村里的水都是山上来的。</div>",
    ],
)
def test_what_is_no_field_of_an_article_is_no_metadata(line: str) -> None:
    page = f"<html><title>春耕_网</title><body><h1>春耕</h1>{line}<div>{TEXT}</div></body></html>"
    stripped = strip_page(decode(page.encode(), "utf-8"))
    assert not {"author", "publisher"} & {name for name, value in stripped.metadata.items() if value}


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("来源：每日经济新闻(成都)", "每日经济新闻(成都)"),
        ("（来源：新华社）", "新华社"),
        ("来源：（新华社）　2024-03-07", "新华社"),
        ("稿源：村报 本报记者 石磊", "村报"),
        ("来源：<a href=/>新京报</a> <a href=/>举报</a>", "新京报"),
    ],
)
def test_a_publisher_is_what_a_line_says_without_what_is_around_it(line: str, publisher: str) -> None:
    page = f"<html><title>春耕_网</title><body><h1>春耕</h1><div>{line}</div><div>{TEXT}</div></body></html>"
    assert strip_page(decode(page.encode(), "utf-8")).metadata["publisher"] == publisher


ENTRIES = {
    "day after the title": "<li><a href=/{0}>第{0}号通知</a> 2025-01-{0:02d}</li>",
    "day before the title": "<li>[2025-01-{0:02d}] <a href=/{0}>第{0}号通知</a></li>",
    "with the time": "<li><a href=/{0}>第{0}号通知</a><span>2025-01-{0:02d} 08:30</span></li>",
    "on lines of their own": "<div><a href=/{0}>第{0}号通知</a></div><div>2025-01-{0:02d}</div>",
    "as elements": "<li><a>第{0}号通知</a><time datetime=2025-01-{0:02d}>2025-01-{0:02d}</time></li>",
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_list_of_titles_with_days_has_no_date(entry: str) -> None:
    entries = "".join(ENTRIES[entry].format(number) for number in range(1, 21))
    page = "<html><head><title>列表页</title>{}</head><body>{}<ul>{}</ul></body></html>"
    assert not strip_page(decode(page.format("", "", entries).encode(), "utf-8")).metadata.get("date")
    stated = '<meta name="pubdate" content="2024-03-07">'
    of_head = strip_page(decode(page.format(stated, "", entries).encode(), "utf-8"))
    assert of_head.metadata["date"] == "2024-03-07"


def test_an_article_with_days_in_its_text_has_the_day_above_it() -> None:
    events = "".join(
        f"<p>2024年{month}月3日，某地召开第{month}次会议，部署工作。</p>" for month in range(1, 9)
    )
    page = (
        f"<title>大事记</title><h1>大事记</h1><div>发布时间：2025-01-02 来源：村报</div><div>{events}</div>"
    )
    stripped = strip_page(decode(f"<html>{page}</html>".encode(), "utf-8"))
    assert stripped.metadata["date"] == "2025-01-02"


@pytest.mark.parametrize(
    ("window_title", "heading", "title"),
    [
        ("某县人民政府门户网站", "关于做好防汛工作的通知", "关于做好防汛工作的通知"),
        ("新闻详情", "石桥修复完工", "石桥修复完工"),
        ("无标题文档", "石桥修复完工", "石桥修复完工"),
        ("Microsoft Word - 公报终稿.doc", "2024年统计公报", "2024年统计公报"),
        ("Microsoft Word - 公报终稿.doc", "", "公报终稿"),
        ("公报.doc", "", "公报"),
        ("关于做好防汛工作的…-某县政府网", "关于做好防汛工作的通知", "关于做好防汛工作的通知"),
        ("", "石桥修复完工", "石桥修复完工"),
        ("石桥修复完工 - 某县新闻网", "最新消息", "石桥修复完工"),
        ("石桥修复完工", "某县新闻网", "石桥修复完工"),
        ("关于防汛…-某县政府网", "各地新闻动态", "关于防汛…"),
        ("工作总结 - 城东街道 - 某县政府网", "城东街道工作总结", "城东街道工作总结"),
        ("工作总结_某县政府网", "城东街道工作总结", "城东街道工作总结"),
        ("工作总结_某县政府网", "城东街道工作总结 打印", "工作总结"),
        ("总结_某县政府网", "城东街道工作总结", "总结"),
    ],
)
def test_a_title_of_the_window_that_says_nothing_or_less_is_replaced_by_the_heading(
    window_title: str, heading: str, title: str
) -> None:
    markup = f"<title>{window_title}</title><h1>{heading}</h1><p>全县经济平稳运行。</p>"
    assert read_metadata(markup, read_html(markup), ())["title"] == title
