"""Parts to shards.

Ids are made unique, rows are separated by partition and counted. A shard that would be the same as one of the
published build is linked from there, not written again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.building.final_ids import (
    DOCUMENTS,
    LEDGER,
    FinalIds,
    find_final_ids,
    number_ids,
    replace_values,
    set_column,
)
from hanpack.building.withdrawn_parts import find_emptied, tag_contents
from hanpack.building.written_shards import WrittenShard, WrittenShards
from hanpack.engines.heap import return_freed_arrays, return_freed_memory
from hanpack.recipe import Recipe
from hanpack.sources.survey import Progress
from hanpack.steps.dedup.partitions import TRAIN
from hanpack.store.figures import FigureCounter, Figures
from hanpack.store.merkle import RowTree
from hanpack.store.metadata import LEDGER_METADATA
from hanpack.store.part_index import Parts
from hanpack.store.row_spans import cut_ranges
from hanpack.store.shards import (
    LARGE_TABLE_BYTES,
    ShardFile,
    describe_file,
    find_shard_size,
    group_rows,
    name_shard,
    plan_shards,
    write_shard,
)
from hanpack.store.table_kinds import Names, Numbers, TableKind, count_chunks, find_schemas

# At most so many shards are written at the same time: each takes the memory of a few row groups.
MOST_THREADS = 4
# The files of the parts of a shard: before and after the revision.
Files = tuple[Sequence[str], Sequence[str]]
# What writes a shard into a folder.
ShardWriter = Callable[["Assembly", "PlannedShard", Path], WrittenShard]


@dataclass(frozen=True, slots=True)
class PlannedShard:
    """A shard to write: its path in the build, its table and partition, and the parts its rows are from."""

    path: str
    table: str
    partition: str
    parts: range


@dataclass(frozen=True)
class Assembly:
    """What the shards of a build are made from.

    ``schemas`` are those of the tables of the recipe, ``partitions`` the names of its partitions.
    ``shard_size`` is the recipe's, if it has one.
    """

    parts: Parts
    schemas: Mapping[str, pa.Schema]
    partitions: tuple[str, ...]
    ids: FinalIds
    shard_size: int | None = None

    @classmethod
    def of(cls, parts: Parts, recipe: Recipe) -> Assembly:
        """Find the ids of a build from its parts."""
        return cls(
            parts=parts,
            schemas=find_schemas(recipe),
            partitions=recipe.splits.names,
            ids=find_final_ids(parts),
            shard_size=recipe.shard_size,
        )

    def plan(self) -> Iterator[PlannedShard]:
        """The shards of the build, in order.

        Every table has shards for each partition, except the ledger, which has one set for all records.
        """
        hashes = _hash_parts(self.parts)
        emptied = find_emptied(self.parts.current)
        for name in self.schemas:
            kind = TableKind.of(name)
            # Parts of which all was withdrawn shape no table but the ledger: no cut depends on them.
            present = np.flatnonzero(~emptied | (kind is TableKind.LEDGER))
            for partition in self.partitions if kind.is_partitioned else (TRAIN,):
                sizes = self._find_sizes(name, partition)[present]
                shard_size = self.shard_size or find_shard_size(int(sizes.sum()))
                planned = plan_shards(sizes, hashes[present], shard_size)
                ranges = _place_ranges(planned, present, len(self.parts))
                for number, part_range in enumerate(ranges):
                    path = name_shard(name, partition, number, len(ranges))
                    yield PlannedShard(path, name, partition, part_range)

    def find_key(self, shard: PlannedShard) -> str:
        """A hash of all that shapes a shard: the parts, its table and partition, ids and copies."""
        numbers = [
            self.ids.occurrences[name].read(shard.parts)
            for name in dict.fromkeys((DOCUMENTS, shard.table))
            if name in self.ids.occurrences
        ]
        if shard.table == DOCUMENTS:
            numbers.append(self.ids.copies.read(shard.parts))
        keys = self.parts.current.keys[shard.parts.start : shard.parts.stop]
        content: list[object] = [
            shard.table,
            shard.partition,
            [[key, places.start, places.stop] for key, places in keys.runs()],
            [[array.tolist() for array in pair] for pair in numbers],
            dict(self.ids.originals) if shard.table == LEDGER else {},
        ]
        if contents := {part: self._contents[part] for part in shard.parts if part in self._contents}:
            content.append(contents)
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def find_irreproducible(self) -> set[int]:
        """The parts that another run may not give."""
        return set(self.parts.current.find_irreproducible())

    def make_row_groups(self, shard: PlannedShard) -> Iterator[pa.Table]:
        """The rows of a shard as they are published, in row groups."""
        tables = [self._read_ledger(shard.parts)] if shard.table == LEDGER else self._read_tables(shard)
        return group_rows(tables, about=self.measure(shard))

    def measure(self, shard: PlannedShard) -> int:
        """The bytes in memory of the tables of a shard's parts, also of rows of other partitions."""
        sizes = self.parts.current.sizes[shard.table][shard.parts.start : shard.parts.stop]
        return int(sizes.sum())

    def cut(self, shard: PlannedShard) -> tuple[FinalIds, PlannedShard, Files]:
        """The ids that shape a shard, and the shard with its parts numbered among those of some files."""
        first, end, unrevised = self.parts.unrevised.keys.find_files(shard.parts)
        current = self.parts.current.keys.find_files(shard.parts)[2]
        ids = self.ids.cut(range(first, end))
        if shard.table != LEDGER:
            ids = replace(ids, originals={})
        parts = range(shard.parts.start - first, shard.parts.stop - first)
        return ids, replace(shard, parts=parts), (unrevised, current)

    @property
    def largest_part(self) -> int:
        """The size of the largest table of a part, in bytes of memory."""
        return max(int(sizes.max(initial=0)) for sizes in self.parts.current.sizes.values())

    def has_large_part(self, shard: PlannedShard) -> bool:
        """Whether a shard has the rows of a very long record."""
        sizes = self.parts.current.sizes[shard.table][shard.parts.start : shard.parts.stop]
        return bool((sizes > LARGE_TABLE_BYTES).any())

    def find_schema(self, name: str) -> pa.Schema:
        """The schema of a table as it is published."""
        return self.schemas[name]

    @cached_property
    def _contents(self) -> Mapping[int, str]:
        """A hash of what is left of each part that something was taken out of."""
        return tag_contents(self.parts.current)

    @cached_property
    def _shares(self) -> Mapping[str, Numbers]:
        """The documents of each part that are in a partition, by its name; shape (parts,)."""
        index = self.parts.current
        counts = {name: np.zeros(len(index), np.int64) for name in self.partitions}
        for block, ledger in index.read_blocks(LEDGER):
            starts = index.starts[LEDGER][block.start : block.stop + 1] - index.starts[LEDGER][block.start]
            for name, count in counts.items():
                is_in = np.asarray(pc.fill_null(pc.equal(ledger.column("split"), name), False), np.int64)
                count[block.start : block.stop] = np.diff(np.concatenate(([0], np.cumsum(is_in)))[starts])
        return counts

    def _find_sizes(self, name: str, partition: str) -> Numbers:
        """About how many bytes of each part's table belong to a partition, by its share of documents."""
        sizes = self.parts.current.sizes[name].astype(np.int64)
        if name != LEDGER and len(self.partitions) > 1:
            sizes = sizes * self._shares[partition] // np.maximum(self.parts.current.count_rows(DOCUMENTS), 1)
        return sizes

    def _read_ledger(self, parts: range) -> pa.Table:
        """The ledger of some parts, with final ids; few blocks of the index are in memory beside it."""
        blocks = cut_ranges(self.parts.current.blocks, parts)
        return pa.concat_tables(map(self._read_ledger_block, blocks))

    def _read_ledger_block(self, parts: range) -> pa.Table:
        index, ids = self.parts.current, self.ids
        ledger = index.read_parts(LEDGER, parts).select(self.schemas[LEDGER].names)
        rows, numbers = ids.occurrences[DOCUMENTS].read(parts)
        if len(rows):
            # There is a document for each record that names one, in the same order.
            names = ledger.column("document_id")
            rows = np.flatnonzero(np.asarray(names.is_valid()))[rows]
            ledger = set_column(ledger, "document_id", number_ids(names, rows, numbers))
        originals = ledger.column("duplicate_of")
        is_changed = np.asarray(pc.is_in(originals, pa.array(list(ids.originals), pa.string())))
        if is_changed.any():
            changed = originals.filter(pa.array(is_changed)).to_pylist()
            new = [ids.originals[name] for name in changed]
            ledger = set_column(ledger, "duplicate_of", replace_values(originals, is_changed, new))
        unrevised = self.parts.unrevised.read_parts(LEDGER, parts)
        for name in LEDGER_METADATA:
            # A copy was not read a second time: what it states is known from the first.
            ledger = set_column(ledger, name, unrevised.column(name))
        # The address of a kept record is in the metadata of its document.
        is_kept = pc.equal(ledger.column("state"), "kept")
        addresses = pc.if_else(is_kept, pa.scalar(None, pa.string()), ledger.column("url"))
        # Copied, since a column that was read from a file keeps all columns there in memory.
        return set_column(ledger, "url", addresses).take(pa.array(np.arange(len(ledger))))

    def _read_tables(self, shard: PlannedShard) -> Iterator[pa.Table]:
        """The table of each part of a shard, with final ids: the rows of one partition."""
        kind, ids = TableKind.of(shard.table), self.ids
        for part, table in zip(shard.parts, self.parts.read_each(shard.table, shard.parts), strict=True):
            own = range(part, part + 1)
            occurrences = ids.occurrences.get(shard.table)
            if occurrences and len((numbers := occurrences.read(own))[0]):
                table = set_column(table, "id", number_ids(table.column("id"), *numbers))
            if kind is not TableKind.DOCUMENTS and len(ids.occurrences[DOCUMENTS].read(own)[0]):
                table = self._rename_documents(kind, table, part)
            rows, copies = ids.copies.read(own)
            if kind is TableKind.DOCUMENTS and len(rows):
                counts = table.column("copies").to_numpy().copy()
                counts[rows] = copies
                table = set_column(table, "copies", pa.array(counts, pa.int32()))
            if len(self.partitions) > 1:
                row_partitions = kind.find_partitions(table, self.parts.read_partitions(part))
                table = table.filter(pa.array(row_partitions == shard.partition, pa.bool_()))
            yield table

    def _rename_documents(self, kind: TableKind, table: pa.Table, part: int) -> pa.Table:
        """The table of a part with the new ids of its documents, which are in another table."""
        old_ids = self.parts.current.read(DOCUMENTS, part).column("id")
        numbers = self.ids.occurrences[DOCUMENTS].read(range(part, part + 1))
        ids: list[str] = number_ids(old_ids, *numbers).to_pylist()
        if kind is TableKind.CHUNKS:
            repeated = np.repeat(np.array(ids, dtype=object), count_chunks(table))
            return set_column(table, "document_id", pa.array(repeated.tolist(), pa.string()))
        partitions = self.parts.read_partitions(part)
        keys = zip(partitions, old_ids.to_pylist(), strict=True)
        return _rename_packed(
            table, kind.find_partitions(table, partitions), dict(zip(keys, ids, strict=True))
        )


