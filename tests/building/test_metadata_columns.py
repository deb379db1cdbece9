"""Columns of every format of tables become fields of the metadata; a wrong encoding is named as such."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from hanpack.building.run import build
from hanpack.errors import RecipeError
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.reading import dump_parquet

ROW = {"正文": "各单位要认真落实。", "标题": "通知", "日期": "2024/3/5", "来源": "清江日报", "编号": "7"}
NAMES, VALUES = ",".join(ROW), ",".join(ROW.values())
FILES = {
    "a.jsonl": json.dumps(ROW, ensure_ascii=False).encode(),
    "a.json": json.dumps([ROW], ensure_ascii=False).encode(),
    "a.csv": f"{NAMES}\n{VALUES}\n".encode("gb18030"),
    "a.tsv": f"{NAMES}\n{VALUES}\n".replace(",", "\t").encode(),
    "a.parquet": dump_parquet(pa.Table.from_pylist([ROW])),
}


@pytest.mark.parametrize("name", FILES)
def test_columns_with_usual_names_are_fields_in_every_format(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    sources = [{"path": name, "text_column": "正文"}]
    out = build(make_recipe({name: FILES[name]}, sources=sources), tmp_path / "out").path
    (row,) = read_rows(out, "documents")
    fields = {field: value for field, value in row["metadata"].items() if value is not None}
    extra = json.loads(fields.pop("extra"))
    assert fields == {"title": "通知", "date": "2024-03-05"}
    assert extra == {"publisher": "清江日报", "日期": "2024/3/5", "编号": "7"}


@pytest.mark.parametrize("name", FILES)
def test_a_recipe_names_the_columns_of_fields_and_its_own_values_come_first(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    sources = [
        {
            "path": name,
            "text_column": "正文",
            "metadata_columns": {"title": "编号", "license": "标题"},
            "metadata": {"date": "2023-01-01"},
        }
    ]
    splits = {"test": {"metadata": {"来源": ["清江日报"]}}}
    out = build(make_recipe({name: FILES[name]}, sources=sources, splits=splits), tmp_path / "out").path
    (row,) = read_rows(out, "documents", "test")
    assert {field: row["metadata"][field] for field in ("title", "date", "license")} == {
        "title": "7",
        "date": "2023-01-01",
        "license": "通知",
    }
    if name == "a.csv":
        verify_build(out)


@pytest.mark.parametrize("encoding", ["big5", "cp1252"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
def test_a_wrong_encoding_of_a_table_is_named_whatever_it_makes_of_the_columns(
    make_recipe: MakeRecipe, tmp_path: Path, name: str, encoding: str
) -> None:
    rows = [{**ROW, "正文": f"第{number}条：{ROW['正文'] * 3}"} for number in range(4)]
    if name == "a.jsonl":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        text = "".join(",".join(row) + "\n" for row in (ROW, *map(dict.values, rows)))
    if name == "a.tsv":
        text = text.replace(",", "\t")
    sources = [{"path": name, "text_column": "正文", "encoding": encoding}]
    with pytest.raises(RecipeError, match=r"encoding: .*the files look like: gb18030"):
        build(make_recipe({name: text.encode("gb18030")}, sources=sources), tmp_path / "out")
