"""Writes indented JSON as the library does, which is slow at it: a manifest lists every source.

This module is short because it has one function.
"""

from __future__ import annotations

import json
from functools import lru_cache


def dump_indented(value: object, level: int = 0) -> str:
    """A JSON value as ``json.dumps(value, ensure_ascii=False, indent=1)`` writes it; keys are strings.

    Containers without containers in them are written by the library's encoder in C.

    >>> print(dump_indented({"path": "报告.txt", "details": {}, "rows": [1, None]}))
    {
     "path": "报告.txt",
     "details": {},
     "rows": [
      1,
      null
     ]
    }
    """
    if not isinstance(value, dict | list | tuple) or not value:
        return _open_encoder(level).encode(value)
    is_mapping = isinstance(value, dict)
    first, last = "{}" if is_mapping else "[]"
    inner = value.values() if isinstance(value, dict) else value
    pad = "\n" + " " * (level + 1)
    if not any(isinstance(item, dict | list | tuple) and item for item in inner):
        return f"{first}{pad}{_open_encoder(level + 1).encode(value)[1:-1]}{pad[:-1]}{last}"
    items = [dump_indented(item, level + 1) for item in inner]
    if is_mapping:
        items = [
            f"{json.dumps(key, ensure_ascii=False)}: {item}" for key, item in zip(value, items, strict=True)
        ]
    return first + pad + f",{pad}".join(items) + pad[:-1] + last


@lru_cache(maxsize=64)
def _open_encoder(level: int) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, separators=(f",\n{' ' * level}", ": "))
