"""The layout of printed pages is undone under named edits, and text without such a layout stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.printed_pages import undo_layout
from hanpack.steps.traced import Traced, count_removed
from tests.growth import NEARLY_LINEAR, measure_growth

INDENT = "\u3000\u3000"
# 40 columns of text without a mark at its end.
FULL = "全县上下坚持稳中求进工作总基调统筹推进各"
HALVES = ["坚持稳中求进工作总基", "统筹推进各项重点工作", "农业农村优先发展方针", "粮食安全责任落实到位"]
LINES = [first + second for first in HALVES for second in HALVES]
SHORT = "取得新的成绩。"


def undo(text: str) -> str:
    return undo_layout(decode(text.encode(), "utf-8")).text


def make_pages(*pages: str, head: str = "某县人民政府公报", foot: str = "— {} —") -> str:
    """A text with a form feed after each page, a running head and a page number."""
    return "".join(f"{head}\n{page}\n{foot.format(number)}\n\f" for number, page in enumerate(pages, 7))


def test_heads_and_numbers_are_removed_and_a_paragraph_goes_on_on_the_next_page() -> None:
    first = [INDENT + LINES[0][:18], *LINES[1:5], SHORT]
    second = [INDENT + LINES[5][:18], *LINES[6:12], SHORT]
    text = make_pages("\n".join([*first, *second[:2]]), "\n".join(second[2:5]), "\n".join(second[5:]))
    assert undo(text) == f"{''.join(first)}\n{''.join(second)}"


@pytest.mark.parametrize(
    "foot",
    [
        "{}",
        "第{}页",
        "第 {} 页 共 30 页",
        "第{}页（共30页）",
        "- {} -",
        "·{}·",
        "Page {} of 30",
        "{}/30",
        "{} / 30",
    ],
)
def test_a_page_number_is_removed_however_it_is_written(foot: str) -> None:
    assert undo(make_pages("一。", "二。", "三。", head="公报  第{}期", foot=foot)) == "一。\n二。\n三。"


def test_a_title_that_is_the_same_as_the_running_head_is_kept() -> None:
    text = "一。\n二。\n三。\n四。"
    assert (
        undo(make_pages(f"某县人民政府公报\n{text}", text, text))
        == f"某县人民政府公报\n{text}\n{text}\n{text}"
    )


def test_a_heading_that_is_marked_is_joined_with_no_line() -> None:
    lines = [LINES[0], f"## {LINES[1][:18]}", LINES[2], LINES[3], SHORT]
    assert undo("\n".join(lines)).split("\n")[1] == lines[1]


def test_heads_of_left_and_right_pages_differ() -> None:
    pages = [f"{('公报' if number % 2 else '法规')}\n{number}。\n\f" for number in range(20, 30)]
    assert undo("".join(pages)) == "\n".join(f"{number}。" for number in range(20, 30))


@pytest.mark.parametrize("foot", ["{}", "— {} —", "第{}页 共4页", "内部资料　{}"])
@pytest.mark.parametrize("head", ["某县人民政府公报", "公报 2024年第3期", ""])
@pytest.mark.parametrize("count", [3, 4])
def test_heads_and_numbers_of_two_pages_of_few_go(count: int, head: str, foot: str) -> None:
    title = "关于防汛工作的通知\n一。\n\f"
    pages = [f"{head}\n{number}号文。\n{foot.format(number)}\n\f" for number in (2, 3)]
    end = "完。\n\f" * (count - 3)
    expected = ["关于防汛工作的通知", "一。", "2号文。", "3号文。", *["完。"] * (count - 3)]
    assert undo(title + "".join(pages) + end).splitlines() == expected


@pytest.mark.parametrize(
    "text",
    [
        # Two parts with the same title, figures, years and sentences at the edges of two pages.
        "封面\n\f# 会议纪要\n一。\n\f# 会议纪要\n二。\n",
        "封面\n\f产值\n15\n\f人口\n30\n",
        "封面\n\f甲\n2023\n\f乙\n2024\n",
        "封面\n\f特此通知。\n一\n\f特此通知。\n二\n",
        # Of many pages two are too few.
        "\f".join([*"甲乙丙", "名单\n丁", "名单\n戊", "己"]),
    ],
)
def test_what_two_pages_of_few_share_by_chance_stays(text: str) -> None:
    assert undo(text).splitlines() == [line for line in text.replace("\f", "\n").splitlines() if line]


@pytest.mark.parametrize("count", [3, 4])
@pytest.mark.parametrize("line", ["市人民政府：", "市人民政府", "各有关单位:"])
def test_the_same_line_below_the_heads_of_few_pages_is_body(line: str, count: int) -> None:
    pages = [f"{line}\n{number}号文。\n完。" for number in range(count)]
    assert undo(make_pages(*pages)) == "\n".join(pages)


def test_a_line_that_is_in_mid_page_about_as_often_as_at_edges_is_body() -> None:
    text = "\f".join("\n".join(["坚持问题导向"] * 12) for _ in range(3))
    assert undo(text).count("坚持问题导向") == 36


def test_pages_without_form_feeds_end_with_their_numbers() -> None:
    text = "\n".join(f"公报\n{LINES[number]}\n{LINES[-number]}\n— {number} —" for number in range(1, 5))
    assert undo(text) == "".join(LINES[number] + LINES[-number] for number in range(1, 5))


@pytest.mark.parametrize(
    "text",
    [
        # A year, an amount and a chapter alone on a line are no page numbers.
        "甲\n2023\n乙\n2024\n",
        "产值\n15\n\f人口\n30\n\f面积\n8\n\f",
        # Sentences may repeat at the tops of pages, and headings of parts may count with them.
        "本条废止。\n一\n\f本条废止。\n二\n\f本条废止。\n三\n\f",
        "第1章 甲\n一\n\f第2章 甲\n二\n\f第3章 甲\n三\n\f",
        # Lines that are as long as they happen to be.
        f"{FULL}\n短句一\n{FULL[:9]}\n另一句话\n{FULL[:15]}\n",
        # A poem, a list, a table and code.
        "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。",
        "\n".join(f"{number}. {FULL}" for number in range(1, 6)),
        "\n".join(f"| {FULL} | {number} |" for number in range(5)),
        "\n".join(["```", *[FULL] * 5, "```"]),
        # Paragraphs that fill their line and end with a sentence.
        "\n".join([f"{FULL}。"] * 5),
        "\n\n".join([FULL] * 5),
        "",
        "\n",
    ],
)
def test_a_text_that_is_no_print_stays_as_it_is(text: str) -> None:
    kept = text.replace("\n\f", "\n").removesuffix("\n") if "\f" in text else text
    assert undo(text) == kept


def test_a_heading_begins_a_line_of_its_own() -> None:
    lines = [f"{FULL}。", "第二章 农业", FULL, FULL, FULL, SHORT, "（一）粮食", FULL, SHORT]
    assert undo("\n".join(lines)) == "\n".join(
        [f"{FULL}。", "第二章 农业", FULL * 3 + SHORT, "（一）粮食", FULL + SHORT]
    )


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("in the middle of the lo-", "cal plan", "in the middle of the local plan"),
        ("in the middle of the old", "local plan", "in the middle of the old local plan"),
        ("全县生产总值达到一百亿元", "同比增长", "全县生产总值达到一百亿元同比增长"),
    ],
)
def test_words_are_kept_apart_and_divided_words_are_put_together(
    first: str, second: str, joined: str
) -> None:
    assert undo("\n".join([first, first, first, second])).endswith(joined)


@pytest.mark.parametrize(
    "unit", ["甲" * 20 + "\n", "公报\n\f", "— 1 —\n", "\n", "\f", "1", "`" * 3 + "\n", "第", "a-\n"]
)
def test_the_time_grows_with_the_text(unit: str) -> None:
    assert measure_growth(undo, unit, 24_000) < NEARLY_LINEAR


@given(st.text(st.sampled_from("甲乙a1 \u3000\n\r\f。—第页|-`")))
def test_every_character_is_kept_or_removed_by_an_edit_of_the_step(text: str) -> None:
    traced = decode(text.encode(), "utf-8")
    undone: Traced = undo_layout(traced)
    assert {edit.step for edit in undone.edits} <= {"layout"}
    kept = len(text.encode()) - sum(count_removed(undone).values())
    assert kept <= len(text.encode())
    assert "\f" not in undone.text
