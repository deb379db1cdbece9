"""Checks the ledger: every record has its row, every byte its fate, and the sums close."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hanpack.audit.findings import Audit
from hanpack.audit.reading import Row, Sources, read_rows
from hanpack.files.manifest import Manifest
from hanpack.steps.alignment import Alignment
from hanpack.steps.traced import Edit, Traced, count_removed


def check_ledger(audit: Audit, folder: Path, manifest: Manifest, sources: Sources) -> None:
    """Check the ledger against the documents, which come in the same order, and the sizes of the sources."""
    documents = (row for _, row in read_rows(folder, manifest, "documents", without=("text",)))
    reached: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for where, row in read_rows(folder, manifest, "ledger"):
        audit.count("records")
        place = f"{where} ({row['source']} record {row['record']} at byte {row['byte_start']})"
        removed = sum(step["bytes"] for step in row["bytes_removed"])
        size = row["byte_end"] - row["byte_start"]
        audit.expect(row["bytes_kept"] + removed == size, place, f"kept and removed bytes are not its {size}")
        gap = row["byte_start"] == reached.get(row["source"], 0)
        audit.expect(gap, place, f"the record before it ends at byte {reached.get(row['source'], 0)}")
        following = row["record"] == numbers.get(row["source"], -1) + 1
        audit.expect(following, place, "its number does not follow the record before it")
        reached[row["source"]], numbers[row["source"]] = row["byte_end"], row["record"]
        audit.expect(
            bool(row["reason"]) or row["state"] == "kept", place, "it was not kept, without a reason"
        )
        if row["state"] == "kept":
            _check_kept(audit, place, row, next(documents, None))
    audit.expect(next(documents, None) is None, "data/documents", "there are documents without a ledger row")
    for source in manifest.sources:
        if not audit.expect(source.path in reached, source.path, "no ledger row accounts for it"):
            continue
        if sources.is_readable(source.path):
            size = len(sources.content(source.path).content)
            audit.expect(
                reached[source.path] == size, source.path, f"bytes {reached[source.path]} to {size} are lost"
            )


def _count_removed(document: Row) -> dict[str, int]:
    """The bytes each step removed, from the document's edits and alignment."""
    names = ("step", "kind", "byte_start", "byte_end")
    edits = tuple(
        Edit(*(edit[name] for name in names)) for edit in document["edits"] if edit["kind"] == "removed"
    )
    blocks = np.ones(len(document["text_breaks"]) - 1, dtype=np.bool_)
    traced = Traced("", Alignment(document["text_breaks"], document["byte_breaks"], blocks), edits)
    return count_removed(traced, strict=False)


def _check_kept(audit: Audit, where: str, row: Row, document: Row | None) -> None:
    same = document is not None and document["id"] == row["document_id"]
    if not audit.expect(same, where, "the document it names is not the next one") or document is None:
        return
    text, source = document["text_breaks"], document["byte_breaks"]
    kept = int(np.diff(source)[np.diff(text) > 0].sum())
    audit.expect(
        kept == row["bytes_kept"], where, f"its document keeps {kept} bytes, not {row['bytes_kept']}"
    )
    told = {step["step"]: step["bytes"] for step in row["bytes_removed"]}
    removed = _count_removed(document)
    audit.expect(removed == told, where, f"its edits removed {removed}, not {told}")
    span = (document["byte_start"], document["byte_end"])
    audit.expect(span == (row["byte_start"], row["byte_end"]), where, "its document has another span")
