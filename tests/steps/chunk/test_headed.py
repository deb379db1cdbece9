"""Laws of chunks with headings: the budget holds for both together, and the text is covered once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.chunk.headed import split_headed
from hanpack.steps.tokens.counting import TiktokenCounter

REPORT = (
    "一、工作回顾\n(一)经济运行稳中有进。全年地区生产总值增长6%，固定资产投资增长8%。"
    "(二)民生持续改善。新建学校三所，改造老旧小区十二个。\n"
    "二、下一步打算\n(一)抓项目。加快重点项目建设，力争早日投产见效。(二)抓作风。坚持真抓实干。\n"
) * 3


@pytest.fixture(scope="module")
def counter() -> TiktokenCounter:
    return TiktokenCounter(load_vocabulary("o200k_base"))


@settings(max_examples=30, deadline=None)
@given(budget=st.integers(16, 120), repeats=st.integers(1, 3), overlap=st.integers(0, 8))
def test_text_and_headings_fit_the_budget_and_cover_the_text(
    counter: TiktokenCounter, budget: int, repeats: int, overlap: int
) -> None:
    text = REPORT * repeats
    splitting = split_headed(text, counter, budget, overlap)
    reached = 0
    for one in splitting.chunks:
        body = text[one.chunk.start : one.chunk.end]
        assert one.token_count == counter.count(one.heading + body) <= budget
        assert one.chunk.start <= reached
        reached = one.chunk.end
    assert reached == len(text)
    assert splitting.token_count == counter.count(text)


def test_a_chunk_bears_the_headings_above_it_and_repeats_none_of_its_own(counter: TiktokenCounter) -> None:
    chunks = split_headed(REPORT, counter, 64).chunks
    assert any(one.heading.startswith(("一、工作回顾", "二、下一步打算")) for one in chunks)
    assert chunks[0].heading == ""
    for one in chunks:
        body = REPORT[one.chunk.start : one.chunk.end]
        assert not (one.heading and body.lstrip().startswith(one.heading.splitlines()[-1]))


def test_a_text_without_headings_is_split_as_ever(counter: TiktokenCounter) -> None:
    chunks = split_headed("没有标题的一段话。" * 40, counter, 64).chunks
    assert {one.heading for one in chunks} == {""}
