"""Finds the files of a recipe: folders and globs become files in a stable order, and none is left out."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from hanpack.errors import RecipeError
from hanpack.names import escape_name, is_hidden, is_remote
from hanpack.reasons import Cause, Reason
from hanpack.recipe import WITHDRAWALS, Limits, Recipe
from hanpack.secrets import refuse_secret
from hanpack.sources.archive_paths import expand_archive, split_archive_path, split_pattern
from hanpack.sources.archives import Archives, count_layers, find_archive_suffix, refuse_depth
from hanpack.sources.formats import FORMATS, TEXT, advise, find_format
from hanpack.sources.remote_paths import localize
from hanpack.sources.source_files import ArchivedFile, SourceFile

_REQUEST = b'{"request": '
_UNLISTED = {"detail": "the files in this folder cannot be listed"}


def discover(recipe: Recipe, root: Path, where: str) -> list[SourceFile]:
    """List the files of a recipe: entries in their order, the files of an entry by name, each file once.

    A file that cannot be used is listed with a fault. Finished builds, the recipe itself, its withdrawals
    and hidden files in folders and globs are not listed. ``where`` is the path of the recipe file.

    Raises:
        RecipeError: the root does not exist; or an entry leads out of it, matches no file, matches a path
            that contains a secret, or has a record shape that its files cannot have.
    """
    if not root.is_dir():
        raise RecipeError("there is no such folder", f"{where}: root", "the root is relative to the recipe")
    files: dict[Path, SourceFile] = {}
    builds: dict[Path, bool] = {}
    folders, archives = RealFolders(root), Archives(recipe.limits)
    recipe_path = os.path.abspath(where)
    recipe_name = os.path.basename(recipe_path)
    for index, entry in enumerate(recipe.sources):
        key = f"{where}: sources.{index}"
        paths = [
            path
            for path in _match_members(entry.path, root, f"{key}.path", folders, archives)
            if not _is_inside_build(path.parent, builds)
            and not (path.name == recipe_name and os.path.abspath(path) == recipe_path)
            and not _is_withdrawals(path)
            and not _is_excluded(path, root, entry.exclude)
        ]
        if not paths:
            if (root / entry.path).is_dir():
                what = f"the folder {entry.path!r} has no file that can be a source"
                raise RecipeError(what, f"{key}.path", "put the texts into it, or name another folder")
            raise RecipeError(
                f"no file matches {entry.path!r}", f"{key}.path", "paths are relative to the recipe's root"
            )
        for path in paths:
            if path not in files:
                files[path] = describe_file(path, root, recipe, index, folders, archives)
                refuse_secret(files[path].name, f"{key}.path")
                _require_shape(files[path], f"{key}.records")
    return list(files.values())


def describe_file(
    path: Path,
    root: Path,
    recipe: Recipe,
    entry: int,
    folders: RealFolders | None = None,
    archives: Archives | None = None,
) -> SourceFile:
    """The format, compression and record shape of a file, and its fault if it is rejected without being read.

    ``entry`` is the index of the entry in the recipe's ``sources`` that matches the file. ``folders`` and
    ``archives`` are kept from file to file, because most are in the same.
    """
    options = recipe.sources[entry]
    format_, suffix, compression = find_format(path)
    name = escape_name(_relate(path, root))
    disk_path, inner = split_archive_path(path)
    fault = _exceed(name, recipe.limits) or _find_fault(disk_path, folders or RealFolders(root))
    member = None
    if fault is None and (inner or find_archive_suffix(path.name)):
        member, fault = _find_member(disk_path, inner, archives or Archives(recipe.limits), recipe.limits)
    elif fault is None:
        fault = refuse_depth(count_layers(path.name), recipe.limits)
    if fault is None and format_ is None:
        fields = {"suffix": suffix or "a name without a suffix", "advice": advise(suffix)}
        fault = Reason(Cause.UNKNOWN_FORMAT, fields)
    # A file of an unknown format is rejected without being read, so that its format does not matter.
    format_ = format_ or TEXT
    fault = format_.refuse(compression) or fault
    return SourceFile(
        path=disk_path,
        name=name,
        entry=entry,
        options=options,
        format=format_,
        compression=compression,
        shape=options.records or format_.shapes[0],
        fault=fault,
        member=member,
    )


def _find_member(
    path: Path, name: str, archives: Archives, limits: Limits
) -> tuple[ArchivedFile | None, Reason | None]:
    """A member of an archive, and its fault; the fault of the archive itself if it is that which is named."""
    members, fault = archives.list(path)
    if not name:
        return None, fault or Reason(Cause.CANNOT_OPEN, {"detail": "it is an archive"})
    if name not in members:
        return None, Reason(Cause.CANNOT_OPEN, {"detail": "the archive has no such file"})
    member = members[name]
    fault = member.fault or refuse_depth(member.layers + count_layers(member.path), limits)
    return ArchivedFile(archives, path, member.place, member.size), fault


def _exceed(name: str, limits: Limits) -> Reason | None:
    """The limit of a recipe that the name of a file exceeds, as the reason why it is rejected; or None."""
    if len(name.encode("utf-8")) > limits.max_name_bytes:
        return Reason(Cause.NAME_TOO_LONG, {"limit": limits.max_name_bytes})
    return None


def _is_withdrawals(path: Path) -> bool:
    """Whether a file has requests to withdraw texts, which are no source."""
    if path.name != WITHDRAWALS:
        return False
    try:
        with path.open("rb") as stream:
            beginning = stream.read(len(_REQUEST))
    except OSError:
        return False
    return beginning in (b"", _REQUEST)


def _is_inside_build(folder: Path, results: dict[Path, bool]) -> bool:
    """Whether a folder is inside the output or the work folder of a build, which are never sources."""
    if folder not in results:
        is_work = folder.name.startswith(".") and folder.name.endswith(".hanpack")
        is_build = is_work or os.path.isfile(folder / "hanpack.json")
        results[folder] = is_build or (folder.parent != folder and _is_inside_build(folder.parent, results))
    return results[folder]


def _require_inside(pattern: str, root: Path, key: str) -> str:
    """Return the pattern of an entry, unless it leads out of the root by itself, without any link."""
    base = os.path.abspath(root)
    path = os.path.normpath(os.path.join(base, pattern))
    if path != base and not path.startswith(os.path.join(base, "")):
        raise RecipeError(
            f"{pattern!r} leads out of the root of the sources", key, "set 'root' to a folder above them"
        )
    return pattern


def _match_members(
    pattern: str, root: Path, key: str, folders: RealFolders, archives: Archives
) -> Iterator[Path]:
    """The files that a pattern matches; for an archive its members, or those that the pattern names."""
    # The copy of a remote file is below the root.
    pattern = localize(pattern) if is_remote(pattern) else _require_inside(pattern, root, key)
    base, parts = split_pattern(pattern)
    for path in _match(pattern, root, key):
        if find_archive_suffix(path.name) and _find_fault(path, folders) is None:
            yield from expand_archive(path, (), archives, _is_match)
        else:
            yield path
    if parts:
        for path in _match(base, root, key):
            if find_archive_suffix(path.name) and _find_fault(path, folders) is None:
                yield from expand_archive(path, parts, archives, _is_match)


def _match(pattern: str, root: Path, key: str) -> Iterator[Path]:
    literal = root / pattern
    if os.path.isdir(literal):
        yield from _walk(literal)
        return
    if os.path.lexists(literal):
        yield literal
        return
    anchor = Path(literal.anchor) if Path(pattern).is_absolute() else root
    glob = str(literal.relative_to(anchor))
    glob = f"{glob}/*" if glob.endswith("**") else glob
    try:
        yield from _glob(anchor, glob)
    except ValueError as error:
        raise RecipeError(
            f"{pattern!r} is not a glob pattern: {error}", key, "write ** between slashes, by itself"
        ) from error


def _glob(folder: Path, pattern: str) -> Iterator[Path]:
    """The files that a pattern matches, sorted, and the folders that the system cannot list."""
    unlisted: list[Path] = []
    try:
        paths = list(folder.glob(pattern))
    except OSError:
        # glob ends at the first path that is too long for the system: this is slower, and does not.
        parts = PurePosixPath(pattern).parts
        files = _walk_files(folder, unlisted, hidden=True)
        paths = [path for path in files if _is_match(path.relative_to(folder).parts, parts)]
    yield from (path for path in sorted(paths) if not os.path.isdir(path) and not is_hidden(path.name))
    yield from unlisted


def _is_match(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the names of a path match the parts of a pattern; ``**`` matches any number of folders."""
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_is_match(names[count:], parts[1:]) for count in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _is_match(names[1:], parts[1:])


