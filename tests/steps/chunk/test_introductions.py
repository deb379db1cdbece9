"""The words that introduce a list are in one chunk with its beginning, where that costs few tokens."""

from __future__ import annotations

import pytest

from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.chunk.boundaries import introduces
from hanpack.steps.chunk.settings import ChunkSettings, Policy
from hanpack.steps.chunk.splitting import split_text
from hanpack.steps.tokens.counting import TiktokenCounter

COUNTER = TiktokenCounter(load_vocabulary("o200k_base"))
BODY = "各单位应当认真落实，依法公开信息。群众满意度逐年提高。\n"
ITEMS = "（一）未按照规定报送材料的；\n（二）未依法公开信息的；\n（三）其他违反规定的行为。\n"
INTRODUCTIONS = ("违反本办法，有下列情形之一的，责令改正：\n", "申请人应当提交下列材料:\n\n")


def list_ends(text: str, max_tokens: int, policy: Policy) -> list[int]:
    """The ends of all chunks but the last."""
    chosen = ChunkSettings(max_tokens=max_tokens, policy=policy)
    return [chunk.end for chunk in split_text(text, COUNTER, chosen).chunks][:-1]


def write_text(introduction: str) -> str:
    """Lists after more and more sentences, so that they are at any place of a chunk."""
    return "".join(f"{BODY * (number % 7)}{introduction}{ITEMS}" for number in range(24))


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("policy", ["fill", "structure"])
def test_no_chunk_ends_after_the_words_that_introduce_a_list(introduction: str, policy: Policy) -> None:
    text = write_text(introduction)
    ends = [end for budget in range(150, 500, 7) for end in list_ends(text, budget, policy)]
    assert len(ends) > 300
    assert sum(introduces(text, end) for end in ends) <= len(ends) // 100


def test_a_long_introduction_is_not_given_up() -> None:
    introduction = f"{'，'.join(['按照国家和本省的有关规定'] * 20)}，有下列情形之一的：\n"
    text = f"{BODY}{introduction}{ITEMS * 9}"
    whole = COUNTER.count(BODY + introduction)
    assert introduces(text, list_ends(text, whole, "fill")[0])


def test_a_heading_goes_with_the_introduction_under_it() -> None:
    text = f"{BODY * 6}二、处罚\n{INTRODUCTIONS[0]}{ITEMS * 3}"
    budget = COUNTER.count(text[: text.index("（一）")])
    first = list_ends(text, budget, "fill")[0]
    assert text[first:].startswith("二、处罚")


def test_a_short_introduction_shares_the_chunk_of_the_first_heading_under_it() -> None:
    text = f"主旨：核准变更登记。\n依据：有关条例。\n公告事项：\n一、公司名称：某公司。\n二、地址：{BODY}"
    assert list_ends(text, 512, "structure") == []
