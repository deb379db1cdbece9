"""Files of compressed Arrow tables, which are complete as soon as they exist.

A file begins with its magic bytes, the length of its header and the header: a JSON object with the length of
the content after it, the sizes of each table's messages and notes of the writer. A table is the Arrow schema
and one record batch as IPC messages, the batch compressed with Zstandard. A file is written under a temporary
name and then renamed; one that was truncated by a crash of the machine does not have the length in its header
and is treated as missing.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

Header = Mapping[str, Any]
_MAGIC = b"hanpack part 2\n\0"
_LENGTH = struct.Struct("<Q")
_CODEC = "zstd"
# What is read of a file at first; the header of a file of parts is shorter.
_BEGINNING = 4096


@dataclass(frozen=True, slots=True)
class EncodedTable:
    """A table as messages; ``size`` is that of the batch before compression, ``batch`` what a reader gets."""

    schema: bytes
    content: bytes
    size: int
    batch: pa.RecordBatch


def encode_table(table: pa.Table) -> EncodedTable:
    """The messages of a table; equal tables give equal bytes."""
    batches = table.combine_chunks().to_batches()
    batch = batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)
    message = batch.serialize()
    return EncodedTable(
        schema=table.schema.serialize().to_pybytes(),
        content=pa.compress(message, _CODEC, asbytes=True),
        size=message.size,
        batch=pa.ipc.read_record_batch(message, table.schema),
    )


def write_part_file(path: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write tables as one file; equal tables give equal bytes. It is complete as soon as it exists."""
    write_encoded(path, {name: encode_table(table) for name, table in tables.items()})


def write_encoded(path: Path, tables: Mapping[str, EncodedTable], **notes: object) -> None:
    """Write encoded tables as one file, with notes in its header."""
    sizes = {name: [len(table.schema), len(table.content), table.size] for name, table in tables.items()}
    pieces = [piece for table in tables.values() for piece in (table.schema, table.content)]
    header = json.dumps({"size": sum(map(len, pieces)), **notes, "tables": sizes}).encode()
    write_whole(path, _MAGIC, _LENGTH.pack(len(header)), header, *pieces)


def read_part_file(path: Path, chooses: Callable[[str], bool] = lambda _: True) -> dict[str, pa.Table]:
    """Read the tables of a file whose names are chosen, all by default; of the others nothing is read.

    Raises:
        OSError: the file does not exist or is incomplete.
    """
    tables: dict[str, pa.Table] = {}
    with open(path, "rb") as stream:
        header, offset = _read_header(stream)
        if header is None:
            raise OSError(f"{path} is incomplete")
        for name, (schema_size, batch_size, size) in header["tables"].items():
            if chooses(name):
                stream.seek(offset)
                data = stream.read(schema_size + batch_size)
                message = pa.decompress(memoryview(data)[schema_size:], decompressed_size=size, codec=_CODEC)
                schema = _parse_schema(data[:schema_size])
                tables[name] = pa.Table.from_batches([pa.ipc.read_record_batch(message, schema)], schema)
            offset += schema_size + batch_size
    return tables


def read_part_header(path: Path) -> Header | None:
    """The header of a file; None if it does not exist or is incomplete."""
    try:
        with open(path, "rb") as stream:
            return _read_header(stream)[0]
    except OSError:
        return None


def write_whole(path: Path, *pieces: bytes) -> None:
    """Write a file under another name and rename it, so that it is never seen incomplete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("wb") as stream:
        stream.writelines(pieces)
    temporary.replace(path)


def _read_header(stream: BinaryIO) -> tuple[Header | None, int]:
    """The header of an open file and where its content begins; None if the file is incomplete."""
    beginning, start = stream.read(_BEGINNING), len(_MAGIC) + _LENGTH.size
    if not beginning.startswith(_MAGIC) or len(beginning) < start:
        return None, 0
    (length,) = _LENGTH.unpack_from(beginning, len(_MAGIC))
    size = os.fstat(stream.fileno()).st_size
    if len(beginning) < start + length <= size:
        beginning += stream.read(start + length - len(beginning))
    try:
        header = json.loads(beginning[start : start + length])
        is_complete = start + length + header["size"] == size
        return (header if is_complete else None), start + length
    except (ValueError, KeyError, TypeError):
        return None, 0


@lru_cache(maxsize=256)
def _parse_schema(message: bytes) -> pa.Schema:
    """The schema of a message; parts have the same few schemas, and parsing costs more than reading."""
    return pa.ipc.read_schema(pa.py_buffer(message))
