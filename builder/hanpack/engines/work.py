"""One unit of work: a bounded batch of records through the flow, back as tables. Every engine runs this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from hanpack.documents import pack_documents
from hanpack.flow import process, process_record, reject
from hanpack.model import Decision, Outcome, Record
from hanpack.recipe import Recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.records import Batch
from hanpack.steps.dedup.contamination import EvaluationTexts
from hanpack.store.parts import Parts
from hanpack.store.revision import revise_tables
from hanpack.store.tables import Tables, find_schemas, make_tables, packed_table
from hanpack.tools import Tools, prepare_tools


@dataclass(frozen=True, slots=True)
class Job:
    """What the batches of a build have in common.

    Its recipe, the recipe's root, where parts are kept, and the index of evaluation texts, if there are any.
    """

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
    """A numbered batch to be made a part, or, where there are decisions on its records, revised."""

    index: int
    batch: Batch
    decisions: Mapping[int, Decision] = field(default_factory=dict)


class Worker:
    """The flow with its tools, which are built here once and live as long as the worker."""

    def __init__(self, job: Job) -> None:
        vocabulary = load_vocabulary(job.recipe.tokenizer, job.root)
        self._job = job
        self._tools: Tools = prepare_tools(job.recipe, vocabulary, load_ngram_model(), job.evaluation)

    def write(self, task: Task) -> int:
        """Carry out a task and keep its tables as a part; returns its number."""
        if task.decisions:
            self._job.parts.write(task.index, self._revise(task), revised=True)
        else:
            self._job.parts.write(task.index, self.run(task.batch))
        return task.index

    def run(self, batch: Batch) -> Tables:
        """Carry a batch through the flow. A record that fails in an unforeseen way is rejected by name."""
        try:
            outcomes = process(batch, self._tools)
        except Exception:  # noqa: BLE001 (found again below, with its record, and put into the ledger)
            outcomes = [self._run_alone(record) for record in batch]
        return self._with_packed(make_tables(outcomes, find_schemas(self._job.recipe)))

    def _revise(self, task: Task) -> Tables:
        """Run the records that were decided on again and put them in the place of what they were."""
        rows = sorted(task.decisions)
        outcomes = [self._redo(task.batch[row], task.decisions[row]) for row in rows]
        fresh = make_tables(outcomes, find_schemas(self._job.recipe))
        old = {name: self._job.parts.read(name, task.index) for name in fresh if name != "packed"}
        return self._with_packed(revise_tables(old, fresh, rows))

    def _redo(self, record: Record, decision: Decision) -> Outcome:
        """Run a record again; what a removal would take from the build altogether is marked instead."""
        outcome = process_record(record, self._tools, decision)
        if decision.remove and outcome.document is None:
            return process_record(record, self._tools, replace(decision, remove=False))
        return outcome

    def _with_packed(self, tables: Tables) -> Tables:
        """Add the packed sequences of a batch's documents; a sequence holds documents of one split."""
        if not self._job.recipe.packed:
            return tables
        documents = zip(
            *(tables["documents"].column(name).to_pylist() for name in ("id", "text")), strict=True
        )
        splits = tables["ledger"].column("split").drop_null().to_pylist()
        placed = sorted(zip(splits, documents, strict=True), key=itemgetter(0))
        rows = [
            row
            for _, group in groupby(placed, key=itemgetter(0))
            for row in pack_documents((document for _, document in group), self._tools)
        ]
        return {**tables, "packed": packed_table(rows)}

    def _run_alone(self, record: Record) -> Outcome:
        try:
            return process_record(record, self._tools)
        except Exception as error:  # noqa: BLE001 (a bad input never stops a build; the ledger names it)
            return reject(record, f"hanpack failed on it: {type(error).__name__}: {error}")
