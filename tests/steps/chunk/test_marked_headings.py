"""Headings that the source marks, and the text does not, are those of Markdown without its signs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.chunk import MarkedHeading
from hanpack.steps.chunk.outline import find_opening_section, find_outline

TITLES = ("工作方案", "一、总体目标", "（一）具体做法", "第一章 总则", "1.2 范围")
BODIES = (
    "各单位要认真落实。",
    "一是抓项目，投资增加。二是抓产业，企业增加。",
    "（二）保障措施\n完成任务。",
    "",
)
PARTS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(TITLES), st.sampled_from(BODIES)), min_size=1, max_size=8
)


def join_parts(parts: list[tuple[int, str, str]]) -> tuple[str, list[MarkedHeading], str, list[int]]:
    """The text without signs and its headings; the text with them, and where each part of both begins."""
    plain, marked, starts = "", [], []
    signed = ""
    for level, title, body in parts:
        marked.append(MarkedHeading(len(plain), len(plain) + len(title), level))
        rest = f"\n{body}\n" if body else "\n"
        starts.append(len(signed) - len(plain))
        plain += title + rest
        signed += f"{'#' * level} {title}{rest}"
    return plain, marked, signed, starts


@given(PARTS)
def test_their_sections_are_those_of_markdown(parts: list[tuple[int, str, str]]) -> None:
    plain, marked, signed, shifts = join_parts(parts)
    outline, of_markdown = find_outline(plain, None, marked), find_outline(signed)
    limits = [*(heading.start for heading in marked[1:]), len(plain)]
    for heading, limit, shift in zip(marked, limits, shifts, strict=True):
        for position in (heading.start, *range(heading.end, limit)):
            signs = heading.level + 1 if position > heading.start else 0
            assert outline.section_at(position) == of_markdown.section_at(position + shift + signs)
    assert find_opening_section(plain, marked) == outline.section_at(0)


def test_one_that_does_not_begin_a_line_is_none() -> None:
    text = "前言：工作方案\n各单位要认真落实。\n"
    assert find_outline(text, None, [MarkedHeading(3, 7, 1)]).headings == ()
    assert find_outline(f"　{text}", None, [MarkedHeading(1, 8, 1)]).section_at(12) == ("前言：工作方案",)
