"""The policy ``structure`` never cuts a unit that fits, and reserves only the tokens that it uses."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.chunk.boundaries import is_cluster_limit
from hanpack.steps.chunk.heading_budget import join_headings
from hanpack.steps.chunk.outline import find_outline
from hanpack.steps.chunk.settings import ChunkSettings
from hanpack.steps.chunk.splitting import split_text
from hanpack.steps.tokens.counting import TiktokenCounter
from tests.steps.chunk.samples import TEXTS as SAMPLES

CORPORA = Path(__file__).parents[4] / "shared" / "data" / "corpora"
COUNTER = TiktokenCounter(load_vocabulary("o200k_base"))
PIECES = (
    *(
        "# 某条例\n",
        "## 第一章　总则\n\n",
        "## 第二章　监督\n\n",
        "第一节 一般规定\n",
        "第一条　",
        "第二条　",
    ),
    *("第三条 ", "（一）", "（二）", "一、", "二、", "1.", "一是", "\n", "\n", "。\n", "。", "：\n", "，"),
    *("为了规范管理", "各级人民政府应当", "保护环境", "2024年", "hello ", "\u200d", "👨\u200d👩\u200d👧"),
)
RECOMMENDED = ChunkSettings(max_tokens=256, overlap=64, policy="structure", headings=True)


def list_units(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the headings with the text directly under them and the headings directly above them."""
    outline = find_outline(text)
    starts = [0]
    for index, place in enumerate(outline.places):
        if outline.parents[index] == index - 1 and (
            not outline.has_text_under(index - 1, place) if index else not text[:place].strip()
        ):
            continue
        starts.append(place)
    for start, end in pairwise(sorted({*starts, len(text)})):
        if is_cluster_limit(text, start) and is_cluster_limit(text, end):
            yield start, end


def find_cut_units(text: str, chosen: ChunkSettings) -> tuple[int, list[str]]:
    """How many units fit the budget with the headings before them, and those of them that are cut."""
    outline = find_outline(text)
    ends = [chunk.end for chunk in split_text(text, COUNTER, chosen).chunks]
    fitting, cut = 0, []
    for start, end in list_units(text):
        heading = join_headings(outline.headings_before(start, start)) if chosen.headings else ""
        if COUNTER.count(heading + text[start:end]) <= chosen.max_tokens:
            fitting += 1
            cut += [text[start:end] for position in ends if start < position < end]
    return fitting, cut


@settings(max_examples=400, deadline=None)
@given(
    text=st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    max_tokens=st.integers(8, 60),
    part=st.integers(0, 4),
    headings=st.booleans(),
    minimum=st.integers(0, 8),
)
@example(text="一是# 某条例\n。# 某条例\n", max_tokens=8, part=0, headings=False, minimum=0)
def test_a_unit_of_the_outline_that_fits_with_its_headings_is_never_cut(
    text: str, max_tokens: int, part: int, headings: bool, minimum: int
) -> None:
    chosen = ChunkSettings(
        max_tokens=max_tokens,
        overlap=max_tokens * part // 8,
        policy="structure",
        headings=headings,
        minimum=minimum,
    )
    assert find_cut_units(text, chosen)[1] == []


@settings(max_examples=150, deadline=None)
@given(text=st.lists(st.sampled_from(PIECES), max_size=80).map("".join), max_tokens=st.integers(24, 60))
def test_an_overlap_takes_nothing_from_chunks_that_begin_a_section(text: str, max_tokens: int) -> None:
    units = list_units(text)
    if all(COUNTER.count(text[start:end]) <= max_tokens for start, end in units):
        plain, overlapping = (
            ChunkSettings(max_tokens=max_tokens, policy="structure", overlap=overlap)
            for overlap in (0, max_tokens // 2)
        )
        assert split_text(text, COUNTER, overlapping) == split_text(text, COUNTER, plain)


@pytest.mark.parametrize("headings", [False, True])
def test_chunks_of_a_law_are_full_with_an_overlap_too(headings: bool) -> None:
    article = "第{}条　各级人民政府应当建立健全监督管理机制，依法履行职责，并对社会公布有关情况。\n"
    text = "# 某市公园管理条例\n\n" + "".join(
        f"## 第{chapter}章　监督管理\n\n"
        + "".join(article.format(f"{chapter}十{n}") for n in "一二三四五六七八")
        for chapter in "一二三四五六七八九"
    )
    chosen = ChunkSettings(max_tokens=128, overlap=48, policy="structure", headings=headings)
    counts = [chunk.token_count for chunk in split_text(text, COUNTER, chosen).chunks]
    article_tokens = COUNTER.count(article.format("一十一"))
    assert max(counts) >= 128 - article_tokens


@pytest.mark.parametrize("max_tokens", [128, 256])
@pytest.mark.parametrize("headings", [False, True])
def test_units_of_official_documents_that_fit_are_never_cut(max_tokens: int, headings: bool) -> None:
    chosen = ChunkSettings(max_tokens=max_tokens, overlap=24, policy="structure", headings=headings)
    results = [find_cut_units(text, chosen) for text in SAMPLES.values()]
    assert sum(fitting for fitting, _ in results) > 40
    assert [cut for _, cut in results if cut] == []


@pytest.mark.parametrize("headings", [False, True])
@pytest.mark.parametrize("max_tokens", [40, 48, 56, 60, 128])
def test_a_section_that_fits_without_the_yaml_before_it_is_not_cut(max_tokens: int, headings: bool) -> None:
    front = "---\ntitle: 城市更新项目管理手册\ndate: 2024-03-12\ntags: [更新, 管理]\n---\n\n"
    body = "本手册适用于全市范围内的城市更新项目，由住房和城乡建设部门负责解释。各区应当组织实施。"
    section = f"# 总体要求\n\n{body}\n"
    text = f"{front}{section}## 验收\n\n验收由第三方进行。\n"
    chosen = ChunkSettings(max_tokens=max_tokens, policy="structure", headings=headings)
    assert COUNTER.count(section) <= 40 < 60 < COUNTER.count(front + section) <= 128
    chunks = split_text(text, COUNTER, chosen).chunks
    whole = next(chunk for chunk in chunks if chunk.end >= len(front + section))
    assert whole.start == (0 if max_tokens == 128 else len(front))
    assert (whole.heading, whole.section[:1]) == ("", ("总体要求",))
    assert chunks[0].section[:1] == ("总体要求",)


@pytest.mark.skipif(not CORPORA.exists(), reason="the shared corpora are not here")
def test_an_article_of_a_law_that_fits_with_its_headings_is_never_cut() -> None:
    with gzip.open(CORPORA / "laws_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for number, line in enumerate(lines) if number % 25 == 0]
    results = [find_cut_units(text, RECOMMENDED) for text in texts]
    assert sum(fitting for fitting, _ in results) > 1_000
    assert [cut for _, cut in results if cut] == []
