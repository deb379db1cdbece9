"""A text that begins with a first heading, or with a title above its author, has that title."""

from __future__ import annotations

import pytest

from hanpack.steps.page.recognition import find_pages
from hanpack.steps.page.stripping import strip_page
from hanpack.steps.texts import JoinedTexts
from tests.steps.traced_texts import trace

BODY = "今年以来，全县经济平稳增长。\n"
PAPER = "各乡镇人民政府：\n现将有关事项通知如下，请认真贯彻执行，并及时报送落实的情况，有问题请反映。\n"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"# 工作报告\n\n{BODY}", "工作报告"),
        (f"# 审计条例 #\n2012年1月1日公布\n{BODY}", "审计条例"),
        (f"\n工作报告\n=====\n\n{BODY}", "工作报告"),
        (f"《渡口》\n　　作者：石青\n\n{BODY}", "渡口"),
        (f"山中笔记\n\n作  者: 石青\n{BODY}", "山中笔记"),
        (f"关于做好春耕工作的通知\n\n{PAPER}", "关于做好春耕工作的通知"),
        (f"　　　　物业管理办法（试行）\r\n\r\n{PAPER}", "物业管理办法（试行）"),
        (f"某市水利局\n关于春季防汛的报告\n{PAPER}", "某市水利局关于春季防汛的报告"),
        (f"工 作 报 告\n\n{PAPER}", "工作报告"),
        (f"工　作　报　告\n\n----2012年2月29日在某区人民代表大会第六次会议上\n\n{PAPER}", "工作报告"),
        (f"某市中级人民法院\n民 事 判 决 书\n（2023）01民初1号\n{PAPER}", "某市中级人民法院民事判决书"),
        (f"刑事裁定书\n（2023）01刑初1号\n{PAPER}", "刑事裁定书"),
        (f"臺灣臺北地方法院民事判決\n112年度訴字第1號\n{PAPER}", "臺灣臺北地方法院民事判決"),
        (f"某县人民检察院\n起诉书\n{PAPER}", "某县人民检察院起诉书"),
        (f"通　　知\n\n{PAPER}", "通知"),
        (f"公告\n{PAPER}", "公告"),
        (f"某市教育局\n关于放假的通　知\n{PAPER}", "某市教育局关于放假的通知"),
        (f"---\ntags: [县]\n---\n# 工作报告\n{BODY}", "工作报告"),
        (f"---\ntitle: 年报\n---\n# 工作报告\n{BODY}", "年报"),
    ],
)
def test_a_title_at_the_beginning_is_that_of_the_text(text: str, title: str) -> None:
    stripped = strip_page(trace(text))
    assert (stripped.metadata["title"], stripped.text) == (title, text.rpartition("---\n")[2])
    assert find_pages(JoinedTexts(["正文。", text])) == {1}


@pytest.mark.parametrize(
    "text",
    [
        f"## 主要工作\n\n{BODY}",
        f"{BODY}# 工作报告\n",
        "# -*- coding: utf-8 -*-\nimport re\n",
        "# 统计字数\nimport re\n",
        "#话题#讨论\n",
        f"# 一、主要工作\n\n{BODY}",
        f"# 1. 概述\n\n{BODY}",
        f"# 第一章 总则\n\n{BODY}",
        f"今年的工作。\n作者：石青\n{BODY}",
        f"今天我看了报告\n{PAPER}",
        f"请写一份工作报告\n{PAPER}",
        f"一、工作报告\n{PAPER}",
        f"张　三\n{PAPER}",
        f"防火工作的通知\n防汛工作的通知\n{PAPER}",
        "关于防火工作的通知\n略。\n",
        f"关于防火，发出通知\n{PAPER}",
        f"总结\n{PAPER}",
        f"他去了法院\n判决书\n{PAPER}",
        f"某市教育局\n张 三\n{PAPER}",
    ],
)
def test_other_beginnings_are_no_titles(text: str) -> None:
    assert "title" not in strip_page(trace(text)).metadata


def test_lines_that_begin_posts_make_a_text_a_page() -> None:
    text = f"防汛\n青石 发表于 2024-1-1 12:00\n{BODY}流水 发表于 2024-1-2 8:05\n同意。\n"
    assert find_pages(JoinedTexts(["正文。", text])) == {1}
