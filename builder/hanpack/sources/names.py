"""File names as valid UTF-8 and back: a name is data of a stranger and may be any bytes."""

from __future__ import annotations

import os
import re

_ESCAPED = re.compile(rb"\\(\\|x[0-9a-f]{2})")


def escape_name(path: str) -> str:
    r"""A path as a build writes it: bytes that are no UTF-8 as ``\\xNN``, a backslash doubled."""
    return os.fsencode(path.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")


def unescape_name(name: str) -> str:
    """The path that :func:`escape_name` was given."""
    raw = _ESCAPED.sub(_unescape, name.encode("utf-8"))
    return os.fsdecode(raw)


def _unescape(found: re.Match[bytes]) -> bytes:
    mark = found[1]
    return mark if mark == b"\\" else bytes([int(mark[1:], 16)])
