"""Erases the history of a branch on the Hub, with the files that only the history had.

This module is short because the Hub's client does both steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx2
from huggingface_hub import HfApi

from hanpack.hub.changes import Tree
from hanpack.hub.pushing import find_token
from hanpack.hub.refusals import make_refusal
from hanpack.hub.remote import MAIN, RemoteBranch


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: ``commit`` is the only one of the branch now, ``deleted`` are the SHA-256 of files.

    ``others`` are the branches, tags and pull requests that still have files which this branch has not.
    """

    commit: str
    deleted: tuple[str, ...]
    others: tuple[str, ...]


def erase_history(
    repo_id: str, *, revision: str = MAIN, token: str | None = None, endpoint: str | None = None
) -> Erased:
    """Make one commit of all commits of a branch, and delete the large files that no branch has any more.

    Of the files that git itself keeps, which are small, the Hub decides when it deletes them. Other branches,
    tags and pull requests keep their files: erase them too, or delete them. This cannot be undone.

    Raises:
        UsageError: there is no token.
        BuildError: the Hub refuses it.
    """
    secret = find_token(token)
    hub = HfApi(endpoint=endpoint, token=secret, library_name="hanpack")
    branch = RemoteBranch(hub, repo_id, revision, private=False)
    try:
        hub.super_squash_history(
            repo_id, branch=revision, repo_type="dataset", commit_message="Erase the history"
        )
        references = hub.list_repo_refs(repo_id, repo_type="dataset", include_pull_requests=True)
        named = (*references.branches, *references.tags, *(references.pull_requests or ()))
        files = {
            reference.ref: _list_large_files(branch.read_tree(reference.target_commit)) for reference in named
        }
        kept = set[str]().union(*files.values())
        stored = hub.list_lfs_files(repo_id, repo_type="dataset")
        unused = [file for file in stored if file.oid.removeprefix("sha256:") not in kept]
        # The history has none of them any more, so nothing is rewritten for them.
        hub.permanently_delete_lfs_files(repo_id, unused, rewrite_history=False, repo_type="dataset")
        commit = branch.read_head(revision)
        own = _list_large_files(branch.read_tree(commit))
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise make_refusal(error, branch.url, secret, 1) from error
    others = tuple(name for name, digests in files.items() if not digests <= own)
    return Erased(commit, tuple(sorted({file.oid for file in unused})), others)


def _list_large_files(tree: Tree) -> set[str]:
    """The SHA-256 of the large files of a commit."""
    return {entry.lfs.sha256 for entry in tree.values() if entry.lfs is not None}