def assemble(
    assembly: Assembly,
    folder: Path,
    *,
    written: WrittenShards,
    progress: Progress,
    processes: int = 1,
    writer: ShardWriter | None = None,
) -> tuple[list[ShardFile], Figures]:
    """Write the shards of a build into ``folder``; returns the files and the build's figures.

    Shards that ``written`` has from the published build are linked from there. A build in several
    ``processes`` writes as many shards at the same time, in threads, since Arrow does most of it without
    Python's lock. With a ``writer`` that writes the shards instead, as many at a time as
    there are processes. ``progress`` is called with the bytes of tables so far and those of all, after each
    row group that was written and each shard that was finished.
    """
    done = 0
    lock = Lock()

    def advance(size: int) -> None:
        nonlocal done
        with lock:
            done += size
            progress("write", done, total_size)

    total = FigureCounter()
    files: list[ShardFile] = []
    irreproducible = assembly.find_irreproducible()
    shards = list(assembly.plan())
    total_size = sum(map(assembly.measure, shards))
    return_freed_arrays(assembly.largest_part)
    # A shard that another run may not give has no key.
    keys = [assembly.find_key(shard) if irreproducible.isdisjoint(shard.parts) else "" for shard in shards]

    def make(shard: PlannedShard, key: str) -> WrittenShard:
        path = folder / shard.path
        # Its row groups are about as large as the parts that they are made of: what is left comes at its end.
        left = assembly.measure(shard)

        def advance_within(size: int) -> None:
            nonlocal left
            size = min(size, left)
            left -= size
            advance(size)

        made = written.link(key, path) if key else None
        if made is None:
            made = (
                writer(assembly, shard, folder)
                if writer
                else write_shard_file(assembly, shard, folder, advance_within)
            )
        advance(left)
        return replace(made, file=replace(made.file, path=shard.path))

    # A very long record takes so much memory that no other shard is written beside it.
    has_large_part = any(map(assembly.has_large_part, shards))
    threads = 1 if has_large_part else min(processes, MOST_THREADS)
    if writer is not None:
        threads = processes
    for key, made in zip(keys, _map_in_threads(make, shards, keys, threads), strict=True):
        if key:
            written.note(key, made)
        files.append(made.file)
        total.add(made.counter)
    return files, total.figures()


