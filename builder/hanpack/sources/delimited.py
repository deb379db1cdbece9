"""CSV and TSV: a row is a record, the first row names the columns; spans count in the bytes of the file.

A row that is not CSV is rejected, the others are not. If the quotation mark that begins a field is not
closed, or is closed where no field can end, only the line that it is in is rejected, and no row after it.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

from hanpack.errors import RecordError
from hanpack.model import Record, Source, Wrapping
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits, SourceEntry
from hanpack.sources.content import open_content
from hanpack.sources.header_rows import weigh_first_row
from hanpack.sources.lines import Piece, make_records, read_lines
from hanpack.sources.misfits import describe_misfit
from hanpack.sources.source_files import EXCERPT_ROWS, Excerpt, SourceFile, Survey
from hanpack.sources.structure import Structure, resolve_order
from hanpack.sources.text import TextReader
from hanpack.sources.text_columns import choose_text_column, describe_parts, sort_by_words
from hanpack.steps.decode.csv_rows import RowLayout, is_open, read_row
from hanpack.steps.decode.encodings import detect

# The delimiters of a CSV file: the first that its first row has outside of quotation marks.
_DELIMITERS = (",", ";", "\t", "|")
# The header must be within the beginning of the sample.
_HEADER_BYTES = 2**18
# What is said of a table of which no column is the text, if its first row may be no header.
COLUMNS_ADVICE = "; if the first row is a record, set columns to the names of all columns"
# What is said of a first row that is a record, and of one that may be one.
_RECORD_HINT = (
    "its first row is a record, not the names of the columns: set columns to names of your own; "
    "if it does name them, remove columns and set text_column to a name in it"
)
_NAMES_HINT = (
    "its first row is taken for the names of the columns: if it is a record, set columns to their names"
)


class Header(NamedTuple):
    """The names of the columns of a file, its delimiter, and the bytes of the row that names them."""

    columns: tuple[str, ...]
    delimiter: str
    size: int


class _Table(NamedTuple):
    """The first values of each column, the column of the text or an empty name, and a hint for a scan.

    ``columns`` are the names of the columns if the first row is a record.
    """

    texts: dict[str, list[str]]
    column: str
    columns: tuple[str, ...]
    hint: str


class DelimitedReader(TextReader):
    """Rows of fields. The delimiter is ``delimiter`` or, if that is empty, the one that the first row has."""

    wrapping: Wrapping = "csv"

    def __init__(self, delimiter: str = "") -> None:
        self._delimiter = delimiter

    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """The sample of a text file; the fault says that there is no text column, and which there are."""
        sample, fault = super().take_sample(file, max_expansion)
        encoding = resolve_order(file.options.encoding or "", sample) or detect(sample).encoding
        if fault is None and encoding is not None and sample:
            header = self._read_header(sample, encoding, file.options)
            fault = self._find_fault(header, sample, encoding, file)
        return sample, fault

    def _find_fault(
        self, header: Header | None, head: bytes, encoding: str, file: SourceFile
    ) -> Reason | None:
        """Why the text cannot be read from the column that the recipe names, or None."""
        column = file.options.text_column
        if header is None:
            return _refuse_column(column, "the first row, which should name the columns, is not CSV")
        count = header.columns.count(column)
        if count == 1 or _has_no_rows(header, head):
            return None
        if count:
            return _refuse_column(column, f"there are {count} columns of that name")
        names = f"the columns are {', '.join(header.columns)}"
        if file.options.columns:
            return _refuse_column(column, names)
        table = self._read_table(head, encoding, header, file.options)
        if misfit := describe_misfit(file, table.column, table.columns):
            return _refuse_column(column, names + misfit)
        return _refuse_column(column, names + (COLUMNS_ADVICE if table.hint else ""))

    def _read_header(self, head: bytes, encoding: str, options: SourceEntry) -> Header | None:
        """The header of a content that begins with ``head``; None if its first row is not CSV.

        If the recipe names the columns, the file has no header.
        """
        structure = Structure(encoding)
        lines = read_lines(io.BytesIO(head), encoding, _HEADER_BYTES)
        first = next(lines, (b"", 0))
        delimiter = self._delimiter or _find_delimiter(structure.make(first[0]))
        if options.columns:
            return Header(tuple(options.columns), delimiter, 0)
        data, size = next(join_rows(chain([first], lines), structure, delimiter, _HEADER_BYTES), (b"", 0))
        try:
            text = data.decode(encoding).removeprefix("\ufeff").rstrip("\r\n")
            return Header(_name_columns(read_row(text, delimiter)), delimiter, size)
        except ValueError:
            return None

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The column that looks like text; names for the columns if the first row is no header."""
        lines = super().read_excerpt(survey)
        options = survey.file.options
        header = self._read_header(survey.sample, lines.encoding, options)
        if header is None:
            raise RecordError(_refuse_column(options.text_column, "the first row is not CSV"))
        table = self._read_table(survey.sample, lines.encoding, header, options)
        if not table.column and any(table.texts.values()):
            return replace(lines, text="", textless=sort_by_words(table.texts), columns=table.columns)
        column = table.column or next(iter(table.texts))
        hint = table.hint or describe_parts(table.texts, column)
        text = "\n".join(table.texts[column])
        return replace(lines, text=text, column=column, columns=table.columns, hint=hint)

    def _read_table(self, head: bytes, encoding: str, header: Header, options: SourceEntry) -> _Table:
        """The first rows of a content that begins with ``head``."""
        rows = list(islice(self._read_values(head[:_HEADER_BYTES], encoding, header), EXCERPT_ROWS))
        columns: tuple[str, ...] = ()
        hint = ""
        if not options.columns:
            first = [
                "" if name == _number_column(number) else name for number, name in enumerate(header.columns)
            ]
            signs = weigh_first_row(first, rows)
            if signs.is_record:
                rows = [first, *rows]
                columns = tuple(map(_number_column, range(len(first))))
            if any(first):
                hint = _RECORD_HINT if signs.is_record else _NAMES_HINT if signs.is_doubtful else ""
        names = columns or header.columns
        texts = {name: [row[index] for row in rows] for index, name in enumerate(names)}
        return _Table(texts, choose_text_column(texts) or "", columns, hint)

    def _read_values(self, head: bytes, encoding: str, header: Header) -> Iterator[Sequence[str]]:
        """The rows at the beginning of a content that have a value for each column."""
        lines = read_lines(io.BytesIO(head[header.size :]), encoding, _HEADER_BYTES)
        for data, _ in join_rows(lines, Structure(encoding), header.delimiter, _HEADER_BYTES):
            try:
                values = read_row(data.decode(encoding).rstrip("\r\n"), header.delimiter)
            except ValueError:
                continue
            if len(values) == len(header.columns):
                yield values

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The rows after the header, which belongs to the first of them; a blank row is an empty record."""
        file, encoding = survey.file, source.encoding or "utf-8"
        with open_content(file, limits.max_expansion) as content:
            head = content.read(_HEADER_BYTES)
        header = self._read_header(head, encoding, file.options)
        if not head:
            yield Record(source, 0, b"", 0, 0, metadata=file.options.metadata)
            return
        fault = self._find_fault(header, head, encoding, file)
        if header is None or fault:
            yield Record(source, 0, b"", 0, survey.size, metadata=file.options.metadata, fault=fault)
            return
        column = 0 if _has_no_rows(header, head) else header.columns.index(file.options.text_column)
        layout = RowLayout(header.columns, column, header.delimiter)
        with open_content(file, limits.max_expansion) as content:
            preamble = content.read(header.size)
            lines = read_lines(content, encoding, limits.max_record_bytes)
            rows = join_rows(lines, Structure(encoding), header.delimiter, limits.max_record_bytes)
            pieces = _put_before(preamble, rows)
            yield from make_records(
                pieces,
                file=file,
                source=source,
                limits=limits,
                wrapping=self.wrapping,
                preamble=len(preamble),
                layout=layout,
            )


def _has_no_rows(header: Header | None, head: bytes) -> bool:
    """Whether a content that begins with ``head`` is only a header: it has nothing in any column."""
    return header is not None and header.size == len(head) < _HEADER_BYTES


def _refuse_column(column: str, detail: str) -> Reason:
    return Reason(Cause.NO_TEXT_COLUMN, {"column": column, "detail": detail})


def _find_delimiter(line: bytes) -> str:
    outside = b"".join(line.split(b'"')[::2])
    return next((mark for mark in _DELIMITERS if mark.encode() in outside), _DELIMITERS[0])


def _name_columns(names: Sequence[str]) -> tuple[str, ...]:
    """The names in a header; an empty one becomes its number."""
    return tuple(name.strip() or _number_column(number) for number, name in enumerate(names))


def _number_column(number: int) -> str:
    """The name of a column that has none; columns count from 0."""
    return f"column_{number + 1}"


def join_rows(lines: Iterable[Piece], structure: Structure, delimiter: str, limit: int) -> Iterator[Piece]:
    """Join lines to rows: a row goes on in the next line if a quoted field does.

    A line is a row by itself, which will be rejected, if it is not CSV, or if the field that goes on does not
    end before the end of the file or the limit, or ends in a line that is not CSV.
    """
    mark = delimiter.encode("ascii")
    following = iter(lines)
    # Lines that were read ahead. Invariant: a quotation mark that ends a field closes at most one search, so
    # that each line is looked at a bounded number of times.
    waiting: deque[Piece] = deque()
    is_first = True

    def take() -> Piece | None:
        return waiting.popleft() if waiting else next(following, None)

    while (line := take()) is not None:
        data = line[0]
        if is_first and data.startswith(structure.mark):
            data = data[len(structure.mark) :]
        is_first = False
        joined, size = [line], line[1]
        state = is_open(structure.make(data), mark, is_inside=False)
        while state and size <= limit and (line := take()) is not None:
            joined.append(line)
            size += line[1]
            is_cut = len(line[0]) != line[1]
            state = None if is_cut else is_open(structure.make(line[0]), mark, is_inside=True)
        if state is not False or size > limit:
            waiting.extendleft(reversed(joined[1:]))
            yield joined[0]
        else:
            yield b"".join(data for data, _ in joined), size


def _put_before(preamble: bytes, rows: Iterable[Piece]) -> Iterator[Piece]:
    """The rows of a file, the header with the first of them, or alone if there is no row."""
    following = iter(rows)
    first = next(following, None)
    if first is None:
        yield preamble, len(preamble)
        return
    data, size = first
    yield preamble + data if len(data) == size else b"", len(preamble) + size
    yield from following
