"""One unit of work: a bounded batch of records through the flow, back as tables. Every engine runs this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hanpack.files.language import load_language
from hanpack.files.parts import Parts
from hanpack.files.records import Batch
from hanpack.files.tables import Tables, find_schemas, make_tables
from hanpack.files.vocabulary import load_vocabulary
from hanpack.flow import Tools, pack_outcomes, prepare_tools, process, process_record, reject
from hanpack.recipe import Recipe
from hanpack.values import Outcome, Record


@dataclass(frozen=True, slots=True)
class Job:
    """What the batches of a build have in common: its recipe, the recipe's root, and where parts are kept."""

    recipe: Recipe
    root: Path
    folder: Path

    @property
    def parts(self) -> Parts:
        """The parts of this job."""
        return Parts(self.folder)


class Worker:
    """The flow with its tools, which are built here once and live as long as the worker."""

    def __init__(self, job: Job) -> None:
        vocabulary = load_vocabulary(job.recipe.tokenizer, job.root)
        self._job = job
        self._tools: Tools = prepare_tools(job.recipe, vocabulary, load_language())

    def run(self, batch: Batch) -> Tables:
        """Carry a batch through the flow. A record that fails in an unforeseen way is rejected by name."""
        try:
            outcomes = process(batch, self._tools)
        except Exception:  # noqa: BLE001 (found again below, with its record, and put into the ledger)
            outcomes = [self._run_alone(record) for record in batch]
        packed = pack_outcomes(outcomes, self._tools)
        return make_tables(outcomes, find_schemas(self._job.recipe), packed)

    def write(self, index: int, batch: Batch) -> int:
        """Run a batch and keep its tables as a part; returns its number."""
        self._job.parts.write(index, self.run(batch))
        return index

    def _run_alone(self, record: Record) -> Outcome:
        try:
            return process_record(record, self._tools)
        except Exception as error:  # noqa: BLE001 (a bad input never stops a build; the ledger names it)
            return reject(record, f"hanpack failed on it: {type(error).__name__}: {error}")
