"""What a first user ran into, so that nobody does again: odd inputs, odd names, odd habits."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.errors import BuildError, RecipeError
from tests.conftest import MakeRecipe


def ledger(out: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(out / "data" / "ledger").to_pylist()
    return rows


def metadata(out: Path) -> list[dict[str, Any]]:
    return [row["metadata"] for row in pq.read_table(out / "data" / "documents").to_pylist()]


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
    ],
)
def test_any_number_fits_the_metadata(
    make_recipe: MakeRecipe, tmp_path: Path, values: list[object], kept: list[object]
) -> None:
    lines = [json.dumps({"text": f"第{n}段。", "v": value}) for n, value in enumerate(values)]
    out = build(make_recipe({"a.jsonl": "\n".join(lines).encode()}), tmp_path / "out").path
    assert [row["v"] for row in metadata(out)] == kept


def test_a_thousand_other_columns_are_one(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    row = {"text": "一段。", "title": "题", **{f"k{n}": n for n in range(1000)}}
    out = build(make_recipe({"a.jsonl": json.dumps(row).encode()}), tmp_path / "out").path
    (told,) = metadata(out)
    assert told["title"] == "题"
    assert json.loads(told["other"])["k999"] == 999
    assert len(told) < 20


def parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


GOOD = pa.table({"text": ["甲。", "乙。"]})
ODD = {
    "empty": b"",
    "cut": parquet(GOOD)[:-20],
    "binary": parquet(pa.table({"text": [b"a"]})),
    "no column": parquet(pa.table({"body": ["a"]})),
    "twice": parquet(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["text", "text"])),
    "year 31,690,708": parquet(pa.table({"text": ["a"], "t": pa.array([10**15], pa.timestamp("s"))})),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_parquet_file_is_rejected_and_the_build_verifies(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    recipe = make_recipe({"odd.parquet": ODD[name], "good.txt": "好。".encode()})
    out = build(recipe, tmp_path / "out").path
    assert [row["state"] for row in ledger(out)] == ["rejected", "kept"]
    assert verify(out).faults == []


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_every_kind_of_string_column_is_text(
    make_recipe: MakeRecipe, tmp_path: Path, kind: pa.DataType
) -> None:
    table = pa.table({"text": pa.array(["甲。", "乙。"]).cast(kind)})
    out = build(make_recipe({"a.parquet": parquet(table)}), tmp_path / "out").path
    assert [row["state"] for row in ledger(out)] == ["kept", "kept"]
    assert verify(out).faults == []


def test_a_build_never_reads_its_own_output_or_recipe(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": "一段。".encode()}, sources=[{"path": "."}])
    out = tmp_path / "corpus" / "dist" / "small"
    assert build(recipe, out).counts["records"] == 1
    assert build(recipe, out).unchanged
    assert verify(out).faults == []


def test_a_linked_folder_does_not_lead_out_of_the_root(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("密。")
    recipe = make_recipe(
        {"a.txt": "一段。".encode()}, sources=[{"path": "*/*.txt"}, {"path": "way"}, {"path": "a.txt"}]
    )
    (tmp_path / "corpus" / "way").symlink_to(outside)
    out = build(recipe, tmp_path / "out").path
    assert {row["source"]: row["state"] for row in ledger(out)} == {
        "way/secret.txt": "rejected",
        "a.txt": "kept",
    }


def test_a_name_that_is_no_utf8_is_verified_like_any_other(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": "一段。".encode()}, sources=[{"path": "*.txt"}])
    odd = os.fsencode(tmp_path / "corpus") + b"/bad\xff\\x.txt"
    with open(odd, "wb") as stream:
        stream.write("二段。".encode())
    out = build(recipe, tmp_path / "out").path
    assert "bad\\xff\\\\x.txt" in {row["source"] for row in ledger(out)}
    assert verify(out).faults == []


def test_tables_without_rows_stream(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    """Without streaming ``datasets`` itself refuses a split that has no rows."""
    out = build(make_recipe({"a.txt": b" \n"}), tmp_path / "out").path
    assert list(load_dataset(str(out), split="train", streaming=True)) == []
    assert pq.read_metadata(out / "data" / "chunks" / "train-00000-of-00001.parquet").num_row_groups == 0


def test_strict_is_strict_on_a_finished_build_too(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.jsonl": b"[]\n"})
    build(recipe, tmp_path / "out")
    with pytest.raises(BuildError, match="1 records were rejected"):
        build(recipe, tmp_path / "out", strict=True)


def test_a_moved_corpus_is_found_after_a_build_that_had_nothing_to_do(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.txt": "一段。".encode()})
    out = build(recipe, tmp_path / "out").path
    recipe.parent.rename(tmp_path / "moved")
    assert build(tmp_path / "moved" / "recipe.yaml", out).unchanged
    assert verify(out).faults == []


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"sources": [{"path": "a.txt", "encoding": "klingon"}]}, "sources.0.encoding"),
        ({"sources": [{"path": "a.txt", "encoding": "base64"}]}, "sources.0.encoding"),
        ({"sources": [{"path": "**a.txt"}]}, "sources.0.path"),
        ({"root": "nowhere"}, "root: there is no such folder"),
    ],
)
def test_a_recipe_that_cannot_work_is_refused_by_key(
    make_recipe: MakeRecipe, tmp_path: Path, keys: dict[str, Any], told: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        build(make_recipe({"a.txt": "一段。".encode()}, **keys), tmp_path / "out")
    assert told in str(caught.value)


def test_a_bad_line_of_json_is_its_own_record(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    rows = [b'{"text": "plain"}', b'{"text": "\xed\xa0\x80"}', b'{"text": "ascii"}']
    out = build(make_recipe({"a.jsonl": b"\n".join(rows)}), tmp_path / "out").path
    assert [row["state"] for row in ledger(out)] == ["kept", "rejected", "kept"]


def test_long_utf16_files_are_read_line_by_line(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    text = "﻿" + "短行上海。\n" * 3000
    recipe = make_recipe(
        {"a.txt": text.encode("utf-16-le")},
        sources=[{"path": "a.txt", "records": "line"}],
        limits={"max_record_bytes": 1024},
    )
    out = build(recipe, tmp_path / "out").path
    assert [row["state"] for row in ledger(out)] == ["kept", *["duplicate"] * 2999]
