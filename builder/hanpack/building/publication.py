"""The output folder: locked by one build at a time, replaced all at once; files of others are not touched."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from hanpack.errors import BuildError, UsageError
from hanpack.lazy_patterns import compile_lazily
from hanpack.store.manifest import (
    ATTESTATION,
    DESCRIPTIONS,
    MANIFEST,
    SEARCH_INDEX,
    SIGNATURES,
    peek_identity,
)
from hanpack.store.parts import PartCache
from hanpack.store.shards import ShardFile
from hanpack.store.shared_parts import open_cache
from hanpack.store.source_list import SOURCES_FILE
from hanpack.store.work_folder import WorkFolder, sync_tree

TOP_LEVEL_FILES = (*DESCRIPTIONS, SOURCES_FILE, SIGNATURES, SEARCH_INDEX, MANIFEST, ATTESTATION)
# What the author of a signed build is told when another build takes its place.
SIGN_AGAIN = "the build that was replaced was signed, and this one is not: sign it with hanpack sign"
# What a system answers if the disk, or the user's share of it, is full.
FULL_DISK = frozenset((errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)))
# The work folder of hanpack before 0.1, inside the output.
_FORMER_WORK = ".hanpack"
_SHARD = compile_lazily(r"data/[^/]+/[^/]+-[0-9][^/]*-of-[0-9][^/]*\.parquet")


@dataclass(frozen=True, slots=True)
class Output:
    """An output folder that is locked by this process."""

    folder: Path
    work: WorkFolder
    work_url: str = ""

    @property
    def cache(self) -> PartCache:
        """The parts of this and of earlier builds."""
        return open_cache(self.work.path, self.work_url)

    def start_next(self) -> Path:
        """Make the folder for the next build, empty."""
        _remove_tree(self.work.next)
        self.work.next.mkdir()
        return self.work.next

    def purge(self, used: Collection[str], shards: Sequence[ShardFile]) -> None:
        """Delete what may have withdrawn texts: the replaced build, parts not in ``used``, old indexes."""
        _remove_tree(self.work.next)
        self.cache.delete_others(used)
        _remove_indexes(self.folder, shards)

    def publish(self, root: Path) -> None:
        """Replace the output by the next build: readers see the complete old or the complete new build.

        All files are synced to disk first. The replaced build stays in the work folder until the next
        build begins, for readers that still have it open. Files that appeared in the output while the build
        ran are not hanpack's: they are moved into the new output.
        """
        sync_tree(self.work.next)
        self.work.note_root(root)
        self.work.replace_output()
        for path in find_foreign_files(self.work.next):
            target = self.folder / path.relative_to(self.work.next)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                path.replace(target)


@contextmanager
def hold_output(folder: Path, work_url: str = "") -> Iterator[Output]:
    """Lock an output folder for one build; ``work_url`` is its work folder on object storage, if it has one.

    Raises:
        BuildError: it cannot be written to, it contains files that hanpack did not write, or another build
            has locked it.
    """
    work = WorkFolder(folder)
    _require_no_link(work)
    try:
        work.path.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(work.lock, timeout=0)
        lock.acquire()
    except filelock.Timeout as error:
        raise BuildError(
            "another hanpack build is writing to this folder", str(folder), "wait for it, or use -o"
        ) from error
    except OSError as error:
        raise BuildError(
            f"the output folder cannot be written to: {error.strerror}", str(folder), "name another with -o"
        ) from error
    try:
        work.recover()
        _require_own(folder)
        yield Output(folder, work, work_url)
    except OSError as error:
        if error.errno is not None and error.errno in FULL_DISK and not error.filename:
            # The error of a write does not name its file.
            raise OSError(error.errno, os.strerror(error.errno), str(folder)) from error
        raise
    finally:
        lock.release()
        _tidy(work)


def is_signed(folder: Path) -> bool:
    """Whether the build in an output folder has signatures, which hold for no other build."""
    return (folder / ATTESTATION).is_file()


def require_same_build(output: Output, name: str, root: Path) -> None:
    """Refuse to replace a build of another recipe, or of sources in another folder.

    Only called without ``--overwrite``.

    Raises:
        BuildError: the output holds such a build.
    """
    identity = peek_identity(output.folder)
    if identity is None:
        return
    published, _ = identity
    if published != name:
        what = f"the output holds a build of another recipe: {published}, not {name}"
    else:
        former = output.work.find_root()
        if former is None or former == root or not former.is_dir():
            return
        what = f"the output holds a build of other sources, which are in {former}"
    raise BuildError(what, str(output.folder), "replace it with --overwrite, or name another folder with -o")


def find_foreign_files(folder: Path) -> Iterator[Path]:
    """The files and links in an output that hanpack did not write."""
    is_build = (folder / MANIFEST).exists()
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if Path(parent) / name != folder / _FORMER_WORK]
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        for path in (Path(parent) / name for name in (*names, *links)):
            if not (is_build and is_own_file(path.relative_to(folder).as_posix())):
                yield path


def is_own_file(name: str) -> bool:
    """Whether a file is one of a build, by its path in the output."""
    return name in TOP_LEVEL_FILES or _SHARD.fullmatch(name) is not None


def _require_no_link(work: WorkFolder) -> None:
    """Refuse a work folder that is a link: what it leads to would be emptied and written to."""
    if work.path.is_symlink():
        raise BuildError("the work folder beside the output is a link", str(work.path), "delete the link")


def _require_own(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BuildError("the output is a file", str(folder), "name a folder with -o")
    foreign = next(find_foreign_files(folder), None)
    if foreign is not None:
        raise BuildError(
            f"the output folder holds a file hanpack did not write: {foreign.relative_to(folder)}",
            str(folder),
            "name an empty or new folder with -o, or move the file away",
        )


def _remove_tree(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _tidy(work: WorkFolder) -> None:
    """Delete the work folder if only the lock is in it."""
    if {path.name for path in work.path.iterdir()} <= {work.lock.name}:
        work.lock.unlink(missing_ok=True)
        work.path.rmdir()


def clean_work_folder(folder: Path, *, dry_run: bool) -> list[tuple[str, int, int]]:
    """Empty the work folder of an output, except for the notes of where sources, recipe and exports are.

    Returns the name of each thing in it, its number of files and its bytes. With ``dry_run`` nothing is
    deleted.

    Raises:
        BuildError: a build is writing to the output.
        UsageError: there is neither a build nor a work folder.
    """
    work = WorkFolder(folder)
    if not folder.is_dir() and not work.path.is_dir():
        raise UsageError("there is no such build", str(folder), "name the folder that hanpack build wrote")
    _require_no_link(work)
    if not work.path.is_dir():
        return []
    with hold_output(folder):
        contents = [
            path
            for path in sorted(work.path.iterdir())
            if path not in (work.lock, work.root_note, work.recipe_note, work.exports_note)
        ]
        sizes = []
        for path in contents:
            inside = [path] if path.is_file() or path.is_symlink() else path.rglob("*")
            files = [file for file in inside if file.is_file()]
            sizes.append((path.name, len(files), sum(file.stat().st_size for file in files)))
            if not dry_run:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return sizes


def _remove_indexes(folder: Path, shards: Sequence[ShardFile]) -> None:
    """Delete the indexes of a build that are of no shard in ``shards``."""
    names = {f"{shard.sha256}.index" for shard in shards}
    indexes = WorkFolder(folder).indexes
    for path in indexes.iterdir() if indexes.is_dir() else ():
        if path.name not in names:
            path.unlink()
