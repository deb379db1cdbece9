"""Reads the metadata in the YAML at the beginning of a Markdown text, and says what of it is no text.

Source: Jekyll, "Front Matter". This module is short because the names of the fields are those of columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.column_fields import FIELD_COLUMNS, read_named_field
from hanpack.steps.verbatim import find_front_matter

_LONGEST = 20_000
# The longest of the other values that are taken, in characters of all its strings.
_LONGEST_VALUE = 1_000


class FrontMatter(NamedTuple):
    """What the YAML before a text says: the fields of the metadata, and its other keys, such as ``tags``.

    The text after it begins at ``end``; 0 if the YAML is a part of the text.
    """

    fields: Mapping[str, str]
    others: Mapping[str, str | list[str]]
    end: int


_NOTHING = FrontMatter({}, {}, 0)
_BLANK_LINES = compile_lazily(r"(?:[ \t]*\r?\n)*")


def read_front_matter(text: str) -> FrontMatter:
    r"""The metadata in the YAML before a text; a value that cannot be one of its field is left out.

    Of the other keys those with a string or a list of strings are taken, as they are written. YAML that gives
    no metadata, or has a longer string, which may be text, is a part of the text.

    >>> read_front_matter("---\ntitle: 接口说明\ndate: 2024-05-06 10:20\ntags: [接口]\n---\n# 说明\n")
    FrontMatter(fields={'title': '接口说明', 'date': '2024-05-06'}, others={'tags': ['接口']}, end=54)
    """
    front = find_front_matter(text)
    if front is None or front[1] > _LONGEST:
        return _NOTHING
    # Loaded with the first text that needs it.
    import yaml

    try:
        # Strings, lists and mappings only: a day stays as it is written.
        content = yaml.load(text[: front[1]].strip().strip("-."), Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return _NOTHING
    fields: dict[str, str] = {}
    others: dict[str, str | list[str]] = {}
    has_text = False
    for key, value in content.items() if isinstance(content, dict) else ():
        if not isinstance(key, str):
            continue
        strings = [value] if isinstance(value, str) else value
        if not isinstance(strings, list) or not all(isinstance(item, str) for item in strings):
            continue
        field, read = read_named_field(key, "、".join(strings))
        if read:
            fields.setdefault(field, read)
        elif sum(map(len, strings)) > _LONGEST_VALUE:
            has_text = True
        elif key not in FIELD_COLUMNS and any(strings):
            others[key] = value
    is_text = has_text or not (fields or others)
    return FrontMatter(fields, others, 0 if is_text else _find_end(text, front[1]))


def _find_end(text: str, end: int) -> int:
    """Where the text after YAML begins: after the blank lines."""
    blank = _BLANK_LINES.match(text, end)
    return blank.end() if blank else end
