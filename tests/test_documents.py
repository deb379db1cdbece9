"""Documents become packed sequences of tokens from which their texts can be decoded."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

from hanpack.building.run import build
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.tokens.counting import TiktokenCounter
from tests.builds import read_rows, to_jsonl, verify_build
from tests.conftest import MakeRecipe

TEXT = "我们坚持稳中求进,推动高质量发展。这是第{}份报告,内容各不相同。\n"
END = "<|endoftext|>"


def test_packed_sequences_decode_to_the_documents(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    lengths = (1, 1, 2, 3, 5, 9)
    texts = to_jsonl(*(TEXT.format(n) * length for n, length in enumerate(lengths)))
    recipe = make_recipe({"a.jsonl": texts}, packed={"tokens": 64}, duplicates={"drop": "none"})
    out = build(recipe, tmp_path / "out").path
    encoding = TiktokenCounter(load_vocabulary("o200k_base")).encoding
    pieces: dict[str, list[tuple[int, list[int]]]] = {}
    packed = read_rows(out, "packed")
    assert {len(row["input_ids"]) for row in packed} == {64}
    assert max(len(row["document_ids"]) for row in packed) > 1
    for row in packed:
        ends = [*row["starts"][1:], row["token_count"]]
        assert [0, *accumulate(row["seq_lengths"])][: len(ends)] == row["starts"]
        assert sum(row["seq_lengths"]) == 64
        assert sum(row["seq_lengths"][: len(ends)]) == row["token_count"]
        assert len(row["seq_lengths"]) == len(ends) + (row["token_count"] < 64)
        places = zip(row["document_ids"], row["starts"], ends, row["document_starts"], strict=True)
        for identity, start, end, place in places:
            pieces.setdefault(identity, []).append((place, row["input_ids"][start:end]))
    decoded = {
        identity: encoding.decode([token for _, tokens in sorted(of_document) for token in tokens])
        for identity, of_document in pieces.items()
    }
    documents = {row["id"]: row["text"] + END for row in read_rows(out, "documents")}
    assert len(documents) == len(lengths)
    assert decoded == documents
    verify_build(out)


def test_a_text_that_occurs_twice_is_packed_twice(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe(
        {"a.jsonl": to_jsonl("同一段文字。", "同一段文字。")},
        packed={"tokens": 64},
        duplicates={"drop": "none"},
    )
    out = build(recipe, tmp_path / "out").path
    encoding = TiktokenCounter(load_vocabulary("o200k_base")).encoding
    (row,) = read_rows(out, "packed")
    tokens = row["input_ids"][: row["token_count"]]
    assert encoding.decode(tokens) == f"同一段文字。{END}" * 2
    assert set(row["document_ids"]) <= {document["id"] for document in read_rows(out, "documents")}
    verify_build(out)


def test_the_sections_of_a_page_follow_its_headings_and_stand_before_its_chunks(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    body = "各单位要按照要求认真落实本项工作，确保取得实效，并按时报送有关情况。"
    page = (
        f"<html><body><article><h1>工作方案</h1><h2>背景介绍</h2><p>{body}</p><h3>具体做法</h3><p>{body}</p>"
        f"<h2>组织保障</h2><p>{body}</p></article></body></html>"
    )
    chunks = {"max_tokens": 48, "policy": "structure", "headings": True}
    out = build(make_recipe({"a.html": page.encode()}, chunks=chunks), tmp_path / "out").path
    rows = read_rows(out, "chunks")
    assert [(row["section"], row["text"]) for row in rows] == [
        (["工作方案"], f"工作方案\n背景介绍\n{body}\n"),
        (["工作方案", "背景介绍", "具体做法"], f"工作方案\n背景介绍\n具体做法\n{body}\n"),
        (["工作方案", "组织保障"], f"工作方案\n组织保障\n{body}"),
    ]
    verify_build(out)
