"""A change too large for one commit: several commits to a pull request, and one merge that readers see.

The title of the pull request ends in a label that names the build and the commit of main it goes onto, so
that a later attempt, or a later push, continues where the last one stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# The Hub client's own HTTP library: its transport errors reach the caller as they are.
import httpx2
from huggingface_hub import Discussion

from hanpack.hub.changes import Change, Progress, Tree, compare, list_foreign_blobs
from hanpack.hub.local import CheckedBuild
from hanpack.hub.refusals import BranchMovedError, is_rejection
from hanpack.hub.remote import MAIN, RemoteBranch
from hanpack.lazy_patterns import compile_lazily

OPERATIONS_PER_COMMIT = 100
"""The Hub checks every file of a commit within one request of 60 seconds, and advises 50 to 100 files
(its documentation, "Repository limitations and recommendations")."""

_DRAFT = "draft"
_UNMERGED = (_DRAFT, "open")
_LABEL = compile_lazily(r"\[hanpack [0-9a-f]{12} onto [0-9a-f]{12}\]$")
_DESCRIPTION = (
    "hanpack uploads a build here in several commits and merges them at once. "
    "If the upload was interrupted, push the same build again to finish it."
)
_MESSAGE_CHARACTERS = 150
"""A title on the Hub has at most 200 characters, and the label takes 42 of them."""


@dataclass(frozen=True, slots=True)
class _Upload:
    """A pull request that takes a build: its number, and the newest commit of it with its files."""

    number: int
    is_draft: bool
    tip: str
    tree: Tree


def make_title(message: str, manifest_sha256: str, head: str) -> str:
    """The title of the pull request that brings the build with this manifest onto the commit ``head``.

    >>> make_title("More reports", "0" * 64, "a" * 40)
    'More reports [hanpack 000000000000 onto aaaaaaaaaaaa]'
    """
    first_line = message.strip().partition("\n")[0][:_MESSAGE_CHARACTERS]
    return f"{first_line} {_make_label(manifest_sha256, head)}"


def merge_in_parts(
    branch: RemoteBranch,
    build: CheckedBuild,
    change: Change,
    *,
    message: str,
    description: str,
    head: str,
    tree: Tree,
    progress: Progress,
) -> str:
    """Bring ``change`` onto ``head``, the newest commit of main with the files ``tree``.

    Invariant: until the merge, main has not been written to; and what is merged has ``head`` among its
    ancestors and differs from ``tree`` only in files that a build owns, so that the merged main is the build.
    A commit of somebody else's that reaches main between the last look at it and the merge is kept by the
    merge; files of it that a build would own are deleted by the next attempt.

    Returns the merge commit. Raises BranchMovedError if main is no longer at ``head``.
    """
    progress.uses_pull_request = True
    upload = _find_unfinished(branch, build, head, tree) or _start(
        branch, build, message=message, description=description, head=head, tree=tree
    )
    tip = upload.tip
    parts = list(compare(build, upload.tree).split(OPERATIONS_PER_COMMIT))
    for index, part in enumerate(parts, 1):
        note = f"{message} (part {index} of {len(parts)})"
        tip = branch.commit(build, part, message=note, parent=tip, reference=_reference(upload.number))
        progress.part_commits += 1
    branch.require_whole(build, tip)
    if branch.read_head(MAIN) != head:
        raise BranchMovedError("main has moved")
    if upload.is_draft:
        # The Hub merges no draft, and every pull request that its client opens is one.
        branch.hub.change_discussion_status(branch.repo_id, upload.number, "open", repo_type="dataset")
    _merge(branch, upload.number, head, change, progress)
    details = branch.hub.get_discussion_details(branch.repo_id, upload.number, repo_type="dataset")
    merged = details.merge_commit_oid
    if merged is None or compare(build, branch.read_tree(merged)).operations:
        raise BranchMovedError("main has moved while the pull request was merged")
    return merged


def close_unmerged(branch: RemoteBranch) -> None:
    """Close the pull requests that earlier pushes of this user left behind."""
    for pull_request in list(_list_unmerged(branch)):
        branch.hub.change_discussion_status(
            branch.repo_id,
            pull_request.num,
            "closed",
            comment="Another build was pushed.",
            repo_type="dataset",
        )


def _merge(branch: RemoteBranch, number: int, head: str, change: Change, progress: Progress) -> None:
    try:
        branch.hub.merge_pull_request(branch.repo_id, number, repo_type="dataset")
    except httpx2.HTTPError as error:
        if not is_rejection(error):
            progress.changes.append(change)
        elif branch.read_head(MAIN) != head:
            raise BranchMovedError("main has moved") from error
        raise
    progress.changes.append(change)


def _find_unfinished(branch: RemoteBranch, build: CheckedBuild, head: str, tree: Tree) -> _Upload | None:
    """The pull request that an interrupted push left for this build and this head."""
    label = _make_label(build.manifest_sha256, head)
    for pull_request in _list_unmerged(branch):
        if pull_request.title.endswith(label):
            tip = branch.read_head(_reference(pull_request.num))
            tip_tree = branch.read_tree(tip)
            # Whoever may write to the repository may have committed other files to it.
            if list_foreign_blobs(tip_tree) == list_foreign_blobs(tree):
                return _Upload(pull_request.num, pull_request.status == _DRAFT, tip, tip_tree)
    return None


def _start(
    branch: RemoteBranch, build: CheckedBuild, *, message: str, description: str, head: str, tree: Tree
) -> _Upload:
    created = branch.hub.create_pull_request(
        branch.repo_id,
        make_title(message, build.manifest_sha256, head),
        description="\n\n".join(filter(None, (_DESCRIPTION, description))),
        repo_type="dataset",
    )
    if branch.read_head(_reference(created.num)) != head:
        raise BranchMovedError("main has moved")
    return _Upload(created.num, created.status == _DRAFT, head, tree)


def _list_unmerged(branch: RemoteBranch) -> Iterator[Discussion]:
    """The pull requests of this user that a push opened and that are neither merged nor closed.

    Anybody may open a pull request with such a title, so that the author counts too.
    """
    author = branch.hub.whoami()["name"]
    discussions = branch.hub.get_repo_discussions(
        branch.repo_id, author=author, discussion_type="pull_request", repo_type="dataset"
    )
    for discussion in discussions:
        is_ours = discussion.author == author and _LABEL.search(discussion.title) is not None
        if is_ours and discussion.is_pull_request and discussion.status in _UNMERGED:
            yield discussion


def _make_label(manifest_sha256: str, head: str) -> str:
    return f"[hanpack {manifest_sha256[:12]} onto {head[:12]}]"


def _reference(number: int) -> str:
    return f"refs/pr/{number}"
