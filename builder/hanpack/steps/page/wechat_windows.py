"""Finds the words of hidden windows below an article of WeChat, which copies of its page have as text.

Every article has them below it, from 微信扫一扫 关注该公众号 to the labels of buttons for blind readers.
"""

from __future__ import annotations

from hanpack.lazy_patterns import compile_lazily

# The second line of the first window: a text without these words has none.
WINDOW_SIGN = "关注该公众号"
_FIRST_LINE = "微信扫一扫"
# What may stand between the article and the first window.
_LINES_ABOVE = compile_lazily(r"预览时标签不可点|阅读原文|不喜欢|修改于.{0,30}")
# A picture of Markdown, which is a line of any length.
_PICTURE = compile_lazily(r"!\[[^\]]{0,20}\]\([^)]*\)")
# The windows have so many characters at most, without pictures 400, and lines of so many: no sentences.
_LONGEST, _LONGEST_LINE = 3_000, 30


def find_windows(text: str, start: int = 0) -> int | None:
    r"""Where the words of the windows begin in ``text[start:]``, which they end; None if it has none.

    >>> page = "汤头每天凌晨三点就要熬。\n\n预览时标签不可点\n\n微信扫一扫\n关注该公众号\n\n知道了\n"
    >>> page[find_windows(page) :].split()
    ['预览时标签不可点', '微信扫一扫', '关注该公众号', '知道了']
    """
    first = max(start, len(text) - _LONGEST)
    sign = text.rfind(WINDOW_SIGN, first)
    if sign < 0 or not all(map(_is_of_windows, text[sign:].split("\n"))):
        return None
    begin = None
    end = sign
    while end > first:
        line_start = max(text.rfind("\n", first, end - 1) + 1, first)
        line = text[line_start:end].strip()
        if line == _FIRST_LINE or (begin is not None and _LINES_ABOVE.fullmatch(line)):
            begin = line_start
        elif line and not _PICTURE.fullmatch(line):
            break
        end = line_start
    return begin


def _is_of_windows(line: str) -> bool:
    stripped = line.strip()
    return len(stripped) <= _LONGEST_LINE or _PICTURE.fullmatch(stripped) is not None
