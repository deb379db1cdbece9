"""Reads the table of contents of a book: which chapter begins in which document, and at which of its bytes.

Source: EPUB 3.3, "The toc nav element"; Open Packaging Format 2.0.1, "The NCX".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from hanpack.errors import RecordError
from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.packages import Package, resolve_member
from hanpack.steps.page.xml_events import XmlEvent, read_xml

_TAG = compile_lazily(rb"<[A-Za-z][^<>]*>")
# The name of an element, to which a reference may lead.
_NAME = compile_lazily(rb"\s(?:id|name)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')")
# A start tag of an element that may begin together with what is in it; the page itself does not.
_OPENED = compile_lazily(rb"<(?!(?:html|head|body)\b)[A-Za-z](?:[^<>]*[^<>/])?>")
_MOST_BLANKS, _LONGEST_TAG = 200, 2_000


class ContentsEntry(NamedTuple):
    """An entry of a table of contents: the member and the place in it, its label, and its depth from 1."""

    member: str
    fragment: str
    label: str
    depth: int


class Part(NamedTuple):
    """A part of a chapter document: its bytes ``[start, end)``, and the label of its chapter."""

    start: int
    end: int
    label: str


def read_contents(package: Package, navigation: str, older: str) -> tuple[ContentsEntry, ...]:
    """The entries of the navigation document, or of the older NCX; either name is empty if there is none.

    A table of contents that cannot be read has no entries: the chapters can be read without it.
    """
    for name, read in ((navigation, _read_navigation), (older, _read_ncx)):
        if name and package.has(name):
            try:
                text = package.read(name).decode("utf-8-sig", "replace")
                entries = tuple(entry for entry in read(read_xml(text), name) if entry.label)
            except RecordError:
                continue
            if entries:
                return entries
    return ()


def _read_navigation(events: Iterator[XmlEvent], base: str) -> Iterator[ContentsEntry]:
    depth, is_contents = 0, False
    reference: str | None = None
    pieces: list[str] = []
    for event in events:
        if event.kind == "text":
            pieces.append(event.name)
        elif event.kind == "open" and event.name == "nav":
            is_contents = "toc" in event.attributes.get("type", "").split()
        elif not is_contents:
            continue
        elif event.name == "ol":
            depth += 1 if event.kind == "open" else -1
        elif event.name == "a" and event.kind == "open":
            reference = event.attributes.get("href")
            pieces.clear()
        elif event.name == "a" and reference is not None:
            yield _make_entry(base, reference, pieces, depth)
            reference = None


def _read_ncx(events: Iterator[XmlEvent], base: str) -> Iterator[ContentsEntry]:
    depth = 0
    pieces: list[str] = []
    for event in events:
        if event.kind == "text":
            pieces.append(event.name)
        elif event.name == "navPoint":
            depth += 1 if event.kind == "open" else -1
        elif event.name == "navLabel" and event.kind == "open":
            pieces.clear()
        elif event.name == "content" and event.kind == "open" and depth:
            yield _make_entry(base, event.attributes.get("src", ""), pieces, depth)


def _make_entry(base: str, reference: str, pieces: Sequence[str], depth: int) -> ContentsEntry:
    fragment = unquote(urlsplit(reference).fragment)
    return ContentsEntry(resolve_member(base, reference), fragment, " ".join("".join(pieces).split()), depth)


def divide_document(data: bytes, entries: Collection[ContentsEntry]) -> list[Part]:
    """The parts of a document: one for each of its entries of the least depth.

    The first begins with the document; entries whose place is not in it begin none.

    >>> page = b'<body><h1 id="a">A</h1><p>1</p><section><h1 id="b">B</h1></section></body>'
    >>> entries = [ContentsEntry("a.xhtml", name, name.upper(), 1) for name in "ab"]
    >>> [(page[part.start : part.end].count(b"<h1"), part.label) for part in divide_document(page, entries)]
    [(1, 'A'), (1, 'B')]
    """
    depth = min((entry.depth for entry in entries), default=0)
    chapters = [entry for entry in entries if entry.depth == depth]
    if len(chapters) <= 1:
        return [Part(0, len(data), chapters[0].label if chapters else "")]
    places = _find_places(data, {entry.fragment for entry in chapters if entry.fragment})
    labels: dict[int, str] = {}
    for entry in chapters:
        place = places.get(entry.fragment) if entry.fragment else 0
        if place is not None:
            labels.setdefault(place, entry.label)
    starts = sorted(labels)
    if not starts:
        return [Part(0, len(data), chapters[0].label)]
    # Whatever is before the first chapter belongs to it.
    limits = pairwise((0, *starts[1:], len(data)))
    return [Part(start, end, labels[place]) for (start, end), place in zip(limits, starts, strict=True)]


def _find_places(data: bytes, fragments: Collection[str]) -> dict[str, int]:
    """Where in a document the elements of these names begin, with those that begin just around them."""
    places: dict[str, int] = {}
    for tag in _TAG.finditer(data):
        for name in _NAME.finditer(tag[0]):
            fragment = (name["double"] or name["single"] or b"").decode("utf-8", "replace")
            if fragment in fragments and fragment not in places:
                places[fragment] = _find_start(data, tag.start())
    return places


def _find_start(data: bytes, place: int) -> int:
    """Where the outermost element begins of those that have nothing but blanks before ``place``."""
    while True:
        end = len(data[max(place - _MOST_BLANKS, 0) : place].rstrip()) + max(place - _MOST_BLANKS, 0)
        start = data.rfind(b"<", max(end - _LONGEST_TAG, 0), end)
        if start < 0 or not _OPENED.fullmatch(data, start, end):
            return place
        place = start
