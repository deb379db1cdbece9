"""Reads the signatures of other builds that a recipe compares its documents with.

They are copied below the root, named by their hash, so that a build needs no network if nothing has changed,
and ``verify`` reads the same. A manifest cannot choose the files that are read: it names a hash.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from hanpack.errors import RecipeError, UsageError, VerifyError
from hanpack.hashing import hash_file
from hanpack.names import is_remote
from hanpack.recipe import Against, Recipe
from hanpack.secrets import redact, redact_recipe
from hanpack.sources.remote_paths import REMOTE_FOLDER
from hanpack.store.manifest import SIGNATURES
from hanpack.store.reader import BuildReader
from hanpack.store.shards import ShardFile
from hanpack.store.signature_table import OtherBuild, StatedBuild, read_signatures

_BLOCK = 2**20
_NOTE_KEYS = ("name", "fingerprint", "sha256")


def read_against(recipe: Recipe, root: Path, where: str) -> tuple[OtherBuild, ...]:
    """Read the signatures of the builds that a recipe names, from copies where these are still the same.

    Raises:
        RecipeError: a build cannot be read, has no signatures, or others than the recipe requires.
    """
    shown = redact_recipe(recipe.model_dump(mode="json"), root)["duplicates"]["against"]
    return tuple(
        _read(entry, str(written["build"]), root, f"{where}: duplicates.against.{number}")
        for number, (entry, written) in enumerate(zip(recipe.duplicates.against, shown, strict=True))
    )


def read_copies(stated: Sequence[Mapping[str, Any]], root: Path) -> tuple[OtherBuild, ...]:
    """The signatures that a manifest names, from the copies below the root.

    Raises:
        VerifyError: one of them is not there, or is not the one that is named.
    """
    builds = [StatedBuild(**entry) for entry in stated]
    return tuple(OtherBuild(build, _open_copy(root, build.sha256)) for build in builds)


def _read(entry: Against, shown: str, root: Path, where: str) -> OtherBuild:
    note = _find_folder(root) / f"{sha256(entry.build.encode()).hexdigest()[:32]}.json"
    try:
        stated = _fetch(entry, shown, root)
    except (VerifyError, UsageError) as error:
        noted = _read_note(note) if is_remote(entry.build) else None
        if noted is None:
            todo = "build it with signatures: true below duplicates, or check the path"
            raise RecipeError(
                f"{redact(entry.build)} cannot be compared with: {error}", where, todo
            ) from error
        stated = StatedBuild(shown, **noted)
    if entry.sha256 is not None and entry.sha256 != stated.sha256:
        what = f"the signatures have the sha256 {stated.sha256}, not that of the recipe"
        raise RecipeError(what, where, "set sha256 to compare with the build as it is now")
    note.write_text(json.dumps({key: asdict(stated)[key] for key in _NOTE_KEYS}), encoding="utf-8")
    try:
        return OtherBuild(stated, _open_copy(root, stated.sha256))
    except VerifyError as error:
        raise RecipeError(str(error), where, "delete the copy, and build again") from error


def _fetch(entry: Against, shown: str, root: Path) -> StatedBuild:
    """Copy the signatures of a build, unless there is a copy of them."""
    reader = BuildReader.open(entry.build if is_remote(entry.build) else root / entry.build)
    file = next((file for file in reader.manifest.files if file.path == SIGNATURES), None)
    if file is None:
        raise VerifyError("it has no signatures", reader.place)
    target = _find_copy(root, file.sha256)
    if not target.is_file() or hash_file(target) != file.sha256:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.tmp")
        _copy(reader, file, temporary)
        if hash_file(temporary) != file.sha256:
            raise VerifyError("the signatures are not those that its manifest lists", reader.place)
        os.replace(temporary, target)
    manifest = reader.manifest
    return StatedBuild(shown, manifest.name, manifest.fingerprint, file.sha256)


def _copy(reader: BuildReader, file: ShardFile, target: Path) -> None:
    with target.open("wb") as sink:
        if reader.remote:
            for block in reader.remote.read_blocks(file, _BLOCK):
                sink.write(block)
        else:
            sink.write(reader.path(file).read_bytes())


def _open_copy(root: Path, digest: str) -> pa.Table:
    path = _find_copy(root, digest)
    if not path.is_file():
        raise VerifyError("the copy of the signatures is not there", str(path))
    if hash_file(path) != digest:
        raise VerifyError("the copy of the signatures was changed", str(path))
    return read_signatures(path)


def _read_note(path: Path) -> dict[str, str] | None:
    """What is known of a build from the last time that it was read."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return {key: str(note[key]) for key in _NOTE_KEYS}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _find_copy(root: Path, digest: str) -> Path:
    return _find_folder(root) / f"{digest}.parquet"


def _find_folder(root: Path) -> Path:
    return root / REMOTE_FOLDER / "signatures"
