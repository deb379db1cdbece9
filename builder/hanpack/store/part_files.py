"""Files of compressed Arrow tables, which are complete as soon as they exist.

A file begins with its magic bytes, the length of its header and the header: a JSON object with the length of
the content after it, the sizes of each table's messages and notes of the writer. A table is the Arrow schema
and one record batch as IPC messages, the batch compressed with Zstandard; a large table is one compressed IPC
stream. A file is written under a temporary name and then renamed; one that was truncated by a crash of the
machine does not have the length in its header and is treated as missing.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import pyarrow as pa

Header = Mapping[str, Any]
# The bytes of a table's schema and of its batch in a file, and those of the batch before compression.
Sizes = tuple[int, int, int]
_MAGIC = b"hanpack part 3\n\0"
_LENGTH = struct.Struct("<Q")
_CODEC = "zstd"
# Tables from this many bytes in memory on are written as streams.
LARGE_TABLE = 2**23
# What is read of a file at first; the header of a file of parts is shorter.
_BEGINNING = 4096


@dataclass(frozen=True, slots=True)
class EncodedTable:
    """A table as messages, and the sizes of the two and of the second before compression.

    Of a large table, the schema is empty and the last size 0: both are in the stream in the batch's place.
    """

    schema: bytes
    content: bytes | BinaryIO
    sizes: Sizes


def encode_table(table: pa.Table, folder: Path) -> tuple[EncodedTable, pa.RecordBatch]:
    """The messages of a table, and the batch a reader gets; equal tables give equal bytes.

    A large table is compressed into a file without a name in ``folder``, with no copy in memory.
    """
    batch = to_batch(table)
    if batch.nbytes > LARGE_TABLE and not any(column.offset for column in batch.columns):
        return _encode_large(batch, folder), batch
    message = batch.serialize()
    schema, content = table.schema.serialize().to_pybytes(), pa.compress(message, _CODEC, asbytes=True)
    encoded = EncodedTable(schema, content, (len(schema), len(content), message.size))
    return encoded, pa.ipc.read_record_batch(message, table.schema)


def to_batch(table: pa.Table) -> pa.RecordBatch:
    """A table as one batch."""
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)


def _encode_large(batch: pa.RecordBatch, folder: Path) -> EncodedTable:
    file = TemporaryFile(dir=folder)  # noqa: SIM115 (write_whole closes it)
    # Arrow closes the file that it is given.
    sink = pa.PythonFile(os.fdopen(os.dup(file.fileno()), "wb"), "w")
    with (
        pa.CompressedOutputStream(sink, _CODEC) as compressed,
        pa.ipc.new_stream(compressed, batch.schema) as writer,
    ):
        writer.write_batch(batch)
    file.seek(0)
    return EncodedTable(b"", file, (0, os.fstat(file.fileno()).st_size, 0))


def write_part_file(path: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write tables as one file; equal tables give equal bytes. It is complete as soon as it exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_encoded(path, {name: encode_table(table, path.parent)[0] for name, table in tables.items()})


def write_encoded(path: Path, tables: Mapping[str, EncodedTable], **notes: object) -> None:
    """Write encoded tables as one file, with notes in its header."""
    sizes = {name: table.sizes for name, table in tables.items()}
    write_messages(
        path, sizes, (piece for table in tables.values() for piece in (table.schema, table.content)), **notes
    )


def write_messages(
    path: Path, sizes: Mapping[str, Sizes], messages: Iterable[bytes | BinaryIO], **notes: object
) -> None:
    """Write the messages of tables of these ``sizes``, in their order, as one file."""
    size = sum(schema + content for schema, content, _ in sizes.values())
    header = json.dumps({"size": size, **notes, "tables": sizes}).encode()
    write_pieces(path, chain((_MAGIC, _LENGTH.pack(len(header)), header), messages))


def read_part_file(path: Path, chooses: Callable[[str], bool] = lambda _: True) -> dict[str, pa.Table]:
    """Read the tables of a file whose names are chosen, all by default; of the others nothing is read.

    Raises:
        OSError: the file does not exist or is incomplete.
    """
    tables: dict[str, pa.Table] = {}
    with open(path, "rb") as stream:
        for name, (start, sizes) in locate_tables(stream, path).items():
            if chooses(name):
                schema_size, batch_size, size = sizes
                stream.seek(start)
                tables[name] = decode_table(stream.read(schema_size + batch_size), schema_size, size)
    return tables


def locate_tables(stream: BinaryIO, path: Path) -> dict[str, tuple[int, Sizes]]:
    """Where the messages of each table of an open file begin, and their sizes.

    Raises:
        OSError: the file, which is that at ``path``, is incomplete.
    """
    header, start = _read_header(stream)
    if header is None:
        raise OSError(f"{path} is incomplete")
    places: dict[str, tuple[int, Sizes]] = {}
    for name, (schema_size, batch_size, size) in header["tables"].items():
        places[name] = start, (schema_size, batch_size, size)
        start += schema_size + batch_size
    return places


def read_part_header(path: Path) -> Header | None:
    """The header of a file; None if it does not exist or is incomplete."""
    try:
        with open(path, "rb") as stream:
            return _read_header(stream)[0]
    except OSError:
        return None


def decode_table(data: bytes, schema_size: int, size: int) -> pa.Table:
    """A table from its messages, or from the stream in their place."""
    if not size:
        with pa.CompressedInputStream(pa.BufferReader(data), _CODEC) as stream:
            return pa.ipc.open_stream(stream).read_all()
    message = pa.decompress(memoryview(data)[schema_size:], decompressed_size=size, codec=_CODEC)
    schema = _parse_schema(data[:schema_size])
    return pa.Table.from_batches([pa.ipc.read_record_batch(message, schema)], schema)


def write_whole(path: Path, *pieces: bytes | BinaryIO) -> None:
    """Write a file under another name and rename it, so that it is never seen incomplete.

    A piece may be an open file, which is read and closed.
    """
    write_pieces(path, pieces)


def write_pieces(path: Path, pieces: Iterable[bytes | BinaryIO]) -> None:
    """Write a file as :func:`write_whole` does, from pieces that are made one by one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("wb") as stream:
        for piece in pieces:
            if isinstance(piece, bytes):
                stream.write(piece)
            else:
                with piece:
                    shutil.copyfileobj(piece, stream)
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
