"""Tells the properties that a program writes into every document from those that an author has given.

This module is short because it is one table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hanpack.lazy_patterns import compile_lazily

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
        "anonymous",
        "(anonymous)",
        "title",
        "unspecified",
        "word document",
        "powerpoint presentation",
        "powerpoint 演示文稿",
        "document",
        "无标题",
        "未命名",
        "标题",
    )
)
# In place of a title: a name or address of a file, a program that printed it, a file that has no name yet.
_FILE_TITLE = compile_lazily(
    r"microsoft\s+(?:office\s+)?(?:word|excel|powerpoint)\s*[-–—:].*|(?:wps|金山)[^-–—]{0,12}[-–—].*"
    r"|.*\.(?:docx?|docm|dotx?|wps|wpt|rtf|odt|pptx?|dps|odp|xlsx?|et|ods|pdf|ps|eps|dvi|tex|indd|qxd|cdr|p65|fm|vsdx?)"
    r"|\S+\.(?:x?html?|mhtml?|php|aspx?|jsp|md|markdown|txt)(?:[?#]\S*)?|(?:https?|file)://\S+|about:\w+"
    r"|(?:document|文档|演示文稿|presentation|工作簿|book)\s*\d{1,3}|新建.{0,20}(?:文档|文稿|文件)(?:\s*[（(]\d+[）)])?"
    r"|(?:无标题|未命名|untitled)[\s\d-]{0,6}",
    re.IGNORECASE | re.DOTALL,
)
# When the template of python-docx was made, which its documents keep as their date.
_TEMPLATE_DATES = frozenset(("2013-12-23T23:15:00Z",))


def drop_defaults(properties: Mapping[str, object]) -> dict[str, object]:
    """The properties without those that a program wrote by itself.

    >>> drop_defaults({"author": "python-docx", "modification_date": "2013-12-23T23:15:00Z"})
    {}
    >>> drop_defaults({"title": "Microsoft Word - 公报终稿.doc", "author": "李明"})
    {'author': '李明'}
    >>> drop_defaults({"title": "t.html"}), drop_defaults({"title": "HTML入门：从index.html到网站"})
    ({}, {'title': 'HTML入门：从index.html到网站'})
    """
    defaults = {"author": _AUTHORS, "title": _TITLES, "modification_date": _TEMPLATE_DATES}
    return {
        name: value
        for name, value in properties.items()
        if not {str(value).strip(), str(value).strip().lower()} & defaults.get(name, frozenset())
        and not (name == "title" and _FILE_TITLE.fullmatch(str(value).strip()))
    }
