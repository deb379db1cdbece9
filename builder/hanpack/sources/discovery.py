"""Finds the files of a recipe: folders and globs become files in a stable order, and none is left out."""

from __future__ import annotations

import errno
import os
import stat
from array import array
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from hanpack.errors import RecipeError
from hanpack.names import escape_name, is_remote
from hanpack.reasons import Cause, Reason
from hanpack.recipe import WITHDRAWALS, Limits, Recipe
from hanpack.secrets import refuse_secret
from hanpack.source_table import RowSequence, StringColumn
from hanpack.sources.archive_paths import expand_archive, split_archive_path, split_pattern
from hanpack.sources.archives import Archives, count_layers, find_archive_suffix, refuse_depth
from hanpack.sources.file_patterns import is_excluded, is_match, list_matches
from hanpack.sources.formats import FORMATS, TEXT, advise, choose_format
from hanpack.sources.remote_paths import localize
from hanpack.sources.source_files import ArchivedFile, SourceFile

# Of so many folders it is remembered where they are; files are listed folder by folder.
CACHED_FOLDERS = 4096
_REQUEST = b'{"request": '
_UNLISTED = {"detail": "the files in this folder cannot be listed"}


class DiscoveredFiles(RowSequence[SourceFile]):
    """The files of a recipe in their order, each described when it is asked for: only its name is kept.

    ``root`` and ``recipe`` are those of :func:`discover`.
    """

    def __init__(self, recipe: Recipe, root: Path) -> None:
        self._recipe = recipe
        self._root = root
        self._folders, self._archives = RealFolders(root), Archives(recipe.limits)
        # Paths relative to the root, as the system has them, and the entries that they match.
        self._paths = StringColumn()
        self._entries = array("i")

    def append(self, path: str, entry: int) -> None:
        """Add a file by its path relative to the root."""
        self._paths.append(path)
        self._entries.append(entry)

    def match_members(self, pattern: str, key: str) -> Iterator[Path]:
        """The files that a pattern matches; for an archive its members, or those that the pattern names."""
        root = self._root
        # The copy of a remote file is below the root.
        pattern = localize(pattern) if is_remote(pattern) else _require_inside(pattern, root, key)
        base, parts = split_pattern(pattern)
        for path in list_matches(pattern, root, key):
            if self._is_archive(path):
                yield from expand_archive(path, (), self._archives, is_match)
            else:
                yield path
        for path in list_matches(base, root, key) if parts else ():
            if self._is_archive(path):
                yield from expand_archive(path, parts, self._archives, is_match)

    def _is_archive(self, path: Path) -> bool:
        return bool(find_archive_suffix(path.name)) and _find_fault(path, self._folders) is None

    def without_repeated(self) -> DiscoveredFiles:
        """The files, each once."""
        repeated = self._paths.find_repeated()
        if not repeated:
            return self
        files = DiscoveredFiles(self._recipe, self._root)
        for row, (path, entry) in enumerate(zip(self._paths, self._entries, strict=True)):
            if row not in repeated:
                files.append(path, entry)
        return files

    def require_shapes(self, where: str) -> None:
        """Check that each file can have the record shape that its entry names."""
        for row, (path, entry) in enumerate(zip(self._paths, self._entries, strict=True)):
            options = self._recipe.sources[entry]
            shape, format_ = options.records, choose_format(Path(path), options.format)[0] or TEXT
            if shape is not None and shape not in format_.shapes:
                _require_shape(self[row], f"{where}: sources.{entry}.records")

    @property
    def names(self) -> Iterator[str]:
        """The names of the files, none of which is looked at."""
        return map(escape_name, self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def read(self, row: int) -> SourceFile:
        """The file of a row, as it is on the disk now."""
        path = self._root / self._paths[row]
        entry = self._entries[row]
        return describe_file(
            path, self._root, self._recipe, entry, folders=self._folders, archives=self._archives
        )


def discover(recipe: Recipe, root: Path, where: str) -> DiscoveredFiles:
    """List the files of a recipe: entries in their order, the files of an entry by name, each file once.

    A file that cannot be used is listed with a fault. Finished builds, the recipe itself, its withdrawals
    and hidden files in folders and globs are not listed. ``where`` is the path of the recipe file.

    Raises:
        RecipeError: the root does not exist; or an entry leads out of it, matches no file, matches a path
            that contains a secret, or has a record shape that its files cannot have.
    """
    if not root.is_dir():
        raise RecipeError("there is no such folder", f"{where}: root", "the root is relative to the recipe")
    files, builds = DiscoveredFiles(recipe, root), BuildFolders()
    recipe_path = os.path.abspath(where)
    recipe_name = os.path.basename(recipe_path)
    for index, entry in enumerate(recipe.sources):
        key = f"{where}: sources.{index}.path"
        number = len(files)
        for path in files.match_members(entry.path, key):
            name = _relate(path, root)
            if (
                builds.contain(path.parent)
                or (path.name == recipe_name and os.path.abspath(path) == recipe_path)
                or _is_withdrawals(path)
                or is_excluded(name, entry.exclude)
            ):
                continue
            refuse_secret(escape_name(name), key)
            files.append(name, index)
        if number == len(files):
            if (root / entry.path).is_dir():
                what = f"the folder {entry.path!r} has no file that can be a source"
                raise RecipeError(what, key, "put the texts into it, or name another folder")
            raise RecipeError(
                f"no file matches {entry.path!r}", key, "paths are relative to the recipe's root"
            )
    files = files.without_repeated()
    files.require_shapes(where)
    return files


def describe_file(
    path: Path,
    root: Path,
    recipe: Recipe,
    entry: int,
    *,
    folders: RealFolders | None = None,
    archives: Archives | None = None,
) -> SourceFile:
    """The format, compression and record shape of a file, and its fault if it is rejected without being read.

    ``entry`` is the index of the entry in the recipe's ``sources`` that matches the file. ``folders`` and
    ``archives`` are kept from file to file, because most are in the same.
    """
    options = recipe.sources[entry]
    format_, suffix, compression = choose_format(path, options.format)
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


def _require_inside(pattern: str, root: Path, key: str) -> str:
    """Return the pattern of an entry, unless it leads out of the root by itself, without any link."""
    base = os.path.abspath(root)
    path = os.path.normpath(os.path.join(base, pattern))
    if path != base and not path.startswith(os.path.join(base, "")):
        raise RecipeError(
            f"{pattern!r} leads out of the root of the sources", key, "set 'root' to a folder above them"
        )
    return pattern


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


class BuildFolders:
    """Which folders are inside the output or the work folder of a build, which are never sources."""

    def __init__(self) -> None:
        self.contain = lru_cache(CACHED_FOLDERS)(self._contain)

    def _contain(self, folder: Path) -> bool:
        """Whether a folder is inside one."""
        is_work = folder.name.startswith(".") and folder.name.endswith(".hanpack")
        is_build = is_work or os.path.isfile(folder / "hanpack.json")
        return is_build or (folder.parent != folder and self.contain(folder.parent))


class RealFolders:
    """Whether files are inside the root when links are resolved; few folders are resolved more than once."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._is_folder_inside = lru_cache(CACHED_FOLDERS)(self._find_whether_inside)

    def is_inside(self, path: Path) -> bool:
        """Whether the real path of a file is inside that of the root.

        Raises:
            OSError: the file does not exist, or its links are a loop.
        """
        text = os.fspath(path)
        if os.path.islink(text):
            return self._contains(os.path.realpath(text, strict=True))
        return self._is_folder_inside(os.path.dirname(text))

    def _find_whether_inside(self, folder: str) -> bool:
        return self._contains(os.path.realpath(folder, strict=True))

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
