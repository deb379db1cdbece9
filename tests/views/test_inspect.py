"""Inspect shows what a build holds, and answers SQL over its tables."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from hanpack.building.run import Build, build
from hanpack.errors import UsageError
from hanpack.store.reader import BuildReader
from hanpack.views.inspect import inspect_build, query_build
from tests.conftest import MakeRecipe


def show(out: Path, samples: int = 3) -> str:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(inspect_build(out, samples))
    return console.export_text()


def query(out: Path, sql: str) -> str:
    sink = io.StringIO()
    query_build(out, sql, Console(file=sink))
    return sink.getvalue()


def test_the_figures_and_samples_of_a_build_are_shown(seeds_build: Build) -> None:
    shown = show(seeds_build.path, samples=2)
    for figure in ("141,895", "129,247", "511 of 512 tokens", "3 copies of 3 documents"):
        assert figure in shown
    ids = BuildReader.open(seeds_build.path).read("chunks", ["id"]).column("id").to_pylist()
    samples = shown.partition("samples")[2]
    assert [identity for identity in ids if identity in samples] == [ids[0], ids[-1]]


def test_a_build_without_chunks_is_shown(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    assert "samples" in show(build(make_recipe({"a.txt": b""}), tmp_path / "out").path)


def test_sql_sees_every_table_and_gives_csv(seeds_build: Build, tmp_path: Path) -> None:
    out = tmp_path / "it's [a=b] *"
    shutil.copytree(seeds_build.path, out)
    sql = "select count(*) as rows from chunks union all select count(*) from documents order by rows"
    assert query(out, sql).split() == ["rows", "78", "102"]
    columns = query(out, "select * from ledger limit 0").strip().split(",")
    assert columns == BuildReader.open(out).schema("ledger").names


def test_wrong_sql_names_the_views(seeds_build: Build) -> None:
    with pytest.raises(UsageError, match="the views are chunks, documents, ledger"):
        query(seeds_build.path, "select * from nothing")