def _is_excluded(path: Path, root: Path, patterns: Sequence[str]) -> bool:
    """Whether an entry leaves a file out that its path matches."""
    if not patterns:
        return False
    name = _relate(path, root)
    parts = PurePosixPath(name).parts
    return any(pattern == name or _is_match(parts, PurePosixPath(pattern).parts) for pattern in patterns)


def _walk(folder: Path) -> Iterator[Path]:
    """The files below a folder that are not hidden, and the folders that the system cannot list."""
    unlisted: list[Path] = []
    yield from _walk_files(folder, unlisted, hidden=False)
    yield from unlisted


def _walk_files(folder: Path, unlisted: list[Path], *, hidden: bool) -> Iterator[Path]:
    """The files below a folder, and links to folders; folders that cannot be listed are added to a list."""

    def add(error: OSError) -> None:
        unlisted.append(Path(error.filename))

    for parent, folders, names in os.walk(folder, followlinks=False, onerror=add):
        folders[:] = sorted(name for name in folders if hidden or not is_hidden(name))
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in sorted([*names, *links]):
            if hidden or not is_hidden(name):
                yield Path(parent) / name


def _require_shape(file: SourceFile, key: str) -> None:
    if not file.fault and file.shape not in file.format.shapes:
        readers = [format_ for format_ in FORMATS if file.shape in format_.shapes]
        suffixes = " ".join(suffix for format_ in readers for suffix in format_.suffixes)
        raise RecipeError(
            f"records of the shape {file.shape!r} cannot be read from {file.path.name}",
            key,
            f"use {' or '.join(file.format.shapes)} for {file.format.name}; {file.shape} is for {suffixes}",
        )


