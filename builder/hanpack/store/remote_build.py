"""The files of a build at a URL, read by ranges of bytes, so that only what a look needs is transferred.

Datasets of the Hub (``hf://``) are read at the commit that their branch has when they are opened; ``https``
with httpx2, all other protocols with fsspec.
"""

from __future__ import annotations

import io
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.errors import VerifyError
from hanpack.secrets import redact
from hanpack.store.object_folder import refuse_protocol
from hanpack.store.seekable_file import SeekableFile
from hanpack.store.shards import ShardFile

# The bytes from ``start`` to ``end`` of a file.
Fetch = Callable[[int, int], bytes]
_TIMEOUT = 60.0
_WHOLE, _PARTIAL = 200, 206
# pyarrow reads as much of the end of a file to find its metadata.
_TAIL_BYTES = 64 * 2**10
_CHECK = "check the address, and whether you may read it"
_USE_RANGES = (
    "use a server that answers requests for ranges, as nginx does and python -m http.server does not"
)


class RemoteFiles(Protocol):
    """A place with files by their relative paths."""

    def measure(self, name: str) -> int:
        """The size of a file in bytes."""

    def open(self, name: str) -> Fetch:
        """What reads ranges of a file."""

    def list_names(self) -> list[str] | None:
        """The paths of all files, None if the protocol cannot list them."""


@dataclass(frozen=True, slots=True, eq=False)
class RemoteBuild:
    """A build at a URL.

    Of shards that have been opened, by their paths, ``footers`` keeps the metadata, and ``tails`` the last
    bytes, which have the metadata and most of the indexes of pages.
    """

    url: str
    files: RemoteFiles
    footers: dict[str, pq.FileMetaData] = field(default_factory=dict)
    tails: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def open(cls, url: str) -> RemoteBuild:
        """Open the place that a URL names.

        Raises:
            VerifyError: it cannot be reached, or there is nothing.
            UsageError: the protocol is unknown, or its package is missing.
        """
        shown = redact(url)
        with _explain(shown):
            if url.lower().startswith(("http://", "https://")):
                return cls(shown, _HttpFiles(url))
            return cls(shown, _open_fsspec(url))

    def read(self, name: str, most: int) -> bytes:
        """Read a file of at most so many bytes.

        Raises:
            VerifyError: it does not exist, cannot be read, or is larger.
        """
        where = self.name_file(name)
        with _explain(where):
            size = self.files.measure(name)
            if size > most:
                raise VerifyError(f"the file has {size:,} bytes, more than {most:,}", where)
            return _RangeFile(self.files.open(name), size).read()

    def has(self, name: str) -> bool:
        """Whether there is a file of a name, also on a server that lists no files.

        Raises:
            VerifyError: the server answers neither that there is one nor that there is none.
        """
        with _explain(self.name_file(name)):
            try:
                self.files.measure(name)
            except FileNotFoundError:
                return False
            return True

    def open_shard(self, file: ShardFile) -> pq.ParquetFile:
        """Open a shard; row groups are read as far as they are asked for.

        Raises:
            VerifyError: it is missing or has another size than the manifest says.
        """
        stream = pa.PythonFile(self.open_shard_file(file), mode="r")
        opened = pq.ParquetFile(stream, metadata=self.footers.get(file.path), pre_buffer=True)
        self.footers.setdefault(file.path, opened.metadata)
        return opened

    def open_shard_file(self, file: ShardFile) -> io.RawIOBase:
        """Open the bytes of a shard, of which the last are read once.

        Raises:
            VerifyError: it is missing or has another size than the manifest says.
        """
        stream = self._open(file.path, file.bytes)
        first = max(file.bytes - _TAIL_BYTES, 0)

        def fetch(start: int, end: int) -> bytes:
            if start < first:
                return stream.fetch(start, end)
            if file.path not in self.tails:
                self.tails[file.path] = stream.fetch(first, file.bytes)
            return self.tails[file.path][start - first : end - first]

        return _RangeFile(fetch, file.bytes)

    def open_file(self, file: ShardFile) -> io.RawIOBase:
        """Open a file of the manifest.

        Raises:
            VerifyError: it is missing or has another size than the manifest says.
        """
        return self._open(file.path, file.bytes)

    def read_blocks(self, file: ShardFile, size: int) -> Iterator[bytes]:
        """Read a file of the manifest in blocks of ``size`` bytes.

        Raises:
            VerifyError: it is missing or has another size than the manifest says.
        """
        stream = self._open(file.path, file.bytes)
        while block := stream.read(size):
            yield block

    def make_filesystem(self) -> Any:
        """The build as a file system of Arrow, whose paths are those of the manifest."""
        from pyarrow.fs import FileInfo, FileType, FSSpecHandler, PyFileSystem

        build = self

        class Handler(FSSpecHandler):  # type: ignore[misc]  # pyarrow has no types
            """Opens the files of the build by ranges."""

            def __eq__(self, other: object) -> bool:
                return self is other

            __hash__ = object.__hash__

            def get_type_name(self) -> str:
                return "hanpack"

            def normalize_path(self, path: str) -> str:
                return path

            def get_file_info(self, paths: list[str]) -> list[FileInfo]:
                return [FileInfo(path, FileType.File, size=build.files.measure(path)) for path in paths]

            def open_input_file(self, path: str) -> pa.PythonFile:
                return pa.PythonFile(build._open(path, None), mode="r")

        return PyFileSystem(Handler(None))

    def name_file(self, name: str) -> str:
        """A file in messages."""
        return f"{self.url.rstrip('/')}/{name}"

    def _open(self, name: str, size: int | None) -> _RangeFile:
        where = self.name_file(name)
        with _explain(where):
            actual = self.files.measure(name)
            if size is not None and actual != size:
                what = f"it has {actual:,} bytes, not the {size:,} that the manifest lists"
                raise VerifyError(what, where, "if the build was just replaced, run the command again")
            return _RangeFile(self.files.open(name), actual)


