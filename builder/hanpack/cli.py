"""The command line: parses, calls, prints. Data goes to files or stdout, progress and messages to stderr."""

from __future__ import annotations

import gc
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal, cast

import typer
from rich.console import Console
from rich.text import Text

from hanpack.errors import HanpackError, UsageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Package messy raw text, Chinese first, into training datasets that can be audited to the source "
    "byte.\n\nStart with [bold]hanpack init FOLDER[/], then [bold]hanpack build[/] the recipe it writes, "
    "then [bold]hanpack inspect[/] the result.",
    epilog="Exit codes: 0 done, 1 a check or a build failed, 2 wrong usage or recipe.",
)
messages = Console(stderr=True)
Built = Annotated[Path, typer.Argument(help="A build: the folder that 'hanpack build' wrote.", metavar="OUT")]
Sources = Annotated[
    Path | None, typer.Option("--sources", help="The folder where the sources are now, if they were moved.")
]


def _choice(option: str, *allowed: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in allowed:
            raise UsageError(f"{value!r} is not one of {', '.join(allowed)}", option)
        return value

    return check


Script = Annotated[
    str,
    typer.Option(
        "--script",
        callback=_choice("--script", "keep", "hans", "hant", "tw", "hk"),
        help="Target script: keep, hans, hant, tw or hk.",
    ),
]


@app.command()
def scan(paths: Annotated[list[Path], typer.Argument(help="Files or folders.")]) -> None:
    """Report per file: encoding, script, record shape, damage found, tokens. Changes nothing."""
    from rich.table import Table

    from hanpack.views.scan import scan as scan_paths

    table = Table()
    for heading in ("file", "bytes", "encoding", "script", "records", "damage", "tokens"):
        side: Literal["right", "left"] = "right" if heading in ("bytes", "tokens") else "left"
        table.add_column(heading, justify=side, overflow="fold")
    for file in scan_paths(paths):
        damage = ", ".join(f"{step} {count:,}" for step, count in file.damage.items())
        cells = (file.name, f"{file.size:,}", file.encoding, file.script, file.shape)
        table.add_row(*map(Text, (*cells, file.fault or damage, f"{file.tokens:,}")))
    Console().print(table)


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
            _say(f"{file.name}: {file.fault}", "yellow")
    _say(f"{len(scanned)} files scanned; the recipe is {target}")
    _say(f"next: hanpack build {shlex.quote(str(target))}")


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
        typer.Option(callback=_choice("--engine", "local", "ray"), help="Where the flow runs: local or ray."),
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
) -> None:
    """Build a recipe: Parquet shards, a dataset card and a manifest.

    Nothing is done if the inputs have not changed. A build that was stopped resumes where it stopped.
    Records that cannot be used are in the ledger with the reason; nothing is lost.
    """
    from hanpack.building.run import build as run

    with _progress() as progress:
        finished = run(
            recipe,
            out,
            engine="ray" if engine == "ray" else "local",
            num_proc=num_proc,
            strict=strict,
            progress=progress,
        )
    if finished.unchanged:
        _say(f"{finished.path} is up to date: same inputs, nothing to do")
        return
    counts = finished.counts
    states = ", ".join(f"{count:,} {state}" for state, count in counts["states"].items())
    place = shlex.quote(str(finished.path))
    _say(
        f"{place}: {counts['records']:,} records ({states}), {counts['documents']:,} documents, "
        f"{counts['chunks']:,} chunks, {counts['tokens']:,} tokens in {sum(finished.seconds.values()):.1f} s"
    )
    for note in finished.notes:
        _say(note, "yellow")
    if counts["states"].get("rejected"):
        query = "from ledger select source, record, byte_start, reason where state = 'rejected'"
        _say(f'to see what was rejected: hanpack inspect {place} --sql "{query}"', "yellow")


