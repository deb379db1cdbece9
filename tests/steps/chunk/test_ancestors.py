"""Which heading is above the next: annexes have trees of their own, the numbers of a list are siblings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.chunk.heading_values import name_number
from hanpack.steps.chunk.headings import MarkedHeading
from hanpack.steps.chunk.outline import find_outline

SIGNS = st.sampled_from(["", "## "])
ANNEXES = st.sampled_from(["附：", "附件", "附件：", "附件1", "附件一：", "附表", "附图", "附錄", "附表2"])


def section_of(text: str, piece: str) -> tuple[str, ...]:
    return find_outline(text).section_at(text.index(piece))


@pytest.mark.parametrize("sign", ["", "## "])
@pytest.mark.parametrize(
    ("annex", "title"),
    [
        ("附：", "附："),
        ("附件", "附件"),
        ("附表1", "附表1"),
        ("附圖", "附圖"),
        ("附件1：办理流程图", "附件1：办理流程图"),
        ("附件二　名单（修订）", "附件二 名单（修订）"),
    ],
)
def test_an_annex_is_below_the_title_and_not_below_the_last_chapter(
    annex: str, title: str, sign: str
) -> None:
    law = f"# 某市条例\n\n{sign}第五章 附则\n\n第九条 本条例即日施行。\n\n"
    text = f"{law}{annex}\n\n{sign}一、标准\n甲级。\n{sign}二、范围\n乙级。\n"
    assert section_of(text, "甲级") == ("某市条例", title, "一、标准")
    assert section_of(text, "乙级") == ("某市条例", title, "二、范围")


@given(ANNEXES, ANNEXES, SIGNS, SIGNS)
def test_what_is_below_an_annex_does_not_depend_on_what_is_above_it(
    first: str, second: str, sign: str, sign_below: str
) -> None:
    body = f"{first}\n\n{sign_below}一、标准\n甲级。\n\n{sign_below}二、范围\n乙级。\n\n{second}\n\n丙级。\n"
    chapters = f"{sign}一、总则\n依法制定。\n\n{sign}二、附则\n即日施行。\n\n"
    alone, below = find_outline(body), find_outline(chapters + body)
    for position in range(len(body)):
        assert below.section_at(position + len(chapters)) == alone.section_at(position)


def test_a_heading_directly_after_an_annex_is_its_title() -> None:
    text = (
        "# 通知\n\n## 第二章 要求\n\n认真执行。\n\n附件\n\n## 申请表\n\n姓名。\n\n## 填表说明\n\n如实填写。\n"
    )
    assert section_of(text, "姓名") == ("通知", "附件", "申请表")
    assert section_of(text, "如实") == ("通知", "附件", "填表说明")


def test_chapters_of_markdown_that_go_on_after_an_annex_are_not_below_it() -> None:
    text = "# 手册\n\n## 第一章 安装\n\n附表\n\n参数。\n\n## 第二章 使用\n\n打开。\n"
    assert section_of(text, "参数") == ("手册", "附表")
    assert section_of(text, "打开") == ("手册", "第二章 使用")


@pytest.mark.parametrize(
    "text",
    [
        "特此通知。\n附件1：申请表\n附件2：汇总表\n某市教育局\n",
        "特此通知。\n附件1：申请表\n某市教育局\n附件1\n填写。\n",
        "特此通知。\n附件：1.申请表\n2.汇总表\n",
        "附件1：报送材料时请一并寄送，逾期不候。\n",
        "附则\n附近的居民\n附：本文由作者提供。\n",
    ],
)
def test_lines_that_announce_annexes_or_begin_like_one_are_no_headings(text: str) -> None:
    assert [heading.text for heading in find_outline(text).headings if "：" in heading.text] == []


@given(st.lists(SIGNS, min_size=2, max_size=12))
def test_the_numbers_of_one_list_are_siblings_whichever_lines_have_signs(signs: list[str]) -> None:
    titles = [f"{name_number(number)}、事项{number}" for number in range(1, len(signs) + 1)]
    parts = [f"{sign}{title}\n\n完成了{title[-1]}项。\n\n" for sign, title in zip(signs, titles, strict=True)]
    text = "# 报告\n\n" + "".join(parts)
    outline = find_outline(text)
    for title in titles:
        assert outline.section_at(text.index(title)) == ("报告", title)


@given(st.lists(st.booleans(), min_size=2, max_size=12))
def test_the_chapters_of_one_text_are_siblings_whichever_the_source_marks(is_marked: list[bool]) -> None:
    text, marked = "", []
    for number, is_heading in enumerate(is_marked, 1):
        title = f"第{name_number(number)}章 事项"
        marked += [MarkedHeading(len(text), len(text) + len(title), 2)] if is_heading else []
        text += f"{title}\n完成。\n"
    outline = find_outline(text, None, marked)
    assert [parent for parent in outline.parents if parent >= 0] == []
    assert len(outline.headings) == len(is_marked)


def test_a_list_of_its_own_below_a_heading_of_markdown_stays_below_it() -> None:
    text = "## 一、目标\n\n一、投资\n增长一成。\n\n二、就业\n新增一万。\n\n## 二、措施\n\n加强领导。\n"
    assert section_of(text, "新增") == ("一、目标", "二、就业")
    assert section_of(text, "加强") == ("二、措施",)


@pytest.mark.parametrize("number", ["1. ", "2. ", "12.\t"])
def test_the_mark_of_a_list_of_markdown_opens_no_section(number: str) -> None:
    text = f"## 材料\n\n应当提交材料。\n{number}身份证复印件\n其他材料由受理机关审核。\n\n## 流程\n\n办理。\n"
    assert section_of(text, "其他") == ("材料",)


def test_a_blank_after_one_number_of_a_row_of_headings_does_not_make_it_an_item() -> None:
    text = "## 执行\n\n33.拍卖\n公开进行。\n\n34. 变卖\n即时钱物两清。\n\n35.抵债\n依法裁定。\n"
    assert section_of(text, "即时") == ("执行", "34. 变卖")
    assert section_of(text, "依法") == ("执行", "35.抵债")
