"""The commands that make builds: scan, init, build, clean."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from hanpack.chinese import translate
from hanpack.cli.app import (
    AsJson,
    Built,
    MaxTokens,
    Name,
    Processes,
    Records,
    TargetScript,
    Tokenizer,
    Yes,
    choose_from,
    command,
)
from hanpack.cli.terminal import confirm, echo, echo_json, say, say_more, show_progress
from hanpack.wording import format_count, quote_argument

if TYPE_CHECKING:
    from hanpack.building.run import Build
    from hanpack.recipe import Shape
    from hanpack.recipe_steps import Target
    from hanpack.scanning.folder_recipe import FolderRecipe

# The most reasons why files are left out, and the most bad records, that are named.
MOST_LEFT_OUT = 10
# A cause with more different reasons is one line.
MOST_REASONS = 3
# The most records left out as copies that a build names.
MOST_COPIES = 3


@command
def scan(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    list_all: Annotated[bool, typer.Option("--all", help="List every file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Report on raw files: encoding, script, record shape, damage found, tokens. Changes nothing."""
    from hanpack.cli.console import VisibleConsole

    with show_progress("stopped; nothing was changed") as progress:
        from hanpack.scanning.files import scan as scan_paths
        from hanpack.views.scan import dump_scan, show_scan

        scanned = scan_paths(paths, progress=progress)
    if as_json:
        echo_json(dump_scan(scanned))
    else:
        VisibleConsole().print(show_scan(scanned, list_all=list_all))


@command
def init(
    folder: Annotated[
        Path, typer.Argument(help="A folder of raw files, or one such file.", metavar="FOLDER")
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The recipe to write; by default NAME.yaml here.")
    ] = None,
    script: TargetScript = None,
    max_tokens: MaxTokens = None,
    tokenizer: Tokenizer = None,
    records: Records = None,
    name: Name = None,
) -> None:
    """Scan a folder and write a recipe for it, to be read and changed before a build."""
    with show_progress("stopped; nothing was written") as progress:
        from hanpack.scanning.folder_recipe import FolderOptions
        from hanpack.scanning.recipes import write_recipe

        options = FolderOptions(
            script=cast("Target | None", script),
            max_tokens=max_tokens,
            tokenizer=tokenizer,
            records=cast("Shape | None", records),
            name=name,
        )
        recipe = write_recipe(folder, out, options, progress)
    _report_left_out(recipe)
    all_named = f"{recipe.path} names all files that cannot be read, in comments"
    _report_files("cannot be read, and rejected by a build", recipe.rejected, all_named)
    _report_bad_records(recipe)
    for note in recipe.notes:
        say(note, "yellow")
    say(f"{format_count(recipe.scanned or 0, 'file')} scanned; the recipe is {recipe.path}")
    say(f"next: hanpack build {quote_argument(str(recipe.path))}")


def _report_left_out(recipe: FolderRecipe) -> None:
    all_named = f"{recipe.path} names all files that are left out, in comments"
    _report_files("left out", recipe.left_out, all_named)


def _report_files(fate: str, files: Sequence[tuple[str, str]], others: str) -> None:
    """Say what becomes of files: for each reason the first file, and the number of the others.

    ``others`` is said if there are more reasons than are shown.
    """
    groups = _group_by_fault(files)
    for names, fault in groups[:MOST_LEFT_OUT]:
        say(": ".join((fate, names, fault)), "yellow")
    if len(groups) > MOST_LEFT_OUT:
        say(others, "yellow")


def _report_bad_records(recipe: FolderRecipe) -> None:
    """Say which files have records that a build will reject: the first of each file."""
    for name, bad in recipe.bad_records[:MOST_LEFT_OUT]:
        say(f"cannot be used: {name} {bad}", "yellow")
    if len(recipe.bad_records) > MOST_LEFT_OUT:
        hidden = len(recipe.bad_records) - MOST_LEFT_OUT
        say(f"and records of {format_count(hidden, 'other file')}", "yellow")


