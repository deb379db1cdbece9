"""What the loopback Hub keeps of a repository: branches, commits, and files named as git and LFS do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

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

    def entries(self) -> list[dict[str, Any]]:
        """Files and the folders above them, as the Hub's tree lists them."""
        last = {"lastCommit": {"id": self.oid, "title": self.summary, "date": DATE}}
        folders = {folder for path in self.tree for folder in _folders(path)}
        listed = [{"type": "directory", "path": path, "size": 0, "oid": self.oid} for path in folders]
        listed += [blob.describe(path) for path, blob in self.tree.items()]
        return sorted(({**entry, **last} for entry in listed), key=lambda entry: str(entry["path"]))


@dataclass
class Repository:
    private: bool
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)

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
        found = []
        oid: str | None = self.branches[branch]
        while oid is not None:
            found.append(self.commits[oid])
            oid = self.commits[oid].parent
        return found

    def change(self, branch: str, summary: str, changes: Mapping[str, bytes | None]) -> Commit:
        """The head with these files written, or, where they are None, deleted."""
        tree = {path: blob for path, blob in self.head(branch).tree.items() if path not in changes}
        written = {path: content for path, content in changes.items() if content is not None}
        tree |= {path: Blob(content, path.endswith(LARGE_SUFFIXES)) for path, content in written.items()}
        return self.commit(branch, summary, tree)

    def commit(self, branch: str, summary: str, tree: Mapping[str, Blob]) -> Commit:
        parent = self.branches.get(branch)
        oid = hashlib.sha1(f"{parent} {len(self.commits)} {summary}".encode()).hexdigest()
        made = Commit(oid, parent, summary, dict(sorted(tree.items())))
        self.commits[oid] = made
        self.branches[branch] = oid
        return made


def _folders(path: str) -> Iterable[str]:
    parts = path.split("/")[:-1]
    return ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
