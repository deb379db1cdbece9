"""Parquet files, on disk or in an archive; a compressed one is refused: it compresses its own pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hanpack.reasons import Cause, Reason
from hanpack.sources.columnar import BATCH_ROWS, ColumnarFormat, OpenTable
from hanpack.sources.content import open_stored
from hanpack.sources.source_files import SourceFile

if TYPE_CHECKING:
    import pyarrow.parquet as pq

# A batch of rows has about so many bytes.
_BATCH_BYTES = 8 * 2**20


class ParquetFormat(ColumnarFormat):
    """Parquet, read a batch of rows at a time."""

    invalid = Cause.INVALID_PARQUET
    read_error = Cause.PARQUET_READ_ERROR

    def refuse(self, compression: str) -> Reason | None:
        """A compressed Parquet file is not read."""
        return Reason(Cause.COMPRESSED_PARQUET) if compression else None

    @contextmanager
    def open_table(self, file: SourceFile, max_expansion: int) -> Iterator[OpenTable]:
        """Open a Parquet file."""
        import pyarrow.parquet as pq

        del max_expansion
        if file.member is None:
            with pq.ParquetFile(file.path) as table:
                yield _describe(table)
            return
        with open_stored(file) as stream, pq.ParquetFile(stream) as table:
            yield _describe(table)


def _describe(table: pq.ParquetFile) -> OpenTable:
    return OpenTable(
        table.schema_arrow,
        lambda: table.iter_batches(batch_size=_count_batch_rows(table.metadata)),
        table.metadata.num_rows,
    )


def _count_batch_rows(metadata: pq.FileMetaData) -> int:
    """How many rows to read at once: as many as take about ``_BATCH_BYTES``, by their mean size."""
    groups = (metadata.row_group(index) for index in range(metadata.num_row_groups))
    size: int = sum(group.total_byte_size for group in groups)
    fitting: int = _BATCH_BYTES * metadata.num_rows // max(size, 1)
    return max(1, min(BATCH_ROWS, fitting))