def _group_by_fault(files: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """For each reason the first file with the number of the others, and the reason."""
    names_by_fault: dict[str, list[str]] = {}
    for name, fault in files:
        names_by_fault.setdefault(fault, []).append(name)
    return [
        (names[0] + (f" and {format_count(len(names) - 1, 'other file')}" if len(names) > 1 else ""), fault)
        for fault, names in names_by_fault.items()
    ]


@command
def build(
    recipe: Annotated[
        Path | None,
        typer.Argument(help="A folder of texts, or a recipe.", metavar="FOLDER|RECIPE"),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("-o", "--out", help="The output folder; by default dist/NAME.", metavar="PATH"),
    ] = None,
    script: TargetScript = None,
    max_tokens: MaxTokens = None,
    tokenizer: Tokenizer = None,
    records: Records = None,
    name: Name = None,
    engine: Annotated[
        str,
        typer.Option(
            callback=choose_from("--engine", "local", "ray"), help="Where the flow runs: local or ray."
        ),
    ] = "local",
    num_proc: Processes = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail if any record is rejected.")] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Replace a build of a recipe of another name, or of sources in another folder.",
        ),
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Use nothing that an earlier build has finished.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build a folder of texts or a recipe: Parquet shards, a dataset card and a manifest.

    A folder is scanned, and its recipe is written to NAME.yaml here; the next build of the folder uses it.
    If no input has changed, nothing is done. A build that was stopped is resumed. If a source changed, only
    its records are processed again. Records that cannot be used are in the ledger with the reason.
    """
    with show_progress("stopped; what is finished is kept: run the same command to go on") as progress:
        # Imported here, so that an interrupt is answered by the message from the first moment on.
        from hanpack.building.recipe_input import resolve_recipe
        from hanpack.building.run import build as run
        from hanpack.building.run import find_output, preview
        from hanpack.scanning.folder_recipe import FolderOptions

        folder_options: dict[str, Any] = {
            "script": script,
            "max_tokens": max_tokens,
            "tokenizer": tokenizer,
            "records": records,
            "name": name,
        }
        if dry_run:
            say(preview(recipe, out, progress, **folder_options))
            return
        resolved = resolve_recipe(recipe, FolderOptions(**folder_options), progress)
        _report_changed_recipe(resolved.folder_recipe, find_output(resolved, out))
        # What is loaded stays: no search for cycles, here or in a worker process, needs to look at it again.
        gc.freeze()
        finished = run(
            resolved,
            out,
            engine="ray" if engine == "ray" else "local",
            num_proc=num_proc,
            strict=strict,
            overwrite=overwrite,
            fresh=fresh,
            progress=progress,
        )
    if as_json:
        echo_json(_describe_build(finished))
        return
    if finished.folder_recipe:
        _report_left_out(finished.folder_recipe)
        path = finished.folder_recipe.path
        say(f"the recipe of this build is {path}; to change the build, edit it and run the same command")
    if finished.unchanged:
        say(f"{finished.url or finished.path} is up to date: same inputs, nothing to do")
    else:
        _report_build(finished)
        _report_card(finished, recipe)
    for note in finished.notes:
        # What was left out is reported with its reasons.
        if note not in finished.left_out_notes:
            say(note, "yellow")
    if finished.folder_recipe and finished.folder_recipe.scanned is not None:
        say(f"next: hanpack inspect {quote_argument(str(finished.path))}")
    for stage, seconds in finished.seconds.items():
        say_more(f"{stage}: {seconds:.2f} s")


def _report_changed_recipe(recipe: FolderRecipe | None, folder: Path) -> None:
    """Say, before a build, what changes in an earlier recipe, and which build it replaces."""
    from hanpack.store.manifest import MANIFEST

    if recipe is None or not recipe.all_changes:
        return
    path, changes = recipe.path, ", ".join(recipe.all_changes)
    if recipe.changes and (folder / MANIFEST).is_file():
        say(
            f"{path}: {changes}; this replaces the build {folder}; give --name NAME for a second build",
            "yellow",
        )
    else:
        say(recipe.change_notes[0], "yellow")


def _report_build(finished: Build) -> None:
    """Print the figures of a build, what was rejected, and what to do next."""
    counts = finished.counts
    states = ", ".join(f"{number:,} {state}" for state, number in counts["states"].items())
    place = quote_argument(str(finished.path))
    totals = ", ".join(format_count(counts[f"{noun}s"], noun) for noun in ("document", "chunk", "token"))
    say(
        f"{finished.url or place}: {format_count(counts['records'], 'record')} ({states}), {totals} "
        f"in {sum(finished.seconds.values()):.1f} s"
    )
    if len(counts["splits"]) > 1:
        splits = ", ".join(
            f"{name} {number:,} ({100 * number / max(counts['documents'], 1):.1f} %)"
            for name, number in counts["splits"].items()
        )
        shares = [share for share in finished.manifest.recipe["splits"].values() if isinstance(share, float)]
        drawn = ""
        if shares and counts["documents"]:
            # Two standard deviations of the share that is drawn.
            spread = max(200 * (share * (1 - share) / counts["documents"]) ** 0.5 for share in shares)
            drawn = f"; a share is drawn by hash: of so few documents it may be {spread:.1f} points off"
        say(f"documents by split: {splits}{drawn}")
    if not counts["documents"]:
        if counts["states"].keys() == {"empty"}:
            say(f"{place} has no document: no record had any text", "yellow")
        else:
            say(f"{place} has no document: no record was kept", "yellow")
    if counts["states"].get("duplicate"):
        _report_copies(finished)
    if counts["states"].get("rejected"):
        _report_rejected(finished.path)


def _report_card(finished: Build, recipe: Path | None) -> None:
    """Say which keys of the recipe the card still lacks."""
    from hanpack.building.card_notes import note_missing_keys

    path = finished.folder_recipe.path if finished.folder_recipe else recipe
    if note := note_missing_keys(finished.manifest.recipe["card"], path):
        say(note)


def _report_copies(finished: Build) -> None:
    """Name the least similar copies that were left out, and say how to see all and how to keep them."""
    from hanpack.store.reader import BuildReader
    from hanpack.store.work_folder import WorkFolder
    from hanpack.views.copies import count_copies_elsewhere, read_least_similar
    from hanpack.views.unkept_texts import describe_difference, read_unkept_texts

    reader = BuildReader.open(finished.path)
    pairs = read_least_similar(reader, MOST_COPIES)
    different = [pair for pair in pairs if pair.copy.similarity < 1]
    places = {(record.source, record.record) for pair in different for record in (pair.copy, pair.kept)}
    texts = read_unkept_texts(WorkFolder(finished.path), places) if places else {}
    for pair in pairs:
        copy, kept = pair.copy, pair.kept
        title = f" ({pair.title})" if pair.title else ""
        say(
            f"left out as a copy: {copy.source} record {copy.record}, "
            f"similarity {copy.similarity:.3f} to {kept.source} record {kept.record}{title}"
        )
        both = [texts[place] for record in (copy, kept) if (place := (record.source, record.record)) in texts]
        if len(both) == len((copy, kept)) and (difference := describe_difference(*both)):
            say(difference)
    elsewhere = count_copies_elsewhere(reader)
    others = finished.counts["states"]["duplicate"] - len(pairs) - elsewhere
    if others > 0:
        say(f"and {others:,} more, which are at least as similar")
    if elsewhere:
        records = format_count(elsewhere, "record")
        say(f"left out as copies of documents of other builds: {records}, whose reason names the document")
    original = "reason" if elsewhere else "duplicate_of"
    query = f"from ledger select source, record, similarity, {original} where state = 'duplicate'"
    say(f'to see all copies: hanpack inspect {quote_argument(str(finished.path))} --sql "{query}"')
    if not different:
        return
    if finished.manifest.recipe["duplicates"]["drop"] != "near":
        say("copies that are not equal were left out only where the document is in another split")
    else:
        say("to keep those that are not equal, set duplicates.drop to exact in the recipe")


def _report_rejected(path: Path) -> None:
    """Say why records were rejected: for each reason the first of them, and the number of the others."""
    from hanpack.sources.formats import find_line
    from hanpack.store.reader import BuildReader
    from hanpack.views.records_not_kept import group_records_not_kept

    reader = BuildReader.open(path)
    whole = {source.path for source in reader.manifest.sources if source.fault}
    groups = [group for group in group_records_not_kept(reader, MOST_REASONS) if group.state == "rejected"]
    for group in groups[:MOST_LEFT_OUT]:
        is_file = group.source in whole
        noun = "other file" if is_file else "other record"
        others = f" and {format_count(group.records - 1, noun)}" if group.records > 1 else ""
        first = group.source if is_file else f"{group.source} record {group.record}"
        if group.url:
            first += f", {group.url}" + ("," if others else "")
        if group.has_other_reasons:
            others += ", whose reasons differ"
        line = None if is_file else find_line(group.source, group.record)
        reason = f"line {line}: {group.reason}" if line else group.reason
        say(f"rejected: {first}{others}: {reason}", "yellow")
    place_column = "url" if any(group.url for group in groups) else "byte_start"
    query = f"from ledger select source, record, {place_column}, cause, reason where state = 'rejected'"
    place = quote_argument(str(path))
    say(f'to see all that was rejected: hanpack inspect {place} --sql "{query}"', "yellow")


def _describe_build(finished: Build) -> dict[str, object]:
    """A build for programs."""
    recipe = finished.folder_recipe
    return {
        "path": str(finished.path),
        "url": finished.url,
        "unchanged": finished.unchanged,
        "recipe": str(recipe.path) if recipe else None,
        "left_out": dict(recipe.left_out) if recipe else {},
        "unreadable": dict(recipe.rejected) if recipe else {},
        "counts": finished.counts,
        "seconds": finished.seconds,
        "notes": finished.notes,
        "files": [file.path for file in finished.manifest.files],
    }


@command
def clean(
    out: Built,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be deleted.")] = False,
    yes: Yes = False,
) -> None:
    """List and empty the work folder of a build: finished parts, the replaced build. The build stays.

    On a terminal it asks before it deletes. The next build of the recipe then reads all sources again.
    """
    from hanpack.building.publication import clean_work_folder

    listed = clean_work_folder(out, dry_run=True)
    for name, files, size in listed:
        count, bytes_ = translate(format_count(files, "file")), translate(format_count(size, "byte"))
        echo(f"{bytes_:>21}  {count:>14}  {name}")
    if not listed:
        say(f"the work folder of {out} is empty: there is nothing to delete")
        return
    total = format_count(sum(size for _, _, size in listed), "byte")
    if dry_run:
        say(f"nothing was deleted: this was a dry run; it would delete {total}")
        return
    if not yes and not confirm("Delete all of this? The next build reads all sources again."):
        say("nothing was deleted")
        raise typer.Exit(1)
    clean_work_folder(out, dry_run=False)
    say(f"{total} deleted; the build in {out} is as it was")
