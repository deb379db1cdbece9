"""Reads the row groups of a shard in pieces: some rows at once, a very long record column by column.

This module is short because it is one mechanism.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.parquet_rows import fit_rows

# A batch holds about this much of a table, by the mean size of a row, and at most this many rows.
BATCH_BYTES, BATCH_ROWS = 8 * 2**20, 1024


def iterate_tables(
    file: pq.ParquetFile, size: int, groups: Sequence[int], columns: Sequence[str] | None
) -> Iterator[pa.Table]:
    """The rows of some row groups, at most ``size`` in each table."""
    if len(groups) == 1 and has_long_record(file, groups[0]):
        # Column by column: the pages of all columns of the record take several times its size.
        names = [name for name in file.schema_arrow.names if columns is None or name in columns]
        arrays = [file.read_row_groups(groups, [name], use_threads=False).column(name) for name in names]
        yield pa.Table.from_arrays(arrays, names)
        return
    # Batches are so small that threads would only slow this down.
    for batch in file.iter_batches(size, groups, columns, use_threads=False):
        yield pa.Table.from_batches([batch])


def has_long_record(file: pq.ParquetFile, group: int) -> bool:
    """Whether a row group is a very long record by itself."""
    metadata = file.metadata.row_group(group)
    return bool(metadata.num_rows == 1 and metadata.total_byte_size > BATCH_BYTES)


def count_batch_rows(metadata: pq.FileMetaData) -> int:
    """How many rows of a shard make a batch: as many as take about ``BATCH_BYTES``, by their mean size."""
    return fit_rows(metadata, BATCH_BYTES, BATCH_ROWS)
