"""Parquet shards as the Hub and its viewer read them best, the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.hashing import hash_file

ROW_GROUP_BYTES = 100 * 2**20
SHARD_BYTES = 1000 * 2**20
PARQUET = {
    "compression": "zstd",
    "write_page_index": True,
    # The Hub stores content-defined chunks once; these are its advice for Parquet.
    "use_content_defined_chunking": {"min_chunk_size": 256 * 1024, "max_chunk_size": 1024 * 1024},
}


@dataclass(frozen=True, slots=True)
class ShardFile:
    """A file of a build: its path in the build, the hash and number of its bytes, and its rows."""

    path: str
    sha256: str
    bytes: int
    rows: int

    @property
    def table(self) -> str:
        """The table a shard belongs to, such as ``chunks``, by its path."""
        return self.path.split("/")[1]

    @property
    def partition(self) -> str:
        """The partition a shard belongs to, such as ``train``, by its name."""
        return self.path.rpartition("/")[2].partition("-")[0]


def write_shards(
    folder: Path,
    prefix: str,
    partition: str,
    schema: pa.Schema,
    tables: Iterator[pa.Table],
    advance: Callable[[int], None],
    *,
    row_group_bytes: int = ROW_GROUP_BYTES,
    shard_bytes: int = SHARD_BYTES,
) -> list[ShardFile]:
    """Write ``prefix/PARTITION-00000-of-0000N.parquet``, in row groups and shards of about these sizes.

    ``advance`` is called with the number of rows of each row group. A partition without rows still gets one
    shard, so that it loads.
    """
    place = folder / prefix
    place.mkdir(parents=True, exist_ok=True)
    unnamed: list[tuple[Path, int]] = []
    groups = _row_groups(tables, row_group_bytes)
    group = next(groups, schema.empty_table())
    while group is not None:
        path = place / f"{len(unnamed):05d}.tmp"
        rows = size = 0
        with pq.ParquetWriter(path, schema, **PARQUET) as writer:
            while group is not None and (not rows or size < shard_bytes):
                # Some readers fail on a row group without rows.
                if group.num_rows:
                    writer.write_table(group, row_group_size=group.num_rows)
                advance(group.num_rows)
                rows, size = rows + group.num_rows, size + group.nbytes
                group = next(groups, None)
        unnamed.append((path, rows))
    named = []
    for index, (path, rows) in enumerate(unnamed):
        final = place / f"{partition}-{index:05d}-of-{len(unnamed):05d}.parquet"
        path.replace(final)
        named.append(describe_file(final, folder, rows))
    return named


def _row_groups(tables: Iterator[pa.Table], row_group_bytes: int) -> Iterator[pa.Table]:
    group: list[pa.Table] = []
    size = 0
    for table in tables:
        if not table.num_rows:
            continue
        group.append(table)
        size += table.nbytes
        if size >= row_group_bytes:
            yield pa.concat_tables(group)
            group, size = [], 0
    if group:
        yield pa.concat_tables(group)


def describe_file(path: Path, folder: Path, rows: int = 0) -> ShardFile:
    """Hash a finished file of a build."""
    return ShardFile(path.relative_to(folder).as_posix(), hash_file(path), path.stat().st_size, rows)
