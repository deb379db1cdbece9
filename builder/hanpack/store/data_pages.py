"""Reads single texts of a Parquet file from the data pages that they are in.

pyarrow decodes a row group from its beginning: 20 to 60 MB for a text at its end. A page has about 1 MB. The
pages are found as every reader finds them, by their headers, from the beginning of the column on; an index
of pages in the file could leave some out and is not read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.store.page_headers import PageHeader, read_page_header
from hanpack.store.row_spans import cut_ranges
from hanpack.store.thrift_values import read_count

# A header has some 30 bytes, with statistics up to twice the longest value more.
_HEADER_SIZES = (128, 2**16, 2**24)
# Before each string, and before the levels of a page.
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class DataPage:
    """A page of a column: where its data are, their compression, and its rows in the file."""

    start: int
    header: PageHeader
    compression: str
    rows: range


def find_pages(file: pq.ParquetFile, stream: BinaryIO, column: str) -> list[DataPage] | None:
    """The pages of a column of strings, in order; ``stream`` reads the same file.

    None if they are not such as hanpack writes: plain values, none of them null.

    Raises:
        OSError: the file cannot be read.
    """
    paths = [file.schema.column(number).path for number in range(len(file.schema))]
    number = paths.index(column)
    if file.schema.column(number).max_definition_level != 1:
        return None
    pages: list[DataPage] = []
    first = 0
    for group in range(file.num_row_groups):
        row_group = file.metadata.row_group(group)
        chunk = row_group.column(number)
        if chunk.has_dictionary_page or chunk.num_values != row_group.num_rows:
            return None
        place, end = chunk.data_page_offset, first + chunk.num_values
        while first < end:
            header = _read_header(stream, place)
            if header is None or not 0 < header.values <= end - first:
                return None
            rows = range(first, first + header.values)
            pages.append(DataPage(place + header.size, header, chunk.compression, rows))
            place, first = place + header.size + header.compressed_size, rows.stop
    return pages


def _read_header(stream: BinaryIO, place: int) -> PageHeader | None:
    for size in _HEADER_SIZES:
        stream.seek(place)
        try:
            return read_page_header(stream.read(size))
        except IndexError:
            continue
        except ValueError:
            break
    return None


def read_texts(
    stream: BinaryIO, pages: Sequence[DataPage], spans: Sequence[range]
) -> Iterator[list[tuple[int, str]]]:
    """The texts in some spans of rows, each with its row: a list for each page that has some of them.

    The spans are in order, and no two overlap.

    Raises:
        OSError: a page cannot be read, or it is not what its header says.
    """
    for page in pages:
        inside = cut_ranges(spans, page.rows)
        if inside:
            yield _take_texts(_read_page(stream, page), page, inside)


def _read_page(stream: BinaryIO, page: DataPage) -> bytes:
    """The data of a page: the levels of its values, which say that none is null, and the values."""
    stream.seek(page.start)
    data = stream.read(page.header.compressed_size)
    if page.compression != "UNCOMPRESSED":
        data = pa.Codec(page.compression.lower()).decompress(data, page.header.page_size, asbytes=True)
    return data


def _take_texts(data: bytes, page: DataPage, spans: Sequence[range]) -> list[tuple[int, str]]:
    """The texts of some rows of a page; each value comes after its length."""
    texts: list[tuple[int, str]] = []
    try:
        (size,) = _LENGTH.unpack_from(data)
        place, row = _LENGTH.size + size, page.rows.start
        if not _has_all(data[_LENGTH.size : place], page.header.values):
            raise OSError("a text is null")
        for span in spans:
            while row < span.stop:
                (size,) = _LENGTH.unpack_from(data, place)
                start, place = place + _LENGTH.size, place + _LENGTH.size + size
                if row >= span.start:
                    texts.append((row, data[start:place].decode()))
                row += 1
    except (struct.error, IndexError, ValueError) as error:
        raise OSError(f"a page has other values than its header says: {error}") from error
    if place > len(data):
        raise OSError("a page ends before its last value")
    return texts


def _has_all(levels: bytes, values: int) -> bool:
    """Whether no value is null, by their levels: runs of equal levels, or eight levels in each byte."""
    place = 0
    while values > 0:
        count, place = read_count(levels, place)
        number, is_packed = count >> 1, count & 1
        if is_packed:
            bits = int.from_bytes(levels[place : place + number], "little")
            all_set = (1 << min(8 * number, values)) - 1
            if bits & all_set != all_set:
                return False
            place, values = place + number, values - 8 * number
        elif levels[place] != 1:
            return False
        else:
            place, values = place + 1, values - number
    return True
