"""Reads the members of ZIP packages (DOCX, EPUB) within bounds, and says why a file is none."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from hanpack.errors import RecordError
from hanpack.reasons import Cause, Reason
from hanpack.sources.compression import FREE_EXPANSION
from hanpack.sources.content import open_content
from hanpack.sources.damage import describe_damage
from hanpack.sources.source_files import SourceFile

# What the ZIP reader raises for a damaged file or a method of compression that it does not have.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, KeyError, OSError)
# A file of Microsoft Office that is encrypted is a compound file with a stream of this name.
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED_FLAG = 0x1
_BLOCK = 2**20
# A member that describes others may have so many bytes.
MOST_DESCRIPTION = 16 * 2**20


class Package:
    """An open package; all that is read from it together is at most ``allowed`` bytes."""

    def __init__(self, archive: zipfile.ZipFile, allowed: int) -> None:
        self._archive = archive
        self._remaining = allowed
        self._names = {name.lower(): name for name in reversed(archive.namelist())}

    def has(self, name: str) -> bool:
        """Whether there is a member of this name; names differ in more than case."""
        return name.lower() in self._names

    def read(self, name: str) -> bytes:
        """The content of a member that describes others, which is never large.

        Raises:
            RecordError: there is none of that name, it is damaged or encrypted, or it expands too much.
        """
        data, size = read_within(self.read_blocks(name), MOST_DESCRIPTION)
        if size > MOST_DESCRIPTION:
            raise _refuse(f"{name} has more than {MOST_DESCRIPTION:,} bytes")
        return data

    def read_blocks(self, name: str) -> Iterator[bytes]:
        """The content of a member in blocks, as :meth:`read`."""
        try:
            info = self._archive.getinfo(self._names[name.lower()])
            if info.flag_bits & _ENCRYPTED_FLAG:
                raise RecordError(Reason(Cause.ENCRYPTED, {"detail": f"{name} needs a password"}))
            with self._archive.open(info) as member:
                while block := member.read(_BLOCK):
                    self._remaining -= len(block)
                    if self._remaining < 0:
                        raise _refuse("it expands to more than the recipe's limits.max_expansion allows")
                    yield block
        except _UNREADABLE as error:
            detail = "it is missing" if isinstance(error, KeyError) else describe_damage(error)
            raise _refuse(f"{name}: {detail}") from error


@contextmanager
def open_package(file: SourceFile, max_expansion: int) -> Iterator[Package]:
    """Open a file as a package; ``max_expansion`` as for a compressed file.

    Raises:
        OSError: the file cannot be read.
        RecordError: it is no ZIP file, or it is encrypted.
    """
    with open_content(file, max_expansion) as content:
        stream = io.BytesIO(content.read()) if file.compression else content
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        head = stream.read(len(_COMPOUND_FILE))
        if head == _COMPOUND_FILE and _ENCRYPTED_STREAM in head + stream.read():
            raise RecordError(Reason(Cause.ENCRYPTED, {"detail": "it needs a password"}))
        try:
            archive = zipfile.ZipFile(stream)
        except _UNREADABLE as error:
            raise _refuse(describe_damage(error)) from error
        with archive:
            yield Package(archive, max(FREE_EXPANSION, max_expansion * size))


def read_within(blocks: Iterable[bytes], limit: int) -> tuple[bytes, int]:
    """The bytes of all blocks and their number; no bytes if they are more than ``limit``.

    >>> read_within([b"ab", b"c"], 3), read_within([b"ab", b"c"], 2)
    ((b'abc', 3), (b'', 3))
    """
    pieces: list[bytes] = []
    size = 0
    for block in blocks:
        size += len(block)
        if size <= limit:
            pieces.append(block)
        else:
            pieces.clear()
    return b"".join(pieces), size


def as_content(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same blocks; a reason why they cannot be read becomes an error of the system.

    Raises:
        OSError: they cannot be read further.
    """
    try:
        yield from blocks
    except RecordError as error:
        raise OSError(str(error.reason)) from error


def resolve_member(base: str, target: str) -> str:
    """The name of the member that a reference in the member ``base`` leads to.

    >>> resolve_member("OPS/book.opf", "text/%E4%B8%80.xhtml#s1"), resolve_member("_rels/x", "/word/a.xml")
    ('OPS/text/一.xhtml', 'word/a.xml')
    """
    path = unquote(urlsplit(target).path)
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), path)).lstrip("/")


def _refuse(detail: str) -> RecordError:
    return RecordError(Reason(Cause.INVALID_PACKAGE, {"detail": detail}))
