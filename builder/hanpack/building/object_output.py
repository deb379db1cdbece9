"""Publishes a build on object storage: the files first, the manifest last.

Object storage cannot replace a folder in one step. So the manifest of the old build is deleted first and that
of the new one is written last, by a conditional put: in between there is no finished build, and readers say
so. They never read a mixture of two builds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanpack.building.publication import is_own_file
from hanpack.errors import BuildError, UsageError
from hanpack.names import is_remote
from hanpack.secrets import redact
from hanpack.sources.remote_paths import localize
from hanpack.sources.survey import Progress
from hanpack.store.manifest import MANIFEST, Manifest
from hanpack.store.object_folder import ObjectFolder
from hanpack.store.work_folder import SUFFIX

# In the work folder: says which build is being published.
_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class ObjectOutput:
    """An output on object storage; it is built in a folder of this machine first."""

    url: str

    @property
    def objects(self) -> ObjectFolder:
        """What is published."""
        return ObjectFolder(self.url)

    @property
    def work(self) -> ObjectFolder:
        """The work folder, beside what is published.

        >>> ObjectOutput("s3://bucket/laws").work.url
        's3://bucket/.laws.hanpack'
        """
        return self.objects.sibling(f".{self.objects.name}{SUFFIX}")

    @property
    def local_folder(self) -> Path:
        """Where the output is built on this machine.

        >>> ObjectOutput("s3://bucket/laws").local_folder.as_posix()
        'dist/.hanpack-remote/s3/bucket/laws'
        """
        return Path("dist") / localize(self.url)

    def require_same_build(self, name: str, *, overwrite: bool) -> None:
        """Refuse an output with files that hanpack did not write, or with a build of another recipe.

        Raises:
            BuildError: it is one of these, or the storage cannot be used.
        """
        names = self.objects.list_sizes()
        foreign = next((other for other in sorted(names) if not is_own_file(other)), None)
        if foreign is not None:
            raise BuildError(
                f"the output holds an object hanpack did not write: {foreign}",
                redact(self.url),
                "name an empty or new folder with -o, or delete the object",
            )
        published = str(self._read_manifest().get("name", name))
        if published != name and not overwrite:
            raise BuildError(
                f"the output holds a build of another recipe: {published}, not {name}",
                redact(self.url),
                "replace it with --overwrite, or name another folder with -o",
            )

    def publish(self, folder: Path, manifest: Manifest, progress: Progress) -> bool:
        """Put the build in ``folder`` on the storage; whether that was needed.

        Raises:
            BuildError: another build is published there at the same time.
        """
        content = (folder / MANIFEST).read_bytes()
        if self.objects.read(MANIFEST) == content:
            return False
        with self._lock(manifest.fingerprint):
            published = {file["path"]: file["sha256"] for file in self._read_manifest().get("files", ())}
            sizes = self.objects.list_sizes()
            self.objects.delete(MANIFEST)
            for done, file in enumerate(manifest.files):
                is_there = published.get(file.path) == file.sha256
                if not (is_there and sizes.get(file.path) == (folder / file.path).stat().st_size):
                    self.objects.upload(file.path, folder / file.path)
                progress("upload", done + 1, len(manifest.files))
            for name in sizes.keys() - {file.path for file in manifest.files} - {MANIFEST}:
                self.objects.delete(name)
            if not self.objects.create(MANIFEST, content):
                raise self._refuse("another build was published here at the same time")
        return True

    @contextmanager
    def _lock(self, fingerprint: str) -> Iterator[None]:
        """Let no other build be published here; one of the same build that was killed is finished."""
        owner = fingerprint.encode()
        if not self.work.create(_LOCK, owner) and self.work.read(_LOCK) != owner:
            raise self._refuse("another build is being published here")
        try:
            yield
        finally:
            self.work.delete(_LOCK)

    def _read_manifest(self) -> Mapping[str, Any]:
        """The manifest that is there, without any check; empty if there is none that can be read."""
        try:
            content = json.loads(self.objects.read(MANIFEST) or b"{}")
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}

    def _refuse(self, what: str) -> BuildError:
        lock = f"{self.work.url}/{_LOCK}"
        todo = f"wait for it and run the same command again; if it was killed, delete {redact(lock)}"
        return BuildError(what, redact(self.url), todo)


def find_object_output(out: str | Path | None) -> ObjectOutput | None:
    """The output on object storage that a URL names; None for a path.

    Raises:
        UsageError: nothing can be written to such a URL.
    """
    if not isinstance(out, str) or not is_remote(out):
        return None
    # Beside the output is its work folder: both need a folder or a bucket around them.
    is_in_bucket = "/" in out.partition("://")[2].strip("/")
    if out.lower().startswith(("http://", "https://")) or not is_in_bucket:
        raise UsageError(
            "nothing can be written to this address",
            redact(out),
            "name a folder in a bucket: s3://BUCKET/NAME",
        )
    return ObjectOutput(out.rstrip("/"))
