"""What an earlier build found out about files: a file that has not changed since is not read again.

Whether a file has changed is decided as git decides it: by its size, its times and its inode number. The time
of the last change of the inode (ctime) cannot be set by programs, so a file with restored times is seen too.
"""

from __future__ import annotations

import os
from array import array
from dataclasses import dataclass
from pathlib import Path

from hanpack.model import Source
from hanpack.source_table import CodedColumn, SourceTable
from hanpack.sources.source_files import SourceFile, Stamp

# A file that is changed twice within one tick of the clock of its file system may keep its times. Times with
# a fraction of a second have ticks of at most 10 ms; those without one may have ticks of 2 s, as on FAT.
FINE_TICK = 50_000_000
COARSE_TICK = 2_000_000_000
SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class FileState:
    """The size of a file (bytes), the times of its last changes (ns), and its inode number."""

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> FileState:
        """The current state of a file.

        Raises:
            OSError: the file does not exist or is not accessible.
        """
        status = os.stat(path)
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    @property
    def stamp(self) -> Stamp:
        """The part of the state that must not change while the file is read."""
        return Stamp(self.size, self.modified)

    def is_settled(self, now: int) -> bool:
        """Whether a change after ``now`` (ns) would certainly be visible in the state.

        >>> FileState(size=1, modified=5 * SECOND + 1, changed=5 * SECOND + 1, inode=7).is_settled(6 * SECOND)
        True
        """
        last = max(self.modified, self.changed)
        tick = FINE_TICK if last % SECOND else COARSE_TICK
        return now - last > tick


class FileStates:
    """The states of files in 36 bytes each, with the settings that they were surveyed with.

    >>> states = FileStates()
    >>> states.append(FileState(size=1, modified=2, changed=3, inode=4), "text")
    >>> states.append_unsettled(Stamp(size=5, modified=6))
    >>> states.stamp(1), states.settings(0), states.settings(1), states.number_settled
    (Stamp(size=5, modified=6), 'text', None, 1)
    """

    def __init__(self) -> None:
        self.number_settled = 0
        self._sizes = array("q")
        self._modified = array("q")
        self._changed = array("q")
        self._inodes = array("Q")
        self._settings: CodedColumn[str] = CodedColumn()

    def append_unsettled(self, stamp: Stamp) -> None:
        """Add a file that a later build has to read again."""
        self.append(FileState(stamp.size, stamp.modified, changed=0, inode=0), None)

    def append(self, state: FileState, settings: str | None) -> None:
        """Add the state of a file, with None if a later build has to read the file again."""
        self._sizes.append(state.size)
        self._modified.append(state.modified)
        self._changed.append(state.changed)
        self._inodes.append(state.inode)
        self._settings.append(settings, settings)
        self.number_settled += settings is not None

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, row: int) -> FileState:
        return FileState(self._sizes[row], self._modified[row], self._changed[row], self._inodes[row])

    def stamp(self, row: int) -> Stamp:
        """The part of a state that must not change while the file is read."""
        return Stamp(self._sizes[row], self._modified[row])

    def settings(self, row: int) -> str | None:
        """The settings that the file was surveyed with; None if a later build has to read it again."""
        return self._settings[row]


class KnownFiles:
    """The files that an earlier build has read: their sources and their states, in the same order.

    The states are those of the archives for members of these. The settings describe the options that the
    encoding depends on: see :func:`describe_settings`. ``begin`` is the time (ns) before which this build has
    read no file.
    """

    def __init__(
        self, begin: int = 0, sources: SourceTable | None = None, states: FileStates | None = None
    ) -> None:
        self.begin = begin
        self._sources = SourceTable() if sources is None else sources
        self._states = FileStates() if states is None else states
        # Files mostly come in the order in which they came to the earlier build.
        self._next = 0

    def __len__(self) -> int:
        return len(self._sources)

    def find(self, name: str, settings: str, state: FileState | None) -> Source | None:
        """The source as it was if the file is now in the state that it was read in; else None."""
        row: int | None = self._next
        if self._next >= len(self) or self._sources.paths[self._next] != name:
            row = self._sources.paths.find(name)
        if row is None:
            return None
        self._next = row + 1
        is_same = (self._states.settings(row), self._states[row]) == (settings, state)
        return self._sources[row] if is_same else None


def describe_settings(file: SourceFile, max_expansion: int) -> str:
    """The options on which the encoding of a file and its fault depend, as a string to compare."""
    options = file.options
    how = f"{file.format.name} {file.compression} {options.encoding} {max_expansion}"
    return f"{how} {options.text_column!r} {options.columns}"
