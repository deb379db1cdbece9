"""What the loopback Hub keeps of a repository: references, commits, and files named as git and LFS do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

DATE = "2024-01-01T00:00:00.000Z"
LARGE_SUFFIXES = (".parquet",)
GIT_ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"


@dataclass(frozen=True)
class Blob:
    content: bytes
    lfs: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def pointer(self) -> bytes:
        size = len(self.content)
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {size}\n".encode()

    @property
    def oid(self) -> str:
        stored = self.pointer if self.lfs else self.content
        return hashlib.sha1(b"blob %d\0" % len(stored) + stored).hexdigest()

    def describe(self, path: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(self.content), "oid": self.oid}
        if self.lfs:
            entry["lfs"] = {"oid": self.sha256, "size": len(self.content), "pointerSize": len(self.pointer)}
        return entry


@dataclass(frozen=True)
class Commit:
    oid: str
    parent: str | None
    summary: str
    tree: Mapping[str, Blob]
    description: str = ""

    def entries(self) -> list[dict[str, Any]]:
        """Files and the folders above them, as the Hub's tree lists them."""
        last = {"lastCommit": {"id": self.oid, "title": self.summary, "date": DATE}}
        folders = {folder for path in self.tree for folder in _folders(path)}
        listed = [{"type": "directory", "path": path, "size": 0, "oid": self.oid} for path in folders]
        listed += [blob.describe(path) for path, blob in self.tree.items()]
        return sorted(({**entry, **last} for entry in listed), key=lambda entry: str(entry["path"]))


@dataclass
class PullRequest:
    """A pull request into main, as the Hub's client opens them: first a draft."""

    number: int
    title: str
    author: str
    base: str
    status: Literal["draft", "open", "closed", "merged"] = "draft"
    merge_commit: str | None = None

    @property
    def reference(self) -> str:
        return f"refs/pr/{self.number}"


@dataclass
class Repository:
    """``branches`` are the heads of all references: branches by name, pull requests as refs/pr/NUMBER."""

    private: bool
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    pull_requests: list[PullRequest] = field(default_factory=list)

    @classmethod
    def start(cls, private: bool) -> Repository:
        """A new repository, with the first commit that the Hub itself makes."""
        repository = cls(private)
        repository.commit("main", "initial commit", {".gitattributes": Blob(GIT_ATTRIBUTES, lfs=False)})
        return repository

    def head(self, branch: str) -> Commit:
        return self.commits[self.branches[branch]]

    def history(self, branch: str) -> list[Commit]:
        """Newest first."""
        commits = []
        oid: str | None = self.branches[branch]
        while oid is not None:
            commits.append(self.commits[oid])
            oid = self.commits[oid].parent
        return commits

    def change(self, branch: str, summary: str, changes: Mapping[str, bytes | None]) -> Commit:
        """The head with these files written, or, where they are None, deleted."""
        tree = {path: blob for path, blob in self.head(branch).tree.items() if path not in changes}
        written = {path: content for path, content in changes.items() if content is not None}
        tree |= {path: Blob(content, path.endswith(LARGE_SUFFIXES)) for path, content in written.items()}
        return self.commit(branch, summary, tree)

    def commit(self, branch: str, summary: str, tree: Mapping[str, Blob], description: str = "") -> Commit:
        parent = self.branches.get(branch)
        oid = hashlib.sha1(f"{parent} {len(self.commits)} {summary}".encode()).hexdigest()
        made = Commit(oid, parent, summary, dict(sorted(tree.items())), description)
        self.commits[oid] = made
        self.branches[branch] = oid
        return made

    def squash(self, branch: str, summary: str) -> Commit:
        """Make one commit of a branch; commits that no branch has are gone."""
        head = self.head(branch)
        oid = hashlib.sha1(f"squashed {head.oid}".encode()).hexdigest()
        self.commits[oid] = Commit(oid, None, summary, head.tree)
        self.branches[branch] = oid
        reachable = {commit.oid for name in self.branches for commit in self.history(name)}
        self.commits = {name: commit for name, commit in self.commits.items() if name in reachable}
        return self.commits[oid]

    def open_pull_request(self, title: str, author: str) -> PullRequest:
        head = self.branches["main"]
        opened = PullRequest(len(self.pull_requests) + 1, title, author, head)
        self.pull_requests.append(opened)
        self.branches[opened.reference] = head
        return opened

    def find_conflicts(self, pull_request: PullRequest) -> list[str]:
        """The paths that main and the pull request have changed in different ways."""
        base, ours, theirs = self._three_trees(pull_request)
        return [
            path
            for path in sorted({*base, *ours, *theirs})
            if ours.get(path) != base.get(path) != theirs.get(path) and ours.get(path) != theirs.get(path)
        ]

    def merge(self, pull_request: PullRequest) -> Commit:
        """Bring all changes of a pull request without conflicts to main, in one commit."""
        base, ours, theirs = self._three_trees(pull_request)
        changed = {path for path in {*base, *theirs} if theirs.get(path) != base.get(path)}
        tree = {path: blob for path, blob in ours.items() if path not in changed}
        tree |= {path: blob for path, blob in theirs.items() if path in changed}
        made = self.commit("main", f"{pull_request.title} (#{pull_request.number})", tree)
        pull_request.status, pull_request.merge_commit = "merged", made.oid
        return made

    def _three_trees(
        self, pull_request: PullRequest
    ) -> tuple[Mapping[str, Blob], Mapping[str, Blob], Mapping[str, Blob]]:
        base = self.commits[pull_request.base].tree
        return base, self.head("main").tree, self.head(pull_request.reference).tree


def _folders(path: str) -> Iterable[str]:
    parts = path.split("/")[:-1]
    return ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
