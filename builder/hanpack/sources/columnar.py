"""Tables in columns, as Parquet and Arrow have them: a row is a record.

Spans count in the UTF-8 of the text column, its values joined.
"""

from __future__ import annotations

import datetime
import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from hanpack.errors import RecordError
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits
from hanpack.sources.damage import describe_damage
from hanpack.sources.misfits import describe_misfit
from hanpack.sources.source_files import (
    EXCERPT_ROWS,
    Excerpt,
    RawReader,
    SourceFile,
    SourceReader,
    Survey,
)
from hanpack.sources.text_columns import choose_text_column, describe_parts, sort_by_words
from hanpack.steps.page.column_fields import read_fields

if TYPE_CHECKING:
    import pyarrow as pa

# A batch of rows is at most this many.
BATCH_ROWS = 1024
# Rows whose dictionaries are decoded together may take so many bytes.
_DECODED_BYTES = 64 * 2**20


def unreadable_errors() -> tuple[type[Exception], ...]:
    """What Arrow raises for a damaged or unusual file.

    A size may be a lie that no memory has room for, and a timestamp after the year 9999 overflows.
    """
    # Loaded with the first file that needs it: Arrow takes 0.1 s.
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, KeyError, OverflowError, MemoryError)


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table that is open: its columns, what reads its batches in order, and its rows, if they are known."""

    schema: pa.Schema
    read_batches: Callable[[], Iterator[pa.RecordBatch]]
    rows: int | None = None


class ColumnarReader(SourceReader):
    """A table with a column of strings. ``invalid`` and ``read_error`` are the causes for a damaged file."""

    invalid: Cause
    read_error: Cause

    @abstractmethod
    def open_table(self, file: SourceFile, max_expansion: int) -> AbstractContextManager[OpenTable]:
        """Open a file.

        Raises:
            One of :func:`unreadable_errors`: it is damaged.
        """

    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """An empty sample, because the encoding is fixed; the fault says why the file has no usable text."""
        try:
            with self.open_table(file, max_expansion) as table:
                # A table without rows has nothing in any column.
                return b"", _find_column_fault(table, file) if table.rows != 0 else None
        except unreadable_errors() as error:
            return b"", self._explain(self.invalid, error)

    def _explain(self, cause: Cause, error: Exception) -> Reason:
        return Reason(cause, {"detail": describe_damage(error)})

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The first rows of the column of strings that looks like text."""
        try:
            with self.open_table(survey.file, Limits().max_expansion) as table:
                texts = {
                    name: list(islice(read_texts(table, name), EXCERPT_ROWS))
                    for name in find_text_columns(table.schema)
                }
        except unreadable_errors() as error:
            raise RecordError(self._explain(self.invalid, error)) from error
        if not texts:
            fields = {"column": survey.file.options.text_column, "detail": "no column has strings"}
            raise RecordError(Reason(Cause.NO_TEXT_COLUMN, fields))
        column = choose_text_column(texts)
        if column is None and any(map(any, texts.values())):
            return Excerpt(text="", encoding="utf-8", scale=1.0, textless=sort_by_words(texts))
        column = column or next(iter(texts))
        if table.rows is None:
            scale = survey.size / max(sum(len(text.encode()) for text in texts[column]), 1)
        else:
            scale = table.rows / max(len(texts[column]), 1)
        text = "\n".join(texts[column])
        hint = describe_parts(texts, column)
        return Excerpt(text=text, encoding="utf-8", scale=max(scale, 1.0), column=column, hint=hint)

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The rows; an empty table has one empty record, a damaged file ends in a rejected record."""
        options, limit = survey.file.options, limits.max_record_bytes
        position, index = 0, 0
        try:
            with self.open_table(survey.file, limits.max_expansion) as table:
                for row in read_rows(table, options.text_column, limit):
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
                        metadata={**read_fields(values, options.metadata_columns), **options.metadata},
                        lost_values=lost,
                        fault=_find_row_fault(row, limit),
                    )
                    position, index = end, index + 1
            if not index:
                yield Record(source, 0, b"", 0, 0, metadata=options.metadata)
        except unreadable_errors() as error:
            fault = self._explain(self.read_error, error)
            yield Record(source, index, b"", position, position, metadata=options.metadata, fault=fault)

    @contextmanager
    def open_raw(self, file: SourceFile, max_expansion: int) -> Iterator[RawReader]:
        """The UTF-8 of the text column, as far as the file can be read."""
        file.path.stat()
        try:
            context = self.open_table(file, max_expansion)
            table = context.__enter__()
        except unreadable_errors():
            yield ConcatenatedReader(iter(()))
            return
        try:
            yield ConcatenatedReader(text.encode() for text in read_texts(table, file.options.text_column))
        finally:
            context.__exit__(None, None, None)


class ConcatenatedReader:
    """Reads byte strings one after another, as one stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""

    def read(self, size: int, /) -> bytes:
        """The next ``size`` bytes; fewer only at the end."""
        parts = [self._buffer]
        length = len(self._buffer)
        while length < size and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            length += len(piece)
        joined = b"".join(parts)
        self._buffer = joined[size:]
        return joined[:size]


