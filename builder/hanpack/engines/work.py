"""What the workers of every engine do: run a batch through the flow and write its tables."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hanpack.documents import pack_documents
from hanpack.engines.heap import LONG_RECORD, return_freed_arrays, return_freed_memory
from hanpack.flow import process, process_record
from hanpack.model import Decision, Outcome
from hanpack.outcomes import reject
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.records import Batch
from hanpack.steps.dedup.evaluation_texts import EvaluationTexts
from hanpack.steps.dedup.withdrawn import Withdrawal
from hanpack.store.parts import PartCache
from hanpack.store.shared_parts import open_cache
from hanpack.store.table_kinds import TableKind, find_schemas
from hanpack.store.tables import (
    NamedTables,
    Tables,
    UnmadeTable,
    iterate_tables,
    make_tables,
    packed_table,
)
from hanpack.tools import Tools, prepare_tools

DOCUMENTS, LEDGER = TableKind.DOCUMENTS.value, TableKind.LEDGER.value
_BEAT = struct.Struct("<qq")


# What a heartbeat says in place of a row: the worker processes no record, or all of its batch together.
NO_RECORD, ALL_RECORDS = -1, -2


class Beat(NamedTuple):
    """What a heartbeat says: the row of a record in its batch, or one of the values above; and its number."""

    row: int
    number: int


NO_BEAT = Beat(NO_RECORD, 0)


def pack_beat(beat: Beat) -> bytes:
    """A beat as the bytes of a heartbeat."""
    return _BEAT.pack(*beat)


def unpack_beat(data: bytes) -> Beat:
    """The beat in the bytes of a heartbeat; if they are not complete yet, there was none."""
    return Beat(*_BEAT.unpack(data)) if len(data) == _BEAT.size else NO_BEAT


@dataclass(frozen=True)
class Job:
    """What all batches of a build share; ``folder`` is the work folder of the output.

    ``size`` is about how many bytes will be processed: it decides which encoder of tokens pays. ``work_url``
    is the work folder on object storage, if the output is there.
    """

    recipe: Recipe
    root: Path
    folder: Path
    evaluation: EvaluationTexts | None = None
    size: int = 0
    withdrawals: Sequence[Withdrawal] = ()
    work_url: str = ""

    @cached_property
    def tools(self) -> Tools:
        """The tools of the flow, built when they are first needed; a forked worker inherits them."""
        vocabulary = load_vocabulary(self.recipe.tokenizer, self.root)
        return prepare_tools(
            self.recipe,
            vocabulary,
            load_ngram_model(),
            self.evaluation,
            size=self.size,
            withdrawals=self.withdrawals,
        )

    def __getstate__(self) -> dict[str, object]:
        # Tools cannot be pickled: if a worker is not forked, it builds its own.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def cache(self) -> PartCache:
        """Where the parts are written."""
        return open_cache(self.folder, self.work_url)

    @property
    def heartbeats(self) -> Path:
        """Where the workers write their heartbeats."""
        return self.folder / "workers"


@dataclass(frozen=True, slots=True)
class Task:
    """A batch to process into the file ``key`` of one part, or of several that have so many ``part_records``.

    ``decisions`` are by the row of the record in the batch; if there are any, the file ``revised_from`` is
    revised. ``failures`` has, by row, the reason for each record that killed or delayed an earlier worker: it
    is rejected without being processed. If ``one_by_one``, each record is processed as a batch of its own,
    because the batch as a whole killed or delayed a worker.
    """

    key: str
    batch: Batch
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    revised_from: str = ""
    failures: Mapping[int, Reason] = field(default_factory=dict)
    one_by_one: bool = False
    part_records: Sequence[int] = ()

    @property
    def record_counts(self) -> Sequence[int]:
        """The number of records of each part."""
        return self.part_records or (len(self.batch),)

    @property
    def longest_record(self) -> int:
        """The size of its longest record, in bytes."""
        return max((record.size for record in self.batch), default=0)


class Heartbeat:
    """A small file in which a worker notes the record it is processing.

    The supervisor reads from it which record killed the worker, or takes too long. While a worker processes
    all records of a batch together, none of them is named.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        self._path = path
        self._number = 0

    @classmethod
    def create(cls, path: Path) -> Heartbeat:
        """Make the file of a new worker, which processes no record yet."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pack_beat(NO_BEAT))
        return cls(path)

    def beat(self, row: int) -> None:
        """Note that the record ``row`` of the batch is processed now, or ALL_RECORDS, or NO_RECORD."""
        self._number += 1
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, pack_beat(Beat(row, self._number)))

    def read(self) -> Beat:
        """The last beat; if the file is not complete yet, there was none."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return unpack_beat(os.read(self._descriptor, _BEAT.size))

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
        """Carry out a task and write its tables as the file of its parts."""
        return_freed_arrays(task.longest_record)
        if task.decisions:
            self._write_revised(task)
            return
        outcomes = self._process(range(len(task.batch)), task, {})
        if task.longest_record >= LONG_RECORD:
            return_freed_memory()
        tables: NamedTables = iterate_tables(outcomes, find_schemas(self._job.recipe))
        # They are let go of table by table.
        del outcomes
        if self._job.recipe.packed:
            complete = dict(tables)
            complete |= self._pack(complete[DOCUMENTS], complete[LEDGER], task.record_counts)
            tables = complete.items()
        self._job.cache.write(task.key, tables, task.record_counts)

    def _write_revised(self, task: Task) -> None:
        """Run the records with a decision again, and write the parts with these replaced.

        If removing the passages of a record would leave nothing, they are flagged instead.
        """
        cache, rows = self._job.cache, sorted(task.decisions)
        outcomes = self._process(rows, task, task.decisions)
        emptied = {
            row: replace(task.decisions[row], remove=False)
            for row, outcome in zip(rows, outcomes, strict=True)
            if task.decisions[row].remove and outcome.document is None
        }
        redone = dict(zip(emptied, self._process(list(emptied), task, emptied), strict=True))
        outcomes = [redone.get(row, outcome) for row, outcome in zip(rows, outcomes, strict=True)]
        tables = make_tables(outcomes, find_schemas(self._job.recipe))
        if self._job.recipe.packed:
            names = (DOCUMENTS, LEDGER)
            documents, ledger = (cache.revise(task.revised_from, rows, tables, name) for name in names)
            tables |= self._pack(documents, ledger, task.record_counts)
        cache.write_revised(task.key, task.revised_from, rows, tables.items(), task.record_counts)

    def _process(self, rows: Sequence[int], task: Task, decisions: Mapping[int, Decision]) -> list[Outcome]:
        """Carry some records of a batch through the flow together; if the flow fails on them, one by one."""
        outcomes = {row: reject(task.batch[row], task.failures[row]) for row in rows if row in task.failures}
        others = [row for row in rows if row not in outcomes]
        together = None if task.one_by_one else self._process_together(others, task, decisions)
        if together is None:
            together = [self._process_alone(row, task, decisions.get(row)) for row in others]
        self._heartbeat.beat(NO_RECORD)
        outcomes.update(zip(others, together, strict=True))
        return [outcomes[row] for row in rows]

    def _process_together(
        self, rows: Sequence[int], task: Task, decisions: Mapping[int, Decision]
    ) -> list[Outcome] | None:
        """The outcomes of some records, or None if the flow fails on one of them."""
        self._heartbeat.beat(ALL_RECORDS)
        of_rows = {index: decisions[row] for index, row in enumerate(rows) if row in decisions}
        try:
            return process([task.batch[row] for row in rows], self._tools, of_rows)
        except Exception:  # noqa: BLE001 (each record is processed again by itself, which names the bad one)
            return None

    def _process_alone(self, row: int, task: Task, decision: Decision | None) -> Outcome:
        """Carry a record through the flow by itself; one on which the flow fails is rejected."""
        record = task.batch[row]
        self._heartbeat.beat(row)
        try:
            return process_record(record, self._tools, decision)
        except Exception as error:  # noqa: BLE001 (a bad input never stops a build; the ledger names it)
            fields = {"error": type(error).__name__, "detail": str(error)}
            return reject(record, Reason(Cause.INTERNAL_ERROR, fields))

    def _pack(
        self, documents: pa.Table | UnmadeTable, ledger: pa.Table | UnmadeTable, record_counts: Sequence[int]
    ) -> Tables:
        """The packed sequences of some parts; one has documents of one partition of one part."""
        names = ["id", "text"]
        texts = documents.select(names)
        partitions = ledger.select(["split"]).column("split").to_pylist()
        parts = np.repeat(np.arange(len(record_counts)), record_counts).tolist()
        places = [place for place in zip(parts, partitions, strict=True) if place[1] is not None]
        columns = (texts.column(name).to_pylist() for name in names)
        by_place = sorted(zip(places, *columns, strict=True), key=itemgetter(0))
        rows = [
            row
            for _, group in groupby(by_place, key=itemgetter(0))
            for row in pack_documents(((identity, text) for _, identity, text in group), self._tools)
        ]
        return {TableKind.PACKED.value: packed_table(rows)}
