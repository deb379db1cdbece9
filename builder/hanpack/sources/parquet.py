"""Parquet files, on disk or in an archive; a compressed one is refused: it compresses its own pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from hanpack.parquet_rows import fit_rows
from hanpack.reasons import Cause
from hanpack.sources.columnar import BATCH_ROWS, ColumnarReader, OpenTable
from hanpack.sources.compression import count_allowed_bytes
from hanpack.sources.content import open_stored
from hanpack.sources.source_files import SourceFile

if TYPE_CHECKING:
    import pyarrow.parquet as pq

# A batch of rows has about so many bytes.
_BATCH_BYTES = 8 * 2**20
# The encodings of a column with a dictionary.
_DICTIONARIES = frozenset(("PLAIN_DICTIONARY", "RLE_DICTIONARY"))


class ParquetReader(ColumnarReader):
    """Parquet, read a batch of rows at a time."""

    invalid = Cause.INVALID_PARQUET
    read_error = Cause.PARQUET_READ_ERROR

    @contextmanager
    def open_table(self, file: SourceFile, max_expansion: int) -> Iterator[OpenTable]:
        """Open a Parquet file."""
        if file.member is None:
            with file.path.open("rb") as plain, _open(plain, max_expansion) as table:
                yield _describe(table)
            return
        with open_stored(file) as stored, _open(stored, max_expansion) as table:
            yield _describe(table)


def _open(stream: IO[bytes], max_expansion: int) -> pq.ParquetFile:
    """Open a file whose pages expand to no more than is allowed; its values are not repeated in memory.

    A dictionary of one long value makes a file of 2 kB hold gigabytes of text: it stays a dictionary.
    """
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(stream)
    size = stream.seek(0, io.SEEK_END)
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    if sum(group.total_byte_size for group in groups) > count_allowed_bytes(size, max_expansion):
        raise OSError("it expands to more than the recipe's limits.max_expansion allows")
    names = metadata.schema.to_arrow_schema().names
    columns = (group.column(index) for group in groups for index in range(group.num_columns))
    repeated = {
        column.path_in_schema
        for column in columns
        if column.path_in_schema in names and column.physical_type == "BYTE_ARRAY"
        if _DICTIONARIES.intersection(column.encodings)
    }
    stream.seek(0)
    return pq.ParquetFile(stream, read_dictionary=sorted(repeated))


def _describe(table: pq.ParquetFile) -> OpenTable:
    return OpenTable(
        table.schema_arrow,
        lambda: table.iter_batches(batch_size=fit_rows(table.metadata, _BATCH_BYTES, BATCH_ROWS)),
        table.metadata.num_rows,
    )
