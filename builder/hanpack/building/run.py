"""Builds a recipe: surveys the sources, runs the flow, assembles the shards, publishes the build."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hanpack.building.build_options import BuildOptions
from hanpack.building.completion import complete
from hanpack.building.engine_stages import connect_engine
from hanpack.building.file_table import save_known_files
from hanpack.building.object_output import find_object_output
from hanpack.building.passes import (
    CachedParts,
    Engine,
    find_unfinished,
    make_parts,
    select_reusable,
)
from hanpack.building.plan import Plan, make_plan
from hanpack.building.publication import SIGN_AGAIN, hold_output, is_signed, require_same_build
from hanpack.building.recipe_input import RecipeInput, RecipeSource, resolve_recipe
from hanpack.building.records_input import find_records_output, is_records, resolve_records
from hanpack.building.rejections import ADVICE, refuse_rejected
from hanpack.building.withdrawn_parts import SearchedParts, are_honoured, is_unfinished, write_digest
from hanpack.engines.heap import LONG_RECORD, return_freed_arrays, return_freed_memory
from hanpack.errors import VerifyError
from hanpack.recipe import Shape
from hanpack.recipe_steps import Target
from hanpack.scanning.folder_recipe import FolderOptions, FolderRecipe
from hanpack.sources.survey import Progress, ignore_progress
from hanpack.steps.tokens.counters import forget_counters
from hanpack.store.manifest import Manifest, peek_identity
from hanpack.store.parts import PartCache
from hanpack.store.versions import CODE
from hanpack.store.work_folder import WorkFolder
from hanpack.wording import format_count

if TYPE_CHECKING:
    from hanpack.building.absence import Absence

# The states of records that are not kept, and what the notes say of one and of several.
_LEFT_OUT = (
    ("rejected", "was rejected", "were rejected"),
    ("duplicate", "was left out as a copy", "were left out as copies"),
)
# So many files that were left out are named.
_NAMED_FILES = 10
# What is counted in the one line that stands for a build.
_NOUNS = ("record", "document", "chunk", "token")


@dataclass(frozen=True, slots=True, repr=False)
class Build:
    """A finished build: its folder, its manifest, the seconds of each stage, and whether it was up to date.

    ``notes`` are warnings for the author of the recipe, and say if records were left out. ``folder_recipe``
    is the recipe that was used for a folder, if a folder was built. ``url`` is where the build is on object
    storage, if that was named. ``absence`` is the search for withdrawn texts before the publication, if other
    texts are withdrawn than in the build before.
    """

    path: Path
    manifest: Manifest
    seconds: Mapping[str, float]
    unchanged: bool = False
    notes: tuple[str, ...] = ()
    folder_recipe: FolderRecipe | None = None
    url: str = ""
    absence: Absence | None = None

    def __fspath__(self) -> str:
        """The path of the build, so that it can be named wherever a path can."""
        return str(self.path)

    def __repr__(self) -> str:
        totals = ", ".join(format_count(self.counts[f"{noun}s"], noun) for noun in _NOUNS)
        return f"<Build {str(self.path)!r}: {totals}{', up to date' if self.unchanged else ''}>"

    def _repr_html_(self) -> str:
        # Only notebooks call it.
        from hanpack.building.notebook import render_build
        from hanpack.store.reader import BuildReader

        return render_build(str(self.path), self.manifest, BuildReader.open(self.path))

    @property
    def counts(self) -> Mapping[str, Any]:
        """The figures of the build: records, documents, chunks, tokens, bytes kept and removed."""
        return self.manifest.totals

    @property
    def left_out_notes(self) -> tuple[str, ...]:
        """Those of the notes that say what was left out: files, records that were rejected, and copies."""
        states, records = self.counts["states"], format_count(self.counts["records"], "record")
        notes = (
            f"{states[state]:,} of {records} {one if states[state] == 1 else several}: {ADVICE}"
            for state, one, several in _LEFT_OUT
            if states.get(state)
        )
        return (*_note_left_out_files(self.folder_recipe), *notes)

    @property
    def files(self) -> list[Path]:
        """The files of the build."""
        return [self.path / file.path for file in self.manifest.files]


def build(
    recipe: RecipeSource | Iterable[Mapping[str, Any]] | None = None,
    out: str | Path | None = None,
    *,
    script: Target | None = None,
    max_tokens: int | None = None,
    tokenizer: str | None = None,
    records: Shape | None = None,
    name: str | None = None,
    engine: Engine = "local",
    num_proc: int | None = None,
    strict: bool = False,
    overwrite: bool = False,
    fresh: bool = False,
    progress: Progress | None = None,
) -> Build:
    """Build a folder of texts or a recipe: Parquet shards, a dataset card and a manifest.

    ``recipe`` is the path of a recipe, a folder of raw files or one such file, a
    :class:`~hanpack.recipe.Recipe`, or a dict of its keys. The recipe of a folder is NAME.yaml in the current
    folder; if that does not exist, the recipe that ``hanpack init`` would write is written there. ``script``,
    ``max_tokens``, ``tokenizer``, ``records`` and ``name`` are for the recipe of a folder.

    It may also be records: a ``datasets.Dataset``, or an iterable of dicts. They are written as JSON Lines to
    the folder ``OUT.records`` beside the output, and are built as that folder would be.

    If no input has changed, nothing is done; a build that was stopped is resumed; if a source changed, only
    its records are processed again. ``out`` is ``dist/NAME`` by default. The other options are those of
    :class:`BuildOptions`.

    Raises:
        RecipeError: the recipe is wrong, or names files that do not exist.
        UsageError: the tokenizer is unknown, or Ray is not installed.
        BuildError: the output folder cannot be used; every record was rejected; with ``strict``, a record was
            rejected; or two workers died on the same batch while they processed no record.
    """
    report = progress or ignore_progress
    target = find_object_output(out)
    options = BuildOptions(engine, num_proc, strict, overwrite, fresh, target)
    out = target.local_folder if target else out
    folder_options = FolderOptions(script, max_tokens, tokenizer, records, name)
    if is_records(recipe):
        folder = find_records_output(out, name)
        resolved = resolve_records(cast(Iterable[Mapping[str, Any]], recipe), folder, folder_options, report)
    else:
        resolved = resolve_recipe(cast(RecipeSource | None, recipe), folder_options, report)
        folder = find_output(resolved, out)
    plan = make_plan(resolved, report, None if fresh else WorkFolder(folder).known_files)
    if resolved.folder_recipe:
        resolved.folder_recipe.write()
    finished = build_plan(plan, folder, options, report)
    # The command line says before it builds what changes.
    changed = () if resolved is recipe or not resolved.folder_recipe else resolved.folder_recipe.change_notes
    finished = replace(finished, folder_recipe=resolved.folder_recipe)
    return replace(finished, notes=(*resolved.notes, *changed, *finished.notes, *finished.left_out_notes))


def _note_left_out_files(recipe: FolderRecipe | None) -> Iterator[str]:
    """What says which files of a folder are not read; of many the first."""
    names = [name for name, _ in recipe.left_out] if recipe else []
    if recipe and names:
        shown = ", ".join(names[:_NAMED_FILES]) + (", …" if len(names) > _NAMED_FILES else "")
        yield f"files left out ({len(names):,}): {shown}; the comments of {recipe.path} say why"


def preview(
    recipe: RecipeSource | None = None,
    out: str | Path | None = None,
    progress: Progress = ignore_progress,
    *,
    script: Target | None = None,
    max_tokens: int | None = None,
    tokenizer: str | None = None,
    records: Shape | None = None,
    name: str | None = None,
) -> str:
    """What :func:`build` would do, in a sentence; nothing is written."""
    folder_options = FolderOptions(script, max_tokens, tokenizer, records, name)
    resolved = resolve_recipe(recipe, folder_options, progress)
    folder = find_output(resolved, out)
    plan = make_plan(resolved, progress, WorkFolder(folder).known_files)
    cache = PartCache(WorkFolder(folder).parts)
    if not is_unfinished(cache) and _find_finished(folder, plan.fingerprint):
        return f"{folder} is up to date: same inputs, nothing to do"
    sizes = [source.size for source in find_unfinished(plan, CachedParts(cache).find_groups(plan))]
    others = "; the others are finished" if len(sizes) < len(plan.sources) else ""
    return (
        f"{folder}: {len(sizes):,} of {format_count(len(plan.sources), 'source')} would be processed, "
        f"{sum(sizes):,} of {plan.size:,} bytes{others}"
    )


def find_output(resolved: RecipeInput, out: str | Path | None) -> Path:
    """The output folder of a recipe: ``out``, or ``dist/NAME``."""
    if target := find_object_output(out):
        return target.local_folder
    return Path(out) if out is not None else Path("dist") / resolved.recipe.name


def build_plan(
    plan: Plan,
    folder: Path,
    options: BuildOptions,
    progress: Progress = ignore_progress,
    searched: SearchedParts | None = None,
) -> Build:
    """Carry out a plan; see :func:`build`. ``searched`` are parts that were searched for new withdrawals."""
    clock = _Clock()
    target = options.target
    work_url = target.work.url if target else ""
    if target:
        target.require_same_build(plan.recipe.name, overwrite=options.overwrite)
    with hold_output(folder, work_url) as output, ExitStack() as engine:
        was_signed = is_signed(folder)
        save_known_files(output.work.known_files, plan.surveys, plan.versions[CODE])
        must_finish = options.fresh or is_unfinished(output.cache)
        finished = None if must_finish else _find_finished(folder, plan.fingerprint)
        if finished is None and not options.overwrite:
            require_same_build(output, plan.recipe.name, plan.root)
        if finished is not None:
            output.work.note_root(plan.root)
            if plan.where:
                output.work.note_recipe(plan.where)
            refuse_rejected(folder, finished.totals, strict=options.strict)
            is_published = target is not None and target.publish(folder, finished, progress)
            return Build(
                folder,
                finished,
                clock.seconds,
                unchanged=not is_published,
                notes=tuple(_describe_withdrawals(folder, finished, plan)),
                url=target.url if target else "",
            )
        if options.fresh:
            output.cache.shrink(0, ())
        changes_withdrawals = not are_honoured(output.cache, plan.withdrawals)
        engine.enter_context(connect_engine(options))
        parts = make_parts(
            plan,
            output.work.path.resolve(),
            engine=options.engine,
            num_proc=options.num_proc,
            progress=progress,
            work_url=work_url,
            searched=searched,
        )
        if plan.size >= LONG_RECORD:
            # Shards need no counters. In a small build they cost less than to make them again in the next.
            forget_counters()
            return_freed_memory()
            return_freed_arrays(plan.size)
        clock.mark("flow")
        manifest, absence = complete(
            plan,
            parts,
            output,
            options,
            progress,
            proves_absence=changes_withdrawals,
            known=searched.find_documents(plan.withdrawals) if searched else frozenset(),
        )
        select_reusable(parts).save(parts.cache.index)
        if changes_withdrawals:
            output.purge(parts.files, manifest.files)
            write_digest(parts.cache, plan.withdrawals)
        parts.shrink_cache(plan.recipe.limits.max_cache_bytes)
        if plan.where:
            output.work.note_recipe(plan.where)
        clock.mark("shards")
        if target:
            target.publish(folder, manifest, progress)
            clock.mark("upload")
    notes = (
        *plan.notes,
        *_describe_withdrawals(folder, manifest, plan),
        *_describe_content(folder, manifest, plan),
        *([SIGN_AGAIN] if was_signed else []),
    )
    url = target.url if target else ""
    return Build(folder, manifest, clock.seconds, notes=notes, url=url, absence=absence)


def _describe_withdrawals(folder: Path, manifest: Manifest, plan: Plan) -> tuple[str, ...]:
    """What the notes say of the withdrawals that a build honours."""
    if not manifest.withdrawals:
        return ()
    # Most builds honour none, and read nothing of what they have written.
    from hanpack.building.honoured_withdrawals import describe_withdrawals
    from hanpack.store.reader import BuildReader

    return describe_withdrawals(BuildReader(folder, manifest), plan.where)


def _describe_content(folder: Path, manifest: Manifest, plan: Plan) -> Iterator[str]:
    """What the notes say of partitions without documents and of pages without text."""
    # Most builds have neither, and read nothing of what they have written.
    if not all(manifest.totals["splits"].values()):
        from hanpack.building.empty_partitions import describe_empty_partitions
        from hanpack.store.reader import BuildReader

        yield from describe_empty_partitions(BuildReader(folder, manifest))
    if plan.may_lack_pages:
        from hanpack.building.textless_pages import describe_textless_pages
        from hanpack.store.reader import BuildReader

        yield from describe_textless_pages(BuildReader(folder, manifest))


def _find_finished(folder: Path, fingerprint: str) -> Manifest | None:
    """The manifest of the build in a folder, if that is complete and has the same inputs; else None."""
    identity = peek_identity(folder)
    if identity is None or identity[1] != fingerprint:
        return None
    from hanpack.store.reader import BuildReader

    try:
        reader = BuildReader.open(folder)
    except VerifyError:
        return None
    manifest = reader.manifest
    if manifest.fingerprint != fingerprint or any(reader.examine(file) != file for file in manifest.files):
        return None
    return manifest


class _Clock:
    """Seconds of wall-clock time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now
