"""Parquet files: a row is a record; spans count in the UTF-8 of the text column, its values joined."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.errors import RecordError
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits, Shape
from hanpack.sources.source_files import (
    EXCERPT_ROWS,
    Excerpt,
    RawReader,
    SourceFile,
    SourceFormat,
    Survey,
)

# What Arrow raises for a damaged or unusual file; a timestamp after the year 9999 overflows.
UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError, OverflowError)
BATCH_ROWS = 1024


class ParquetFormat(SourceFormat):
    """Parquet with a column of strings. A compressed Parquet file is refused: its pages are compressed."""

    fixed_encoding = "utf-8"

    def __init__(self, name: str, *suffixes: str) -> None:
        self.name = name
        self.suffixes = suffixes
        self.shapes: tuple[Shape, ...] = ("row",)

    def refuse(self, compression: str) -> Reason | None:
        """A compressed Parquet file is not read."""
        return Reason(Cause.COMPRESSED_PARQUET) if compression else None

    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """An empty sample, because the encoding is fixed; the fault says why the file has no usable text."""
        del max_expansion
        return b"", find_fault(file.path, file.options.text_column)

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The first rows of the column of strings that holds the most text."""
        path = survey.file.path
        try:
            texts = {
                name: list(islice(read_texts(path, name), EXCERPT_ROWS)) for name in find_text_columns(path)
            }
            rows = count_rows(path)
        except UNREADABLE as error:
            raise RecordError(_invalid_parquet(error)) from error
        if not texts:
            fields = {"column": survey.file.options.text_column, "detail": "no column contains strings"}
            raise RecordError(Reason(Cause.NO_TEXT_COLUMN, fields))
        column = max(texts, key=lambda name: sum(map(len, texts[name])))
        scale = max(rows / max(len(texts[column]), 1), 1.0)
        return Excerpt(text="\n".join(texts[column]), encoding="utf-8", scale=scale, column=column)

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The rows; an empty table has one empty record, a damaged file ends in a rejected record."""
        del limits
        options = survey.file.options
        position, index = 0, 0
        try:
            for text, columns in read_rows(survey.file.path, options.text_column):
                data = b"" if text is None else text.encode("utf-8")
                end = position + len(data)
                values, lost = _to_plain_values(columns)
                yield Record(
                    source=source,
                    index=index,
                    data=data,
                    byte_start=position,
                    byte_end=end,
                    wrapping="text",
                    metadata={**values, **options.metadata},
                    lost_values=lost,
                    fault=Reason(Cause.NULL_VALUE) if text is None else None,
                )
                position, index = end, index + 1
            if not index:
                yield Record(source, 0, b"", 0, 0, metadata=options.metadata)
        except UNREADABLE as error:
            fault = Reason(Cause.PARQUET_READ_ERROR, {"detail": str(error).splitlines()[0]})
            yield Record(source, index, b"", position, position, fault=fault)

    @contextmanager
    def open_raw(self, file: SourceFile, max_expansion: int) -> Iterator[RawReader]:
        """The UTF-8 of the text column, as far as the file can be read."""
        del max_expansion
        file.path.stat()
        yield _ConcatenatedReader(text.encode() for text in read_texts(file.path, file.options.text_column))


class _ConcatenatedReader:
    """Reads byte strings one after another, as one stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""

    def read(self, size: int, /) -> bytes:
        parts = [self._buffer]
        length = len(self._buffer)
        while length < size and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            length += len(piece)
        joined = b"".join(parts)
        self._buffer = joined[size:]
        return joined[:size]


def find_fault(path: Path, column: str) -> Reason | None:
    """Why the text of a file cannot be read from ``column``, or None."""
    try:
        schema = pq.read_schema(path)
    except UNREADABLE as error:
        return _invalid_parquet(error)
    count = schema.names.count(column)
    if count == 1 and is_text(schema.field(column).type):
        return None
    if count == 1:
        detail = f"it is {schema.field(column).type}"
    else:
        detail = "there is no such column" if not count else f"there are {count} columns of that name"
    return Reason(Cause.NO_TEXT_COLUMN, {"column": column, "detail": detail})


def _invalid_parquet(error: Exception) -> Reason:
    return Reason(Cause.INVALID_PARQUET, {"detail": str(error).splitlines()[0]})


def read_rows(path: Path, column: str) -> Iterator[tuple[str | None, dict[str, object]]]:
    """Read pairs (text, other columns by name) row by row; the text of a null is None.

    Raises:
        One of ``UNREADABLE``: the file is damaged after the last row that was read.
    """
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=BATCH_ROWS):
            texts = batch.column(column).cast(pa.string()).to_pylist()
            others = batch.drop_columns([column]).to_pylist()
            yield from zip(texts, others or ({} for _ in texts), strict=True)


def read_texts(path: Path, column: str) -> Iterator[str]:
    """Read the texts of a file as far as it can be read; the text of a null is empty."""
    try:
        for text, _ in read_rows(path, column):
            yield text or ""
    except UNREADABLE:
        return


def find_text_columns(path: Path) -> list[str]:
    """The names of a file's columns of strings."""
    schema = pq.read_schema(path)
    return [name for name in schema.names if is_text(schema.field(name).type)]


def count_rows(path: Path) -> int:
    """The number of rows of a file."""
    return int(pq.read_metadata(path).num_rows)


def is_text(type_: pa.DataType) -> bool:
    """Whether a type is one of Arrow's strings, or a dictionary of them.

    >>> is_text(pa.dictionary(pa.int32(), pa.string())), is_text(pa.binary())
    (True, False)
    """
    inner = type_.value_type if pa.types.is_dictionary(type_) else type_
    return bool(
        pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner)
    )


def _to_plain_values(row: Mapping[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """The values of a row as JSON can hold them, and the names of those that became null."""
    values = {
        key: value.isoformat() if isinstance(value, datetime.date | datetime.time) else value
        for key, value in row.items()
    }
    lost = tuple(
        key for key, value in values.items() if isinstance(value, float) and not math.isfinite(value)
    )
    return {**values, **dict.fromkeys(lost)}, lost
