"""A table of contents is no part of the outline; the sections after it are those of the text."""

from __future__ import annotations

import pytest

from hanpack.steps.chunk.heading_patterns import KIND
from hanpack.steps.chunk.headings import MarkedHeading
from hanpack.steps.chunk.outline import find_outline
from tests.growth import NEARLY_LINEAR, measure_growth

CHAPTERS = ("第一章 总 则", "第二章 规划管理", "第三章 法律责任", "第四章 附 则")


def make_law(contents: str, *body: str) -> str:
    parts = (
        f"{title}\n\n第{number}条 按照规定执行。\n\n" for title, number in zip(body, "一二三四", strict=False)
    )
    return f"# 某市防护林条例\n\n2019年5月31日通过\n\n{contents}\n\n{''.join(parts)}"


@pytest.mark.parametrize("signs", ["## ", ""])
def test_chapters_follow_their_own_headings_after_a_table_of_contents(signs: str) -> None:
    titles = [signs + chapter for chapter in CHAPTERS]
    text = make_law("\n\n".join(titles), *titles)
    outline = find_outline(text)
    sections = [outline.section_at(text.index(f"第{number}条")) for number in "一二三四"]
    assert sections == [
        ("某市防护林条例", chapter, f"第{number}条")
        for chapter, number in zip(CHAPTERS, "一二三四", strict=True)
    ]
    assert len(outline.headings) == 9
    # The table itself is under the title.
    assert outline.section_at(text.index("第三章")) == ("某市防护林条例",)


def test_a_title_without_its_number_after_the_contents_is_a_heading() -> None:
    text = make_law(
        "\n\n".join(f"## {title}" for title in CHAPTERS), "总 则", "规划管理", "## 第三章 法律责任", "附则"
    )
    outline = find_outline(text)
    sections = [outline.section_at(text.index(f"第{number}条"))[1] for number in "一二三四"]
    assert sections == ["总 则", "规划管理", "第三章 法律责任", "附则"]


def test_titles_without_a_text_that_never_come_again_are_contents_if_nothing_goes_on_from_them() -> None:
    text = make_law("\n\n".join(f"## {title}" for title in CHAPTERS))
    text += "第一条 按照规定执行。\n第二条 自公布之日起施行。\n"
    assert find_outline(text).section_at(text.index("第二条")) == ("某市防护林条例", "第二条")


def test_nested_entries_and_those_of_a_web_page_are_contents_too() -> None:
    titles = ["一、总体要求", "（一）思路", "（二）目标", "二、任务", "三、保障"]
    levels = [2, 3, 3, 2, 2]
    signed = [f"{'#' * level} {title}" for level, title in zip(levels, titles, strict=True)]
    body = "\n".join(f"{title}\n认真落实，确保实效。" for title in signed)
    text = "\n".join(signed) + f"\n{body}\n"
    outline = find_outline(text)
    assert [heading.text for heading in outline.headings] == titles
    assert outline.section_at(text.rindex("认真")) == ("三、保障",)
    plain = text.replace("#", "").replace("\n ", "\n").strip(" ")
    marked, start = [], 0
    for level, title in zip(levels * 2, titles * 2, strict=True):
        start = plain.index(title, start)
        marked.append(MarkedHeading(start, start + len(title), level))
        start += len(title)
    assert [heading.text for heading in find_outline(plain, None, marked).headings] == titles


@pytest.mark.parametrize(
    "text",
    [
        # A heading below a heading below a heading; a part that is still empty, with others after it.
        "# 方案\n## 一、目标\n### （一）思路\n认真落实。\n## 二、任务\n认真落实。\n",
        "# 方案\n## 背景\n## 目标\n## 任务\n## 方法\n认真落实。\n## 保障\n认真落实。\n",
        "# 方案\n## 背景\n## 目标\n认真落实。\n",
    ],
)
def test_other_headings_without_text_are_headings(text: str) -> None:
    assert len(find_outline(text).headings) == text.count("\n#") + 1


def test_the_search_takes_linear_time() -> None:
    unit = "## 甲\n## 乙\n## 丙\n文。\n"
    assert measure_growth(find_outline, unit, 40_000) < NEARLY_LINEAR


def test_the_lines_of_many_tables_are_found_in_linear_time() -> None:
    def find_outline_of_numbered(text: str) -> None:
        find_outline("".join(f"第{number}章 {line}\n" for number, line in enumerate(text.split("甲"), 1)))

    assert measure_growth(find_outline_of_numbered, "规划甲管理甲责任\n完成。\n甲", 60_000) < NEARLY_LINEAR


def test_a_line_is_a_heading_by_the_first_table_that_names_it() -> None:
    first = "第一章 总则\n第二章 规划\n第三章 附则\n完成。\n"
    second = "第一节 规划\n第二节 管理\n第三节 责任\n完成。\n规划\n推进。\n"
    headings = [heading for heading in find_outline(first + second).headings if heading.text == "规划"]
    assert [heading.level for heading in headings] == [KIND["chapter"].rank]
