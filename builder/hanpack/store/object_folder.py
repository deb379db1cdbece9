"""A folder on object storage, by any file system of fsspec: ``s3://``, ``gs://``, ``memory://`` and others.

An object appears complete or not at all. There is no rename: what must not replace another object is written
by a conditional put (``If-None-Match: *`` in S3).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanpack.errors import BuildError, UsageError
from hanpack.secrets import redact

# The package that fsspec needs for a scheme.
PACKAGES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "az": "adlfs",
    "hf": "huggingface_hub",
}


@dataclass(frozen=True, slots=True)
class ObjectFolder:
    """The objects whose names begin with ``url``; names in it are relative, with ``/``.

    >>> folder = ObjectFolder("memory://bucket/doctest")
    >>> folder.put("a/b", b"text")
    >>> folder.list_sizes(), folder.read("a/b"), folder.read("c")
    ({'a/b': 4}, b'text', None)
    >>> folder.create("a/b", b"other"), folder.read("a/b")
    (False, b'text')
    >>> folder.delete("a/b")
    """

    url: str

    def child(self, name: str) -> ObjectFolder:
        """The folder ``name`` in this one."""
        return ObjectFolder(f"{self.url.rstrip('/')}/{name}")

    def sibling(self, name: str) -> ObjectFolder:
        """The folder ``name`` beside this one."""
        return ObjectFolder(f"{self.url.rstrip('/').rpartition('/')[0]}/{name}")

    @property
    def name(self) -> str:
        """The last part of the URL."""
        return self.url.rstrip("/").rpartition("/")[2]

    def list_sizes(self) -> dict[str, int]:
        """The size of each object, by name; empty if there are none."""
        with self._explain() as (system, path):
            system.invalidate_cache()
            listed: Mapping[str, Mapping[str, Any]] = system.find(path, detail=True)
            prefix = len(path.strip("/")) + 1
            return {name.lstrip("/")[prefix:]: int(info["size"]) for name, info in listed.items()}

    def read(self, name: str) -> bytes | None:
        """The content of an object; None if there is none of this name."""
        with self._explain() as (system, path):
            try:
                return bytes(system.cat_file(f"{path}/{name}"))
            except FileNotFoundError:
                return None

    def put(self, name: str, data: bytes) -> None:
        """Write an object, in the place of another of its name if there is one."""
        with self._explain() as (system, path):
            system.pipe_file(f"{path}/{name}", data)

    def create(self, name: str, data: bytes) -> bool:
        """Write an object if there is none of its name; whether it was written."""
        with self._explain() as (system, path):
            try:
                system.pipe_file(f"{path}/{name}", data, mode="create")
            except FileExistsError:
                return False
            return True

    def upload(self, name: str, file: Path) -> None:
        """Write an object from a file, in several requests if that is large."""
        with self._explain() as (system, path):
            system.put_file(str(file), f"{path}/{name}")

    def download(self, name: str, file: Path) -> bool:
        """Write an object to a file, whose folder exists; whether there is such an object."""
        with self._explain() as (system, path):
            try:
                system.get_file(f"{path}/{name}", str(file))
            except FileNotFoundError:
                return False
            return True

    def delete(self, name: str) -> None:
        """Delete an object, if there is one of this name."""
        with self._explain() as (system, path):
            try:
                system.rm_file(f"{path}/{name}")
            except FileNotFoundError:
                return

    @contextmanager
    def _explain(self) -> Iterator[tuple[Any, str]]:
        """The file system and the path of the folder in it; its errors become errors of hanpack.

        Raises:
            UsageError: the package of the file system is not installed, or the URL is wrong.
            BuildError: the storage answers with an error, or not at all.
        """
        try:
            yield _open(self.url)
        except ImportError as error:
            raise refuse_protocol(self.url, error) from error
        except find_storage_errors() as error:
            detail = redact(str(error)) or type(error).__name__
            raise BuildError(
                f"the object storage cannot be used: {detail}",
                redact(self.url),
                "check the address and the credentials, then run the same command again",
            ) from error


def refuse_protocol(url: str, error: ImportError) -> UsageError:
    """The error of a URL whose protocol needs a package that is not installed, which it names."""
    scheme = url.partition("://")[0]
    package = PACKAGES.get(scheme, error.name or scheme)
    return UsageError(f"{scheme}:// needs {package}", url, f"pip install {package}")


def find_storage_errors() -> tuple[type[Exception], ...]:
    """The errors of object storage: a missing package, those of the system, those of the client of S3."""
    client = sys.modules.get("botocore.exceptions")
    of_client: tuple[type[Exception], ...] = (client.BotoCoreError,) if client else ()
    return (ImportError, OSError, ValueError, *of_client)


def _open(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path there; fsspec keeps one for each process."""
    import fsspec

    open_url: Callable[[str], tuple[Any, str]] = fsspec.core.url_to_fs
    system, path = open_url(url)
    return system, path.rstrip("/")
