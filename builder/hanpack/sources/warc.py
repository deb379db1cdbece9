"""WARC and WET files: a page or text that a crawler stored is a record; spans count in the payloads, joined.

The payload of a response is its body without chunks and compression. Records of the types warcinfo, request,
metadata and revisit have none.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

from hanpack.errors import RecordError
from hanpack.lazy_patterns import compile_lazily
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits
from hanpack.sources.columnar import ConcatenatedReader
from hanpack.sources.content import open_content
from hanpack.sources.lines import count_allowed
from hanpack.sources.source_files import (
    EXCERPT_ROWS,
    Excerpt,
    RawReader,
    SourceFile,
    SourceReader,
    Survey,
    refuse_length,
)
from hanpack.sources.warc_records import WarcError, WarcRecord, decode_body, parse_http, read_warc
from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import detect

# The types of records with a payload of their own.
_RESPONSE = "response"
_KINDS = frozenset((_RESPONSE, "resource", "conversion"))
_TEXT_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
# The encoding of a page is detected from its first bytes.
_SAMPLE_BYTES = 2**16
# A longer block has no payload; fixed, so that the spans of a file do not depend on the recipe.
_LONGEST_BLOCK = 64 * 2**20
_HEAD_BYTES = 1_000
# Texts served as text or pages that are for programs: by the name of the file, at the top of a site or
# anywhere, and by its suffix.
_RULES, _CODE, _FEED = (
    "a file of rules for robots or advertisers",
    "a script, a style sheet or data",
    "a site map or a feed",
)
_RULE_FILES = frozenset(("robots.txt", "ads.txt", "app-ads.txt", "security.txt", "humans.txt"))
_CODE_SUFFIXES = (".js", ".mjs", ".css", ".map", ".woff", ".woff2")
_FEED_START = compile_lazily(
    rb"\s*+(?:<\?xml[^>]*+>\s*+)?(?><!--[^>]*+>\s*+|<\?[^>]*+>\s*+)*+<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]"
)
_DIGESTS = ("warc-payload-digest", "warc-block-digest")


class WarcReader(SourceReader):
    """Stored pages and texts, each in an encoding of its own."""

    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """An empty sample; the fault says that the file does not begin with a record."""
        try:
            with open_content(file, max_expansion) as content:
                next(read_warc(content, _SAMPLE_BYTES), None)
        except WarcError as error:
            return b"", Reason(Cause.INVALID_WARC, {"offset": error.offset, "detail": str(error)})
        return b"", None

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The first pages and texts, as they are stored."""
        source = Source(survey.file.name, "", 0, "utf-8")
        records = islice(self.read_records(survey, source, Limits()), EXCERPT_ROWS)
        readable = [record for record in records if record.fault is None]
        if not readable:
            raise RecordError(Reason(Cause.NO_TEXT))
        texts = [decode(record.data, record.encoding or "utf-8", 1).text for record in readable]
        size = sum(record.size for record in readable)
        scale = max((survey.content_size or 0) / max(size, 1), 1.0)
        encoding = readable[0].encoding or "utf-8"
        return Excerpt(text="\n".join(texts), encoding=encoding, scale=scale, pages=tuple(texts))

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The pages and texts; a file that is cut off ends in a rejected record."""
        file, limit = survey.file, limits.max_record_bytes
        position, index = 0, 0
        try:
            with open_content(file, limits.max_expansion) as content:
                for stored in _read_stored(content):
                    data, fault = read_payload(stored)
                    encoding = file.options.encoding
                    if fault is None and encoding is None:
                        detection = detect(data[:_SAMPLE_BYTES])
                        encoding = detection.encoding
                        if encoding is None and data.strip():
                            fault = Reason(Cause.UNDECIDED_ENCODING, {"detail": detection.reason})
                    fault = refuse_length(len(data), limit) or fault
                    yield Record(
                        source=source,
                        index=index,
                        data=b"" if fault else data,
                        byte_start=position,
                        byte_end=position + len(data),
                        metadata={**_describe(stored), **file.options.metadata},
                        fault=fault,
                        encoding=encoding,
                        max_invalid=count_allowed(file.options, "file", len(data)),
                    )
                    position, index = position + len(data), index + 1
            if not index:
                yield Record(source, 0, b"", 0, 0, metadata=file.options.metadata)
        except WarcError as error:
            fault = Reason(Cause.WARC_READ_ERROR, {"offset": error.offset, "detail": str(error)})
            yield Record(source, index, b"", position, position, metadata=file.options.metadata, fault=fault)

    @contextmanager
    def open_raw(self, file: SourceFile, max_expansion: int) -> Iterator[RawReader]:
        """The payloads, as far as the file can be read."""
        with open_content(file, max_expansion) as content:
            yield ConcatenatedReader(_read_payloads(content))


def _read_stored(content: BinaryIO) -> Iterator[WarcRecord]:
    """The records that have a payload."""
    return (record for record in read_warc(content, _LONGEST_BLOCK) if record.kind in _KINDS)


def _read_payloads(content: BinaryIO) -> Iterator[bytes]:
    """The payloads of a file, as far as it can be read."""
    try:
        for stored in _read_stored(content):
            yield read_payload(stored)[0]
    except WarcError:
        return


def read_payload(stored: WarcRecord) -> tuple[bytes, Reason | None]:
    """The payload of a record, and why it is not kept; what is no page or text has an empty payload.

    Which payloads are empty follows from the file alone, so that the spans do not depend on the recipe.
    """
    data, fault = _read_text(stored)
    what = "" if fault else _name_program_file(stored.headers.get("warc-target-uri", ""), data)
    return (b"", Reason(Cause.NO_DOCUMENT, {"what": what})) if what else (data, fault)


def _name_program_file(address: str, data: bytes) -> str:
    """What a text is that is made for programs, by its address or its beginning; empty for a document."""
    path = address.strip("<>").partition("?")[0].partition("#")[0].lower()
    folder, _, name = path.rpartition("/")
    is_at_top = folder.count("/") == 2 or folder.endswith("/.well-known")
    if is_at_top and name in _RULE_FILES:
        return _RULES
    if name.endswith(_CODE_SUFFIXES):
        return _CODE
    is_map = name.startswith("sitemap") and name.endswith((".xml", ".txt"))
    return _FEED if is_map or _FEED_START.match(data[:_HEAD_BYTES]) else ""


def _read_text(stored: WarcRecord) -> tuple[bytes, Reason | None]:
    """The payload of a record if it is text, else why it is not."""
    if stored.block is None:
        return b"", Reason(Cause.RECORD_TOO_LONG, {"limit": _LONGEST_BLOCK})
    if stored.kind != _RESPONSE:
        return _require_text(stored.block, stored.headers.get("content-type", ""))
    response = parse_http(stored.block)
    if response is None:
        return b"", Reason(Cause.PAYLOAD_ENCODED, {"detail": "it is no response of HTTP"})
    if not 200 <= response.status < 300:
        return b"", Reason(Cause.HTTP_STATUS, {"status": response.status})
    data, fault = _require_text(b"", response.headers.get("content-type", ""))
    if fault:
        return data, fault
    try:
        body = decode_body(response, _LONGEST_BLOCK)
    except ValueError as error:
        return b"", Reason(Cause.PAYLOAD_ENCODED, {"detail": str(error)})
    if body is None:
        detail = f"{response.headers.get('content-encoding')} is a coding that hanpack does not undo"
        return b"", Reason(Cause.PAYLOAD_ENCODED, {"detail": detail})
    return body.removeprefix(codecs.BOM_UTF8), None


def _require_text(data: bytes, content_type: str) -> tuple[bytes, Reason | None]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in _TEXT_TYPES:
        return b"", Reason(Cause.CONTENT_TYPE, {"type": kind})
    return data.removeprefix(codecs.BOM_UTF8), None


def _describe(stored: WarcRecord) -> dict[str, object]:
    """The address and the digest of a record, when it was fetched, and the byte of the file where it begins.

    The time of a crawl is no date of the document: ``date`` is left to what the page says.
    """
    headers = stored.headers
    fields: dict[str, object] = {
        "url": headers.get("warc-target-uri", "").strip("<>"),
        "crawl_date": headers.get("warc-date"),
        "warc_record_id": headers.get("warc-record-id", "").strip("<>"),
        "warc_digest": next((headers[name] for name in _DIGESTS if name in headers), None),
        "warc_language": headers.get("warc-identified-content-language"),
    }
    return {name: value for name, value in fields.items() if value} | {"warc_offset": stored.offset}