@app.command()
def inspect(
    out: Built,
    samples: Annotated[int, typer.Option(min=0, help="How many sample chunks.")] = 3,
    sql: Annotated[
        str | None, typer.Option(help="SQL for DuckDB over the views chunks, documents and ledger.")
    ] = None,
) -> None:
    """Show what is in a build: counts, a histogram of tokens, samples; or the result of an SQL query."""
    from hanpack.views.inspect import inspect_build, query_build

    if sql is not None:
        query_build(out, sql, Console())
    else:
        Console().print(inspect_build(out, samples))


@app.command()
def trace(
    out: Built,
    chunk_id: Annotated[str, typer.Argument(help="The id of a chunk.", metavar="CHUNK_ID")] = "",
    find: Annotated[str | None, typer.Option(help="Trace the chunk that contains this text.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
    sources: Sources = None,
) -> None:
    """Show a chunk beside the raw bytes it came from, with every edit between them."""
    from hanpack.views.trace import show_trace
    from hanpack.views.trace import trace as find_trace

    if find is not None:
        from hanpack.views.find import find_chunks

        ids = find_chunks(out, find)
        if len(ids) > 1:
            typer.echo("\n".join(ids))
            return
        chunk_id = ids[0] if ids else ""
    if not chunk_id:
        raise UsageError("no chunk to trace", "CHUNK_ID", "name an id, or a text that occurs with --find")
    traced = find_trace(out, chunk_id, sources)
    if as_json:
        typer.echo(json.dumps(traced.as_json(), ensure_ascii=False, default=str))
    else:
        Console().print(show_trace(traced))


@app.command()
def verify(out: Built, sources: Sources = None) -> None:
    """Read sources and shards again and prove hashes, spans, alignment, budgets and the ledger."""
    from hanpack.audit.verification import verify as audit_build

    with _progress() as progress:
        audit = audit_build(out, sources, progress)
    checked = ", ".join(f"{count:,} {name}" for name, count in audit.checked.items())
    for note in audit.notes:
        _say(f"not proven: {note}", "yellow")
    if audit.green:
        _say(f"{out} is what it says it is: {checked}", "green")
        return
    for fault in audit.faults[:20]:
        _say(str(fault), "red")
    _say(f"{len(audit.faults):,} faults; checked {checked}")
    raise typer.Exit(1)


@app.command()
def report(
    out: Built,
    target: Annotated[
        Path | None, typer.Option("-o", "--out", help="The page to write; by default NAME-report.html here.")
    ] = None,
    samples: Annotated[int, typer.Option(min=0, help="How many chunks the page shows.")] = 200,
    sources: Sources = None,
) -> None:
    """Write one self-contained HTML page: figures, charts, and chunks with every edit on the raw text."""
    from hanpack.views.report.page import write_report

    page = write_report(out, target or Path(f"{out.resolve().name}-report.html"), sources, samples)
    _say(f"{page}: open it in a browser; it needs no network")


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The earlier build.", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="The later build.", metavar="NEW")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
) -> None:
    """Show what changed between two builds: documents, chunks that kept their id, figures, recipe."""
    from hanpack.views.diff import compare_builds, show_comparison

    comparison = compare_builds(old, new)
    if as_json:
        typer.echo(json.dumps(comparison.as_json(), ensure_ascii=False))
    else:
        Console().print(show_comparison(comparison))


@app.command()
def push(
    out: Built,
    repo_id: Annotated[str, typer.Argument(help="OWNER/NAME of a dataset on the Hub.", metavar="REPO_ID")],
    private: Annotated[bool, typer.Option(help="Make a new repository private.")] = False,
    revision: Annotated[str, typer.Option(help="The branch.")] = "main",
    message: Annotated[str | None, typer.Option("-m", "--message", help="The commit message.")] = None,
) -> None:
    """Verify a build and push it to the Hub as one atomic change; old shards there are deleted."""
    from hanpack.audit.verification import require_green
    from hanpack.hub import push as push_build

    pushed = push_build(
        out, repo_id, private=private, revision=revision, message=message, verify=require_green
    )
    if pushed.unchanged:
        _say(f"{pushed.url} is up to date: no commit made")
    else:
        _say(f"{pushed.url}: one commit, {len(pushed.added)} files written, {len(pushed.deleted)} deleted")


@app.command()
def normalize(
    path: Annotated[str, typer.Argument(help="A .jsonl of id and text, a text file, or -.", metavar="IN")],
    out: Annotated[str | None, typer.Option("-o", "--out", help="The output; by default stdout.")] = None,
    script: Script = "keep",
    steps: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="Also run this step of a recipe: page, controls, nfc, spaces, phrases, width, quotes, "
            "evasions.",
        ),
    ] = None,
    redactions: Annotated[
        str | None, typer.Option(help="The replacement for XX, *** and other redactions.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="The encoding of IN; by default it is detected, and UTF-8 for JSON Lines."),
    ] = None,
) -> None:
    """Only repair and normalise: .jsonl becomes .jsonl (id, text, edits), a text becomes a text.

    By default only damage is repaired: a text without damage is not changed by a character.
    """
    from hanpack.api import choose_steps, normalize_file
    from hanpack.recipe import Target
    from hanpack.sources.texts import is_jsonl, open_sink

    step_options = choose_steps(
        cast(Target, script), redactions=redactions, **dict.fromkeys(steps or [], True)
    )
    with _report_bad_records() as report_error, open_sink(out) as sink:
        normalize_file(path, sink, bool(out and is_jsonl(out)), step_options, report_error, encoding)


