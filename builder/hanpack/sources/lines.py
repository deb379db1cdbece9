"""Cuts the content of a file into records (the file, its lines or its paragraphs) in bounded memory.

A piece is a pair (data, size in bytes). If a piece is longer than the limit, its data is empty, but its size
is kept, so that the sizes of all pieces add up to the size of the content.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import BinaryIO

import numpy as np

from hanpack.model import Record, Source, Wrapping
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits, Shape, SourceEntry
from hanpack.sources.compression import BLOCK_BYTES
from hanpack.sources.content import open_content
from hanpack.sources.source_files import SourceFile, Survey
from hanpack.sources.structure import CODE_UNITS
from hanpack.steps.decode.csv_rows import RowLayout

Piece = tuple[bytes, int]

# A record, however short, may always have this many invalid bytes, if invalid bytes are replaced.
ALWAYS_ALLOWED = 4
# Bytes.
_SHORT_FILE = 1 << 16
BLANK = b" \t\r\n\v\f\0"


def read_text_records(survey: Survey, source: Source, limits: Limits, wrapping: Wrapping) -> Iterator[Record]:
    """Read the records of a text file in order; an empty file has one empty record.

    Raises:
        OSError: the file cannot be read further.
    """
    file = survey.file
    with open_content(file, limits.max_expansion) as content:
        pieces = _cut(content, file.shape, source.encoding or "", limits.max_record_bytes)
        record = None
        for record in make_records(pieces, file=file, source=source, limits=limits, wrapping=wrapping):
            yield record
    if record is None:
        yield Record(source, 0, b"", 0, 0, metadata=file.options.metadata)


def make_records(
    pieces: Iterable[Piece],
    *,
    file: SourceFile,
    source: Source,
    limits: Limits,
    wrapping: Wrapping,
    preamble: int = 0,
    layout: RowLayout | None = None,
) -> Iterator[Record]:
    """A record for each piece of a content, one after another; one without data is too long.

    The first has ``preamble`` bytes before it, and ``layout`` is that of its rows.
    """
    too_long = Reason(Cause.RECORD_TOO_LONG, {"limit": limits.max_record_bytes})
    encoding = source.encoding or ""
    position = 0
    for index, (data, size) in enumerate(pieces):
        yield Record(
            source=source,
            index=index,
            data=data,
            byte_start=position,
            byte_end=position + size,
            terminator=count_terminator(data[preamble:] if preamble else data, file.shape, encoding),
            wrapping=wrapping,
            column=file.options.text_column,
            metadata=file.options.metadata,
            fault=None if len(data) == size else too_long,
            max_invalid=count_allowed(file.options, file.shape, size),
            max_nesting=limits.max_nesting,
            preamble=preamble,
            layout=layout,
            metadata_columns=file.options.metadata_columns,
        )
        position += size
        preamble = 0


def count_allowed(options: SourceEntry, shape: Shape, size: int) -> int:
    """How many invalid bytes a record of ``size`` bytes may have: a share of them, and a few in any case."""
    errors = options.errors or ("replace" if shape == "file" else "reject")
    return max(ALWAYS_ALLOWED, int(options.max_invalid * size)) if errors == "replace" else 0


def take_sample(content: BinaryIO, sample_bytes: int, read_to_end: bool) -> bytes:
    """Read the beginning of a content, then blocks that are not pure ASCII, about ``sample_bytes`` in all.

    With ``read_to_end`` everything after the sample is read too, which reveals a damaged compressed stream.

    Raises:
        OSError: the content cannot be read to its end.
    """
    sample = content.read(sample_bytes // 4)
    is_adjacent = True
    while block := content.read(sample_bytes // 4):
        is_useful = len(sample) < sample_bytes and not block.isascii()
        if is_useful and is_adjacent:
            sample += block
        elif is_useful:
            sample = sample[: sample.rfind(b"\n") + 1] + block[block.find(b"\n") + 1 :]
        is_adjacent = is_useful
        if len(sample) >= sample_bytes and not read_to_end:
            break
    return sample


def _cut(content: BinaryIO, shape: Shape, encoding: str, limit: int) -> Iterable[Piece]:
    if shape == "file":
        return read_file(content, limit)
    lines = read_lines(content, encoding, limit)
    return _join_paragraphs(lines, limit) if shape == "paragraph" else lines


def read_lines(content: BinaryIO, encoding: str, limit: int) -> Iterator[Piece]:
    """The lines of a content, each with its line break."""
    code_unit = CODE_UNITS.get(codecs.lookup(encoding).name) if encoding else None
    return _read_wide_lines(content, code_unit, limit) if code_unit else _read_lines(content, limit)


def count_terminator(data: bytes, shape: Shape, encoding: str) -> int:
    """Count the bytes at the end that only separate records: a line break, or also blank lines."""
    if shape == "file":
        return 0
    line_feed, marks = _encode_marks(encoding, shape == "paragraph")
    width = len(line_feed)
    end = len(data)
    if shape != "paragraph" and not data.endswith(line_feed):
        return 0
    while end >= width and data[end - width : end] in marks:
        end -= width
    return len(data) - end


@lru_cache(maxsize=64)
def _encode_marks(encoding: str, is_paragraph: bool) -> tuple[bytes, frozenset[bytes]]:
    """The line feed, and all characters that separate records, in an encoding."""
    codec = encoding if encoding in CODE_UNITS else "ascii"
    marks = "\r\n \t\v\f" if is_paragraph else "\r\n"
    return "\n".encode(codec), frozenset(mark.encode(codec) for mark in marks)


def read_file(content: BinaryIO, limit: int) -> Iterator[Piece]:
    """The whole content, if there is any."""
    # A reader takes all the memory that it may need before it reads, and most files are short.
    data = content.read(min(_SHORT_FILE, limit + 1))
    if len(data) == _SHORT_FILE <= limit:
        data += content.read(limit + 1 - _SHORT_FILE)
    if len(data) > limit:
        yield b"", len(data) + sum(len(block) for block in iter(lambda: content.read(BLOCK_BYTES), b""))
    elif data:
        yield data, len(data)


def _read_lines(content: BinaryIO, limit: int) -> Iterator[Piece]:
    while line := content.readline(limit + 2):
        if len(line) <= limit or line.endswith(b"\n"):
            yield line, len(line)
            continue
        size = len(line)
        while not line.endswith(b"\n") and (line := content.readline(BLOCK_BYTES)):
            size += len(line)
        yield b"", size


def _read_wide_lines(content: BinaryIO, code_unit: str, limit: int) -> Iterator[Piece]:
    """Cut lines of UTF-16 and UTF-32, in which a line feed is a complete code unit, not any byte 0x0A."""
    width = int(code_unit[-1])
    pending: list[bytes] = []
    size = 0
    while block := content.read(BLOCK_BYTES):
        units = np.frombuffer(block[: len(block) // width * width], dtype=code_unit)
        ends = ((np.flatnonzero(units == 0x0A) + 1) * width).tolist()
        for start, end in pairwise([0, *ends]):
            size += end - start
            pending.append(block[start:end])
            yield (b"".join(pending) if size <= limit else b""), size
            pending, size = [], 0
        unfinished = block[ends[-1] :] if ends else block
        size += len(unfinished)
        pending.append(unfinished if size <= limit else b"")
    if size:
        yield (b"".join(pending) if size <= limit else b""), size


def _join_paragraphs(lines: Iterable[Piece], limit: int) -> Iterator[Piece]:
    """Join lines to paragraphs, each with the blank lines after it, the first also with those before it."""
    pending: list[bytes] = []
    size, has_text, is_ending = 0, False, False
    for line, length in lines:
        is_blank = not line.strip(BLANK) and len(line) == length
        if is_ending and not is_blank:
            yield (b"".join(pending) if size <= limit else b""), size
            pending, size, has_text = [], 0, False
        pending.append(line)
        size += length
        has_text = has_text or not is_blank
        is_ending = has_text and is_blank
    if pending:
        yield (b"".join(pending) if size <= limit else b""), size
