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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from hanpack.reasons import find_cause
from hanpack.store.table_kinds import Names, TableKind
from hanpack.store.tables import Tables

_MAGIC = b"hanpack part 1\n\0"
_LENGTH = struct.Struct("<Q")
_CODEC = "zstd"


@dataclass(frozen=True, slots=True)
class PartCache:
    """A folder of part files, named by their keys; any number of processes may write to it at once."""

    folder: Path

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

    def write(self, key: str, tables: Tables) -> None:
        """Write the tables of a part; equal tables give equal bytes."""
        encoded = {name: _encode(table) for name, table in tables.items()}
        sizes = {name: [len(schema), len(batch), size] for name, (schema, batch, size) in encoded.items()}
        content = b"".join(piece for schema, batch, _ in encoded.values() for piece in (schema, batch))
        reproducible = _is_reproducible(tables)
        header = json.dumps({"size": len(content), "reproducible": reproducible, "tables": sizes}).encode()
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(b"".join((_MAGIC, _LENGTH.pack(len(header)), header, content)))
        temporary.replace(path)

    def read(self, key: str, name: str) -> pa.Table:
        """Read one table of a part.

        Raises:
            KeyError: the part has no table of this name.
            OSError: the part does not exist or is incomplete.
        """
        data = self.path(key).read_bytes()
        header = _read_header(data, len(data))
        if header is None:
            raise OSError(f"{self.path(key)} is incomplete")
        offset = len(_MAGIC) + _LENGTH.size + _LENGTH.unpack_from(data, len(_MAGIC))[0]
        for table, (schema_size, batch_size, size) in header["tables"].items():
            if table == name:
                start = offset + schema_size
                message = pa.decompress(
                    memoryview(data)[start : start + batch_size], decompressed_size=size, codec=_CODEC
                )
                schema = _parse_schema(data[offset:start])
                return pa.Table.from_batches([pa.ipc.read_record_batch(message, schema)], schema)
            offset += schema_size + batch_size
        raise KeyError(name)

    def read_count(self, source_key: str) -> int | None:
        """How many parts a source has; None if it was never read to its end."""
        try:
            return int(self._count_path(source_key).read_bytes())
        except (OSError, ValueError):
            return None

    def write_count(self, source_key: str, count: int) -> None:
        """Note how many parts a source has; a later build then need not read the source to count them."""
        path = self._count_path(source_key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(b"%d" % count)
        temporary.replace(path)

    def shrink(self, max_bytes: int, used: Collection[str]) -> int:
        """Delete parts, the least recently written first, until the cache is no larger than ``max_bytes``.

        Those with keys in ``used`` go last. Returns the number of bytes that were deleted.
        """
        in_use = {self.path(key) for key in used}
        stats = [(path in in_use, path.stat(), path) for path in self.folder.glob("*/*") if path.is_file()]
        excess = sum(stat.st_size for _, stat, _ in stats) - max_bytes
        deleted = 0
        for _, stat, path in sorted(stats, key=lambda entry: (entry[0], entry[1].st_mtime_ns, entry[2])):
            if deleted >= excess:
                break
            path.unlink(missing_ok=True)
            deleted += stat.st_size
        return deleted

    def _count_path(self, source_key: str) -> Path:
        return self.folder / source_key[:2] / f"{source_key[2:]}.count"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one build, in the order of its batches, as they are after the decisions on them.

    ``keys`` are their keys. ``revisions`` has, by the index of the part, the key of the revised version of
    each part with a copy, or with passages that preferred documents (less damaged, longer or earlier) also
    have.
    """

    cache: PartCache
    keys: Sequence[str]
    revisions: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    def read(self, name: str, index: int) -> pa.Table:
        """Read a table of the part number ``index``, revised if it was."""
        return self.cache.read(self.revisions.get(index, self.keys[index]), name)

    def read_unrevised(self, name: str, index: int) -> pa.Table:
        """Read a table of a part as it was before any revision."""
        return self.cache.read(self.keys[index], name)

    def read_partitions(self, index: int) -> Names:
        """The partition of each document of a part; shape (documents,)."""
        column = self.read(TableKind.LEDGER.value, index).column("split")
        return np.array(column.drop_null().to_pylist(), dtype=object)


def _encode(table: pa.Table) -> tuple[bytes, bytes, int]:
    """The schema and the record batch of a table as compressed messages, and the latter's original size."""
    batches = table.combine_chunks().to_batches()
    batch = batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)
    message = batch.serialize()
    return table.schema.serialize().to_pybytes(), pa.compress(message, _CODEC, asbytes=True), message.size


def _is_reproducible(tables: Tables) -> bool:
    """Whether every record that was rejected will be rejected by every run, for the same reason."""
    ledger = tables.get(TableKind.LEDGER.value)
    causes = ledger.column("cause").unique().drop_null().to_pylist() if ledger else []
    return all(find_cause(code).reproducible for code in causes)


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
