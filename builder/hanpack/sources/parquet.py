"""Parquet files: a row is a record; spans count in the UTF-8 of the text column, its values joined."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
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
# A batch of rows is at most this many, and about so many bytes.
BATCH_ROWS, BATCH_BYTES = 1024, 8 * 2**20


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
        options, limit = survey.file.options, limits.max_record_bytes
        position, index = 0, 0
        try:
            for row in read_rows(survey.file.path, options.text_column, limit):
                data = b"" if row.text is None else row.text.encode("utf-8")
                end = position + row.text_bytes
                values, lost = _to_plain_values(row.columns)
                yield Record(
                    source=source,
                    index=index,
                    data=data,
                    byte_start=position,
                    byte_end=end,
                    wrapping="text",
                    metadata={**values, **options.metadata},
                    lost_values=lost,
                    fault=_find_row_fault(row, limit),
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


@dataclass(frozen=True, slots=True)
class ParquetRow:
    """A row: its text, or None if that is null; the size of the text in UTF-8; the other columns by name.

    A row that is larger than the limit has neither text nor columns, and ``is_too_large``.
    """

    text: str | None
    text_bytes: int
    columns: dict[str, object]
    is_too_large: bool = False


def _find_row_fault(row: ParquetRow, limit: int) -> Reason | None:
    if row.is_too_large:
        return Reason(Cause.RECORD_TOO_LONG, {"limit": limit})
    return Reason(Cause.NULL_VALUE) if row.text is None else None


def read_rows(path: Path, column: str, limit: int | None = None) -> Iterator[ParquetRow]:
    """Read a file row by row; no values are made of a row whose columns take more than ``limit`` bytes.

    Raises:
        One of ``UNREADABLE``: the file is damaged after the last row that was read.
    """
    with pq.ParquetFile(path) as table:
        for coded in table.iter_batches(batch_size=_count_batch_rows(table.metadata)):
            batch = _decode_dictionaries(coded, column)
            if limit is None or batch.nbytes <= limit:
                yield from _read_batch(batch, column)
                continue
            for index in range(batch.num_rows):
                row = batch.slice(index, 1)
                if row.nbytes <= limit:
                    yield from _read_batch(row, column)
                else:
                    size = pc.binary_length(row.column(column))[0].as_py()
                    yield ParquetRow(None, size or 0, {}, is_too_large=True)


def _count_batch_rows(metadata: pq.FileMetaData) -> int:
    """How many rows to read at once: as many as take about ``BATCH_BYTES``, by their mean size."""
    groups = (metadata.row_group(index) for index in range(metadata.num_row_groups))
    size: int = sum(group.total_byte_size for group in groups)
    fitting: int = BATCH_BYTES * metadata.num_rows // max(size, 1)
    return max(1, min(BATCH_ROWS, fitting))


def _decode_dictionaries(batch: pa.RecordBatch, column: str) -> pa.RecordBatch:
    """The same rows with the text as plain strings, and no column that shares its values with other rows."""
    columns = [
        array.dictionary_decode() if pa.types.is_dictionary(array.type) else array for array in batch.columns
    ]
    text = batch.schema.get_field_index(column)
    columns[text] = columns[text].cast(pa.string())
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _read_batch(batch: pa.RecordBatch, column: str) -> Iterator[ParquetRow]:
    texts = batch.column(column).to_pylist()
    sizes = pc.binary_length(batch.column(column)).to_pylist()
    others = batch.drop_columns([column]).to_pylist() or [{} for _ in texts]
    for text, size, columns in zip(texts, sizes, others, strict=True):
        yield ParquetRow(text, size or 0, columns)


def read_texts(path: Path, column: str) -> Iterator[str]:
    """Read the texts of a file as far as it can be read; the text of a null is empty."""
    try:
        for row in read_rows(path, column):
            yield row.text or ""
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
