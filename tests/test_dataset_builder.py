"""``HanpackBuilder`` gives the rows of ``hanpack build``, whole or streamed."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hanpack.building.run import Build
from hanpack.dataset_builder import HanpackBuilder
from hanpack.store.table_kinds import BASIC_TABLES
from tests.conftest import ROOT, MakeRecipe

RECIPE = ROOT / "configs" / "gov_reports.yaml"


@pytest.mark.parametrize("name", BASIC_TABLES)
def test_the_rows_are_those_of_the_build(seeds_build: Build, tmp_path: Path, name: str) -> None:
    rows = pq.read_table(seeds_build.path / "data" / name).to_pylist()
    builder = HanpackBuilder(RECIPE, name, cache_dir=str(tmp_path))
    builder.download_and_prepare()
    assert builder.as_dataset(split="train").to_list() == rows
    assert builder.info.dataset_name == "gov_reports"


def test_streaming_gives_the_same_rows(seeds_build: Build, tmp_path: Path) -> None:
    rows = pq.read_table(seeds_build.path / "data" / "chunks").to_pylist()
    builder = HanpackBuilder(RECIPE, cache_dir=str(tmp_path))
    assert list(builder.as_streaming_dataset(split="train")) == rows


def test_every_shard_of_a_split_can_be_read_by_another_process(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({f"{name}.txt": f"第{name}篇。".encode() for name in "甲乙丙"}, shard_size=1)
    builder = HanpackBuilder(recipe, cache_dir=str(tmp_path / "cache"))
    streamed = builder.as_streaming_dataset(split="train")
    assert streamed.num_shards == 3
    texts = [row["text"] for row in streamed]
    assert sorted(texts) == sorted(f"第{name}篇。" for name in "甲乙丙")
    assert [row["text"] for shard in range(3) for row in streamed.shard(3, shard)] == texts


def test_a_changed_source_gives_new_rows_from_the_same_cache(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    texts = []
    for text in ("第一版。", "第二版。"):
        builder = HanpackBuilder(make_recipe({"a.txt": text.encode()}), cache_dir=str(tmp_path / "cache"))
        builder.download_and_prepare()
        texts.append(builder.as_dataset(split="train")[0]["text"])
    assert texts == ["第一版。", "第二版。"]


def test_a_recipe_named_like_splits_has_one_split(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": "文。".encode()}, name="my_test_eval")
    builder = HanpackBuilder(recipe, cache_dir=str(tmp_path / "cache"))
    builder.download_and_prepare()
    assert list(builder.as_dataset()) == ["train"]
