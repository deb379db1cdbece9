"""Word documents (DOCX): a file is a record; spans count in the XML members with its text, joined.

Source: ISO/IEC 29500-2 (packages and relationships), 29500-1 (WordprocessingML).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from hanpack.errors import RecordError
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits
from hanpack.sources.columnar import ConcatenatedReader
from hanpack.sources.default_properties import drop_defaults
from hanpack.sources.packages import Package, as_content, open_package, read_within, resolve_member
from hanpack.sources.source_files import (
    EXCERPT_BYTES,
    Excerpt,
    RawReader,
    SourceFile,
    SourceReader,
    Survey,
    refuse_length,
)
from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.docx import BODY, ROLES, DocxMember, reduce_docx
from hanpack.steps.page.xml_events import read_xml

_PACKAGE_RELATIONSHIPS = "_rels/.rels"
_CORE_PROPERTIES = "core-properties"
# The properties of a document that become metadata; when it was saved is not its date.
_SAVED = "modification_date"
_PROPERTIES: Mapping[str, str] = {"title": "title", "creator": "author", "modified": _SAVED}
_DAY = len("2024-03-01")


class DocxReader(SourceReader):
    """Word documents; the document itself is the first member of the content, so spans in it are its own."""

    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """An empty sample, because the encoding is fixed; the fault says why the file is no Word document."""
        try:
            for _, blocks in _open_members(file, max_expansion):
                read_within(blocks, 0)
        except RecordError as error:
            return b"", error.reason
        return b"", None

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The beginning of the text."""
        (record,) = self.read_records(survey, Source(survey.file.name, "", 0, "utf-8"), Limits())
        if record.fault:
            raise RecordError(record.fault)
        text = reduce_docx(decode(record.data, "utf-8"), record.members).text
        head = text[: EXCERPT_BYTES // 3]
        return Excerpt(text=head, encoding="utf-8", scale=max(len(text) / max(len(head), 1), 1.0))

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The document, with its title, author and date as metadata."""
        file, limit = survey.file, limits.max_record_bytes
        members: list[DocxMember] = []
        pieces: list[bytes] = []
        size = 0
        try:
            for role, blocks in _open_members(file, limits.max_expansion):
                data, member_size = read_within(blocks, limit - size)
                size += member_size
                members.append(DocxMember(role, member_size))
                pieces.append(data)
        except RecordError as error:
            # The survey read all of it: the file has changed since.
            yield Record(source, 0, b"", 0, 0, metadata=file.options.metadata, fault=error.reason)
            return
        too_long = refuse_length(size, limit)
        yield Record(
            source=source,
            index=0,
            data=b"" if too_long else b"".join(pieces),
            byte_start=0,
            byte_end=size,
            wrapping="docx",
            members=tuple(members),
            metadata={**_read_properties(file, limits.max_expansion), **file.options.metadata},
            fault=too_long,
        )

    @contextmanager
    def open_raw(self, file: SourceFile, max_expansion: int) -> Iterator[RawReader]:
        """The members with the text of the document, decompressed and joined."""
        members = _open_members(file, max_expansion)
        yield ConcatenatedReader(as_content(block for _, blocks in members for block in blocks))


def _open_members(file: SourceFile, max_expansion: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The roles and blocks of the members that make up the text, by their roles; headers by their names.

    Raises:
        RecordError: the file is no Word document, or a member cannot be read.
    """
    with open_package(file, max_expansion) as package:
        body = _find_body(package)
        related = _read_relationships(package, body) if package.has(_find_relationships(body)) else []
        names = {(BODY, body), *((role, name) for role, name in related if role in ROLES[1:])}
        for role, name in sorted(names, key=lambda item: (ROLES.index(item[0]), item[1])):
            if package.has(name):
                yield role, package.read_blocks(name)


def _find_body(package: Package) -> str:
    """The name of the member that is the document itself."""
    for role, name in _read_relationships(package, ""):
        if role == BODY:
            return name
    raise RecordError(Reason(Cause.INVALID_PACKAGE, {"detail": "it has no document"}))


def _find_relationships(base: str) -> str:
    folder, _, name = base.rpartition("/")
    return f"{folder}/_rels/{name}.rels" if base else _PACKAGE_RELATIONSHIPS


def _read_relationships(package: Package, base: str) -> list[tuple[str, str]]:
    """The role and the name of each member that a member refers to; of the package itself if it is empty."""
    data = package.read(_find_relationships(base))
    return [
        (
            event.attributes.get("Type", "").rpartition("/")[2],
            resolve_member(base, event.attributes["Target"]),
        )
        for event in read_xml(data.decode("utf-8-sig", "replace"))
        if event.kind == "open"
        and "Target" in event.attributes
        and event.attributes.get("TargetMode", "Internal") == "Internal"
    ]


def _read_properties(file: SourceFile, max_expansion: int) -> dict[str, object]:
    """The properties of a document; none if they are damaged, since its text is not."""
    values: dict[str, str] = {}
    key = ""
    try:
        with open_package(file, max_expansion) as package:
            names = [name for role, name in _read_relationships(package, "") if role == _CORE_PROPERTIES]
            if not names or not package.has(names[0]):
                return {}
            for event in read_xml(package.read(names[0]).decode("utf-8-sig", "replace")):
                if event.kind == "open":
                    key = _PROPERTIES.get(event.name, "")
                elif event.kind == "text" and key and event.name.strip():
                    values[key] = f"{values.get(key, '')}{event.name}"
    except RecordError:
        return {}
    properties = drop_defaults(values)
    return {
        key: str(value)[:_DAY] if key == "modification_date" else value for key, value in properties.items()
    }
