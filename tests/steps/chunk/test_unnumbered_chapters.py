"""The name of a chapter that lost its number is a heading between the articles of a law."""

from __future__ import annotations

import pytest

from hanpack.steps.chunk.headings import ARTICLE_RANK
from hanpack.steps.chunk.outline import find_outline


def make_law(*lines: str) -> str:
    return "\n\n".join(("# 某市住宅小区物业管理条例", "2019年5月31日通过", *lines)) + "\n"


def path_of(text: str, article: str) -> tuple[str, ...]:
    return find_outline(text).section_at(text.index(article))


@pytest.mark.parametrize("signs", ["## ", ""])
def test_a_line_between_two_articles_is_a_chapter_of_the_rank_of_the_others(signs: str) -> None:
    text = make_law(
        *(f"{signs}第一章 总则", "第一条 适用于本市。", "物业管理区域", "第二条 划定区域。", "第三条 备案。"),
        *(f"{signs}第三章 附则", "第四条 自公布之日起施行。"),
    )
    assert path_of(text, "第一条")[1:] == ("第一章 总则", "第一条")
    assert path_of(text, "物业管理区域")[1:] == ("物业管理区域",)
    assert path_of(text, "第三条")[1:] == ("物业管理区域", "第三条")
    assert path_of(text, "第四条")[1:] == ("第三章 附则", "第四条")


def test_a_law_without_any_number_of_a_chapter_has_chapters_under_its_title() -> None:
    text = make_law("第一条 适用于本市。", "监督检查", "第二条 检查（可以委托）。", "附 则", "第三条 施行。")
    assert path_of(text, "第二条") == ("某市住宅小区物业管理条例", "监督检查", "第二条")
    assert path_of(text, "第三条") == ("某市住宅小区物业管理条例", "附 则", "第三条")


def test_a_name_of_two_lines_is_one_heading() -> None:
    text = make_law("## 第一章 总则", "第一条 适用。", "审查国民经济", "和社会发展计划", "第二条 审查。")
    assert path_of(text, "第二条")[1:] == ("审查国民经济 和社会发展计划", "第二条")


def test_it_is_a_section_where_no_number_of_a_chapter_is_missing() -> None:
    text = make_law(
        *("## 第一章 业主", "### 第一节 业主大会", "第一条 依法召开。", "业主委员会", "第二条 依法选举。"),
        *("## 第二章 附则", "第三条 施行。"),
    )
    assert path_of(text, "第二条")[1:] == ("第一章 业主", "业主委员会", "第二条")


@pytest.mark.parametrize(
    "line",
    [
        # The end of a list, a formula, an article without a text, a note, the end of a sentence, numbers.
        "下列物品：\n\n烟草专用机械",
        "计算公式：\n\n应纳税额＝价格×税率",
        "第二百条 （删去）",
        "本條未修正",
        "应当依法备案。",
        "（一）甲",
        "一、移交企业的处理",
        "二、",
    ],
)
def test_other_lines_between_two_articles_are_no_chapters(line: str) -> None:
    text = make_law("第一章 总则", "第一条 适用于本市。", line, "第三条 施行。")
    outline = find_outline(text)
    chapters = [heading.text for heading in outline.headings if heading.level < ARTICLE_RANK]
    assert chapters == ["某市住宅小区物业管理条例", "第一章 总则"]
    assert path_of(text, "第三条")[1:] == ("第一章 总则", "第三条")


def test_a_line_before_the_first_article_of_another_law_is_no_chapter() -> None:
    text = make_law("第一条 适用于本市。", "某市烟草专卖条例", "第一条 为了规范管理。", "第二条 施行。")
    assert "某市烟草专卖条例" not in [heading.text for heading in find_outline(text).headings]
