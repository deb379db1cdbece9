"""The two passes over the records: the first makes a part of each batch, the second revises some parts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from hanpack.building.decisions import decide
from hanpack.building.part_keys import make_flow_key, make_part_key, make_revision_key, make_source_key
from hanpack.building.plan import Plan
from hanpack.engines.local import run_local
from hanpack.engines.work import Job, Task
from hanpack.model import Decision
from hanpack.sources.records import read_batches
from hanpack.sources.survey import Progress
from hanpack.store.parts import PartCache, Parts

Engine = Literal["local", "ray"]
# The least bytes of sources per worker process; a further process for less does not pay.
PROCESS_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part of a build: its key, and the number of its source and of its batch in the source."""

    key: str
    source: int
    batch: int


def find_cached(plan: Plan, cache: PartCache) -> list[bool]:
    """Whether all parts of each source of a plan are in the cache."""
    flow_key = make_flow_key(plan.recipe, plan.versions, plan.evaluation_sources)
    return [
        _find_keys(make_source_key(flow_key, source, plan.recipe), cache) is not None
        for source in plan.sources
    ]


def _find_keys(source_key: str, cache: PartCache) -> list[str] | None:
    """The keys of the parts of a source, if all of them are in the cache."""
    count = cache.read_count(source_key)
    keys = [make_part_key(source_key, batch) for batch in range(count or 0)]
    return keys if count and all(map(cache.has, keys)) else None


class Passes:
    """Makes the parts of a plan that are not in the cache."""

    def __init__(
        self, plan: Plan, job: Job, *, engine: Engine, num_proc: int | None, progress: Progress
    ) -> None:
        self._plan = plan
        self._job = job
        self._engine = engine
        self._size = plan.size
        self._processes = num_proc or max(1, min(os.cpu_count() or 1, self._size // PROCESS_BYTES))
        self._progress = progress
        self._flow_key = make_flow_key(plan.recipe, plan.versions, plan.evaluation_sources)
        self._done = 0

    def run(self) -> Parts:
        """Make all parts, decide on all documents, revise; returns the parts in the order of the batches."""
        cache = self._job.cache
        planned: list[PlannedPart] = []
        self._run_tasks(self._find_tasks(planned, cache))
        parts = Parts(cache, [part.key for part in planned])
        decisions = decide(
            parts, self._plan.recipe, lambda done, total: self._progress("compare", done, total)
        )
        revisions = {
            index: make_revision_key(planned[index].key, part_decisions)
            for index, part_decisions in decisions.items()
        }
        self._run_tasks(self._find_revisions(planned, decisions, revisions, cache))
        return Parts(cache, parts.keys, revisions)

    def _find_tasks(self, planned: list[PlannedPart], cache: PartCache) -> Iterator[Task]:
        """The batches whose parts are not in the cache; ``planned`` is filled with the parts of all batches.

        A source whose parts are all in the cache is not read.
        """
        plan = self._plan
        for number, (surveyed, source) in enumerate(zip(plan.surveys, plan.sources, strict=True)):
            source_key = make_source_key(self._flow_key, source, plan.recipe)
            keys = _find_keys(source_key, cache)
            if keys is not None:
                planned += [PlannedPart(key, number, batch) for batch, key in enumerate(keys)]
                self._advance(source.size)
                continue
            batch_count = 0
            for batch, records in enumerate(read_batches(surveyed, source, plan.recipe.limits)):
                key = make_part_key(source_key, batch)
                planned.append(PlannedPart(key, number, batch))
                batch_count += 1
                if cache.has(key):
                    self._advance(sum(record.size for record in records))
                else:
                    yield Task(key, records)
            cache.write_count(source_key, batch_count)

    def _find_revisions(
        self,
        planned: list[PlannedPart],
        decisions: Mapping[int, Mapping[int, Decision]],
        revisions: Mapping[int, str],
        cache: PartCache,
    ) -> Iterator[Task]:
        """The parts to revise whose revised versions are not in the cache; their sources are read again."""
        plan = self._plan
        missing = {index: key for index, key in revisions.items() if not cache.has(key)}
        revised_batches = {(planned[index].source, planned[index].batch): index for index in missing}
        for source in sorted({source for source, _ in revised_batches}):
            batches = read_batches(plan.surveys[source], plan.sources[source], plan.recipe.limits)
            for batch, records in enumerate(batches):
                index = revised_batches.get((source, batch))
                if index is not None:
                    yield Task(missing[index], records, decisions[index], revised_from=planned[index].key)

    def _run_tasks(self, tasks: Iterator[Task]) -> None:
        def advance(task: Task) -> None:
            if not task.decisions:
                self._advance(sum(record.size for record in task.batch))

        if self._engine == "ray":
            from hanpack.engines.cluster import run_cluster

            run_cluster(tasks, self._job, advance, self._processes)
        else:
            run_local(tasks, self._job, advance, self._processes)

    def _advance(self, size: int) -> None:
        self._done += size
        self._progress("process", self._done, max(self._size, self._done))
