"""The index of the parts of a build: the small columns that every build needs of every part.

Comparing documents and making ids unique need ids, signatures and the ledger of all parts, but no texts. The
index is kept as one file beside the parts, so that a build opens only the parts that are new, and those whose
rows it writes. It consists of blocks, of which few are in memory at a time, however many parts there are;
that of a small build is one block, in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from hanpack.store.index_blocks import NO_PARTS, IndexBlock, join_blocks, shorten_numbers
from hanpack.store.part_content import PARTS, find_irreproducible_rows
from hanpack.store.part_keys import PartKeys
from hanpack.store.parts import PartCache
from hanpack.store.table_kinds import Names, Numbers, TableKind
from hanpack.store.table_spool import StoredTable, TableSpool, open_tables, write_tables

LEDGER = TableKind.LEDGER.value
# More than the file with the numbers of parts of a group of sources has for each part.
COUNT_BYTES = 32
# A block ends with the part with which it has so many records: about 15 MB in memory.
BLOCK_ROWS = 1 << 15
# So many tables of blocks are kept in memory after they were read.
CACHED_TABLES = 8
# The tables of a block, in memory or in a file.
BlockTables = Mapping[str, pa.Table | StoredTable]


class PartIndex:
    """The index of the parts ``keys``, in this order.

    ``starts`` has by the name of a table the first row of each part in it, and last the number of rows, with
    the shape (parts + 1,). ``sizes`` are the bytes in memory of each part's complete table, ``file_sizes``
    those of the file of the part, 0 for the parts of a file after the first; shape (parts,).
    """

    def __init__(self, blocks: Sequence[IndexBlock], tables: Sequence[BlockTables]) -> None:
        """``tables`` are those of the blocks, which have none themselves if they are in a file."""
        # All parts as one block; it has no tables.
        self._parts = shorten_numbers(
            join_blocks([replace(block, tables={}) for block in blocks] or [NO_PARTS])
        )
        self.keys = self._parts.keys
        self.file_sizes = self._parts.file_sizes
        self.starts = self._parts.starts
        self.sizes = self._parts.sizes
        self._tables = tables
        self._ends = np.cumsum([len(block.keys) for block in blocks], dtype=np.int64)
        # The parts of each block.
        self.blocks = [range(first, end) for first, end in pairwise([0, *self._ends.tolist()])]
        self._read_table = lru_cache(CACHED_TABLES)(partial(_read_table, tables))

    def __len__(self) -> int:
        return len(self.keys)

    def read_blocks(self, name: str) -> Iterator[tuple[range, pa.Table]]:
        """The indexed columns of a table, block by block, each with the range of its parts."""
        for number, parts in enumerate(self.blocks):
            yield parts, self._read_once(number, name)

    def read_parts(self, name: str, parts: range) -> pa.Table:
        """The indexed columns of the tables of some parts, one part after the other."""
        first, last = np.searchsorted(self._ends, [parts.start, parts.stop - 1], side="right").tolist()
        starts = self.starts[name]
        pieces = []
        for number in range(first, last + 1):
            block = self.blocks[number]
            inside = range(max(block.start, parts.start), min(block.stop, parts.stop))
            start, end = (int(starts[part] - starts[block.start]) for part in (inside.start, inside.stop))
            pieces.append(self._read_table(number, name).slice(start, end - start))
        return pieces[0] if len(pieces) == 1 else pa.concat_tables(pieces)

    def read(self, name: str, part: int) -> pa.Table:
        """The indexed columns of one part's table."""
        return self.read_parts(name, range(part, part + 1))

    def take(self, name: str, rows: Numbers, columns: Sequence[str]) -> pa.Table:
        """Some columns of some rows of a table of all parts; the rows are sorted."""
        pieces = []
        starts = self.starts[name] if self.keys else np.zeros(1, np.int64)
        for number, parts in enumerate(self.blocks):
            first, end = starts[parts.start], starts[parts.stop]
            low, high = np.searchsorted(rows, (first, end)).tolist()
            if low < high or number == 0:
                pieces.append(self._read_once(number, name).select(columns).take(rows[low:high] - first))
        return pa.concat_tables(pieces).combine_chunks()

    def cut_blocks(self, parts: range) -> Iterator[IndexBlock]:
        """Some parts that follow one another as blocks with their tables."""
        for number, block in enumerate(self.blocks):
            first, end = max(block.start, parts.start), min(block.stop, parts.stop)
            if first < end:
                tables = {name: self._read_table(number, name) for name in self._tables[number]}
                whole = replace(self._parts.slice(block.start, block.stop), tables=tables)
                yield whole.slice(first - block.start, end - block.start)

    def _read_once(self, number: int, name: str) -> pa.Table:
        """A table of a block for a reader of all blocks; of many blocks it is not kept."""
        is_kept = len(self.blocks) <= CACHED_TABLES // 2
        return self._read_table(number, name) if is_kept else _read_table(self._tables, number, name)

    def forget_tables(self) -> None:
        """Let go of the tables that were read from a file: they are read again when they are needed."""
        self._read_table.cache_clear()

    def count_rows(self, name: str) -> Numbers:
        """The number of rows of each part's table; shape (parts,)."""
        return np.diff(self.starts[name])

    def find_irreproducible(self) -> list[int]:
        """The parts with a record that another run may not reject, for example because a worker died."""
        parts: list[int] = []
        for block, ledger in self.read_blocks(LEDGER):
            rows = find_irreproducible_rows(ledger) + self.starts[LEDGER][block.start]
            parts += np.unique(np.searchsorted(self.starts[LEDGER], rows, "right") - 1).tolist()
        return parts

    def save(self, path: Path) -> None:
        """Write the index for the next build."""
        tables: dict[str, pa.Table | StoredTable] = {}
        for number, parts in enumerate(self.blocks):
            tables[f"{PARTS} {number}"] = self._parts.slice(parts.start, parts.stop).to_columns()
            tables |= {f"{name} {number}": table for name, table in self._tables[number].items()}
        write_tables(path, tables)


