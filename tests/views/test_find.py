"""Chunks are found by a text that they contain."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hanpack.building.run import Build, build
from hanpack.errors import UsageError, VerifyError
from hanpack.views.find import find_chunks
from tests.conftest import MakeRecipe


def test_every_chunk_that_holds_the_text_is_found_in_order(seeds_build: Build) -> None:
    (shard,) = (seeds_build.path / "data" / "chunks").iterdir()
    rows = pq.read_table(shard, columns=["id", "text"]).to_pylist()
    expected = [row["id"] for row in rows if "文旅" in row["text"]]
    assert 3 < len(expected) < len(rows)
    assert find_chunks(seeds_build.path, "文旅", limit=1000) == expected
    assert find_chunks(seeds_build.path, "文旅", limit=3) == expected[:3]
    assert find_chunks(seeds_build.path, "文旅", limit=0) == []
    assert find_chunks(seeds_build.path, rows[40]["text"]) == [rows[40]["id"]]


def test_the_text_is_no_pattern(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    made = build(make_recipe({"a.txt": "甲 100% (of_it) [a-z]*\n".encode()}), tmp_path / "out")
    assert find_chunks(made.path, "0% (of_it) [a-z]*") != []
    assert find_chunks(made.path, "1.0") == find_chunks(made.path, "of%it") == []


def test_what_cannot_be_looked_for_says_so(seeds_build: Build) -> None:
    with pytest.raises(UsageError, match="no text"):
        find_chunks(seeds_build.path, "")
    with pytest.raises(UsageError, match="no valid Unicode"):
        find_chunks(seeds_build.path, "\ud800")
    with pytest.raises(VerifyError):
        find_chunks(seeds_build.path / "data", "文")
