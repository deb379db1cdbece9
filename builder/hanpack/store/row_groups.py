"""Reads the row groups of a shard in pieces: some rows at once, a very long record column by column.

This module is short because it is one mechanism.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.parquet_rows import fit_rows
from hanpack.store.arrays import join_chunks

# A batch holds about this much of a table, by the mean size of a row, and at most this many rows.
BATCH_BYTES, BATCH_ROWS = 8 * 2**20, 1024


def iterate_tables(
    file: pq.ParquetFile, size: int, groups: Sequence[int], columns: Sequence[str] | None
) -> Iterator[pa.Table]:
    """The rows of some row groups, at most ``size`` in each table."""
    if len(groups) == 1 and has_long_record(file, groups[0]):
        names = [name for name in file.schema_arrow.names if columns is None or name in columns]
        placed = [_read_by_columns(file, groups[0], names)]
        # Who takes the table may let go of it.
        yield placed.pop()
        return
    # Batches are so small that threads would only slow this down.
    for batch in file.iter_batches(size, groups, columns, use_threads=False):
        yield pa.Table.from_batches([batch])


def _read_by_columns(file: pq.ParquetFile, group: int, names: Sequence[str]) -> pa.Table:
    """The row of a very long record, one column of the file after another.

    Decoding a column takes several times its size: the largest is decoded first, before others are in memory.
    """
    metadata = file.metadata.row_group(group)
    columns = [metadata.column(number) for number in range(metadata.num_columns)]
    sizes: dict[str, dict[str, int]] = {name: {} for name in names}
    for column in columns:
        name = column.path_in_schema.partition(".")[0]
        if name in sizes:
            sizes[name][column.path_in_schema] = column.total_uncompressed_size
    read: dict[str, pa.ChunkedArray] = {}
    for name in sorted(names, key=lambda name: max(sizes[name].values()), reverse=True):
        kind = file.schema_arrow.field(name).type
        if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
            read[name] = _join_fields([_read_column(file, group, path, name) for path in sizes[name]], kind)
        else:
            read[name] = _read_column(file, group, name, name)
    return pa.Table.from_arrays([read[name] for name in names], names)


def _read_column(file: pq.ParquetFile, group: int, path: str, name: str) -> pa.ChunkedArray:
    """What is at a path of the schema, which begins with the name of a column of the table."""
    return file.read_row_groups([group], [path], use_threads=False).column(name)


def _join_fields(columns: Sequence[pa.ChunkedArray], kind: pa.DataType) -> pa.ChunkedArray:
    """A column of lists of structs from columns that have one field of them each."""
    lists = list(map(join_chunks, columns))
    first = lists[0]
    if any(not array.offsets.equals(first.offsets) for array in lists):
        raise pa.ArrowInvalid("the parts of a list have other lengths")
    structs = pa.StructArray.from_arrays(
        [field for array in lists for field in array.values.flatten()], fields=list(kind.value_type)
    )
    mask = first.is_null() if first.null_count else None
    return pa.chunked_array([pa.ListArray.from_arrays(first.offsets, structs, type=kind, mask=mask)])


def has_long_record(file: pq.ParquetFile, group: int) -> bool:
    """Whether a row group is a very long record by itself."""
    metadata = file.metadata.row_group(group)
    return bool(metadata.num_rows == 1 and metadata.total_byte_size > BATCH_BYTES)


def count_batch_rows(metadata: pq.FileMetaData) -> int:
    """How many rows of a shard make a batch: as many as take about ``BATCH_BYTES``, by their mean size."""
    return fit_rows(metadata, BATCH_BYTES, BATCH_ROWS)
