"""The command withdraw: lists what a request takes out of a build, asks, takes it out, writes the receipt."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanpack.cli.app import AsJson, Built, Yes, command
from hanpack.cli.terminal import confirm, echo_json, say, show_progress
from hanpack.errors import HanpackError, UsageError
from hanpack.wording import format_count, quote_argument

if TYPE_CHECKING:
    from hanpack.withdrawal.selection import Request, Selection

MOST_SHOWN = 20
_PREFIX = "withdrawal-"


@command
def withdraw(
    out: Built,
    reason: Annotated[str, typer.Option(help="Why, in a few words; ledger and receipt have them.")],
    source: Annotated[
        list[str] | None, typer.Option(help="Take out all of this source, by its path in the build.")
    ] = None,
    url: Annotated[list[str] | None, typer.Option(help="Take out the documents with this address.")] = None,
    document: Annotated[
        list[str] | None, typer.Option(help="Take out the document whose id is this or begins so.")
    ] = None,
    text_file: Annotated[
        list[Path] | None, typer.Option("--text-file", help="Take out the text in this file, and its copies.")
    ] = None,
    passages: Annotated[
        bool,
        typer.Option(
            "--passages/--no-passages",
            help="Also take what other documents have of it, word for word, from 80 characters on.",
        ),
    ] = True,
    bar_absent: Annotated[
        bool, typer.Option("--bar-absent", help="Accept an address that no record has, for later builds.")
    ] = False,
    request: Annotated[
        str | None, typer.Option(help="The id of the request; by default it is made from what is named.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="The date of the request, as YYYY-MM-DD; by default today.")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="The recipe, if it is not where it was when the build was made.")
    ] = None,
    receipt: Annotated[
        Path | None,
        typer.Option(help="The receipt, without suffix; by default NAME-withdrawal-REQUEST here."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be taken out.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take a document, its copies and its passages out of a build and of every later one, and prove it.

    What goes is listed first; on a terminal you are asked, a script looks with --dry-run before.
    The recipe gets a file of signatures beside it, without any text, and only the shards that change are
    written again. A passage is a run of whole sentences of at least 80 characters, punctuation not counted; a
    shorter text is recognised in others as a whole. To take a request back, delete its line in
    withdrawals.jsonl beside the recipe and build again.

    Exports are named where they were written from this machine; copies of them elsewhere are not known.

    Copies that load_dataset has made are in the cache of Hugging Face (~/.cache/huggingface) on each machine:
    delete them there. What was pushed is also in the history: hanpack push with --erase-history.
    """
    from hanpack.building.publication import SIGN_AGAIN, is_signed
    from hanpack.store.withdrawals import find_withdrawals
    from hanpack.withdrawal.operation import carry_out, prepare_withdrawal
    from hanpack.withdrawal.receipt import check_target, write_receipt

    named = _make_request(reason, source, url, document, text_file, request, date)
    named = replace(named, takes_passages=passages, bars_absent=bar_absent)
    slug = re.sub(r"[^\w.-]+", "-", named.request)
    # An id that was made from what is named begins with the word already.
    target = receipt or Path(f"{out.resolve().name}-withdrawal-{slug.removeprefix(_PREFIX)}")
    check_target(target, out)
    with show_progress("stopped; nothing was taken out") as progress:
        prepared = prepare_withdrawal(out, named, recipe, progress)
    if prepared.selection.earlier:
        _say_earlier(out, prepared.selection, as_json=as_json)
        is_same = prepared.selection.withdrawal.request == named.request
        # Its receipt is missing if the withdrawal was killed, and a build finished it.
        if is_same and not dry_run and not target.with_name(f"{target.name}.json").exists():
            with show_progress("stopped; the receipt was not written") as progress:
                paths = write_receipt(carry_out(prepared, progress), target, out)
            _say_receipt(out, paths)
        return
    _list(prepared.selection)
    if dry_run:
        if as_json:
            taken = [asdict(record) for record in prepared.selection.taken]
            cut_documents = [asdict(cut) for cut in prepared.selection.cut]
            echo_json({"withdrawn": taken, "passages": cut_documents})
        say("nothing was taken out: this was a dry run")
        return
    if not yes and not confirm("Take this out?"):
        say("nothing was taken out")
        raise typer.Exit(1)
    was_signed = is_signed(out)
    with (
        _say_how_to_finish(prepared.recipe) as note_written,
        show_progress(f"stopped; run hanpack build {prepared.recipe} to finish the withdrawal") as progress,
    ):
        done = carry_out(prepared, progress, on_written=note_written)
    paths = write_receipt(done, target, out)
    if as_json:
        echo_json(done.as_json())
    say(
        f"{out}: {format_count(len(done.withdrawn), 'record')} withdrawn, passages taken out of "
        f"{format_count(len(done.passages), 'document')}, {format_count(len(done.files), 'file')} changed",
        "green",
    )
    place = find_withdrawals(str(prepared.recipe))
    say(
        f"the request is in {place}; every later build of a recipe in that folder honours it: "
        "other builds of theirs keep the text until they are built again"
    )
    say(f"to take it back: delete the line of {named.request} in that file and build again")
    if was_signed:
        say(SIGN_AGAIN, "yellow")
    _say_receipt(out, paths)


