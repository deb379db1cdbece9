"""Reads the headers of the data pages of a Parquet file, which pyarrow does not give to its callers.

They are structs of Parquet (github.com/apache/parquet-format, src/main/thrift/parquet.thrift) in the compact
protocol of Thrift (github.com/apache/thrift, doc/specs/thrift-compact-protocol.md). Of that only what these
headers have is read: truth values, integers, strings and structs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TRUE, _FALSE, _BINARY, _STRUCT = 1, 2, 8, 12
_INTEGERS = (4, 5, 6)
# A header has a struct for its kind of page, which has one with statistics.
_DEEPEST = 3
# The bits of an integer that are in each of its bytes.
_BITS = 7
_MOST_BITS = 64
# The type of a data page, the encoding of its values and that of its levels.
_DATA_PAGE, _PLAIN, _RUNS = 0, 0, 3


@dataclass(frozen=True, slots=True)
class PageHeader:
    """A header of ``size`` bytes: those of its page, compressed and not, and the number of its values."""

    size: int
    compressed_size: int
    page_size: int
    values: int


def read_page_header(data: bytes) -> PageHeader | None:
    r"""Read the header with which some data begin; None if it is not that of a data page of plain values.

    >>> read_page_header(b"\x15\x00\x15\x20\x15\x18\x2c\x15\x04\x15\x00\x15\x06\x15\x06\x00\x00")
    PageHeader(size=17, compressed_size=12, page_size=16, values=2)

    Raises:
        IndexError: the data end before the header.
        ValueError: they do not begin with a header.
    """
    fields, size = _read_struct(data, 0, _DEEPEST)
    match fields:
        case {1: kind, 2: page_size, 3: compressed_size, 5: {1: values, 2: encoding, 3: levels}}:
            is_plain = (kind, encoding, levels) == (_DATA_PAGE, _PLAIN, _RUNS)
            return PageHeader(size, compressed_size, page_size, values) if is_plain else None
    return None


def _read_struct(data: bytes, place: int, depth: int) -> tuple[Mapping[int, Any], int]:
    """The values of a struct by the numbers of their fields, and where it ends."""
    if not depth:
        raise ValueError("no header of a page has so many levels")
    fields: dict[int, Any] = {}
    number = 0
    while data[place]:
        step, kind = data[place] >> 4, data[place] & 15
        number, place = (number + step, place + 1) if step else _read_integer(data, place + 1)
        if kind in (_TRUE, _FALSE):
            fields[number] = kind == _TRUE
        elif kind in _INTEGERS:
            fields[number], place = _read_integer(data, place)
        elif kind == _BINARY:
            size, start = read_count(data, place)
            fields[number], place = data[start : start + size], start + size
        elif kind == _STRUCT:
            fields[number], place = _read_struct(data, place, depth - 1)
        else:
            raise ValueError(f"no header of a page has a value of the type {kind}")
    return fields, place + 1


def _read_integer(data: bytes, place: int) -> tuple[int, int]:
    """An integer, whose sign is its last bit, and where it ends."""
    count, place = read_count(data, place)
    return (count >> 1) ^ -(count & 1), place


def read_count(data: bytes, place: int) -> tuple[int, int]:
    r"""A number that is not negative, in seven bits of each byte (LEB128), and where it ends.

    >>> read_count(b"\xac\x02", 0)
    (300, 2)

    Raises:
        IndexError: the data end before the number.
        ValueError: it has more than 64 bits.
    """
    number = shift = 0
    while shift < _MOST_BITS:
        byte = data[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
        shift += _BITS
    raise ValueError("a number has more than 64 bits")
