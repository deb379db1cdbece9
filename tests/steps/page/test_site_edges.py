"""Which lines of a government or news site are removed before and after an article."""

from __future__ import annotations

import pytest

from hanpack.steps.page.recognition import find_pages
from hanpack.steps.page.site_edges import find_edges
from hanpack.steps.texts import JoinedTexts

ARTICLE = "现将水利规划印发给你们。\n" * 8


def removed_from(page: str) -> list[str]:
    return [page[slice(*span)] for span in find_edges(page).spans]


def test_two_buttons_are_no_toolbar_and_three_are() -> None:
    assert removed_from(f"打印\n收藏\n{ARTICLE}") == []
    assert removed_from(f"打印\n收藏\n下载\n{ARTICLE}") == ["打印\n收藏\n下载\n"]


def test_the_path_to_the_article_is_a_toolbar_of_its_own() -> None:
    assert removed_from(f"当前位置：首页 > 规划\n{ARTICLE}") == ["当前位置：首页 > 规划\n"]


def test_fields_need_a_date_and_a_publisher_or_count() -> None:
    assert find_edges(f"规划\n来源：清江日报\n{ARTICLE}").metadata == {}
    assert find_edges(f"规划\n时间：2024-03-07\n地点：会议室\n{ARTICLE}").metadata == {}
    edges = find_edges(f"规划\n来源：清江日报　时间：2024年3月7日　作者：李青\n{ARTICLE}")
    assert edges.metadata == {"publisher": "清江日报", "date": "2024-03-07", "author": "李青"}


def test_a_field_is_kept_as_it_was_saved() -> None:
    edges = find_edges(f"規劃\n來源：清江日報　時間：2024/3/7\n{ARTICLE}")
    assert edges.metadata == {"publisher": "清江日報", "date": "2024-03-07"}


@pytest.mark.parametrize("value", ["昨天", "2024-13-07", "三月七日"])
def test_a_line_whose_date_is_no_day_stays(value: str) -> None:
    assert removed_from(f"规划\n来源：清江日报 时间：{value}\n{ARTICLE}") == []


def test_the_line_below_a_toolbar_is_the_title_unless_it_is_a_sentence() -> None:
    fields = "来源：清江日报\n时间：2024-03-07\n"
    assert find_edges(f"打印\n收藏\n下载\n水利规划\n{fields}{ARTICLE}").metadata["title"] == "水利规划"
    assert "title" not in find_edges(f"打印\n收藏\n下载\n水利规划已印发。\n{fields}{ARTICLE}").metadata


def test_one_uncertain_footer_line_stays_and_two_go() -> None:
    assert removed_from(f"{ARTICLE}上一篇：春耕\n") == []
    assert removed_from(f"{ARTICLE}上一篇：春耕\n下一篇：秋收\n") == ["\n上一篇：春耕\n下一篇：秋收\n"]


def test_one_sure_footer_line_goes() -> None:
    assert removed_from(f"{ARTICLE}相关链接：\n") == ["\n相关链接：\n"]


def test_a_footer_line_within_the_article_stays() -> None:
    assert removed_from(f"{ARTICLE}相关链接：\n{ARTICLE}") == []


def test_nothing_before_the_start_is_read() -> None:
    header = "打印\n收藏\n下载\n"
    assert find_edges(header + header + ARTICLE, len(header)).spans == ((len(header), 2 * len(header)),)


def test_an_empty_text_has_no_edges() -> None:
    assert find_edges("").spans == ()


TOOLBARS = (
    "下载 打印 全屏 收藏 【字号 大 中 小】",
    "【字体：大 中 小】 打印",
    "【打印本页】【关闭窗口】",
    "【字号：大 中 小】【打印】【关闭】",
    "字号：T | T",
    "[ 大 中 小 ] [ 打印 ] [ 关闭 ]",
    "收藏 打印 纠错 关闭窗口",
    "分享到：微信 微博 QQ空间",
    "复制链接 分享 微信扫一扫：分享",
    "分享 0 | 收藏 | 打印 | 纠错",
    "【字體：大　中　小】　打印　關閉",
)


@pytest.mark.parametrize("toolbar", TOOLBARS)
@pytest.mark.parametrize("title", ["", "水利规划\n", "水利规划\n2024-03-07 10:20 清江日报\n"])
def test_a_toolbar_goes_above_and_below_the_title_and_at_the_end(title: str, toolbar: str) -> None:
    assert removed_from(f"{title}{toolbar}\n{ARTICLE}") == [f"{toolbar}\n"]
    assert removed_from(f"{title}{ARTICLE}{toolbar}\n") == [f"\n{toolbar}\n"]
    assert find_pages(JoinedTexts(["正文。", f"{title}{toolbar}\n{ARTICLE}", f"{ARTICLE}{toolbar}"])) == {
        1,
        2,
    }


@pytest.mark.parametrize("button", ["打印", "我要纠错", "分享到：", "关闭窗口", "下载 打印"])
def test_a_button_goes_next_to_the_line_of_the_source_only(button: str) -> None:
    assert removed_from(f"水利规划\n2024-03-07 10:20 来源：清江日报\n{button}\n{ARTICLE}") == [f"{button}\n"]
    assert removed_from(f"水利规划\n{button}\n{ARTICLE}") == []


@pytest.mark.parametrize(
    "lines",
    [
        "软件手册\n打印\n收藏\n下载\n",
        "问卷\nA\nT\nA+\n",
        "尺码\n大\n中\n小\n",
        "说明\n打印机 收藏夹 下载量\n",
        "说明\n打印、收藏、下载\n",
        "说明\n本软件可以打印。\n下载 打印 收藏 关闭窗口\n",
        "各位代表：\n分享到：微信 微博\n",
    ],
)
def test_lines_like_a_toolbar_stay(lines: str) -> None:
    assert removed_from(f"{lines}{ARTICLE}") == []


@pytest.mark.parametrize("separator", [" ", "\n"])
def test_the_lines_of_a_toolbar_below_the_title_are_not_counted(separator: str) -> None:
    buttons = separator.join(
        ["下载", "打印", "全屏", "收藏", "【字号：", "加大", "还原", "减小", "】"]
    ).splitlines()
    title, fields = ["清江县政府工作报告", "——在清江县人民代表大会上"], ["来源：清江日报", "时间：2026-02-09"]
    article = ["县长 石青", "各位代表：", "现在，我代表县人民政府向大会报告工作。"]
    text = "\n".join([title[0], *buttons, title[1], *fields, *article])
    edges = find_edges(text)
    assert edges.metadata == {"publisher": "清江日报", "date": "2026-02-09"}
    removed = [text[slice(*span)] for span in edges.spans]
    assert "".join(removed).splitlines() == [*buttons, *fields]
