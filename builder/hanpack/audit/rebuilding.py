"""The replay: makes the shards of a build again, from its sources and recipe, and compares them.

The code that builds writes them, into a temporary folder. Nothing of an earlier build is used: no part, no
shard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hanpack.audit.comparison import compare_rows
from hanpack.audit.failures import Failures, find_new_failure
from hanpack.audit.findings import Deviations
from hanpack.audit.statements import WRITERS, explain_versions
from hanpack.building.assembly import Assembly, assemble
from hanpack.building.passes import choose_processes, make_parts
from hanpack.building.plan import Plan
from hanpack.building.written_shards import WrittenShards
from hanpack.engines.heap import LONG_RECORD, return_freed_arrays, return_freed_memory
from hanpack.engines.local import call_apart
from hanpack.sources.survey import Progress
from hanpack.steps.tokens.counters import forget_counters
from hanpack.store.manifest import Manifest
from hanpack.store.reader import BuildReader
from hanpack.store.shards import ShardFile


@contextmanager
def rebuild(
    plan: Plan, manifest: Manifest, failures: Failures, progress: Progress, num_proc: int | None = None
) -> Iterator[BuildReader]:
    """Carry out a plan again; yields a reader of its shards, which exist until the end of the context.

    ``failures`` are records that are rejected without being processed.
    """
    with TemporaryDirectory(prefix="hanpack-verify-") as temporary:
        work, out = Path(temporary, "work").resolve(), Path(temporary, "out").resolve()
        work.mkdir()
        processes = num_proc or choose_processes(plan.size)
        parts = make_parts(
            plan,
            work,
            engine="local",
            num_proc=processes,
            progress=progress,
            failures=failures,
        )
        assembly = Assembly.of(parts, plan.recipe)
        write = partial(
            assemble, assembly, out, written=WrittenShards(out), progress=progress, processes=processes
        )
        return_freed_arrays(assembly.largest_part)
        if assembly.largest_part >= LONG_RECORD:
            # What Arrow keeps of the shards of a very long record is several times its size. They need no
            # counters: those that the rows need later are made again.
            forget_counters()
            return_freed_memory()
            shards, totals = call_apart(write)
        else:
            shards, totals = write()
        described = replace(manifest, versions=plan.versions, files=shards, totals=totals)
        yield BuildReader(out, described)


def compare_shards(
    deviations: Deviations, stated: BuildReader, replayed: BuildReader, failures: Failures
) -> bool:
    """Compare the shards of a build with those of its replay: their bytes, and if these differ their rows.

    Returns whether all bytes are equal.
    """
    writers = explain_versions(stated.manifest, replayed.manifest.versions, WRITERS)
    partitions = [(table, partition) for table in replayed.tables for partition in replayed.partitions(table)]
    new_failure = None
    is_equal = True
    with deviations.explained_by(writers) as writing:
        for table, partition in partitions:
            before, after = (reader.shards(table, partition) for reader in (stated, replayed))
            if before == after:
                continue
            is_equal = False
            if new_failure is None and (new_failure := find_new_failure(replayed, failures)):
                deviations.explanations.append(new_failure)
            if _compare_types(deviations, stated, replayed, table) and compare_rows(
                deviations, stated, replayed, table, partition
            ):
                _compare_bytes(writing, before, after)
    return is_equal


def _compare_types(deviations: Deviations, stated: BuildReader, replayed: BuildReader, table: str) -> bool:
    before, after = stated.schema(table), replayed.schema(table)
    for field in after:
        kind = before.field(field.name).type
        what = f"its column {field.name} has the type {kind}, but the replay gives {field.type}"
        deviations.expect(kind == field.type, f"data/{table}", what)
    return bool(before.types == after.types)


def _compare_bytes(writing: Deviations, stated: Sequence[ShardFile], replayed: Sequence[ShardFile]) -> None:
    """Compare the shards of a table and split whose rows are equal."""
    cut = [(file.path, file.rows) for file in stated] == [(file.path, file.rows) for file in replayed]
    if writing.expect(cut, stated[0].path, "its table is cut into other shards than in the replay"):
        for before, after in zip(stated, replayed, strict=True):
            same = before.sha256 == after.sha256
            writing.expect(same, before.path, "its rows are those of the replay, but its bytes are not")
