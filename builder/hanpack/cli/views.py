"""The commands that view builds: inspect, trace, find, verify, report, diff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanpack.chinese import translate
from hanpack.cli.app import AsJson, Built, BuiltOrRemote, Processes, Sources, command
from hanpack.cli.terminal import echo_json, say, show_progress, warn_of_private_key
from hanpack.errors import UsageError
from hanpack.wording import format_count

if TYPE_CHECKING:
    from hanpack.audit.findings import Audit

# The most faults that verify prints.
MOST_FAULTS = 20
# What is counted is named in the plural; the names whose singular has more changed than a final s.
_SINGULARS = {
    "copies": "copy",
    "search indexes": "search index",
    "signatures of documents": "signature of a document",
}


@command
def inspect(
    out: BuiltOrRemote,
    samples: Annotated[int, typer.Option(min=0, help="How many sample rows.")] = 3,
    table: Annotated[
        str | None, typer.Option(help="Show rows of this table: chunks, documents, ledger or another.")
    ] = None,
    chunk: Annotated[str | None, typer.Option(help="Show the chunk with this id.")] = None,
    document: Annotated[str | None, typer.Option(help="Show the document with this id.")] = None,
    grep: Annotated[str | None, typer.Option(help="Show chunks that contain this text.")] = None,
    sql: Annotated[
        str | None, typer.Option(help="SQL for DuckDB over the views chunks, documents and ledger.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is in a build: counts, a histogram of tokens, samples; or the result of an SQL query."""
    from hanpack.cli.console import VisibleConsole
    from hanpack.views import inspect as view

    console = VisibleConsole()
    if sql is not None:
        view.query_build(out, sql, console, as_json=as_json)
    elif as_json:
        echo_json(view.describe_build(out, samples, table or "chunks"))
    elif grep is not None:
        _show_hits(out, grep, "--grep")
    elif chunk is not None or document is not None:
        row = ("chunks", chunk) if chunk is not None else ("documents", document or "")
        console.print(view.inspect_row(out, *row))
    elif table is not None:
        console.print(view.inspect_table(out, table, samples))
    else:
        console.print(view.inspect_build(out, samples))


def _show_hits(out: str, text: str, option: str) -> None:
    """Show the chunks that contain a text, in context.

    Raises:
        UsageError: no chunk contains it.
    """
    from hanpack.cli.console import VisibleConsole
    from hanpack.views.find import find_hits, show_hits

    hits = find_hits(out, text)
    if not hits:
        raise _explain_absence(text, option)
    VisibleConsole().print(show_hits(hits, out))


def _explain_absence(text: str, option: str) -> UsageError:
    return UsageError(
        f"no chunk contains {text!r} as it is written",
        option,
        "hanpack find looks for it in every script, and in what was removed or left out",
    )


@command
def trace(
    out: BuiltOrRemote,
    chunk_id: Annotated[
        str, typer.Argument(help="The id of a chunk, or its beginning.", metavar="CHUNK_ID")
    ] = "",
    find: Annotated[
        str | None, typer.Option(help="Trace the chunk that contains this text; of several, list them.")
    ] = None,
    screen: Annotated[
        int | None,
        typer.Option("--screen", "--page", min=1, help="Which screen of a long chunk is shown."),
    ] = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Shorten nothing: long stretches without edits, markup, the list."),
    ] = False,
    packed: Annotated[
        str | None,
        typer.Option(
            help="Trace a token of a packed sequence: its row and place there, from 0.",
            metavar="[SPLIT:]ROW:TOKEN",
        ),
    ] = None,
    as_json: AsJson = False,
    sources: Sources = None,
) -> None:
    """Show a chunk beside the raw bytes it came from, with every edit between them."""
    from hanpack.cli.console import VisibleConsole

    if packed is not None:
        from hanpack.views.token_trace import show_token, trace_token

        token = trace_token(out, packed, sources)
        if as_json:
            echo_json(token.as_json())
        else:
            VisibleConsole().print(show_token(token), soft_wrap=True)
        return
    from hanpack.views.trace import trace as find_trace
    from hanpack.views.trace_screen import show_trace

    if find is not None:
        from hanpack.views.find import find_chunks

        ids = find_chunks(out, find)
        if not ids:
            raise _explain_absence(find, "--find")
        if len(ids) > 1:
            _show_hits(out, find, "--find")
            return
        (chunk_id,) = ids
    if not chunk_id:
        todo = f"hanpack trace {out} --find TEXT finds the chunks that contain a text"
        raise UsageError("name the id of a chunk", "CHUNK_ID", todo)
    traced = find_trace(out, chunk_id, sources)
    if as_json:
        echo_json(traced.as_json())
    else:
        console = VisibleConsole()
        # A file or a program is no screen.
        number = screen or (1 if console.is_terminal and not full else None)
        console.print(show_trace(traced, number, console.width, shows_all=full))


