"""The two passes over the records: the first makes a part of each batch, the second revises some parts.

``make_parts`` is the door: ``build`` and ``verify`` both go through it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from hanpack.building.content_sizes import estimate_expansion, is_compressed
from hanpack.building.decisions import Decisions, decide
from hanpack.building.part_keys import (
    find_group_key,
    make_file_key,
    make_flow_key,
    make_group_keys,
    make_revision_key,
)
from hanpack.building.plan import Plan
from hanpack.building.withdrawn_parts import (
    SearchedParts,
    are_honoured,
    find_stale,
    mark_unfinished,
    tag_contents,
)
from hanpack.engines.heap import return_freed_memory
from hanpack.engines.local import run_local
from hanpack.engines.work import Job, Task
from hanpack.model import Source
from hanpack.reasons import Reason
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.sources.groups import group_sources
from hanpack.sources.records import Batch, join_batches, read_batches
from hanpack.sources.survey import Progress
from hanpack.steps.tokens.counters import forget_counters
from hanpack.store.part_index import PartIndex, Parts, load_index, select_parts
from hanpack.store.parts import PartCache, find_file_key
from hanpack.store.shared_parts import open_cache

Engine = Literal["local", "ray"]
# The least bytes of sources per worker process; a further process for less does not pay.
PROCESS_BYTES = 8 * 2**20
# From so many bytes of sources on, tools are let go of between the passes. To make them again takes 0.2 s,
# which is what 0.5 to 1 MB take in the first pass: ``benchmarks/scale.py --megabytes 250 --commands build``.
FORGOTTEN_FROM = 2**26


@dataclass(frozen=True, slots=True)
class CachedGroup:
    """A group of sources, as a range of them, and its key.

    ``files`` has the number of parts of each of its files if all of them exist, else it is None.
    """

    sources: range
    key: str
    files: Sequence[int] | None


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of a build: its key, the numbers of its group and of the file in the group, and of its parts."""

    key: str
    group: int
    number: int
    parts: range


class CachedParts:
    """The parts that earlier builds have made: their keys, and the index of those of the last build."""

    def __init__(self, cache: PartCache) -> None:
        self.cache = cache
        self.index = load_index(cache.index)
        sizes, self.total_bytes = cache.list_sizes()
        files = {file_key: len(parts) for file_key, parts in self.index.keys.parts_by_file()}
        firsts = (int(self.index.file_sizes[parts.start]) for _, parts in self.index.keys.parts_by_file())
        self._complete = {key for key, size in zip(files, firsts, strict=True) if size == sizes.get(key)}
        # The last build has all files of each of its groups of sources.
        self._files: dict[str, list[int]] = {}
        for key, count in files.items():
            self._files.setdefault(find_group_key(key), []).append(count)

    def has(self, file_key: str) -> bool:
        """Whether a file exists and is complete."""
        return file_key in self._complete or self.cache.has(file_key)

    def find_groups(self, plan: Plan) -> list[CachedGroup]:
        """What exists of each group of the sources of a plan, in their order."""
        flow_key = make_flow_key(plan.recipe, plan.versions, plan.evaluation_sources)
        groups = group_sources(plan.sources)
        keys = make_group_keys(flow_key, plan.sources, groups, plan.recipe)
        return list(map(self._find_group, groups, keys))

    def _find_group(self, sources: range, key: str) -> CachedGroup:
        files = self._files.get(key) or self.cache.read_counts(key)
        is_complete = bool(files) and all(
            self.has(make_file_key(key, number)) for number in range(len(files))
        )
        return CachedGroup(sources, key, files if is_complete else None)


