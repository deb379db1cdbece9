"""Fetches the remote sources of a recipe: each file is copied below the root, and read there like any other.

The copies stay: without the network, or if nothing has changed there, a build uses them, and ``verify`` reads
nothing else. ``https`` is read with httpx2, all other protocols (``hf``, ``s3``, ``gs`` …) with fsspec.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from hanpack.errors import RecipeError
from hanpack.names import is_remote
from hanpack.recipe import Recipe
from hanpack.secrets import redact
from hanpack.sources.remote_paths import localize
from hanpack.sources.survey import Progress
from hanpack.store.object_folder import PACKAGES, find_storage_errors

_BLOCK = 2**20
_TIMEOUT = 60.0
# What tells whether a remote file has changed, by the names that file systems give it.
_STATE_KEYS = ("size", "ETag", "etag", "mtime", "LastModified", "last_modified", "blob_id", "created")
# Beside each copy: the state in which the file was copied.
_STATE_SUFFIX = ".remote.json"


def fetch_sources(recipe: Recipe, root: Path, where: str, progress: Progress) -> None:
    """Copy the remote files of a recipe that are not copied yet, or that have changed.

    Raises:
        RecipeError: a file does not exist, or cannot be fetched and has no copy.
    """
    entries = [(index, entry.path) for index, entry in enumerate(recipe.sources) if is_remote(entry.path)]
    for done, (index, url) in enumerate(entries):
        try:
            _fetch(url, root)
        except find_storage_errors() as error:
            _require_copy(url, root, f"{where}: sources.{index}.path", error)
        progress("fetch", done + 1, len(entries))


def _require_copy(url: str, root: Path, key: str, error: Exception) -> None:
    """Go on with the copy of an earlier build, if there is one.

    Raises:
        RecipeError: there is none.
    """
    if any(root.glob(localize(url))):
        return
    if isinstance(error, ImportError):
        scheme = url.partition(":")[0]
        package = PACKAGES.get(scheme, error.name or scheme)
        raise RecipeError(f"{scheme}:// needs {package}", key, f"pip install {package}") from error
    detail = redact(str(error)) or type(error).__name__
    raise RecipeError(f"{redact(url)} cannot be fetched: {detail}", key, "check the address") from error


def _fetch(url: str, root: Path) -> None:
    if url.lower().startswith(("http://", "https://")):
        _fetch_http(url, root / localize(url))
    else:
        _fetch_files(url, root)


def _fetch_http(url: str, target: Path) -> None:
    """Copy a file over HTTP, unless the server says that it is the one that was copied."""
    import httpx2

    state = _read_state(target)
    headers = {"If-None-Match": str(state["ETag"])} if state.get("ETag") else {}
    try:
        with httpx2.stream("GET", url, headers=headers, timeout=_TIMEOUT, follow_redirects=True) as response:
            if response.status_code == httpx2.codes.NOT_MODIFIED:
                return
            response.raise_for_status()
            with _replace(target) as sink:
                for block in response.iter_bytes(_BLOCK):
                    sink.write(block)
            _write_state(target, {"ETag": response.headers.get("etag")})
    except httpx2.HTTPError as error:
        raise OSError(str(error)) from error


def _fetch_files(url: str, root: Path) -> None:
    """Copy the files that a URL, a folder or a pattern of fsspec names."""
    import fsspec

    system, path = fsspec.core.url_to_fs(url)
    scheme = url.partition("://")[0]
    if any(mark in path for mark in "*?["):
        listed = system.glob(path, detail=True)
    else:
        # One listing tells of a million objects what a request for each would.
        listed = system.find(path, detail=True) if system.isdir(path) else {path: system.info(path)}
    files = {name: info for name, info in listed.items() if info.get("type") != "directory"}
    if not files:
        raise FileNotFoundError("no file matches it")
    for name, info in files.items():
        target = root / localize(f"{scheme}://{name.lstrip('/')}")
        state = {key: str(info[key]) for key in _STATE_KEYS if info.get(key) is not None}
        if target.is_file() and len(state) > 1 and _read_state(target) == state:
            continue
        with system.open(name, "rb") as stream, _replace(target) as sink:
            while block := stream.read(_BLOCK):
                sink.write(block)
        _write_state(target, state)


@contextmanager
def _replace(target: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of a copy when it is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with temporary.open("wb") as sink:
            yield sink
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _find_state_file(target: Path) -> Path:
    return target.with_name(f".{target.name}{_STATE_SUFFIX}")


def _read_state(target: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(_find_state_file(target).read_text(encoding="utf-8")) if target.is_file() else {}
    except (OSError, ValueError):
        return {}
    return cast(Mapping[str, Any], content) if isinstance(content, dict) else {}


def _write_state(target: Path, state: Mapping[str, Any]) -> None:
    _find_state_file(target).write_text(json.dumps(dict(state)), encoding="utf-8")
