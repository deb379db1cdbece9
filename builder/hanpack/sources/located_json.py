"""Parses JSON so that objects and strings know where they stand in the text."""

from __future__ import annotations

import json
from collections.abc import Callable
from json import scanner
from json.decoder import JSONObject, scanstring  # type: ignore[attr-defined]
from typing import Any


class LocatedString(str):
    """A string; the inside of its quotation marks is ``[start, end)`` of the text."""

    __slots__ = ("end", "start")
    start: int
    end: int


class LocatedObject(dict[str, Any]):
    """An object; ``[start, end)`` of the text, with its braces."""

    __slots__ = ("end", "start")
    start: int
    end: int


class _LocatingDecoder(json.JSONDecoder):
    """The decoder of the standard library in Python, which asks these functions for strings and objects."""

    def __init__(self) -> None:
        super().__init__()
        self.parse_string: Callable[..., tuple[LocatedString, int]] = _parse_string
        self.parse_object: Callable[..., tuple[LocatedObject, int]] = _parse_object
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]


def _parse_string(text: str, start: int, strict: bool = True) -> tuple[LocatedString, int]:
    value, end = scanstring(text, start, strict)
    located = LocatedString(value)
    located.start, located.end = start, end - 1
    return located, end


def _parse_object(text_and_start: tuple[str, int], *arguments: Any) -> tuple[LocatedObject, int]:
    value, end = JSONObject(text_and_start, *arguments)
    located = LocatedObject(value)
    located.start, located.end = text_and_start[1] - 1, end
    return located, end


def parse_located(text: str) -> Any:
    """Parse a text as ``json.loads`` does.

    >>> parsed = parse_located('{"a": ["甲"]}')
    >>> parsed["a"][0], parsed["a"][0].start, parsed.end
    ('甲', 8, 12)

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deep.
    """
    return _LocatingDecoder().decode(text)
