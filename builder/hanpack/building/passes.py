"""The two passes over the records: the first makes a part of each batch, the second revises some parts.

``make_parts`` is the door: ``build`` and ``verify`` both go through it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
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
from hanpack.building.withdrawn_parts import digest_withdrawals, find_stale, read_digest, tag_contents
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
class CachedSource:
    """The key of a source, and the keys of its parts if all of them exist, else None."""

    key: str
    parts: Sequence[str] | None


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
        sizes, self.total_bytes = cache.list_sizes()
        indexed = zip(self.index.keys, self.index.file_sizes.tolist(), strict=True)
        self._complete = {key for key, size in indexed if sizes.get(key) == size}
        # The last build has all parts of each of its sources.
        self._counts = Counter(split_part_key(key) for key in self.index.keys)

    def has(self, key: str) -> bool:
        """Whether a part exists and is complete."""
        return key in self._complete or self.cache.has(key)

    def find_sources(self, plan: Plan) -> list[CachedSource]:
        """What exists of each source of a plan, in their order."""
        flow_key = make_flow_key(plan.recipe, plan.versions, plan.evaluation_sources)
        return [self._find_source(key) for key in make_source_keys(flow_key, plan.sources, plan.recipe)]

    def _find_source(self, source_key: str) -> CachedSource:
        count = self._counts.get(source_key) or self.cache.read_count(source_key)
        keys = [make_part_key(source_key, batch) for batch in range(count or 0)]
        return CachedSource(source_key, keys if count and all(map(self.has, keys)) else None)


def select_reusable(parts: Parts) -> PartIndex:
    """The index of the parts that the next build may use: with all parts of each source, or with none."""
    irreproducible = {
        index.keys[part] for index in (parts.unrevised, parts.current) for part in index.find_irreproducible()
    }
    sources = {split_part_key(key) for key in irreproducible if split_part_key(key)}
    keys = [key for key in parts.keys if key not in irreproducible and split_part_key(key) not in sources]
    return select_parts([parts.unrevised, parts.current], keys, parts.cache)


def find_unfinished(plan: Plan, sources: Sequence[CachedSource]) -> list[Source]:
    """The sources of a plan with parts that must be made; ``sources`` is what exists of them."""
    return [source for source, known in zip(plan.sources, sources, strict=True) if known.parts is None]


def make_parts(
    plan: Plan,
    folder: Path,
    *,
    engine: Engine,
    num_proc: int | None,
    progress: Progress,
    failures: Mapping[tuple[str, int], Reason] = MappingProxyType({}),
) -> Parts:
    """Make the parts of a plan that are not in the cache of the work folder ``folder``; returns all.

    ``failures`` are records that are rejected without being processed, by source and index: those that an
    earlier build rejected for a cause that is not in their bytes.
    """
    cached = CachedParts(PartCache(folder / "parts"))
    sources = cached.find_sources(plan)
    size = sum(source.size for source in find_unfinished(plan, sources))
    job = Job(
        recipe=plan.recipe,
        root=plan.root,
        folder=folder,
        evaluation=plan.evaluation,
        withdrawals=plan.withdrawals,
        size=size,
    )
    passes = _Passes(
        plan, job, cached, sources, engine=engine, num_proc=num_proc, progress=progress, failures=failures
    )
    return passes.run()


class _Passes:
    """The passes of one plan; the arguments are those of :func:`make_parts`."""

    def __init__(
        self,
        plan: Plan,
        job: Job,
        cached: CachedParts,
        sources: Sequence[CachedSource],
        *,
        engine: Engine,
        num_proc: int | None,
        progress: Progress,
        failures: Mapping[tuple[str, int], Reason],
    ) -> None:
        self._plan = plan
        self._job = job
        self._cached = cached
        self._sources = sources
        self._engine = engine
        self._size = plan.size
        self._processes = num_proc or max(1, min(os.cpu_count() or 1, self._size // PROCESS_BYTES))
        self._progress = progress
        self._failures = failures
        self._done = 0
        self._made: set[str] = set()

    def run(self) -> Parts:
        """Make all parts, decide on all documents, revise; returns the parts in the order of the batches."""
        cache = self._cached.cache
        planned: list[PlannedPart] = []
        self._run_tasks(self._find_tasks(planned))
        index = select_parts([self._cached.index], [part.key for part in planned], cache)
        index = self._renew(planned, index)
        parts = Parts(cache, index, index, earlier_bytes=self._cached.total_bytes)
        decisions = decide(
            parts, self._plan.recipe, lambda done, total: self._progress("compare", done, total)
        )
        contents = tag_contents(index)
        revisions = {
            part: make_revision_key(planned[part].key, part_decisions, contents.get(part, ""))
            for part, part_decisions in decisions.items()
        }
        if not revisions:
            return parts
        self._run_tasks(self._find_revisions(planned, decisions, revisions))
        current_keys = (revisions.get(part, key) for part, key in enumerate(index.keys))
        return replace(parts, current=select_parts([self._cached.index, index], current_keys, cache))

    def _find_tasks(self, planned: list[PlannedPart]) -> Iterator[Task]:
        """The batches whose parts are not in the cache; ``planned`` is filled with the parts of all batches.

        A source whose parts are all in the cache is not read.
        """
        plan = self._plan
        sources = zip(plan.surveys, plan.sources, self._sources, strict=True)
        for number, (surveyed, source, known) in enumerate(sources):
            if known.parts is not None:
                planned += [PlannedPart(key, number, batch) for batch, key in enumerate(known.parts)]
                self._advance(source.size)
                continue
            batch_count = 0
            for batch, records in enumerate(read_batches(surveyed, source, plan.recipe.limits)):
                key = make_part_key(known.key, batch)
                planned.append(PlannedPart(key, number, batch))
                batch_count += 1
                if self._cached.has(key):
                    self._advance(sum(record.size for record in records))
                else:
                    self._made.add(key)
                    yield Task(key, records, failures=self._find_failures(records))
            self._cached.cache.write_count(known.key, batch_count)

    def _renew(self, planned: Sequence[PlannedPart], index: PartIndex) -> PartIndex:
        """Make the cached parts again that do not honour the withdrawals; returns the new index."""
        cache, plan = self._cached.cache, self._plan
        if read_digest(cache) == digest_withdrawals(plan.withdrawals):
            return index
        # Parts that were made just now honour them.
        places = [place for place, part in enumerate(planned) if part.key not in self._made]
        cached = select_parts([index], [planned[place].key for place in places], cache)
        stale = {places[place] for place in find_stale(cached, cache, plan.withdrawals)}
        if not stale:
            return index
        self._run_tasks(self._find_again(planned, stale))
        renewed = select_parts([], [planned[place].key for place in sorted(stale)], cache)
        return select_parts([index, renewed], [part.key for part in planned], cache)

    def _find_again(self, planned: Sequence[PlannedPart], chosen: Collection[int]) -> Iterator[Task]:
        """The batches of some parts; their sources are read again."""
        plan = self._plan
        wanted = {(planned[place].source, planned[place].batch): planned[place].key for place in chosen}
        for source in sorted({source for source, _ in wanted}):
            batches = read_batches(plan.surveys[source], plan.sources[source], plan.recipe.limits)
            for batch, records in enumerate(batches):
                if (source, batch) in wanted:
                    yield Task(wanted[source, batch], records, failures=self._find_failures(records))

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
