"""Asks the Bloom filters of shards for ids: which row groups can have one, without reading their columns.

The filters are those of Parquet (github.com/apache/parquet-format, BloomFilter.md): split blocks of 256 bits,
by xxHash. Arrow writes them and does not read them.
"""

from __future__ import annotations

from collections.abc import Collection
from io import RawIOBase
from typing import BinaryIO

import pyarrow.parquet as pq
import xxhash

_SALTS = (
    0x47B6137B,
    0x44974D91,
    0x8824AD5B,
    0xA2B7289D,
    0x705495C7,
    0x2DF1424B,
    0x9EFC4947,
    0x5C6BFB31,
)
_BLOCK_BYTES = 32
_LOW_HALF = 0xFFFFFFFF
# The header before the bits is smaller than this.
_MOST_HEADER = 128
# The filter of a row group of 64 MiB is far smaller than this.
_MOST_BYTES = 64 * 2**20


def may_contain(
    metadata: pq.FileMetaData, column: str, values: Collection[str], stream: BinaryIO | RawIOBase
) -> bool:
    """Whether a shard may have one of some values in a column of strings; ``stream`` reads its file.

    True if it has no filters that can be read. A filter may be wrong on purpose: whoever finds nothing must
    read the column.
    """
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        columns = (row_group.column(number) for number in range(row_group.num_columns))
        chunk = next((candidate for candidate in columns if candidate.path_in_schema == column), None)
        offset, length = (getattr(chunk, f"bloom_filter_{name}", None) for name in ("offset", "length"))
        if offset is None or not length or length > _MOST_BYTES:
            return True
        stream.seek(offset)
        data = stream.read(length)
        if not data or any(_has(data, value) for value in values):
            return True
    return False


def _has(data: bytes, value: str) -> bool:
    """Whether a filter with its header may have a value.

    The bits are the end of it, a power of two of bytes.
    """
    size = 1 << (len(data).bit_length() - 1)
    if size < _BLOCK_BYTES or len(data) - size > _MOST_HEADER:
        return True
    bits = memoryview(data)[len(data) - size :]
    digest = xxhash.xxh64_intdigest(value.encode())
    start = ((digest >> 32) * (size // _BLOCK_BYTES) >> 32) * _BLOCK_BYTES
    key = digest & _LOW_HALF
    for word, salt in enumerate(_SALTS):
        place = start + 4 * word
        if not int.from_bytes(bits[place : place + 4], "little") >> ((key * salt & _LOW_HALF) >> 27) & 1:
            return False
    return True
