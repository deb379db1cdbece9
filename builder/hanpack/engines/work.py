"""What the workers of every engine do: run a batch through the flow and write its tables."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from hanpack.documents import pack_documents
from hanpack.flow import process_record, reject
from hanpack.model import Decision, Outcome, Record
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.records import Batch
from hanpack.steps.dedup import EvaluationTexts
from hanpack.store.parts import PartCache
from hanpack.store.revision import revise_tables
from hanpack.store.table_kinds import TableKind, find_schemas
from hanpack.store.tables import Tables, make_tables, packed_table
from hanpack.tools import Tools, prepare_tools

_BEAT = struct.Struct("<qq")


class Beat(NamedTuple):
    """What a heartbeat says: the row of the record in its batch, -1 for none, and the number of the beat."""

    row: int
    number: int


_NO_BEAT = Beat(-1, 0)


@dataclass(frozen=True)
class Job:
    """What all batches of a build share; ``folder`` is the work folder of the output.

    ``uses_fast_encoder`` is whether loading the faster encoder of tokens pays; the tokens are the same.
    """

    recipe: Recipe
    root: Path
    folder: Path
    evaluation: EvaluationTexts | None = None
    uses_fast_encoder: bool = True

    @cached_property
    def tools(self) -> Tools:
        """The tools of the flow, built when they are first needed; a forked worker inherits them."""
        vocabulary = load_vocabulary(self.recipe.tokenizer, self.root)
        model, fast = load_ngram_model(), self.uses_fast_encoder
        return prepare_tools(self.recipe, vocabulary, model, self.evaluation, uses_fast_encoder=fast)

    def __getstate__(self) -> dict[str, object]:
        # Tools cannot be pickled: if a worker is not forked, it builds its own.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def cache(self) -> PartCache:
        """Where the parts are written."""
        return PartCache(self.folder / "parts")

    @property
    def heartbeats(self) -> Path:
        """Where the workers write their heartbeats."""
        return self.folder / "workers"


@dataclass(frozen=True, slots=True)
class Task:
    """A batch to process into the part ``key``.

    ``decisions`` are by the row of the record in the batch; if there are any, the part ``revised_from`` is
    revised. ``failures`` has, by row, the reason for each record that killed or delayed an earlier worker: it
    is rejected without being processed.
    """

    key: str
    batch: Batch
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    revised_from: str = ""
    failures: Mapping[int, Reason] = field(default_factory=dict)


class Heartbeat:
    """A small file in which a worker notes the record it is processing.

    The supervisor reads from it which record killed the worker, or takes too long.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        self._path = path
        self._number = 0

    @classmethod
    def create(cls, path: Path) -> Heartbeat:
        """Make the file of a new worker, which processes no record yet."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_BEAT.pack(*_NO_BEAT))
        return cls(path)

    def beat(self, row: int) -> None:
        """Note that the record number ``row`` of the batch is processed from now on; -1 for none."""
        self._number += 1
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, _BEAT.pack(row, self._number))

    def read(self) -> Beat:
        """The last beat; if the file is not complete yet, there was none."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        data = os.read(self._descriptor, _BEAT.size)
        return Beat(*_BEAT.unpack(data)) if len(data) == _BEAT.size else _NO_BEAT

    def close(self) -> None:
        """Close and delete the file."""
        os.close(self._descriptor)
        self._path.unlink(missing_ok=True)


class Worker:
    """The flow with its tools, which are built once for each worker."""

    def __init__(self, job: Job, heartbeat: Heartbeat) -> None:
        self._job = job
        self._heartbeat = heartbeat
        self._tools = job.tools

    def write(self, task: Task) -> None:
        """Carry out a task and write its tables as a part."""
        self._job.cache.write(task.key, self._revise(task) if task.decisions else self._run(task))

    def _run(self, task: Task) -> Tables:
        outcomes = [self._process(row, record, task, None) for row, record in enumerate(task.batch)]
        self._heartbeat.beat(-1)
        return self._with_packed(make_tables(outcomes, find_schemas(self._job.recipe)))

    def _revise(self, task: Task) -> Tables:
        """Run the records with a decision again, and replace them in the tables of the part."""
        rows = sorted(task.decisions)
        outcomes = [self._redo(row, task.batch[row], task) for row in rows]
        self._heartbeat.beat(-1)
        fresh = make_tables(outcomes, find_schemas(self._job.recipe))
        names = (name for name in fresh if TableKind.of(name) is not TableKind.PACKED)
        old = {name: self._job.cache.read(task.revised_from, name) for name in names}
        return self._with_packed(revise_tables(old, fresh, rows))

    def _redo(self, row: int, record: Record, task: Task) -> Outcome:
        """Run a record again; if removing its passages would leave nothing, they are flagged instead."""
        decision = task.decisions[row]
        outcome = self._process(row, record, task, decision)
        if decision.remove and outcome.document is None:
            return self._process(row, record, task, replace(decision, remove=False))
        return outcome

    def _process(self, row: int, record: Record, task: Task, decision: Decision | None) -> Outcome:
        """Carry a record through the flow; one on which the flow itself fails is rejected."""
        if row in task.failures:
            return reject(record, task.failures[row])
        self._heartbeat.beat(row)
        try:
            return process_record(record, self._tools, decision)
        except Exception as error:  # noqa: BLE001 (a bad input never stops a build; the ledger names it)
            fields = {"error": type(error).__name__, "detail": str(error)}
            return reject(record, Reason(Cause.INTERNAL_ERROR, fields))

    def _with_packed(self, tables: Tables) -> Tables:
        """Add the packed sequences of a batch's documents; a sequence has documents of one partition."""
        if not self._job.recipe.packed:
            return tables
        documents = tables[TableKind.DOCUMENTS.value]
        partitions = tables[TableKind.LEDGER.value].column("split").drop_null().to_pylist()
        columns = (documents.column(name).to_pylist() for name in ("id", "text"))
        by_partition = sorted(zip(partitions, *columns, strict=True), key=itemgetter(0))
        rows = [
            row
            for _, group in groupby(by_partition, key=itemgetter(0))
            for row in pack_documents(((identity, text) for _, identity, text in group), self._tools)
        ]
        return {**tables, TableKind.PACKED.value: packed_table(rows)}
