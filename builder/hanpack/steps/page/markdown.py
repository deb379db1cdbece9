"""Tells a Markdown text that contains HTML from an HTML page.

Source: CommonMark, "HTML blocks": a block of HTML ends at a blank line, even within an element.
"""

from __future__ import annotations

import re

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.patterns import PagePattern, union

# Lines that are Markdown within an element, too, if a blank line is before them.
SURE_MARKDOWN_LINES = (
    PagePattern("heading", r"#{1,6}[ \t]+\S.*", "## 安装", "#安装"),
    PagePattern("fence of code", r"(?:```|~~~).*", "```python", "``"),
    PagePattern("row of a table", r"\|.*\|[ \t]*", "| 参数 | 说明 |", "| 参数"),
)
OTHER_MARKDOWN_LINES = (
    PagePattern("item of a list", r"[ \t]{0,3}(?:[-*+]|\d{1,3}[.)])[ \t]+\S.*", "- 第一项", "-第一项"),
    PagePattern("quotation", r">[ \t]+\S.*", "> 引文", "->"),
    PagePattern("underline of a heading", r"(?:={3,}|-{3,})[ \t]*", "-----", "--"),
)
SURE_MARKDOWN_LINE = compile_lazily(union(SURE_MARKDOWN_LINES))
OTHER_MARKDOWN_LINE = compile_lazily(union(OTHER_MARKDOWN_LINES))
_ELEMENTS = (
    r"address|article|aside|blockquote|body|center|dd|details|div|dl|dt|figure|font|footer|form|h[1-6]|head|header"
    r"|html|li|main|nav|ol|p|picture|section|span|table|tbody|td|th|thead|tr|ul"
)
_TAG_OR_LINE = compile_lazily(
    r"<!--.*?(?:-->|\Z)|<(?P<raw>pre|script|style|textarea)\b.*?(?:</(?P=raw)\s*>|\Z)"
    rf"|<(?P<close>/?)(?P<name>{_ELEMENTS})\b[^<>]*>"
    r"|(?P<blank>^[ \t]*\n)?^(?P<line>[^<\n]+)(?=\n|\Z|<(?!br\b))",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


def is_markdown(text: str) -> bool:
    r"""Whether a text that begins with HTML has lines of Markdown, outside of elements or after blank lines.

    >>> is_markdown("<p>图</p>\n\n- 第一项\n\n<p>完</p>"), is_markdown("<div>\n- 第一项<br>\n</div>")
    (True, False)
    """
    depth = 0
    for match in _TAG_OR_LINE.finditer(text):
        if match["name"]:
            depth = max(depth - 1, 0) if match["close"] else depth + 1
        elif line := match["line"]:
            if SURE_MARKDOWN_LINE.fullmatch(line) and (match["blank"] is not None or not depth):
                return True
            if not depth and OTHER_MARKDOWN_LINE.fullmatch(line):
                return True
    return False
