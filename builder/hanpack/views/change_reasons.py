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

# What the reason of a change begins with if the file is the same; what else differs follows.
SAME_FILE = "its file is the same: "
# The most keys of the recipe and versions that the reason of a change names.
_MOST_KEYS = 3
# The keys of a recipe that say nothing about the texts.
_NOT_OF_TEXTS = ("card.", "name", "root", "shard_size", "search_index", "packed", "chunks.", "more.")
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
        return _explain_split(change)
    reason = _explain_text(change, old, new, inputs)
    return "; ".join(filter(None, (reason, _explain_split(change))))


def _explain_split(change: DocumentChange) -> str:
    """How the split of a document changed; empty if it did not, or if only one build has the document."""
    old, new = change.old_place, change.new_place
    if old is None or new is None or old.split == new.split:
        return ""
    return f"its split changed: {old.split} → {new.split}"


def _explain_text(change: DocumentChange, old: _BuildFacts, new: _BuildFacts, inputs: ManifestChanges) -> str:
    """Why the text of a document changed, or why only one build has it."""
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
    return f"{SAME_FILE}{_name_cause(inputs)}"


def _name_cause(inputs: ManifestChanges) -> str:
    """What may have changed a document whose file is the same."""
    of_texts = [key for key in inputs.recipe if not key.name.startswith(_NOT_OF_TEXTS)]
    differing = [*of_texts, *inputs.versions] or inputs.recipe
    if differing:
        keys = [f"{key.name} {_name_value(key.old)} → {_name_value(key.new)}" for key in differing]
        others = [f"{len(keys) - _MOST_KEYS} more"] if len(keys) > _MOST_KEYS else []
        return ", ".join(keys[:_MOST_KEYS] + others)
    return "the withdrawals differ" if inputs.withdrawals else "other sources differ"


def _name_value(value: object) -> str:
    """A value of a recipe as YAML has it, or a dash.

    >>> _name_value(True), _name_value(None), _name_value("tw")
    ('true', '–', 'tw')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return "–" if value is None else str(value)
