"""The hidden folder beside an output: lock, parts, the next build, and where the sources are.

It is named after the output: that of ``dist/laws`` is ``dist/.laws.hanpack``. The output itself holds what is
published and nothing else.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hanpack.errors import VerifyError

SUFFIX = ".hanpack"
# renameat2(2) of Linux, and renamex_np(2) of macOS.
_AT_CURRENT_FOLDER = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
# What a system or file system answers that cannot exchange two folders.
_UNSUPPORTED = frozenset((errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM))


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """The work folder of the output ``out``."""

    out: Path

    @property
    def path(self) -> Path:
        """Where it is: beside the output.

        >>> WorkFolder(Path("dist/laws")).path.as_posix()
        'dist/.laws.hanpack'
        """
        absolute = Path(os.path.abspath(self.out))
        # The path ``.`` has no name.
        return (self.out if self.out.name else absolute).with_name(f".{absolute.name}{SUFFIX}")

    @property
    def lock(self) -> Path:
        """The file that a build locks."""
        return self.path / "lock"

    @property
    def parts(self) -> Path:
        """The cache of parts."""
        return self.path / "parts"

    @property
    def known_files(self) -> Path:
        """What the last build found out about its source files."""
        return self.path / "files"

    @property
    def written_shards(self) -> Path:
        """What shaped each shard of the published build."""
        return self.path / "shards.json"

    @property
    def indexes(self) -> Path:
        """The indexes of the texts of the published build, for ``find``."""
        return self.path / "indexes"

    @property
    def next(self) -> Path:
        """The build that is being written; after the exchange the one that it replaced."""
        return self.path / "next"

    @property
    def old(self) -> Path:
        """The replaced build, while it is replaced without an exchange."""
        return self.path / "old"

    @property
    def journal(self) -> Path:
        """A file that exists while a build is replaced without an exchange."""
        return self.path / "journal"

    @property
    def root_note(self) -> Path:
        """The file that says where the sources are, relative to the work folder."""
        return self.path / "root"

    @property
    def recipe_note(self) -> Path:
        """The file that says where the recipe is, relative to the work folder."""
        return self.path / "recipe"

    def note_root(self, root: Path) -> None:
        """Keep where the sources are, for ``verify`` and ``trace`` on this machine."""
        relative = os.path.relpath(root, os.path.realpath(self.path))
        write_synced(self.root_note, relative.encode("utf-8", "surrogateescape"))

    def note_recipe(self, recipe: str) -> None:
        """Keep where the recipe is, for ``withdraw``; ``recipe`` is the path of its file."""
        relative = os.path.relpath(os.path.realpath(recipe), os.path.realpath(self.path))
        write_synced(self.recipe_note, relative.encode("utf-8", "surrogateescape"))

    @property
    def exports_note(self) -> Path:
        """The file that says where exports of the output were written, relative to the work folder."""
        return self.path / "exports"

    def note_export(self, folder: Path) -> None:
        """Keep where an export was written, for ``withdraw``.

        Nothing is kept if the output was not built here, or if its work folder cannot be written to.
        """
        if self.path.is_dir() and not self.path.is_symlink() and os.access(self.path, os.W_OK):
            relative = os.path.relpath(os.path.realpath(folder), os.path.realpath(self.path))
            lines = dict.fromkeys([*self._read_exports(), relative])
            text = "".join(f"{json.dumps(line)}\n" for line in lines)
            write_synced(self.exports_note, text.encode("ascii"))

    def find_exports(self) -> list[Path]:
        """Where exports of the output were written, in their order; they may be gone.

        Raises:
            VerifyError: the note is damaged.
        """
        folder = Path(os.path.realpath(self.path))
        return [Path(os.path.normpath(folder / relative)) for relative in self._read_exports()]

    def _read_exports(self) -> list[str]:
        try:
            return [str(json.loads(line)) for line in self.exports_note.read_bytes().splitlines()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            what = f"the note of exports cannot be read: {error}"
            raise VerifyError(what, str(self.exports_note), "delete the file") from error

    def find_recipe(self) -> Path | None:
        """Where the recipe was when the output was built; None if that is not known here."""
        return self._read_note(self.recipe_note)

    def find_root(self) -> Path | None:
        """Where the sources were when the output was built; None if that is not known here."""
        return self._read_note(self.root_note)

    def _read_note(self, note: Path) -> Path | None:
        try:
            relative = note.read_bytes().decode("utf-8", "surrogateescape")
        except OSError:
            return None
        return (Path(os.path.realpath(self.path)) / relative).resolve()

    def replace_output(self) -> None:
        """Put the folder ``next`` in the place of the output, in one step if the system can do that.

        Afterwards ``next`` is the folder that was replaced, if there was one.
        """
        if not self.out.exists() or not any(self.out.iterdir()):
            if os.name == "nt" and self.out.exists():
                # Windows renames no folder over another, even if that is empty.
                self.out.rmdir()
            os.replace(self.next, self.out)
        elif not exchange(self.next, self.out):
            self._replace_by_journal()
        sync_folder(self.out.parent)
        sync_folder(self.path)

    def _replace_by_journal(self) -> None:
        """Two renames, with a journal before them: :meth:`recover` finishes what was interrupted."""
        write_synced(self.journal, b"next replaces the output\n")
        os.replace(self.out, self.old)
        os.replace(self.next, self.out)
        os.replace(self.old, self.next)
        self.journal.unlink()

    def recover(self) -> None:
        """Finish the replacement that an interrupted command began; does nothing if there is none.

        The journal is written when ``next`` is complete. Whichever of the three renames was done, the next
        build is in one place only, and so is the old one.
        """
        if not self.journal.exists():
            return
        if not self.out.exists() and self.next.exists():
            os.replace(self.next, self.out)
        if self.old.exists() and not self.next.exists():
            os.replace(self.old, self.next)
        self.journal.unlink(missing_ok=True)


def require_root(build: Path) -> Path:
    """Where the sources of a build were when it was made on this machine.

    Raises:
        VerifyError: the build was not made here. No other folder is tried, because the manifest would choose
            the files that are read there.
    """
    root = WorkFolder(build).find_root()
    if root is None:
        raise VerifyError(
            "the build was not made here, so where its sources are is not known",
            str(build),
            "name their folder with --sources",
        )
    return root


def exchange(first: Path, second: Path) -> bool:
    """Exchange two folders in one step; False if the system or the file system cannot.

    Raises:
        OSError: it can, and failed.
    """
    function = _find_exchange()
    if function is None:
        return False
    if function(os.fsencode(first), os.fsencode(second)) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(first), None, str(second))


@cache
def _find_exchange() -> Callable[[bytes, bytes], int] | None:
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            rename = library.renameat2
            current = _AT_CURRENT_FOLDER
            return lambda first, second: int(rename(current, first, current, second, _RENAME_EXCHANGE))
        swap = library.renamex_np
        return lambda first, second: int(swap(first, second, _RENAME_SWAP))
    except (OSError, AttributeError, TypeError):
        return None


def sync_tree(folder: Path) -> None:
    """Sync every file and folder of a tree to disk, contents before names."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            # Windows syncs only files that are open for writing.
            with open(os.path.join(parent, name), "r+b") as stream:
                os.fsync(stream.fileno())
        sync_folder(Path(parent))


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder to disk, on systems on which a folder can be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(path: Path, data: bytes) -> None:
    """Write a small file so that it is either the old one or the new one, whatever happens."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)
