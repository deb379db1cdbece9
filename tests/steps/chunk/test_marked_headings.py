"""Headings that the source marks are those of Markdown without its signs; YAML is under the first heading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.chunk.headings import MarkedHeading
from hanpack.steps.chunk.outline import find_opening_section, find_outline
from hanpack.steps.chunk.settings import ChunkSettings, Policy
from hanpack.steps.chunk.splitting import split_prepared, split_text
from hanpack.steps.tokens.counting import TiktokenCounter

COUNTER = TiktokenCounter(load_vocabulary("o200k_base"))

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
    assert find_opening_section(plain, marked) == find_opening_section(signed)


def test_one_that_does_not_begin_a_line_is_none() -> None:
    text = "前言：工作方案\n各单位要认真落实。\n"
    assert find_outline(text, None, [MarkedHeading(3, 7, 1)]).headings == ()
    assert find_outline(f"　{text}", None, [MarkedHeading(1, 8, 1)]).section_at(12) == ("前言：工作方案",)


@pytest.mark.parametrize("max_tokens", [48, 4096])
@pytest.mark.parametrize("policy", ["fill", "structure"])
def test_yaml_before_the_first_heading_is_in_its_section(max_tokens: int, policy: Policy) -> None:
    front = "---\ntitle: 接口说明\ndate: 2024-05-06\n---\n\n"
    text = f"{front}# 接口说明\n\n{'本接口提供查询。' * 20}\n"
    chunks = split_text(text, COUNTER, ChunkSettings(max_tokens=max_tokens, policy=policy)).chunks
    assert chunks[0].end > len(front)
    assert {chunk.section for chunk in chunks} == {("接口说明",)}
    headed = ChunkSettings(max_tokens=max_tokens, policy=policy, headings=True)
    assert split_text(text, COUNTER, headed).chunks[0].heading == ""


def test_a_part_of_level_0_ends_all_sections_and_may_begin_with_a_heading() -> None:
    parts = ["安装", "先备份，再更新。", "谢谢分享。", "截图", "见下图。", "一、补充", "已更新。"]
    text = "\n".join(parts) + "\n"
    marks = {"安装": [2], "谢谢分享。": [0], "截图": [0, 3], "一、补充": [0]}
    marked = [
        MarkedHeading(text.index(part), text.index(part) + len(part), level)
        for part, levels in marks.items()
        for level in levels
    ]
    outline = find_outline(text, None, marked)
    assert [outline.section_at(text.index(part)) for part in parts] == [
        *[("安装",)] * 2,
        (),
        *[("截图",)] * 2,
        *[("一、补充",)] * 2,
    ]
    settings = ChunkSettings(max_tokens=16, policy="structure", headings=True)
    chunks = split_text(text, COUNTER, settings).chunks
    assert "".join(text[chunk.start : chunk.end] for chunk in chunks) == text


@given(
    st.lists(
        st.sampled_from(
            ["一、目标", "（二）任务", "认真落实。", "第三条 执行。", "\n", "　", "| 年 |\n| - |\n", "```\n"]
        )
    ),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9), st.integers(0, 6)), max_size=6),
    st.sampled_from(["fill", "structure"]),
)
def test_no_headings_of_a_source_change_what_chunks_are(
    pieces: list[str], spans: list[tuple[int, int, int]], policy: Policy
) -> None:
    text = "".join(pieces)
    marked: list[MarkedHeading] = []
    for start, size, level in sorted(spans):
        if start + size <= len(text) and (not marked or start >= marked[-1].end or not marked[-1].level):
            marked.append(MarkedHeading(start, start + size, level))
    settings = ChunkSettings(max_tokens=16, policy=policy, headings=True)
    chunks = split_prepared(text, COUNTER, COUNTER.prepare(text), settings, marked).chunks
    assert "".join(text[chunk.start : chunk.end] for chunk in chunks) == text
    counts = [COUNTER.count(chunk.heading + text[chunk.start : chunk.end]) for chunk in chunks]
    assert counts == [chunk.token_count for chunk in chunks]
    assert max(counts, default=0) <= 16


def test_a_heading_that_the_beginning_of_a_text_does_not_reach_is_not_in_its_section() -> None:
    text = "一、工作回顾\n投资增长。\n第二部分\n继续努力。\n"
    marked = [MarkedHeading(0, 6, 1), MarkedHeading(13, 17, 1)]
    assert find_opening_section(text[:12], marked) == find_outline(text, None, marked).section_at(0)
