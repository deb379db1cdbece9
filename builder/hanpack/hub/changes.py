"""What a push has to change: the differences between a build and the files of a repository."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from huggingface_hub import RepoFile

from hanpack.building.publication import TOP_LEVEL_FILES
from hanpack.hub.local import DATA_FOLDER, CheckedBuild
from hanpack.store.shards import ShardFile

Tree = Mapping[str, RepoFile]
"""The files of a commit, by their path."""


@dataclass(frozen=True, slots=True)
class Change:
    """The files to upload and the paths to delete, for a repository to hold exactly a build."""

    additions: tuple[ShardFile, ...]
    deletions: tuple[str, ...]

    @property
    def operations(self) -> int:
        """The number of files to upload and to delete."""
        return len(self.additions) + len(self.deletions)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that the change writes or deletes."""
        return (*(file.path for file in self.additions), *self.deletions)

    def split(self, limit: int) -> Iterator[Change]:
        """Changes of at most ``limit`` operations each that make up this one, the deletions last.

        >>> [part.paths for part in Change((), ("a", "b", "c")).split(2)]
        [('a', 'b'), ('c',)]
        """
        added = len(self.additions)
        for start in range(0, self.operations, limit):
            stop = start + limit
            yield Change(
                self.additions[start:stop], self.deletions[max(0, start - added) : max(0, stop - added)]
            )


@dataclass(slots=True)
class Progress:
    """What the attempts of a push have brought about so far.

    ``changes`` are those of the branch whose commit was made, or may have been made with the answer lost;
    ``part_commits`` counts the confirmed commits to pull requests; ``uses_pull_request`` is set once the push
    needs one.
    """

    changes: list[Change] = field(default_factory=list)
    part_commits: int = 0
    uses_pull_request: bool = False


def compare(build: CheckedBuild, tree: Tree) -> Change:
    """What makes ``tree`` hold exactly the build, all files that no build owns left as they are."""
    ours = {file.path: file for file in build.files}
    additions = (
        file
        for path, file in ours.items()
        if path not in tree or not _is_same(build.folder, file, tree[path])
    )
    stale = (path for path in tree if path not in ours and is_owned(path))
    return Change(tuple(additions), tuple(sorted(stale)))


def is_owned(path: str) -> bool:
    """Whether a push may delete the file at this path of a repository.

    >>> is_owned("data/old.parquet"), is_owned("README.md"), is_owned(".gitattributes")
    (True, True, False)
    """
    return path.startswith(DATA_FOLDER) or path in TOP_LEVEL_FILES


def list_foreign_blobs(tree: Tree) -> Mapping[str, str]:
    """The git hash of every file that no build owns, by its path."""
    return {path: entry.blob_id for path, entry in tree.items() if not is_owned(path)}


def _is_same(folder: Path, file: ShardFile, entry: RepoFile) -> bool:
    if entry.size != file.bytes:
        return False
    if entry.lfs is not None:
        return entry.lfs.sha256 == file.sha256
    content = (folder / file.path).read_bytes()
    # git names a blob by this hash, and the Hub shows no other for a file outside LFS.
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return entry.blob_id == blob.hexdigest()
