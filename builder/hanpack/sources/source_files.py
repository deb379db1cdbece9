"""The types of sources: a file of a recipe, its survey, and the interface that the reader of a format has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits, Shape, SourceEntry
from hanpack.sources.archives import Archives, Place

if TYPE_CHECKING:
    from hanpack.sources.formats import SourceFormat

# How much of a file an excerpt contains.
EXCERPT_BYTES = 256 * 1024
EXCERPT_ROWS = 100


def refuse_length(size: int, limit: int) -> Reason | None:
    """Why a record of so many bytes is rejected, if it is longer than the limit of the recipe.

    >>> refuse_length(5, 5), str(refuse_length(6, 5))
    (None, 'longer than 5 bytes')
    """
    return Reason(Cause.RECORD_TOO_LONG, {"limit": limit}) if size > limit else None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a recipe. ``options`` is the entry of ``sources`` that it matches, ``entry`` its index.

    Its *content* is the byte string that spans count in: for text the decompressed file, for Parquet the
    values of the text column joined.

    ``path`` is where the file is, ``name`` its path relative to the root as valid UTF-8. ``compression`` has
    its suffixes such as ``.gz``, or is empty. With ``member`` it is a file in the archive at ``path``.
    ``fault`` says why the file is rejected without being read, or is None.
    """

    path: Path
    name: str
    entry: int
    options: SourceEntry
    format: SourceFormat
    compression: str
    shape: Shape
    fault: Reason | None = None
    member: ArchivedFile | None = None


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A member of an archive, and what opens it; ``size`` is in bytes."""

    archives: Archives
    path: Path
    place: Place
    size: int

    def open(self) -> BinaryIO:
        """The content of the member, seekable.

        Raises:
            OSError: it is damaged.
        """
        return self.archives.open(self.path, self.place)

    def hash_archive(self) -> str:
        """The SHA-256 of the archive.

        Raises:
            OSError: it cannot be read.
        """
        return self.archives.hash(self.path)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The size (bytes) and modification time (ns) of a file, which reveal a change while it is read."""

    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """The current stamp of a file.

        Raises:
            OSError: the file does not exist or is not accessible.
        """
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Survey:
    """The result of the first reading of a file: its SHA-256, and a sample of its content or a fault.

    ``sample`` is at most about 1 MiB of the decompressed content; the encoding is detected from it.
    ``archive_sha256`` is the hash of the archive that the file is a member of. ``expanded_size`` is the
    number of bytes of a compressed file's content, if it was measured.
    """

    file: SourceFile
    sha256: str
    stamp: Stamp
    sample: bytes
    fault: Reason | None = None
    archive_sha256: str | None = None
    expanded_size: int | None = None

    @property
    def size(self) -> int:
        """The size of the file, or of the member of an archive, in bytes."""
        return self.file.member.size if self.file.member and self.stamp.size else self.stamp.size

    @property
    def content_size(self) -> int | None:
        """The size of its content, decompressed, in bytes; None if that was not measured."""
        return self.expanded_size if self.file.compression else self.size


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a file as text; for rows, the text column.

    The whole file is estimated to be ``scale`` times as long. ``column`` is the name of the text column, or
    empty if the format has no columns. ``columns`` are the names for the columns of a file that names none.
    ``textless`` are the columns of strings of a table in which none looks like text.
    ``file_fault`` is why the bytes are not text as a whole: some lines are not, and the text lacks them.
    ``hint`` says how a table may be read better.
    ``pages`` are the texts of which ``text`` is made, if each is a page of its own.
    """

    text: str
    encoding: str
    scale: float
    column: str = ""
    columns: tuple[str, ...] = ()
    textless: tuple[str, ...] = ()
    file_fault: Reason | None = None
    hint: str = ""
    pages: tuple[str, ...] = ()


class RawReader(Protocol):
    """Reads the content of a source from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """The next ``size`` bytes; fewer only at the end."""


class SourceReader(ABC):
    """Reads the files of a format; the format itself is a row of :data:`hanpack.sources.formats.FORMATS`."""

    @abstractmethod
    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """Read a sample of the content, from which its encoding is detected; returns it and the file's fault.

        The fault is None if the file can be read. ``max_expansion`` is the limit of the recipe: a compressed
        file may expand to this many times its size (at least 64 MiB); larger ones are refused.

        Raises:
            OSError: the file cannot be read to its end.
        """

    @abstractmethod
    def read_excerpt(self, survey: Survey) -> Excerpt:
        """Read about the first ``EXCERPT_BYTES`` or ``EXCERPT_ROWS``.

        A format with columns chooses the one that looks like text, because ``init`` runs before one is named.

        Raises:
            RecordError: the text cannot be read.
        """

    @abstractmethod
    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """Read the records in order; their spans are adjacent and cover the content from byte 0 to its end.

        Raises:
            OSError: the file cannot be read further.
        """

    @abstractmethod
    def open_raw(self, file: SourceFile, max_expansion: int) -> AbstractContextManager[RawReader]:
        """Open the content, in which the spans of the records count; ``max_expansion`` as in ``take_sample``.

        Raises:
            OSError: the file does not exist or cannot be read.
        """
