"""The index of the parts of a build: the small columns that every build needs of every part, in memory.

Comparing documents and making ids unique need ids, signatures and the ledger of all parts, but no texts. The
index is kept as one file beside the parts, so that a build opens only the parts that are new, and those whose
rows it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from hanpack.store.part_content import PARTS, find_irreproducible_rows
from hanpack.store.part_files import read_part_file, write_part_file
from hanpack.store.parts import PartCache, find_file_key, name_part
from hanpack.store.table_kinds import Names, Numbers, TableKind

_ROWS, _BYTES = "rows ", "bytes "
# More than the file with the numbers of parts of a group of sources has for each part.
COUNT_BYTES = 32


@dataclass(frozen=True, slots=True, eq=False)
class PartIndex:
    """The index of some parts, in the order of ``keys``.

    ``tables`` has by name the indexed columns of all parts, one part after the other; ``starts`` the first
    row of each part there and last the number of rows, with the shape (parts + 1,). ``sizes`` are the bytes
    in memory of each part's complete table, ``file_sizes`` those of the file of the part, 0 for the parts of
    a file after the first; shape (parts,).
    """

    keys: Sequence[str]
    file_sizes: Numbers
    tables: Mapping[str, pa.Table]
    starts: Mapping[str, Numbers]
    sizes: Mapping[str, Numbers]

    @classmethod
    def of(cls, file_key: str, cache: PartCache) -> PartIndex:
        """The index of the parts of one file in the cache."""
        parts, indexed = cache.read_index(file_key)
        count = len(parts)
        names = [column.removeprefix(_ROWS) for column in parts.column_names if column.startswith(_ROWS)]
        starts = {name: _find_starts(parts.column(_ROWS + name).to_numpy()) for name in names}
        return cls(
            keys=[name_part(file_key, place) for place in range(count)],
            file_sizes=np.array([cache.size(file_key), *[0] * (count - 1)]),
            # A table without columns has no rows, so that one column stays.
            tables={
                name: indexed[name] if name in indexed else pa.table({"row": pa.nulls(starts[name][-1])})
                for name in names
            },
            starts=starts,
            sizes={name: parts.column(_BYTES + name).to_numpy() for name in names},
        )

    def __len__(self) -> int:
        return len(self.keys)

    def read(self, name: str, part: int) -> pa.Table:
        """The indexed columns of one part's table."""
        start, end = self.starts[name][part : part + 2].tolist()
        return self.tables[name].slice(start, end - start)

    def count_rows(self, name: str) -> Numbers:
        """The number of rows of each part's table; shape (parts,)."""
        return np.diff(self.starts[name])

    def find_irreproducible(self) -> list[int]:
        """The parts with a record that another run may not reject, for example because a worker died."""
        if not self.keys:
            return []
        rows = find_irreproducible_rows(self.tables[TableKind.LEDGER.value])
        starts = self.starts[TableKind.LEDGER.value]
        parts: list[int] = np.unique(np.searchsorted(starts, rows, "right") - 1).tolist()
        return parts

    def slice(self, first: int, end: int) -> PartIndex:
        """The index of the parts from ``first`` up to ``end``."""
        starts = {name: rows[first : end + 1] for name, rows in self.starts.items()}
        return PartIndex(
            keys=self.keys[first:end],
            file_sizes=self.file_sizes[first:end],
            tables={
                name: table.slice(starts[name][0], starts[name][-1] - starts[name][0])
                for name, table in self.tables.items()
            },
            starts={name: rows - rows[0] for name, rows in starts.items()},
            sizes={name: sizes[first:end] for name, sizes in self.sizes.items()},
        )


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
            self.cache.shrink(max_bytes, self.keys)

    @property
    def keys(self) -> Sequence[str]:
        """The keys of all parts that the build uses, each once."""
        return list(dict.fromkeys([*self.unrevised.keys, *self.current.keys]))

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
        column = self.current.read(TableKind.LEDGER.value, part).column("split")
        return np.array(column.drop_null().to_pylist(), dtype=object)


def join_indexes(indexes: Sequence[PartIndex]) -> PartIndex:
    """The index of the parts of several indexes, which all have the same tables."""
    if not indexes:
        return PartIndex([], np.zeros(0, np.int64), {}, {}, {})
    names = indexes[0].tables
    return PartIndex(
        keys=[key for index in indexes for key in index.keys],
        file_sizes=np.concatenate([index.file_sizes for index in indexes]),
        tables={
            name: pa.concat_tables(index.tables[name] for index in indexes).combine_chunks() for name in names
        },
        starts={
            name: _find_starts(np.concatenate([index.count_rows(name) for index in indexes]))
            for name in names
        },
        sizes={name: np.concatenate([index.sizes[name] for index in indexes]) for name in names},
    )


def select_parts(indexes: Sequence[PartIndex], keys: Iterable[str], cache: PartCache) -> PartIndex:
    """The index of the parts ``keys``, in this order; those that are in none of the ``indexes`` are read."""
    places = {key: (index, place) for index in indexes for place, key in enumerate(index.keys)}
    pieces: list[PartIndex] = []
    # Invariant: the last parts taken are those of ``run`` from ``first`` up to ``end``, not yet a piece.
    run: PartIndex | None = None
    first = end = 0
    for key in keys:
        index, place = places.get(key, (None, 0))
        if index is not None and index is run and place == end:
            end += 1
            continue
        if run is not None:
            pieces.append(run.slice(first, end))
        if index is None:
            index = PartIndex.of(find_file_key(key), cache)
            places.update({read: (index, number) for number, read in enumerate(index.keys)})
            place = places[key][1]
        run, first, end = index, place, place + 1
    if run is not None:
        pieces.append(run.slice(first, end))
    return join_indexes(pieces)


def load_index(path: Path) -> PartIndex:
    """Read the index that an earlier build has saved; one without parts if there is none."""
    try:
        tables = read_part_file(path)
    except OSError:
        return join_indexes(())
    parts = tables.pop(PARTS)
    return PartIndex(
        keys=parts.column("key").to_pylist(),
        file_sizes=parts.column("file size").to_numpy(),
        tables=tables,
        starts={name: _find_starts(parts.column(_ROWS + name).to_numpy()) for name in tables},
        sizes={name: parts.column(_BYTES + name).to_numpy() for name in tables},
    )


def save_index(path: Path, index: PartIndex) -> None:
    """Write an index of parts for the next build."""
    columns = {
        "key": pa.array(index.keys, pa.string()),
        "file size": pa.array(index.file_sizes, pa.int64()),
        **{_ROWS + name: pa.array(index.count_rows(name), pa.int64()) for name in index.tables},
        **{_BYTES + name: pa.array(sizes, pa.int64()) for name, sizes in index.sizes.items()},
    }
    write_part_file(path, {PARTS: pa.table(columns), **index.tables})


def _find_starts(rows: Numbers) -> Numbers:
    return np.concatenate(([0], np.cumsum(rows, dtype=np.int64)))
