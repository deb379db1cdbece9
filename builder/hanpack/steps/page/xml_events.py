"""Reads XML as events with their places in the text; documents that define entities are refused.

Source: XML 1.0, fifth edition. A document type may only be named: without definitions in the document, and as
no other file is read, no entity can expand or name a file. Expat does not recurse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple
from xml.parsers import expat

from hanpack.errors import RecordError
from hanpack.reasons import Cause, Reason

EventKind = Literal["open", "close", "text", "other"]

_BLOCK = 2**16
_MOST_NESTED = 512
# The prefixes by which events name the namespaces, and a part of the names of those in all their versions.
_NAMESPACES = (
    ("w", "wordprocessingml/2006/main"),
    ("w", "wordprocessingml/main"),
    ("m", "officeDocument/2006/math"),
    ("m", "officeDocument/math"),
    ("mc", "markup-compatibility/2006"),
)
_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


class XmlEvent(NamedTuple):
    """A start tag, an end tag, a run of text, or a comment or instruction; ``[start, end)`` is in characters.

    ``name`` of a tag is ``w:p`` in a known namespace, else the name alone; that of a run is its text, where
    an entity is the character it stands for. An empty element is two tags, the second of no length.
    """

    kind: EventKind
    name: str
    start: int
    end: int
    attributes: Mapping[str, str] = _NO_ATTRIBUTES


def read_xml(text: str, start: int = 0) -> Iterator[XmlEvent]:
    """Read a document; ``start`` is the place of its first character in a longer text.

    >>> [event.name for event in read_xml("<a>1&lt;2</a>")]
    ['a', '1', '<', '2', 'a']
    >>> list(read_xml('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'))
    Traceback (most recent call last):
    ...
    hanpack.errors.RecordError: not XML: line 1, column 12: it has a document type with definitions

    Raises:
        RecordError: it is not well-formed, defines or uses entities, or is nested too deep.
    """
    reader = _Reader()
    data = text.encode("utf-8", "surrogatepass")
    characters, place = start, 0
    previous: tuple[EventKind, str, Mapping[str, str]] | None = None
    for offset in range(0, len(data) + 1, _BLOCK):
        for kind, name, attributes, position in reader.feed(
            data[offset : offset + _BLOCK], is_last=offset + _BLOCK > len(data)
        ):
            position = max(position, place)
            end = characters + len(data[place:position].decode("utf-8", "surrogatepass"))
            if previous:
                yield XmlEvent(previous[0], previous[1], characters, end, previous[2])
            previous = kind, name, attributes
            characters, place = end, position
    if previous:
        end = characters + len(data[place:].decode("utf-8", "surrogatepass"))
        yield XmlEvent(previous[0], previous[1], characters, end, previous[2])


_RawEvent = tuple[EventKind, str, Mapping[str, str], int]


class _Reader:
    """Expat with a list of events that each block of bytes gives."""

    def __init__(self) -> None:
        self._events: list[_RawEvent] = []
        self._names: dict[str, str] = {}
        self._depth = 0
        self._parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = False
        parser.StartDoctypeDeclHandler = self._read_document_type
        parser.SkippedEntityHandler = self._refuse_entity
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._add("text")
        parser.CommentHandler = self._add("other")
        parser.ProcessingInstructionHandler = self._add("other")
        parser.StartCdataSectionHandler = self._add("other")
        parser.EndCdataSectionHandler = self._add("other")

    def feed(self, block: bytes, *, is_last: bool) -> list[_RawEvent]:
        """The events of the next block, with their places in bytes of all blocks."""
        try:
            self._parser.Parse(block, is_last)
        except expat.ExpatError as error:
            detail = expat.errors.messages.get(error.code, str(error.code))
            raise self._refuse(detail, error.lineno, error.offset) from error
        events, self._events = self._events, []
        return events

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise self._refuse(f"it is nested deeper than {_MOST_NESTED} levels")
        names = {self._shorten(key): value for key, value in attributes.items()} if attributes else {}
        self._events.append(("open", self._shorten(name), names, self._parser.CurrentByteIndex))

    def _close(self, name: str) -> None:
        self._depth -= 1
        self._events.append(("close", self._shorten(name), _NO_ATTRIBUTES, self._parser.CurrentByteIndex))

    def _add(self, kind: EventKind) -> Callable[..., None]:
        def add(text: str = "", *_: str) -> None:
            self._events.append((kind, text, _NO_ATTRIBUTES, self._parser.CurrentByteIndex))

        return add

    def _shorten(self, name: str) -> str:
        short = self._names.get(name)
        if short is None:
            namespace, _, local = name.rpartition(" ")
            prefix = next((prefix for prefix, part in _NAMESPACES if part in namespace), "")
            short = self._names[name] = f"{prefix}:{local}" if prefix else local
        return short

    def _read_document_type(self, _name: str, _system: object, _public: object, defines: int) -> None:
        if defines:
            raise self._refuse("it has a document type with definitions")

    def _refuse_entity(self, name: str, _is_parameter: int) -> None:
        raise self._refuse(f"it uses the entity {name!r}")

    def _refuse(self, detail: str, line: int | None = None, column: int | None = None) -> RecordError:
        line = self._parser.CurrentLineNumber if line is None else line
        column = self._parser.CurrentColumnNumber if column is None else column
        return RecordError(Reason(Cause.INVALID_XML, {"detail": f"line {line}, column {column}: {detail}"}))
