"""The replay: what the flow makes of a record's raw bytes today, held against what the build says it made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from hanpack.audit.copies import CopyCheck
from hanpack.audit.findings import Audit
from hanpack.audit.reading import Edits, Row
from hanpack.audit.removals import fit_removals
from hanpack.building.evaluation import read_evaluation
from hanpack.errors import RecipeError, RecordError
from hanpack.flow import find_contamination, is_empty, leave_empty, prepare, read_text, reject
from hanpack.model import Record
from hanpack.reasons import Cause, Reason, find_cause
from hanpack.recipe import Recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.secrets import redact, redact_metadata
from hanpack.steps.dedup.contamination import EvaluationTexts
from hanpack.steps.dedup.folding import Folder
from hanpack.steps.dedup.minhash import hash_folded
from hanpack.steps.dedup.partitions import choose_partition
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.traced import Replacement, Traced
from hanpack.store.manifest import MANIFEST, Manifest
from hanpack.store.metadata import MetadataFields, finish_table
from hanpack.store.versions import find_versions
from hanpack.tools import prepare_step_tools

# Versions that cannot change what the flow makes of a record: these write, read and count.
INDIFFERENT = frozenset(("pyarrow", "tiktoken", "tokenizer"))
# What decontamination adds to a document's metadata.
GIVEN = "evaluation_texts"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the flow makes of a record: its state and reason, and its text unless it was rejected."""

    state: str
    reason: Reason | None
    removed: Mapping[str, int]
    traced: Traced | None = None


def find_changes(manifest: Manifest) -> list[str]:
    """Why this hanpack may not make the same of a record as the one that made the build."""
    now = find_versions()
    names = sorted((manifest.versions.keys() | now.keys()) - INDIFFERENT)
    told = [(name, manifest.versions.get(name, "absent"), now.get(name, "absent")) for name in names]
    return [f"{name} was {then}, is {here}" for name, then, here in told if then != here]


def open_replay(audit: Audit, manifest: Manifest, fields: MetadataFields, root: Path) -> Replay | None:
    """The replay of a build; None with a note where other versions made it: it would prove nothing.

    ``root`` is where the evaluation texts of the recipe lie now, if it names some.
    """
    changes = find_changes(manifest)
    if changes:
        audit.notes.append(f"no edit was replayed, since other versions made the build: {', '.join(changes)}")
        return None
    recipe = Recipe.model_validate(manifest.recipe)
    return Replay(recipe, load_ngram_model(), fields, _read_evaluation(audit, manifest, recipe, root))


def _read_evaluation(audit: Audit, manifest: Manifest, recipe: Recipe, root: Path) -> EvaluationTexts | None:
    """The evaluation texts, if they are there and are what they were."""
    try:
        texts, sources = read_evaluation(recipe, root, MANIFEST)
    except RecipeError as error:
        audit.notes.append(f"nothing was compared with the evaluation texts again: {error}")
        return None
    then = [(source.path, source.sha256) for source in manifest.evaluation]
    now = [(source.path, source.sha256) for source in sources]
    same = audit.expect(then == now, MANIFEST, "the evaluation texts are not those the build was made with")
    return texts if same else None


