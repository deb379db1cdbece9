"""Shards are laid out as the Hub reads them best, and the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanpack.store import shards
from hanpack.store.shards import ShardFile, write_shards

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def tables(count: int) -> Iterator[pa.Table]:
    for start in range(0, count, 10):
        rows = [{"n": n, "text": f"第{n}行"} for n in range(start, min(start + 10, count))]
        yield pa.Table.from_pylist(rows, SCHEMA)


def write(folder: Path, count: int) -> list[ShardFile]:
    return write_shards(folder, "data/rows", "train", SCHEMA, tables(count), lambda _: None)


def test_shards_are_compressed_and_indexed_for_the_viewer(tmp_path: Path) -> None:
    (file,) = write(tmp_path, 100)
    metadata = pq.read_metadata(tmp_path / file.path)
    column = metadata.row_group(0).column(1)
    assert file.path == "data/rows/train-00000-of-00001.parquet"
    assert (metadata.num_rows, metadata.num_row_groups, file.rows) == (100, 1, 100)
    assert column.compression == "ZSTD"
    assert column.has_column_index
    assert column.has_offset_index


def test_row_groups_and_shards_are_cut_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = next(tables(100)).nbytes
    monkeypatch.setattr(shards, "ROW_GROUP_BYTES", 2 * size)
    monkeypatch.setattr(shards, "SHARD_BYTES", 3 * size)
    files = write(tmp_path, 100)
    assert [file.path[-27:] for file in files] == [f"train-0000{n}-of-00003.parquet"[-27:] for n in range(3)]
    assert [pq.read_metadata(tmp_path / file.path).num_row_groups for file in files] == [2, 2, 1]
    read = pa.concat_tables([pq.read_table(tmp_path / file.path) for file in files])
    assert read == pa.concat_tables(tables(100))


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    assert write(tmp_path / "one", 57) == write(tmp_path / "two", 57)


def test_a_row_put_in_front_leaves_most_bytes_as_they_were(tmp_path: Path) -> None:
    """Pages are cut by content, so the Hub stores what did not change once."""
    words = [f"{n * 2654435761 % 2**32:x}" * 40 for n in range(20_000)]
    contents = []
    for folder, texts in (("one", words), ("two", ["new", *words])):
        table = pa.table({"n": [0] * len(texts), "text": texts}, SCHEMA)
        (file,) = write_shards(tmp_path / folder, "rows", "train", SCHEMA, iter([table]), lambda _: None)
        contents.append((tmp_path / folder / file.path).read_bytes())
    old, new = contents
    blocks = [new[at : at + 4096] for at in range(0, len(new), 4096)]
    assert sum(block in old for block in blocks) > 0.5 * len(blocks)


def test_no_rows_still_give_a_shard_that_loads(tmp_path: Path) -> None:
    (file,) = write(tmp_path, 0)
    assert pq.read_table(tmp_path / file.path) == SCHEMA.empty_table()