def _find_column_fault(table: OpenTable, file: SourceFile) -> Reason | None:
    """Why the text cannot be read from the column that the recipe names, or None."""
    schema, column = table.schema, file.options.text_column
    count = schema.names.count(column)
    if count == 1 and is_text(schema.field(column).type):
        return None
    if count == 1:
        detail = f"it is {schema.field(column).type}"
    elif count:
        detail = f"there are {count} columns of that name"
    else:
        texts = {
            name: list(islice(read_texts(table, name), EXCERPT_ROWS)) for name in find_text_columns(schema)
        }
        which = f"the columns of strings are {', '.join(texts)}" if texts else "no column has strings"
        detail = f"there is no such column; {which}"
        if texts:
            detail += describe_misfit(file, choose_text_column(texts) or "")
    return Reason(Cause.NO_TEXT_COLUMN, {"column": column, "detail": detail})


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its text, or None if that is null; the size of the text in UTF-8; the other columns by name.

    A row that is larger than the limit has neither text nor columns, and ``is_too_large``.
    """

    text: str | None
    text_bytes: int
    columns: dict[str, object]
    is_too_large: bool = False


def _find_row_fault(row: TableRow, limit: int) -> Reason | None:
    if row.is_too_large:
        return Reason(Cause.RECORD_TOO_LONG, {"limit": limit})
    return Reason(Cause.NULL_VALUE) if row.text is None else None


def read_rows(table: OpenTable, column: str, limit: int | None = None) -> Iterator[TableRow]:
    """Read a table row by row; no values are made of a row whose columns take more than ``limit`` bytes.

    Raises:
        One of :func:`unreadable_errors`: the file is damaged after the last row that was read.
    """
    for whole in table.read_batches():
        rows = _count_rows_to_decode(whole)
        for start in range(0, whole.num_rows, rows):
            batch = _decode_dictionaries(whole.slice(start, rows), column)
            if limit is None or batch.nbytes <= limit:
                yield from _read_batch(batch, column)
                continue
            for index in range(batch.num_rows):
                row = batch.slice(index, 1)
                if row.nbytes <= limit:
                    yield from _read_batch(row, column)
                else:
                    size = _measure_texts(row, column)[0]
                    yield TableRow(None, size or 0, {}, is_too_large=True)


def _count_rows_to_decode(batch: pa.RecordBatch) -> int:
    """How many rows to decode at once: every row may have the longest value of each dictionary."""
    import pyarrow as pa

    dictionaries = [array.dictionary for array in batch.columns if pa.types.is_dictionary(array.type)]
    size = sum(int(dictionary.nbytes) for dictionary in dictionaries)
    return max(1, min(BATCH_ROWS, _DECODED_BYTES // max(size, 1)))


def _decode_dictionaries(batch: pa.RecordBatch, column: str) -> pa.RecordBatch:
    """The same rows with the text as plain strings, and no column that shares its values with other rows."""
    import pyarrow as pa

    columns = [
        array.dictionary_decode() if pa.types.is_dictionary(array.type) else array for array in batch.columns
    ]
    text = batch.schema.get_field_index(column)
    columns[text] = columns[text].cast(pa.string())
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _measure_texts(batch: pa.RecordBatch, column: str) -> list[int | None]:
    """The bytes of each text of a batch, None for a null."""
    import pyarrow.compute as pc

    sizes: list[int | None] = pc.binary_length(batch.column(column)).to_pylist()
    return sizes


def _read_batch(batch: pa.RecordBatch, column: str) -> Iterator[TableRow]:
    texts = batch.column(column).to_pylist()
    sizes = _measure_texts(batch, column)
    others = batch.drop_columns([column]).to_pylist() or [{} for _ in texts]
    for text, size, columns in zip(texts, sizes, others, strict=True):
        yield TableRow(text, size or 0, columns)


def read_texts(table: OpenTable, column: str) -> Iterator[str]:
    """Read the texts of a table as far as it can be read; the text of a null is empty."""
    try:
        for row in read_rows(table, column):
            yield row.text or ""
    except unreadable_errors():
        return


def find_text_columns(schema: pa.Schema) -> list[str]:
    """The names of the columns of strings."""
    return [field.name for field in schema if is_text(field.type) and schema.names.count(field.name) == 1]


def is_text(type_: pa.DataType) -> bool:
    """Whether a type is one of Arrow's strings, or a dictionary of them.

    >>> import pyarrow as pa
    >>> is_text(pa.dictionary(pa.int32(), pa.string())), is_text(pa.binary())
    (True, False)
    """
    import pyarrow as pa

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
