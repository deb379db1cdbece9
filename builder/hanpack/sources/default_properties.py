"""Tells the properties that a program writes into every document from those that an author has given.

This module is short because it is one table.
"""

from __future__ import annotations

from collections.abc import Mapping

# What programs and their templates write as an author or a title: the name of the program or of nobody.
_AUTHORS = frozenset(
    (
        "python-docx",
        "docx4j",
        "apache poi",
        "openpyxl",
        "anonymous",
        "(anonymous)",
        "unknown",
        "author",
        "user",
        "administrator",
        "windows user",
        "microsoft office user",
        "未知",
        "佚名",
        "作者",
        "用户",
        "微软用户",
        "windows 用户",
    )
)
_TITLES = frozenset(
    (
        "untitled",
        "(untitled)",
        "unspecified",
        "word document",
        "powerpoint presentation",
        "document",
        "无标题",
    )
)
# When the template of python-docx was made, which its documents keep as their date.
_TEMPLATE_DATES = frozenset(("2013-12-23T23:15:00Z",))


def drop_defaults(properties: Mapping[str, object]) -> dict[str, object]:
    """The properties without those that a program wrote by itself.

    >>> drop_defaults({"author": "python-docx", "modification_date": "2013-12-23T23:15:00Z"})
    {}
    """
    defaults = {"author": _AUTHORS, "title": _TITLES, "modification_date": _TEMPLATE_DATES}
    return {
        name: value
        for name, value in properties.items()
        if not {str(value).strip(), str(value).strip().lower()} & defaults.get(name, frozenset())
    }
