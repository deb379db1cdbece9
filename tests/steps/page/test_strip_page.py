"""The door of the stage: HTML first, then what a forum or site printed around the text."""

from __future__ import annotations

import pytest

from hanpack.steps.page.recognition import find_pages
from hanpack.steps.page.stripping import strip_page
from hanpack.steps.texts import JoinedTexts
from tests.steps.page.pages import expected_metadata, expected_text, read_sample
from tests.steps.traced_texts import trace


def test_a_saved_page_within_an_html_page_is_stripped_of_both() -> None:
    page = read_sample("government_report.txt").replace("\n", "<br>\n")
    result = strip_page(trace(f'<html><div id="postmessage_1">{page}</div></html>'))
    assert result.text == expected_text("government_report.txt")
    assert dict(result.metadata) == expected_metadata("government_report.txt")
    assert {edit.step for edit in result.edits} == {"html", "page"}


def test_the_metadata_of_the_html_page_counts_first() -> None:
    page = read_sample("government_report.txt").replace("\n", "<br>\n")
    result = strip_page(trace(f'<html><title>报告</title><td id="postmessage_1">{page}</td></html>'))
    assert result.metadata["title"] == "报告"
    assert result.metadata["publisher"] == "清江日报"


def test_a_text_that_is_no_page_comes_back_as_it_is() -> None:
    source = trace("各乡镇人民政府：\n现将水利规划印发给你们。\n")
    assert strip_page(source) is source


@pytest.mark.parametrize(
    ("text", "title", "date"),
    [
        (
            "政府工作报告\n——2026年1月27日在某省第七届人民代表大会会议上\n省长",
            "政府工作报告",
            "2026-01-27",
        ),
        ("水利工作要点 \n　　（2023年3月7日在全市水利会议上）\n同志们：", None, None),
        (
            "关于防汛的讲话\n　　——二〇二三年三月七日在防汛会议上的讲话\n同志们：",
            "关于防汛的讲话",
            "2023-03-07",
        ),
        ("我们要抓好落实。\n——2026年1月27日在某省第七届人民代表大会第五次会议上\n", None, None),
        ("要点\n——2026年1月27日在某省调研。\n", None, None),
        ("\n——2026年1月27日在全省会议上\n", None, None),
    ],
)
def test_the_title_and_day_of_a_report_are_read_and_both_lines_stay(
    text: str, title: str | None, date: str | None
) -> None:
    result = strip_page(trace(text))
    assert (result.text, result.metadata.get("title"), result.metadata.get("date")) == (text, title, date)
    assert title is None or find_pages(JoinedTexts(["另一篇。", text])) == {1}
