"""Cuts a file of JSON into the elements of its list, in bounded memory, without parsing them.

The list is the whole file, or the first list on the way to the text in the object that is the whole file. If
there is no list, the file is one element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.compression import BLOCK_BYTES
from hanpack.sources.structure import Structure

_SPACE = b" \t\r\n"
_TEXT_SPACE = compile_lazily(r"[ \t\r\n\ufeff]*")
_TOKEN = compile_lazily(rb'["\[\]{},]')
_INSIDE = compile_lazily(rb'[^"\\]*+(?>\\.[^"\\]*+)*+', re.DOTALL)
_QUOTE, _COMMA = b'",'
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")
_DECODER = json.JSONDecoder()


class ListPlace(NamedTuple):
    """Where a list of elements begins in a file, in bytes, and the path from an element to the text.

    ``is_whole`` says that the list is the whole file.
    """

    start: int
    column: str
    is_whole: bool


class Element(NamedTuple):
    """An element with all bytes up to the next one; ``data`` is empty if they are more than the limit.

    Its first ``preamble`` bytes are before the element, its last ``terminator`` bytes after it. With
    ``is_cut_off`` the list does not end after this last element; with ``is_extra`` the bytes are no element,
    but follow the list that should be the whole file.
    """

    data: bytes
    size: int
    preamble: int
    terminator: int
    is_extra: bool = False
    is_cut_off: bool = False


def find_list(head: bytes, encoding: str, column: str) -> ListPlace | None:
    """Find the list of a file that begins with ``head``; None if there is none in it.

    >>> find_list(b'{"id": 7, "data": [{"text": "a"}]}', "utf-8", "data.text")
    ListPlace(start=19, column='text', is_whole=False)
    """
    try:
        text = head[: Structure(encoding).count_complete(head)].decode(encoding, "replace")
        place = _find_list(text, column)
        is_whole = text[_space(text, 0)] == "["
        return place and ListPlace(len(text[: place[0]].encode(encoding)), place[1], is_whole)
    except (ValueError, IndexError, RecursionError):
        return None


def _find_list(text: str, path: str) -> tuple[int, str] | None:
    """The same in characters.

    Raises:
        ValueError, IndexError: the text is not JSON, or ends before the list.
    """
    at = _space(text, 0)
    if text[at] == "[":
        return at + 1, path
    while text[at] == "{":
        at = _space(text, at + 1)
        inner = None
        while text[at] == '"' and inner is None:
            key, at = _DECODER.raw_decode(text, at)
            at = _space(text, _space(text, at) + 1)
            rest = _follow(path, key)
            if rest is not None and text[at] == "[":
                return at + 1, rest
            if rest and text[at] == "{":
                inner, path = at, rest
            else:
                _, at = _DECODER.raw_decode(text, at)
                at = _space(text, _space(text, at) + 1)
        if inner is None:
            return None
        at = inner
    return None


def _space(text: str, at: int) -> int:
    spaces = _TEXT_SPACE.match(text, at)
    return spaces.end() if spaces else at


def _follow(path: str, key: str) -> str | None:
    """The path from the value of a key on: empty for a list of strings, None if the key is not on it."""
    if path == f"{key}[]":
        return ""
    return path[len(key) + 1 :] if path.startswith(f"{key}.") else None


class _Marks:
    """Finds the brackets and commas outside of strings, block by block."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._unfinished = b""
        self._offset = 0
        self._in_string = False
        self._in_escape = False

    def find(self, block: bytes) -> Iterator[tuple[int, int]]:
        """Each mark in the next block, and its offset in bytes from the beginning of the first."""
        data = self._unfinished + block
        complete = self._structure.count_complete(data)
        self._unfinished = data[complete:]
        text, width, offset = self._structure.make(data[:complete]), self._structure.width, self._offset
        self._offset += complete
        at = int(self._in_escape)
        self._in_escape = self._in_escape and not text
        while at < len(text):
            if self._in_string:
                inside = _INSIDE.match(text, at)
                at = inside.end() if inside else at
                self._in_escape = at == len(text) - 1 and text[at] != _QUOTE
                if at == len(text) or self._in_escape:
                    return
                self._in_string = False
            else:
                token = _TOKEN.search(text, at)
                if token is None:
                    return
                at = token.start()
                self._in_string = text[at] == _QUOTE
                if not self._in_string:
                    yield text[at], offset + at * width
            at += 1


