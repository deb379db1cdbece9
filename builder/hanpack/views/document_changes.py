"""Matches the documents of two builds: which are the same, moved or changed, and which only one build has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.steps.dedup.partitions import TRAIN
from hanpack.store.reader import BuildReader

ChangeKind = Literal["added", "gone", "changed", "moved"]
CHANGE_KINDS: tuple[ChangeKind, ...] = ("added", "gone", "changed", "moved")
# The most changes of each kind that are described; all are counted.
MOST_CHANGES = 1000
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
# What two documents of different ids have in common if one is the other changed; see find_anchors.
MatchKey = tuple[str, str | None, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document comes from: its source, its record (from 0), the record's first byte, and its split.

    >>> str(Place("a.txt", record=2, byte_start=90, split="test"))
    'a.txt record 2 at byte 90 (test)'
    """

    source: str
    record: int
    byte_start: int
    split: str = TRAIN

    def __str__(self) -> str:
        return self.location if self.split == TRAIN else f"{self.location} ({self.split})"

    @property
    def location(self) -> str:
        """The place without the split."""
        return f"{self.source} record {self.record} at byte {self.byte_start}"


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What became of a document, and why as far as the builds say it.

    One that was added has no old id and place, one that is gone no new ones.
    """

    kind: ChangeKind
    old_id: str | None
    new_id: str | None
    old_place: Place | None
    new_place: Place | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class DocumentChanges:
    """How many documents are the same and how many changed, by kind, and the first thousand of each kind.

    ``other_splits`` is how many of those that are in both builds, moved or changed, are in other splits.
    """

    counts: Mapping[str, int]
    changes: tuple[DocumentChange, ...]
    other_splits: int


@dataclass(frozen=True, slots=True)
class KeptDocuments:
    """The kept records of a ledger, in its order: those of a source are adjacent.

    All columns have the shape (documents,).
    """

    ids: pa.Array
    sources: pa.Array
    records: Numbers
    byte_starts: Numbers
    splits: pa.Array

    @classmethod
    def read(cls, reader: BuildReader) -> KeptDocuments:
        """Read them from a build; without splits all documents are for training."""
        columns = ["document_id", "source", "record", "byte_start"]
        has_splits = "split" in reader.schema("ledger").names
        kept = pc.field("state") == "kept"
        ledger = reader.read("ledger", [*columns, "split"] if has_splits else columns, kept)
        ids, sources, records, byte_starts = (ledger.column(name).combine_chunks() for name in columns)
        train = pa.array([TRAIN] * len(ids), pa.string())
        return cls(
            ids=ids,
            sources=sources,
            records=records.to_numpy(),
            byte_starts=byte_starts.to_numpy(),
            splits=ledger.column("split").combine_chunks() if has_splits else train,
        )

    def place(self, row: int) -> Place:
        """The place of one document."""
        return Place(
            source=self.sources[row].as_py(),
            record=int(self.records[row]),
            byte_start=int(self.byte_starts[row]),
            split=self.splits[row].as_py(),
        )

    def find_anchors(self, shared: Flags, candidates: Flags) -> dict[MatchKey, int]:
        """The candidates by source, the shared document before them, and distance.

        The candidates are some of the documents that only this build has. The distance is in documents; if no
        shared document of the source is before one, it is counted from the beginning of the source.
        """
        rows = np.arange(len(shared))
        codes = self.sources.dictionary_encode().indices.to_numpy()
        source_starts = np.maximum.accumulate(np.where(np.diff(codes, prepend=-1) != 0, rows, 0))
        shared_before = np.maximum.accumulate(np.where(shared, rows, -1))
        keys: dict[MatchKey, int] = {}
        for row in np.flatnonzero(candidates).tolist():
            anchor, start = int(shared_before[row]), int(source_starts[row])
            in_source = anchor >= start
            anchor_id = self.ids[anchor].as_py() if in_source else None
            keys[self.sources[row].as_py(), anchor_id, row - (anchor if in_source else start)] = row
        return keys

    def are_of(self, sources: Collection[str]) -> Flags:
        """Whether each document is of one of some sources; shape (documents,)."""
        return _to_flags(pc.is_in(self.sources, value_set=pa.array(list(sources), pa.string())))

    def find_records(self, rows: Sequence[int]) -> dict[MatchKey, int]:
        """Documents by source and record."""
        return {(self.sources[row].as_py(), None, int(self.records[row])): row for row in rows}


def compare_documents(
    old: KeptDocuments, new: KeptDocuments, unchanged: Collection[str] = ()
) -> DocumentChanges:
    """Match the documents of two builds; the sources ``unchanged`` have the same bytes in both.

    Documents of the same id are the same, or moved if source, place or split differ. Of the others, one of
    the old build and one of the new are a changed document if they are equally far after the same shared
    document of a source that changed, or else if they are the same record of a source.
    """
    match = pc.index_in(old.ids, value_set=new.ids)
    shared_old = _to_flags(match.is_valid())
    shared_new = _to_flags(pc.is_in(new.ids, value_set=old.ids))
    old_rows, new_rows = np.flatnonzero(shared_old), match.drop_null().to_numpy()
    moved = old.byte_starts[old_rows] != new.byte_starts[new_rows]
    moved |= _differ(old.sources, old_rows, new.sources, new_rows)
    in_other_split = _differ(old.splits, old_rows, new.splits, new_rows)
    moved |= in_other_split
    # Of a source that is the same, a record is known by its number, whatever is gone before it.
    changed = _match(
        old.find_anchors(shared_old, ~shared_old & ~old.are_of(unchanged)),
        new.find_anchors(shared_new, ~shared_new & ~new.are_of(unchanged)),
    )
    rest_old = _list_unmatched(shared_old, [row for row, _ in changed])
    rest_new = _list_unmatched(shared_new, [row for _, row in changed])
    changed += _match(old.find_records(rest_old), new.find_records(rest_new))
    rows: dict[ChangeKind, list[tuple[int | None, int | None]]] = {
        "added": [(None, row) for row in _list_unmatched(shared_new, [row for _, row in changed])],
        "gone": [(row, None) for row in _list_unmatched(shared_old, [row for row, _ in changed])],
        "changed": sorted(changed),
        "moved": list(zip(old_rows[moved].tolist(), new_rows[moved].tolist(), strict=True)),
    }
    changes = tuple(
        DocumentChange(
            kind=kind,
            old_id=None if old_row is None else old.ids[old_row].as_py(),
            new_id=None if new_row is None else new.ids[new_row].as_py(),
            old_place=None if old_row is None else old.place(old_row),
            new_place=None if new_row is None else new.place(new_row),
        )
        for kind, pairs in rows.items()
        for old_row, new_row in pairs[:MOST_CHANGES]
    )
    counts: dict[str, int] = {"same": len(old_rows) - len(rows["moved"])}
    counts.update({kind: len(pairs) for kind, pairs in rows.items()})
    other_splits = int(in_other_split.sum()) + sum(
        old.splits[old_row] != new.splits[new_row] for old_row, new_row in changed
    )
    return DocumentChanges(counts, changes, other_splits)


def _to_flags(column: pa.Array) -> Flags:
    flags: Flags = column.to_numpy(zero_copy_only=False)
    return flags


def _differ(old: pa.Array, old_rows: Numbers, new: pa.Array, new_rows: Numbers) -> Flags:
    """Whether the values of two columns differ, pair by pair of their rows."""
    return _to_flags(pc.not_equal(old.take(pa.array(old_rows)), new.take(pa.array(new_rows))))


def _match(old: Mapping[MatchKey, int], new: Mapping[MatchKey, int]) -> list[tuple[int, int]]:
    return [(row, new[key]) for key, row in old.items() if key in new]


def _list_unmatched(shared: Flags, matched: Sequence[int]) -> list[int]:
    unmatched = ~shared
    unmatched[matched] = False
    rows: list[int] = np.flatnonzero(unmatched).tolist()
    return rows
