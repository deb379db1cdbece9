"""The two passes over the records: the first makes a part of each batch, the second revises some parts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from hanpack.building.decisions import decide
from hanpack.building.part_keys import (
    make_flow_key,
    make_part_key,
    make_revision_key,
    make_source_keys,
    split_part_key,
)
from hanpack.building.plan import Plan
from hanpack.engines.local import run_local
from hanpack.engines.work import Job, Task
from hanpack.model import Decision, Source
from hanpack.reasons import Reason
from hanpack.sources.records import Batch, read_batches
from hanpack.sources.survey import Progress
from hanpack.store.part_index import PartIndex, Parts, load_index, select_parts
from hanpack.store.parts import PartCache

Engine = Literal["local", "ray"]
# The least bytes of sources per worker process; a further process for less does not pay.
PROCESS_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part of a build: its key, and the number of its source and of its batch in the source."""

    key: str
    source: int
    batch: int


class CachedParts:
    """The parts that earlier builds have made: their keys, and the index of those of the last build."""

    def __init__(self, cache: PartCache) -> None:
        self.cache = cache
        self.index = load_index(cache.index)
        sizes = cache.list_sizes()
        indexed = zip(self.index.keys, self.index.file_sizes.tolist(), strict=True)
        self._complete = {key for key, size in indexed if sizes.get(key) == size}
        # The last build has all parts of each of its sources.
        self._counts = Counter(split_part_key(key) for key in self.index.keys)

    def has(self, key: str) -> bool:
        """Whether a part exists and is complete."""
        return key in self._complete or self.cache.has(key)

    def find_keys(self, source_key: str) -> list[str] | None:
        """The keys of the parts of a source, if all of them exist."""
        count = self._counts.get(source_key) or self.cache.read_count(source_key)
        keys = [make_part_key(source_key, batch) for batch in range(count or 0)]
        return keys if count and all(map(self.has, keys)) else None


def select_reusable(parts: Parts) -> PartIndex:
    """The index of the parts that the next build may use: with all parts of each source, or with none."""
    irreproducible = {
        index.keys[part]
        for index in (parts.unrevised, parts.current)
        if len(index)
        for part in index.find_irreproducible()
    }
    sources = {split_part_key(key) for key in irreproducible if split_part_key(key)}
    keys = [key for key in parts.keys if key not in irreproducible and split_part_key(key) not in sources]
    return select_parts([parts.unrevised, parts.current], keys, parts.cache)


def find_unfinished(plan: Plan, cached: CachedParts) -> list[Source]:
    """The sources of a plan with parts that must be made."""
    keys = zip(plan.sources, _make_source_keys(plan), strict=True)
    return [source for source, key in keys if cached.find_keys(key) is None]


def _make_source_keys(plan: Plan) -> list[str]:
    flow_key = make_flow_key(plan.recipe, plan.versions, plan.evaluation_sources)
    return make_source_keys(flow_key, plan.sources, plan.recipe)


class Passes:
    """Makes the parts of a plan that are not in the cache.

    ``failures`` are records that are rejected without being processed, by source and index: those that an
    earlier build rejected for a cause that is not in their bytes.
    """

    def __init__(
        self,
        plan: Plan,
        job: Job,
        cached: CachedParts,
        *,
        engine: Engine,
        num_proc: int | None,
        progress: Progress,
        failures: Mapping[tuple[str, int], Reason] = MappingProxyType({}),
    ) -> None:
        self._plan = plan
        self._job = job
        self._cached = cached
        self._engine = engine
        self._size = plan.size
        self._processes = num_proc or max(1, min(os.cpu_count() or 1, self._size // PROCESS_BYTES))
        self._progress = progress
        self._failures = failures
        self._done = 0

    def run(self) -> Parts:
        """Make all parts, decide on all documents, revise; returns the parts in the order of the batches."""
        cache = self._cached.cache
        planned: list[PlannedPart] = []
        self._run_tasks(self._find_tasks(planned))
        index = select_parts([self._cached.index], [part.key for part in planned], cache)
        parts = Parts(cache, unrevised=index, current=index)
        decisions = decide(
            parts, self._plan.recipe, lambda done, total: self._progress("compare", done, total)
        )
        revisions = {
            part: make_revision_key(planned[part].key, part_decisions)
            for part, part_decisions in decisions.items()
        }
        self._run_tasks(self._find_revisions(planned, decisions, revisions))
        current_keys = (revisions.get(part, key) for part, key in enumerate(index.keys))
        return replace(parts, current=select_parts([self._cached.index, index], current_keys, cache))

    def _find_tasks(self, planned: list[PlannedPart]) -> Iterator[Task]:
        """The batches whose parts are not in the cache; ``planned`` is filled with the parts of all batches.

        A source whose parts are all in the cache is not read.
        """
        plan = self._plan
        sources = zip(plan.surveys, plan.sources, _make_source_keys(plan), strict=True)
        for number, (surveyed, source, source_key) in enumerate(sources):
            keys = self._cached.find_keys(source_key)
            if keys is not None:
                planned += [PlannedPart(key, number, batch) for batch, key in enumerate(keys)]
                self._advance(source.size)
                continue
            batch_count = 0
            for batch, records in enumerate(read_batches(surveyed, source, plan.recipe.limits)):
                key = make_part_key(source_key, batch)
                planned.append(PlannedPart(key, number, batch))
                batch_count += 1
                if self._cached.has(key):
                    self._advance(sum(record.size for record in records))
                else:
                    yield Task(key, records, failures=self._find_failures(records))
            self._cached.cache.write_count(source_key, batch_count)

    def _find_failures(self, records: Batch) -> dict[int, Reason]:
        """The records of a batch that are rejected without being processed, by row."""
        if not self._failures:
            return {}
        keys = ((record.source.path, record.index) for record in records)
        return {row: self._failures[key] for row, key in enumerate(keys) if key in self._failures}

    def _find_revisions(
        self,
        planned: list[PlannedPart],
        decisions: Mapping[int, Mapping[int, Decision]],
        revisions: Mapping[int, str],
    ) -> Iterator[Task]:
        """The parts to revise whose revised versions are not in the cache; their sources are read again."""
        plan = self._plan
        missing = {index: key for index, key in revisions.items() if not self._cached.has(key)}
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
