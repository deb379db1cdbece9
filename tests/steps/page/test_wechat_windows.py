"""The words of hidden windows below an article of WeChat are removed, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.recognition import find_pages
from hanpack.steps.page.stripping import strip_page
from hanpack.steps.page.wechat_windows import find_windows
from hanpack.steps.texts import JoinedTexts

ARTICLE = "城东的清晨是从一碗米粉开始的。\n\n汤头每天凌晨三点就要熬，骨头要选当天的。\n"
# As pages are saved as Markdown by many programs.
WINDOWS = (
    "\n预览时标签不可点\n\n阅读原文\n\n![]()\n\n微信扫一扫\n关注该公众号\n\n继续滑动看下一个\n\n轻触阅读原文\n\n"
    f"![](http://mmbiz.qpic.cn/{'a' * 120}/0?wx_fmt=png)\n\n城事\n\n向上滑动看下一个\n\n知道了\n\n![]()\n"
    "微信扫一扫\n使用小程序\n\n取消\n允许\n\n×\n分析\n\n微信扫一扫可打开此内容，\n使用完整服务\n\n：\n，\n，\n。\n\n"
    "视频\n小程序\n赞\n，轻点两下取消赞\n在看\n，轻点两下取消在看\n分享\n留言\n收藏\n听过\n"
)


def strip(text: str) -> str:
    return strip_page(decode(text.encode(), "utf-8")).text


def test_the_windows_below_an_article_are_removed() -> None:
    assert find_pages(JoinedTexts(["正文。", ARTICLE + WINDOWS])) == {1}
    assert strip(ARTICLE + WINDOWS).strip() == ARTICLE.strip()


def test_the_windows_of_a_page_in_html_are_removed() -> None:
    lines = "".join(f"<p>{line}</p>" for line in WINDOWS.split("\n") if line and not line.startswith("!"))
    article = "".join(f"<section><span>第{number}家店：{ARTICLE}</span></section>" for number in range(9))
    page = (
        "<html><head><title>城东米粉</title></head><body><div class='rich_media'><h1>城东米粉</h1>"
        f"<div class='rich_media_content'>{article}</div></div><div class='weui-dialog'>{lines}</div>"
        "</body></html>"
    )
    stripped = strip(page)
    assert ("第8家店" in stripped, "扫一扫" in stripped, "听过" in stripped) == (True, False, False)


@pytest.mark.parametrize(
    "text",
    [
        f"{ARTICLE}请打开微信扫一扫，关注该公众号。\n",
        f"{ARTICLE}关注该公众号\n{ARTICLE}",
        f"{ARTICLE}微信扫一扫\n关注该公众号\n{'以上是活动的参加办法，请大家互相转告，并按时到场。' * 3}\n",
        "一、打开微信。\n二、点微信扫一扫。\n三、关注该公众号\n",
    ],
)
def test_words_of_an_article_stay(text: str) -> None:
    assert find_windows(text) is None
    assert strip(text) == text


@given(st.text("城东米粉，。\n", max_size=60))
def test_what_is_removed_begins_with_the_windows(article: str) -> None:
    text = f"{article}。\n{WINDOWS}"
    begin = find_windows(text)
    assert begin is not None
    assert text[begin:].strip() == WINDOWS.strip()
