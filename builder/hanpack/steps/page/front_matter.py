"""Reads the metadata in the YAML at the beginning of a Markdown text, which stays in the text.

Source: Jekyll, "Front Matter". This module is short because the names of the fields are those of columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hanpack.steps.page.column_fields import FIELD_COLUMNS, read_named_field
from hanpack.steps.verbatim import find_front_matter

_LONGEST = 20_000
# The longest of the other values that are taken, in characters of all its strings.
_LONGEST_VALUE = 1_000


class FrontMatter(NamedTuple):
    """What the YAML before a text says: the fields of the metadata, and its other keys, such as ``tags``."""

    fields: Mapping[str, str]
    others: Mapping[str, str | list[str]]


_NOTHING = FrontMatter({}, {})


def read_front_matter(text: str) -> FrontMatter:
    r"""The metadata in the YAML before a text; a value that cannot be one of its field is left out.

    Of the other keys those with a string or a list of strings are taken, as they are written.

    >>> read_front_matter("---\ntitle: 接口说明\ndate: 2024-05-06 10:20\ntags: [接口]\n---\n# 说明\n")
    FrontMatter(fields={'title': '接口说明', 'date': '2024-05-06'}, others={'tags': ['接口']})
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
    for key, value in content.items() if isinstance(content, dict) else ():
        if not isinstance(key, str):
            continue
        strings = [value] if isinstance(value, str) else value
        if not isinstance(strings, list) or not all(isinstance(item, str) for item in strings):
            continue
        field, read = read_named_field(key, "、".join(strings))
        if read:
            fields.setdefault(field, read)
        elif key not in FIELD_COLUMNS and any(strings) and sum(map(len, strings)) <= _LONGEST_VALUE:
            others[key] = value
    return FrontMatter(fields, others)
