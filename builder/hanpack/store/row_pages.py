"""Reads single rows of columns of strings, numbers and lists from the data pages that they are in.

pyarrow decodes such a column from the beginning of its row group. Here it gets other metadata for the same
file, in which each page with one of the rows is a row group of its own, and the file has one column. Where
the pages are and which rows they have is what the file's index of pages says: it can leave no page out, but
a wrong one gives other rows, so that what is read this way must be compared with the rest of the row.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.store.fetched_ranges import FetchedRanges
from hanpack.store.thrift_values import (
    I32,
    I64,
    LIST,
    STRUCT,
    ListValue,
    Struct,
    TypedValue,
    read_struct,
    write_struct,
)

# A file ends with the size of its footer and this.
_MAGIC = b"PAR1"
_TAIL = struct.Struct("<I4s")


@dataclass(frozen=True, slots=True)
class _Page:
    """A page: where it is, with its header, the group it is in, and its rows."""

    offset: int
    size: int
    group: int
    rows: range

    @property
    def span(self) -> range:
        """Its bytes in the file."""
        return range(self.offset, self.offset + self.size)


class RowPages:
    """The columns of a file, of which single rows are read; ``stream`` stays open.

    Raises:
        OSError: the file is not as hanpack writes it.
    """

    def __init__(self, stream: BinaryIO | io.RawIOBase) -> None:
        self._stream = stream
        self._size = stream.seek(0, io.SEEK_END)
        size, magic = _TAIL.unpack(self._read(self._size - _TAIL.size, _TAIL.size))
        if magic != _MAGIC:
            raise OSError("the file does not end as Parquet files do")
        try:
            self._footer = _parse(self._read(self._size - _TAIL.size - size, size))
        except (IndexError, ValueError) as error:
            raise OSError(f"the metadata of the file cannot be read: {error}") from error

    def read(self, columns: Sequence[str], rows: Sequence[int]) -> dict[str, pa.Array]:
        """The values of some columns in some rows, which are in order; those of a struct only in lists.

        Raises:
            OSError: the pages cannot be read, or are not as hanpack writes them.
        """
        try:
            chunks = [group[1].value.values for group in self._footer[4].value.values]
            paths = [list(chunk[3].value[3].value.values) for chunk in chunks[0]]
            leaves = {
                column: [number for number, path in enumerate(paths) if path[0] == column.encode()]
                for column in columns
            }
            pages = {
                number: self._choose_pages(number, rows) for numbers in leaves.values() for number in numbers
            }
            spans = [page.span for of_leaf in pages.values() for page in of_leaf]
            stream = FetchedRanges(self._stream, self._size, spans)
            arrays = {
                number: self._read_leaf(number, paths[number], pages[number], rows, stream)
                for number in pages
            }
            return {
                column: _join_leaves([arrays[number] for number in numbers], len(rows))
                for column, numbers in leaves.items()
            }
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error) as error:
            raise OSError(f"the metadata of the file cannot be read: {error}") from error

    def _read_leaf(
        self,
        number: int,
        path: Sequence[bytes],
        pages: Sequence[_Page],
        rows: Sequence[int],
        stream: FetchedRanges,
    ) -> pa.Array:
        """The values of a column of the file, by its number: of a list, one of its parts."""
        with pq.ParquetFile(stream, metadata=self._make_view(number, path, pages)) as file:
            table = file.read(use_threads=False)
        if table.num_rows != sum(len(page.rows) for page in pages):
            raise OSError("a page has other rows than the index says")
        read = np.concatenate([np.arange(page.rows.start, page.rows.stop) for page in pages])
        return table.column(0).take(pa.array(np.searchsorted(read, rows))).combine_chunks()

    def _choose_pages(self, number: int, rows: Sequence[int]) -> list[_Page]:
        """The pages of a column that have some rows."""
        pages = self._find_pages(number, rows)
        starts = [page.rows.start for page in pages]
        chosen = sorted({bisect_right(starts, row) - 1 for row in rows})
        return [pages[index] for index in chosen]

    def _find_pages(self, number: int, rows: Sequence[int]) -> list[_Page]:
        """The pages of a column in the row groups that have some rows."""
        pages: list[_Page] = []
        first = 0
        for index, group in enumerate(self._footer[4].value.values):
            end = first + group[3].value
            if bisect_left(rows, first) < bisect_left(rows, end):
                chunk = group[1].value.values[number]
                locations = _parse(self._read(chunk[4].value, chunk[5].value))[1].value.values
                _require_all_pages(locations, chunk[3].value)
                limits = [*(first + location[3].value for location in locations), end]
                for location, (start, stop) in zip(locations, pairwise(limits), strict=True):
                    pages.append(_Page(location[1].value, location[2].value, index, range(start, stop)))
            first = end
        return pages

    def _make_view(self, number: int, path: Sequence[bytes], pages: Sequence[_Page]) -> pq.FileMetaData:
        """Metadata of a file with one column, in which each page is a row group."""
        groups = [self._make_group(number, page) for page in pages]
        schema = self._footer[2].value
        footer = {
            1: self._footer[1],
            2: TypedValue(LIST, ListValue(STRUCT, _choose_elements(schema.values, path))),
            3: TypedValue(I64, sum(len(page.rows) for page in pages)),
            4: TypedValue(LIST, ListValue(STRUCT, groups)),
        }
        data = write_struct(footer)
        return pq.read_metadata(pa.BufferReader(_MAGIC + data + _TAIL.pack(len(data), _MAGIC)))

    def _make_group(self, number: int, page: _Page) -> Struct:
        chunk = self._footer[4].value.values[page.group][1].value.values[number]
        metadata = {name: chunk[3].value[name] for name in (1, 2, 3, 4, 5, 6)}
        metadata |= {7: TypedValue(I64, page.size), 9: TypedValue(I64, page.offset)}
        column = {2: TypedValue(I64, 0), 3: TypedValue(STRUCT, metadata)}
        return {
            1: TypedValue(LIST, ListValue(STRUCT, [column])),
            2: TypedValue(I64, page.size),
            3: TypedValue(I64, len(page.rows)),
        }

    def _read(self, place: int, size: int) -> bytes:
        if not 0 <= place <= place + size <= self._size:
            raise OSError("a part of the metadata is not in the file")
        self._stream.seek(place)
        return self._stream.read(size) or b""


def _require_all_pages(locations: Sequence[Struct], chunk: Struct) -> None:
    """Check that the pages of an index are all those of a column in a row group, one after another."""
    place = chunk[9].value
    for location in locations:
        if location[1].value != place:
            raise OSError("the index of pages leaves something out")
        place += location[2].value
    if place != chunk[9].value + chunk[7].value:
        raise OSError("the index of pages leaves something out")


def _join_leaves(arrays: Sequence[pa.Array], rows: int) -> pa.Array:
    """The values of a column from those of its parts."""
    if not arrays or any(len(array) != rows for array in arrays):
        raise OSError("the index of pages names other rows than there are")
    kind = arrays[0].type
    if not pa.types.is_list(kind) or not pa.types.is_struct(kind.value_type):
        if len(arrays) > 1 or pa.types.is_struct(kind):
            raise OSError("the values of a struct are not read from their pages")
        return arrays[0]
    if any(not array.offsets.equals(arrays[0].offsets) for array in arrays):
        raise OSError("the parts of a list have other lengths")
    values = [array.values.field(0) for array in arrays]
    names = [array.type.value_type.field(0).name for array in arrays]
    return pa.ListArray.from_arrays(arrays[0].offsets, pa.StructArray.from_arrays(values, names))


def _parse(data: bytes) -> Struct:
    return read_struct(data)[0]


def _choose_elements(elements: Sequence[Struct], path: Sequence[bytes]) -> list[Struct]:
    """The root of a schema and the elements on a path, each with one child but the last."""
    chosen = [elements[0]]
    place = 1
    for name in path:
        while elements[place][4].value != name:
            place = _find_next(elements, place)
        chosen.append(elements[place])
        place += 1
    return [*({**element, 5: TypedValue(I32, 1)} for element in chosen[:-1]), chosen[-1]]


def _find_next(elements: Sequence[Struct], place: int) -> int:
    """Where the element after one and all below it is: the elements of a schema are in depth-first order."""
    children = elements[place][5].value if 5 in elements[place] else 0
    place += 1
    for _ in range(children):
        place = _find_next(elements, place)
    return place
