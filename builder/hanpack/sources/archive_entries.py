"""Lists the entries of ZIP and tar archives, and reads them; nothing is ever extracted to a named file."""

from __future__ import annotations

import stat
import struct
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from hanpack.reasons import Cause, Reason
from hanpack.sources.compression import BLOCK_BYTES
from hanpack.sources.damage import describe_damage
from hanpack.steps.decode.encodings import detect

# A larger entry is kept in a temporary file without a name while it is read.
_MOST_IN_MEMORY = 64 * 2**20
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_UNICODE_PATH = 0x7075
# The system on which a ZIP was made, whose names may have backslashes: DOS and Windows.
_DOS = 0
UNREADABLE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """An entry as the archive lists it: its name, its size in bytes, and why it is not read, if it is not."""

    name: str
    size: int
    fault: Reason | None = None


class EntryReader(ABC):
    """Reads the entries of an archive by their index.

    ``damage`` says why the archive cannot be listed to its end, None if it can.
    """

    entries: Sequence[ArchiveEntry]
    damage: str | None = None

    @abstractmethod
    def read_blocks(self, index: int) -> Iterator[bytes]:
        """The content of an entry.

        Raises:
            One of ``UNREADABLE``: it is damaged.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the archive."""

    def open(self, index: int) -> BinaryIO:
        """A seekable copy of the content of an entry, in memory or in a temporary file without a name.

        Raises:
            OSError: it is damaged.
        """
        copy = cast(BinaryIO, SpooledTemporaryFile(_MOST_IN_MEMORY))  # noqa: SIM115 (the caller closes it)
        try:
            for block in self.read_blocks(index):
                copy.write(block)
            if copy.tell() < self.entries[index].size:
                raise EOFError("the archive ends before it does")
        except UNREADABLE as error:
            copy.close()
            raise OSError(describe_damage(error)) from error
        copy.seek(0)
        return copy


class ZipReader(EntryReader):
    """A ZIP archive in a seekable stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self.entries = ()
        self._stream = stream
        try:
            self._archive = zipfile.ZipFile(stream)
        except UNREADABLE as error:
            self.damage = describe_damage(error)
            return
        self._infos = [info for info in self._archive.infolist() if not info.is_dir()]
        names = _decode_names([_find_name(info) for info in self._infos])
        self.entries = [
            ArchiveEntry(
                name.replace("\\", "/") if info.create_system == _DOS else name, info.file_size, _refuse(info)
            )
            for info, name in zip(self._infos, names, strict=True)
        ]

    def read_blocks(self, index: int) -> Iterator[bytes]:
        """The content of an entry; its checksum is compared at the end."""
        with self._archive.open(self._infos[index]) as content:
            while block := content.read(BLOCK_BYTES):
                yield block

    def close(self) -> None:
        """Close the archive."""
        if self.damage is None:
            self._archive.close()
        self._stream.close()


def _find_name(info: zipfile.ZipInfo) -> bytes | str:
    """The name of an entry: text, or bytes in an encoding that the archive does not state."""
    if info.flag_bits & _UTF8_FLAG:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(field) > 5 and struct.unpack("<xL", field[:5])[0] == zlib.crc32(raw):
            return field[5:].decode("utf-8", "replace")
    return raw


def _refuse(info: zipfile.ZipInfo) -> Reason | None:
    if info.flag_bits & _ENCRYPTED_FLAG:
        return Reason(Cause.ENCRYPTED, {"detail": "it needs a password"})
    mode = info.external_attr >> 16
    return Reason(Cause.MEMBER_LINK) if stat.S_ISLNK(mode) else None


class TarReader(EntryReader):
    """A tar archive that is read from its beginning on; entries are read fastest in their order.

    ``open_stream`` opens the archive, decompressed, at its beginning.
    """

    def __init__(self, open_stream: Callable[[], BinaryIO]) -> None:
        self._open_stream = open_stream
        self._stream: BinaryIO | None = None
        self._position = 0
        entries: list[ArchiveEntry] = []
        raw_names: list[bytes | str] = []
        self._offsets: list[int] = []
        stream = open_stream()
        try:
            with tarfile.open(
                fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape"
            ) as archive:
                for info in archive:
                    # Otherwise the archive keeps all of them.
                    archive.members = []  # type: ignore[attr-defined]
                    if info.isdir():
                        continue
                    raw_names.append(info.name.encode("utf-8", "surrogateescape"))
                    entries.append(ArchiveEntry("", info.size if info.isreg() else 0, _refuse_type(info)))
                    self._offsets.append(info.offset_data)
        except UNREADABLE as error:
            self.damage = describe_damage(error)
        finally:
            stream.close()
        names = _decode_names(raw_names)
        self.entries = [
            ArchiveEntry(name, entry.size, entry.fault) for name, entry in zip(names, entries, strict=True)
        ]

    def read_blocks(self, index: int) -> Iterator[bytes]:
        """The content of an entry."""
        offset, remaining = self._offsets[index], self.entries[index].size
        if self._stream is None or offset < self._position:
            self.close()
            self._stream = self._open_stream()
        if self._stream.seekable():
            self._position = self._stream.seek(offset)
        while self._position < offset:
            block = self._stream.read(min(BLOCK_BYTES, offset - self._position))
            self._position += len(block)
            if not block:
                raise OSError("the archive ends before it does")
        while remaining and (block := self._stream.read(min(BLOCK_BYTES, remaining))):
            self._position += len(block)
            remaining -= len(block)
            yield block

    def close(self) -> None:
        """Close the stream."""
        if self._stream is not None:
            self._stream.close()
        self._stream, self._position = None, 0


def _refuse_type(info: tarfile.TarInfo) -> Reason | None:
    if info.islnk() or info.issym():
        return Reason(Cause.MEMBER_LINK)
    return Reason(Cause.NOT_A_FILE) if not info.isreg() or info.issparse() else None


def _decode_names(names: Sequence[bytes | str]) -> list[str]:
    """Names as text: in UTF-8 if all are, else in the encoding that all together look like, or GB 18030."""
    raw = [name for name in names if isinstance(name, bytes)]
    joined = b"\n".join(raw)
    candidates = ["utf-8", detect(joined).encoding or "gb18030", "gb18030", "big5", "cp437"]
    for encoding in candidates:
        try:
            joined.decode(encoding)
        except UnicodeDecodeError:
            continue
        return [name.decode(encoding) if isinstance(name, bytes) else name for name in names]
    return [name.decode("cp437") if isinstance(name, bytes) else name for name in names]
