"""A small Hub on the loopback address: enough of its API for the real client, with faults on call.

It answers what huggingface_hub and datasets request of a dataset repository: create, branch, refs, info, tree
(in pages), paths-info, preupload, LFS batch with PUT and verify, commit, pull requests, validate-yaml,
whoami, and HEAD and GET of files with ETag and ranges. Every request is recorded, and no other address gets
one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlencode

import yaml

from tests.hub import discussions
from tests.hub.http import RESET, Answer, Refusal, Request, Server, reply
from tests.hub.repository import DATE, LARGE_SUFFIXES, Blob, Commit, Repository

WRITER = "hf_loopback_writer"
READER = "hf_loopback_reader"
USERS = {WRITER: "somebody", READER: "a-reader"}
REPOSITORY = r"(?P<repo>[^/]+/[^/]+)"


@dataclass
class Fault:
    """What replaces `times` answers after `skip` true ones; with `applied`, the request takes effect."""

    method: str
    pattern: str
    how: int | Literal["reset"]
    times: int
    skip: int
    applied: bool
    message: str


class LoopbackHub:
    """`with LoopbackHub() as hub:` serves at `hub.url` until the block ends."""

    def __init__(self, page_size: int = 1000) -> None:
        self.page_size = page_size
        self.repositories: dict[str, Repository] = {}
        self.large_files: dict[str, bytes] = {}
        self.ignored: set[str] = set()
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self._actions: list[tuple[str, str, Callable[[], object]]] = []
        self._mains: dict[str, list[Commit]] = {}
        self._lock = threading.RLock()
        self._server = Server(self.answer)
        self.errors = self._server.errors
        self.netloc = self._server.netloc
        self.url = f"http://{self.netloc}"

    def __enter__(self) -> LoopbackHub:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    # For tests: faults, other users, and what happened.

    def fail(
        self,
        method: str,
        pattern: str,
        how: int | Literal["reset"],
        *,
        times: int = 1,
        skip: int = 0,
        applied: bool = False,
        message: str = "trouble",
    ) -> None:
        self.faults.append(Fault(method, pattern, how, times, skip, applied, message))

    def before(self, method: str, pattern: str, action: Callable[[], object]) -> None:
        """Run `action` once, ahead of the next request that fits."""
        self._actions.append((method, pattern, action))

    def create(self, repo: str, *, private: bool = False) -> None:
        with self._lock:
            self.repositories[repo] = Repository.start(private)

    def commit(self, repo: str, changes: Mapping[str, bytes | None], branch: str = "main") -> str:
        """Another user's commit; None deletes."""
        with self._lock:
            return self.repositories[repo].change(branch, "another user's commit", changes).oid

    def head(self, repo: str, branch: str = "main") -> Commit:
        return self.repositories[repo].head(branch)

    def history(self, repo: str, branch: str = "main") -> list[Commit]:
        return self.repositories[repo].history(branch)

    def mains(self, repo: str) -> list[Commit]:
        """What a reader of main would have got: its newest commit before and after each request so far."""
        return self._mains[repo]

    def files(self, repo: str, branch: str = "main") -> dict[str, bytes]:
        return {path: blob.content for path, blob in self.head(repo, branch).tree.items()}

    def count(self, method: str, pattern: str) -> int:
        return sum(
            seen.method == method and re.search(pattern, seen.path) is not None for seen in self.requests
        )

    # For the client: the answers to its requests.

    def answer(self, request: Request) -> Answer | Literal["reset"]:
        with self._lock:
            self.requests.append(request)
            for entry in [
                e for e in self._actions if e[0] == request.method and re.search(e[1], request.path)
            ]:
                self._actions.remove(entry)
                entry[2]()
            self._note_heads()
            fault = self._next_fault(request)
            if fault is not None and not fault.applied:
                return _faulty(fault)
            answer = self._route(request)
            self._note_heads()
            return answer if fault is None else _faulty(fault)

    def _note_heads(self) -> None:
        for repo, repository in self.repositories.items():
            self._mains.setdefault(repo, []).append(repository.head("main"))

    def _next_fault(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method == request.method and re.search(fault.pattern, request.path):
                if fault.skip == 0:
                    fault.times -= 1
                    return fault
                fault.skip -= 1
        return None

    def _route(self, request: Request) -> Answer:
        try:
            return self._handler(request)()
        except Refusal as refusal:
            return refusal.answer

    def _handler(self, request: Request) -> Callable[[], Answer]:
        if request.host != self.netloc:
            raise Refusal(404, "this Hub has no such service")
        if request.token not in {None, WRITER, READER}:
            raise Refusal(401, "Invalid credentials in Authorization header")
        for method, pattern, handle in ROUTES:
            match = re.fullmatch(pattern, request.path)
            if match is not None and method == request.method:
                names = {name: unquote(value or "") for name, value in match.groupdict().items()}
                return partial(handle, self, request, **names)
        raise Refusal(404, f"no route for {request.method} {request.path}")

    def readable(self, request: Request, repo: str) -> Repository:
        repository = self.repositories.get(repo)
        if repository is None or (repository.private and request.token is None):
            raise Refusal(401 if request.token is None else 404, "Repository not found", "RepoNotFound")
        return repository

    def writable(self, request: Request, repo: str) -> Repository:
        if request.token is None:
            raise Refusal(401, "Invalid username or password.")
        repository = self.readable(request, repo)
        if request.token != WRITER:
            raise Refusal(403, "you don't have the rights to push here")
        return repository

    def _at(self, request: Request, repo: str, revision: str) -> Commit:
        repository = self.readable(request, repo)
        oid = repository.branches.get(revision, revision)
        if oid not in repository.commits:
            raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return repository.commits[oid]

    def name_user(self, request: Request) -> str:
        if request.token is None:
            raise Refusal(401, "Invalid username or password.")
        return USERS[request.token]

    def whoami(self, request: Request) -> Answer:
        name = self.name_user(request)
        return reply({"type": "user", "name": name, "orgs": [], "auth": {"type": "access_token"}})

    def validate_yaml(self, request: Request) -> Answer:
        content = request.json["content"]
        header = re.match(r"---\n(.*?)\n---\n", content, re.S)
        try:
            yaml.safe_load(header.group(1) if header else "")
        except yaml.YAMLError as error:
            return reply({"errors": [{"message": str(error)}], "warnings": []}, 400)
        return reply({"errors": [], "warnings": []})

    def create_repository(self, request: Request) -> Answer:
        if request.token is None:
            raise Refusal(401, "Invalid username or password.")
        if request.token != WRITER:
            raise Refusal(403, "you don't have the rights to create a dataset under this namespace")
        repo = f"{request.json['organization']}/{request.json['name']}"
        where = {"url": f"{self.url}/datasets/{repo}", "name": repo}
        if repo in self.repositories:
            return reply({"error": "You already created this dataset repo", **where}, 409)
        self.create(repo, private=request.json.get("visibility") == "private")
        return reply(where)

    def create_branch(self, request: Request, repo: str, branch: str) -> Answer:
        repository = self.writable(request, repo)
        if branch in repository.branches:
            raise Refusal(409, "Reference already exists")
        repository.branches[branch] = repository.branches[request.json.get("startingPoint", "main")]
        return reply({})

    def info(self, request: Request, repo: str, revision: str = "main") -> Answer:
        commit = self._at(request, repo, revision)
        return reply(
            {
                "id": repo,
                "sha": commit.oid,
                "private": self.repositories[repo].private,
                "lastModified": DATE,
                "siblings": [{"rfilename": path} for path in commit.tree],
            }
        )

    def refs(self, request: Request, repo: str) -> Answer:
        branches = self.readable(request, repo).branches
        listed = [
            {"name": name, "ref": f"refs/heads/{name}", "targetCommit": oid}
            for name, oid in branches.items()
            if not name.startswith("refs/")
        ]
        answer = {"branches": listed, "tags": [], "converts": []}
        if request.query.get("include_prs"):
            answer["pullRequests"] = [
                {"name": name, "ref": name, "targetCommit": oid}
                for name, oid in branches.items()
                if name.startswith("refs/")
            ]
        return reply(answer)

    def tree(self, request: Request, repo: str, revision: str, path: str) -> Answer:
        commit = self._at(request, repo, revision)
        under = f"{path}/" if path else ""
        recursive = request.query.get("recursive", ["false"])[0].lower() == "true"
        entries = [entry for entry in commit.entries() if entry["path"].startswith(under)]
        if not recursive:
            entries = [entry for entry in entries if "/" not in entry["path"].removeprefix(under)]
        if path and not entries:
            raise Refusal(404, f"{path} does not exist", "EntryNotFound")
        start = int(request.query.get("cursor", ["0"])[0])
        stop = start + self.page_size
        headers = {}
        if stop < len(entries):
            query = urlencode({"recursive": str(recursive).lower(), "cursor": stop})
            headers["Link"] = f'<{self.url}{request.path}?{query}>; rel="next"'
        return reply(entries[start:stop], headers=headers)

    def paths_info(self, request: Request, repo: str, revision: str) -> Answer:
        commit = self._at(request, repo, revision)
        paths = set(parse_qs(request.body.decode()).get("paths", []))
        return reply([entry for entry in commit.entries() if entry["path"] in paths])

    def preupload(self, request: Request, repo: str, revision: str) -> Answer:
        self.writable(request, repo)
        tree = self._at(request, repo, revision).tree
        files = []
        for file in request.json["files"]:
            path = file["path"]
            entry = {
                "path": path,
                "uploadMode": "lfs" if path.endswith(LARGE_SUFFIXES) else "regular",
                "shouldIgnore": path in self.ignored,
            }
            if path in tree:
                entry["oid"] = tree[path].sha256 if tree[path].lfs else tree[path].oid
            files.append(entry)
        return reply({"files": files})

    def large_file_batch(self, request: Request, repo: str) -> Answer:
        self.writable(request, repo)
        objects = []
        for large in request.json["objects"]:
            entry = {"oid": large["oid"], "size": large["size"]}
            if large["oid"] not in self.large_files:
                href = f"{self.url}/large/{large['oid']}"
                entry["actions"] = {"upload": {"href": href}, "verify": {"href": f"{href}/verify"}}
            objects.append(entry)
        return reply({"transfer": "basic", "objects": objects})

    def put_large_file(self, request: Request, oid: str) -> Answer:
        if hashlib.sha256(request.body).hexdigest() != oid:
            raise Refusal(400, "the content does not have this sha256")
        self.large_files[oid] = request.body
        return Answer()

    def verify_large_file(self, request: Request, oid: str) -> Answer:
        if len(self.large_files.get(oid, b"")) != request.json["size"]:
            raise Refusal(400, "the size differs")
        return reply({})

    def make_commit(self, request: Request, repo: str, revision: str) -> Answer:
        repository = self.writable(request, repo)
        if revision not in repository.branches:
            raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        head = repository.head(revision)
        lines = [json.loads(line) for line in request.body.splitlines()]
        header = lines[0]["value"]
        if header.get("parentCommit") not in {None, head.oid}:
            raise Refusal(412, "A commit has happened since. Please refresh and try again.")
        tree = dict(head.tree)
        for line in lines[1:]:
            self._apply(line["key"], line["value"], tree)
        made = repository.commit(revision, header["summary"], tree, header.get("description", ""))
        url = f"{self.url}/datasets/{repo}/commit/{made.oid}"
        return reply({"success": True, "commitOid": made.oid, "commitUrl": url})

    def _apply(self, key: str, value: dict[str, Any], tree: dict[str, Blob]) -> None:
        path = value["path"]
        if key == "file":
            tree[path] = Blob(base64.b64decode(value["content"]), lfs=False)
        elif key == "lfsFile":
            if value["oid"] not in self.large_files:
                raise Refusal(400, f"the content of {path} was not uploaded")
            tree[path] = Blob(self.large_files[value["oid"]], lfs=True)
        elif key == "deletedFile":
            if tree.pop(path, None) is None:
                raise Refusal(404, f"A file with this name doesn't exist: {path}", "EntryNotFound")
        else:
            raise Refusal(400, f"this Hub has no operation {key}")

    def squash(self, request: Request, repo: str, branch: str) -> Answer:
        self.writable(request, repo).squash(unquote(branch), request.json["message"])
        return reply({})

    def list_large_files(self, request: Request, repo: str) -> Answer:
        self.writable(request, repo)
        stored = {digest: Blob(content, lfs=True) for digest, content in self.large_files.items()}
        return reply(
            [
                {
                    "fileOid": blob.oid,
                    "filename": "data.parquet",
                    "oid": digest,
                    "pushedAt": DATE,
                    "ref": None,
                    "size": len(blob.content),
                }
                for digest, blob in stored.items()
            ]
        )

    def delete_large_files(self, request: Request, repo: str) -> Answer:
        self.writable(request, repo)
        deletions = request.json["deletions"]["sha"]
        self.large_files = {
            digest: content
            for digest, content in self.large_files.items()
            if Blob(content, lfs=True).oid not in deletions
        }
        return reply({})

    def resolve(self, request: Request, repo: str, revision: str, path: str) -> Answer:
        commit = self._at(request, repo, revision)
        blob = commit.tree.get(path)
        if blob is None:
            headers = {"X-Repo-Commit": commit.oid, "X-Error-Code": "EntryNotFound"}
            return reply({"error": "Entry not found"}, 404, headers)
        headers = {
            "ETag": f'"{blob.sha256 if blob.lfs else blob.oid}"',
            "X-Repo-Commit": commit.oid,
            "Accept-Ranges": "bytes",
            "Content-Type": "application/octet-stream",
        }
        span = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
        if span is None:
            return Answer(200, blob.content, headers)
        size = len(blob.content)
        first, last = span.group(1), span.group(2)
        start = int(first) if first else max(0, size - int(last))
        stop = min(size, int(last) + 1) if first and last else size
        if start >= stop:
            return Answer(416, b"", {"Content-Range": f"bytes */{size}"})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        return Answer(206, blob.content[start:stop], headers)


DISCUSSIONS = rf"/api/datasets/{REPOSITORY}/discussions"
ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", r"/api/whoami-v2", LoopbackHub.whoami),
    ("POST", r"/api/validate-yaml", LoopbackHub.validate_yaml),
    ("POST", r"/api/repos/create", LoopbackHub.create_repository),
    ("GET", rf"/api/datasets/{REPOSITORY}", LoopbackHub.info),
    ("GET", rf"/api/datasets/{REPOSITORY}/revision/(?P<revision>[^/]+)", LoopbackHub.info),
    ("GET", rf"/api/datasets/{REPOSITORY}/refs", LoopbackHub.refs),
    ("POST", rf"/api/datasets/{REPOSITORY}/branch/(?P<branch>[^/]+)", LoopbackHub.create_branch),
    ("GET", rf"/api/datasets/{REPOSITORY}/tree/(?P<revision>[^/]+)(?:/(?P<path>.+))?", LoopbackHub.tree),
    ("POST", rf"/api/datasets/{REPOSITORY}/paths-info/(?P<revision>[^/]+)", LoopbackHub.paths_info),
    ("POST", rf"/api/datasets/{REPOSITORY}/preupload/(?P<revision>[^/]+)", LoopbackHub.preupload),
    ("POST", rf"/api/datasets/{REPOSITORY}/commit/(?P<revision>[^/]+)", LoopbackHub.make_commit),
    ("GET", rf"{DISCUSSIONS}", discussions.list_page),
    ("POST", rf"{DISCUSSIONS}", discussions.create),
    ("GET", rf"{DISCUSSIONS}/(?P<number>\d+)", discussions.show),
    ("POST", rf"{DISCUSSIONS}/(?P<number>\d+)/status", discussions.change_status),
    ("POST", rf"{DISCUSSIONS}/(?P<number>\d+)/merge", discussions.merge),
    ("POST", rf"/api/datasets/{REPOSITORY}/super-squash/(?P<branch>[^/]+)", LoopbackHub.squash),
    ("GET", rf"/api/datasets/{REPOSITORY}/lfs-files", LoopbackHub.list_large_files),
    ("POST", rf"/api/datasets/{REPOSITORY}/lfs-files/batch", LoopbackHub.delete_large_files),
    ("POST", rf"/datasets/{REPOSITORY}\.git/info/lfs/objects/batch", LoopbackHub.large_file_batch),
    ("PUT", r"/large/(?P<oid>[0-9a-f]{64})", LoopbackHub.put_large_file),
    ("POST", r"/large/(?P<oid>[0-9a-f]{64})/verify", LoopbackHub.verify_large_file),
    ("HEAD", rf"/datasets/{REPOSITORY}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", LoopbackHub.resolve),
    ("GET", rf"/datasets/{REPOSITORY}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", LoopbackHub.resolve),
)


def _faulty(fault: Fault) -> Answer | Literal["reset"]:
    if fault.how == "reset":
        return RESET
    return Answer(
        fault.how, b"<html>trouble</html>", {"Content-Type": "text/html", "X-Error-Message": fault.message}
    )
