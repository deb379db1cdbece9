"""Proves that each duplicate is as like the document it names as the ledger says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.audit.findings import Audit
from hanpack.audit.reading import Row, read_tables
from hanpack.building.decisions import DIGITS
from hanpack.steps.dedup.folding import Folder
from hanpack.steps.dedup.minhash import shingles, similarity
from hanpack.store.shards import ShardFile

COLUMNS = ("id", "text", "edits")


class CopyCheck:
    """Holds the folded texts of the duplicates until the documents they name come by."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._waiting: dict[str, list[tuple[str, str, float]]] = {}

    @cached_property
    def _folder(self) -> Folder:
        return Folder()

    def note(self, where: str, row: Row, text: str) -> None:
        """Take in a duplicate's ledger row and the text the flow makes of its record."""
        folded = self._folder.fold(text).text
        self._waiting.setdefault(row["duplicate_of"], []).append((where, folded, row["similarity"]))

    def finish(self, audit: Audit, folder: Path, shards: Sequence[ShardFile]) -> None:
        """Compare every duplicate with the document it names."""
        if not self._waiting:
            return
        named = pa.array(self._waiting, pa.string())
        for table in read_tables(folder, shards):
            kept = table.select(COLUMNS).filter(pc.is_in(table.column("id"), value_set=named))
            for row in kept.to_pylist():
                for where, copy, told in self._waiting.pop(row["id"], []):
                    self._compare(audit, where, row, copy, told)

    def _compare(self, audit: Audit, where: str, row: Row, copy: str, told: float) -> None:
        if any(edit["step"] == "passages" and edit["kind"] == "removed" for edit in row["edits"]):
            # It was compared before its passages were taken out of it.
            audit.count("copies of revised documents, not compared")
            return
        audit.count("copies")
        folded = self._folder.fold(row["text"]).text
        like = 1.0 if folded == copy else similarity(shingles(folded), shingles(copy))
        same = round(like, DIGITS) == told >= self._threshold
        audit.expect(same, where, f"it is {like:.4f} like document {row['id']}, and the ledger says {told}")