class _RangeFile(SeekableFile):
    """A file of ``size`` bytes, of which each read is one request."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        super().__init__(size)
        self.fetch = fetch

    def read(self, size: int | None = -1) -> bytes:
        end = self._size if size is None or size < 0 else min(self._place + size, self._size)
        if end <= self._place:
            return b""
        with _translate():
            data = self.fetch(self._place, end)
        if len(data) != end - self._place:
            raise OSError(f"{len(data):,} bytes came, not {end - self._place:,}")
        self._place = end
        return data


class _FsspecFiles:
    """The files below a path of a file system of fsspec."""

    def __init__(self, system: Any, path: str) -> None:
        self._system = system
        self._path = path.rstrip("/")

    def measure(self, name: str) -> int:
        return int(self._system.info(f"{self._path}/{name}")["size"])

    def open(self, name: str) -> Fetch:
        # A cache would read far more than is asked for.
        stream = self._system.open(f"{self._path}/{name}", "rb", cache_type="none")

        def fetch(start: int, end: int) -> bytes:
            stream.seek(start)
            return bytes(stream.read(end - start))

        return fetch

    def list_names(self) -> list[str] | None:
        prefix = f"{self._system._strip_protocol(self._path)}/"
        return sorted(name.removeprefix(prefix) for name in self._system.find(self._path))


class _HttpFiles:
    """The files below a URL of HTTP, whose server must answer requests for ranges."""

    def __init__(self, url: str) -> None:
        import httpx2

        self._parts = urlsplit(url)
        headers = {"Accept-Encoding": "identity"}
        self._client = httpx2.Client(timeout=_TIMEOUT, follow_redirects=True, headers=headers)
        weakref.finalize(self, self._client.close)

    def measure(self, name: str) -> int:
        with self._request(name, 0, 1) as answer:
            total = str(answer.headers.get("content-range", "")).rpartition("/")[2]
            if not total.isdecimal():
                raise OSError("the server does not say how large the file is")
            return int(total)

    def open(self, name: str) -> Fetch:
        def fetch(start: int, end: int) -> bytes:
            data = bytearray()
            with self._request(name, start, end) as answer:
                for block in answer.iter_raw():
                    data += block
                    if len(data) > end - start:
                        raise OSError("the server sends more than it was asked for")
            return bytes(data)

        return fetch

    def list_names(self) -> list[str] | None:
        return None

    @contextmanager
    def _request(self, name: str, start: int, end: int) -> Iterator[Any]:
        path = f"{self._parts.path.rstrip('/')}/{quote(name)}"
        url = urlunsplit(self._parts._replace(path=path))
        headers = {"Range": f"bytes={start}-{end - 1}"}
        with self._client.stream("GET", url, headers=headers) as answer:
            if answer.status_code == 404:
                raise FileNotFoundError("there is no such file")
            if answer.status_code == _WHOLE:
                raise _WholeFilesError("the server sends only whole files")
            if answer.status_code != _PARTIAL:
                raise OSError(f"the server answered {answer.status_code} to a request for a range of bytes")
            yield answer


class _WholeFilesError(OSError):
    """A server does not send parts of files."""


def _open_fsspec(url: str) -> _FsspecFiles:
    import fsspec

    if not url.lower().startswith("hf://"):
        return _FsspecFiles(*fsspec.core.url_to_fs(url))
    from huggingface_hub import HfApi, HfFileSystem

    system = HfFileSystem(skip_instance_cache=True)
    path = system.resolve_path(url.partition("://")[2])
    repo_id, repo_type = getattr(path, "repo_id", None), getattr(path, "repo_type", None)
    if repo_id is None or repo_type is None:
        return _FsspecFiles(system, path.unresolve())
    # All files are read at one commit: another build may be pushed meanwhile.
    commit = HfApi().repo_info(repo_id, repo_type=repo_type, revision=getattr(path, "revision", None)).sha
    inner = getattr(path, "path_in_repo", "")
    return _FsspecFiles(system, f"{repo_type}s/{repo_id}@{commit}/{inner}")


@contextmanager
def _translate() -> Iterator[None]:
    """Turn the errors of the HTTP library into such as Arrow and its callers know."""
    import httpx2

    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        if isinstance(error, OSError):
            raise
        raise OSError(str(error) or type(error).__name__) from error


@contextmanager
def _explain(where: str) -> Iterator[None]:
    """Turn what a protocol raises into the errors of this program."""
    try:
        with _translate():
            yield
    except FileNotFoundError as error:
        raise VerifyError("it does not exist, or you may not read it", where, _CHECK) from error
    except ImportError as error:
        raise refuse_protocol(where, error) from error
    except (OSError, ValueError) as error:
        detail = redact(str(error)).partition("\n")[0] or type(error).__name__
        advice = _USE_RANGES if isinstance(error, _WholeFilesError) else _CHECK
        raise VerifyError(f"it cannot be read: {detail}", where, advice) from error
