"""Reads some rows of a row group of a shard at a URL: of its large columns only the pages that they are in.

This module is short because it is one mechanism. The small columns are transferred as a whole: a request for
each page of each of them would take longer.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.store.row_groups import iterate_tables
from hanpack.store.row_pages import RowPages

# The bytes in the file from which on a column of a row group is large.
_LARGE = 128 * 2**10


def read_some_rows(
    file: pq.ParquetFile,
    stream: io.RawIOBase,
    *,
    group: int,
    rows: range,
    spans: Sequence[range],
    columns: Sequence[str],
) -> Iterator[tuple[int, pa.Table]]:
    """The rows in each of some spans of a row group, which has these ``rows``, with the number of the first.

    ``stream`` reads the same file. Which pages have the rows is what the file's index of pages says.

    Raises:
        OSError, pa.ArrowException: the file cannot be read.
    """
    numbers = np.concatenate([np.arange(span.start, span.stop) for span in spans])
    large = _find_large(file, group, columns) if len(numbers) < len(rows) else []
    pages: dict[str, pa.Array] = {}
    if large:
        try:
            pages = RowPages(stream).read(large, numbers.tolist())
        except (OSError, pa.ArrowException):
            # Somebody else wrote the file in another way: it is read as a whole.
            pages = {}
    others = [name for name in columns if name not in pages]
    taken: dict[str, pa.ChunkedArray] = {}
    if others:
        (table,) = iterate_tables(file, len(rows), [group], others)
        taken = {name: table.column(name).take(pa.array(numbers - rows.start)) for name in others}
    fields = [field for field in file.schema_arrow if field.name in columns]
    arrays = [
        pages[field.name].cast(field.type) if field.name in pages else taken[field.name] for field in fields
    ]
    joined = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    place = 0
    for span in spans:
        yield span.start, joined.slice(place, len(span))
        place += len(span)


def _find_large(file: pq.ParquetFile, group: int, columns: Sequence[str]) -> list[str]:
    """The columns that are large in a row group and can be read from pages."""
    sizes = dict.fromkeys(columns, 0)
    metadata = file.metadata.row_group(group)
    for number in range(metadata.num_columns):
        chunk = metadata.column(number)
        name = chunk.path_in_schema.partition(".")[0]
        if name in sizes:
            sizes[name] += chunk.total_compressed_size
    schema = file.schema_arrow
    return [
        name for name in columns if sizes[name] >= _LARGE and not pa.types.is_struct(schema.field(name).type)
    ]
