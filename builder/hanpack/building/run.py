"""The main job: a recipe to a build. Survey the sources, run the flow, assemble the shards, publish."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from hanpack.building.assembly import assemble
from hanpack.building.decisions import decide
from hanpack.building.output import Output, hold_output
from hanpack.building.plan import Plan, make_plan
from hanpack.building.sources import Progress, ignore_progress
from hanpack.engines.local import run_here, run_processes
from hanpack.engines.work import Job, Task
from hanpack.errors import BuildError, VerifyError
from hanpack.reasons import Cause
from hanpack.recipe import DEFAULT_RECIPE, Card
from hanpack.secrets import redact_recipe
from hanpack.sources.records import Batch
from hanpack.store.card import write_card
from hanpack.store.croissant import write_croissant
from hanpack.store.manifest import MANIFEST, Manifest, dump_manifest, read_manifest
from hanpack.store.parts import Parts
from hanpack.store.shards import describe_file
from hanpack.store.table_kinds import TableKind, find_schemas

Engine = Literal["local", "ray"]
WORTH_A_PROCESS = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Build:
    """A finished build: where it is, its manifest, the seconds of each stage, and whether it was there.

    ``notes`` tell what the author of the recipe should know.
    """

    path: Path
    manifest: Manifest
    seconds: Mapping[str, float]
    unchanged: bool = False
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[str, Any]:
        """The figures of the build: records, documents, chunks, tokens, bytes kept and removed."""
        return self.manifest.totals

    @property
    def files(self) -> list[Path]:
        """The files of the build."""
        return [self.path / file.path for file in self.manifest.files]


def build(
    recipe: str | Path = DEFAULT_RECIPE,
    out: str | Path | None = None,
    *,
    engine: Engine = "local",
    num_proc: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Build:
    """Build a recipe into a folder of Parquet shards, a card and a manifest.

    A build whose inputs are what they were is not done again; one that was stopped goes on where it
    stopped. ``out`` is ``dist/NAME`` where it is not given, ``num_proc`` as many as there are processors
    and work for them. With ``strict`` a record that is rejected fails the build.

    Raises:
        RecipeError: the recipe is wrong, or names files that are not there.
        BuildError: the output folder cannot be used, or ``strict`` and a record was rejected.
    """
    told = progress or ignore_progress
    plan = make_plan(Path(recipe), told)
    folder = Path(out) if out is not None else Path("dist") / plan.recipe.name
    return build_plan(plan, folder, engine=engine, num_proc=num_proc, strict=strict, progress=told)


def build_plan(
    plan: Plan,
    folder: Path,
    *,
    engine: Engine = "local",
    num_proc: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Build:
    """Carry out a plan; see :func:`build`."""
    told = progress or ignore_progress
    clock = _Clock()
    with hold_output(folder) as output:
        if finished := _find_finished(folder, plan.fingerprint):
            output.note_root(plan.root)
            _refuse_rejected(folder, finished.totals, strict)
            return Build(folder, finished, clock.seconds, unchanged=True)
        parts = Parts(output.parts(plan.fingerprint))
        count = _run(plan, parts, engine, num_proc, told)
        clock.mark("flow")
        manifest = _finish(plan, parts, count, output, strict, told)
        clock.mark("shards")
    return Build(folder, manifest, clock.seconds, notes=(*plan.notes, *_note_empty(manifest)))


def _note_empty(manifest: Manifest) -> Iterator[str]:
    for split, documents in manifest.totals["splits"].items():
        if not documents:
            yield f"no document is in the split {split}: load_dataset then needs streaming=True"


def _find_finished(folder: Path, fingerprint: str) -> Manifest | None:
    """The manifest of a build that is whole and was made of the same inputs."""
    try:
        manifest = read_manifest(folder)
    except VerifyError:
        return None
    if manifest.fingerprint != fingerprint:
        return None
    for file in manifest.files:
        path = folder / file.path
        if not path.exists() or describe_file(path, folder, file.rows) != file:
            return None
    return manifest


def _run(plan: Plan, parts: Parts, engine: Engine, num_proc: int | None, progress: Progress) -> int:
    """Make the parts that are not there, then revise them by what all decide; returns their number."""
    count = 0
    done = 0

    def advance(batch: Batch) -> None:
        nonlocal done
        done += sum(record.byte_end - record.byte_start for record in batch)
        progress("flow", done, max(plan.size, done))

    def undone() -> Iterator[Task]:
        nonlocal count
        for index, batch in plan.batches():
            count = index + 1
            if parts.has(index):
                advance(batch)
            else:
                yield Task(index, batch)

    _run_tasks(undone(), plan, parts, engine, num_proc, advance)
    decisions = decide(parts, count, plan.recipe, lambda at, of: progress("copies", at, of))
    parts.forget_revisions()
    revised = (Task(index, batch, decisions[index]) for index, batch in plan.batches() if index in decisions)
    if decisions:
        _run_tasks(revised, plan, parts, engine, num_proc, lambda _: None)
    return count


def _run_tasks(
    tasks: Iterator[Task],
    plan: Plan,
    parts: Parts,
    engine: Engine,
    num_proc: int | None,
    advance: Callable[[Batch], None],
) -> None:
    job = Job(plan.recipe, plan.root, parts.folder.resolve(), plan.evaluation)
    processes = num_proc or max(1, min(os.cpu_count() or 1, plan.size // WORTH_A_PROCESS))
    if engine == "ray":
        from hanpack.engines.cluster import run_cluster

        run_cluster(tasks, job, advance, processes)
    elif processes == 1:
        run_here(tasks, job, advance)
    else:
        run_processes(tasks, job, advance, processes)


def _finish(
    plan: Plan, parts: Parts, count: int, output: Output, strict: bool, progress: Progress
) -> Manifest:
    folder = output.start_next()
    written = 0

    def advance(rows: int) -> None:
        nonlocal written
        written += rows
        progress("shards", written, written)

    splits = plan.recipe.splits.names
    shards, totals = assemble(parts, count, find_schemas(plan.recipe), splits, folder, advance)
    _refuse_rejected(output.folder, totals, strict, lambda: _first_rejected(parts, count))
    recipe = redact_recipe(plan.recipe.model_dump(mode="json"), plan.root)
    manifest = Manifest(
        name=plan.recipe.name,
        fingerprint=plan.fingerprint,
        recipe=recipe,
        versions=plan.versions,
        tokenizer={"name": recipe["tokenizer"], "sha256": plan.versions["tokenizer"]},
        sources=plan.sources,
        evaluation=plan.evaluation_sources,
        files=shards,
        totals=totals,
    )
    card = write_card(folder, manifest, Card.model_validate(recipe["card"]))
    croissant = write_croissant(folder, replace(manifest, files=[card, *shards]))
    manifest = replace(manifest, files=[card, croissant, *shards])
    (folder / MANIFEST).write_text(dump_manifest(manifest), encoding="utf-8")
    output.publish([file.path for file in manifest.files], plan.root)
    return manifest


def _refuse_rejected(
    folder: Path, totals: Mapping[str, Any], strict: bool, first: Callable[[], str] = lambda: "see the ledger"
) -> None:
    # What the recipe itself keeps out is no bad input.
    rejected = totals["states"].get("rejected", 0) - totals["decontaminated"]
    if strict and rejected:
        raise BuildError(f"{rejected} records were rejected", str(folder), first())


def _first_rejected(parts: Parts, count: int) -> str:
    for index in range(count):
        for row in parts.read(TableKind.LEDGER.value, index).to_pylist():
            if row["state"] == "rejected" and row["cause"] != Cause.EVALUATION_TEXT.code:
                place = f"{row['source']} record {row['record']} at byte {row['byte_start']}"
                return f"the first is {place}: {row['reason']}"
    return ""


class _Clock:
    """Seconds of wall-clock time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now
