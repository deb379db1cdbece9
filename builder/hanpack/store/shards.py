"""Parquet shards as the Hub, its viewer and loaders read them best, the same bytes for the same rows.

A table is cut into shards between parts, at places that depend on the parts near them: if a part changes, the
other shards stay as they are. The cuts are those of content-defined chunking (Muthitacharoen et al. 2001, "A
Low-bandwidth Network File System"), by the smallest hash in a window instead of a mask, which keeps all
shards between half and one and a half times their mean size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.hashing import hash_file
from hanpack.store.table_kinds import Numbers

ROW_GROUP_BYTES = 64 * 2**20
# A large table has between this many shards and twice as many, so that loaders can share it among workers.
SHARDS = 16
# A part with a larger table has a record that is far longer than a batch.
LARGE_TABLE_BYTES = 48 * 2**20
SMALLEST_SHARD_BYTES, LARGEST_SHARD_BYTES = 2 * 2**20, 2**30
# The columns that rows are looked up by.
IDS = ("id", "document_id")
# The columns whose lists are as long as a record.
_LONG_LISTS = {"edits", "text_breaks", "byte_breaks"}
# The share of shards without an id that are read for it all the same.
FALSE_POSITIVES = 0.01
# Positions ascend within a list: benchmarks/layout.py measures what it saves to write their differences.
POSITION_ENCODING = "DELTA_BINARY_PACKED"
PARQUET = {
    "compression": "zstd",
    # zstd finds what repeats; benchmarks/layout.py measures what dictionaries cost.
    "use_dictionary": False,
    "write_page_index": True,
    # The Hub stores content-defined chunks once; these are its advice for Parquet.
    "use_content_defined_chunking": {"min_chunk_size": 256 * 1024, "max_chunk_size": 1024 * 1024},
}


@dataclass(frozen=True, slots=True)
class ShardFile:
    """A file of a build: its path in the build, the hash and number of its bytes, and its rows.

    ``root`` is the root of the Merkle tree over its rows, empty for files that the root of a build does not
    commit to: see :mod:`hanpack.store.merkle`.
    """

    path: str
    sha256: str
    bytes: int
    rows: int
    root: str = field(default="", compare=False)

    @property
    def table(self) -> str:
        """The table a shard belongs to, such as ``chunks``, by its path."""
        return self.path.split("/")[1]

    @property
    def partition(self) -> str:
        """The partition a shard belongs to, such as ``train``, by its name."""
        return self.path.rpartition("/")[2].partition("-")[0]


def find_shard_size(total: int) -> int:
    """The mean size of the shards of a table with ``total`` bytes in memory: a power of two.

    >>> find_shard_size(10**9) // 2**20, find_shard_size(100)  // 2**20
    (32, 2)
    """
    size = 1 << max(total // SHARDS, 1).bit_length() - 1
    return min(max(size, SMALLEST_SHARD_BYTES), LARGEST_SHARD_BYTES)


def plan_shards(sizes: Numbers, hashes: npt.NDArray[np.uint64], shard_size: int) -> list[range]:
    """Which parts are in each shard, from the size of each part (bytes) and a hash of its name.

    A shard ends with the part of the smallest hash among those with which it has between half and one and a
    half times ``shard_size``; if there is none, with the first part with which it is larger. The last has all
    parts that are left as soon as they are no more than that.

    >>> plan_shards(np.array([1] * 9), np.array([5, 9, 7, 2, 8, 6, 3, 1, 4], np.uint64), 4)
    [range(0, 4), range(4, 9)]
    >>> plan_shards(np.zeros(0, np.int64), np.zeros(0, np.uint64), 4)
    [range(0, 0)]
    """
    shards: list[range] = []
    ends = np.cumsum(sizes, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    first = before = 0
    while 2 * (total - before) > 3 * shard_size:
        # The first part with which it is large enough, and the first with which it would be too large.
        low = int(np.searchsorted(ends, before + (shard_size + 1) // 2))
        high = int(np.searchsorted(ends, before + 3 * shard_size // 2, side="right"))
        end = low + 1 + int(np.argmin(hashes[low : max(high, low + 1)]))
        shards.append(range(first, end))
        first, before = end, int(ends[end - 1])
    # What is left after the last cut may be nothing.
    return [*shards, range(first, len(sizes))] if first < len(sizes) or not shards else shards


def name_shard(table: str, partition: str, number: int, count: int) -> str:
    """The path of a shard in a build.

    >>> name_shard("chunks", "train", 1, 16)
    'data/chunks/train-00001-of-00016.parquet'
    """
    return f"data/{table}/{partition}-{number:05d}-of-{count:05d}.parquet"


def group_rows(
    tables: Iterable[pa.Table], row_group_bytes: int = ROW_GROUP_BYTES, about: int = ROW_GROUP_BYTES
) -> Iterator[pa.Table]:
    """Join small tables into row groups of at most this size; none is without rows.

    A group is smaller than half of it only if it is the last, or if the table after it is larger than half.
    A table that is larger is a group of its own. ``about`` is the size of all tables, more or less.
    """
    if 2 * about < row_group_bytes:
        # To measure a slice of a table takes longer than to write it, and each small file has one.
        filled = [table for table in tables if table.num_rows]
        if filled:
            yield pa.concat_tables(filled).combine_chunks()
        return
    group: list[pa.Table] = []
    size = 0
    for table in tables:
        # Some readers fail on a row group without rows.
        if not table.num_rows:
            continue
        if group and size + table.nbytes > row_group_bytes:
            yield _join(group)
            size = 0
        group.append(table)
        size += table.nbytes
        del table
    if group:
        yield _join(group)


def _join(group: list[pa.Table]) -> pa.Table:
    """The tables of a row group as one; the list is emptied.

    Each column is let go of as soon as it is joined: all of both together take twice the memory.
    """
    schema = group[0].schema
    columns = [
        [chunk for table in group for chunk in table.column(index).chunks] for index in range(len(schema))
    ]
    columns.reverse()
    group.clear()
    joined = []
    while columns:
        chunks = columns.pop()
        joined.append(chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks))
        del chunks
    return pa.Table.from_arrays(joined, schema=schema)


def write_shard(
    path: Path,
    schema: pa.Schema,
    row_groups: Iterable[pa.Table],
    advance: Callable[[int], None],
    *,
    has_large_values: bool = False,
) -> int:
    """Write row groups as one shard; returns the number of rows.

    ``advance`` is called with the bytes in memory of each row group. The statistics of texts take many times
    the memory of the largest value: a shard that ``has_large_values`` has none, and if it has documents, its
    pages are of version 2. Ids have Bloom filters, for as many rows as the first row group has: the others,
    but for the last, have about as many.
    """
    rows = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    statistics: bool | list[str] = True
    if has_large_values:
        leaves = (leaf for field in schema if field.name != "text" for leaf in _iterate_leaves(field))
        statistics = [name for name, _ in leaves]
    groups = iter(row_groups)
    first = list(islice(groups, 1))
    filters = {}
    # The ledger has ids of documents, but none of its own: it is not looked up by them.
    if first and IDS[0] in schema.names:
        named = [name for name in IDS if name in schema.names]
        filters = {name: {"ndv": first[0].num_rows, "fpp": FALSE_POSITIVES} for name in named}
    options = {
        **PARQUET,
        "write_statistics": statistics,
        "bloom_filter_options": filters or None,
        "column_encoding": dict.fromkeys(list_positions(schema), POSITION_ENCODING) or None,
    }
    if has_large_values and _LONG_LISTS & set(schema.names):
        # A list is one page. A page of version 1 is copied once more before it is compressed.
        options["data_page_version"] = "2.0"
    with pq.ParquetWriter(path, schema, **options) as writer:
        while group := first.pop() if first else next(groups, None):
            writer.write_table(group, row_group_size=group.num_rows)
            advance(group.nbytes)
            rows += group.num_rows
            # Before the next one is made.
            del group
    return rows


def list_positions(schema: pa.Schema) -> list[str]:
    """The names of the Parquet columns with the positions in a text or its source, in long lists.

    >>> list_positions(pa.schema([("start", pa.int32()), ("text_breaks", pa.list_(pa.int64()))]))
    ['text_breaks.list.element']
    """
    leaves = (leaf for field in schema if field.name in _LONG_LISTS for leaf in _iterate_leaves(field))
    return [name for name, kind in leaves if pa.types.is_integer(kind)]


def _iterate_leaves(field: pa.Field, above: str = "") -> Iterator[tuple[str, pa.DataType]]:
    """The names and the types of the Parquet columns of a field."""
    name = above + field.name
    if pa.types.is_list(field.type):
        yield from _iterate_leaves(field.type.value_field.with_name("element"), f"{name}.list.")
    elif pa.types.is_struct(field.type):
        for inner in field.type:
            yield from _iterate_leaves(inner, f"{name}.")
    else:
        yield name, field.type


def describe_file(path: Path, folder: Path, rows: int = 0) -> ShardFile:
    """Hash a finished file of a build."""
    return ShardFile(path.relative_to(folder).as_posix(), hash_file(path), path.stat().st_size, rows)
