"""The commands that make builds: scan, init, build, clean, push."""

from __future__ import annotations

import gc
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from hanpack.cli.app import Built, MaxTokens, Name, Records, TargetScript, Tokenizer, app, choose_from
from hanpack.cli.terminal import VisibleConsole, echo, say, show_progress
from hanpack.wording import format_count

if TYPE_CHECKING:
    from hanpack.recipe import Shape, Target
    from hanpack.scanning.folder_recipe import FolderRecipe

# The most files that are named as left out.
MOST_LEFT_OUT = 10


@app.command()
def scan(paths: Annotated[list[Path], typer.Argument(help="Files or folders.")]) -> None:
    """Report per file: encoding, script, record shape, damage found, tokens. Changes nothing."""
    from rich.table import Table

    from hanpack.scanning.files import scan as scan_paths
    from hanpack.views.visible_text import show_line

    table = Table()
    for heading in ("file", "bytes", "encoding", "script", "records", "damage", "tokens"):
        side: Literal["right", "left"] = "right" if heading in ("bytes", "tokens") else "left"
        table.add_column(heading, justify=side, overflow="fold")
    for file in scan_paths(paths):
        damage = ", ".join(f"{step} {count:,}" for step, count in file.damage.items())
        cells = (file.name, f"{file.size:,}", file.encoding, file.script, file.shape)
        table.add_row(*map(show_line, (*cells, file.fault or damage, f"{file.tokens:,}")))
    VisibleConsole().print(table)


@app.command()
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
    say(f"{format_count(recipe.scanned or 0, 'file')} scanned; the recipe is {recipe.path}")
    say(f"next: hanpack build {shlex.quote(str(recipe.path))}")


def _report_left_out(recipe: FolderRecipe) -> None:
    """Name the files that a scan has left out, the first of many."""
    for name, fault in recipe.left_out[:MOST_LEFT_OUT]:
        say(f"left out: {name}: {fault}", "yellow")
    hidden = len(recipe.left_out) - MOST_LEFT_OUT
    if hidden > 0:
        say(f"and {format_count(hidden, 'file')} more; {recipe.path} has them in comments", "yellow")


@app.command()
def build(
    recipe: Annotated[
        Path | None,
        typer.Argument(help="A folder of texts, or a recipe.", metavar="[FOLDER or RECIPE]"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The output folder; by default dist/NAME.")
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
    num_proc: Annotated[
        int | None,
        typer.Option(
            "--num-proc",
            min=1,
            help="Worker processes; by default one for each processor, fewer for small inputs.",
        ),
    ] = None,
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
) -> None:
    """Build a folder of texts or a recipe: Parquet shards, a dataset card and a manifest.

    A folder is scanned, and its recipe is written to NAME.yaml here; the next build of the folder uses it.
    If no input has changed, nothing is done. A build that was stopped is resumed. If a source changed, only
    its records are processed again. Records that cannot be used are in the ledger with the reason.
    """
    with show_progress("stopped; what is finished is kept: run the same command to go on") as progress:
        # Imported here, so that an interrupt is answered by the message from the first moment on.
        from hanpack.building.run import build as run
        from hanpack.building.run import preview
        from hanpack.store.without_pandas import keep_pandas_out

        keep_pandas_out()
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
        finished = run(
            recipe,
            out,
            **folder_options,
            engine="ray" if engine == "ray" else "local",
            num_proc=num_proc,
            strict=strict,
            overwrite=overwrite,
            fresh=fresh,
            progress=progress,
        )
    # The program ends soon: a last search of all objects for cycles would only take time, 0.2 s.
    gc.freeze()
    if finished.folder_recipe:
        _report_left_out(finished.folder_recipe)
        say(f"the recipe of this build is {finished.folder_recipe.path}: change it and build again")
    if finished.unchanged:
        say(f"{finished.path} is up to date: same inputs, nothing to do")
        return
    counts = finished.counts
    states = ", ".join(f"{number:,} {state}" for state, number in counts["states"].items())
    place = shlex.quote(str(finished.path))
    totals = ", ".join(format_count(counts[f"{noun}s"], noun) for noun in ("document", "chunk", "token"))
    say(
        f"{place}: {format_count(counts['records'], 'record')} ({states}), {totals} "
        f"in {sum(finished.seconds.values()):.1f} s"
    )
    for note in finished.notes:
        say(note, "yellow")
    if counts["states"].get("rejected"):
        query = "from ledger select source, record, byte_start, reason where state = 'rejected'"
        say(f'to see what was rejected: hanpack inspect {place} --sql "{query}"', "yellow")
    if finished.folder_recipe and finished.folder_recipe.scanned is not None:
        say(f"next: hanpack inspect {place}")


@app.command()
def clean(
    out: Built,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be deleted.")] = False,
) -> None:
    """List and empty the work folder of a build: finished parts, the replaced build. The build stays."""
    from hanpack.building.publication import clean_work_folder

    for name, files, size in clean_work_folder(out, dry_run=dry_run):
        echo(f"{size:>15,} bytes  {files:>8,} files  {name}")


@app.command()
def push(
    out: Built,
    repo_id: Annotated[str, typer.Argument(help="OWNER/NAME of a dataset on the Hub.", metavar="REPO_ID")],
    private: Annotated[bool, typer.Option(help="Make a new repository private.")] = False,
    revision: Annotated[str, typer.Option(help="The branch.")] = "main",
    message: Annotated[str | None, typer.Option("-m", "--message", help="The commit message.")] = None,
) -> None:
    """Verify a build and push it to the Hub as one atomic change; old shards there are deleted."""
    from hanpack.audit.verification import require_valid
    from hanpack.hub import push as push_build
    from hanpack.store.reader import BuildReader

    BuildReader.open(out)
    pushed = push_build(
        out, repo_id, private=private, revision=revision, message=message, verify=require_valid
    )
    if pushed.unchanged:
        say(f"{pushed.url} is up to date: no commit made")
    else:
        say(f"{pushed.url}: one commit, {len(pushed.added)} files written, {len(pushed.deleted)} deleted")
