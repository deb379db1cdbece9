"""Which files a recipe means: folders and globs to regular files, in a stable order, none left out."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hanpack.errors import RecipeError
from hanpack.recipe import Recipe, Shape, SourceFiles
from hanpack.secrets import refuse_secret
from hanpack.sources.names import escape_name

COMPRESSED = (".gz", ".zst")
SHAPES: dict[str, Shape] = {
    ".txt": "file",
    ".md": "file",
    ".html": "file",
    ".htm": "file",
    ".jsonl": "row",
    ".ndjson": "row",
    ".parquet": "row",
}


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of the recipe's sources entry ``entry``.

    ``name`` is its path from the root, as valid UTF-8; ``fault`` is why it is refused.
    """

    path: Path
    name: str
    entry: int
    files: SourceFiles
    suffix: str
    compression: str
    shape: Shape
    fault: str | None = None


def discover(recipe: Recipe, root: Path, where: str) -> list[FoundFile]:
    """List the files of a recipe: entries in their order, files of an entry by name, each file once.

    Finished builds and the recipe itself are no sources, wherever they lie. ``where`` names the recipe file.

    Raises:
        RecipeError: the root is not there, an entry matches no file or one whose name is a secret, or asks
            for a record shape its files cannot have.
    """
    if not root.is_dir():
        raise RecipeError("there is no such folder", f"{where}: root", "the root is relative to the recipe")
    found: dict[Path, FoundFile] = {}
    builds: dict[Path, bool] = {}
    itself = os.path.abspath(where)
    for index, files in enumerate(recipe.sources):
        key = f"{where}: sources.{index}"
        matches = [
            path
            for path in _match(files.path, root, f"{key}.path")
            if not _is_inside_build(path.parent, builds) and os.path.abspath(path) != itself
        ]
        if not matches:
            raise RecipeError(
                f"no file matches {files.path!r}", f"{key}.path", "paths are relative to the recipe's root"
            )
        for path in matches:
            if path not in found:
                found[path] = describe_file(path, root, recipe, index)
                refuse_secret(found[path].name, f"{key}.path")
                _require_shape(found[path], f"{key}.records")
    return list(found.values())


def _is_inside_build(folder: Path, known: dict[Path, bool]) -> bool:
    """Whether a folder or one above it is the output of a build: a build never reads its own output."""
    if folder not in known:
        is_build = (folder / ".hanpack").is_dir() or (folder / "hanpack.json").is_file()
        known[folder] = is_build or (folder.parent != folder and _is_inside_build(folder.parent, known))
    return known[folder]


def _match(pattern: str, root: Path, key: str) -> Iterator[Path]:
    literal = root / pattern
    if literal.is_dir():
        yield from _walk(literal)
        return
    if os.path.lexists(literal):
        yield literal
        return
    anchor = Path(literal.anchor) if Path(pattern).is_absolute() else root
    wanted = str(literal.relative_to(anchor))
    try:
        yield from _regular(anchor.glob(f"{wanted}/*" if wanted.endswith("**") else wanted))
    except ValueError as error:
        raise RecipeError(
            f"{pattern!r} is no pattern: {error}", key, "write ** alone between slashes"
        ) from error


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in sorted([*names, *linked]):
            if not name.startswith("."):
                yield Path(parent) / name


def _regular(paths: Iterable[Path]) -> Iterator[Path]:
    return (path for path in sorted(paths) if not path.is_dir() and not path.name.startswith("."))


def describe_file(path: Path, root: Path, recipe: Recipe, entry: int) -> FoundFile:
    """Tell what kind of file this is, and whether it is to be refused."""
    files = recipe.sources[entry]
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    compression = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSED else ""
    suffix = suffixes[-1] if suffixes else ""
    fault = _refuse(path, root)
    if suffix not in SHAPES and not fault:
        fault = f"the format {suffix or 'without a suffix'} is not one hanpack reads ({', '.join(SHAPES)})"
    if suffix == ".parquet" and compression:
        fault = "a compressed Parquet file is not read; Parquet compresses its own pages"
    shape = files.records or SHAPES.get(suffix, "file")
    return FoundFile(path, _name(path, root), entry, files, suffix, compression, shape, fault)


def _require_shape(file: FoundFile, key: str) -> None:
    if not file.fault and (SHAPES[file.suffix] == "row") != (file.shape == "row"):
        raise RecipeError(
            f"records of the shape {file.shape!r} cannot be read from {file.path.name}",
            key,
            "use row for .jsonl and .parquet; file, line or paragraph for text",
        )


def _name(path: Path, root: Path) -> str:
    return escape_name(os.path.relpath(path, root))


def _refuse(path: Path, root: Path) -> str | None:
    try:
        real, base = path.resolve(strict=True), root.resolve()
        follows_link = real != Path(os.path.normpath(base / path))
        if follows_link and not real.is_relative_to(base):
            return "a symbolic link that leaves the recipe's root is not followed"
        mode = path.stat().st_mode
    except (OSError, RuntimeError) as error:
        return f"cannot be opened: {_cause(error)}"
    if stat.S_ISDIR(mode):
        return "a symbolic link to a folder is not followed"
    if not stat.S_ISREG(mode):
        return "not a regular file (a pipe, socket or device)"
    if not os.access(path, os.R_OK):
        return "cannot be read: permission denied"
    return None


def _cause(error: OSError | RuntimeError) -> str:
    return (
        (error.strerror or type(error).__name__) if isinstance(error, OSError) else "a loop of symbolic links"
    )
