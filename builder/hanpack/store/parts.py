"""Parts: the finished tables of each batch of records, stored under a hash of all their inputs.

A part is one file. It begins with its magic bytes, the length of its header and the header: a JSON object
with the length of the content after it and the sizes of each table's messages. A table is the Arrow schema
and one record batch as IPC messages, the batch compressed with Zstandard. A file is written under a temporary
name and then renamed, so that it is complete as soon as it exists; a file truncated by a crash of the machine
does not have the length in its header and is treated as missing. The header also says whether another run
would give the same part: it might not if a record was rejected because a worker died, for example.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.reasons import Cause
from hanpack.store.table_kinds import Numbers, TableKind
from hanpack.store.tables import Tables

_MAGIC = b"hanpack part 1\n\0"
_LENGTH = struct.Struct("<Q")
_CODEC = "zstd"


@dataclass(frozen=True, slots=True)
class PartCache:
    """A folder of part files, named by their keys; any number of processes may write to it at once."""

    folder: Path

    @property
    def index(self) -> Path:
        """Where the index of the parts of the last build is: see :mod:`hanpack.store.part_index`."""
        return self.folder / "index"

    @property
    def withdrawals(self) -> Path:
        """Where the hash of the withdrawals is that the parts honour."""
        return self.folder / "withdrawals"

    def path(self, key: str) -> Path:
        """Where the part with a key is; the first two characters of the key are a folder of their own."""
        return self.folder / key[:2] / f"{key[2:]}.part"

    def has(self, key: str) -> bool:
        """Whether the part exists and is complete, and another run would give the same."""
        try:
            with self.path(key).open("rb") as stream:
                header = _read_header(stream.read(4096), self.path(key).stat().st_size)
        except OSError:
            return False
        return header is not None and bool(header["reproducible"])

    def size(self, key: str) -> int:
        """The size of a part's file in bytes.

        Raises:
            OSError: the part does not exist.
        """
        return self.path(key).stat().st_size

    def list_sizes(self) -> tuple[dict[str, int], int]:
        """The sizes of the files of all parts, by key, and that of all files of the cache together."""
        sizes: dict[str, int] = {}
        total = 0
        for folder, name, stat in self._list_files():
            total += stat.st_size
            if name.endswith(".part"):
                sizes[folder + name.removesuffix(".part")] = stat.st_size
        return sizes, total

    def write(self, key: str, tables: Tables) -> None:
        """Write the tables of a part; equal tables give equal bytes."""
        ledger = tables[TableKind.LEDGER.value]
        write_part_file(self.path(key), tables, reproducible=not len(find_irreproducible_rows(ledger)))

    def read(self, key: str, name: str) -> pa.Table:
        """Read one table of a part.

        Raises:
            KeyError: the part has no table of this name.
            OSError: the part does not exist or is incomplete.
        """
        return read_part_file(self.path(key), [name])[name]

    def read_all(self, key: str) -> Tables:
        """Read all tables of a part.

        Raises:
            OSError: the part does not exist or is incomplete.
        """
        return read_part_file(self.path(key))

    def read_count(self, source_key: str) -> int | None:
        """How many parts a source has; None if it was never read to its end."""
        try:
            return int(self._count_path(source_key).read_bytes())
        except (OSError, ValueError):
            return None

    def write_count(self, source_key: str, count: int) -> None:
        """Note how many parts a source has; a later build then need not read the source to count them."""
        write_whole(self._count_path(source_key), b"%d" % count)

    def shrink(self, max_bytes: int, used: Collection[str]) -> int:
        """Delete parts, the least recently written first, until the cache is no larger than ``max_bytes``.

        Those with keys in ``used`` go last. Returns the number of bytes that were deleted.
        """
        files = list(self._list_files())
        excess = sum(stat.st_size for _, _, stat in files) - max_bytes
        if excess <= 0:
            return 0
        in_use = {self.path(key) for key in used}
        ordered = sorted(
            (path in in_use, stat.st_mtime_ns, path, stat.st_size)
            for folder, name, stat in files
            if (path := self.folder / folder / name)
        )
        deleted = 0
        for _, _, path, size in ordered:
            if deleted >= excess:
                break
            path.unlink(missing_ok=True)
            deleted += size
        return deleted

    def delete_others(self, used: Collection[str]) -> None:
        """Delete every part but those with keys in ``used``."""
        paths = {self.path(key) for key in used}
        for folder, name, _ in list(self._list_files()):
            path = self.folder / folder / name
            if name.endswith(".part") and path not in paths:
                path.unlink(missing_ok=True)

    def _list_files(self) -> Iterator[tuple[str, str, os.stat_result]]:
        """The name of the folder, the name and the status of each file."""
        try:
            folders = sorted(entry.name for entry in os.scandir(self.folder) if entry.is_dir())
        except FileNotFoundError:
            return
        for folder in folders:
            with os.scandir(self.folder / folder) as entries:
                yield from ((folder, entry.name, entry.stat()) for entry in entries if entry.is_file())

    def _count_path(self, source_key: str) -> Path:
        return self.folder / source_key[:2] / f"{source_key[2:]}.count"


def write_part_file(path: Path, tables: Tables, *, reproducible: bool = True) -> None:
    """Write tables as one file; equal tables give equal bytes. It is complete as soon as it exists."""
    encoded = {name: _encode(table) for name, table in tables.items()}
    sizes = {name: [len(schema), len(batch), size] for name, (schema, batch, size) in encoded.items()}
    content = b"".join(piece for schema, batch, _ in encoded.values() for piece in (schema, batch))
    header = json.dumps({"size": len(content), "reproducible": reproducible, "tables": sizes}).encode()
    write_whole(path, b"".join((_MAGIC, _LENGTH.pack(len(header)), header, content)))


def read_part_file(path: Path, names: Collection[str] | None = None) -> Tables:
    """Read tables of a file, all by default.

    Raises:
        OSError: the file does not exist or is incomplete.
    """
    with open(path, "rb") as stream:
        data = stream.read()
    header = _read_header(data, len(data))
    if header is None:
        raise OSError(f"{path} is incomplete")
    offset = len(_MAGIC) + _LENGTH.size + _LENGTH.unpack_from(data, len(_MAGIC))[0]
    tables: Tables = {}
    for name, (schema_size, batch_size, size) in header["tables"].items():
        if names is None or name in names:
            start = offset + schema_size
            message = pa.decompress(
                memoryview(data)[start : start + batch_size], decompressed_size=size, codec=_CODEC
            )
            schema = _parse_schema(data[offset:start])
            tables[name] = pa.Table.from_batches([pa.ipc.read_record_batch(message, schema)], schema)
        offset += schema_size + batch_size
    return tables


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name and rename it, so that it is never seen incomplete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)


def _encode(table: pa.Table) -> tuple[bytes, bytes, int]:
    """The schema and the record batch of a table as compressed messages, and the latter's original size."""
    batches = table.combine_chunks().to_batches()
    batch = batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)
    message = batch.serialize()
    return table.schema.serialize().to_pybytes(), pa.compress(message, _CODEC, asbytes=True), message.size


def find_irreproducible_rows(ledger: pa.Table) -> Numbers:
    """The rows of the records that another run may not reject, for example because a worker died."""
    codes = pa.array([cause.code for cause in Cause if not cause.reproducible], pa.string())
    return np.flatnonzero(np.asarray(pc.is_in(ledger.column("cause"), codes)))


@lru_cache(maxsize=256)
def _parse_schema(message: bytes) -> pa.Schema:
    """The schema of a message; parts have the same few schemas, and parsing costs more than reading."""
    return pa.ipc.read_schema(pa.py_buffer(message))


def _read_header(beginning: bytes, file_size: int) -> Mapping[str, Any] | None:
    """The header of a file from its first bytes; None if it is not a complete part."""
    start = len(_MAGIC) + _LENGTH.size
    if not beginning.startswith(_MAGIC) or len(beginning) < start:
        return None
    (length,) = _LENGTH.unpack_from(beginning, len(_MAGIC))
    try:
        header = json.loads(beginning[start : start + length])
        return header if start + length + header["size"] == file_size else None
    except (ValueError, KeyError, TypeError):
        return None
