"""Push a build to a dataset repository on the Hub, in one commit that holds all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

# The Hub client's own HTTP library: its transport errors reach the caller as they are.
import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, RepoFile, get_token
from huggingface_hub.errors import (
    DeviceCodeError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    OIDCError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # its docstring shows it

from hanpack.errors import BuildError, UsageError, VerifyError

MANIFEST = "hanpack.json"
CARD = "README.md"
TOP_LEVEL_FILES = (CARD, "croissant.json", MANIFEST)
DATA_FOLDER = "data/"
WAITS = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further attempt: five attempts in all."""

_SHARD = re.compile(r"data/(?:chunks|documents|ledger)/[^./\\][^/\\]*\.parquet")
_COMMIT = re.compile(r"[0-9a-fA-F]{40}")
_REQUEST_TIMEOUT = 408
_CONFLICT = 409
_PARENT_MOVED = 412
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
_PASSING = frozenset({_REQUEST_TIMEOUT, _CONFLICT, _PARENT_MOVED, _TOO_MANY_REQUESTS})
_LOG_IN = "run `hf auth login`, or set HF_TOKEN, with a token that has write access"
_REFUSALS = {
    401: ("the Hub does not accept the token", _LOG_IN),
    403: (
        "the token may not write to this repository",
        "use a token with write access to this namespace, or push to a repository of your own",
    ),
    404: (
        "the Hub does not know this repository or revision, or the token may not see it",
        "check the name, and that the token may read and write it",
    ),
    413: ("the Hub finds the push too large", "build with fewer or smaller shards"),
}


@dataclass(frozen=True)
class Pushed:
    """What a push did.

    `commit` is the oid of the commit that this push made, None where nothing had changed; `url` the
    dataset's page; `added` and `deleted` the paths in the repository that the commit wrote and removed.
    """

    repo_id: str
    commit: str | None
    url: str
    added: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: bool


@dataclass(frozen=True)
class _BuildFile:
    name: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class _Change:
    additions: tuple[_BuildFile, ...]
    deletions: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.additions and not self.deletions


@dataclass(frozen=True)
class _Target:
    hub: HfApi
    repo_id: str
    revision: str
    private: bool

    @property
    def url(self) -> str:
        return f"{self.hub.endpoint}/datasets/{self.repo_id}"


