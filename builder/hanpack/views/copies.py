"""The clusters of copies in a build: each kept document that has copies, and the records left out for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.errors import VerifyError
from hanpack.reasons import Cause
from hanpack.store.metadata import read_metadata
from hanpack.store.reader import BuildReader

_ADVICE = "hanpack verify names all faults"
_COLUMNS = ["source", "record", "document_id", "duplicate_of", "similarity"]


@dataclass(frozen=True, slots=True)
class Copy:
    """A record of a cluster; ``similarity`` to the kept document is 0 to 1."""

    source: str
    record: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """A kept document, the number of its copies, and the least similar of them."""

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


@dataclass(frozen=True, slots=True)
class CopyOfKept:
    """A record that was left out, the record of the document that it copies, and that document's title."""

    copy: Copy
    kept: Copy
    title: str


def read_least_similar(reader: BuildReader, most: int) -> list[CopyOfKept]:
    """The records left out as copies of a document of the build, the least similar first.

    Raises:
        VerifyError: a shard cannot be read.
    """
    copies = reader.read("ledger", _COLUMNS, pc.field("duplicate_of").is_valid())
    first = copies.sort_by("similarity").slice(0, most).to_pylist()
    # There are none if all copies are of documents of other builds.
    ids = pa.array([row["duplicate_of"] for row in first], pa.string())
    kept = _read_kept(reader, ids)
    documents = reader.read("documents", ["id", "metadata"], pc.field("id").isin(ids)).to_pylist()
    titles = {row["id"]: read_metadata(row["metadata"]).get("title") or "" for row in documents}
    return [
        CopyOfKept(
            copy=Copy(row["source"], row["record"], row["similarity"] or 1.0),
            kept=kept[row["duplicate_of"]],
            title=str(titles.get(row["duplicate_of"], "")),
        )
        for row in first
        if row["duplicate_of"] in kept
    ]


def count_copies_elsewhere(reader: BuildReader) -> int:
    """How many records were left out as copies of documents of other builds.

    Raises:
        VerifyError: a shard cannot be read.
    """
    condition = pc.field("cause") == Cause.COPY_ELSEWHERE.code
    return int(reader.read("ledger", ["cause"], condition).num_rows)


def read_clusters(reader: BuildReader, most_clusters: int, most_copies: int) -> Clusters:
    """Read the clusters of a build from its ledger: the largest, each with the least similar copies.

    Raises:
        VerifyError: a shard cannot be read, or a copy lacks its similarity or its document.
    """
    copies = reader.read("ledger", _COLUMNS, pc.field("duplicate_of").is_valid())
    if copies.column("similarity").null_count:
        raise VerifyError("a copy has no similarity", "ledger", _ADVICE)
    if not copies.num_rows:
        return Clusters(0, 0, ())
    sizes = copies.group_by("duplicate_of").aggregate([("source", "count")])
    sizes = sizes.sort_by([("source_count", "descending"), ("duplicate_of", "ascending")])
    largest = sizes.slice(0, most_clusters).to_pylist()
    ids = pa.array([row["duplicate_of"] for row in largest], pa.string())
    kept = _read_kept(reader, ids)
    clusters = []
    for row in largest:
        identity = row["duplicate_of"]
        if identity not in kept:
            raise VerifyError(f"there are copies of {identity!r}, but not that document", "ledger", _ADVICE)
        of_document = copies.filter(pc.field("duplicate_of") == identity)
        least_similar = of_document.sort_by("similarity").slice(0, most_copies).to_pylist()
        shown = [Copy(copy["source"], copy["record"], copy["similarity"]) for copy in least_similar]
        clusters.append(Cluster(identity, kept[identity], row["source_count"], shown))
    return Clusters(sizes.num_rows, copies.num_rows, clusters)


def _read_kept(reader: BuildReader, document_ids: pa.Array) -> dict[str, Copy]:
    """The records of some documents, by the ids of these."""
    rows = reader.read("ledger", _COLUMNS, pc.field("document_id").isin(document_ids)).to_pylist()
    return {row["document_id"]: Copy(row["source"], row["record"], 1.0) for row in rows}
