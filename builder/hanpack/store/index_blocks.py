"""Blocks of the index of parts: the indexed columns of some parts, which are in memory together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from hanpack.store.part_keys import PartKeys
from hanpack.store.parts import PartCache
from hanpack.store.table_kinds import Numbers

ROWS, BYTES = "rows ", "bytes "
# Numbers below take four bytes; sums of a few of them do so too.
SHORT_NUMBERS = 2**29


@dataclass(frozen=True, slots=True, eq=False)
class IndexBlock:
    """The index of some parts, in the order of ``keys``.

    ``tables`` has by name the indexed columns of all its parts, one part after the other; ``starts`` the
    first row of each part there and last the number of rows, with the shape (parts + 1,). ``sizes`` are the
    bytes in memory of each part's complete table, ``file_sizes`` those of the file of the part, 0 for the
    parts of a file after the first; shape (parts,).
    """

    keys: PartKeys
    file_sizes: Numbers
    tables: Mapping[str, pa.Table]
    starts: Mapping[str, Numbers]
    sizes: Mapping[str, Numbers]

    @classmethod
    def of(cls, file_key: str, cache: PartCache) -> IndexBlock:
        """The index of the parts of one file in the cache."""
        parts, indexed = cache.read_index(file_key)
        count = len(parts)
        keys = PartKeys([(file_key, range(count))])
        block = cls.describe(parts, keys, np.array([cache.size(file_key), *[0] * (count - 1)]))
        # A table without columns has no rows, so that one column stays.
        tables = {
            name: indexed[name] if name in indexed else pa.table({"row": pa.nulls(starts[-1])})
            for name, starts in block.starts.items()
        }
        return replace(block, tables=tables)

    @classmethod
    def describe(cls, parts: pa.Table, keys: PartKeys, file_sizes: Numbers) -> IndexBlock:
        """A block without tables; ``parts`` has the rows and the bytes of each part in each table."""
        names = [column.removeprefix(ROWS) for column in parts.column_names if column.startswith(ROWS)]
        return cls(
            keys=keys,
            file_sizes=file_sizes,
            tables={},
            starts={name: find_starts(parts.column(ROWS + name).to_numpy()) for name in names},
            sizes={name: parts.column(BYTES + name).to_numpy() for name in names},
        )

    def to_columns(self) -> pa.Table:
        """What :meth:`describe` reads, with the keys and the sizes of the files."""
        columns = {
            "key": pa.array(list(self.keys), pa.string()),
            "file size": pa.array(self.file_sizes, pa.int64()),
        }
        for name, starts in self.starts.items():
            columns[ROWS + name] = pa.array(np.diff(starts), pa.int64())
            columns[BYTES + name] = pa.array(self.sizes[name], pa.int64())
        return pa.table(columns)

    def slice(self, first: int, end: int) -> IndexBlock:
        """The index of the parts from ``first`` up to ``end``."""
        if first == 0 and end == len(self.keys):
            return self
        starts = {name: rows[first : end + 1] for name, rows in self.starts.items()}
        return IndexBlock(
            keys=self.keys[first:end],
            file_sizes=self.file_sizes[first:end],
            tables={
                name: table.slice(starts[name][0], starts[name][-1] - starts[name][0])
                for name, table in self.tables.items()
            },
            starts={name: rows - rows[0] for name, rows in starts.items()},
            sizes={name: sizes[first:end] for name, sizes in self.sizes.items()},
        )


def join_blocks(blocks: Sequence[IndexBlock]) -> IndexBlock:
    """The parts of several blocks, which all have the same tables, as one block."""
    if len(blocks) == 1:
        return blocks[0]
    return IndexBlock(
        keys=PartKeys.join(block.keys for block in blocks),
        file_sizes=np.concatenate([block.file_sizes for block in blocks]),
        tables={
            name: pa.concat_tables(block.tables[name] for block in blocks).combine_chunks()
            for name in blocks[0].tables
        },
        starts={
            name: find_starts(np.concatenate([np.diff(block.starts[name]) for block in blocks]))
            for name in blocks[0].starts
        },
        sizes={name: np.concatenate([block.sizes[name] for block in blocks]) for name in blocks[0].sizes},
    )


def shorten_numbers(block: IndexBlock) -> IndexBlock:
    """A block of the same parts, in which numbers take half the memory where they are small enough."""
    return replace(
        block,
        file_sizes=_shorten(block.file_sizes),
        starts={name: _shorten(numbers) for name, numbers in block.starts.items()},
        sizes={name: _shorten(numbers) for name, numbers in block.sizes.items()},
    )


def _shorten(numbers: Numbers) -> Numbers:
    return numbers.astype(np.int32) if numbers.max(initial=0) < SHORT_NUMBERS else numbers


NO_PARTS = IndexBlock(PartKeys(()), np.zeros(0, np.int64), {}, {}, {})


def find_starts(rows: Numbers) -> Numbers:
    """Where the rows of each part begin and those of the last end, from the numbers of rows."""
    return np.concatenate(([0], np.cumsum(rows, dtype=np.int64)))
