"""What an earlier build found out about files: a file that has not changed since is not read again.

Whether a file has changed is decided as git decides it: by its size, its times and its inode number. The time
of the last change of the inode (ctime) cannot be set by programs, so a file with restored times is seen too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What was found out about a file: its hash and encoding, and how it was read then.

    The state is that of the archive if the file is a member of one. ``settings`` describes the options that
    the encoding depends on: see :func:`describe_settings`.
    """

    state: FileState
    settings: str
    sha256: str
    encoding: str | None
    archive_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class KnownFiles:
    """The files that an earlier build read, by name; and those that this one has read, for the next.

    ``begin`` is the time (ns) before which this build has read no file.
    """

    begin: int = 0
    earlier: Mapping[str, KnownFile] = field(default_factory=dict)
    current: dict[str, KnownFile] = field(default_factory=dict)

    def find(self, name: str, settings: str, state: FileState | None) -> KnownFile | None:
        """What is known about a file if it is now in the state that it was read in; else None."""
        file = self.earlier.get(name)
        return file if file and (file.settings, file.state) == (settings, state) else None

    def note(self, name: str, file: KnownFile) -> None:
        """Note what was found out about a file, if a change since ``begin`` would be visible."""
        if file.state.is_settled(self.begin):
            self.current[name] = file


def describe_settings(file: SourceFile, max_expansion: int) -> str:
    """The options on which the encoding of a file and its fault depend, as a string to compare."""
    options = file.options
    how = f"{file.format.name} {file.compression} {options.encoding} {max_expansion}"
    return f"{how} {options.text_column!r} {options.columns}"