def _map_in_threads(
    make: Callable[[PlannedShard, str], WrittenShard],
    shards: Sequence[PlannedShard],
    keys: Sequence[str],
    threads: int,
) -> Iterator[WrittenShard]:
    """What ``make`` gives for each shard and its key, in order; with one thread it runs in this one."""
    if threads == 1:
        yield from map(make, shards, keys)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(make, shards, keys)
    finally:
        pool.shutdown(cancel_futures=True)


def write_shard_file(
    assembly: Assembly, shard: PlannedShard, folder: Path, advance: Callable[[int], None]
) -> WrittenShard:
    """Write a shard into a folder; ``advance`` is called with the bytes in memory of each row group."""
    path = folder / shard.path
    has_large_part = assembly.has_large_part(shard)
    if has_large_part:
        # Of the shard before: its rows were small objects, which take as much as this one is large.
        return_freed_memory()
    counter, tree = FigureCounter(), RowTree(TableKind.of(shard.table))
    schema = assembly.find_schema(shard.table)
    # A shard without rows counts too: the figures name its table and its partition.
    counter.count(shard.table, schema.empty_table(), shard.partition)

    def count(group: pa.Table) -> pa.Table:
        return tree.add(counter.count(shard.table, group, shard.partition))

    rows = write_shard(
        path,
        schema,
        map(count, assembly.make_row_groups(shard)),
        advance,
        has_large_values=has_large_part,
    )
    return WrittenShard(replace(describe_file(path, folder, rows), root=tree.find_root()), counter)


