"""Makes the entries of a folder's recipe: which files are read in which way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hanpack.errors import UsageError
from hanpack.names import unescape_name
from hanpack.recipe import Shape
from hanpack.scanning.files import ScannedFile
from hanpack.sources.archives import find_archive_suffix
from hanpack.sources.compression import split_compressions
from hanpack.sources.formats import find_format


def make_entries(
    readable: Sequence[ScannedFile],
    scanned: Sequence[ScannedFile],
    records: Shape | None,
    *,
    is_folder: bool,
) -> list[dict[str, Any]]:
    """One entry for each kind of file: suffix, record shape and text column.

    In a folder the kind of most files of a suffix is a glob, which also matches those that cannot be read, as
    it will match files that are added later; the files of the other kinds are named before it, because a file
    belongs to the first entry that matches it. A file without records has no kind: it is read as the files of
    its suffix are or, if all of them are without records, is named alone, so that no glob is made of nothing.

    Raises:
        UsageError: no file has records of the shape ``records``.
    """
    kinds: dict[str, dict[tuple[Shape, str, tuple[str, ...]], list[str]]] = {}
    for file in readable:
        if file.is_empty:
            continue
        format_, _, _ = find_format(Path(file.name))
        shape = records if records and format_ and records in format_.shapes else file.shape
        of_suffix = kinds.setdefault(find_suffix(file.name), {})
        of_suffix.setdefault((shape, file.column, file.columns), []).append(file.name)
    if records and all(shape != records for of_suffix in kinds.values() for shape, *_ in of_suffix):
        raise UsageError(f"no file has records of the shape {records}", "--records", "leave the option out")
    entries: list[dict[str, Any]] = []
    for suffix, of_suffix in kinds.items():
        by_size = sorted(of_suffix.items(), key=lambda kind: len(kind[1]))
        for index, ((shape, column, columns), names) in enumerate(by_size):
            options: dict[str, Any] = {"records": shape} | ({"text_column": column} if column else {})
            options |= {"columns": list(columns)} if columns else {}
            if (is_folder or "/" in suffix) and index == len(by_size) - 1:
                others = [
                    file.name for file in scanned if not file.is_source and find_suffix(file.name) == suffix
                ]
                exclude = {"exclude": [_make_pattern(name) for name in others]} if others else {}
                # The members of an archive that is the only file are named after it.
                archive, _, inside = suffix.partition("/")
                name = names[0].partition(f"{archive}/")[0]
                path = f"**/*{suffix}" if is_folder else f"{_make_pattern(name)}{archive}/{inside}"
                entries.append({"path": path} | exclude | options)
            else:
                entries += [{"path": _make_pattern(name)} | options for name in names]
    entries += [
        {"path": _make_pattern(file.name)}
        for file in readable
        if file.is_empty and find_suffix(file.name) not in kinds
    ]
    return [*entries, *_make_faulty_entries(scanned, kinds)] if is_folder else entries


def _make_faulty_entries(scanned: Sequence[ScannedFile], suffixes: Iterable[str]) -> list[dict[str, Any]]:
    """Globs for the files that cannot be read and whose suffix no file that can be read has.

    An archive that cannot be read to its end is matched by the glob of what is in such archives.
    """
    faulty = dict.fromkeys(find_suffix(file.name) for file in scanned if file.is_source and file.fault)
    return [
        {"path": f"**/*{suffix}"}
        for suffix in faulty
        if not any(f"{readable}/".startswith(f"{suffix}/") for readable in suffixes)
    ]


def _make_pattern(name: str) -> str:
    r"""The pattern of a file: its path, with ? for bytes that no YAML file can have.

    A path that exists is no glob; one with ? for a byte is, so that the marks of globs in it are quoted.

    >>> _make_pattern("a[1].csv"), _make_pattern("a[1]\n.csv")
    ('a[1].csv', 'a[[]1]?.csv')
    """
    path = unescape_name(name)
    if path.isprintable():
        return path
    quoted = {mark: f"[{mark}]" for mark in "*?["}
    return "".join(quoted.get(character, character) if character.isprintable() else "?" for character in path)


def find_suffix(name: str) -> str:
    """The suffix of a file as it is written, with that of its compression, after those of its archives.

    >>> find_suffix("data/a.txt.gz"), find_suffix("data/a.zip/2024/b.csv")
    ('.txt.gz', '.zip/**/*.csv')
    """
    *folders, last = name.split("/")
    archives = [folder[-len(suffix) :] for folder in folders if (suffix := find_archive_suffix(folder))]
    _, _, compression = find_format(Path(last))
    suffixes = Path(last).suffixes
    count = len(split_compressions(compression))
    own = find_archive_suffix(last) or "".join(suffixes[-1 - count :])
    return "/**/*".join([*archives, own])