def _read_table(tables: Sequence[BlockTables], number: int, name: str) -> pa.Table:
    """A table of the block with this number."""
    table = tables[number][name]
    return table.read() if isinstance(table, StoredTable) else table


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The parts of one build, in the order of its batches.

    ``unrevised`` is their index as the first pass made them. ``current`` is it after the decisions: the parts
    with a copy, or with passages that preferred documents (less damaged, longer or earlier) also have, are
    replaced by their revised versions. ``earlier_bytes`` is the size of the cache before the build.
    """

    cache: PartCache
    unrevised: PartIndex
    current: PartIndex
    earlier_bytes: int = 0

    def __len__(self) -> int:
        return len(self.unrevised)

    def shrink_cache(self, max_bytes: int) -> None:
        """Delete the oldest parts of the cache if it is larger than ``max_bytes``, those in use last."""
        used_bytes = int(self.unrevised.file_sizes.sum() + self.current.file_sizes.sum())
        # Listing the files takes longer than a small build: only if they may be too many.
        if self.earlier_bytes + used_bytes + COUNT_BYTES * len(self) > max_bytes:
            self.cache.shrink(max_bytes, self.files)

    @property
    def files(self) -> Sequence[str]:
        """The keys of the files of all parts that the build uses, each once."""
        return list(dict.fromkeys([*self.unrevised.keys.files, *self.current.keys.files]))

    def read_each(self, name: str, parts: range) -> Iterator[pa.Table]:
        """Read a complete table of each of some parts, revised if it was."""
        return self.cache.read_each(self.current.keys[parts.start : parts.stop], name)

    def read_unrevised(self, name: str, part: int) -> pa.Table:
        """Read a complete table of a part as it was before any revision."""
        return self.cache.read(self.unrevised.keys[part], name)

    def read_texts(self, part: int) -> pa.ChunkedArray:
        """Read the texts of the documents of a part as they were before any revision."""
        return self.cache.read_texts(self.unrevised.keys[part])

    def read_partitions(self, part: int) -> Names:
        """The partition of each document of a part; shape (documents,)."""
        column = self.current.read(LEDGER, part).column("split")
        return np.array(column.drop_null().to_pylist(), dtype=object)


def select_parts(indexes: Sequence[PartIndex], files: Iterable[str], cache: PartCache) -> PartIndex:
    """The index of the parts of ``files``, in this order; those that are in none of the ``indexes`` are read.

    Of several indexes that have a file, the last is right: its parts were made again for it. All but the last
    block are in a file beside the parts.
    """
    maker = _IndexMaker(cache)
    for block in _select_blocks(indexes, files, cache):
        maker.add(block)
    for index in indexes:
        index.forget_tables()
    return maker.finish()


def _select_blocks(
    indexes: Sequence[PartIndex], files: Iterable[str], cache: PartCache
) -> Iterator[IndexBlock]:
    """Blocks with the parts of ``files``, in this order; those that follow one another are given together."""
    places = {file_key: (index, parts) for index in indexes for file_key, parts in index.keys.parts_by_file()}
    # Invariant: the parts of ``run`` in ``origin`` are not yet given, all others before are.
    origin: PartIndex | None = None
    run = range(0)
    for file_key in files:
        index, parts = places.get(file_key, (None, range(0)))
        if index is not None and index is origin and parts.start == run.stop:
            run = range(run.start, parts.stop)
            continue
        if origin is not None:
            yield from origin.cut_blocks(run)
        origin, run = index, parts
        if index is None:
            yield IndexBlock.of(file_key, cache)
    if origin is not None:
        yield from origin.cut_blocks(run)


class _IndexMaker:
    """Joins blocks of parts to an index."""

    def __init__(self, cache: PartCache) -> None:
        self._cache = cache
        self._spool: TableSpool | None = None
        self._waiting: list[IndexBlock] = []
        self._rows = 0
        self._blocks: list[IndexBlock] = []
        self._tables: list[BlockTables] = []

    def add(self, block: IndexBlock) -> None:
        """Add a block after the others; a long one is cut as the parts of a short one would be."""
        starts = block.starts[LEDGER]
        first = 0
        while first < len(block.keys):
            # The first part with which the waiting ones have enough rows is their last.
            enough = starts[first] + BLOCK_ROWS - self._rows
            end = min(int(np.searchsorted(starts[first + 1 :], enough)) + first + 1, len(block.keys))
            self._waiting.append(block.slice(first, end))
            self._rows += int(starts[end] - starts[first])
            first = end
            if self._rows >= BLOCK_ROWS:
                self._store(self._join())

    def finish(self) -> PartIndex:
        """The index of all parts that were added."""
        if self._waiting:
            block = self._join()
            self._blocks.append(block)
            self._tables.append(block.tables)
        return PartIndex(self._blocks, self._tables)

    def _join(self) -> IndexBlock:
        block = join_blocks(self._waiting)
        self._waiting, self._rows = [], 0
        return block

    def _store(self, block: IndexBlock) -> None:
        self._spool = self._spool or TableSpool(self._cache.folder)
        self._blocks.append(replace(block, tables={}))
        self._tables.append({name: self._spool.add(table) for name, table in block.tables.items()})


def load_index(path: Path) -> PartIndex:
    """Read the index that an earlier build has saved; one without parts if there is none."""
    try:
        tables = open_tables(path)
    except OSError:
        return PartIndex([], [])
    blocks: list[IndexBlock] = []
    of_blocks: list[BlockTables] = []
    while (described := tables.get(f"{PARTS} {len(blocks)}")) is not None:
        parts = described.read()
        keys, sizes = PartKeys.of(parts.column("key").to_pylist()), parts.column("file size").to_numpy()
        blocks.append(IndexBlock.describe(parts, keys, sizes))
        of_blocks.append({name: tables[f"{name} {len(of_blocks)}"] for name in blocks[-1].starts})
    return PartIndex(blocks, of_blocks)
