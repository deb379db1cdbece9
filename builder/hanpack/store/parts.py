"""Parts: the finished tables of each batch of records, stored under a hash of all their inputs.

A file has the part of one batch, or those of several batches of small sources that were processed together:
one after the other, in the same tables. The header says whether another run would give the same parts: it
might not if a record was rejected because a worker died, for example. That of a file of revised parts names
the file that was revised, which has the rows that are not new.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa

from hanpack.store.part_content import (
    INDEX,
    PARTS,
    RECORD_ROWS,
    RUNS,
    TEXTS,
    PartContent,
    is_needed_for_revision,
    is_needed_for_rows,
    join_columns,
    revise_table,
)
from hanpack.store.part_files import read_part_file, read_part_header, write_encoded, write_whole
from hanpack.store.revision import take_runs
from hanpack.store.table_kinds import TableKind
from hanpack.store.tables import NamedTables, Tables

# The note in the header of a file of revised parts: the key of the file that was revised.
_REVISED_FROM = "revised_from"


def name_part(file_key: str, place: int) -> str:
    """The key of a part from that of its file and its place there.

    >>> name_part("3f-00007", 2)
    '3f-00007.2'
    """
    return f"{file_key}.{place}"


def find_file_key(key: str) -> str:
    """The key of the file of a part; that of a file stays as it is.

    >>> find_file_key("3f-00007.2"), find_file_key("3f-00007")
    ('3f-00007', '3f-00007')
    """
    return key.partition(".")[0]


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
        """Where the file with a key is; the first two characters of the key are a folder of their own."""
        return self.folder / key[:2] / f"{key[2:]}.part"

    def has(self, file_key: str) -> bool:
        """Whether the file exists and is complete, and another run would give the same."""
        header = read_part_header(self.path(file_key))
        if header is None or not header["reproducible"]:
            return False
        return _REVISED_FROM not in header or self.has(header[_REVISED_FROM])

    def size(self, file_key: str) -> int:
        """The size of a file in bytes.

        Raises:
            OSError: it does not exist.
        """
        return self.path(file_key).stat().st_size

    def list_sizes(self) -> tuple[dict[str, int], int]:
        """The sizes of the files with parts, by key, and that of all files of the cache together."""
        sizes: dict[str, int] = {}
        total = 0
        for folder, name, stat in self._list_files():
            total += stat.st_size
            if name.endswith(".part"):
                sizes[folder + name.removesuffix(".part")] = stat.st_size
        return sizes, total

    def write(self, file_key: str, tables: NamedTables, records: Sequence[int]) -> None:
        """Write the tables of some parts as a file; equal tables give equal bytes.

        They are taken one by one, the ledger first. ``records`` has the number of records of each part.
        """
        self._write(file_key, tables, PartContent(records, self._make_folder(file_key)))

    def write_revised(
        self,
        file_key: str,
        revised_from: str,
        rows: Sequence[int],
        tables: NamedTables,
        records: Sequence[int],
    ) -> None:
        """Write the parts of the file ``revised_from`` with some records replaced by those of ``tables``.

        ``rows`` are these records, as ascending indices in the ledger of the file. The tables have no others,
        but for the packed sequences, which are those of all. A document keeps the partition that it had when
        documents were compared.
        """
        unrevised = read_part_file(self.path(revised_from), is_needed_for_revision)
        content = PartContent(records, self._make_folder(file_key), unrevised, rows)
        self._write(file_key, tables, content, **{_REVISED_FROM: revised_from})

    def revise(self, revised_from: str, rows: Sequence[int], tables: Tables, name: str) -> pa.Table:
        """A complete table, but of packed sequences, of the parts that :meth:`write_revised` would write."""
        old = read_part_file(self.path(revised_from), {RECORD_ROWS}.__contains__)[RECORD_ROWS]
        return revise_table(name, self.read(revised_from, name), old.column(name), tables, rows)

    def read(self, key: str, name: str, *, has_long_columns: bool = True) -> pa.Table:
        """Read one table of a part, or of all parts of a file.

        Raises:
            KeyError: there is no table of this name.
            OSError: the file does not exist or is incomplete.
        """
        (table,) = self.read_each([key], name, has_long_columns=has_long_columns)
        return table

    def read_each(
        self, keys: Iterable[str], name: str, *, has_long_columns: bool = True
    ) -> Iterator[pa.Table]:
        """Read one table of each of some parts; a file is read once for parts that follow one another.

        Without ``has_long_columns`` the table may lack the edits and breaks of documents, which take longest.

        Raises:
            KeyError: a part has no table of this name.
            OSError: a file does not exist or is incomplete.
        """
        for file_key, parts in groupby(keys, key=find_file_key):
            is_needed = is_needed_for_rows(name, has_long_columns=has_long_columns)
            pieces = read_part_file(self.path(file_key), is_needed)
            all_parts, runs = pieces.pop(PARTS), pieces.pop(RUNS + name, None)
            if runs is not None:
                pieces = self._complete(file_key, name, pieces, runs)
            table, starts = join_columns(name, pieces), _list_starts(all_parts, name)
            yield from (_select_part(table, starts, key) for key in parts)

    def read_texts(self, key: str) -> pa.ChunkedArray:
        """Read the texts of the documents of a part that was not revised.

        Raises:
            OSError: its file does not exist or is incomplete.
        """
        name = TableKind.DOCUMENTS.value
        tables = read_part_file(self.path(find_file_key(key)), (PARTS, TEXTS + name).__contains__)
        return _select_part(tables[TEXTS + name], _list_starts(tables[PARTS], name), key).column("text")

    def read_index(self, file_key: str) -> tuple[pa.Table, Tables]:
        """Read the table of the parts of a file, and the indexed columns of its tables that have some.

        Raises:
            OSError: the file does not exist or is incomplete.
        """
        tables = read_part_file(self.path(file_key), lambda name: name == PARTS or name.startswith(INDEX))
        parts = tables.pop(PARTS)
        return parts, {name.removeprefix(INDEX): table for name, table in tables.items()}

    def read_counts(self, group_key: str) -> list[int]:
        """How many parts each file of a group of sources has; none if the group was never read to its end."""
        try:
            return [int(count) for count in self._count_path(group_key).read_bytes().split()]
        except (OSError, ValueError):
            return []

    def write_counts(self, group_key: str, counts: Sequence[int]) -> None:
        """Note how many parts each file of a group has, so that a later build need not read it for that."""
        write_whole(self._count_path(group_key), " ".join(map(str, counts)).encode())

    def shrink(self, max_bytes: int, used: Collection[str]) -> int:
        """Delete files, the least recently written first, until the cache is no larger than ``max_bytes``.

        Those of the parts ``used`` go last. Returns the number of bytes that were deleted.
        """
        files = list(self._list_files())
        excess = sum(stat.st_size for _, _, stat in files) - max_bytes
        if excess <= 0:
            return 0
        in_use = {self.path(key) for key in set(map(find_file_key, used))}
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
        """Delete every file but those of the parts ``used``."""
        paths = {self.path(key) for key in set(map(find_file_key, used))}
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

    def _make_folder(self, file_key: str) -> Path:
        folder = self.path(file_key).parent
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _write(self, file_key: str, tables: NamedTables, content: PartContent, **notes: object) -> None:
        for name, table in tables:
            content.add(name, table)
            # Before the next one is made: of a long record each takes several times its size.
            del table
        encoded = content.finish()
        write_encoded(self.path(file_key), encoded, reproducible=content.is_reproducible, **notes)

    def _complete(self, file_key: str, name: str, pieces: Tables, runs: pa.Table) -> Tables:
        """The pieces of a table of revised parts, with the rows that are in the file that was revised."""
        header = read_part_header(self.path(file_key)) or {}
        index = {piece: table for piece, table in pieces.items() if piece.startswith(INDEX)}
        fresh = join_columns(name, {piece: table for piece, table in pieces.items() if piece not in index})
        unrevised = self.read(header[_REVISED_FROM], name).select(fresh.column_names)
        return {**index, name: take_runs(unrevised, fresh, runs)}

    def _count_path(self, group_key: str) -> Path:
        return self.folder / group_key[:2] / f"{group_key[2:]}.count"


def _list_starts(parts: pa.Table, name: str) -> list[int]:
    """The first row of each part of a file in its table ``name``, and last the number of rows."""
    return [0, *np.cumsum(parts.column(f"rows {name}").to_numpy()).tolist()]


def _select_part(table: pa.Table, starts: Sequence[int], key: str) -> pa.Table:
    """The rows of one part of a table of a file, or all for the key of the file."""
    place = key.partition(".")[2]
    return table.slice(starts[int(place)], starts[int(place) + 1] - starts[int(place)]) if place else table