@app.command()
def split(
    path: Annotated[str, typer.Argument(help="A .jsonl of id and text, a text file, or -.", metavar="IN")],
    out: Annotated[str | None, typer.Option("-o", "--out", help="The output; by default stdout.")] = None,
    tokenizer: Annotated[
        str, typer.Option(help="o200k_base, cl100k_base, or a vocabulary file.")
    ] = "o200k_base",
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="The most tokens of a chunk.")] = 512,
    overlap: Annotated[
        int, typer.Option(min=0, help="The most tokens that a chunk repeats of the previous one.")
    ] = 0,
    policy: Annotated[
        str,
        typer.Option(
            callback=_choice("--policy", "fill", "structure"),
            help="What has priority: full chunks (fill) or the outline (structure).",
        ),
    ] = "fill",
) -> None:
    """Only split: one line for each chunk (id, chunk_index, start, end, token_count, section)."""
    from hanpack.api import split_file
    from hanpack.sources.texts import open_sink
    from hanpack.steps.chunk import ChunkSettings, Policy

    settings = ChunkSettings(max_tokens=max_tokens, overlap=overlap, policy=cast(Policy, policy))
    with _report_bad_records() as report_error, open_sink(out) as sink:
        split_file(path, sink, tokenizer, settings, report_error)


@app.callback(invoke_without_command=True)
def options(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Options of the program itself."""
    if show_version:
        typer.echo(version("hanpack"))
        raise typer.Exit


def _say(message: str, style: str = "") -> None:
    """Print a message to stderr, without markup and without line wrapping."""
    messages.print(Text(message, style), soft_wrap=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        "{task.percentage:>3.0f}%",
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal) as bars:
        stages: dict[str, TaskID] = {}

        def show_progress(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        yield show_progress


@contextmanager
def _report_bad_records() -> Iterator[Callable[[HanpackError], None]]:
    """Print an error for each record that cannot be read; if there was any, the command ends with 1."""
    count = 0

    def report_error(error: HanpackError) -> None:
        nonlocal count
        count += 1
        _say(str(error), "yellow")

    yield report_error
    if count:
        _say(f"{count:,} records could not be read")
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; a :class:`HanpackError` becomes one line on stderr and its exit code."""
    # The flow hardly makes reference cycles, so collecting them at the default rate only costs time.
    gc.set_threshold(50_000)
    try:
        app()
    except HanpackError as error:
        _say(f"error: {error}", "red")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _say(f"error: {place}{error.strerror or error}", "red")
        sys.exit(1)
