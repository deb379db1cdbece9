"""The unit of work that every engine runs: a batch of records through the flow, and back as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from hanpack.documents import pack_documents
from hanpack.flow import process, process_record, reject
from hanpack.model import Decision, Outcome, Record
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.records import Batch
from hanpack.steps.dedup.contamination import EvaluationTexts
from hanpack.store.parts import Parts
from hanpack.store.revision import revise_tables
from hanpack.store.table_kinds import TableKind, find_schemas
from hanpack.store.tables import Tables, make_tables, packed_table
from hanpack.tools import Tools, prepare_tools


@dataclass(frozen=True, slots=True)
class Job:
    """What all batches of a build share: the recipe, its root, the folder of the parts, evaluation texts."""

    recipe: Recipe
    root: Path
    folder: Path
    evaluation: EvaluationTexts | None = None

    @property
    def parts(self) -> Parts:
        """The parts of this job."""
        return Parts(self.folder)


@dataclass(frozen=True, slots=True)
class Task:
    """A numbered batch to process; with decisions on its records, its part is revised instead."""

    index: int
    batch: Batch
    decisions: Mapping[int, Decision] = field(default_factory=dict)


class Worker:
    """The flow with its tools, which are built once for each worker."""

    def __init__(self, job: Job) -> None:
        vocabulary = load_vocabulary(job.recipe.tokenizer, job.root)
        self._job = job
        self._tools: Tools = prepare_tools(job.recipe, vocabulary, load_ngram_model(), job.evaluation)

    def write(self, task: Task) -> int:
        """Carry out a task and write its tables as a part; returns its number."""
        if task.decisions:
            self._job.parts.write(task.index, self._revise(task), revised=True)
        else:
            self._job.parts.write(task.index, self.run(task.batch))
        return task.index

    def run(self, batch: Batch) -> Tables:
        """Carry a batch through the flow; a record on which the flow itself fails is rejected."""
        try:
            outcomes = process(batch, self._tools)
        except Exception:  # noqa: BLE001 (raised again below, with its record, and put into the ledger)
            outcomes = [self._run_record(record) for record in batch]
        return self._with_packed(make_tables(outcomes, find_schemas(self._job.recipe)))

    def _revise(self, task: Task) -> Tables:
        """Run the records with a decision again, and replace them in the tables of the part."""
        rows = sorted(task.decisions)
        outcomes = [self._redo(task.batch[row], task.decisions[row]) for row in rows]
        fresh = make_tables(outcomes, find_schemas(self._job.recipe))
        names = (name for name in fresh if TableKind.of(name) is not TableKind.PACKED)
        old = {name: self._job.parts.read(name, task.index) for name in names}
        return self._with_packed(revise_tables(old, fresh, rows))

    def _redo(self, record: Record, decision: Decision) -> Outcome:
        """Run a record again; if removing its passages would leave nothing, they are flagged instead."""
        outcome = process_record(record, self._tools, decision)
        if decision.remove and outcome.document is None:
            return process_record(record, self._tools, replace(decision, remove=False))
        return outcome

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

    def _run_record(self, record: Record) -> Outcome:
        try:
            return process_record(record, self._tools)
        except Exception as error:  # noqa: BLE001 (a bad input never stops a build; the ledger names it)
            fields = {"error": type(error).__name__, "detail": str(error)}
            return reject(record, Reason(Cause.INTERNAL_ERROR, fields))