def _relate(path: Path, root: Path) -> str:
    """The path relative to the root; most begin with it, so that nothing need be computed."""
    text, prefix = os.fspath(path), os.path.join(root, "")
    is_plain = text.startswith(prefix) and os.pardir not in text and os.path.isabs(text)
    return text[len(prefix) :] if is_plain else os.path.relpath(path, root)


class RealFolders:
    """Whether files are inside the root when links are resolved; each folder is resolved once."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._are_inside: dict[str, bool] = {}

    def is_inside(self, path: Path) -> bool:
        """Whether the real path of a file is inside that of the root.

        Raises:
            OSError: the file does not exist, or its links are a loop.
        """
        text = os.fspath(path)
        if os.path.islink(text):
            return self._contains(os.path.realpath(text, strict=True))
        folder = os.path.dirname(text)
        is_inside = self._are_inside.get(folder)
        if is_inside is None:
            is_inside = self._contains(os.path.realpath(folder, strict=True))
            self._are_inside[folder] = is_inside
        return is_inside

    def _contains(self, real_path: str) -> bool:
        return real_path == self._root or real_path.startswith(os.path.join(self._root, ""))


def _find_fault(path: Path, folders: RealFolders) -> Reason | None:
    """Why a file of any format cannot be used, or None."""
    try:
        if not folders.is_inside(path):
            return Reason(Cause.LINK_OUT_OF_ROOT)
        mode = os.stat(path).st_mode
    except OSError as error:
        is_loop = error.errno == errno.ELOOP
        detail = "a loop of symbolic links" if is_loop else error.strerror or type(error).__name__
        return Reason(Cause.CANNOT_OPEN, {"detail": detail})
    if stat.S_ISDIR(mode):
        is_link = path.is_symlink()
        return Reason(Cause.LINK_TO_FOLDER) if is_link else Reason(Cause.CANNOT_OPEN, _UNLISTED)
    if not stat.S_ISREG(mode):
        return Reason(Cause.NOT_A_FILE)
    if not os.access(path, os.R_OK):
        return Reason(Cause.NO_PERMISSION)
    return None


def leads_out(path: Path, root: Path) -> bool:
    """Whether the file at a path is outside the root, because of a link on the way or of the path itself."""
    return not path.resolve().is_relative_to(root.resolve())
