"""Writes paths of files as valid UTF-8, and reads them back: a file name may be any bytes.

This module is short because nothing else belongs to this format, which FORMAT.md specifies for ``source``.
"""

from __future__ import annotations

import os
import re

_ESCAPED = re.compile(rb"\\(\\|x[0-9a-f]{2})")


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


def _unescape(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    return escaped if escaped == b"\\" else bytes([int(escaped[1:], 16)])