def choose_processes(size: int) -> int:
    """How many processes pay for so many bytes of sources on this machine."""
    return max(1, min(os.cpu_count() or 1, size // PROCESS_BYTES))


def select_reusable(parts: Parts) -> PartIndex:
    """The index of the parts that the next build may use: with all parts of each group, or with none."""
    irreproducible = {
        find_file_key(index.keys[part])
        for index in (parts.unrevised, parts.current)
        for part in index.find_irreproducible()
    }
    groups = set(filter(None, map(find_group_key, irreproducible)))
    files = [key for key in parts.files if key not in irreproducible and find_group_key(key) not in groups]
    return select_parts([parts.unrevised, parts.current], files, parts.cache)


def find_unfinished(plan: Plan, groups: Sequence[CachedGroup]) -> Iterator[Source]:
    """The sources of a plan with parts that must be made; ``groups`` is what exists of them."""
    return (plan.sources[index] for group in groups if group.files is None for index in group.sources)


def make_parts(
    plan: Plan,
    folder: Path,
    *,
    engine: Engine,
    num_proc: int | None,
    progress: Progress,
    failures: Mapping[tuple[str, int], Reason] = MappingProxyType({}),
    work_url: str = "",
    searched: SearchedParts | None = None,
) -> Parts:
    """Make the parts of a plan that are not in the cache of the work folder ``folder``; returns all.

    ``failures`` are records that are rejected without being processed, by source and index: those that an
    earlier build rejected for a cause that is not in their bytes. ``work_url`` is the work folder on object
    storage, if the output is there. ``searched`` are parts that were searched for new withdrawals before.
    """
    cached = CachedParts(open_cache(folder, work_url))
    groups = cached.find_groups(plan)
    size = sum(source.size for source in find_unfinished(plan, groups))
    passes = _Passes(
        plan,
        Job(
            recipe=plan.recipe,
            root=plan.root,
            folder=folder,
            evaluation=plan.evaluation,
            withdrawals=plan.withdrawals,
            size=size,
            work_url=work_url,
        ),
        cached,
        groups,
        engine=engine,
        num_proc=num_proc,
        progress=progress,
        failures=failures,
        searched=searched,
    )
    return passes.run()


class _Passes:
    """The passes of one plan; the arguments are those of :func:`make_parts`."""

    def __init__(
        self,
        plan: Plan,
        job: Job,
        cached: CachedParts,
        groups: Sequence[CachedGroup],
        *,
        engine: Engine,
        num_proc: int | None,
        progress: Progress,
        failures: Mapping[tuple[str, int], Reason],
        searched: SearchedParts | None,
    ) -> None:
        self._plan = plan
        self._job = job
        self._cached = cached
        self._groups = groups
        self._engine = engine
        unfinished = [row for group in groups if group.files is None for row in group.sources]
        compressed = [row for row in unfinished if is_compressed(plan.sources[row].path)]
        self._expansion = estimate_expansion(plan, compressed)
        # In bytes of content: an estimate, which the sources that were read correct.
        self._size = plan.size + sum(map(self._estimate, compressed)) - self._count_bytes(compressed)
        self._processes = num_proc or choose_processes(plan.size)
        self._progress = progress
        self._failures = failures
        # Read now: the hash of the withdrawals that the cache honours is replaced while they change.
        self._clean = searched.find_clean(cached.cache, plan.withdrawals) if searched else frozenset[str]()
        self._done = 0
        self._made: set[str] = set()

    def run(self) -> Parts:
        """Make all parts, decide on all documents, revise; returns the parts in the order of the batches."""
        cache = self._cached.cache
        changes_withdrawals = not are_honoured(cache, self._plan.withdrawals)
        if changes_withdrawals:
            mark_unfinished(cache)
        planned: list[PlannedFile] = []
        self._run_tasks(self._find_tasks(planned))
        self._forget_tools()
        index = select_parts([self._cached.index], (file.key for file in planned), cache)
        if changes_withdrawals:
            index = self._renew(planned, index)
        parts = Parts(cache, index, index, earlier_bytes=self._cached.total_bytes)
        decisions = self._decide(parts)
        contents = tag_contents(index)
        revisions = {
            number: make_revision_key(
                file.key, of_file, "".join(contents.get(part, "") for part in file.parts)
            )
            for number, file in enumerate(planned)
            if (of_file := decisions.read(file.parts))
        }
        if not revisions:
            return parts
        self._run_tasks(self._find_revisions(planned, decisions, revisions))
        current = (revisions.get(number, file.key) for number, file in enumerate(planned))
        return replace(parts, current=select_parts([self._cached.index, index], current, cache))

    def _forget_tools(self) -> None:
        """Let go of what processes records: to compare many documents takes memory too."""
        if self._plan.size < FORGOTTEN_FROM:
            return
        # The tools are kept in the job.
        self._job = replace(self._job)
        forget_counters()
        load_ngram_model.cache_clear()
        return_freed_memory()

    def _decide(self, parts: Parts) -> Decisions:
        if self._engine == "ray" and len(parts):
            from hanpack.building.cluster_tasks import WorkPlace, decide_on_cluster

            place = WorkPlace(self._job.folder, self._job.work_url)
            return decide_on_cluster(place, parts, self._plan.recipe, self._plan.against)
        return decide(
            parts,
            self._plan.recipe,
            lambda done, total: self._progress("compare", done, total),
            self._plan.against,
        )

    def _find_tasks(self, planned: list[PlannedFile]) -> Iterator[Task]:
        """The batches whose parts are not in the cache; ``planned`` is filled with the files of all parts.

        A group of sources whose parts are all in the cache is not read.
        """
        for number, group in enumerate(self._groups):
            if group.files is not None:
                for file, count in enumerate(group.files):
                    _plan_file(planned, make_file_key(group.key, file), number, file, count)
                self._advance(self._count_bytes(group.sources))
                continue
            counts: list[int] = []
            content = 0
            for file, batches in enumerate(self._read_group(group)):
                key = make_file_key(group.key, file)
                _plan_file(planned, key, number, file, len(batches))
                counts.append(len(batches))
                size = sum(record.size for batch in batches for record in batch)
                content += size
                if self._cached.has(key):
                    self._advance(size)
                else:
                    self._made.add(key)
                    yield self._make_task(key, batches)
            self._size += content - sum(map(self._estimate, group.sources))
            self._cached.cache.write_counts(group.key, counts)

    def _count_bytes(self, rows: Iterable[int]) -> int:
        return sum(self._plan.sources[row].size for row in rows)

    def _estimate(self, row: int) -> int:
        """About how many bytes of content a source has."""
        source = self._plan.sources[row]
        return round(source.size * self._expansion) if is_compressed(source.path) else source.size

    def _read_group(self, group: CachedGroup) -> Iterator[tuple[Batch, ...]]:
        """The batches of a group of sources, joined as they are processed together."""
        plan = self._plan
        return join_batches(
            batch
            for index in group.sources
            for batch in read_batches(plan.surveys[index], plan.sources[index], plan.recipe.limits)
        )

    def _make_task(self, key: str, batches: Sequence[Batch]) -> Task:
        records = tuple(chain.from_iterable(batches))
        return Task(
            key, records, failures=self._find_failures(records), part_records=tuple(map(len, batches))
        )

    def _renew(self, planned: Sequence[PlannedFile], index: PartIndex) -> PartIndex:
        """Make the cached parts again that do not honour the withdrawals; returns the new index."""
        cache, plan = self._cached.cache, self._plan
        # Parts that were made just now honour them.
        earlier = [file for file in planned if file.key not in self._made]
        cached = select_parts([index], (file.key for file in earlier), cache)
        stale_parts = find_stale(cached, cache, plan.withdrawals, self._clean)
        stale = {find_file_key(cached.keys[part]) for part in stale_parts}
        if not stale:
            return index
        # The index of the last build says what is in these parts until now.
        cache.index.unlink(missing_ok=True)
        files = [file for file in earlier if file.key in stale]
        self._run_tasks(self._find_again(files))
        renewed = select_parts([], (file.key for file in files), cache)
        return select_parts([index, renewed], (file.key for file in planned), cache)

    def _find_again(self, files: Iterable[PlannedFile]) -> Iterator[Task]:
        """The batches of some files; their sources are read again."""
        for file, batches in self._read_again(files):
            yield self._make_task(file.key, batches)

    def _read_again(self, files: Iterable[PlannedFile]) -> Iterator[tuple[PlannedFile, tuple[Batch, ...]]]:
        """The batches of some files, which are in their order; a group of sources is read once."""
        for group, of_group in groupby(files, key=attrgetter("group")):
            by_number = {file.number: file for file in of_group}
            for number, batches in enumerate(self._read_group(self._groups[group])):
                if number in by_number:
                    yield by_number[number], batches

    def _find_failures(self, records: Batch) -> dict[int, Reason]:
        """The records of a batch that are rejected without being processed, by row."""
        if not self._failures:
            return {}
        keys = ((record.source.path, record.index) for record in records)
        return {row: self._failures[key] for row, key in enumerate(keys) if key in self._failures}

    def _find_revisions(
        self,
        planned: Sequence[PlannedFile],
        decisions: Decisions,
        revisions: Mapping[int, str],
    ) -> Iterator[Task]:
        """The files to revise whose revised versions are not in the cache; their sources are read again."""
        missing = {
            planned[number]: number for number in sorted(revisions) if not self._cached.has(revisions[number])
        }
        for file, batches in self._read_again(missing):
            number = missing[file]
            yield replace(
                self._make_task(revisions[number], batches),
                decisions=decisions.read(file.parts),
                failures={},
                revised_from=file.key,
            )

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


def _plan_file(planned: list[PlannedFile], key: str, group: int, number: int, count: int) -> None:
    """Add the file number ``number`` of a group, which has ``count`` parts."""
    first = planned[-1].parts.stop if planned else 0
    planned.append(PlannedFile(key, group, number, range(first, first + count)))
