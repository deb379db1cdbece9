"""The folder of a build that is being read: found again after another build has replaced it.

A build is replaced as a whole, but a reader opens its files one after another by their paths. Without a
check, it could open some files of the old build and some of the new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import filelock

from hanpack.errors import VerifyError
from hanpack.store.manifest import MANIFEST
from hanpack.store.work_folder import WorkFolder

# How long a reader waits for a build that is being put in its place: a few renames.
WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class OpenedFolder:
    """A folder as it was when the build in it was opened: its path, and the identity of its manifest.

    The folder itself has no identity that lasts: the next folder can get the inode of a deleted one.
    """

    path: Path
    identity: tuple[int, ...]

    @classmethod
    def open(cls, path: Path) -> OpenedFolder:
        """Note the build that is at a path.

        Raises:
            OSError: there is none.
        """
        return cls(path, _identify(path))

    def find(self) -> Path:
        """Where the folder is now: at its path, or in the work folder if another build has replaced it.

        Raises:
            VerifyError: it does not exist any more.
        """
        if self._is_at(self.path):
            return self.path
        work = WorkFolder(self.path)
        for path in (work.next, work.old):
            if self._is_at(path):
                return path
        raise VerifyError("the build was replaced while it was read", str(self.path), "run the command again")

    def require_at(self, path: Path) -> None:
        """Check, after a file below ``path`` was opened, that ``path`` is still this folder.

        Raises:
            VerifyError: it is not, so the file may be of another build.
        """
        if not self._is_at(path):
            raise VerifyError(
                "the build was replaced while it was read", str(self.path), "run the command again"
            )

    def _is_at(self, path: Path) -> bool:
        try:
            return _identify(path) == self.identity
        except OSError:
            return False


def _identify(folder: Path) -> tuple[int, ...]:
    """The device, inode, size and time of the manifest in a folder."""
    stat = (folder / MANIFEST).stat()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def finish_replacement(folder: Path) -> None:
    """Finish what a build that was killed has left: its replacement of an output without an exchange.

    Raises:
        VerifyError: a build is replacing the output right now, and does not end.
    """
    work = WorkFolder(folder)
    if not work.journal.exists():
        return
    try:
        with filelock.FileLock(work.lock, timeout=WAIT_SECONDS):
            work.recover()
    except filelock.Timeout as error:
        raise VerifyError("another hanpack build is replacing it", str(folder), "wait for that") from error
