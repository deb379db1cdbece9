"""Copies a build from a URL for its verification, which reads every byte several times.

This module is short because the checks are those of a build in a folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hanpack.errors import VerifyError
from hanpack.names import check_name
from hanpack.signing.signatures import MOST_BYTES as MOST_SIGNED
from hanpack.sources.survey import Progress
from hanpack.store.manifest import ATTESTATION, MANIFEST, MOST_BYTES
from hanpack.store.reader import BuildReader

_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy of the build at a URL; ``notes`` say what of it could not be looked at."""

    folder: Path
    url: str
    notes: tuple[str, ...]


@contextmanager
def copy_build(url: str, progress: Progress) -> Iterator[Copied]:
    """Copy the files that the manifest of a remote build lists to a temporary folder.

    Of every other file there the folder has an empty one, so that the verification names it.

    Raises:
        VerifyError: the manifest is not one that hanpack writes, or a file cannot be read.
    """
    reader = BuildReader.open(url)
    remote = reader.remote
    assert remote is not None
    with TemporaryDirectory(prefix="hanpack-verify-") as name:
        folder = Path(name) / "build"
        folder.mkdir()
        (folder / MANIFEST).write_bytes(remote.read(MANIFEST, MOST_BYTES))
        for number, file in enumerate(reader.manifest.files, 1):
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                stream.writelines(remote.read_blocks(file, _BLOCK))
            progress("copy", number, len(reader.manifest.files))
        if remote.has(ATTESTATION):
            (folder / ATTESTATION).write_bytes(remote.read(ATTESTATION, MOST_SIGNED))
        names = remote.files.list_names()
        for name in names or ():
            if not (folder / name).exists():
                _put_empty(folder, name)
        unknown = "the server lists no files: whether there are others is not known"
        yield Copied(folder, remote.url, (unknown,) if names is None else ())


def _put_empty(folder: Path, name: str) -> None:
    """Put an empty file in the place of one that the manifest does not list.

    Raises:
        VerifyError: it has a name that leads out of the build.
    """
    try:
        target = folder / check_name(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    except (ValueError, OSError) as error:
        raise VerifyError(f"a file has a name that no build has: {error}", name) from error
