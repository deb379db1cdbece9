"""Tables in open files: each is read as a whole when it is needed, so that few are in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from hanpack.store.part_files import Sizes, decode_table, encode_table, locate_tables, write_messages
from hanpack.store.spool_files import SpoolFile

# How much of a large table is copied at once.
COPIED_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class StoredTable:
    """A table in an open file: where its messages begin there, and their sizes."""

    file: SpoolFile
    start: int
    sizes: Sizes

    def read_messages(self) -> bytes:
        """The schema and the batch as they are in the file."""
        schema_size, batch_size, _ = self.sizes
        return self.file.read(self.start, schema_size + batch_size)

    def read(self) -> pa.Table:
        """The table."""
        return decode_table(self.read_messages(), self.sizes[0], self.sizes[2])


class TableSpool:
    """Stores tables in a file without a name in a folder, gone when nobody has its tables any more."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = SpoolFile.create(folder)

    def add(self, table: pa.Table) -> StoredTable:
        """Store a table."""
        encoded, _ = encode_table(table, self._folder)
        start = self._file.size
        self._file.append(encoded.schema)
        if isinstance(encoded.content, bytes):
            self._file.append(encoded.content)
        else:
            with encoded.content as content:
                for piece in iter(partial(content.read, COPIED_BYTES), b""):
                    self._file.append(piece)
        return StoredTable(self._file, start, encoded.sizes)


def open_tables(path: Path) -> dict[str, StoredTable]:
    """The tables of a file of :func:`write_tables` by name, which are there even if it is replaced meanwhile.

    Raises:
        OSError: the file does not exist or is incomplete.
    """
    file = SpoolFile.open(path)
    with file.open_stream() as stream:
        places = locate_tables(stream, path)
    return {name: StoredTable(file, *place) for name, place in places.items()}


def write_tables(path: Path, tables: Mapping[str, pa.Table | StoredTable]) -> None:
    """Write tables as one file, complete as soon as it exists; stored ones are copied as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded = {
        name: encode_table(table, path.parent)[0]
        for name, table in tables.items()
        if not isinstance(table, StoredTable)
    }

    def read_messages() -> Iterator[bytes | BinaryIO]:
        for name, table in tables.items():
            if isinstance(table, StoredTable):
                yield table.read_messages()
            else:
                yield encoded[name].schema
                yield encoded[name].content

    sizes = {
        name: table.sizes if isinstance(table, StoredTable) else encoded[name].sizes
        for name, table in tables.items()
    }
    write_messages(path, sizes, read_messages())
