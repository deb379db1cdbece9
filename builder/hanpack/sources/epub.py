"""Books (EPUB 2 and 3): a chapter is a record; spans count in the chapter documents, joined in reading order.

By the table of contents a document may have several chapters.

Source: EPUB 3.3, "Package document" and "Open Container Format"; "Encryption" for chapters under DRM.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hanpack.errors import RecordError
from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits
from hanpack.sources.columnar import ConcatenatedReader
from hanpack.sources.default_properties import drop_defaults
from hanpack.sources.epub_contents import ContentsEntry, Part, divide_document, read_contents
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
from hanpack.steps.page.chapter import reduce_chapter
from hanpack.steps.page.xml_events import XmlEvent, read_xml

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_NCX_TYPE = "application/x-dtbncx+xml"
_CHAPTER_TYPES = frozenset(("application/xhtml+xml", "text/html", "text/x-oeb1-document"))
# The elements of a book's description that become metadata.
_PROPERTIES: Mapping[str, str] = {
    "title": "title",
    "creator": "author",
    "publisher": "publisher",
    "date": "date",
    "language": "language",
}
_DAY = len("2024-03-01")
_EXCERPT_CHAPTERS = 8


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter document: the name of its member, and whether it is navigation or encrypted.

    ``entries`` are those of the table of contents that lead to it.
    """

    name: str
    is_navigation: bool
    is_encrypted: bool
    entries: tuple[ContentsEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """What the package document of a book says: its metadata, and its chapters in reading order."""

    metadata: Mapping[str, object]
    chapters: tuple[Chapter, ...]


class EpubReader(SourceReader):
    """Books; a chapter under DRM is rejected, the others are not."""

    def take_sample(self, file: SourceFile, max_expansion: int) -> tuple[bytes, Reason | None]:
        """An empty sample, because the encoding is fixed; the fault says why the file is no book."""
        try:
            with open_package(file, max_expansion) as package:
                book = _read_book(package)
                for chapter in book.chapters:
                    for _ in package.read_blocks(chapter.name):
                        pass
        except RecordError as error:
            return b"", error.reason
        return b"", None

    def read_excerpt(self, survey: Survey) -> Excerpt:
        """The text of the first chapters."""
        pieces: list[str] = []
        size = total = 0
        for record in self.read_records(survey, Source(survey.file.name, "", 0, "utf-8"), Limits()):
            total += record.size
            if record.fault is None and len(pieces) < _EXCERPT_CHAPTERS and size < EXCERPT_BYTES:
                size += record.size
                is_navigation = record.wrapping == "navigation"
                pieces.append(reduce_chapter(decode(record.data, "utf-8"), is_navigation=is_navigation).text)
            elif record.fault is not None and record.fault.cause is Cause.ENCRYPTED and not pieces:
                raise RecordError(record.fault)
        return Excerpt(text="\n".join(pieces), encoding="utf-8", scale=max(total / max(size, 1), 1.0))

    def read_records(self, survey: Survey, source: Source, limits: Limits) -> Iterator[Record]:
        """The chapters, each with the metadata of the book and the name of its member."""
        file = survey.file
        position = index = 0
        try:
            with open_package(file, limits.max_expansion) as package:
                book = _read_book(package)
                for chapter in book.chapters:
                    blocks = package.read_blocks(chapter.name)
                    data, size = read_within(blocks, limits.max_record_bytes)
                    fault = _find_fault(chapter, size, limits)
                    whole = Part(0, size, "")
                    is_text = fault is None and not chapter.is_navigation
                    for part in divide_document(data, chapter.entries) if is_text else (whole,):
                        label = {"chapter": part.label} if part.label else {}
                        yield Record(
                            source=source,
                            index=index,
                            data=b"" if fault else data[part.start : part.end],
                            byte_start=position + part.start,
                            byte_end=position + part.end,
                            wrapping="navigation" if chapter.is_navigation else "chapter",
                            metadata={
                                **book.metadata,
                                **label,
                                "member": chapter.name,
                                **file.options.metadata,
                            },
                            fault=fault,
                        )
                        index += 1
                    position += size
                if not book.chapters:
                    yield Record(source, 0, b"", 0, 0, metadata=file.options.metadata)
        except RecordError as error:
            # The survey read all of it: the file has changed since.
            yield Record(
                source, index, b"", position, position, metadata=file.options.metadata, fault=error.reason
            )

    @contextmanager
    def open_raw(self, file: SourceFile, max_expansion: int) -> Iterator[RawReader]:
        """The chapters, decompressed and joined."""
        yield ConcatenatedReader(as_content(_read_chapters(file, max_expansion)))


def _read_chapters(file: SourceFile, max_expansion: int) -> Iterator[bytes]:
    with open_package(file, max_expansion) as package:
        for chapter in _read_book(package).chapters:
            yield from package.read_blocks(chapter.name)


def _find_fault(chapter: Chapter, size: int, limits: Limits) -> Reason | None:
    if chapter.is_encrypted:
        return Reason(Cause.ENCRYPTED, {"detail": f"the chapter {chapter.name} is protected (DRM)"})
    return refuse_length(size, limits.max_record_bytes)


def _read_book(package: Package) -> Book:
    """Read the package document, which the container names.

    Raises:
        RecordError: there is none, or it is not XML.
    """
    paths = (event.attributes.get("full-path", "") for event in _read(package, _CONTAINER, "rootfile"))
    path = next(paths, "")
    items = {event.attributes.get("id", ""): event.attributes for event in _read(package, path, "item")}
    spine = [event.attributes.get("idref", "") for event in _read(package, path, "itemref")]
    guide = [event.attributes for event in _read(package, path, "reference")]
    contents = {
        resolve_member(path, item.get("href", "")) for item in guide if item.get("type", "").lower() == "toc"
    }
    locked = _find_encrypted(package)
    entries = _group_by_member(_find_contents(package, path, list(items.values())))
    chapters = []
    for item in (items[name] for name in dict.fromkeys(spine) if name in items):
        name = resolve_member(path, item.get("href", ""))
        is_navigation = name in contents or "nav" in item.get("properties", "").split()
        if item.get("media-type") in _CHAPTER_TYPES and package.has(name):
            chapters.append(Chapter(name, is_navigation, name in locked, tuple(entries.get(name, ()))))
    return Book(metadata=_choose_metadata(_read_properties(package, path)), chapters=tuple(chapters))


def _find_contents(
    package: Package, path: str, items: Sequence[Mapping[str, str]]
) -> tuple[ContentsEntry, ...]:
    """The table of contents; ``items`` are those of the package document, which is the member ``path``."""
    named = [item for item in items if item.get("href")]
    navigation = (item["href"] for item in named if "nav" in item.get("properties", "").split())
    older = (item["href"] for item in named if item.get("media-type") == _NCX_TYPE)
    return read_contents(
        package, *(resolve_member(path, next(of_kind, "")) for of_kind in (navigation, older))
    )


def _group_by_member(entries: Sequence[ContentsEntry]) -> dict[str, list[ContentsEntry]]:
    groups: dict[str, list[ContentsEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.member, []).append(entry)
    return groups


def _read_properties(package: Package, path: str) -> dict[str, list[str]]:
    """The texts of the elements that become metadata, by the names that these have in a build."""
    values: dict[str, list[str]] = {}
    texts: list[str] | None = None
    for event in _read(package, path):
        if event.kind == "text" and texts is not None:
            texts[-1] += event.name
        elif event.kind in ("open", "close"):
            texts = None
        if event.kind == "open" and event.name in _PROPERTIES:
            texts = values.setdefault(_PROPERTIES[event.name], [])
            texts.append("")
    return values


def _choose_metadata(values: Mapping[str, list[str]]) -> dict[str, object]:
    """The first value of each property, and all authors."""
    texts = {
        key: [text for value in all_values if (text := " ".join(value.split()))]
        for key, all_values in values.items()
    }
    metadata: dict[str, object] = {key: of_key[0] for key, of_key in texts.items() if of_key}
    if texts.get("author"):
        metadata["author"] = ", ".join(dict.fromkeys(texts["author"]))
    if "date" in metadata:
        metadata["date"] = str(metadata["date"])[:_DAY]
    return drop_defaults(metadata)


def _find_encrypted(package: Package) -> set[str]:
    """The names of the members that are encrypted; their keys are in no file that hanpack reads."""
    if not package.has(_ENCRYPTION):
        return set()
    references = _read(package, _ENCRYPTION, "CipherReference")
    return {resolve_member("", event.attributes.get("URI", "")) for event in references}


def _read(package: Package, name: str, element: str = "") -> Iterator[XmlEvent]:
    """The events of a member, or the start tags of the elements of one name."""
    events = read_xml(package.read(name).decode("utf-8-sig", "replace"))
    return (
        (event for event in events if event.kind == "open" and event.name == element) if element else events
    )
