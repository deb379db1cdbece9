"""Recognises the paths of members of archives, and lists the members that a pattern matches.

This module is short: it joins the paths on disk, which discovery lists, with those in archives.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from hanpack.sources.archives import Archives, find_archive_suffix


def split_archive_path(path: Path) -> tuple[Path, str]:
    """The file on disk that a path leads to, and the path of the member in it if that is an archive, or "".

    A path that leads through no archive is returned as it is.
    """
    for parent in _find_archive_names(os.path.dirname(path)):
        if os.path.isfile(parent):
            return parent, path.relative_to(parent).as_posix()
    return path, ""


@lru_cache(maxsize=256)
def _find_archive_names(folder: str) -> tuple[Path, ...]:
    """A folder and those above it that have the name of an archive, the outermost first."""
    path = Path(folder)
    return tuple(parent for parent in reversed((path, *path.parents)) if find_archive_suffix(parent.name))


def split_pattern(pattern: str) -> tuple[str, tuple[str, ...]]:
    """A pattern up to the first part that names an archive, and the parts that its members match.

    >>> split_pattern("data/*.zip/**/*.txt"), split_pattern("data/*.zip")
    (('data/*.zip', ('**', '*.txt')), ('data/*.zip', ()))
    """
    parts = PurePosixPath(pattern).parts
    for index, part in enumerate(parts[:-1]):
        if find_archive_suffix(part):
            return str(PurePosixPath(*parts[: index + 1])), parts[index + 1 :]
    return pattern, ()


def expand_archive(
    path: Path,
    parts: Sequence[str],
    archives: Archives,
    is_match: Callable[[Sequence[str], Sequence[str]], bool],
) -> Iterator[Path]:
    """The paths of the members of an archive that match the parts of a pattern, all of them without parts.

    An archive that cannot be read to its end is listed too.
    """
    members, fault = archives.list(path)
    for name in members:
        if not parts or is_match(PurePosixPath(name).parts, parts):
            yield path / name
    if fault is not None:
        yield path
