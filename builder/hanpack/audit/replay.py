"""The replay: the flow runs again on a record's raw bytes, and the result is compared with the build's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from hanpack.audit.copies import CopyCheck
from hanpack.audit.findings import Audit
from hanpack.audit.ledger import read_cause, read_removed
from hanpack.audit.removals import fit_removals
from hanpack.building.evaluation import read_evaluation
from hanpack.errors import RecipeError, RecordError
from hanpack.flow import find_contamination, is_empty, make_empty_outcome, prepare, read_text, reject
from hanpack.model import Edits, Record
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.resources.folding_table import open_folder
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.secrets import redact, redact_metadata
from hanpack.steps.dedup import EvaluationTexts, TextFolder, choose_partition, hash_folded
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.traced import Replacement, Traced
from hanpack.store.manifest import MANIFEST, Manifest
from hanpack.store.metadata import MetadataFields, finish_table
from hanpack.store.reader import BuildReader, Row
from hanpack.store.versions import find_versions
from hanpack.tools import prepare_step_tools

# Versions that cannot change what the flow makes of a record: they only write, read and count.
VERSIONS_WITHOUT_EFFECT = frozenset(("pyarrow", "tiktoken", "tokenizer"))
# The metadata field that decontamination adds to a document.
EVALUATION_TEXTS = "evaluation_texts"


@dataclass(frozen=True, slots=True)
class ReplayedRecord:
    """What the flow makes of a record: its state, its reason, and its text unless it is empty or rejected."""

    state: str
    reason: Reason | None
    removed: Mapping[str, int]
    traced: Traced | None = None


def find_changes(manifest: Manifest) -> list[str]:
    """The versions that differ from those that made the build, and may give other documents."""
    current = find_versions()
    names = sorted((manifest.versions.keys() | current.keys()) - VERSIONS_WITHOUT_EFFECT)
    pairs = [(name, manifest.versions.get(name, "absent"), current.get(name, "absent")) for name in names]
    return [f"{name} was {then}, is {now}" for name, then, now in pairs if then != now]


def open_replay(audit: Audit, reader: BuildReader, root: Path) -> Replay | None:
    """The replay of a build; None, with a note, if other versions made it: it would prove nothing.

    ``root`` is the folder of the recipe's evaluation texts, if it names any.
    """
    manifest = reader.manifest
    changes = find_changes(manifest)
    if changes:
        audit.notes.append(f"no edit was replayed, since other versions made the build: {', '.join(changes)}")
        return None
    recipe = Recipe.model_validate(manifest.recipe)
    fields = {field.name: field.type for field in reader.schema("documents").field("metadata").type}
    return Replay(recipe, load_ngram_model(), fields, _read_evaluation(audit, manifest, recipe, root))


def _read_evaluation(audit: Audit, manifest: Manifest, recipe: Recipe, root: Path) -> EvaluationTexts | None:
    """The evaluation texts, if they can be read and are those that the build was made with."""
    try:
        texts, sources = read_evaluation(recipe, root, MANIFEST)
    except RecipeError as error:
        audit.notes.append(f"no record was compared with the evaluation texts: {error}")
        return None
    then, now = ([(source.path, source.sha256) for source in each] for each in (manifest.evaluation, sources))
    same = audit.expect(then == now, MANIFEST, "the evaluation texts are not those the build was made with")
    return texts if same else None


class Replay:
    """Carries records through the flow again, up to the splitting into chunks, and compares.

    ``fields`` are the types of the build's metadata fields.
    """

    def __init__(
        self,
        recipe: Recipe,
        ngram_model: NgramModel,
        fields: MetadataFields,
        evaluation: EvaluationTexts | None,
    ) -> None:
        self._fields = fields
        self._tools = prepare_step_tools(recipe.steps, ngram_model)
        self._decontamination = recipe.decontamination
        self._evaluation = evaluation
        self._splits = recipe.splits.rules
        self._copies = CopyCheck(recipe.duplicates.threshold)

    def check(self, audit: Audit, where: str, record: Record, row: Row, document: Row | None) -> None:
        """Compare a ledger row, and its document if it was kept, with what the flow makes of the record."""
        cause = read_cause(row)
        if row["state"] == "rejected" and cause and not cause.reproducible:
            audit.count("records that cannot be replayed")
            return
        try:
            replayed = self._run(record)
        except Exception as error:  # noqa: BLE001 (any error is a fault: the build says that the flow has none)
            audit.expect(
                False, where, f"the flow fails where the build did not: {type(error).__name__}: {error}"
            )
            return
        audit.count("replays")
        # Only a record that would be kept can be a duplicate, or contain an evaluation text.
        left_out = row["state"] == "duplicate" or cause is Cause.EVALUATION_TEXT
        state = "kept" if left_out else row["state"]
        same_state = replayed.state == state
        if not audit.expect(
            same_state, where, f"the flow gives it the state {replayed.state}, not {row['state']}"
        ):
            return
        if replayed.traced is not None and document is not None:
            self._check_kept_row(audit, where, replayed.traced, row)
            self._compare(audit, where, replayed.traced, record, document)
        elif replayed.traced is not None and row["state"] == "duplicate":
            self._copies.add(where, row, replayed.traced.text)
        elif replayed.traced is not None:
            _, reason = self._decontaminate(replayed.traced)
            same = self._evaluation is None or _is_reason(reason, row)
            audit.expect(same, where, f"the flow's reason is {reason}")
        else:
            same = _is_reason(replayed.reason, row)
            audit.expect(same, where, f"the flow's reason is {replayed.reason}")
            removed, expected = dict(replayed.removed), read_removed(row)
            audit.expect(removed == expected, where, f"the flow removes {removed}, not {expected}")

    def _check_kept_row(self, audit: Audit, where: str, traced: Traced, row: Row) -> None:
        """Compare what the ledger alone says of a kept record: the values that were lost, and its split."""
        lost = list(traced.lost_values)
        audit.expect(
            lost == row["lost_values"], where, f"the flow loses the values {lost}, not {row['lost_values']}"
        )
        if not self._splits:
            return
        exact = hash_folded(self._folder.fold(traced.text))
        partition = choose_partition(self._splits, exact, row["source"], traced.metadata)
        audit.expect(
            partition == row["split"], where, f"it belongs to the split {partition}, not to {row['split']}"
        )

    def finish(self, audit: Audit, reader: BuildReader) -> None:
        """Compare the duplicates with the documents they name."""
        self._copies.finish(audit, reader)

    def _run(self, record: Record) -> ReplayedRecord:
        if record.fault is not None:
            return _reject(record, record.fault)
        try:
            traced = prepare(read_text(record), self._tools)
        except RecordError as error:
            return _reject(record, error.reason)
        if not is_empty(traced):
            return ReplayedRecord("kept", None, {}, traced)
        outcome = make_empty_outcome(record, traced)
        return ReplayedRecord(outcome.state, outcome.reason, outcome.bytes_removed)

    def _compare(self, audit: Audit, where: str, traced: Traced, record: Record, document: Row) -> None:
        edits: Edits = document["edits"]
        text: str = document["text"]
        traced = _repeat_step(traced, edits, text, "passages")
        if self._evaluation is None:
            traced = _repeat_step(traced, edits, text, "decontamination")
        else:
            traced, reason = self._decontaminate(traced)
            audit.expect(not reason, where, f"it is kept although {reason}")
        encoding = record.source.encoding or "utf-8"
        for name, detected in (("script", traced.script), ("encoding", encoding)):
            stated = document[name]
            audit.expect(
                detected == stated, where, f"the {name} that the flow detects is {detected}, not {stated}"
            )
        metadata = traced.metadata
        if self._evaluation is None and EVALUATION_TEXTS in document["metadata"]:
            metadata = {**metadata, EVALUATION_TEXTS: document["metadata"][EVALUATION_TEXTS]}
        same = self._is_metadata(metadata, document["metadata"])
        audit.expect(same, where, "its metadata is not what the flow and its source give")
        if traced.text != text:
            at = _find_difference(traced.text, text)
            audit.expect(False, where, f"its text differs from the flow's from character {at} on")
        same = np.array_equal(traced.alignment.text, document["text_breaks"]) and np.array_equal(
            traced.alignment.source, document["byte_breaks"]
        )
        audit.expect(same, where, "its alignment differs from the flow's")
        audit.count("edits", len(edits))
        audit.expect(_same_edits(traced, edits), where, "its edits differ from the flow's")

    @cached_property
    def _folder(self) -> TextFolder:
        return open_folder()

    def _decontaminate(self, traced: Traced) -> tuple[Traced, Reason | None]:
        if self._evaluation is None:
            return traced, None
        folded = self._folder.fold(traced.text)
        return find_contamination(traced, folded, self._evaluation, self._decontamination)

    def _is_metadata(self, replayed: Mapping[str, object], stated: Mapping[str, Any]) -> bool:
        """Whether a document's metadata is that of the flow, as the build's types can hold them."""
        redacted = redact_metadata(replayed)
        if {**dict.fromkeys(stated), **redacted} == stated:
            return True
        written = json.dumps(redacted, ensure_ascii=False, sort_keys=True, default=str)
        finished = finish_table(pa.table({"metadata": [written]}), self._fields)
        return bool(finished.column("metadata").to_pylist() == [stated])


def _is_reason(reason: Reason | None, row: Row) -> bool:
    return reason is not None and (reason.cause.code, redact(str(reason))) == (row["cause"], row["reason"])


def _reject(record: Record, reason: Reason) -> ReplayedRecord:
    return ReplayedRecord("rejected", reason, reject(record, reason).bytes_removed)


def _repeat_step(traced: Traced, edits: Edits, final: str, step: str) -> Traced:
    """Repeat on a text what a step did that needs more than the record, from the edits of the final text."""
    done = edits.of_step(step)
    if not len(done):
        return traced
    spans = sorted(zip(done.byte_start.tolist(), done.byte_end.tolist(), strict=True))
    flagged = len(done.of_kind("flagged")) == len(done)
    if flagged:
        low, high = (np.array(ends, dtype=np.int64) for ends in zip(*spans, strict=True))
        starts, ends = (places.tolist() for places in traced.alignment.text_spans(low, high))
        places = list(zip(starts, ends, strict=True))
    else:
        places = fit_removals(traced.text, traced.alignment, spans, final)
    return traced.apply(step, [Replacement(start, end, flagged=flagged) for start, end in places])


def _find_difference(first: str, second: str) -> int:
    """The first character in which two texts differ, by bisection: slices are compared quickly."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[:middle] == second[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _same_edits(traced: Traced, stated: Edits) -> bool:
    """Whether a text has these edits, with these spans."""
    edits = traced.edits
    same = (
        [edit.step for edit in edits] == list(stated.step)
        and [edit.kind for edit in edits] == list(stated.kind)
        and [edit.byte_start for edit in edits] == stated.byte_start.tolist()
        and [edit.byte_end for edit in edits] == stated.byte_end.tolist()
    )
    if not same:
        return False
    starts, ends = traced.alignment.text_spans(stated.byte_start, stated.byte_end)
    return np.array_equal(starts, stated.start) and np.array_equal(ends, stated.end)
