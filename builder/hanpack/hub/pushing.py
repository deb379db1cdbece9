"""The push: attempts until the branch holds exactly the build, each continuing where the last one stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# The Hub client's own HTTP library: its transport errors reach the caller as they are.
import httpx2
from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import DeviceCodeError, HFValidationError, OIDCError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # its docstring shows it

from hanpack.errors import UsageError
from hanpack.hub.changes import Change, Progress, compare
from hanpack.hub.commit_messages import describe_changes
from hanpack.hub.local import CheckedBuild, check_build, read_listed_files
from hanpack.hub.pull_requests import OPERATIONS_PER_COMMIT, close_unmerged, merge_in_parts
from hanpack.hub.refusals import (
    LOG_IN,
    BranchMovedError,
    find_root_cause,
    is_passing,
    is_rejection,
    make_refusal,
)
from hanpack.hub.remote import MAIN, RemoteBranch
from hanpack.lazy_patterns import compile_lazily

WAITS = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further attempt: five attempts without progress end the push."""
DEFAULT_MESSAGE = "Push a hanpack build"

_COMMIT = compile_lazily(r"[0-9a-fA-F]{40}")


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did.

    ``commit`` is the commit of the branch that this push made, None if nothing had changed; ``url`` is the
    page of the dataset; ``added`` and ``deleted`` are the paths that the commit wrote and removed.
    """

    repo_id: str
    commit: str | None
    url: str
    added: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: bool


def push(
    build: Path,
    repo_id: str,
    *,
    private: bool = False,
    revision: str = MAIN,
    token: str | None = None,
    message: str | None = None,
    verify: Callable[[Path], None] | None = None,
    endpoint: str | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Pushed:
    """Make the dataset repository ``repo_id`` (namespace/name) hold exactly this build.

    Uploaded are the manifest and the files that it lists, each checked against the manifest's sha256 before
    anything is sent. The same change deletes what an earlier build left: every file under data/, and a
    croissant.json, that this build does not have. All other files of the repository are not touched.
    If the repository holds the build already, no commit is made. The description of the commit, or of the
    pull request, says what differs from the version before: figures, sources, recipe, versions.

    Readers of the branch see the old files or the new ones, never a mixture. Up to 100 files written and
    deleted go in one commit. More go to main in several commits to a pull request, whose merge is the one
    change that main sees; a push that was interrupted is finished by the next push of the same build, and
    its pull request is closed by the next large push of another one. The Hub merges pull requests that its
    client opens into main only, so that a large push to another branch is one large commit, which the Hub
    may refuse or time out on: it then changes nothing.

    The repository and the branch ``revision`` are created if they are missing. With ``private``, a
    repository that exists and is public is refused. ``token`` defaults to huggingface_hub's own login,
    ``endpoint`` to its HF_ENDPOINT. ``verify`` is called with the build before anything is sent, and its
    errors pass through.

    Every commit names its parent, so that an attempt is repeated without harm after a lost answer, a 5xx, a
    409, or a 412 (the branch has moved): each attempt reads the repository anew and commits only what still
    differs. A push ends after five attempts in a row of which none added a commit to a pull request;
    ``pause`` is called with the seconds between attempts.

    Raises:
        UsageError: a name, the token or the folder cannot be pushed with.
        VerifyError: the manifest or a file of the build was changed after the build.
        BuildError: the build lacks a file, or the Hub cannot be written to.
    """
    check_names(repo_id, revision)
    secret = find_token(token)
    listed = read_listed_files(build)
    if verify is not None:
        verify(build)
    checked = check_build(build, listed)
    hub = HfApi(endpoint=endpoint, token=secret, library_name="hanpack")
    branch = RemoteBranch(hub, repo_id, revision, private)
    progress = Progress()
    failures = 0
    while True:
        part_commits = progress.part_commits
        try:
            return _attempt(branch, checked, message or DEFAULT_MESSAGE, progress)
        except (BranchMovedError, httpx2.HTTPError, OSError, RuntimeError, ValueError) as error:
            cause = find_root_cause(error)
            moved = isinstance(cause, BranchMovedError)
            # A branch that moves on and on must end the push too.
            failures = 1 if progress.part_commits > part_commits and not moved else failures + 1
            if failures > len(WAITS) or not is_passing(cause):
                raise make_refusal(cause, branch.url, secret, failures) from error
        pause(WAITS[failures - 1])


def _attempt(branch: RemoteBranch, build: CheckedBuild, message: str, progress: Progress) -> Pushed:
    head = branch.make_head()
    tree = branch.read_tree(head)
    change = compare(build, tree)
    if not change.operations:
        commit = head
    else:
        description = describe_changes(branch, head, tree, build.folder)
        if change.operations <= OPERATIONS_PER_COMMIT or branch.name != MAIN:
            commit = _commit_at_once(
                branch,
                build,
                change,
                message=message,
                description=description,
                head=head,
                progress=progress,
            )
        else:
            commit = merge_in_parts(
                branch,
                build,
                change,
                message=message,
                description=description,
                head=head,
                tree=tree,
                progress=progress,
            )
    if progress.uses_pull_request:
        close_unmerged(branch)
    return _report(branch, progress, commit)


def _commit_at_once(
    branch: RemoteBranch,
    build: CheckedBuild,
    change: Change,
    *,
    message: str,
    description: str,
    head: str,
    progress: Progress,
) -> str:
    try:
        commit = branch.commit(
            build, change, message=message, description=description, parent=head, reference=branch.name
        )
    except (httpx2.HTTPError, ValueError) as error:
        if not is_rejection(error):
            progress.changes.append(change)
        raise
    progress.changes.append(change)
    branch.require_whole(build, commit)
    return commit


def _report(branch: RemoteBranch, progress: Progress, commit: str) -> Pushed:
    if not progress.changes:
        return Pushed(branch.repo_id, None, branch.url, (), (), unchanged=True)
    change = progress.changes[-1]
    added = tuple(file.path for file in change.additions)
    return Pushed(branch.repo_id, commit, branch.url, added, change.deletions, unchanged=False)


def check_names(repo_id: str, revision: str) -> None:
    """Check that a repository and a branch can have these names.

    Raises:
        UsageError: one of them cannot.
    """
    try:
        validate_repo_id(repo_id)
    except HFValidationError as error:
        raise UsageError(
            f"not a name of a repository: {error}", repo_id, "name it as NAMESPACE/NAME"
        ) from error
    if "/" not in repo_id:
        raise UsageError("the name of the repository has no namespace", repo_id, "name it as NAMESPACE/NAME")
    if not revision.strip() or _COMMIT.fullmatch(revision):
        raise UsageError("a push goes to a branch", repr(revision), "name a branch, such as main")


def find_token(token: str | None) -> str:
    """The token to push with: the one given, or that of the client's own login.

    Raises:
        UsageError: there is none, or it cannot be one.
    """
    try:
        secret = ((token if token is not None else get_token()) or "").strip()
    except (OIDCError, DeviceCodeError, httpx2.HTTPError, OSError) as error:
        raise UsageError(f"huggingface_hub could not read its login: {error}", "", LOG_IN) from error
    if not secret:
        raise UsageError("no token for the Hub", "", LOG_IN)
    if not (secret.isascii() and secret.isprintable() and " " not in secret):
        raise UsageError("the token contains characters that no token has", "", LOG_IN)
    return secret
