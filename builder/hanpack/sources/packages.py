"""Reads the members of ZIP packages (DOCX, EPUB) within bounds, and says why a file is none."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from hanpack.errors import RecordError
from hanpack.reasons import Cause, Reason
from hanpack.sources.compression import FREE_EXPANSION
from hanpack.sources.content import open_content
from hanpack.sources.source_files import SourceFile

# What the ZIP reader raises for a damaged file or a method of compression that it does not have.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, KeyError, OSError)
# A file of Microsoft Office that is encrypted is a compound file with a stream of this name.
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED_FLAG = 0x1
_BLOCK = 2**20


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
        """The content of a member.

        Raises:
            RecordError: there is none of that name, it is damaged or encrypted, or it expands too much.
        """
        return b"".join(self.read_blocks(name))

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
            detail = "it is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__
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
            raise _refuse(str(error) or type(error).__name__) from error
        with archive:
            yield Package(archive, max(FREE_EXPANSION, max_expansion * size))


def resolve_member(base: str, target: str) -> str:
    """The name of the member that a reference in the member ``base`` leads to.

    >>> resolve_member("OPS/book.opf", "text/%E4%B8%80.xhtml#s1"), resolve_member("_rels/x", "/word/a.xml")
    ('OPS/text/一.xhtml', 'word/a.xml')
    """
    path = unquote(urlsplit(target).path)
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), path)).lstrip("/")


def _refuse(detail: str) -> RecordError:
    return RecordError(Reason(Cause.INVALID_PACKAGE, {"detail": detail}))
