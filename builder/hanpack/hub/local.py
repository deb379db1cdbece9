"""The local side of a push: the files of a build, each checked against the manifest before any is sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from hanpack.building.publication import TOP_LEVEL_FILES, is_signed
from hanpack.errors import BuildError, UsageError, VerifyError
from hanpack.lazy_patterns import compile_lazily
from hanpack.recipe import TableName
from hanpack.store.manifest import ATTESTATION, MANIFEST, read_manifest
from hanpack.store.shards import ShardFile, describe_file
from hanpack.store.table_kinds import TableKind

CARD = "README.md"
DATA_FOLDER = "data/"

_SHARD = compile_lazily(r"data/([a-z0-9_]+)/[A-Za-z0-9][A-Za-z0-9._-]*\.parquet")
_TABLES = frozenset(kind.value for kind in TableKind if kind is not TableKind.FEATURES)
_CHUNKS_NAME: TypeAdapter[str] = TypeAdapter(TableName)
_BUILD_AGAIN = "run `hanpack build` again, then push"


@dataclass(frozen=True, slots=True)
class CheckedBuild:
    """A build in ``folder`` whose every file has the bytes that its manifest lists.

    ``files`` are what a push uploads, sorted by path: the card first, the manifest last.
    """

    folder: Path
    files: tuple[ShardFile, ...]

    @property
    def manifest_sha256(self) -> str:
        """The hash of the manifest, which names the hash of every other file: two equal builds share it."""
        return next(file.sha256 for file in self.files if file.path == MANIFEST)


def read_listed_files(build: Path) -> tuple[ShardFile, ...]:
    """The files that the manifest of a build lists, each at a path that a file of a build can have.

    Raises:
        UsageError: the folder holds no build, or its manifest lists a file that no build has.
        VerifyError: the manifest was changed after it was written.
    """
    if not (build / MANIFEST).is_file():
        raise UsageError(
            f"not a build: it has no {MANIFEST}",
            str(build),
            "run `hanpack build`, and push the folder it wrote",
        )
    manifest = read_manifest(build)
    where = str(build / MANIFEST)
    for file in manifest.files:
        if not is_build_path(file.path):
            raise UsageError(f"the manifest lists a file that no build has: {file.path!r}", where)
    if not manifest.tables:
        raise UsageError("the manifest lists no shards", where, _BUILD_AGAIN)
    if all(file.path != CARD for file in manifest.files):
        raise UsageError(f"the manifest lists no {CARD}", where, _BUILD_AGAIN)
    return tuple(manifest.files)


def is_build_path(path: str) -> bool:
    """Whether a build has a file at this path: a shard of one of its tables, or one of the three at the top.

    >>> is_build_path("data/chunks_small/train-00000-of-00001.parquet"), is_build_path("hanpack.json")
    (True, True)
    >>> is_build_path("data/../secret.parquet"), is_build_path("data/notes/a.parquet")
    (False, False)
    """
    shard = _SHARD.fullmatch(path)
    return path in TOP_LEVEL_FILES or (shard is not None and _is_table(shard[1]))


def check_build(build: Path, listed: tuple[ShardFile, ...]) -> CheckedBuild:
    """Hash every file of a build.

    Raises:
        BuildError: a file is missing.
        VerifyError: a file is a link out of the build, or differs from the one that the manifest lists.
    """
    for file in listed:
        if _describe(build, file.path, file.rows) != file:
            raise VerifyError(
                f"{file.path} is not the file that the manifest lists: its sha256 differs",
                str(build / file.path),
                _BUILD_AGAIN,
            )
    signed = [ATTESTATION] if is_signed(build) else []
    unlisted = [_describe(build, name) for name in (MANIFEST, *signed)]
    files = {file.path: file for file in (*listed, *unlisted)}
    return CheckedBuild(build, tuple(sorted(files.values(), key=lambda file: file.path)))


def _is_table(name: str) -> bool:
    if name in _TABLES:
        return True
    try:
        _CHUNKS_NAME.validate_python(name)
    except ValidationError:
        return False
    return True


def _describe(build: Path, name: str, rows: int = 0) -> ShardFile:
    path = build / name
    if not path.is_file():
        raise BuildError(f"the build has no {name}", str(build), _BUILD_AGAIN)
    if not path.resolve().is_relative_to(build.resolve()):
        raise VerifyError(f"{name} is a link out of the build", str(path), _BUILD_AGAIN)
    return describe_file(path, build, rows)