def push(
    build: Path,
    repo_id: str,
    *,
    private: bool = False,
    revision: str = "main",
    token: str | None = None,
    message: str | None = None,
    verify: Callable[[Path], None] | None = None,
    endpoint: str | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Pushed:
    """Make the dataset repository `repo_id` (namespace/name) hold exactly this build, in one commit.

    Uploaded are README.md, hanpack.json, croissant.json where there is one, and the shards that the manifest
    lists, each checked against the manifest's sha256. The same commit deletes what an earlier build left:
    anything under data/ and those three names that this build does not have. All other files of the
    repository, .gitattributes among them, are left alone. Where the repository holds the build already,
    no commit is made.

    The repository and the branch `revision` are created where they are missing. With `private`, a repository
    that exists and is public is refused. `token` defaults to huggingface_hub's own login, `endpoint` to its
    HF_ENDPOINT. `verify` is called with the build before anything is sent, and its errors pass through.

    The commit names its parent, so an attempt is repeated without harm after a lost answer, a 5xx, a 409,
    or a 412 (the branch has moved): each attempt reads the head anew and commits only what still differs.
    There are five at most; `pause` is called with the seconds between them.

    Raises UsageError where a name, the token or the folder is not one to push with, VerifyError where a
    file is not the one that the manifest lists, BuildError where the Hub cannot be written to.
    """
    _check_names(repo_id, revision)
    secret = _find_token(token)
    listed = _read_manifest(build)
    if verify is not None:
        verify(build)
    files = _read_files(build, listed)
    target = _Target(
        HfApi(endpoint=endpoint, token=secret, library_name="hanpack"), repo_id, revision, private
    )
    sent: list[_Change] = []
    for wait in (*WAITS, None):
        try:
            return _bring(target, files, message or "Push a hanpack build", sent)
        except (httpx2.HTTPError, OSError, RuntimeError, ValueError) as error:
            cause = _root(error)
            if wait is None or not _is_passing(cause):
                raise _refusal(cause, target, secret) from error
        pause(wait)
    raise AssertionError("the last attempt either returns or raises")


def _bring(target: _Target, files: tuple[_BuildFile, ...], message: str, sent: list[_Change]) -> Pushed:
    """One attempt; a commit that was or may have been made joins `sent`, for the next attempt to find."""
    head = _find_head(target)
    change = _compare(target, files, head)
    if change.is_empty:
        return _report(target, sent[-1] if sent else None, head)
    deletions = (CommitOperationDelete(name, is_folder=False) for name in change.deletions)
    try:
        # Has the card checked, then uploads the large files, then makes the commit in one request.
        commit = target.hub.create_commit(
            target.repo_id,
            [*_additions(change), *deletions],
            commit_message=message,
            repo_type="dataset",
            revision=target.revision,
            parent_commit=head,
        ).oid
    except (httpx2.HTTPError, ValueError) as error:
        if not _is_rejection(error):
            sent.append(change)
        raise
    sent.append(change)
    left = _compare(target, files, commit)
    if not left.is_empty:
        names = ", ".join([*(file.name for file in left.additions), *left.deletions])
        raise BuildError(
            f"commit {commit} was made, but it is not the whole build: {names}",
            target.url,
            "see whether a .gitignore in the repository names these files, remove it, and push again",
        )
    return _report(target, change, commit)


def _report(target: _Target, change: _Change | None, commit: str) -> Pushed:
    if change is None:
        return Pushed(target.repo_id, None, target.url, (), (), unchanged=True)
    added = tuple(file.name for file in change.additions)
    return Pushed(target.repo_id, commit, target.url, added, change.deletions, unchanged=False)


def _find_head(target: _Target) -> str:
    hub, repo_id = target.hub, target.repo_id
    try:
        found = hub.dataset_info(repo_id)
    except GatedRepoError:
        raise
    except RepositoryNotFoundError:
        # None leaves the choice to the namespace, whose default may be private.
        hub.create_repo(repo_id, repo_type="dataset", private=target.private or None, exist_ok=True)
        found = hub.dataset_info(repo_id)
    if target.private and found.private is False:
        raise BuildError(
            "the repository exists and is public, while this push is to be private",
            target.url,
            "make the repository private in its settings, choose another name, or push without private",
        )
    if target.revision != "main":
        try:
            found = hub.dataset_info(repo_id, revision=target.revision)
        except RevisionNotFoundError:
            hub.create_branch(repo_id, branch=target.revision, repo_type="dataset", exist_ok=True)
            found = hub.dataset_info(repo_id, revision=target.revision)
    if found.sha is None:
        raise BuildError(
            "the repository has no first commit", target.url, "delete the repository and push again"
        )
    return found.sha


def _compare(target: _Target, files: Iterable[_BuildFile], commit: str) -> _Change:
    tree = target.hub.list_repo_tree(target.repo_id, recursive=True, revision=commit, repo_type="dataset")
    there = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
    ours = {file.name: file for file in files}
    additions = (file for name, file in ours.items() if name not in there or not _is_same(file, there[name]))
    stale = (name for name in there if name not in ours and _is_owned(name))
    return _Change(tuple(additions), tuple(sorted(stale)))


def _is_owned(name: str) -> bool:
    return name.startswith(DATA_FOLDER) or name in TOP_LEVEL_FILES


def _is_same(file: _BuildFile, entry: RepoFile) -> bool:
    if entry.size != file.size:
        return False
    if entry.lfs is not None:
        return entry.lfs.sha256 == file.sha256
    content = file.path.read_bytes()
    # git names a blob by this hash, and the Hub shows no other one of a file kept outside LFS.
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return entry.blob_id == blob.hexdigest()


def _additions(change: _Change) -> list[CommitOperationAdd]:
    operations = []
    for file in change.additions:
        operation = CommitOperationAdd(file.name, str(file.path))
        # Known already: saves the client from reading the file once more to hash it.
        operation.upload_info.sha256 = bytes.fromhex(file.sha256)
        operations.append(operation)
    return operations


def _check_names(repo_id: str, revision: str) -> None:
    try:
        validate_repo_id(repo_id)
    except HFValidationError as error:
        raise UsageError(f"not a repository's name: {error}", repo_id, "give it as NAMESPACE/NAME") from error
    if "/" not in repo_id:
        raise UsageError("the repository's name has no namespace", repo_id, "give it as NAMESPACE/NAME")
    if not revision.strip() or _COMMIT.fullmatch(revision):
        raise UsageError("a push goes to a branch", repr(revision), "give a branch's name, such as main")


def _find_token(token: str | None) -> str:
    try:
        found = token if token is not None else get_token()
    except (OIDCError, DeviceCodeError, httpx2.HTTPError, OSError) as error:
        raise UsageError(f"huggingface_hub could not read its login: {error}", "", _LOG_IN) from error
    secret = (found or "").strip()
    if not secret:
        raise UsageError("no token for the Hub", "", _LOG_IN)
    if not (secret.isascii() and secret.isprintable() and " " not in secret):
        raise UsageError("the token holds characters that no token has", "", _LOG_IN)
    return secret


def _read_manifest(build: Path) -> dict[str, str]:
    """The sha256 of each file that the manifest lists, by its path in the build."""
    path = build / MANIFEST
    todo = "run `hanpack build`, and push the folder it wrote"
    if not path.is_file():
        raise UsageError(f"not a build: it has no {MANIFEST}", str(build), todo)
    try:
        manifest = json.loads(path.read_bytes())
        listed = {str(entry["path"]): str(entry["sha256"]) for entry in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"the manifest cannot be read: {error!r}", str(path), todo) from error
    for name, sha256 in listed.items():
        if name not in TOP_LEVEL_FILES and not _SHARD.fullmatch(name):
            raise UsageError(f"the manifest lists a file that no build has: {name!r}", str(path), todo)
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise UsageError(f"the manifest has no sha256 of {name}", str(path), todo)
    if not any(_SHARD.fullmatch(name) for name in listed):
        raise UsageError("the manifest lists no shards", str(path), todo)
    return listed


def _read_files(build: Path, listed: dict[str, str]) -> tuple[_BuildFile, ...]:
    present = {name for name in TOP_LEVEL_FILES if (build / name).exists()}
    names = sorted({CARD, MANIFEST, *present, *listed})
    return tuple(_read_file(build, name, listed.get(name)) for name in names)


def _read_file(build: Path, name: str, expected: str | None) -> _BuildFile:
    path = build / name
    todo = "run `hanpack build` again, then push"
    if not path.is_file():
        raise BuildError(f"the build has no {name}", str(build), todo)
    if not path.resolve().is_relative_to(build.resolve()):
        raise VerifyError(f"{name} is a link out of the build", str(path), todo)
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    if expected is not None and sha256 != expected:
        raise VerifyError(
            f"{name} is not the file that the manifest lists: its sha256 differs", str(path), todo
        )
    return _BuildFile(name, path, size, sha256)


def _root(error: BaseException) -> BaseException:
    # The client wraps what went wrong with an upload in a RuntimeError.
    while isinstance(error, RuntimeError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _is_rejection(error: BaseException) -> bool:
    """Whether the Hub answered that it did not make the commit."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code < _SERVER_ERRORS
    return isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError)


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in _PASSING or error.response.status_code >= _SERVER_ERRORS
    if isinstance(error, OfflineModeIsEnabled):
        return False
    # A proxy's error page stands where the client expects JSON.
    lost = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError, json.JSONDecodeError)
    return isinstance(error, (*lost, ConnectionError, TimeoutError))


def _refusal(error: BaseException, target: _Target, secret: str) -> BuildError:
    reason = str(error).strip() or type(error).__name__
    if isinstance(error, httpx2.HTTPError):
        # The lines after the first only point to manuals.
        reason = reason.splitlines()[0]
    if isinstance(error, OfflineModeIsEnabled):
        what, todo = "huggingface_hub is in offline mode", "unset HF_HUB_OFFLINE, then push again"
    elif _is_passing(error):
        what = f"the Hub confirmed no commit in {len(WAITS) + 1} attempts: {reason}"
        todo = "push again later: what the Hub has by then is not sent twice"
    elif isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        what, todo = _REFUSALS.get(
            status, (f"the Hub refused the push with HTTP {status}", "mend that, then push again")
        )
        what = f"{what}: {error.server_message or reason}"
    else:
        what, todo = f"the push failed: {reason}", "mend that, then push again"
    return BuildError(what.replace(secret, "[token]"), target.url, todo)
