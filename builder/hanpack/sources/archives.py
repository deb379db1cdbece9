"""Finds the members of archives, each with a path of its own, and opens them.

The path of a member is that of the archive, then its name in the archive: ``data.zip/reports/1.txt``. A
member that is an archive is listed too: ``data.zip/2024.tar.gz/1.txt``.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from typing_extensions import Buffer

from hanpack.hashing import hash_file
from hanpack.names import is_hidden
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits
from hanpack.sources.compression import BLOCK_BYTES, CODECS, count_allowed_bytes, decompress
from hanpack.sources.damage import describe_damage

if TYPE_CHECKING:
    from hanpack.sources.archive_entries import ArchiveEntry, EntryReader

# The suffixes of archives, and the compression of each.
ARCHIVES = {
    ".zip": "",
    ".tar": "",
    **{f".tar{suffix}": suffix for suffix in CODECS},
    ".tgz": ".gz",
    ".tbz2": ".bz2",
    ".txz": ".xz",
}
_SUFFIXES = tuple(ARCHIVES)
_ZIP = ".zip"
# The folder in which macOS puts files that no user has made.
_SYSTEM_FOLDER = "__MACOSX"


def find_archive_suffix(name: str) -> str:
    """The suffix of an archive by its name; empty if it is none.

    >>> find_archive_suffix("a.TAR.gz"), find_archive_suffix("a.txt.gz")
    ('.tar.gz', '')
    """
    lower = name.lower()
    if not lower.endswith(_SUFFIXES):
        return ""
    fitting = [suffix for suffix in ARCHIVES if lower.endswith(suffix) and len(lower) > len(suffix)]
    return max(fitting, key=len, default="")


# The index of a member in an archive, and in each archive in that.
Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in an archive: its path from the archive on, its size in bytes, and its fault, if it has one.

    ``layers`` counts how often it is packed or compressed until there.
    """

    path: str
    size: int
    place: Place
    layers: int
    fault: Reason | None = None


