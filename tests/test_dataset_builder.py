"""``HanpackBuilder`` gives the rows of ``hanpack build``, however ``datasets`` asks for them."""

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


def test_a_changed_source_gives_new_rows_from_the_same_cache(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    texts = []
    for text in ("第一版。", "第二版。"):
        builder = HanpackBuilder(make_recipe({"a.txt": text.encode()}), cache_dir=str(tmp_path / "cache"))
        builder.download_and_prepare()
        texts.append(builder.as_dataset(split="train")[0]["text"])
    assert texts == ["第一版。", "第二版。"]


def test_a_recipe_with_an_awkward_name_has_one_split(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": "文。".encode()}, name="my_test_eval")
    builder = HanpackBuilder(recipe, cache_dir=str(tmp_path / "cache"))
    builder.download_and_prepare()
    assert list(builder.as_dataset()) == ["train"]
