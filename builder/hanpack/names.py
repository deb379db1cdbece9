"""Paths: those of sources as a build has them, none of which leads out of the root; and what is a URL.

A file name may be any bytes; FORMAT.md specifies how ``source`` writes them.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePath

from hanpack.lazy_patterns import compile_lazily

_URL = compile_lazily(r"(?!file:)[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_ESCAPED = compile_lazily(rb"\\(\\|x[0-9a-f]{2})")


def is_remote(path: str) -> bool:
    """Whether a path is a URL.

    >>> is_remote("https://example.com/a.txt"), is_remote("texts/*.txt")
    (True, False)
    """
    return _URL.match(path) is not None


def is_hidden(name: str) -> bool:
    """Whether a file or folder is not for readers: a hidden one, or the lock of an open file of Office.

    >>> is_hidden(".git"), is_hidden("~$report.docx"), is_hidden("~report.docx")
    (True, True, False)
    """
    return name.startswith((".", "~$"))


def escape_name(path: str) -> str:
    r"""A path as a build writes it: a byte that is not UTF-8 becomes ``\xNN``, a backslash is doubled.

    ``path`` is as ``os`` returns it, with surrogate escapes for such bytes.

    >>> print(escape_name(os.fsdecode(b"reports/\xff\\2024.txt")))
    reports/\xff\\2024.txt
    """
    return os.fsencode(path.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")


def unescape_name(name: str) -> str:
    r"""The inverse of :func:`escape_name`.

    >>> unescape_name(escape_name("甲\\乙.txt")) == "甲\\乙.txt"
    True
    """
    raw = _ESCAPED.sub(_unescape, name.encode("utf-8"))
    return os.fsdecode(raw)


def check_name(name: str) -> str:
    r"""Return the path of a source as a build writes it, if it is relative, normalised and inside the root.

    A path has more than one spelling, such as ``\x2e`` for a full stop: only that of :func:`escape_name` is
    accepted.

    >>> check_name("reports/2024.txt")
    'reports/2024.txt'
    >>> check_name(r"\x2e\x2e/secret.txt")
    Traceback (most recent call last):
    ...
    ValueError: it is not written as hanpack writes the path of a source

    Raises:
        ValueError: it is absolute, has a part that is empty, ``.`` or ``..``, or is not written that way.
    """
    try:
        path = unescape_name(name)
        is_canonical = escape_name(path) == name
    except UnicodeError:
        is_canonical = False
    if not is_canonical or "\0" in path:
        raise ValueError("it is not written as hanpack writes the path of a source")
    parts = path.split("/")
    # The parts of PurePath differ if a system has other separators or drives.
    if PurePath(path).is_absolute() or {"", ".", ".."} & set(parts) or PurePath(path).parts != tuple(parts):
        raise ValueError("it leads out of the recipe's root, or is not the shortest path to its file")
    return name


def check_inside(path: str) -> str:
    """Return the path of a file, if it is relative and has no part that leads upwards.

    >>> check_inside("models/tokenizer.json")
    'models/tokenizer.json'

    Raises:
        ValueError: it may lead out of the folder that it is relative to.
    """
    pure = PurePath(path)
    if "\0" in path or pure.anchor or ".." in pure.parts or path.startswith("/"):
        raise ValueError("it leads out of the recipe's root")
    return path


def _unescape(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    return escaped if escaped == b"\\" else bytes([int(escaped[1:], 16)])
