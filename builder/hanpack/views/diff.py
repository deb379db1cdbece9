"""What differs between two builds: documents, chunks, sources, figures, recipe and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hanpack.store.manifest import Manifest, read_manifest
from hanpack.store.table_kinds import TableKind

Kind = Literal["added", "gone", "changed", "moved"]
KINDS: tuple[Kind, ...] = ("added", "gone", "changed", "moved")
EXAMPLES = 1000
SHOWN = 10
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Key = tuple[str, str | None, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document comes from: its source, record (from 0) and that one's first byte; and its split."""

    source: str
    record: int
    byte_start: int
    split: str = "train"

    def __str__(self) -> str:
        split = "" if self.split == "train" else f" ({self.split})"
        return f"{self.source} record {self.record} at byte {self.byte_start}{split}"


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What became of a document. An added one has no old side, one that is gone no new side."""

    kind: Kind
    old_id: str | None
    new_id: str | None
    old_place: Place | None
    new_place: Place | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A named value that is not the same in both builds; None where a build does not have it."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class ChunkCounts:
    """How many chunks of a table kept their id, are new, or are gone."""

    kept: int
    new: int
    gone: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two builds side by side.

    ``documents`` counts the documents that stayed the same and those of each kind of change; a document
    that moved has its text still. ``changes`` holds the first thousand of each kind, ``chunks`` the counts
    of each table of chunks that either build has. ``sources`` compares hashes by path, ``figures`` the
    manifest's totals, ``recipe`` and ``versions`` their keys.
    """

    old: str
    new: str
    documents: Mapping[str, int]
    changes: tuple[DocumentChange, ...]
    chunks: Mapping[str, ChunkCounts]
    sources: tuple[Difference, ...]
    figures: tuple[Difference, ...]
    recipe: tuple[Difference, ...]
    versions: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether the builds hold the same documents and chunks, made of the same inputs."""
        changed = any(self.documents[kind] for kind in KINDS)
        changed = changed or any(counts.new or counts.gone for counts in self.chunks.values())
        return not (changed or self.sources or self.figures or self.recipe or self.versions)

    def as_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        return asdict(self)


def compare_builds(old: Path, new: Path) -> Comparison:
    """Compare two builds by their manifests, ledgers and ids; no text is read.

    A document that is in one build only counts as changed, and not as added or gone, if the other build has
    one in its place that is in that build only: the same number of records after the same unchanged
    document of the source, or else the same record of it.

    Raises:
        VerifyError: one of them is not a finished build.
    """
    manifests = read_manifest(old), read_manifest(new)
    documents = _Documents.read(old, manifests[0]), _Documents.read(new, manifests[1])
    counts, changes = _compare_documents(*documents)
    return Comparison(
        old=str(old),
        new=str(new),
        documents=counts,
        changes=changes,
        chunks={
            name: _compare_chunks(_ids(old, manifests[0], name), _ids(new, manifests[1], name))
            for name in {**manifests[0].tables, **manifests[1].tables}
            if TableKind.of(name) is TableKind.CHUNKS
        },
        sources=_differences(*({source.path: source.sha256 for source in one.sources} for one in manifests)),
        figures=_differences(*(_flatten(one.totals) for one in manifests)),
        recipe=_differences(*(_flatten(one.recipe) for one in manifests)),
        versions=_differences(*(one.versions for one in manifests)),
    )


@dataclass(frozen=True, slots=True)
class _Documents:
    """The kept records of a ledger, in its order; all columns have the shape (documents,)."""

    ids: pa.Array
    sources: pa.Array
    records: Rows
    starts: Rows
    splits: pa.Array

    @classmethod
    def read(cls, build: Path, manifest: Manifest) -> _Documents:
        columns = ["document_id", "source", "record", "byte_start"]
        ledger = _read(build, manifest, "ledger", [*columns, "state"], ["split"])
        kept = ledger.filter(pc.equal(ledger.column("state"), "kept"))
        ids, sources, records, starts = (kept.column(name).combine_chunks() for name in columns)
        # Without splits all documents are for training.
        named = "split" in kept.column_names
        splits = (
            kept.column("split").combine_chunks() if named else pa.array(["train"] * len(ids), pa.string())
        )
        return cls(ids, sources, records.to_numpy(), starts.to_numpy(), splits)

    def place(self, row: int) -> Place:
        split = self.splits[row].as_py()
        return Place(self.sources[row].as_py(), int(self.records[row]), int(self.starts[row]), split)

    def by_anchor(self, shared: Flags) -> dict[Key, int]:
        """The documents that are not shared, by how far they stand after a shared one of their source."""
        rows = np.arange(len(shared))
        codes = self.sources.dictionary_encode().indices.to_numpy()
        first = np.maximum.accumulate(np.where(np.diff(codes, prepend=-1) != 0, rows, 0))
        before = np.maximum.accumulate(np.where(shared, rows, -1))
        keys: dict[Key, int] = {}
        for row in np.flatnonzero(~shared).tolist():
            at, start = int(before[row]), int(first[row])
            anchor, distance = (self.ids[at].as_py(), row - at) if at >= start else (None, row - start)
            keys[self.sources[row].as_py(), anchor, distance] = row
        return keys

    def by_record(self, rows: Sequence[int]) -> dict[Key, int]:
        """Documents by their source and record."""
        return {(self.sources[row].as_py(), None, int(self.records[row])): row for row in rows}


def _compare_documents(old: _Documents, new: _Documents) -> tuple[dict[str, int], tuple[DocumentChange, ...]]:
    match = pc.index_in(old.ids, value_set=new.ids)
    kept_old = match.is_valid().to_numpy(zero_copy_only=False)
    kept_new = pc.is_in(new.ids, value_set=old.ids).to_numpy(zero_copy_only=False)
    here = np.flatnonzero(kept_old)
    there = match.drop_null().to_numpy()
    elsewhere = pc.not_equal(old.sources.take(pa.array(here)), new.sources.take(pa.array(there)))
    apart = pc.not_equal(old.splits.take(pa.array(here)), new.splits.take(pa.array(there)))
    moves = elsewhere.to_numpy(zero_copy_only=False) | (old.starts[here] != new.starts[there])
    moves |= apart.to_numpy(zero_copy_only=False)
    pairs = _pair(old.by_anchor(kept_old), new.by_anchor(kept_new))
    left_old = _without(kept_old, [row for row, _ in pairs])
    left_new = _without(kept_new, [row for _, row in pairs])
    pairs += _pair(old.by_record(left_old), new.by_record(left_new))
    added = _without(kept_new, [row for _, row in pairs])
    gone = _without(kept_old, [row for row, _ in pairs])
    moved = list(zip(here[moves].tolist(), there[moves].tolist(), strict=True))
    sides: dict[Kind, list[tuple[int | None, int | None]]] = {
        "added": [(None, row) for row in added],
        "gone": [(row, None) for row in gone],
        "changed": sorted(pairs),
        "moved": list(moved),
    }
    counts = {"same": len(here) - len(moved)}
    counts.update({kind: len(rows) for kind, rows in sides.items()})
    changes = tuple(
        DocumentChange(
            kind,
            None if a is None else old.ids[a].as_py(),
            None if b is None else new.ids[b].as_py(),
            None if a is None else old.place(a),
            None if b is None else new.place(b),
        )
        for kind, rows in sides.items()
        for a, b in rows[:EXAMPLES]
    )
    return counts, changes


def _pair(old: Mapping[Key, int], new: Mapping[Key, int]) -> list[tuple[int, int]]:
    return [(row, new[key]) for key, row in old.items() if key in new]


def _without(shared: Flags, paired: Sequence[int]) -> list[int]:
    left = ~shared
    left[paired] = False
    rows: list[int] = np.flatnonzero(left).tolist()
    return rows


def _compare_chunks(old: pa.Array, new: pa.Array) -> ChunkCounts:
    kept = pc.sum(pc.is_in(old, value_set=new)).as_py() or 0
    return ChunkCounts(kept, len(new) - kept, len(old) - kept)


def _ids(build: Path, manifest: Manifest, name: str) -> pa.Array:
    if name not in manifest.tables:
        return pa.array([], pa.string())
    return _read(build, manifest, name, ["id"]).column("id").combine_chunks()


def _read(
    build: Path, manifest: Manifest, name: str, columns: list[str], optional: Sequence[str] = ()
) -> pa.Table:
    shards = [build / file.path for file in manifest.tables[name]]
    known = set(pq.read_schema(shards[0]).names)
    wanted = [*columns, *(column for column in optional if column in known)]
    return pa.concat_tables([pq.read_table(shard, columns=wanted) for shard in shards])


def _flatten(content: object, name: str = "") -> dict[str, Any]:
    """Nested mappings and lists as one level, named as in ``sources.0.path``."""
    pairs: Sequence[tuple[object, object]]
    if isinstance(content, Mapping):
        pairs = list(content.items())
    elif isinstance(content, list | tuple):
        pairs = list(enumerate(content))
    else:
        return {name: content}
    flat: dict[str, Any] = {}
    for key, value in pairs:
        flat |= _flatten(value, f"{name}.{key}" if name else str(key))
    return flat


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    names = [*old, *(name for name in new if name not in old)]
    found = (Difference(name, old.get(name), new.get(name)) for name in names)
    return tuple(one for one in found if one.old != one.new or (one.name in old) != (one.name in new))


def show_comparison(comparison: Comparison) -> RenderableType:
    """A comparison for the terminal."""
    if comparison.same:
        return Text("the two builds hold the same: every document and chunk, figure, recipe key and version")
    counts = Table(title="documents and chunks", title_justify="left", show_header=False)
    counts.add_column(style="bold")
    counts.add_column(justify="right")
    for name, count in comparison.documents.items():
        counts.add_row(f"documents {name}", f"{count:,}")
    for table, of_table in comparison.chunks.items():
        counts.add_row(f"{table} that kept their id", f"{of_table.kept:,}")
        counts.add_row(f"{table} new", f"{of_table.new:,}")
        counts.add_row(f"{table} gone", f"{of_table.gone:,}")
    shown: list[RenderableType] = [counts]
    shown += [_show_documents(comparison, kind) for kind in KINDS if comparison.documents[kind]]
    for title in ("sources", "figures", "recipe", "versions"):
        differences: tuple[Difference, ...] = getattr(comparison, title)
        if differences:
            shown.append(_show_differences(title, differences))
    return Group(*shown)


def _show_documents(comparison: Comparison, kind: Kind) -> Table:
    table = Table(title=f"documents {kind}", title_justify="left")
    for heading in ("old", "new"):
        table.add_column(f"{heading} id", no_wrap=True)
        table.add_column(f"{heading} place")
    changes = [change for change in comparison.changes if change.kind == kind]
    for change in changes[:SHOWN]:
        table.add_row(
            change.old_id,
            _told(change.old_place),
            change.new_id,
            _told(change.new_place),
            style=_STYLES[kind],
        )
    table.caption = _rest(comparison.documents[kind])
    return table


def _show_differences(title: str, differences: Sequence[Difference]) -> Table:
    table = Table(title=title, title_justify="left")
    numbers = title == "figures"
    for heading in ("", "old", "new", *(["difference"] if numbers else [])):
        table.add_column(heading, justify="right" if numbers and heading else "left")
    for one in differences if numbers else differences[: 3 * SHOWN]:
        cells = [Text(one.name), _told(one.old), _told(one.new)]
        if numbers:
            cells.append(Text(f"{(one.new or 0) - (one.old or 0):+,}"))
        table.add_row(*cells)
    if not numbers:
        table.caption = _rest(len(differences), 3 * SHOWN)
    return table


def _told(value: object) -> Text:
    if value is None:
        return Text("–", "dim")
    return Text(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value))


def _rest(count: int, shown: int = SHOWN) -> str | None:
    return f"and {count - shown:,} more; --json gives up to {EXAMPLES:,}" if count > shown else None


_STYLES: Mapping[Kind, str] = {"added": "green", "gone": "red", "changed": "yellow", "moved": "dim"}
