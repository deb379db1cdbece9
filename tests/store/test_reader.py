"""The reader gives the rows of a build's tables: whole, in batches, one by one, by id or spread evenly."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from hanpack.building import assembly
from hanpack.building.run import Build, build
from hanpack.edits import Edits
from hanpack.errors import VerifyError
from hanpack.store import row_groups
from hanpack.store.reader import BuildReader, PlacedRow
from hanpack.store.shards import group_rows
from tests.conftest import MakeRecipe


@pytest.fixture
def divided(make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuildReader:
    """A build with three partitions, several shards of each, and more than one row group in each."""
    monkeypatch.setattr(assembly, "group_rows", partial(group_rows, row_group_bytes=1))
    monkeypatch.setattr(row_groups, "BATCH_ROWS", 3)
    lines = [f"第{number}条　本条例所称第{number * 7919}号事项，由主管部门负责。" for number in range(60)]
    recipe = make_recipe(
        {f"{number}.txt": "\n".join(lines[number::6]).encode() for number in range(6)},
        sources=[{"path": "*.txt", "records": "line"}],
        splits={"validation": 0.3, "test": 0.3},
        shard_size=2000,
        duplicates={"drop": "none"},
    )
    return BuildReader.open(build(recipe, tmp_path / "a=b" / "out", num_proc=1).path)


def read_plainly(reader: BuildReader, table: str) -> list[dict[str, Any]]:
    """The rows of a table as pyarrow alone reads them."""
    paths = [reader.folder / shard.path for shard in reader.manifest.tables[table]]
    return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]


def as_plain_values(row: PlacedRow) -> dict[str, Any]:
    plain = dict(row.values)
    for name, value in plain.items():
        if isinstance(value, Edits):
            plain[name] = [asdict(edit) for edit in value.rows()]
        elif isinstance(value, np.ndarray):
            plain[name] = value.tolist()
    return plain


@pytest.mark.parametrize("table", ["chunks", "documents", "ledger"])
def test_all_ways_of_reading_give_the_same_rows(divided: BuildReader, table: str) -> None:
    expected = read_plainly(divided, table)
    assert len(expected) == 60
    assert divided.read(table).to_pylist() == expected
    assert [as_plain_values(row) for row in divided.read_rows(table)] == expected
    batches = list(divided.read_batches(table))
    assert len(batches) > len(divided.shards(table)) > 0
    assert {batch.table.num_rows for batch in batches} <= {1, 2, 3}
    assert [row for batch in batches for row in batch.table.to_pylist()] == expected
    by_partition = [divided.read_rows(table, partition=name) for name in divided.partitions(table)]
    assert [as_plain_values(row) for rows in by_partition for row in rows] == expected


def test_a_row_has_its_place(divided: BuildReader) -> None:
    rows = list(divided.read_rows("chunks", ["id"]))
    assert {row.shard for row in rows} == {shard.path for shard in divided.shards("chunks")}
    for row in (rows[0], rows[20], rows[-1]):
        shard = pq.ParquetFile(divided.folder / row.shard).read()
        assert shard.column("id")[row.number].as_py() == row.values["id"]
        assert row.place == f"{row.shard} row {row.number}"


def test_columns_and_conditions_choose_what_is_read(divided: BuildReader) -> None:
    expected = [row["id"] for row in read_plainly(divided, "chunks") if row["source"] == "3.txt"]
    assert len(expected) == 10
    chosen = divided.read("chunks", ["id"], pc.field("source") == "3.txt")
    assert chosen.to_pydict() == {"id": expected}
    (row, *_) = divided.read_rows("documents", ["edits"])
    assert list(row.values) == ["edits"]
    assert row.values["edits"].of_step("separator").byte_end.tolist()


def test_the_tables_their_columns_and_partitions_are_those_of_the_build(divided: BuildReader) -> None:
    assert divided.tables == ("chunks", "documents", "ledger")
    assert divided.partitions("chunks") == ("train", "validation", "test")
    assert divided.partitions("ledger") == ("train",)
    assert "split" in divided.schema("ledger").names
    for shard in divided.shards("documents"):
        assert divided.count_rows(shard) == shard.rows
    train = divided.shards("chunks", "train")
    assert len(train) > 1
    assert {shard.partition for shard in train} == {"train"}


def test_a_row_is_read_by_its_id(divided: BuildReader) -> None:
    expected = read_plainly(divided, "documents")[40]
    values = divided.find_row("documents", expected["id"])
    assert values is not None
    assert as_plain_values(PlacedRow("", 0, values)) == expected
    assert divided.find_row("documents", "no such id") is None


def test_samples_are_spread_over_all_shards(divided: BuildReader) -> None:
    ids = [row["id"] for row in read_plainly(divided, "chunks")]
    samples = [row.values["id"] for row in divided.sample_rows("chunks", 3, ["id"])]
    assert samples == [ids[0], ids[29], ids[59]]
    assert [row.values["id"] for row in divided.sample_rows("chunks", 100, ["id"])] == ids
    assert list(divided.sample_rows("chunks", 0)) == []


def test_a_table_without_rows_is_one_batch_without_rows(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    empty = BuildReader.open(build(make_recipe({"a.txt": b""}), tmp_path / "out").path)
    (batch,) = empty.read_batches("chunks", ["id", "text"])
    assert (batch.table.num_rows, batch.table.column_names) == (0, ["id", "text"])
    assert list(empty.read_rows("documents")) == []
    assert list(empty.sample_rows("chunks", 3)) == []


def test_a_file_is_examined_as_it_is_now(seeds_build: Build, tmp_path: Path) -> None:
    shutil.copytree(seeds_build.path, tmp_path / "out")
    reader = BuildReader.open(tmp_path / "out")
    first, *others = reader.manifest.files
    assert reader.examine(first) == first
    reader.path(first).write_bytes(b"other")
    changed = reader.examine(first)
    assert changed is not None
    assert (changed.path, changed.bytes, changed.sha256 == first.sha256) == (first.path, 5, False)
    reader.path(others[0]).unlink()
    assert reader.examine(others[0]) is None


def test_a_shard_that_cannot_be_read_is_named(seeds_build: Build, tmp_path: Path) -> None:
    shutil.copytree(seeds_build.path, tmp_path / "out")
    reader = BuildReader.open(tmp_path / "out")
    (shard,) = reader.shards("chunks")
    reader.path(shard).write_bytes(b"PAR1 is not enough")
    for read in (
        lambda: reader.read("chunks"),
        lambda: list(reader.read_rows("chunks")),
        lambda: reader.schema("chunks"),
        lambda: reader.count_rows(shard),
        lambda: reader.find_row("chunks", "x"),
    ):
        with pytest.raises(VerifyError, match="the shard cannot be read") as error:
            read()
        assert error.value.where == str(reader.path(shard))
    reader.path(shard).unlink()
    with pytest.raises(VerifyError, match="the shard cannot be read"):
        reader.read("chunks")


def test_a_folder_that_is_no_build_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match="not a finished build"):
        BuildReader.open(tmp_path)
