"""The command push: verifies a build and pushes it to the Hub, or shows what that would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hanpack.chinese import translate
from hanpack.cli.app import Built, command
from hanpack.cli.terminal import echo, say
from hanpack.errors import UsageError
from hanpack.wording import format_count, quote_argument

if TYPE_CHECKING:
    from hanpack.hub import PushPreview


@command
def push(
    out: Built,
    repo_id: Annotated[str, typer.Argument(help="OWNER/NAME of a dataset on the Hub.", metavar="REPO_ID")],
    private: Annotated[
        bool, typer.Option(help="Make a new repository private; refuse one that is public.")
    ] = False,
    revision: Annotated[str, typer.Option(help="The branch.")] = "main",
    message: Annotated[str | None, typer.Option("-m", "--message", help="The commit message.")] = None,
    erases_history: Annotated[
        bool,
        typer.Option(
            "--erase-history",
            help="Then make one commit of the history, and delete the files that only it had, for good.",
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Only verify, and list the files and the commit message; the Hub is only read."
        ),
    ] = False,
    verifies: Annotated[
        bool,
        typer.Option("--verify/--no-verify", help="With --dry-run: whether to verify the build first."),
    ] = True,
) -> None:
    """Verify a build and push it to the Hub as one atomic change; old shards there are deleted.

    The commit says what differs from the version before. Log in first with 'hf auth login', or set HF_TOKEN
    to a token with write access.
    """
    from hanpack.audit.verification import require_valid
    from hanpack.building.card_notes import note_missing_keys
    from hanpack.hub import erase_history, preview_push
    from hanpack.hub import push as push_build
    from hanpack.store.reader import BuildReader
    from hanpack.store.work_folder import WorkFolder
    from hanpack.withdrawal.operation import require_honoured

    if not (verifies or dry_run):
        raise UsageError("a push always verifies the build", "--no-verify", "use it with --dry-run only")
    require_honoured(out)
    manifest = BuildReader.open(out).manifest
    if note := note_missing_keys(manifest.recipe["card"], WorkFolder(out).find_recipe()):
        say(note, "yellow")
    if dry_run:
        if verifies:
            require_valid(out)
        _show_preview(preview_push(out, repo_id, private=private, revision=revision, message=message))
        return
    pushed = push_build(
        out, repo_id, private=private, revision=revision, message=message, verify=require_valid
    )
    if pushed.unchanged:
        say(f"{pushed.url} is up to date: no commit made")
    else:
        written, deleted = (format_count(len(paths), "file") for paths in (pushed.added, pushed.deleted))
        say(f"{pushed.url}: one commit, {written} written, {deleted} deleted")
    if erases_history:
        erased = erase_history(repo_id, revision=revision)
        deleted = format_count(len(erased.deleted), "file")
        say(f"the history of {revision} is erased: it is the commit {erased.commit}; {deleted} deleted")
        if erased.others:
            say(f"other files are still in {', '.join(erased.others)}: delete these on the Hub", "yellow")
    elif manifest.withdrawals:
        say(
            "withdrawn texts may still be in the history of the repository; to erase it: "
            f"hanpack push {quote_argument(str(out))} {repo_id} --erase-history",
            "yellow",
        )


def _show_preview(preview: PushPreview) -> None:
    """List what a push would write and delete, with the message of the commit."""
    change = preview.change
    for file in change.additions:
        size = translate(format_count(file.bytes, "byte"))
        echo(f"{translate('write')}  {size:>21}  {file.path}")
    for path in change.deletions:
        echo(f"{translate('delete')} {'':>21}  {path}")
    if preview.unreachable:
        say(
            f"the Hub could not be reached ({preview.unreachable}): not compared with what is there; "
            "listed are all files of the build",
            "yellow",
        )
    if preview.is_new:
        say(f"{preview.url} does not exist, or this token may not read it: a push makes it")
    if not change.operations:
        say(f"{preview.url} is up to date: nothing to push")
        return
    echo("")
    for line in preview.message.splitlines():
        echo(line)
    written, deleted = (format_count(len(files), "file") for files in (change.additions, change.deletions))
    size = format_count(preview.size, "byte")
    if preview.unreachable:
        say(f"nothing was pushed: this was a dry run; the build has {written} ({size})")
        return
    say(f"nothing was pushed: this was a dry run; it would write {written} ({size}) and delete {deleted}")
