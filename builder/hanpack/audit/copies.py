"""Checks that each duplicate is as similar to the document it names as the ledger says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.audit.findings import Audit
from hanpack.building.decisions import SIMILARITY_DIGITS
from hanpack.model import Edits
from hanpack.resources.folding_table import open_folder
from hanpack.steps.dedup import TextFolder, compute_shingles, compute_similarity
from hanpack.store.edits import edits_from_arrow
from hanpack.store.reader import BuildReader, Row


@dataclass(frozen=True, slots=True)
class PendingCopy:
    """A duplicate whose document has not been read yet: its ledger row's place, folded text, similarity."""

    where: str
    folded: str
    similarity: float


class CopyCheck:
    """Keeps the folded texts of the duplicates until the documents that they name are read."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._pending: dict[str, list[PendingCopy]] = {}

    @cached_property
    def _folder(self) -> TextFolder:
        return open_folder()

    def add(self, where: str, row: Row, text: str) -> None:
        """Add a duplicate: its ledger row and the text that the flow makes of its record."""
        copy = PendingCopy(where, self._folder.fold(text).text, row["similarity"])
        self._pending.setdefault(row["duplicate_of"], []).append(copy)

    def finish(self, audit: Audit, reader: BuildReader) -> None:
        """Compare every duplicate with the document that it names."""
        if not self._pending:
            return
        originals = pa.array(self._pending, pa.string())
        for batch in reader.read_batches("documents", ["id", "text", "edits"]):
            named = batch.table.filter(pc.is_in(batch.table.column("id"), value_set=originals))
            identities, texts = (named.column(name).to_pylist() for name in ("id", "text"))
            edits = edits_from_arrow(named.column("edits"))
            for identity, text, done in zip(identities, texts, edits, strict=True):
                for copy in self._pending.pop(identity, []):
                    self._compare(audit, copy, identity, text, done)

    def _compare(self, audit: Audit, copy: PendingCopy, identity: str, text: str, edits: Edits) -> None:
        if "removed" in edits.of_step("passages").kind:
            # The two were compared before passages were removed from the document.
            audit.count("copies of revised documents, not compared")
            return
        audit.count("copies")
        folded = self._folder.fold(text).text
        measured = (
            1.0
            if folded == copy.folded
            else compute_similarity(compute_shingles(folded), compute_shingles(copy.folded))
        )
        confirmed = round(measured, SIMILARITY_DIGITS) == copy.similarity >= self._threshold
        audit.expect(
            confirmed,
            copy.where,
            f"its similarity to document {identity} is {measured:.4f}, but the ledger says {copy.similarity}",
        )
