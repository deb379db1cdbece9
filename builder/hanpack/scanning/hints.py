"""Says how files may be read better: what their lines are, and the hints of a scan, each once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.sentence_marks import STOPS
from hanpack.wording import format_count

if TYPE_CHECKING:
    from hanpack.scanning.files import ScannedFile

SENTENCE_END = compile_lazily(rf"[{STOPS}…」』”]\s*$")
# Lines with the same number of tabs are rows, if there are so many; so many are looked at.
_FEWEST_ROWS, _ROWS = 2, 200
_TABLE_HINT = "its lines are rows of a table, with tabs: name it .tsv to have a record for each"
# Lines of so many characters, so many and such a share of all, are those of paragraphs that were broken.
_WRAPPED, _FEWEST_WRAPPED, _SHARE_WRAPPED = (15, 100), 8, 0.5
_WRAPPED_HINT = "characters: steps: {layout: true} joins those of a paragraph"
# So many characters that no reader sees, within lines, are worth a word.
_FEWEST_INVISIBLE = 3
_INVISIBLE = compile_lazily(
    "(?<=[^\\s\u200b\u2060\ufeff])[\u200b\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]+(?=[^\\s])"
)
_INVISIBLE_HINT = "its lines have characters that no reader sees: steps: {controls: true} removes them"


def list_hints(scanned: Sequence[ScannedFile]) -> tuple[str, ...]:
    """The hints of a scan, each once, after the name of the first file that it is about.

    >>> from dataclasses import replace
    >>> from hanpack.scanning.files import ScannedFile
    >>> file = ScannedFile("a.csv", 9, "utf-8", "Hans", "row", "text", {}, 0, hint="its lines are broken")
    >>> list_hints([file, replace(file, name="b.csv"), replace(file, name="c.csv", hint="")])
    ('a.csv and 1 other file: its lines are broken',)
    """
    by_hint: dict[str, list[str]] = {}
    for file in scanned:
        if file.hint:
            by_hint.setdefault(file.hint, []).append(file.name)
    return tuple(
        f"{first} and {format_count(len(others), 'other file')}: {hint}" if others else f"{first}: {hint}"
        for hint, (first, *others) in by_hint.items()
    )


def describe_lines(text: str) -> str:
    r"""What is said of lines that are rows of a table, are broken at a width, or hide characters.

    Empty if they are none of these.

    >>> describe_lines("甲\u200b乙\u200b丙\u200b丁。\n")
    'its lines have characters that no reader sees: steps: {controls: true} removes them'
    """
    if _is_table(text):
        return _TABLE_HINT
    return _describe_wrapping(text) or (_INVISIBLE_HINT if _has_invisible(text) else "")


def _has_invisible(text: str) -> bool:
    return sum(1 for _ in islice(_INVISIBLE.finditer(text), _FEWEST_INVISIBLE)) == _FEWEST_INVISIBLE


def _is_table(text: str) -> bool:
    r"""Whether all lines have the same number of tabs, as in the text that a spreadsheet saves.

    >>> _is_table("姓名\t年份\n张三\t2023\n李四\t2024\n"), _is_table("一\n二\n三\n")
    (True, False)
    """
    tabs = {line.count("\t") for line in text.splitlines()[:_ROWS] if line.strip()}
    return len(tabs) == 1 and tabs != {0} and text.count("\n") >= _FEWEST_ROWS


def _describe_wrapping(text: str) -> str:
    r"""What is said of a text whose lines are broken at a width, wherever that is; empty if they are not.

    >>> _describe_wrapping("今年以来全县经济平稳运行各项工作取得了\n" * 9)
    'its lines are broken at 19 characters: steps: {layout: true} joins those of a paragraph'
    >>> _describe_wrapping("今年以来全县经济平稳运行，工作顺利。\n" * 9)
    ''
    """
    lines = [line.rstrip() for line in text.splitlines()[:_ROWS] if line.strip()]
    widths = sorted(map(len, lines))
    if len(lines) < _FEWEST_WRAPPED:
        return ""
    width = widths[len(widths) * 3 // 4]
    full = [line for line in lines if width - 2 <= len(line) <= width + 1]
    broken = [line for line in full if not SENTENCE_END.search(line)]
    is_wrapped = _WRAPPED[0] <= width <= _WRAPPED[1] and len(broken) >= _SHARE_WRAPPED * len(lines)
    return f"its lines are broken at {width} {_WRAPPED_HINT}" if is_wrapped else ""
