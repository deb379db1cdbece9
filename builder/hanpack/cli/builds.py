"""The commands that make builds: scan, init, build, clean, push."""

from __future__ import annotations

import gc
import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from hanpack.cli.app import Built, app, choose_from
from hanpack.cli.terminal import VisibleConsole, echo, say, show_progress


@app.command()
def scan(paths: Annotated[list[Path], typer.Argument(help="Files or folders.")]) -> None:
    """Report per file: encoding, script, record shape, damage found, tokens. Changes nothing."""
    from rich.table import Table

    from hanpack.views.scan import scan as scan_paths
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
    folder: Annotated[Path, typer.Argument(help="A folder of raw files.", metavar="PATH")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The recipe to write; by default NAME.yaml here.")
    ] = None,
) -> None:
    """Scan a folder and write a recipe for it."""
    from hanpack.views.scan import write_recipe

    target = out or Path(f"{folder.resolve().name}.yaml")
    scanned = write_recipe(folder, target)
    for file in scanned:
        if file.fault:
            say(f"{file.name}: {file.fault}", "yellow")
    say(f"{len(scanned)} files scanned; the recipe is {target}")
    say(f"next: hanpack build {shlex.quote(str(target))}")


@app.command()
def build(
    recipe: Annotated[Path, typer.Argument(help="A recipe.", metavar="[RECIPE]")] = Path(
        "configs/gov_reports.yaml"
    ),
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The output folder; by default dist/NAME.")
    ] = None,
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
    """Build a recipe: Parquet shards, a dataset card and a manifest.

    If no input has changed, nothing is done. A build that was stopped is resumed. If a source changed, only
    its records are processed again. Records that cannot be used are in the ledger with the reason.
    """
    with show_progress("stopped; what is finished is kept: run the same command to go on") as progress:
        # Imported here, so that an interrupt is answered by the message from the first moment on.
        from hanpack.building.run import build as run
        from hanpack.building.run import preview
        from hanpack.store.without_pandas import keep_pandas_out

        keep_pandas_out()
        if dry_run:
            say(preview(recipe, out, progress))
            return
        finished = run(
            recipe,
            out,
            engine="ray" if engine == "ray" else "local",
            num_proc=num_proc,
            strict=strict,
            overwrite=overwrite,
            fresh=fresh,
            progress=progress,
        )
    # The program ends soon: a last search of all objects for cycles would only take time, 0.2 s.
    gc.freeze()
    if finished.unchanged:
        say(f"{finished.path} is up to date: same inputs, nothing to do")
        return
    counts = finished.counts
    states = ", ".join(f"{count:,} {state}" for state, count in counts["states"].items())
    place = shlex.quote(str(finished.path))
    say(
        f"{place}: {counts['records']:,} records ({states}), {counts['documents']:,} documents, "
        f"{counts['chunks']:,} chunks, {counts['tokens']:,} tokens in {sum(finished.seconds.values()):.1f} s"
    )
    for note in finished.notes:
        say(note, "yellow")
    if counts["states"].get("rejected"):
        query = "from ledger select source, record, byte_start, reason where state = 'rejected'"
        say(f'to see what was rejected: hanpack inspect {place} --sql "{query}"', "yellow")


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
