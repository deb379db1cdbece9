"""Reads the headers of the data pages of a Parquet file, which pyarrow does not give to its callers.

They are structs of github.com/apache/parquet-format, src/main/thrift/parquet.thrift. This module is short
because it has one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hanpack.store.thrift_values import read_struct

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
    fields, size = read_struct(data)
    inner = fields[5].value if 5 in fields else {}
    numbers = [fields[number].value if number in fields else None for number in (1, 2, 3)]
    numbers += [inner[number].value if number in inner else None for number in (1, 2, 3)]
    match numbers:
        case [kind, int(page_size), int(compressed_size), int(values), encoding, levels]:
            is_plain = (kind, encoding, levels) == (_DATA_PAGE, _PLAIN, _RUNS)
            is_valid = min(page_size, compressed_size) >= 0
            return PageHeader(size, compressed_size, page_size, values) if is_plain and is_valid else None
    return None
