"""Says what a push would change, without a change: nothing is verified, uploaded or made on the Hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import HfApi
from huggingface_hub.errors import OfflineModeIsEnabled

from hanpack.errors import UsageError
from hanpack.hub.changes import Change, compare
from hanpack.hub.commit_messages import describe_changes
from hanpack.hub.local import check_build, read_listed_files
from hanpack.hub.pushing import DEFAULT_MESSAGE, check_names, find_token
from hanpack.hub.refusals import describe_error, is_passing, make_refusal
from hanpack.hub.remote import MAIN, RemoteBranch


@dataclass(frozen=True, slots=True)
class PushPreview:
    """What a push would do: its ``change`` of the repository at ``url``, and the message of the commit.

    ``is_new`` says whether there is no repository that can be read, so that it would be made.
    ``unreachable`` says why the Hub was not read, if so: the change is then that of an empty repository.
    """

    url: str
    is_new: bool
    change: Change
    message: str
    unreachable: str = ""

    @property
    def size(self) -> int:
        """The bytes of the files that would be written."""
        return sum(file.bytes for file in self.change.additions)


def preview_push(
    build: Path,
    repo_id: str,
    *,
    private: bool = False,
    revision: str = MAIN,
    token: str | None = None,
    message: str | None = None,
    endpoint: str | None = None,
) -> PushPreview:
    """Compare a build with a dataset repository as :func:`hanpack.hub.push` would, and only read.

    Without a token only public repositories can be read: a private one then counts as new. If the Hub cannot
    be reached, the preview has all files of the build, and says so.

    Raises:
        UsageError: a name or the folder cannot be pushed with.
        VerifyError: the manifest or a file of the build was changed after the build.
        BuildError: the build lacks a file, or the Hub refuses to be read.
    """
    check_names(repo_id, revision)
    checked = check_build(build, read_listed_files(build))
    try:
        secret: str | None = find_token(token)
    except UsageError:
        secret = None
    branch = RemoteBranch(
        HfApi(endpoint=endpoint, token=secret or False, library_name="hanpack"), repo_id, revision, private
    )
    try:
        head = branch.find_head()
        tree = branch.read_tree(head) if head else {}
        change = compare(checked, tree)
        description = describe_changes(branch, head, tree, build) if head and change.operations else ""
    except (httpx2.HTTPError, OSError, ValueError) as error:
        if is_passing(error) or isinstance(error, OfflineModeIsEnabled):
            whole, reason = compare(checked, {}), describe_error(error, secret or "")
            return PushPreview(
                branch.url, is_new=False, change=whole, message=message or DEFAULT_MESSAGE, unreachable=reason
            )
        raise make_refusal(error, branch.url, secret or "", 1) from error
    lines = [message or DEFAULT_MESSAGE, *(["", description] if description else [])]
    return PushPreview(branch.url, head is None, change, "\n".join(lines))
