"""The table of contents of printed pages is removed, and what only looks like one stays."""

from __future__ import annotations

import pytest

from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.printed_pages import undo_layout
from tests.growth import NEARLY_LINEAR, measure_growth

TITLES = ["一、综合", "二、农业", "三、工业和建筑业"]
TEXT = "\n".join(f"{title}\n全年增加值增长。" for title in TITLES)


def undo(text: str) -> str:
    return undo_layout(decode(text.encode(), "utf-8")).text


@pytest.mark.parametrize("leader", ["…" * 20, "." * 40, " . . . . . . . ", "······", "\t", "　　　"])
@pytest.mark.parametrize("heading", ["目 录", "## 目　录", "目录", "目次", "CONTENTS"])
@pytest.mark.parametrize("page", ["{}", "({})", "{} "])
def test_a_table_of_contents_with_a_heading_goes(heading: str, leader: str, page: str) -> None:
    entries = "\n".join(f"{title}{leader}{page.format(3 * n + 1)}" for n, title in enumerate(TITLES))
    assert undo(f"某市统计公报\n{heading}\n{entries}\n{TEXT}") == f"某市统计公报\n{TEXT}"


def test_one_over_several_pages_with_titles_of_two_lines_goes() -> None:
    first = "目录\n一、综合……………2\n二、关于进一步推进农业农村\n现代化的若干问题……………8\n\f"
    second = "三、工业和建筑业……………15\n\f"
    assert undo(f"公报\n{first}{second}{TEXT}\n\f完。") == f"公报\n{TEXT}\n完。"


def test_entries_without_a_heading_go_if_their_titles_come_again() -> None:
    entries = "\n".join(f"{title}………{n + 2}" for n, title in enumerate(TITLES))
    assert undo(f"公报\n{entries}\n{TEXT}") == f"公报\n{TEXT}"
    other = TEXT.replace("、", "章 ")
    assert undo(f"公报\n{entries}\n{other}") == f"公报\n{entries}\n{other}"


@pytest.mark.parametrize(
    "text",
    [
        # A heading alone, entries whose pages go back, sentences, figures of a table, and prices.
        "目录\n全年增加值增长。\n完。",
        "目录\n一、综合……………9\n二、农业……………3\n一、综合\n二、农业",
        "目 录\n图书馆有目录 12\n完。",
        "指标\t2020\n人口\t3000\n面积\t4000\n完。",
        "苹果………3\n梨………5\n桃………8\n完。",
        "他说……1\n她说……2\n我说……3",
        # A text that is nothing else.
        "目录\n一、综合……………2\n二、农业……………3",
    ],
)
def test_what_is_no_table_of_contents_stays(text: str) -> None:
    assert undo(text) == text


def test_the_rows_after_a_table_of_contents_stay() -> None:
    entries = "\n".join(f"{title}………{n + 2}" for n, title in enumerate(TITLES))
    assert undo(f"目录\n{entries}\n一、综合\n人口\t2000\n面积\t3000") == "一、综合\n人口\t2000\n面积\t3000"


@pytest.mark.parametrize("unit", ["目录\n", "…………1\n", "目录\n甲……………2\n乙\n", "甲……………2\n", ". . "])
def test_the_time_grows_with_the_text(unit: str) -> None:
    assert measure_growth(undo, unit, 24_000) < NEARLY_LINEAR