def _place_ranges(ranges: Sequence[range], present: Numbers, count: int) -> list[range]:
    """Ranges of the ``present`` parts as ranges of all ``count`` parts; each ends where the next begins.

    >>> _place_ranges([range(0, 1), range(1, 2)], np.array([1, 3]), 5)
    [range(0, 3), range(3, 5)]
    """
    starts = [0, *(int(present[part_range.start]) for part_range in ranges[1:])]
    return [range(start, end) for start, end in pairwise([*starts, count])]


def _hash_parts(parts: Parts) -> npt.NDArray[np.uint64]:
    """A hash of the source and the first record of each part; a change of its text changes no cut."""
    index = parts.current
    hashes = np.empty(len(index), np.uint64)
    for block, ledger in index.read_blocks(LEDGER):
        starts = index.starts[LEDGER][block.start : block.stop] - index.starts[LEDGER][block.start]
        firsts = ledger.select(["source", "record"]).take(pa.array(starts))
        names = zip(*(column.to_pylist() for column in firsts.columns), strict=True)
        hashes[block.start : block.stop] = [
            int.from_bytes(hashlib.sha256(f"{source}\n{record}".encode()).digest()[:8])
            for source, record in names
        ]
    return hashes


def _rename_packed(table: pa.Table, partitions: Names, new_ids: Mapping[tuple[str, str], str]) -> pa.Table:
    """New ids in packed sequences, by partition and old id.

    Documents of one partition that had the same id have the same text, so either new id is right.
    """
    index = table.column_names.index("document_ids")
    rows = zip(partitions, table.column(index).to_pylist(), strict=True)
    renamed = [[new_ids[partition, old] for old in row] for partition, row in rows]
    return table.set_column(index, table.schema.field(index), pa.array(renamed, pa.list_(pa.string())))
