"""Reads and writes structs in the compact protocol of Thrift, in which Parquet keeps its metadata.

The format is that of github.com/apache/thrift, doc/specs/thrift-compact-protocol.md, without maps, which
Parquet does not have. What pyarrow reads of these structs it does not give to its callers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, _, STRUCT = range(1, 13)
_INTEGERS = (I16, I32, I64)
# The deepest metadata of Parquet, a footer with statistics, have six levels.
_DEEPEST = 12
# The bits of a number that are in each of its bytes.
_BITS, _LOW_BITS, _MOST_BITS = 7, 127, 64
_DOUBLE_BYTES = 8
# A list of so many values, or more, has their number after its first byte.
_MANY = 15


class TypedValue(NamedTuple):
    """A value with its type: an integer, bytes, a truth value, a struct, or a list."""

    kind: int
    value: Any


class ListValue(NamedTuple):
    """A list: the type of its values, and these."""

    kind: int
    values: Sequence[Any]


# The values of a struct by the numbers of its fields.
Struct = Mapping[int, TypedValue]


def read_struct(data: bytes, place: int = 0, depth: int = _DEEPEST) -> tuple[Struct, int]:
    r"""Read a struct, and where it ends.

    >>> read_struct(b"\x15\x06\x18\x01a\x00")
    ({1: TypedValue(kind=5, value=3), 2: TypedValue(kind=8, value=b'a')}, 6)

    Raises:
        IndexError: the data end before the struct.
        ValueError: they are not a struct, or one of too many levels.
    """
    if not depth:
        raise ValueError("no struct of Parquet has so many levels")
    fields: dict[int, TypedValue] = {}
    number = 0
    while data[place]:
        step, kind = data[place] >> 4, data[place] & 15
        number, place = (number + step, place + 1) if step else _read_integer(data, place + 1)
        value, place = (kind == TRUE, place) if kind in (TRUE, FALSE) else _read(data, place, kind, depth)
        fields[number] = TypedValue(kind, value)
    return fields, place + 1


def _read(data: bytes, place: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in _INTEGERS:
        return _read_integer(data, place)
    if kind == BINARY:
        size, start = read_count(data, place)
        return data[start : start + size], start + size
    if kind == STRUCT:
        return read_struct(data, place, depth - 1)
    if kind in (LIST, SET):
        size, inner = data[place] >> 4, data[place] & 15
        size, place = read_count(data, place + 1) if size == _MANY else (size, place + 1)
        values: list[Any] = []
        for _ in range(size):
            value, place = _read(data, place, inner, depth - 1)
            values.append(value)
        return ListValue(inner, values), place
    if kind in (BYTE, TRUE, FALSE):
        return data[place], place + 1
    if kind == DOUBLE:
        return data[place : place + _DOUBLE_BYTES], place + _DOUBLE_BYTES
    raise ValueError(f"Parquet has no value of the type {kind}")


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
        number |= (byte & _LOW_BITS) << shift
        if byte <= _LOW_BITS:
            return number, place
        shift += _BITS
    raise ValueError("a number has more than 64 bits")


def write_struct(fields: Struct) -> bytes:
    r"""The bytes of a struct.

    >>> write_struct({1: TypedValue(I32, 3), 2: TypedValue(BINARY, b"a")})
    b'\x15\x06\x18\x01a\x00'
    """
    pieces: list[bytes] = []
    before = 0
    for number, (kind, value) in fields.items():
        is_truth = kind in (TRUE, FALSE)
        written = (TRUE if value else FALSE) if is_truth else kind
        step = number - before
        short = 0 < step <= _MANY
        pieces.append(bytes([step << 4 | written]) if short else bytes([written]) + _write_integer(number))
        pieces.append(b"" if is_truth else _write(kind, value))
        before = number
    return b"".join((*pieces, b"\0"))


def _write(kind: int, value: Any) -> bytes:
    if kind in _INTEGERS:
        return _write_integer(value)
    if kind == BINARY:
        return _write_count(len(value)) + bytes(value)
    if kind == STRUCT:
        return write_struct(value)
    if kind in (LIST, SET):
        size = len(value.values)
        is_short = size < _MANY
        head = bytes([(size if is_short else _MANY) << 4 | value.kind])
        inner = (_write(value.kind, element) for element in value.values)
        return b"".join((head, b"" if is_short else _write_count(size), *inner))
    return bytes(value) if kind == DOUBLE else bytes([value])


def _write_integer(value: int) -> bytes:
    return _write_count((value << 1) ^ (value >> (_MOST_BITS - 1)))


def _write_count(number: int) -> bytes:
    data = bytearray()
    while number > _LOW_BITS:
        data.append(number & _LOW_BITS | (_LOW_BITS + 1))
        number >>= _BITS
    return bytes((*data, number))