class _Pending:
    """The bytes that are not cut off yet, as far as they are within the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data = bytearray()
        self.start = 0
        self.end = 0

    def add(self, block: bytes) -> None:
        """Add the next bytes of the file; of those beyond the limit only their number is kept."""
        if len(self._data) == self.end - self.start <= self._limit:
            self._data += block
        self.end += len(block)

    def take(self, end: int) -> tuple[bytes, int]:
        """The bytes up to an offset and their number; no bytes if they are more than the limit."""
        size, is_whole = end - self.start, len(self._data) == self.end - self.start
        data = bytes(self._data[:size]) if is_whole and size <= self._limit else b""
        if is_whole:
            del self._data[:size]
        else:
            self._data.clear()
        self.start = end
        return data, size


def cut_elements(content: BinaryIO, encoding: str, place: ListPlace, limit: int) -> Iterator[Element]:
    """The elements of a list in order; together they have all bytes of the file, and there is at least one.

    Raises:
        OSError: the file cannot be read further.
    """
    structure = Structure(encoding)
    width, marks, pending = structure.width, _Marks(structure), _Pending(limit)
    pending.add(content.read(place.start))
    # Depth 1 is in the list.
    depth, preamble = 1, place.start
    list_end: int | None = None
    while block := content.read(BLOCK_BYTES):
        pending.add(block)
        for mark, offset in marks.find(block):
            if mark in _OPENING:
                depth += 1
            elif mark in _CLOSING:
                depth -= 1
                if depth == 0 and list_end is None:
                    list_end = place.start + offset
            elif depth == 1 and list_end is None:
                yield _frame(*pending.take(place.start + offset + width), preamble, width, structure)
                preamble = 0
    start, end = pending.start, pending.end
    data, size = pending.take(end)
    if list_end is None:
        yield _frame(data, size, preamble, 0, structure)._replace(is_cut_off=True)
        return
    after = list_end + width - start
    if place.is_whole and data and structure.make(data[after:]).strip(_SPACE):
        yield _frame(data[:after], after, preamble, width, structure)
        yield Element(data[after:], size - after, 0, 0, is_extra=True)
        return
    yield _frame(data, size, preamble, end - list_end, structure)


def close_json(text: str) -> str:
    """Complete a text of JSON that is cut off: it ends at the last comma, and what is open there is closed.

    >>> close_json('{"data": [{"text": "a"}, {"te')
    '{"data": [{"text": "a"}]}'
    """
    open_marks: list[str] = []
    cut, closing = len(text), ""
    for offset, mark in _list_marks(text):
        if mark in "[{":
            open_marks.append("]" if mark == "[" else "}")
        elif mark in "]}":
            del open_marks[-1:]
        else:
            cut, closing = offset, "".join(reversed(open_marks))
    return text[:cut] + closing if open_marks else text


def _list_marks(text: str) -> Iterator[tuple[int, str]]:
    marks = _Marks(Structure("utf-32-le")).find(text.encode("utf-32-le", "replace"))
    return ((offset // 4, chr(mark)) for mark, offset in marks)


def _frame(data: bytes, size: int, preamble: int, terminator: int, structure: Structure) -> Element:
    """An element with the white space around it counted to what is before and after it."""
    width = structure.width
    text = structure.make(data[preamble : len(data) - terminator])
    after = (len(text) - len(text.rstrip(_SPACE))) * width
    before = (len(text) - len(text.lstrip(_SPACE))) * width if text.strip(_SPACE) else 0
    return Element(data, size, preamble + before, terminator + after)
