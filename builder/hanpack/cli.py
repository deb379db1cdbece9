"""The command line: parse, call, print. Data goes to files or stdout, progress and messages to stderr."""

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
Built = Annotated[Path, typer.Argument(help="A build: the folder a 'hanpack build' wrote.", metavar="OUT")]
Sources = Annotated[
    Path | None, typer.Option("--sources", help="The folder the sources lie in now, if they were moved.")
]


def _choice(option: str, *allowed: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in allowed:
            raise UsageError(f"{value!r} is none of {', '.join(allowed)}", option)
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
        Path | None, typer.Option("-o", "--out", help="The recipe to write; else NAME.yaml here.")
    ] = None,
) -> None:
    """Write a recipe for a folder from what a scan of it saw."""
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
        Path | None, typer.Option("-o", "--out", help="The output folder; else dist/NAME.")
    ] = None,
    engine: Annotated[
        str,
        typer.Option(callback=_choice("--engine", "local", "ray"), help="Who runs the flow: local or ray."),
    ] = "local",
    num_proc: Annotated[
        int | None, typer.Option("--num-proc", min=1, help="Worker processes; else as many as are worth it.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail if any record is rejected.")] = False,
) -> None:
    """Build a recipe: Parquet shards, a dataset card and a manifest.

    A build whose inputs are what they were is not done again. One that was stopped goes on where it
    stopped. Records that cannot be used go to the ledger with the reason; nothing is lost.
    """
    from hanpack.building.run import build as run

    with _progress() as progress:
        done = run(
            recipe,
            out,
            engine="ray" if engine == "ray" else "local",
            num_proc=num_proc,
            strict=strict,
            progress=progress,
        )
    if done.unchanged:
        _say(f"{done.path} is up to date: same inputs, nothing to do")
        return
    counts = done.counts
    states = ", ".join(f"{count:,} {state}" for state, count in counts["states"].items())
    place = shlex.quote(str(done.path))
    _say(
        f"{place}: {counts['records']:,} records ({states}), {counts['documents']:,} documents, "
        f"{counts['chunks']:,} chunks, {counts['tokens']:,} tokens in {sum(done.seconds.values()):.1f} s"
    )
    for note in done.notes:
        _say(note, "yellow")
    if counts["states"].get("rejected"):
        question = "from ledger select source, record, byte_start, reason where state = 'rejected'"
        _say(f'to see what was rejected: hanpack inspect {place} --sql "{question}"', "yellow")


@app.command()
def inspect(
    out: Built,
    samples: Annotated[int, typer.Option(min=0, help="How many sample chunks.")] = 3,
    sql: Annotated[
        str | None, typer.Option(help="SQL for DuckDB over the views chunks, documents and ledger.")
    ] = None,
) -> None:
    """Show what a build holds: counts, a histogram of tokens, samples; or ask it in SQL."""
    from hanpack.views.inspect import inspect_build, query_build

    if sql is not None:
        query_build(out, sql, Console())
    else:
        Console().print(inspect_build(out, samples))


@app.command()
def trace(
    out: Built,
    chunk_id: Annotated[str, typer.Argument(help="The id of a chunk.", metavar="CHUNK_ID")] = "",
    find: Annotated[str | None, typer.Option(help="Trace the chunk that holds this text.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
    sources: Sources = None,
) -> None:
    """Show a chunk, the raw bytes it came from, and every edit between, side by side."""
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
        raise UsageError("no chunk to trace", "CHUNK_ID", "give an id, or --find with a text that occurs")
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
    checked = ", ".join(f"{number:,} {what}" for what, number in audit.checked.items())
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
        Path | None, typer.Option("-o", "--out", help="The page to write; else NAME-report.html here.")
    ] = None,
    samples: Annotated[int, typer.Option(min=0, help="How many chunks to browse.")] = 200,
    sources: Sources = None,
) -> None:
    """Write one self-contained HTML page: figures, pictures, and chunks with every edit on the raw text."""
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
    """Verify a build and push it to the Hub in one atomic commit; stale shards there are deleted."""
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
    out: Annotated[str | None, typer.Option("-o", "--out", help="The output; else stdout.")] = None,
    script: Script = "keep",
    steps: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="Another step of a recipe: page, controls, nfc, spaces, phrases, width, quotes, evasions.",
        ),
    ] = None,
    redactions: Annotated[
        str | None, typer.Option(help="Put this in the place of XX, *** and other redactions.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="The encoding of IN; else a text's is detected, and JSON Lines are UTF-8."),
    ] = None,
) -> None:
    """Repair and normalise alone: .jsonl gives .jsonl (id, text, edits), a text gives a text.

    By default only damage is touched: a clean text comes back unchanged, character for character.
    """
    from hanpack.api import choose_steps, normalize_file
    from hanpack.recipe import Target
    from hanpack.sources.texts import is_jsonl, open_sink

    chosen = choose_steps(cast(Target, script), redactions=redactions, **dict.fromkeys(steps or [], True))
    with _complaints() as complain, open_sink(out) as sink:
        normalize_file(path, sink, bool(out and is_jsonl(out)), chosen, complain, encoding)


@app.command()
def split(
    path: Annotated[str, typer.Argument(help="A .jsonl of id and text, a text file, or -.", metavar="IN")],
    out: Annotated[str | None, typer.Option("-o", "--out", help="The output; else stdout.")] = None,
    tokenizer: Annotated[
        str, typer.Option(help="o200k_base, cl100k_base, or a vocabulary file.")
    ] = "o200k_base",
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="The budget of a chunk.")] = 512,
    overlap: Annotated[int, typer.Option(min=0, help="Tokens a chunk repeats of the one before.")] = 0,
    policy: Annotated[
        str,
        typer.Option(
            callback=_choice("--policy", "fill", "structure"), help="What weighs more: fill or structure."
        ),
    ] = "fill",
) -> None:
    """Split alone: a line a chunk (id, chunk_index, start, end, token_count, section)."""
    from hanpack.api import split_file
    from hanpack.sources.texts import open_sink
    from hanpack.steps.chunk import ChunkSettings, Policy

    settings = ChunkSettings(max_tokens=max_tokens, overlap=overlap, policy=cast(Policy, policy))
    with _complaints() as complain, open_sink(out) as sink:
        split_file(path, sink, tokenizer, settings, complain)


@app.callback(invoke_without_command=True)
def options(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Options of the program itself."""
    if show_version:
        typer.echo(version("hanpack"))
        raise typer.Exit


def _say(message: str, style: str = "") -> None:
    """A message to whoever runs the program; its text is not markup and is not broken into lines."""
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

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        yield tell


@contextmanager
def _complaints() -> Iterator[Callable[[HanpackError], None]]:
    """Print what could not be read; at the end it makes the command fail."""
    count = 0

    def complain(error: HanpackError) -> None:
        nonlocal count
        count += 1
        _say(str(error), "yellow")

    yield complain
    if count:
        _say(f"{count:,} records could not be read")
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; an error of ours is one line on stderr and its exit code."""
    # What the flow makes is freed by reference counts; looking for cycles this often only costs time.
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
