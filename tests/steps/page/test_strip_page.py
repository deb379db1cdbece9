"""The door of the stage: HTML first, then what a forum or site printed around the text."""

from __future__ import annotations

from hanpack.steps.page import strip_page
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
