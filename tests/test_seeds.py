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

from hanpack.building.run import Build, build
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.tokens.counting import TiktokenCounter
from tests.builds import read_rows, verify_build
from tests.conftest import ROOT

PINYIN = re.compile(r"[㐀-鿿]\([a-züɡāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ]+ ?\)")
# What the forum printed around the report of seed 004.
FORUM_TEXTS = [
    "您需要登录后",
    "Powered by",
    "快速回复",
    "返回顶部",
    "客服中心",
    "设为首页",
    "发表于",
    "复制链接",
]
FORUM_SEED = next((ROOT / "seeds").glob("004*")).read_text(encoding="utf-8")
SEEDS = {f"seeds/{path.name}": path.read_bytes() for path in sorted((ROOT / "seeds").iterdir())}


@pytest.fixture(scope="module")
def rows(seeds_build: Build) -> dict[str, list[dict[str, Any]]]:
    return {name: read_rows(seeds_build.path, name) for name in ("chunks", "documents", "ledger")}


@pytest.fixture(scope="module")
def tokenizer() -> tiktoken.Encoding:
    return TiktokenCounter(load_vocabulary("o200k_base")).encoding


def test_every_record_has_a_ledger_row(rows: dict[str, Any]) -> None:
    assert len({(row["source"], row["record"]) for row in rows["ledger"]}) == len(rows["ledger"]) == 81
    assert Counter(row["state"] for row in rows["ledger"]) == {"kept": 78, "duplicate": 3}


def test_the_ledger_accounts_for_every_byte_of_the_seeds(rows: dict[str, Any]) -> None:
    ends: dict[str, int] = {}
    for row in rows["ledger"]:
        assert row["byte_start"] == ends.get(row["source"], 0)
        ends[row["source"]] = row["byte_end"]
        removed = sum(step["bytes"] for step in row["bytes_removed"])
        assert row["bytes_kept"] + removed == row["byte_end"] - row["byte_start"]
    assert ends == {name: len(data) for name, data in SEEDS.items()}


def test_every_count_is_that_of_tiktoken_and_within_the_budget(
    rows: dict[str, Any], tokenizer: tiktoken.Encoding
) -> None:
    counts = [row["token_count"] for row in rows["chunks"]]
    assert counts == [len(tokenizer.encode_ordinary(row["text"])) for row in rows["chunks"]]
    assert 256 < max(counts) <= 512


def test_chunks_in_order_give_their_document(rows: dict[str, Any]) -> None:
    texts: dict[str, str] = {}
    for row in rows["chunks"]:
        before = texts.get(row["document_id"], "")
        texts[row["document_id"]] = before + row["text"]
        assert (row["start"], row["end"]) == (len(before), len(before) + len(row["text"]))
    assert len(texts) == 78
    assert texts == {row["id"]: row["text"] for row in rows["documents"]}


def test_no_pinyin_is_left(rows: dict[str, Any]) -> None:
    assert sum(len(PINYIN.findall(data.decode())) for data in SEEDS.values()) > 1000
    assert PINYIN.findall("".join(row["text"] for row in rows["documents"])) == []


def test_the_byte_shift_is_undone(rows: dict[str, Any]) -> None:
    raw = b"".join(SEEDS.values()).decode()
    text = "".join(row["text"] for row in rows["documents"])
    assert raw.count("“三?!敝С") == raw.count("€") == 1
    assert "坚决兜住“三保”支出底线。" in text
    assert "€" not in text


def test_of_the_forum_page_only_the_report_is_left(rows: dict[str, Any]) -> None:
    (report,) = [row for row in rows["documents"] if row["source"].startswith("seeds/004")]
    assert report["text"].startswith("2024年兴山县政府工作报告\n")
    assert report["text"].endswith("看是否符合“双集中”发展要求。")
    assert [text for text in FORUM_TEXTS if text not in FORUM_SEED] == []
    assert [text for text in FORUM_TEXTS if text in report["text"]] == []
    metadata = report["metadata"]
    assert (metadata["title"], metadata["region"]) == ("2024年兴山县政府工作报告", "湖北")
    assert metadata["date"].startswith("2024-06-15")


def test_three_passages_of_seed_000_are_copies_of_seed_002(rows: dict[str, Any]) -> None:
    sources = {row["id"]: row["source"][6:9] for row in rows["documents"]}
    copies = [row for row in rows["ledger"] if row["state"] == "duplicate"]
    assert [row["source"][6:9] for row in copies] == ["000"] * 3
    assert [sources[row["duplicate_of"]] for row in copies] == ["002"] * 3
    assert [row["similarity"] for row in copies] == [1.0] * 3


def test_the_bytes_of_a_chunk_are_its_text(rows: dict[str, Any]) -> None:
    """Through nothing but the columns, and OpenCC itself; spans with a shifted byte are left out."""
    simplify = opencc.OpenCC("t2s")
    compared = 0
    for row in rows["chunks"]:
        raw = SEEDS[row["source"]][row["byte_start"] : row["byte_end"]].decode("utf-8")
        if "?" not in raw:
            raw = simplify.convert(PINYIN.sub(lambda match: match[0][0], raw))
            assert keep_letters(raw) == keep_letters(simplify.convert(row["text"]))
            compared += 1
    assert len(rows["chunks"]) - compared <= 2


def keep_letters(text: str) -> str:
    """Han characters, letters and digits, with the characters that OpenCC leaves to choice made one."""
    letters = "".join(char for char in text if unicodedata.category(char)[0] in "LN")
    return letters.translate(str.maketrans("著", "着"))


@pytest.mark.parametrize(
    ("name", "overlaps", "script"),
    [("gov_reports_retrieval", True, "创建国家文旅"), ("gov_reports_hant", False, "創建國家文旅")],
)
def test_the_other_recipes_build_and_verify(tmp_path: Path, name: str, overlaps: bool, script: str) -> None:
    done = build(ROOT / "configs" / f"{name}.yaml", tmp_path / name, num_proc=1)
    verify_build(done.path)
    chunks = read_rows(done.path, "chunks")
    assert max(row["token_count"] for row in chunks) <= done.manifest.recipe["chunks"]["max_tokens"]
    has_overlaps = any(
        first["document_id"] == second["document_id"] and second["start"] < first["end"]
        for first, second in pairwise(chunks)
    )
    assert has_overlaps is overlaps
    assert script in "".join(row["text"] for row in read_rows(done.path, "documents"))


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("name", [None, "chunks", "documents", "ledger"])
def test_load_dataset_gives_the_rows(
    seeds_build: Build, rows: dict[str, Any], tmp_path: Path, name: str | None, streaming: bool
) -> None:
    loaded = load_dataset(
        str(seeds_build.path), name, split="train", streaming=streaming, cache_dir=str(tmp_path)
    )
    assert list(loaded) == rows[name or "chunks"]


@pytest.mark.parametrize("name", ["chunks", "documents", "ledger"])
def test_the_features_in_the_card_are_those_of_the_shards(seeds_build: Build, name: str) -> None:
    (path,) = (seeds_build.path / "data" / name).glob("*.parquet")
    in_card = load_dataset_builder(str(seeds_build.path), name).info.features
    assert in_card == Features.from_arrow_schema(pq.read_schema(path))
