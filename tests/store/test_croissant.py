"""The Croissant file describes columns of any name, so that a reader gets their values."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import Build, build
from hanpack.store.croissant import encode_name, quote_name
from hanpack.store.metadata import METADATA
from tests.builds import read_rows
from tests.conftest import write_recipe

NAMES = (
    "标题", "发布时间", "a b", "a.b", "c/d", "it's", "a\\b", "50%", "#x", "?q", "全角　空格", "x:y",
    "<b>", "{a}", "[b]", "@id", "@type", 'a"b', "p|q", "a~20b", "😀", "-1", "a\tb", "url ", "where", "$",
    "Ünï", "٣", "a,b", "=d", "`e`",
)  # fmt: skip


def unquote_path(path: str) -> str:
    """The name in a path of RFC 9535 with one quoted name."""
    match = re.fullmatch(r"\$\['((?:[^'\\]|\\.)*)'\]", path, re.DOTALL)
    assert match is not None
    return re.sub(r"\\(.)", r"\1", match[1])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_identifier_has_no_white_space_and_a_path_is_that_of_the_name(name: str) -> None:
    assert not re.search(r"[\s/]", encode_name(name))
    assert unquote_path(quote_name(name)) == name


@given(st.text(max_size=4), st.text(max_size=4))
def test_different_names_have_different_identifiers(first: str, second: str) -> None:
    assert (encode_name(first) == encode_name(second)) == (first == second)


def test_every_column_is_described_under_a_name_of_its_own(tmp_path: Path) -> None:
    row = {"text": "今天召开会议，研究部署下一阶段工作。"} | {name: name for name in NAMES}
    files = {"src/a.jsonl": json.dumps(row).encode() + b"\n"}
    build(
        write_recipe(tmp_path, files, root="src", sources=[{"path": "*", "records": "row"}]),
        tmp_path / "out",
    )
    tables = json.loads((tmp_path / "out" / "croissant.json").read_text("utf-8"))["recordSet"]
    chunks = next(table for table in tables if table["@id"] == "chunks")
    metadata = next(field for field in chunks["field"] if field["name"] == "metadata")
    described = [
        (field["@id"], field["name"], field["source"]["transform"]["jsonPath"])
        for field in metadata["subField"]
    ]
    assert described == [(f"chunks/metadata/{name}", name, f"$['{name}']") for name in (*METADATA, "extra")]


@pytest.fixture
def described_build(tmp_path: Path) -> Path:
    """A build with every table and three splits, and a card with all fields."""
    texts = [f"第{n}次会议，研究部署第{n}阶段工作。" * (1 + n % 3) for n in range(40)]
    rows = [{"text": text, "标 题": text[:3], "": n, "a.b": {"c": [n]}} for n, text in enumerate(texts)]
    files = {"src/a.jsonl": "\n".join(json.dumps(row) for row in rows).encode()}
    card = {
        "title": "会议",
        "summary": "会议的语料",
        "creators": ["甲", "乙"],
        "published": "2026-01-02",
        "url": "https://data.example/x",
        "citation": "甲 (2026)",
        "license": "other",
        "license_name": "own",
        "tags": ["news"],
    }
    recipe = write_recipe(
        tmp_path,
        files,
        root="src",
        sources=[{"path": "*", "records": "row"}],
        splits={"validation": 0.3, "test": 0.3},
        more={"chunks_small": {"max_tokens": 32, "headings": True}},
        packed={"tokens": 64},
        card=card,
    )
    return build(recipe, tmp_path / "out").path


def test_what_the_card_says_is_described(described_build: Path) -> None:
    content = json.loads((described_build / "croissant.json").read_text("utf-8"))
    assert content["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert content["url"] == "https://data.example/x"
    assert [creator["name"] for creator in content["creator"]] == ["甲", "乙"]
    assert content["datePublished"] == "2026-01-02"
    assert content["citeAs"] == "甲 (2026)"
    assert content["license"] == "own"


def test_what_is_not_known_is_left_out(seeds_build: Build) -> None:
    content = json.loads((seeds_build.path / "croissant.json").read_text("utf-8"))
    assert not {"url", "creator", "datePublished", "citeAs"} & content.keys()


def test_each_table_refers_to_the_splits(described_build: Path) -> None:
    sets = json.loads((described_build / "croissant.json").read_text("utf-8"))["recordSet"]
    splits = next(entry for entry in sets if entry.get("dataType") == "cr:Split")
    assert [row["splits/name"] for row in splits["data"]] == ["train", "validation", "test"]
    fields = {
        entry["@id"]: [field for field in entry["field"] if field["@id"] == f"{entry['@id']}/split"]
        for entry in sets
    }
    for table in ("chunks", "chunks_small", "packed", "documents"):
        (field,) = fields[table]
        assert field["references"] == {"field": {"@id": "splits/name"}}
        pattern = re.compile(field["source"]["transform"]["regex"])
        shards = sorted((described_build / "data" / table).iterdir())
        partitions = [match[1] for shard in shards if (match := pattern.search(str(shard)))]
        assert partitions == [shard.name.partition("-")[0] for shard in shards]
        assert {pattern.sub(r"\1", name) for name in partitions} == {"train", "validation", "test"}


def test_mlcroissant_reads_every_record_set(described_build: Path, caplog: pytest.LogCaptureFixture) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = mlcroissant.Dataset(jsonld=str(described_build / "croissant.json"))
        records = {entry.uuid: list(dataset.records(entry.uuid)) for entry in dataset.metadata.record_sets}
    assert records.keys() == {"splits", "chunks", "chunks_small", "packed", "documents", "ledger"}
    assert len(records.pop("splits")) == 3
    for table, found in records.items():
        rows = read_rows(described_build, table)
        assert len(found) == len(rows) > 0
        key = "record" if table == "ledger" else "token_count"
        assert sorted(record[f"{table}/{key}"] for record in found) == sorted(row[key] for row in rows)
    shards = (described_build / "data" / "documents").glob("*.parquet")
    by_split = {
        shard.name.partition("-")[0]: {row["id"] for row in pq.read_table(shard).to_pylist()}
        for shard in shards
    }
    for record in records["documents"]:
        assert record["documents/id"].decode() in by_split[record["documents/split"].decode()]
    assert [entry.message for entry in caplog.records if entry.levelname == "WARNING"] == []
