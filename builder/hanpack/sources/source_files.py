"""A file of a recipe, and what a format knows: how such a file is surveyed, read and addressed in bytes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hanpack.model import Record, Source
from hanpack.reasons import Reason
from hanpack.recipe import Limits, Shape, SourceEntry


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that the entry number ``entry`` of the recipe's ``sources`` matches.

    ``name`` is its path relative to the root, as valid UTF-8; ``compression`` is a suffix such as ``.gz`` or
    empty; ``fault`` says why the file is rejected without being opened.
    """

    path: Path
    name: str
    entry: int
    options: SourceEntry
    format: SourceFormat
    compression: str
    shape: Shape
    fault: Reason | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """The size and modification time of a file: they reveal a change while it is read."""

    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """The stamp a file has now."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first reading of a file gives: the hash and size of its bytes, and a sample or a fault.

    ``sample`` is at most about 1 MiB of its decompressed content, from which the encoding is detected.
    """

    file: SourceFile
    sha256: str
    stamp: Stamp
    sample: bytes
    fault: Reason | None = None


class RawReader(Protocol):
    """The content of a source from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, fewer at the end."""


class SourceFormat(ABC):
    """One format of raw files. Each format is one value in :data:`hanpack.sources.formats.FORMATS`."""

    name: str
    suffixes: tuple[str, ...]
    # The shapes its records can have, the default first.
    shapes: tuple[Shape, ...]
    # Whether its text is escaped as inside a JSON string.
    is_escaped = False
    # The encoding of a source that is not detected: because the format has one, or nothing was recognised.
    fixed_encoding: str | None = None
    fallback_encoding: str | None = None

    @abstractmethod
    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """Read a sample of the content for encoding detection, or say why the file cannot be read.

        Raises:
            OSError: the file cannot be read to its end.
        """

    @abstractmethod
    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The records in order; their spans follow one another from byte 0 to the end of the content.

        Raises:
            OSError: the file cannot be read further.
        """

    @abstractmethod
    def open_raw(self, file: SourceFile, max_expansion: int) -> AbstractContextManager[RawReader]:
        """Open the content in which the spans of its records count."""

    def refuse(self, compression: str) -> Reason | None:
        """Why a file of this format with such a compression is rejected unopened."""
        del compression
        return None
