"""What the default recipe must show on the five seeds."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import opencc
import pyarrow.parquet as pq
import pytest
import tiktoken
from datasets import Features, load_dataset, load_dataset_builder

from hanpack.audit.verification import verify
from hanpack.building.run import Build, build
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.tokens.counting import build_encoding, parse_ranks
from tests.conftest import ROOT

PINYIN = re.compile(r"[㐀-鿿]\([a-züɡāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ]+ ?\)")
CHROME = ("您需要登录后", "Powered by", "快速回复", "返回顶部", "客服中心", "设为首页", "发表于", "复制链接")


@pytest.fixture(scope="module")
def rows(seeds_build: Build) -> dict[str, list[dict[str, Any]]]:
    folder = seeds_build.path / "data"
    return {name: pq.read_table(folder / name).to_pylist() for name in ("chunks", "documents", "ledger")}


@pytest.fixture(scope="module")
def tokenizer() -> tiktoken.Encoding:
    vocabulary = load_vocabulary("o200k_base")
    return build_encoding(vocabulary, parse_ranks(vocabulary))


def test_every_record_has_one_ledger_row(rows: dict[str, Any]) -> None:
    assert len(rows["ledger"]) == 81
    states = Counter(row["state"] for row in rows["ledger"])
    assert states == {"kept": 78, "duplicate": 3}
    assert len({(row["source"], row["record"]) for row in rows["ledger"]}) == 81


def test_the_ledger_accounts_for_every_byte_of_the_seeds(rows: dict[str, Any]) -> None:
    sizes: dict[str, int] = {}
    for row in rows["ledger"]:
        assert row["byte_start"] == sizes.get(row["source"], 0)
        sizes[row["source"]] = row["byte_end"]
        removed = sum(step["bytes"] for step in row["bytes_removed"])
        assert row["bytes_kept"] + removed == row["byte_end"] - row["byte_start"]
    assert sizes == {f"seeds/{path.name}": path.stat().st_size for path in (ROOT / "seeds").iterdir()}


def test_every_count_is_tiktokens_own_and_within_the_budget(
    rows: dict[str, Any], tokenizer: tiktoken.Encoding
) -> None:
    for row in rows["chunks"]:
        assert row["token_count"] == len(tokenizer.encode_ordinary(row["text"])) <= 512


def test_chunks_in_order_give_their_document(rows: dict[str, Any]) -> None:
    texts: dict[str, str] = {}
    for row in rows["chunks"]:
        assert len(texts.get(row["document_id"], "")) == row["start"]
        texts[row["document_id"]] = texts.get(row["document_id"], "") + row["text"]
        assert len(texts[row["document_id"]]) == row["end"]
    assert texts == {row["id"]: row["text"] for row in rows["documents"]}


def test_no_pinyin_is_left(rows: dict[str, Any]) -> None:
    assert [found for row in rows["documents"] for found in PINYIN.findall(row["text"])] == []


def test_the_byte_shift_is_undone(rows: dict[str, Any]) -> None:
    text = "".join(row["text"] for row in rows["documents"])
    assert "坚决兜住“三保”支出底线。" in text
    assert "€" not in text


def test_the_forum_page_is_down_to_the_report(rows: dict[str, Any]) -> None:
    (report,) = [row for row in rows["documents"] if row["source"].startswith("seeds/004")]
    assert report["text"].startswith("2024年兴山县政府工作报告\n")
    assert report["text"].endswith("看是否符合“双集中”发展要求。")
    assert [mark for mark in CHROME if mark in report["text"]] == []
    metadata = report["metadata"]
    assert (metadata["title"], metadata["region"]) == ("2024年兴山县政府工作报告", "湖北")
    assert metadata["date"].startswith("2024-06-15")


def test_three_passages_of_seed_000_are_copies_of_seed_002(rows: dict[str, Any]) -> None:
    sources = {row["id"]: row["source"][6:9] for row in rows["documents"]}
    copies = [row for row in rows["ledger"] if row["state"] == "duplicate"]
    assert [row["source"][6:9] for row in copies] == ["000"] * 3
    assert [sources[row["duplicate_of"]] for row in copies] == ["002"] * 3
    assert [row["similarity"] for row in copies] == [1.0] * 3


def test_an_untouched_character_stands_at_its_bytes(rows: dict[str, Any]) -> None:
    """An independent walk from every chunk to the raw bytes, through nothing but the columns."""
    simplify = opencc.OpenCC("t2s")
    for row in rows["chunks"]:
        raw = (ROOT / row["source"]).read_bytes()[row["byte_start"] : row["byte_end"]].decode("utf-8")
        if "?" in raw:
            continue
        bare = PINYIN.sub(lambda found: found[0][0], raw)
        assert letters(simplify.convert(bare)) == letters(simplify.convert(row["text"]))


def letters(text: str) -> str:
    """Han characters, letters and digits, with the characters OpenCC leaves to choice made one."""
    kept = "".join(char for char in text if unicodedata.category(char)[0] in "LN")
    return kept.translate(str.maketrans("著", "着"))


@pytest.mark.parametrize("name", ["gov_reports_retrieval", "gov_reports_hant"])
def test_the_other_recipes_build_and_verify(tmp_path: Path, name: str) -> None:
    done = build(ROOT / "configs" / f"{name}.yaml", tmp_path / name, num_proc=1)
    audit = verify(done.path)
    assert audit.faults == []
    chunks = pq.read_table(done.path / "data" / "chunks").to_pylist()
    assert max(row["token_count"] for row in chunks) <= done.manifest.recipe["chunks"]["max_tokens"]
    overlaps = sum(
        first["document_id"] == second["document_id"] and second["start"] < first["end"]
        for first, second in pairwise(chunks)
    )
    assert (overlaps > 0) == (name == "gov_reports_retrieval")
    text = "".join(row["text"] for row in pq.read_table(done.path / "data" / "documents").to_pylist())
    assert ("創建國家文旅" in text) == (name == "gov_reports_hant")


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("name", [None, "chunks", "documents", "ledger"])
def test_load_dataset_gives_the_rows(
    seeds_build: Build, rows: dict[str, Any], tmp_path: Path, name: str | None, streaming: bool
) -> None:
    loaded = load_dataset(
        str(seeds_build.path), name, split="train", streaming=streaming, cache_dir=str(tmp_path)
    )
    assert list(loaded) == rows[name or "chunks"]


def test_the_features_in_the_card_are_those_of_the_shards(seeds_build: Build) -> None:
    for name in ("chunks", "documents", "ledger"):
        (path,) = (seeds_build.path / "data" / name).glob("*.parquet")
        told = load_dataset_builder(str(seeds_build.path), name).info.features
        assert told == Features.from_arrow_schema(pq.read_schema(path))
