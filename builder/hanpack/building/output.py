"""The output folder: one run at a time, nobody else's files touched, the old build whole until the new is."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hanpack.errors import BuildError
from hanpack.store.manifest import MANIFEST

WORK = ".hanpack"
ROOT = "root"
OURS = ("README.md", "croissant.json", MANIFEST)


@dataclass(frozen=True, slots=True)
class Output:
    """An output folder that this run holds the lock of."""

    folder: Path

    @property
    def next(self) -> Path:
        """Where the new build grows before it takes the old one's place."""
        return self.folder / WORK / "next"

    def parts(self, fingerprint: str) -> Path:
        """Where the batches of this fingerprint are kept; those of other inputs are thrown away."""
        work = self.folder / WORK
        mine = work / f"parts-{fingerprint[:16]}"
        for other in work.glob("parts-*"):
            if other != mine:
                shutil.rmtree(other)
        return mine

    def start_next(self) -> Path:
        """Make the folder for the new build, empty."""
        if self.next.exists():
            shutil.rmtree(self.next)
        self.next.mkdir(parents=True)
        return self.next

    def publish(self, files: Sequence[str], root: Path) -> None:
        """Put the new build in the old one's place, the manifest last, and delete what the old one left.

        Where the sources lie, seen from here, is kept for ``verify`` in a hidden file that is never pushed.
        """
        for name in files:
            self._move(name)
        self._drop_stale(set(files))
        self._move(MANIFEST)
        for path in (self.folder / WORK).iterdir():
            if path.is_dir():
                shutil.rmtree(path)
        self.note_root(root)

    def note_root(self, root: Path) -> None:
        """Keep where the sources lie, seen from here, for ``verify`` and ``trace``."""
        (self.folder / WORK / ROOT).write_text(os.path.relpath(root, self.folder), encoding="utf-8")

    def _move(self, name: str) -> None:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.next / name).replace(target)

    def _drop_stale(self, files: set[str]) -> None:
        for path in _our_shards(self.folder):
            if path.relative_to(self.folder).as_posix() not in files:
                path.unlink()


def find_root(folder: Path) -> Path:
    """Where the sources of a build lie: where they lay when it was made, else the current folder."""
    note = folder / WORK / ROOT
    return (folder / note.read_text(encoding="utf-8")).resolve() if note.exists() else Path.cwd()


@contextmanager
def hold_output(folder: Path) -> Iterator[Output]:
    """Take an output folder for one run.

    Raises:
        BuildError: it cannot be written to, holds files hanpack did not write, or another run has it.
    """
    _refuse_foreign(folder)
    lock = folder / WORK / "lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        stream = lock.open("w")
    except OSError as error:
        raise BuildError(
            f"the output folder cannot be written to: {error.strerror}", str(folder), "name another with -o"
        ) from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BuildError(
                "another hanpack build is writing to this folder", str(folder), "wait for it, or use -o"
            ) from error
        try:
            yield Output(folder)
        finally:
            _tidy(folder, lock)


def _tidy(folder: Path, lock: Path) -> None:
    lock.unlink(missing_ok=True)
    for path in (folder / WORK, folder):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _our_shards(folder: Path) -> Iterator[Path]:
    yield from sorted((folder / "data").glob("*/*-[0-9]*-of-[0-9]*.parquet"))


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BuildError("the output is a file", str(folder), "name a folder with -o")
    known = (folder / MANIFEST).exists() or (folder / WORK).exists()
    ours = {folder / name for name in OURS} | set(_our_shards(folder)) if known else set()
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if Path(parent) / name != folder / WORK]
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        foreign = [Path(parent) / name for name in (*names, *links) if Path(parent) / name not in ours]
        if foreign:
            raise BuildError(
                f"the output folder holds a file hanpack did not write: {foreign[0].relative_to(folder)}",
                str(folder),
                "name an empty or new folder with -o, or move the file away",
            )
