"""The records of a source: lines, paragraphs, rows or the file, in bounded batches, covering every byte."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import BinaryIO

import numpy as np

from hanpack.model import Record, Source
from hanpack.recipe import Limits
from hanpack.sources.contents import Stamp, Survey, open_content
from hanpack.sources.parquet import UNREADABLE, read_rows

Batch = tuple[Record, ...]
BATCH_BYTES = 2 * 2**20
BATCH_RECORDS = 4096
BLOCK = 2**20
BLANK = b" \t\r\n\v\f\0"
UNITS = {"utf-16-le": "<u2", "utf-16-be": ">u2", "utf-32-le": "<u4", "utf-32-be": ">u4"}


def read_batches(survey: Survey, source: Source, limits: Limits) -> Iterator[Batch]:
    """Read a source's records in order, in batches of at most 2 MiB or one record.

    The records' spans follow one another from 0 to the end of the content. A file that changes while it
    is read, and what cannot be read, is given as records with a fault.
    """
    batch: list[Record] = []
    held = 0
    for record in _until_unreadable(survey, source, limits):
        if batch and (held + len(record.data) > BATCH_BYTES or len(batch) >= BATCH_RECORDS):
            yield _unless_changed(batch, survey)
            batch, held = [], 0
        batch.append(record)
        held += len(record.data)
    if batch:
        yield _unless_changed(batch, survey)


def _has_stamp(survey: Survey) -> bool:
    try:
        return Stamp.of(survey.file.path) == survey.stamp
    except OSError:
        return False


def _until_unreadable(survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
    """The records of a source; if it cannot be read to its end, one more that says so."""
    index, position = 0, 0
    try:
        for record in _records(survey, source, limits):
            yield record
            index, position = record.index + 1, record.byte_end
    except OSError as error:
        fault = f"cannot be read further: {error.strerror or error}"
        yield Record(source, index, b"", position, position, fault=fault)


def _unless_changed(batch: list[Record], survey: Survey) -> Batch:
    if survey.fault or survey.file.fault or _has_stamp(survey):
        return tuple(batch)
    return tuple(replace(record, data=b"", fault="the file changed while it was read") for record in batch)


def _records(survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
    file = survey.file
    if source.fault:
        yield Record(source, 0, b"", 0, source.size, fault=source.fault)
    elif file.suffix == ".parquet":
        yield from _rows(survey, source)
    else:
        with open_content(file, limits.max_expansion) as content:
            wide = UNITS.get(source.encoding or "")
            if file.shape == "file":
                pieces: Iterable[tuple[bytes, int]] = _whole(content, limits.max_record_bytes)
            elif wide:
                pieces = _wide_lines(content, wide, limits.max_record_bytes)
            else:
                pieces = _lines(content, limits.max_record_bytes)
            if file.shape == "paragraph":
                pieces = _paragraphs(pieces, limits.max_record_bytes)
            yield from _numbered(pieces, source, survey, limits)


def _numbered(
    pieces: Iterable[tuple[bytes, int]], source: Source, survey: Survey, limits: Limits
) -> Iterator[Record]:
    """Number pieces of (bytes, size); a piece whose bytes were too many to hold has only its size."""
    files, is_text = survey.file.files, survey.file.shape != "row"
    whole = survey.file.shape == "file"
    codec = source.encoding if source.encoding in UNITS else "ascii"
    position = 0
    index = -1
    for index, (data, size) in enumerate(pieces):
        yield Record(
            source,
            index,
            data,
            position,
            position + size,
            terminator=0 if whole else _terminator(data, codec, survey.file.shape == "paragraph"),
            wrapping="plain" if is_text else "json",
            column=files.text_column,
            metadata=files.metadata,
            fault=None if len(data) == size else f"longer than {limits.max_record_bytes:,} bytes",
        )
        position += size
    if index < 0:
        yield Record(source, 0, b"", 0, 0, metadata=files.metadata)


def _terminator(data: bytes, encoding: str, paragraph: bool) -> int:
    """Count the bytes at the end that only separate: a line break, and the blank lines after a paragraph."""
    marks = {mark.encode(encoding) for mark in ("\r\n \t\v\f" if paragraph else "\r\n")}
    width = len(min(marks))
    end = len(data)
    if not paragraph and not data.endswith("\n".encode(encoding)):
        return 0
    while end >= width and data[end - width : end] in marks:
        end -= width
    return len(data) - end


def _whole(content: BinaryIO, limit: int) -> Iterator[tuple[bytes, int]]:
    data = content.read(limit + 1)
    if len(data) > limit:
        yield b"", len(data) + _skip(content)
    elif data:
        yield data, len(data)


def _skip(content: BinaryIO) -> int:
    return sum(len(block) for block in iter(lambda: content.read(BLOCK), b""))


def _lines(content: BinaryIO, limit: int) -> Iterator[tuple[bytes, int]]:
    while line := content.readline(limit + 2):
        if len(line) <= limit or line.endswith(b"\n"):
            yield line, len(line)
            continue
        size = len(line)
        while not line.endswith(b"\n") and (line := content.readline(BLOCK)):
            size += len(line)
        yield b"", size


def _wide_lines(content: BinaryIO, unit: str, limit: int) -> Iterator[tuple[bytes, int]]:
    """Lines of UTF-16 and UTF-32, where a line feed is a code unit and not any byte 0x0A."""
    width = int(unit[-1])
    held: list[bytes] = []
    size = 0
    while block := content.read(BLOCK):
        units = np.frombuffer(block[: len(block) // width * width], dtype=unit)
        ends = ((np.flatnonzero(units == 0x0A) + 1) * width).tolist()
        for start, end in pairwise([0, *ends]):
            size += end - start
            held.append(block[start:end])
            yield (b"".join(held) if size <= limit else b""), size
            held, size = [], 0
        rest = block[ends[-1] :] if ends else block
        size += len(rest)
        held.append(rest if size <= limit else b"")
    if size:
        yield (b"".join(held) if size <= limit else b""), size


def _paragraphs(lines: Iterable[tuple[bytes, int]], limit: int) -> Iterator[tuple[bytes, int]]:
    """Join lines up to and with the blank lines after them; blank lines at the head join the first."""
    held: list[bytes] = []
    size, filled, ending = 0, False, False
    for line, length in lines:
        blank = not line.strip(BLANK) and len(line) == length
        if ending and not blank:
            yield (b"".join(held) if size <= limit else b""), size
            held, size, filled = [], 0, False
        held.append(line)
        size += length
        filled = filled or not blank
        ending = filled and blank
    if held:
        yield (b"".join(held) if size <= limit else b""), size


def _rows(survey: Survey, source: Source) -> Iterator[Record]:
    """Rows of a Parquet file; spans count in the text column's values laid end to end, as UTF-8."""
    files = survey.file.files
    position, index = 0, 0
    try:
        for text, columns in read_rows(survey.file.path, files.text_column):
            data = b"" if text is None else text.encode("utf-8")
            end = position + len(data)
            yield Record(
                source,
                index,
                data,
                position,
                end,
                wrapping="text",
                metadata={**_plain(columns), **files.metadata},
                fault="the text is null" if text is None else None,
            )
            position, index = end, index + 1
        if not index:
            yield Record(source, 0, b"", 0, 0, metadata=files.metadata)
    except UNREADABLE as error:
        fault = f"cannot be read further as Parquet: {str(error).splitlines()[0]}"
        yield Record(source, index, b"", position, position, fault=fault)


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {
        key: value.isoformat() if isinstance(value, datetime.date | datetime.time) else value
        for key, value in row.items()
    }
