"""Shards are laid out as the Hub reads them best, and the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.store.bloom_filters import may_contain
from hanpack.store.shards import find_shard_size, group_rows, list_positions, plan_shards, write_shard
from tests.conftest import MakeRecipe

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def make_tables(count: int) -> Iterator[pa.Table]:
    """Tables of ten rows, the last one shorter, with ``count`` rows in all."""
    for start in range(0, count, 10):
        rows = [{"n": n, "text": f"第{n}行"} for n in range(start, min(start + 10, count))]
        yield pa.Table.from_pylist(rows, SCHEMA)


def write(path: Path, tables: Iterator[pa.Table], **sizes: int) -> Path:
    write_shard(path, SCHEMA, group_rows(tables, **sizes), lambda _: None)
    return path


def test_shards_are_compressed_and_indexed_for_the_viewer(tmp_path: Path) -> None:
    metadata = pq.read_metadata(write(tmp_path / "rows.parquet", make_tables(100)))
    column = metadata.row_group(0).column(1)
    assert (metadata.num_rows, metadata.num_row_groups) == (100, 1)
    assert column.compression == "ZSTD"
    assert column.has_column_index
    assert column.has_offset_index


def test_positions_in_long_lists_are_written_as_differences(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": ("我們認為這個問題很嚴重。\n" * 40).encode()}, steps={"script": "hans"})
    path = build(recipe, tmp_path / "out").path / "data/documents/train-00000-of-00001.parquet"
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    encodings = {column.path_in_schema: column.encodings for column in columns}
    positions = list_positions(pq.read_schema(path))
    assert len(positions) == 6
    for name in positions:
        assert "DELTA_BINARY_PACKED" in encodings[name], name
    (edits,) = pq.read_table(path).column("edits").to_pylist()
    assert len(edits) >= 40


def test_row_groups_are_cut_by_size(tmp_path: Path) -> None:
    size = max(table.nbytes for table in make_tables(100))
    path = write(tmp_path / "rows.parquet", make_tables(100), row_group_bytes=2 * size)
    assert pq.read_metadata(path).num_row_groups == 5
    assert pq.read_table(path) == pa.concat_tables(make_tables(100))


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, make_tables(57)) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


@given(st.lists(st.integers(1, 40), max_size=60))
def test_row_groups_are_between_half_and_all_of_their_size(counts: list[int]) -> None:
    tables = [pa.table({"n": pa.array(range(count), pa.int64())}) for count in counts]
    limit = 64 * 8
    groups = list(group_rows(tables, limit))
    assert sum(group.num_rows for group in groups) == sum(counts)
    assert all(group.nbytes <= limit for group in groups)
    # Tables of up to 40 rows: a group is full if another table would not fit.
    assert all(group.nbytes > limit - 40 * 8 for group in groups[:-1])


@given(st.integers(100 * 10**6, 10**11), st.integers(10**5, 3 * 10**6), st.integers(0, 99))
def test_eight_workers_have_a_shard_each_from_100_mb_on(total: int, part: int, seed: int) -> None:
    random = Random(seed)
    sizes = [max(part, total // 2000)] * -(-total // max(part, total // 2000))
    shards = plan(sizes, [random.getrandbits(64) for _ in sizes], find_shard_size(sum(sizes)))
    assert len(shards) >= 8


def plan(sizes: Sequence[int], hashes: Sequence[int], shard_size: int) -> list[range]:
    return plan_shards(np.array(sizes, np.int64), np.array(hashes, np.uint64), shard_size)


SIZES = st.lists(st.integers(0, 3000), max_size=400)


@given(SIZES, st.integers(1, 5000), st.randoms(use_true_random=False))
def test_every_part_is_in_one_shard_and_shards_are_of_about_the_same_size(
    sizes: list[int], shard_size: int, random: Random
) -> None:
    hashes = [random.getrandbits(64) for _ in sizes]
    shards = plan(sizes, hashes, shard_size)
    assert [part for shard in shards for part in shard] == list(range(len(sizes)))
    totals = [sum(sizes[part] for part in shard) for shard in shards]
    assert all(2 * total >= shard_size for total in totals[:-1])
    # A shard is only larger if it would be too small without its last part.
    too_large = [
        shard
        for shard, total in zip(shards, totals, strict=True)
        if 2 * total > 3 * shard_size and 2 * (total - sizes[shard[-1]]) >= shard_size
    ]
    assert not too_large
    # Of the parts that may be the last of a shard, it has the smallest hash.
    for shard in shards[:-1]:
        ends = list(accumulate(sizes[shard.start :], initial=0))
        lasts = [
            shard.start + place - 1
            for place, end in enumerate(ends)
            if place and shard_size <= 2 * end <= 3 * shard_size
        ]
        assert not lasts or shard[-1] == min(lasts, key=hashes.__getitem__)


@given(st.integers(0, 10**13))
def test_a_large_table_has_enough_shards_for_loaders_to_share(total: int) -> None:
    size = find_shard_size(total)
    assert 2 * 2**20 <= size <= 2**30
    assert size in (2 * 2**20, 2**30) or 16 <= total / size < 32


@pytest.mark.parametrize("kind", ["changed", "added", "removed"])
def test_a_change_of_one_part_leaves_most_shards_as_they_are(kind: str) -> None:
    random = Random(7)
    parts = [(random.getrandbits(64), random.randrange(500, 1500)) for _ in range(4000)]
    unchanged = []
    for _ in range(50):
        place, changed = random.randrange(4000), list(parts)
        part = (random.getrandbits(64), random.randrange(500, 1500))
        if kind == "changed":
            changed[place] = (changed[place][0], part[1])
        elif kind == "added":
            changed.insert(place, part)
        else:
            del changed[place]
        before, after = (
            {tuple(content[i] for i in shard) for shard in cut(content)} for content in (parts, changed)
        )
        unchanged.append(len(before & after) / len(before))
    assert len(unchanged) == 50
    assert sum(unchanged) / 50 > 0.9


def cut(parts: list[tuple[int, int]]) -> list[range]:
    hashes, sizes = zip(*parts, strict=True)
    return plan(sizes, hashes, 125_000)


def test_a_row_put_in_front_leaves_most_bytes_unchanged(tmp_path: Path) -> None:
    """Pages are cut by content, so the Hub stores what did not change once."""
    words = [f"{n * 2654435761 % 2**32:x}" * 40 for n in range(20_000)]
    contents = []
    for folder, texts in (("old", words), ("new", ["new", *words])):
        table = pa.table({"n": [0] * len(texts), "text": texts}, SCHEMA)
        contents.append(write(tmp_path / folder, iter([table])).read_bytes())
    old, new = contents
    blocks = [new[start : start + 4096] for start in range(0, len(new), 4096)]
    assert len(blocks) > 30
    assert sum(block in old for block in blocks) > 0.5 * len(blocks)


def test_a_table_without_rows_still_has_a_shard_with_its_columns(tmp_path: Path) -> None:
    assert pq.read_table(write(tmp_path / "rows.parquet", make_tables(0))) == SCHEMA.empty_table()


def test_tables_without_rows_stream(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    """Without streaming ``datasets`` itself refuses a split that has no rows."""
    out = build(make_recipe({"a.txt": b" \n"}), tmp_path / "out").path
    rows = load_dataset(str(out), split="train", streaming=True)
    assert {"id", "text", "token_count"} <= rows.features.keys()
    assert list(rows) == []
    assert pq.read_metadata(out / "data" / "chunks" / "train-00000-of-00001.parquet").num_row_groups == 0


def find_columns_without_statistics(path: Path) -> set[str]:
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    return {column.path_in_schema for column in columns if not column.is_stats_set}


def test_a_shard_of_large_values_has_the_same_rows_without_statistics_of_texts(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("with.parquet", "without.parquet")]
    for path, has_large_values in zip(paths, (False, True), strict=True):
        groups = group_rows(make_tables(100))
        write_shard(path, SCHEMA, groups, lambda _: None, has_large_values=has_large_values)
    assert [find_columns_without_statistics(path) for path in paths] == [set(), {"text"}]
    assert pq.read_table(paths[0]) == pq.read_table(paths[1])


def test_ids_have_bloom_filters_and_no_column_a_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    ids = pa.table({"id": [f"{number:020x}" for number in range(200)], "text": ["x"] * 200})
    write_shard(path, ids.schema, [ids.slice(0, 150), ids.slice(150)], lambda _: None)
    metadata = pq.read_metadata(path)
    columns = [metadata.row_group(group).column(number) for group in (0, 1) for number in (0, 1)]
    assert [column.has_dictionary_page for column in columns] == [False] * 4
    assert [column.bloom_filter_offset is not None for column in columns] == [True, False, True, False]
    with path.open("rb") as stream:
        assert all(may_contain(metadata, "id", [value], stream) for value in ids.column("id").to_pylist())
        others = [may_contain(metadata, "id", [f"{number:020x}"], stream) for number in range(1000, 2000)]
        assert sum(others) < 60
        assert may_contain(metadata, "text", ["y"], stream)


def test_a_row_group_takes_memory_once() -> None:
    def make_tables() -> Iterator[pa.Table]:
        for number in range(12):
            yield pa.table({"text": pa.array([f"{number:04}" * 4] * 50_000)})

    size = next(make_tables()).nbytes
    before = pa.total_allocated_bytes()
    allocated = []
    for group in group_rows(make_tables(), 4 * size):
        allocated.append(pa.total_allocated_bytes() - before)
        del group
    assert len(allocated) == 3
    # The row group, and the first table of the next one.
    assert max(allocated) < 5.5 * size