class Replay:
    """Carries records through the flow again, all but the split, and compares.

    ``fields`` are those of the build's metadata.
    """

    def __init__(
        self, recipe: Recipe, language: NgramModel, fields: MetadataFields, evaluation: EvaluationTexts | None
    ) -> None:
        self._fields = fields
        self._tools = prepare_step_tools(recipe.steps, language)
        self._decontamination = recipe.decontamination
        self._evaluation = evaluation
        self._splits = recipe.splits.rules
        self._copies = CopyCheck(recipe.duplicates.threshold)

    def check(self, audit: Audit, where: str, record: Record, row: Row, document: Row | None) -> None:
        """Compare a ledger row, and its document if it was kept, with what the flow makes of the record."""
        if row["state"] == "rejected" and not find_cause(row["cause"]).reproducible:
            audit.count("records that cannot be replayed")
            return
        try:
            made = self._run(record)
        except Exception as error:  # noqa: BLE001 (whatever it is, the build says that the flow can do it)
            audit.expect(
                False, where, f"the flow fails where the build did not: {type(error).__name__}: {error}"
            )
            return
        audit.count("replays")
        told = {step["step"]: step["bytes"] for step in row["bytes_removed"]}
        # Only a record that would be kept can be a duplicate, or contain an evaluation text.
        dropped = row["state"] == "duplicate" or row["cause"] == Cause.EVALUATION_TEXT.code
        state = "kept" if dropped else row["state"]
        if not audit.expect(
            made.state == state, where, f"the flow makes it {made.state}, not {row['state']}"
        ):
            return
        if made.traced is not None and document is not None:
            self._check_split(audit, where, made.traced, row)
            self._compare(audit, where, made.traced, record, document)
        elif made.traced is not None and row["state"] == "duplicate":
            self._copies.note(where, row, made.traced.text)
        elif made.traced is not None:
            _, reason = self._decontaminate(made.traced)
            same = self._evaluation is None or _is_reason(reason, row)
            audit.expect(same, where, f"the flow's reason is {reason}")
        else:
            audit.expect(_is_reason(made.reason, row), where, f"the flow's reason is {made.reason}")
            audit.expect(made.removed == told, where, f"the flow removes {dict(made.removed)}, not {told}")

    def _check_split(self, audit: Audit, where: str, traced: Traced, row: Row) -> None:
        if not self._splits:
            return
        exact = hash_folded(self._folder.fold(traced.text))
        split = choose_partition(self._splits, exact, row["source"], traced.metadata)
        audit.expect(split == row["split"], where, f"it belongs to {split}, not to {row['split']}")

    def finish(self, audit: Audit, folder: Path, manifest: Manifest) -> None:
        """Compare the duplicates with the documents they name."""
        self._copies.finish(audit, folder, manifest.tables["documents"])

    def _run(self, record: Record) -> Replayed:
        if record.fault is not None:
            return _rejected(record, record.fault)
        try:
            traced = prepare(read_text(record), self._tools)
        except RecordError as error:
            return _rejected(record, error.reason)
        if not is_empty(traced):
            return Replayed("kept", None, {}, traced)
        left = leave_empty(record, traced)
        return Replayed(left.state, left.reason, left.bytes_removed)

    def _compare(self, audit: Audit, where: str, traced: Traced, record: Record, document: Row) -> None:
        edits: Edits = document["edits"]
        traced = _carry_out(traced, edits, document["text"], "passages")
        if self._evaluation is None:
            traced = _carry_out(traced, edits, document["text"], "decontamination")
        else:
            traced, reason = self._decontaminate(traced)
            audit.expect(not reason, where, f"it is kept although {reason}")
        made = {
            "script": (traced.script, document["script"]),
            "encoding": (record.source.encoding or "utf-8", document["encoding"]),
        }
        for name, (now, told) in made.items():
            audit.expect(now == told, where, f"the flow finds the {name} {now}, not {told}")
        metadata = traced.metadata
        if self._evaluation is None and GIVEN in document["metadata"]:
            metadata = {**metadata, GIVEN: document["metadata"][GIVEN]}
        same = self._is_metadata(metadata, document["metadata"])
        audit.expect(same, where, "the flow and its source give it other metadata")
        text = document["text"]
        if traced.text != text:
            at = _first_difference(traced.text, text)
            audit.expect(False, where, f"the flow makes another text of it from character {at} on")
        same = np.array_equal(traced.alignment.text, document["text_breaks"]) and np.array_equal(
            traced.alignment.source, document["byte_breaks"]
        )
        audit.expect(same, where, "the flow aligns it otherwise")
        audit.count("edits", len(edits.step))
        audit.expect(_same_edits(traced, edits), where, "the flow makes other edits")

    @cached_property
    def _folder(self) -> Folder:
        return Folder()

    def _decontaminate(self, traced: Traced) -> tuple[Traced, Reason | None]:
        if self._evaluation is None:
            return traced, None
        folded = self._folder.fold(traced.text)
        return find_contamination(traced, folded, self._evaluation, self._decontamination)

    def _is_metadata(self, made: Mapping[str, object], told: Mapping[str, Any]) -> bool:
        made = redact_metadata(made)
        if {**dict.fromkeys(told), **made} == told:
            return True
        written = json.dumps(made, ensure_ascii=False, sort_keys=True, default=str)
        fitted = finish_table(pa.table({"metadata": [written]}), self._fields)
        return bool(fitted.column("metadata").to_pylist() == [told])


def _is_reason(reason: Reason | None, row: Row) -> bool:
    return reason is not None and (reason.cause.code, redact(str(reason))) == (row["cause"], row["reason"])


def _rejected(record: Record, reason: Reason) -> Replayed:
    outcome = reject(record, reason)
    return Replayed("rejected", reason, outcome.bytes_removed)


def _carry_out(traced: Traced, edits: Edits, told: str, step: str) -> Traced:
    """Do to a text what a step did that needs more than the record, as the edits of the text ``told`` say."""
    at = [index for index, name in enumerate(edits.step) if name == step]
    if not at:
        return traced
    removed = sorted(zip(edits.byte_start[at].tolist(), edits.byte_end[at].tolist(), strict=True))
    flagged = all(edits.kind[index] == "flagged" for index in at)
    spans = _spans(traced, removed) if flagged else fit_removals(traced.text, traced.alignment, removed, told)
    return traced.apply(step, [Replacement(start, end, flagged=flagged) for start, end in spans])


def _spans(traced: Traced, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The text spans of byte spans."""
    low, high = (np.array(ends, dtype=np.int64) for ends in zip(*places, strict=True))
    starts, ends = traced.alignment.text_spans(low, high)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _first_difference(made: str, told: str) -> int:
    """The first character in which two texts differ."""
    low, high = 0, min(len(made), len(told))
    while low < high:
        middle = (low + high + 1) // 2
        if made[:middle] == told[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _same_edits(traced: Traced, told: Edits) -> bool:
    edits = traced.edits
    same = (
        [edit.step for edit in edits] == list(told.step)
        and [edit.kind for edit in edits] == list(told.kind)
        and [edit.byte_start for edit in edits] == told.byte_start.tolist()
        and [edit.byte_end for edit in edits] == told.byte_end.tolist()
    )
    if not same:
        return False
    starts, ends = traced.alignment.text_spans(told.byte_start, told.byte_end)
    return np.array_equal(starts, told.start) and np.array_equal(ends, told.end)
