"""Says why a document is in only one of two builds, or changed: what their ledgers and sources say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.store.manifest_changes import ManifestChanges
from hanpack.store.reader import BuildReader
from hanpack.views.document_changes import DocumentChange, Place
from hanpack.wording import format_count

_COLUMNS = ["source", "record", "state", "reason", "document_id", "duplicate_of", "similarity"]


@dataclass(frozen=True, slots=True)
class _BuildFacts:
    """What one build says of the records that concern a comparison.

    ``hashes`` are those of the sources, ``rows`` the ledger's rows that are not kept by source and record,
    ``kept`` the place of each document that one of them is a copy of, and ``cut_bytes`` how many bytes of a
    record withdrawals took out, if they took any.
    """

    hashes: Mapping[str, str]
    rows: Mapping[tuple[str, int], Mapping[str, Any]]
    kept: Mapping[str, str]
    cut_bytes: Mapping[tuple[str, int], int]

    @classmethod
    def read(cls, reader: BuildReader, places: Iterable[Place]) -> _BuildFacts:
        """Read them from a build, for the records at some places."""
        names = sorted({place.source for place in places})
        is_named = pc.field("source").isin(pa.array(names, pa.string()))
        condition = is_named & (pc.field("state") != "kept")
        records = {(place.source, place.record) for place in places}
        rows = {
            (row["source"], row["record"]): row
            for row in reader.read("ledger", _COLUMNS, condition).to_pylist()
            if (row["source"], row["record"]) in records
        }
        originals = sorted({row["duplicate_of"] for row in rows.values() if row["duplicate_of"]})
        of_originals = pc.field("document_id").isin(pa.array(originals, pa.string()))
        kept = {
            row["document_id"]: f"{row['source']} record {row['record']}"
            for row in reader.read("ledger", _COLUMNS, of_originals).to_pylist()
        }
        return cls(
            hashes={source.path: source.sha256 for source in reader.manifest.sources},
            rows=rows,
            kept=kept,
            cut_bytes=_read_cut_bytes(reader, is_named),
        )

    def describe(self, place: Place) -> str | None:
        """What this build made of a record that it does not keep; None if it has no such row."""
        row = self.rows.get((place.source, place.record))
        if row is None:
            return None
        if row["duplicate_of"]:
            original = self.kept.get(row["duplicate_of"], row["duplicate_of"])
            return f"a copy of {original}, similarity {row['similarity'] or 1:.3f}"
        return f"{row['state']}: {row['reason']}" if row["reason"] else str(row["state"])


def _read_cut_bytes(reader: BuildReader, condition: pc.Expression) -> dict[tuple[str, int], int]:
    """How many bytes withdrawals took out of the records that meet a condition, by source and record."""
    if not reader.manifest.totals["bytes_removed"].get("withdrawal"):
        return {}
    columns = ["source", "record", "bytes_removed"]
    return {
        (row["source"], row["record"]): removed["bytes"]
        for row in reader.read("ledger", columns, condition).to_pylist()
        for removed in row["bytes_removed"]
        if removed["step"] == "withdrawal"
    }


def explain_changes(
    old: BuildReader, new: BuildReader, changes: Sequence[DocumentChange], inputs: ManifestChanges
) -> tuple[DocumentChange, ...]:
    """The same changes, each with its reason as far as the builds say it; ``inputs`` differ between them.

    Raises:
        VerifyError: a shard cannot be read.
    """
    places = [change.old_place or change.new_place for change in changes]
    named = [place for place in places if place is not None]
    facts = _BuildFacts.read(old, named), _BuildFacts.read(new, named)
    return tuple(replace(change, why=_explain(change, *facts, inputs)) for change in changes)


def _explain(change: DocumentChange, old: _BuildFacts, new: _BuildFacts, inputs: ManifestChanges) -> str:
    if change.kind == "moved":
        return ""
    place = change.old_place or change.new_place
    if place is None:
        return ""
    if place.source not in new.hashes:
        return "its file is no source any more"
    if place.source not in old.hashes:
        return "its file is new"
    if change.kind == "gone" and (state := new.describe(place)):
        return f"is now {state}"
    if change.kind == "added" and (state := old.describe(place)):
        return f"was {state}"
    if old.hashes[place.source] != new.hashes[place.source]:
        return "its file changed"
    record = (place.source, place.record)
    cut_bytes = new.cut_bytes.get(record, 0) - old.cut_bytes.get(record, 0)
    if cut_bytes > 0:
        return f"a withdrawal took {format_count(cut_bytes, 'byte')} out of it"
    if cut_bytes < 0:
        return f"{format_count(-cut_bytes, 'byte')} of it that were withdrawn are back"
    return f"its file is the same: {_name_cause(inputs)}"


def _name_cause(inputs: ManifestChanges) -> str:
    """What may have changed a document whose file is the same."""
    if inputs.recipe or inputs.versions:
        return "the recipe or the versions differ"
    return "the withdrawals differ" if inputs.withdrawals else "other sources differ"
