"""Columns that a recipe names for the metadata are found in nested JSON, and missed if no record has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hanpack
from hanpack.store.reader import BuildReader

TEXTS = ("今年以来经济平稳增长。", "明年的各项计划如下。")


@pytest.mark.parametrize("path", ["data.list.meta.题目", "meta.题目"])
def test_a_path_may_begin_at_the_file_or_at_the_element(tmp_path: Path, path: str) -> None:
    texts = enumerate(TEXTS)
    rows = [{"meta": {"题目": f"第{n}篇"}, "content": {"body": text}} for n, text in texts]
    (tmp_path / "a.json").write_text(json.dumps({"data": {"list": rows}}), encoding="utf-8")
    entry = {
        "path": "a.json",
        "text_column": "data.list.content.body",
        "metadata_columns": {"title": path, "date": "meta.成文"},
    }
    build = hanpack.build({"name": "a", "root": str(tmp_path), "sources": [entry]}, out=tmp_path / "out")
    table = BuildReader.open(build.path).read("documents", ["metadata"])
    assert [row["metadata"]["title"] for row in table.to_pylist()] == ["第0篇", "第1篇"]
    missed = "sources.0.metadata_columns.date: the first 2 records have no value at meta.成文"
    assert [note for note in build.notes if "metadata_columns" in note] == [missed]
