"""Says how a row of a build differs from that of its replay: column, character, source byte and step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from hanpack.edits import EditRow, Edits
from hanpack.store.metadata import read_metadata
from hanpack.store.reader import Row

# How much of a value or a text is quoted.
_QUOTED = 100
_EXCERPT = 12


def name_row(row: Row) -> str:
    """Where a row comes from, in words.

    >>> name_row({"source": "a.txt", "record": 3, "byte_start": 90})
    'a.txt record 3 at byte 90'
    >>> name_row({"document_ids": ["5f", "6a"]})
    'documents 5f, 6a'
    """
    if "document_ids" in row:
        return _shorten(f"documents {', '.join(map(str, row['document_ids']))}")
    record = f" record {row['record']}" if "record" in row else ""
    return f"{row['source']}{record} at byte {row['byte_start']}"


def name_place(place: str, row: Row) -> str:
    """The place of a row in a build, or the table that lacks it, and where the row comes from, in words."""
    return f"{place} ({name_row(row)})"


def describe_differences(stated: Row, replayed: Row) -> Iterator[str]:
    """A sentence for each column in which two rows differ.

    >>> list(describe_differences({"script": "Hans", "id": "5f"}, {"script": "Hant", "id": "5f"}))
    ['its script is Hans, but the replay gives Hant']
    """
    for column, expected in replayed.items():
        value = stated[column]
        if isinstance(expected, Edits):
            yield from _describe_edits(value, expected)
        elif isinstance(expected, np.ndarray):
            if not np.array_equal(value, expected):
                place = _find_difference(value.tolist(), expected.tolist())
                yield f"its {column} differ from the replay's from index {place} on"
        elif value != expected:
            yield _describe_value(column, value, expected, stated)


def _describe_value(column: str, value: Any, expected: Any, stated: Row) -> str:
    if isinstance(expected, str) and isinstance(value, str) and column == "text":
        place = _find_difference(value, expected)
        excerpts = (repr(text[place : place + _EXCERPT]) for text in (value, expected))
        origin = _find_origin(stated, place)
        return f"its text differs from the replay's from character {place}{origin} on: " + ", not ".join(
            excerpts
        )
    if isinstance(expected, Mapping) and isinstance(value, Mapping):
        values = list(_describe_fields(read_metadata(value), read_metadata(expected)))
        # The JSON of two different strings may be the same.
        values = values or list(_describe_fields(value, expected))
        return f"its {column} differs from the replay's: {_shorten('; '.join(values))}"
    if isinstance(expected, list) and isinstance(value, list) and max(len(value), len(expected)) > _EXCERPT:
        return f"its {column} differ from the replay's from index {_find_difference(value, expected)} on"
    return f"its {column} is {_quote(value)}, but the replay gives {_quote(expected)}"


def _describe_fields(stated: Mapping[str, object], replayed: Mapping[str, object]) -> Iterator[str]:
    for name in {**replayed, **stated}:
        if stated.get(name) != replayed.get(name):
            yield f"{name} is {stated.get(name)!r}, not {replayed.get(name)!r}"


def _describe_edits(stated: Edits, replayed: Edits) -> Iterator[str]:
    """The first edit that differs, if one does."""
    rows, expected = list(stated.rows()), list(replayed.rows())
    if rows == expected:
        return
    place = _find_difference(rows, expected)
    names = [_name_edit(edits[place]) if place < len(edits) else "none" for edits in (rows, expected)]
    yield f"its edits differ from the replay's from index {place} on: {names[0]}, not {names[1]}"


def _name_edit(edit: EditRow) -> str:
    return (
        f"{edit.step} {edit.kind} bytes {edit.byte_start} to {edit.byte_end} "
        f"(characters {edit.start} to {edit.end})"
    )


def _find_origin(row: Row, place: int) -> str:
    """The source byte of a character of a document, and the steps that edited it, in words."""
    if "text_breaks" not in row or not len(row["text_breaks"]):
        return ""
    edits: Edits = row["edits"]
    block = int(np.searchsorted(row["text_breaks"], place, side="right")) - 1
    bytes_ = row["byte_breaks"]
    byte = int(bytes_[min(max(block, 0), len(bytes_) - 1)])
    is_edited = (edits.start <= place) & (place < edits.end)
    steps = dict.fromkeys(edits.step[index] for index in np.flatnonzero(is_edited).tolist())
    by = f", step {', '.join(steps)}" if steps else ""
    return f" (byte {byte} of the source{by})"


def _find_difference(first: Sequence[Any], second: Sequence[Any]) -> int:
    """The first index at which two sequences differ, by bisection: slices are compared quickly."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _quote(value: Any) -> str:
    """A value in words; a list of structs without the names of their fields."""
    if isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value):
        value = ", ".join(" ".join(map(str, entry.values())) for entry in value)
    return _shorten(str(value))


def _shorten(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
