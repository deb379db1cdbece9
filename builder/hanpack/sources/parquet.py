"""The rows of a Parquet file: the text of each and its other columns, read the same way every time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

# What reading a damaged or odd file raises; a timestamp past the year 9999 overflows.
UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError, OverflowError)
BATCH_ROWS = 1024


def find_fault(path: Path, column: str) -> str | None:
    """Why a file cannot be read for the text of ``column``, or None."""
    try:
        schema = pq.read_schema(path)
    except UNREADABLE as error:
        return f"cannot be read as Parquet: {str(error).splitlines()[0]}"
    count = schema.names.count(column)
    if count != 1:
        told = "there is no such column" if not count else f"there are {count} columns of that name"
    elif is_text(schema.field(column).type):
        return None
    else:
        told = f"it is {schema.field(column).type}"
    return f"the text column {column!r} is not a column of strings: {told}"


def read_rows(path: Path, column: str) -> Iterator[tuple[str | None, dict[str, object]]]:
    """Read (text, other columns) row by row.

    Raises:
        any of ``UNREADABLE``: the file is damaged from here on.
    """
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=BATCH_ROWS):
            texts = batch.column(column).cast(pa.string()).to_pylist()
            others = batch.drop_columns([column]).to_pylist()
            yield from zip(texts, others or ({} for _ in texts), strict=True)


def read_texts(path: Path, column: str) -> Iterator[str]:
    """The texts of a file as far as it can be read."""
    try:
        for text, _ in read_rows(path, column):
            yield text or ""
    except UNREADABLE:
        return


def is_text(kind: pa.DataType) -> bool:
    """Whether a type is one of Arrow's strings, dictionaries of them too."""
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(
        pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner)
    )
