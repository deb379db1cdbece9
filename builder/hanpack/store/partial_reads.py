"""Reads texts and single rows of builds from the pages they are in, and opens tables for queries.

All of them read only the parts of large files that they need.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import pyarrow as pa

from hanpack.store.data_pages import find_pages
from hanpack.store.data_pages import read_texts as read_page_texts
from hanpack.store.placed_rows import PlacedRow, TableBatch
from hanpack.store.reader import BuildReader, refuse_unreadable
from hanpack.store.received_rows import check_schema, check_values
from hanpack.store.row_pages import RowPages
from hanpack.store.shards import ShardFile
from hanpack.store.table_kinds import TableKind

# So many rows are read from pages of their own: for more, a row group takes less time.
_FEW_ROWS = 8
# Lists with so many bytes in the row groups of some rows are read from pages. For 3 MB this takes twice as
# long as to decode the row group, and hardly more for any size: so 8 MiB is an estimate, not a measurement.
_LARGE_LISTS = 8 * 2**20


def read_texts(
    reader: BuildReader, shard: ShardFile, spans: Sequence[range]
) -> Iterator[list[tuple[int, str]]]:
    """Read the texts of some spans of the rows of a shard, in order, in lists of texts with their rows.

    Of a file on this machine only the pages are read that the spans are in. No two spans overlap.

    Raises:
        VerifyError: the shard cannot be read.
    """
    pages = None
    if reader.remote is None:
        with reader.open_shard(shard) as file, reader.path(shard).open("rb") as stream:
            check_schema(file.schema_arrow, shard.table, reader.name_file(shard))
            pages = find_pages(file, stream, "text")
            yield from read_page_texts(stream, pages, spans) if pages else ()
    if pages is None:
        for batch in reader.read_spans(shard, spans, ["text"]):
            yield list(enumerate(batch.table.column("text").to_pylist(), batch.first))


def read_few_rows(
    reader: BuildReader, shard: ShardFile, rows: Sequence[int], columns: Sequence[str]
) -> Iterator[PlacedRow]:
    """Read some rows of a shard, which are in order, and lists in them only from the pages they are in.

    Which pages these are the file says: compare the lists with the rest of the row.

    Raises:
        VerifyError: the shard cannot be read.
    """
    spans = [range(row, row + 1) for row in rows]
    schema = TableKind.of(shard.table).schema
    names = [name for name in columns if pa.types.is_list(schema.field(name).type)]
    has_large = len(rows) <= _FEW_ROWS and _count_bytes(reader, shard, rows, names) >= _LARGE_LISTS
    lists = _read_lists(reader, shard, rows, names) if has_large else None
    if lists is None:
        for batch in reader.read_spans(shard, spans, columns):
            yield from batch.rows()
        return
    others = [name for name in columns if name not in names]
    table = pa.concat_tables(batch.table for batch in reader.read_spans(shard, spans, others))
    for name, values in lists.items():
        table = table.append_column(schema.field(name), values.cast(schema.field(name).type))
    table = check_values(table, reader.name_file(shard))
    for row, placed in zip(rows, TableBatch(shard, 0, table).rows(), strict=True):
        yield PlacedRow(shard.path, row, placed.values)


def _count_bytes(reader: BuildReader, shard: ShardFile, rows: Sequence[int], names: Sequence[str]) -> int:
    """The bytes of some columns, uncompressed, in the row groups that have some rows, which are in order."""
    with reader.open_shard(shard) as file:
        metadata = file.metadata
    count = first = 0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        end = first + group.num_rows
        if bisect_left(rows, first) < bisect_left(rows, end):
            columns = map(group.column, range(group.num_columns))
            count += sum(
                column.total_uncompressed_size
                for column in columns
                if column.path_in_schema.partition(".")[0] in names
            )
        first = end
    return count


def _read_lists(
    reader: BuildReader, shard: ShardFile, rows: Sequence[int], names: Sequence[str]
) -> dict[str, pa.ListArray] | None:
    """The lists of some columns in some rows; None if they cannot be read from their pages."""
    if reader.remote:
        return None
    with reader.open_shard(shard), reader.path(shard).open("rb") as stream:
        try:
            return RowPages(stream).read(names, rows)
        except (OSError, pa.ArrowException):
            # Whoever reads them as a whole says what is wrong with the file.
            return None


def open_dataset(reader: BuildReader, table: str) -> pa.dataset.Dataset:
    """A table as an Arrow dataset, which reads its shards only as far as a query needs them.

    A table that has shards for each split has the column ``split`` too. It opens local shards by their
    paths: call :meth:`BuildReader.require_unreplaced` after the query.

    Raises:
        VerifyError: a shard cannot be read.
    """
    # Only queries need the two, and they take time to import.
    from pyarrow.dataset import FileSystemDataset, ParquetFileFormat
    from pyarrow.dataset import field as dataset_field
    from pyarrow.fs import LocalFileSystem

    shards = reader.shards(table)
    for shard in shards:
        schema = reader.shard_schema(shard)
        check_schema(schema, table, reader.name_file(shard))
    has_splits = "split" not in schema.names and TableKind.of(table).is_partitioned
    remote = reader.remote
    paths = [shard.path if remote else reader.path(shard).as_posix() for shard in shards]
    with refuse_unreadable(reader.name_file(shards[0])):
        return FileSystemDataset.from_paths(
            paths,
            schema=schema.append(pa.field("split", pa.string())) if has_splits else schema,
            format=ParquetFileFormat(),
            filesystem=remote.make_filesystem() if remote else LocalFileSystem(),
            partitions=[dataset_field("split") == shard.partition for shard in shards]
            if has_splits
            else None,
        )
