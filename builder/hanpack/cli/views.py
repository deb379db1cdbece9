"""The commands that view builds: inspect, trace, find, verify, report, diff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanpack.cli.app import Built, Sources, app
from hanpack.cli.terminal import VisibleConsole, echo, say, show_progress
from hanpack.errors import UsageError


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
        query_build(out, sql, VisibleConsole())
    else:
        VisibleConsole().print(inspect_build(out, samples))


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
    from hanpack.views.visible_text import dump_json

    if find is not None:
        from hanpack.views.find import find_chunks

        ids = find_chunks(out, find)
        if len(ids) > 1:
            for matching_id in ids:
                echo(matching_id)
            return
        chunk_id = ids[0] if ids else ""
    if not chunk_id:
        raise UsageError("no chunk to trace", "CHUNK_ID", "name an id, or a text that occurs with --find")
    traced = find_trace(out, chunk_id, sources)
    if as_json:
        typer.echo(dump_json(traced.as_json()))
    else:
        VisibleConsole().print(show_trace(traced))


@app.command()
def find(
    out: Built,
    text: Annotated[str | None, typer.Argument(help="A text of five characters or more.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A file of texts, one a line; JSON Lines of strings or of 'text'."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most places of each kind for a text.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
    sources: Sources = None,
    searches_sources: Annotated[
        bool,
        typer.Option("--removed/--no-removed", help="Also search the sources for what was removed."),
    ] = True,
) -> None:
    """Say where a text is, in any script, width, punctuation and spacing, and what became of it.

    It is kept in these chunks, in a copy that was left out, removed by a step, or in a record that was
    rejected or withdrawn. Found or not found, the exit code is 0.
    """
    from hanpack.views.finding.screen import read_texts, show_answers
    from hanpack.views.finding.search import find_texts
    from hanpack.views.visible_text import dump_json

    texts = [*([text] if text is not None else []), *(read_texts(file) if file is not None else [])]
    with show_progress("stopped; nothing was changed") as progress:
        answers = find_texts(
            out, texts, sources, limit=limit, searches_sources=searches_sources, progress=progress
        )
    if as_json:
        typer.echo(dump_json(answers.as_json()))
    else:
        VisibleConsole().print(show_answers(answers), soft_wrap=True)


@app.command()
def verify(
    out: Built,
    sources: Sources = None,
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="The recipe that the build must have been made with.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail if anything is not proven, not only if something is wrong.")
    ] = False,
) -> None:
    """Build again from the sources, compare every row, and prove hashes, spans, budgets and the ledger.

    What is not proven is said; with --strict it is a failure.
    """
    from hanpack.audit.verification import verify as audit_build

    with show_progress("stopped; nothing was changed") as progress:
        audit = audit_build(out, sources, progress, recipe=recipe)
    checked = ", ".join(f"{count:,} {name}" for name, count in audit.checked.items())
    for statement in audit.unproven:
        say(f"not proven: {statement}", "yellow")
    if audit.passed and strict and audit.unproven:
        say(f"nothing is wrong with {out}, but --strict wants all of it proven; checked {checked}", "red")
        raise typer.Exit(1)
    if audit.passed:
        say(f"{out} is what it says it is: {checked}", "green")
        return
    for fault in audit.faults[:20]:
        say(str(fault), "red")
    say(f"{len(audit.faults):,} faults; checked {checked}")
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
    say(f"{page}: open it in a browser; it needs no network")


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The earlier build.", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="The later build.", metavar="NEW")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
) -> None:
    """Show what changed between two builds: documents, chunks that kept their id, figures, recipe."""
    from hanpack.views.diff import compare_builds, show_comparison
    from hanpack.views.visible_text import dump_json

    comparison = compare_builds(old, new)
    if as_json:
        typer.echo(dump_json(comparison.as_json()))
    else:
        VisibleConsole().print(show_comparison(comparison))
