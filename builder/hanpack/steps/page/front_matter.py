"""Reads the metadata in the YAML at the beginning of a Markdown text, which stays in the text.

Source: Jekyll, "Front Matter". This module is short because the names of the fields are those of columns.
"""

from __future__ import annotations

from hanpack.steps.page.column_fields import read_named_field
from hanpack.steps.verbatim import find_front_matter

_LONGEST = 20_000


def read_front_matter(text: str) -> dict[str, str]:
    r"""The fields of the metadata that the YAML before a text has; a value that cannot be one is left out.

    >>> read_front_matter("---\ntitle: 接口说明\ndate: 2024-05-06 10:20\ntags: [接口]\n---\n# 说明\n")
    {'title': '接口说明', 'date': '2024-05-06'}
    """
    front = find_front_matter(text)
    if front is None or front[1] > _LONGEST:
        return {}
    # Loaded with the first text that needs it.
    import yaml

    try:
        # Strings, lists and mappings only: a day stays as it is written.
        content = yaml.load(text[: front[1]].strip().strip("-."), Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    fields: dict[str, str] = {}
    for key, value in content.items() if isinstance(content, dict) else ():
        if not isinstance(key, str):
            continue
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = "、".join(value)
        field, read = read_named_field(key, value)
        if read:
            fields.setdefault(field, read)
    return fields
