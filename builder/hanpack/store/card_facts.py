"""What the card says that is not in the manifest: a sample row, damage left, shards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanpack.secrets import redact_values
from hanpack.store.manifest import Manifest
from hanpack.store.metadata import METADATA, read_metadata
from hanpack.store.table_kinds import TableKind

# How many characters of its text the sample row shows.
SAMPLE_CHARACTERS = 160
_SAMPLE_COLUMNS = ("id", "text", "token_count", "section", "source", "byte_start", "byte_end", "metadata")


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Figures from the rows of a build.

    Attributes:
        sample: the first row of ``chunks`` as JSON, shortened; empty if there is none.
        damaged: the number of documents with damage that was flagged and not repaired.
        shards: the number of shards of ``chunks`` for training.
        rejected: the number of records rejected for each cause, the most frequent first.
        page_encodings: the sources each page of which has an encoding of its own, not that of the source.
    """

    sample: str
    damaged: int
    shards: int
    rejected: Mapping[str, int]
    page_encodings: frozenset[str]


def find_facts(folder: Path, manifest: Manifest) -> CardFacts:
    """Read what the card needs; ``folder`` contains the shards that ``manifest`` lists."""
    chunks = manifest.tables[TableKind.CHUNKS.value]
    documents = [folder / file.path for file in manifest.tables[TableKind.DOCUMENTS.value]]
    columns = pa.concat_tables(map(_read_document_columns, documents))
    return CardFacts(
        sample=next((_show_first_row(folder / file.path) for file in chunks if file.rows), ""),
        damaged=pc.sum(pc.greater(columns.column("damage_left"), 0)).as_py() or 0,
        shards=sum(file.partition == chunks[0].partition for file in chunks),
        rejected=_count_rejected(folder, manifest),
        page_encodings=_find_page_encodings(documents, manifest),
    )


def _find_page_encodings(documents: Sequence[Path], manifest: Manifest) -> frozenset[str]:
    """The sources with a document of another encoding; the documents are read only if there may be any."""
    encodings = {source.path: source.encoding for source in manifest.sources}
    if set(manifest.totals["encodings"]) == set(encodings.values()) and len(set(encodings.values())) == 1:
        return frozenset()
    pairs: set[tuple[str, str]] = set()
    for path in documents:
        with pq.ParquetFile(path) as shard:
            for batch in shard.iter_batches(columns=["source", "encoding"]):
                distinct = pa.table(batch).group_by(["source", "encoding"]).aggregate([])
                pairs.update((row["source"], row["encoding"]) for row in distinct.to_pylist())
    return frozenset(path for path, encoding in pairs if encoding != encodings.get(path, encoding))


def _count_rejected(folder: Path, manifest: Manifest) -> dict[str, int]:
    """The number of records rejected for each cause; the ledger is only read if there are any."""
    counts: Counter[str] = Counter()
    shards = manifest.tables[TableKind.LEDGER.value] if manifest.totals["states"].get("rejected") else []
    for file in shards:
        with pq.ParquetFile(folder / file.path) as shard:
            for batch in shard.iter_batches(columns=["state", "cause"]):
                causes = batch.filter(pc.equal(batch.column("state"), "rejected")).column("cause")
                counts.update({row["values"]: row["counts"] for row in pc.value_counts(causes).to_pylist()})
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _read_document_columns(path: Path) -> pa.Table:
    with pq.ParquetFile(path) as shard:
        return shard.read(columns=["damage_left"])


def _show_first_row(path: Path) -> str:
    with pq.ParquetFile(path) as shard:
        (row,) = next(shard.iter_batches(1, columns=list(_SAMPLE_COLUMNS))).to_pylist()
    text = row["text"]
    shown = {
        **row,
        "text": text if len(text) <= SAMPLE_CHARACTERS else f"{text[:SAMPLE_CHARACTERS]}…",
    }
    redacted = cast("dict[str, Any]", redact_values({**shown, "metadata": read_metadata(row["metadata"])}))
    return dump_visibly({**redacted, "metadata": _show_metadata(redacted["metadata"])})


def _show_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata as in a row, where all but the six fields is JSON."""
    extra = {name: value for name, value in metadata.items() if name not in METADATA}
    fields = {name: metadata.get(name) for name in METADATA}
    return {**fields, "extra": json.dumps(extra, ensure_ascii=False)}


def dump_visibly(value: Any) -> str:
    r"""JSON for a fenced block of Markdown: what is invisible, or begins a tag, is written as an escape.

    >>> print(dump_visibly("a\u202e<b>中"))
    "a\u202e\u003cb>中"
    """
    dumped = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    return "".join(
        char if (char.isprintable() and char != "<") or char == "\n" else json.dumps(char)[1:-1]
        for char in dumped.replace("<", "\\u003c")
    )
