r"""Reads the records of a WARC file one after another (ISO 28500), and undoes the encodings of HTTP.

A record is read only if all of it is there: a file that was cut off ends with an error that names the byte.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.compression import BLOCK_BYTES
from hanpack.sources.damage import describe_damage

_VERSION = compile_lazily(rb"WARC/\d")
_CHUNK_SIZE = compile_lazily(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MOST_HEADER_BYTES = 2**18
_GZIP_MARK = b"\x1f\x8b"


class WarcError(ValueError):
    """What a file has is no record; ``offset`` is the byte of its content where the record should begin."""

    def __init__(self, detail: str, offset: int) -> None:
        super().__init__(detail)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """A record: its offset in the file, decompressed, its headers by lower-case name, and its block.

    ``block`` is None if it is longer than the limit.
    """

    offset: int
    headers: Mapping[str, str]
    block: bytes | None

    @property
    def kind(self) -> str:
        """The type of the record, such as ``response``."""
        return self.headers.get("warc-type", "").lower()


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An HTTP response: its status, its headers by lower-case name, and its body as it was sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_warc(content: BinaryIO, limit: int) -> Iterator[WarcRecord]:
    """The records of a file in order; blocks of more than ``limit`` bytes are left out.

    Raises:
        WarcError: the rest of the file is no record, or one that is cut off, or cannot be decompressed.
    """
    offset = 0
    while True:
        offset, line = _skip_empty_lines(content, offset)
        if not line:
            return
        try:
            record, offset = _read_record(content, limit, offset, line)
        except OSError as error:
            raise WarcError(describe_damage(error), offset) from error
        yield record


def _skip_empty_lines(content: BinaryIO, offset: int) -> tuple[int, bytes]:
    """The offset of the first line that is not empty, and the line; it is empty at the end of the file."""
    while True:
        try:
            line = content.readline(_MOST_HEADER_BYTES)
        except OSError as error:
            raise WarcError(describe_damage(error), offset) from error
        if not line or line.strip():
            return offset, line
        offset += len(line)


def _read_record(content: BinaryIO, limit: int, offset: int, line: bytes) -> tuple[WarcRecord, int]:
    """The record that begins at an offset with a line, and the offset of its end."""
    if not _VERSION.match(line):
        raise WarcError("a record of WARC should begin here", offset)
    header, end = _read_header(content, offset, len(line))
    headers = _parse_headers(header)
    try:
        size = int(headers["content-length"])
    except (KeyError, ValueError):
        raise WarcError("the record has no length", offset) from None
    if size < 0:
        raise WarcError("the length of the record is negative", offset)
    return WarcRecord(offset, headers, _read_block(content, size, limit, offset)), end + size


def _read_header(content: BinaryIO, offset: int, start: int) -> tuple[bytes, int]:
    """The lines up to the first empty one, and the offset of the byte after it."""
    lines: list[bytes] = []
    size = start
    while (line := content.readline(_MOST_HEADER_BYTES)).strip():
        lines.append(line)
        size += len(line)
        if size > _MOST_HEADER_BYTES:
            raise WarcError(f"the header of the record is longer than {_MOST_HEADER_BYTES:,} bytes", offset)
    if not line:
        raise WarcError("the file is cut off in the header of a record", offset)
    return b"".join(lines), offset + size + len(line)


def _parse_headers(header: bytes) -> dict[str, str]:
    """The fields of a header; a line that begins with a space goes on with the one before it."""
    fields: dict[str, str] = {}
    name = ""
    for line in header.decode("utf-8", "replace").splitlines():
        if line[:1] in (" ", "\t") and name:
            fields[name] += f" {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower() if colon else ""
        if name:
            fields[name] = value.strip()
    return fields


def _read_block(content: BinaryIO, size: int, limit: int, offset: int) -> bytes | None:
    pieces: list[bytes] = []
    remaining = size
    while remaining and (piece := content.read(min(remaining, BLOCK_BYTES))):
        remaining -= len(piece)
        if size <= limit:
            pieces.append(piece)
    if remaining:
        raise WarcError(f"the file is cut off: {remaining:,} bytes of the record are missing", offset)
    return b"".join(pieces) if size <= limit else None


def parse_http(block: bytes) -> HttpResponse | None:
    r"""The HTTP response in a block; None if it is none.

    >>> response = parse_http(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>a")
    >>> response.status, response.headers, response.body
    (200, {'content-type': 'text/html'}, b'<p>a')
    """
    head, separator, body = block.partition(b"\r\n\r\n")
    if not separator or b"\n\n" in head:
        head, separator, body = block.partition(b"\n\n")
    status_line, _, header = head.partition(b"\n")
    status = re.match(rb"HTTP/[\d.]+ +(\d{3})\b", status_line)
    if status is None or not separator:
        return None
    return HttpResponse(int(status[1]), _parse_headers(header), body)


def decode_body(response: HttpResponse, limit: int) -> bytes | None:
    """The body without its chunks and its compression; None if that is not one hanpack undoes.

    Crawlers often store the body decoded, and keep its headers: what is not encoded stays as it is.

    Raises:
        ValueError: it is damaged, or has more than ``limit`` bytes.
    """
    body = response.body
    if "chunked" in response.headers.get("transfer-encoding", "").lower():
        body = join_chunks(body)
    encodings = [name.strip() for name in response.headers.get("content-encoding", "").lower().split(",")]
    for encoding in reversed([name for name in encodings if name not in ("", "identity")]):
        if encoding in ("gzip", "x-gzip"):
            body = _inflate(body, 31, limit) if body.startswith(_GZIP_MARK) else body
        elif encoding == "deflate":
            body = _undo_deflate(body, limit)
        else:
            try:
                body.decode("utf-8")
            except UnicodeDecodeError:
                return None
    if len(body) > limit:
        raise ValueError(f"longer than {limit:,} bytes")
    return body


def join_chunks(body: bytes) -> bytes:
    r"""The chunks of a body joined (RFC 9112, 7.1); a body that is not chunked is returned as it is.

    >>> join_chunks(b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"), join_chunks(b"<p>")
    (b'abc', b'<p>')
    """
    pieces: list[bytes] = []
    at = 0
    while size := _CHUNK_SIZE.match(body, at):
        count, start = int(size[1], 16), size.end()
        if not count:
            return b"".join(pieces)
        pieces.append(body[start : start + count])
        at = start + count
        at += 2 if body.startswith(b"\r\n", at) else 1 if body.startswith(b"\n", at) else 0
    return body if at < len(body) or not pieces else b"".join(pieces)


def _undo_deflate(body: bytes, limit: int) -> bytes:
    """Inflate a body with the header of zlib or without it; servers send both."""
    try:
        return _inflate(body, 15, limit)
    except ValueError:
        try:
            return _inflate(body, -15, limit)
        except ValueError:
            return body


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    decompressor = zlib.decompressobj(window)
    try:
        data = decompressor.decompress(body, limit + 1)
    except zlib.error as error:
        raise ValueError(describe_damage(error)) from error
    if not decompressor.eof and len(data) <= limit:
        raise ValueError("the compressed body is cut off")
    return data
