"""Tells the toolbar of a site, lines of nothing but buttons, from the text around it.

All lines are read as :func:`hanpack.steps.page.patterns.normalize_for_patterns` gives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.site_patterns import SIZE_BUTTON, TELLING_BUTTON, TOOLBAR_BUTTON

# So many buttons are a toolbar.
FEWEST_BUTTONS = 3
_SEPARATORS = " []|/〔〕×"
_LETTERS = compile_lazily(r"[\s\[\]|/]*[ATat][ATat+\-\s\[\]|/]*")
_LONGEST_LINE = 80


class Buttons(NamedTuple):
    """How many buttons a line has, and whether one of them is only ever a button (字号, 分享到, [打印]).

    A line of separators has no button.
    """

    number: int
    is_telling: bool


def count_buttons(line: str) -> Buttons | None:
    """The buttons of a line; None if it contains anything else, or nothing but letters.

    >>> count_buttons("下载 打印 全屏 收藏 [字号 大 中 小]")
    Buttons(number=8, is_telling=True)
    >>> count_buttons("打印机"), count_buttons("A T")
    (None, None)
    """
    if not line or len(line) > _LONGEST_LINE:
        return None
    position = count = 0
    while position < len(line):
        if line[position] in _SEPARATORS:
            position += 1
            continue
        button = TOOLBAR_BUTTON.match(line, position) or SIZE_BUTTON.match(line, position)
        if not button:
            return None
        position = button.end()
        count += len(button.group().split())
    if _LETTERS.fullmatch(line):
        return None
    return Buttons(count, TELLING_BUTTON.search(line) is not None)


def is_toolbar(lines: Sequence[Buttons], *, is_next_to_fields: bool) -> bool:
    """Whether consecutive lines of buttons are a toolbar and no list of words.

    One button counts next to a line that says who published an article and when.

    >>> is_toolbar([Buttons(1, False)] * 3, is_next_to_fields=False)
    False
    """
    count = sum(line.number for line in lines)
    if is_next_to_fields:
        return count > 0
    if any(line.is_telling for line in lines):
        return count > 1
    return any(line.number >= FEWEST_BUTTONS for line in lines)