@command
def find(
    out: BuiltOrRemote,
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT",
            help="The texts to look for, each in quotes if it has blanks. One of fewer than three letters or "
            "digits takes longer.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A file of texts, one a line; JSON Lines of strings or of 'text'."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most places of each kind for a text.")] = 20,
    as_json: AsJson = False,
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
    from hanpack.cli.console import VisibleConsole
    from hanpack.views.finding.screen import read_texts, show_answers
    from hanpack.views.finding.search import find_texts

    texts = [*(text or []), *(read_texts(file) if file is not None else [])]
    with show_progress("stopped; nothing was changed") as progress:
        answers = find_texts(
            out, texts, sources, limit=limit, searches_sources=searches_sources, progress=progress
        )
    if as_json:
        echo_json(answers.as_json())
    else:
        VisibleConsole().print(show_answers(answers), soft_wrap=True)


@command
def verify(
    out: BuiltOrRemote,
    sources: Sources = None,
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="The recipe that the build must have been made with.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail if anything is not proven, not only if something is wrong.")
    ] = False,
    signer: Annotated[
        Path | None, typer.Option("--signer", help="The public key that must have signed the build.")
    ] = None,
    num_proc: Processes = None,
    as_json: AsJson = False,
) -> None:
    """Build again from the sources, compare every row, and prove hashes, spans, budgets and the ledger.

    The first line says whether it passed. What is not proven is said below it, and is a failure only with
    --strict. Recounts are the texts whose tokens the reference tokenizer counted again: a sample of them.
    """
    from hanpack.audit.verification import verify as audit_build

    warn_of_private_key(signer)
    with show_progress("stopped; nothing was changed") as progress:
        audit = audit_build(out, sources, progress, recipe=recipe, signer=signer, num_proc=num_proc)
    is_incomplete = audit.passed and strict and bool(audit.unproven)
    if as_json:
        faults = [{"where": fault.where, "what": fault.what} for fault in audit.faults]
        answer = {"passed": audit.passed, "checked": audit.checked, "faults": faults}
        echo_json({"path": str(out), **answer, "unproven": audit.unproven})
    else:
        _report_audit(out, audit, is_incomplete=is_incomplete)
    if is_incomplete or not audit.passed:
        raise typer.Exit(1)


def _report_audit(out: str, audit: Audit, *, is_incomplete: bool) -> None:
    checked = ", ".join(_count_checked(name, number) for name, number in audit.checked.items())
    if is_incomplete:
        say(
            f"failed: nothing is wrong with {out}, but --strict requires that all of it is proven; "
            f"checked {checked}",
            "red",
        )
    elif audit.passed and audit.notes:
        say(
            f"passed as far as proven: nothing is wrong with {out}, but not all of it could be checked; "
            f"--strict makes that a failure; checked {checked}",
            "yellow",
        )
    elif audit.passed:
        say(f"passed: {out} is what it says it is; checked {checked}", "green")
    else:
        say(f"failed: {out} has {format_count(len(audit.faults), 'fault')}; checked {checked}", "red")
        for fault in audit.faults[:MOST_FAULTS]:
            say(f"{translate(fault.where)}: {translate(fault.what)}", "red")
    for statement in audit.notes:
        say(f"not proven: {statement}", "yellow")
    # No source can prove a claim, so that an audit of a build without a checked signature always has some.
    for statement in audit.claims:
        if is_incomplete or not audit.passed:
            say(f"not proven: {statement}", "yellow" if is_incomplete else "")
        else:
            say(f"not proven, which is no fault: {statement}")


def _count_checked(name: str, number: int) -> str:
    """How many things of a sort were checked; the name is in the plural."""
    return f"{number:,} {name}" if number != 1 else f"1 {_SINGULARS.get(name) or name.removesuffix('s')}"


@command
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


@command
def diff(
    old: Annotated[Path, typer.Argument(help="The earlier build.", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="The later build.", metavar="NEW")],
    full: Annotated[
        bool, typer.Option("--full", help="Show all changes of the texts of changed documents.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two builds: documents, chunks that kept their id, figures, recipe."""
    from hanpack.cli.console import VisibleConsole
    from hanpack.views.diff import compare_builds, show_comparison

    comparison = compare_builds(old, new, is_full=full)
    if as_json:
        echo_json(comparison.as_json())
    else:
        VisibleConsole().print(show_comparison(comparison))
