"""Finds the heads of tables of Markdown, after which no chunk should end.

This module is short because it knows one construct. Source: GitHub Flavored Markdown 0.29, 4.10: a row of
names, a row of hyphens, then the rows of the table.
"""

from __future__ import annotations

from hanpack.lazy_patterns import compile_lazily

# A line of nothing but what the row of hyphens may have.
_DELIMITER_ROW = compile_lazily(r"\n[|:\- \t]+(?=\r?\n)")


def find_table_heads(text: str) -> list[tuple[int, int]]:
    r"""The spans from the start of each table to the start of the first row below its head, in order.

    >>> text = "统计：\n| 年份 | 产量 |\n| --- | --- |\n| 2023 | 15 |\n"
    >>> [text[start:end] for start, end in find_table_heads(text)]
    ['| 年份 | 产量 |\n| --- | --- |\n']
    """
    if "|" not in text or "-" not in text:
        return []
    heads = []
    for match in _DELIMITER_ROW.finditer(text):
        row = match.group()
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end()) + 1
        line_end = text.find("\n", end)
        has_row = text.find("|", end, line_end if line_end >= 0 else len(text)) >= 0
        if "-" in row and "|" in row and has_row and text.find("|", start, match.start()) >= 0:
            heads.append((start, end))
    return heads
