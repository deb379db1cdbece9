"""The other columns of records become typed metadata, whatever values they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hanpack.building.run import build
from tests.builds import read_rows
from tests.conftest import MakeRecipe


def read_metadata(out: Path) -> list[dict[str, Any]]:
    return [row["metadata"] for row in read_rows(out, "documents")]


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([2**63], ["9223372036854775808"]),
        ([10**400, 1], [str(10**400), "1"]),
        ([2**53 + 1, 0.5], ["9007199254740993", "0.5"]),
        ([2**60, 1], [2**60, 1]),
        ([1, 0.5, None], [1.0, 0.5, None]),
        ([True, False], [True, False]),
        ([True, 1], ["true", "1"]),
        ([["a", {"b": 1}], "c"], ['["a", {"b": 1}]', "c"]),
    ],
)
def test_values_of_any_types_fit_one_column(
    make_recipe: MakeRecipe, tmp_path: Path, values: list[object], kept: list[object]
) -> None:
    lines = [json.dumps({"text": f"第{n}段。", "v": value}) for n, value in enumerate(values)]
    out = build(make_recipe({"a.jsonl": "\n".join(lines).encode()}), tmp_path / "out").path
    column = [row["v"] for row in read_metadata(out)]
    assert column == kept
    assert list(map(type, column)) == list(map(type, kept))


def test_columns_of_records_and_of_the_recipe_become_metadata(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    rows: list[dict[str, object]] = [
        {"text": "甲。", "year": 2024, "score": 1, "title": "题"},
        {"text": "乙。", "score": 0.5, "mixed": 1},
        {"text": "丙。", "mixed": "one"},
    ]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    recipe = make_recipe({"a.jsonl": content}, sources=[{"path": "a.jsonl", "metadata": {"license": "cc0"}}])
    metadata = read_metadata(build(recipe, tmp_path / "out").path)
    assert [row["year"] for row in metadata] == [2024, None, None]
    assert [row["score"] for row in metadata] == [1.0, 0.5, None]
    assert [row["mixed"] for row in metadata] == [None, "1", "one"]
    assert [row["title"] for row in metadata] == ["题", None, None]
    assert [row["license"] for row in metadata] == ["cc0"] * 3


def test_a_thousand_other_columns_become_one(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    row = {"text": "一段。", "title": "题", **{f"k{n}": n for n in range(1000)}}
    out = build(make_recipe({"a.jsonl": json.dumps(row).encode()}), tmp_path / "out").path
    (metadata,) = read_metadata(out)
    assert metadata["title"] == "题"
    assert json.loads(metadata["other"]) == {f"k{n}": n for n in range(1000)}
    assert len(metadata) < 20