class Archives:
    """The archives of some sources; one of them is open at a time.

    The members of an archive are read fastest in their order: a compressed one is then read once for all.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._path: Path | None = None
        self._members: dict[str, ArchiveMember] = {}
        self._fault: Reason | None = None
        self._hash: str | None = None
        self._remaining = 0
        self._suffixes: dict[Place, str] = {}
        self._readers: dict[Place, EntryReader] = {}
        self._contents: dict[Place, BinaryIO] = {}

    def list(self, path: Path) -> tuple[Mapping[str, ArchiveMember], Reason | None]:
        """The members of an archive by their paths, and why it cannot be listed to its end, or None."""
        self._select(path)
        return self._members, self._fault

    def hash(self, path: Path) -> str:
        """The SHA-256 of an archive.

        Raises:
            OSError: it cannot be read.
        """
        self._select(path)
        if self._hash is None:
            self._hash = hash_file(path)
        return self._hash

    def open(self, path: Path, place: Place) -> BinaryIO:
        """The content of a member, seekable.

        Raises:
            OSError: the archive or the member is damaged.
        """
        self._select(path)
        self._forget(lambda inner: place[: len(inner)] != inner)
        for depth in range(1, len(place) + 1):
            inner = place[:depth]
            if inner not in self._contents:
                self._contents[inner] = self._readers[inner[:-1]].open(inner[-1])
            if depth < len(place):
                self._open_reader(inner, self._suffixes[inner])
        return io.BufferedReader(_SharedReader(self._contents[place]), BLOCK_BYTES)

    def _select(self, path: Path) -> None:
        """Make an archive the one that is open."""
        if path == self._path:
            return
        self._forget(lambda _: True)
        self._path, self._hash, self._fault = path, None, None
        self._suffixes = {}
        self._remaining = count_allowed_bytes(_find_size(path), self._limits.max_expansion)
        suffix = find_archive_suffix(path.name)
        layers = count_layers(path.name)
        self._members, self._fault = {}, refuse_depth(layers, self._limits)
        if self._fault is not None:
            return
        members = list(self._list_members((), suffix, "", layers))
        if members and members[-1].place == ():
            self._fault = members.pop().fault
        self._members = name_members(members)

    def _list_members(self, place: Place, suffix: str, base: str, layers: int) -> Iterator[ArchiveMember]:
        """The members of an archive at a place; the last one is itself if it cannot be read to its end."""
        self._suffixes[place] = suffix
        try:
            reader = self._open_reader(place, suffix)
        except OSError as error:
            yield ArchiveMember(base, 0, place, layers, _refuse_archive(error))
            return
        count = 0
        for index, entry in enumerate(reader.entries):
            member = self._describe(entry, (*place, index), base, layers)
            if member is None:
                continue
            count += 1
            inner = "" if member.fault else find_archive_suffix(member.path)
            if inner:
                yield from self._list_inner(member, inner)
            else:
                yield member
        if reader.damage is not None or not count:
            fault = _refuse_archive(reader.damage) if reader.damage is not None else Reason(Cause.NO_MEMBERS)
            yield ArchiveMember(base, 0, place, layers, fault)

    def _list_inner(self, member: ArchiveMember, suffix: str) -> Iterator[ArchiveMember]:
        """The members of an archive that is a member."""
        layers = member.layers + count_layers(member.path.rpartition("/")[2])
        if fault := refuse_depth(layers, self._limits):
            yield replace(member, fault=fault)
            return
        self._forget(lambda inner: member.place[: len(inner)] != inner)
        try:
            self._contents[member.place] = self._readers[member.place[:-1]].open(member.place[-1])
        except OSError as error:
            yield replace(member, fault=_refuse_archive(error))
            return
        yield from self._list_members(member.place, suffix, member.path, layers)

    def _describe(self, entry: ArchiveEntry, place: Place, base: str, layers: int) -> ArchiveMember | None:
        """An entry as a member; None if it is hidden, or a folder."""
        name, leads_out = _clean_name(entry.name)
        parts = name.split("/")
        if not name or parts[0] == _SYSTEM_FOLDER or any(map(is_hidden, parts)):
            return None
        fault = entry.fault or (Reason(Cause.MEMBER_OUTSIDE) if leads_out else None)
        self._remaining -= entry.size
        if self._remaining < 0:
            fault = fault or Reason(Cause.EXPANDS_TOO_FAR)
        return ArchiveMember(f"{base}/{name}".lstrip("/"), entry.size, place, layers, fault)

    def _open_reader(self, place: Place, suffix: str) -> EntryReader:
        """The reader of the archive at a place, whose content is open.

        Raises:
            OSError: it cannot be read.
        """
        # Few sources are archives, and what reads them takes time to import.
        from hanpack.sources.archive_entries import TarReader, ZipReader

        if place not in self._readers:
            content = self._contents[place] if place else self._path
            if content is None:
                raise OSError("no archive is selected")
            if suffix == _ZIP:
                self._readers[place] = ZipReader(_open_stream(content))
            else:
                allowed = count_allowed_bytes(_find_size(self._path), self._limits.max_expansion)
                self._readers[place] = TarReader(partial(_open_tar, content, ARCHIVES[suffix], allowed))
        return self._readers[place]

    def __del__(self) -> None:
        """Close what is open: nobody can use it any more."""
        self._forget(lambda _: True)

    def _forget(self, is_unused: Callable[[Place], bool]) -> None:
        """Close the contents and readers at the places that are not used any more."""
        for place in [place for place in self._readers if is_unused(place)]:
            self._readers.pop(place).close()
        for place in [place for place in self._contents if is_unused(place)]:
            self._contents.pop(place).close()


def _open_stream(content: Path | BinaryIO) -> BinaryIO:
    """A stream of an archive on disk, or in another archive."""
    if isinstance(content, Path):
        return content.open("rb")
    return io.BufferedReader(_SharedReader(content), BLOCK_BYTES)


def _open_tar(content: Path | BinaryIO, compression: str, allowed: int) -> BinaryIO:
    return decompress(_open_stream(content), compression, allowed)


class _SharedReader(io.RawIOBase):
    """Reads a seekable stream at a position of its own."""

    def __init__(self, stream: BinaryIO) -> None:
        self._shared = stream
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_CUR:
            offset += self._position
        self._position = self._shared.seek(offset, io.SEEK_END if whence == io.SEEK_END else io.SEEK_SET)
        return self._position

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        self._shared.seek(self._position)
        data = self._shared.read(len(view))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)


def _find_size(path: Path | None) -> int:
    try:
        return os.stat(path).st_size if path else 0
    except OSError:
        return 0


def _refuse_archive(error: Exception | str) -> Reason:
    return Reason(Cause.CANNOT_READ_TO_END, {"detail": describe_damage(error)})


def refuse_depth(layers: int, limits: Limits) -> Reason | None:
    """Why a file is rejected that is compressed or packed so many times, or None."""
    if layers <= limits.max_archive_depth:
        return None
    return Reason(Cause.COMPRESSED_AGAIN, {"layers": layers, "limit": limits.max_archive_depth})


def count_layers(name: str) -> int:
    """How many times a file is compressed or packed, by its name.

    >>> count_layers("a.txt"), count_layers("a.jsonl.gz.zst"), count_layers("a.tgz")
    (0, 2, 2)
    """
    lower = name.lower()
    archive = find_archive_suffix(lower)
    if archive:
        return 1 + bool(ARCHIVES[archive])
    suffixes = reversed(PurePosixPath(lower).suffixes)
    return sum(1 for _ in takewhile(CODECS.__contains__, suffixes))


def _clean_name(name: str) -> tuple[str, bool]:
    """The name of an entry without what makes it absolute, and whether it leads out of the archive."""
    name = name.split("\0")[0]
    if len(name) > 1 and name[1] == ":" and name[0].isascii() and name[0].isalpha():
        name = name[2:]
    parts = name.split("/")
    return "/".join(part for part in parts if part not in ("", ".", "..")), ".." in parts


def name_members(members: Sequence[ArchiveMember]) -> dict[str, ArchiveMember]:
    """The members by their paths; of several with one path the last is read, as when they are extracted."""
    last = {member.path: member.place for member in members}
    named: dict[str, ArchiveMember] = {}
    numbers: dict[str, int] = {}
    for member in members:
        path = member.path
        if last[path] != member.place:
            while path in named or path in last:
                numbers[member.path] = numbers.get(member.path, 0) + 1
                path = f"{member.path}~{numbers[member.path]}"
            member = replace(member, path=path, fault=member.fault or Reason(Cause.REPEATED_MEMBER))
        named[path] = member
    return named
