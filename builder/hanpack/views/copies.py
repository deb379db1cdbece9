"""The clusters of copies in a build: each kept document that has some, and what was left out for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanpack.store.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Copy:
    """A record of a cluster; ``similarity`` to the kept document is 0 to 1."""

    source: str
    record: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """A kept document with the copies of it: how many there are, and the least similar ones of them."""

    document_id: str
    kept: Copy
    size: int
    copies: Sequence[Copy]


@dataclass(frozen=True, slots=True)
class Clusters:
    """How many clusters and copies a build has, and the largest clusters."""

    number: int
    copies: int
    largest: Sequence[Cluster]


def read_clusters(build: Path, manifest: Manifest, most: int, shown: int) -> Clusters:
    """Read the clusters of a build from its ledger: the ``most`` largest, each with ``shown`` copies."""
    names = ["source", "record", "document_id", "duplicate_of", "similarity"]
    ledger = pa.concat_tables(
        pq.read_table(build / file.path, columns=names) for file in manifest.tables["ledger"]
    )
    copies = ledger.filter(pc.field("duplicate_of").is_valid())
    if not copies.num_rows:
        return Clusters(0, 0, ())
    counts = copies.group_by("duplicate_of").aggregate([("source", "count")])
    counts = counts.sort_by([("source_count", "descending"), ("duplicate_of", "ascending")])
    ids = counts.column("duplicate_of").slice(0, most)
    kept = {
        row["document_id"]: Copy(row["source"], row["record"], 1.0)
        for row in ledger.filter(pc.field("document_id").isin(ids.to_pylist())).to_pylist()
    }
    largest = []
    for row in counts.slice(0, most).to_pylist():
        identity = row["duplicate_of"]
        found = copies.filter(pc.field("duplicate_of") == identity).sort_by("similarity").slice(0, shown)
        told = [Copy(one["source"], one["record"], one["similarity"]) for one in found.to_pylist()]
        largest.append(Cluster(identity, kept[identity], row["source_count"], told))
    return Clusters(counts.num_rows, copies.num_rows, largest)
