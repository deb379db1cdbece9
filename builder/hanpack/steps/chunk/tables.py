"""Finds the parts of tables of Markdown in which no chunk should end: their heads and their rows.

A chunk is a part of its document, so a table that is cut does not repeat its head; it is cut between rows,
and within a row only if the row alone does not fit the budget.
This module is short because it knows one construct. Source: GitHub Flavored Markdown 0.29, 4.10: a row of
names, a row of hyphens, then the rows of the table.
"""

from __future__ import annotations

from hanpack.lazy_patterns import compile_lazily

# A line of nothing but what the row of hyphens may have.
_DELIMITER_ROW = compile_lazily(r"\n[|:\- \t]+(?=\r?\n)")


def find_table_parts(text: str) -> list[tuple[int, int]]:
    r"""The spans of the head of each table with its first row, and of each of its other rows, in order.

    >>> text = "统计：\n| 年份 | 产量 |\n| --- | --- |\n| 2023 | 15 |\n| 2024 | 16 |\n完。"
    >>> [text[start:end] for start, end in find_table_parts(text)]
    ['| 年份 | 产量 |\n| --- | --- |\n| 2023 | 15 |\n', '| 2024 | 16 |\n']
    """
    if "|" not in text or "-" not in text:
        return []
    parts: list[tuple[int, int]] = []
    for match in _DELIMITER_ROW.finditer(text):
        row = match.group()
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end()) + 1
        if not ("-" in row and "|" in row and text.find("|", start, match.start()) >= 0):
            continue
        if parts and start < parts[-1][1]:
            continue
        while text.find("|", end, row_end := _find_line_end(text, end)) >= 0:
            parts.append((start, row_end))
            start = end = row_end
    return parts


def list_rows(text: str, start: int, end: int) -> list[tuple[int, int]]:
    r"""The spans of the rows of a part of a table.

    >>> list_rows("| a |\n| - |\n", 0, 12)
    [(0, 6), (6, 12)]
    """
    rows = []
    while start < end:
        row_end = _find_line_end(text, start)
        rows.append((start, row_end))
        start = row_end
    return rows


def _find_line_end(text: str, start: int) -> int:
    """The position after the line that begins at a position."""
    return text.find("\n", start) + 1 or len(text)