@contextmanager
def _say_how_to_finish(recipe: Path) -> Iterator[Callable[[], None]]:
    """Say what finishes a withdrawal that fails after its request was written, as the yielded call notes."""
    is_written = False

    def note_written() -> None:
        nonlocal is_written
        is_written = True

    try:
        yield note_written
    except (HanpackError, OSError):
        if is_written:
            say(
                "the withdrawal is not finished: the build is as it was, and the request is written; "
                f"hanpack build {quote_argument(str(recipe))} finishes it",
                "yellow",
            )
        raise


def _say_receipt(out: Path, paths: Sequence[Path]) -> None:
    from hanpack.exporting import list_exports

    say(f"receipt: {paths[0]} and {paths[1]}; hanpack verify {out} proves it again")
    say(f"copies that load_dataset has made are not touched: delete those of this build in {_find_cache()}")
    exports = list_exports(out)
    for export in exports.present:
        say(f"{export} was exported before and still has the text: delete it and export again", "yellow")
    for export in exports.missing:
        say(f"{export} was exported before and is not there now: if it was moved, delete it", "yellow")


def _find_cache() -> str:
    """The folder in which the libraries of Hugging Face keep what they have loaded."""
    return os.environ.get("HF_HOME") or "~/.cache/huggingface"


def _make_request(
    reason: str,
    source: Sequence[str] | None,
    url: Sequence[str] | None,
    document: Sequence[str] | None,
    text_files: Sequence[Path] | None,
    request: str | None,
    date: str | None,
) -> Request:
    from hanpack.withdrawal.selection import Request

    texts = []
    for path in text_files or ():
        try:
            texts.append(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot be read: {error}", str(path), "name a text in UTF-8") from error
    if not reason.strip():
        raise UsageError("a withdrawal has a reason", "--reason", "say why, in a few words")
    try:
        day = datetime.date.fromisoformat(date) if date is not None else datetime.date.today()
    except ValueError as error:
        raise UsageError(f"{date!r} is no date", "--date", "write it as YYYY-MM-DD") from error
    # Only a withdrawal needs it, and loading it takes 4 ms of the help.
    import hashlib

    named = repr([source, url, document, texts])
    return Request(
        request=request or f"{_PREFIX}{hashlib.sha256(named.encode('utf-8', 'replace')).hexdigest()[:10]}",
        date=day.isoformat(),
        reason=" ".join(reason.split()),
        sources=source or (),
        urls=url or (),
        document_ids=document or (),
        texts=texts,
    )


def _say_earlier(out: Path, selection: Selection, *, as_json: bool) -> None:
    """Say that earlier requests took out all that is named."""
    if as_json:
        requests = [earlier.request for earlier in selection.earlier]
        echo_json({"withdrawn": [], "passages": [], "earlier": requests})
    for earlier in selection.earlier:
        say(f"withdrawn already, on {earlier.date} at the request {earlier.request}: {earlier.reason}")
    say(f"nothing is left to take out; hanpack verify {out} proves it", "green")


def _list(selection: Selection) -> None:
    """Say what would be taken out."""
    for record in selection.taken[:MOST_SHOWN]:
        rows = sum(map(len, record.rows.values()))
        document = f"document {record.document_id}, {format_count(rows, 'row')}"
        what = document if record.document_id else record.state
        if record.duplicate_of:
            what = f"a copy of {record.duplicate_of}"
        say(f"{record.source} record {record.record}, bytes {record.byte_start} to {record.byte_end}: {what}")
    hidden = len(selection.taken) - MOST_SHOWN
    if hidden > 0:
        say(f"and {format_count(hidden, 'more record')}; --json lists all")
    for cut in selection.cut[:MOST_SHOWN]:
        characters = sum(end - start for start, end in cut.spans)
        count = format_count(characters, "character")
        say(f"{cut.source} record {cut.record}: {count} in passages of them")
    for note in selection.notes:
        say(note, "yellow")
    if not selection.taken and not selection.cut:
        say(
            "nothing in this build is of what is named: the request would only bar it from later builds",
            "yellow",
        )
