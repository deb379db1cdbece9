"""Lists the files that a pattern of a recipe matches, in order, with the names of one folder in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch, fnmatchcase
from pathlib import Path, PurePosixPath

from hanpack.errors import RecipeError
from hanpack.names import is_hidden

_ANY_FOLDERS = "**"


def list_matches(pattern: str, root: Path, key: str) -> Iterator[Path]:
    """The files that a pattern, relative to the root or absolute, matches; then what cannot be listed.

    Those of a folder are in the order of the folder, those of a glob are sorted by the parts of their paths.
    ``key`` is that of the pattern in errors.

    Raises:
        RecipeError: ``**`` is not a part of its own.
    """
    literal = root / pattern
    if os.path.isdir(literal):
        yield from _walk(literal)
        return
    if os.path.lexists(literal):
        yield literal
        return
    anchor = Path(literal.anchor) if Path(pattern).is_absolute() else root
    parts = Path(os.path.normpath(literal.relative_to(anchor))).parts
    if any(_ANY_FOLDERS in part and part != _ANY_FOLDERS for part in parts):
        raise RecipeError(
            f"{pattern!r} is not a glob pattern: ** is within a name",
            key,
            "write ** between slashes, by itself",
        )
    if parts[-1] == _ANY_FOLDERS:
        parts = (*parts, "*")
    yield from _Glob(parts).expand(anchor)


def is_match(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the names of a path match the parts of a pattern; ``**`` matches any number of folders.

    >>> is_match(("a", "b", "c.txt"), ("**", "*.txt")), is_match(("a", "c.txt"), ("*.txt",))
    (True, False)
    """
    if not parts:
        return not names
    if parts[0] == _ANY_FOLDERS:
        return any(is_match(names[count:], parts[1:]) for count in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and is_match(names[1:], parts[1:])


def is_excluded(name: str, patterns: Sequence[str]) -> bool:
    """Whether a path relative to the root is one that an entry leaves out.

    >>> is_excluded("a/b.txt", ["*/b.txt"]), is_excluded("a/b.txt", [])
    (True, False)
    """
    if not patterns:
        return False
    parts = PurePosixPath(name).parts
    return any(pattern == name or is_match(parts, PurePosixPath(pattern).parts) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class _Glob:
    """A pattern by its parts, and the folders that could not be listed."""

    parts: Sequence[str]
    unlisted: list[Path] = field(default_factory=list)

    def expand(self, folder: Path) -> Iterator[Path]:
        """The files below a folder that match, sorted by the parts of their paths; then what is unlisted."""
        # Invariant: each element has what is left of a folder that leads to the next one.
        stack = [iter(self._list(os.fspath(folder), frozenset({0})))]
        while stack:
            path, places = next(stack[-1], ("", None))
            if not path:
                stack.pop()
            elif places is None:
                yield Path(path)
            else:
                stack.append(iter(self._list(path, places)))
        yield from self.unlisted

    def _list(self, folder: str, places: frozenset[int]) -> Iterator[tuple[str, frozenset[int] | None]]:
        """The files of a folder that match the whole pattern, with None, and the folders that lead to more.

        ``places`` are the parts of the pattern that the names in the folder have to match; each folder has
        those for its own names.
        """
        places = self._skip_any_folders(places)
        deeper = frozenset(place for place in places if self.parts[place] == _ANY_FOLDERS)
        names: list[str] = []
        folders: dict[str, frozenset[int]] = {}
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    ends = {place + 1 for place in places - deeper if fnmatch(entry.name, self.parts[place])}
                    if not (ends or deeper):
                        continue
                    if entry.is_dir():
                        # A link to a folder is followed by its name, and never by **.
                        below = (ends - {len(self.parts)}) | (set() if entry.is_symlink() else deeper)
                        if below:
                            names.append(entry.name)
                            folders[entry.name] = frozenset(below)
                    elif len(self.parts) in ends and not is_hidden(entry.name):
                        names.append(entry.name)
        except OSError:
            self.unlisted.append(Path(folder))
        return ((os.path.join(folder, name), folders.get(name)) for name in sorted(names))

    def _skip_any_folders(self, places: frozenset[int]) -> frozenset[int]:
        """The places, and those after each ``**``, which may match no folder at all."""
        all_places = set(places)
        for place in range(len(self.parts)):
            if place in all_places and self.parts[place] == _ANY_FOLDERS:
                all_places.add(place + 1)
        return frozenset(all_places)


def _walk(folder: Path) -> Iterator[Path]:
    """The files below a folder and links to folders, none of them hidden; then what cannot be listed."""
    unlisted: list[Path] = []

    def add(error: OSError) -> None:
        unlisted.append(Path(error.filename))

    for parent, folders, names in os.walk(folder, followlinks=False, onerror=add):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in sorted([*names, *links]):
            if not is_hidden(name):
                yield Path(parent) / name
    yield from unlisted
