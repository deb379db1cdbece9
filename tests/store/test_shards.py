"""Shards are laid out as the Hub reads them best, and the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import load_dataset

from hanpack.building.run import build
from hanpack.store.shards import ShardFile, write_shards
from tests.conftest import MakeRecipe

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def make_tables(count: int) -> Iterator[pa.Table]:
    """Tables of ten rows, the last one shorter, with ``count`` rows in all."""
    for start in range(0, count, 10):
        rows = [{"n": n, "text": f"第{n}行"} for n in range(start, min(start + 10, count))]
        yield pa.Table.from_pylist(rows, SCHEMA)


def write(folder: Path, tables: Iterator[pa.Table], **sizes: int) -> list[ShardFile]:
    return write_shards(folder, "data/rows", "train", SCHEMA, tables, lambda _: None, **sizes)


def test_shards_are_compressed_and_indexed_for_the_viewer(tmp_path: Path) -> None:
    (file,) = write(tmp_path, make_tables(100))
    metadata = pq.read_metadata(tmp_path / file.path)
    column = metadata.row_group(0).column(1)
    assert file.path == "data/rows/train-00000-of-00001.parquet"
    assert (metadata.num_rows, metadata.num_row_groups, file.rows) == (100, 1, 100)
    assert column.compression == "ZSTD"
    assert column.has_column_index
    assert column.has_offset_index


def test_row_groups_and_shards_are_cut_by_size(tmp_path: Path) -> None:
    size = next(make_tables(100)).nbytes
    files = write(tmp_path, make_tables(100), row_group_bytes=2 * size, shard_bytes=3 * size)
    assert [file.path for file in files] == [f"data/rows/train-0000{n}-of-00003.parquet" for n in range(3)]
    assert [pq.read_metadata(tmp_path / file.path).num_row_groups for file in files] == [2, 2, 1]
    written = pa.concat_tables([pq.read_table(tmp_path / file.path) for file in files])
    assert written == pa.concat_tables(make_tables(100))


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = write(tmp_path / "first", make_tables(57)), write(tmp_path / "second", make_tables(57))
    assert first == second
    contents = [(tmp_path / folder / first[0].path).read_bytes() for folder in ("first", "second")]
    assert contents[0] == contents[1]


def test_a_row_put_in_front_leaves_most_bytes_unchanged(tmp_path: Path) -> None:
    """Pages are cut by content, so the Hub stores what did not change once."""
    words = [f"{n * 2654435761 % 2**32:x}" * 40 for n in range(20_000)]
    contents = []
    for folder, texts in (("old", words), ("new", ["new", *words])):
        table = pa.table({"n": [0] * len(texts), "text": texts}, SCHEMA)
        (file,) = write(tmp_path / folder, iter([table]))
        contents.append((tmp_path / folder / file.path).read_bytes())
    old, new = contents
    blocks = [new[start : start + 4096] for start in range(0, len(new), 4096)]
    assert len(blocks) > 30
    assert sum(block in old for block in blocks) > 0.5 * len(blocks)


def test_a_table_without_rows_still_has_a_shard_with_its_columns(tmp_path: Path) -> None:
    (file,) = write(tmp_path, make_tables(0))
    assert pq.read_table(tmp_path / file.path) == SCHEMA.empty_table()


def test_tables_without_rows_stream(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    """Without streaming ``datasets`` itself refuses a split that has no rows."""
    out = build(make_recipe({"a.txt": b" \n"}), tmp_path / "out").path
    rows = load_dataset(str(out), split="train", streaming=True)
    assert {"id", "text", "token_count"} <= rows.features.keys()
    assert list(rows) == []
    assert pq.read_metadata(out / "data" / "chunks" / "train-00000-of-00001.parquet").num_row_groups == 0
