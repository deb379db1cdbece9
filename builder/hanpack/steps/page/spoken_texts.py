"""Reads the title of a report or a speech without a page around it, and the day below on which it was given.

Below a title such as 政府工作报告 stands the meeting: ——2026年1月26日在某省第十四届人民代表大会会议上.
Nothing is removed: both lines are of the text.
"""

from __future__ import annotations

from collections.abc import Mapping

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.numeral_days import write_digits
from hanpack.steps.page.patterns import DAY, format_day, normalize_for_patterns

# The first line of a title may have so many characters, and so may what stands before the dashes below it.
_TITLE_CHARACTERS = 80
_DASHES = "—―─–-"
# Characters of a title that are set apart: 政 府 工 作 报 告.
_APART = compile_lazily(r"[\u3400-\u9fff](?:[ \u3000]{1,4}[\u3400-\u9fff]){1,30}")
# A meeting whose name is long may go over two lines.
_MEETING = compile_lazily(
    rf"[{_DASHES}]{{1,4}}\s*{DAY}\s*在[^\n。；]{{2,60}}?(?:\n[^\n。；]{{2,60}}?)?(?:会议?|会)上"
)


def may_begin_with_title(text: str, start: int, end: int) -> bool:
    r"""Whether dashes begin the second line of ``text[start:end]`` that has any text, as above a meeting.

    >>> may_begin_with_title("政府工作报告\n——2026年1月26日在", 0, 18), may_begin_with_title("第一条", 0, 3)
    (True, False)
    """
    line_end = text.find("\n", start, min(start + _TITLE_CHARACTERS + 1, end))
    return 0 <= line_end < end - 1 and text[line_end + 1 : line_end + 6].lstrip()[:1] in tuple(_DASHES)


def read_spoken_title(text: str, start: int = 0) -> Mapping[str, str]:
    r"""The title and the date of the text ``text[start:]``; empty if it is not a report or a speech.

    >>> read_spoken_title("政府工作报告\n——2026年1月26日在某省第十四届\n人民代表大会第五次会议上\n")
    {'title': '政府工作报告', 'date': '2026-01-26'}
    >>> read_spoken_title("政 府 工 作 报 告\n\n--2012年2月29日在某区人民代表大会第六次会议上\n")
    {'title': '政府工作报告', 'date': '2012-02-29'}
    >>> read_spoken_title("政府工作报告\n——2026年的工作在于落实。\n")
    {}
    """
    if not may_begin_with_title(text, start, len(text)):
        return {}
    title, _, rest = text[start : start + 3 * _TITLE_CHARACTERS].partition("\n")
    meeting = _MEETING.match(write_digits(normalize_for_patterns(rest).lstrip()))
    title = title.strip()
    if not meeting or not title or title[-1] in "。！？；，：、":
        return {}
    return {"title": join_apart(title), "date": format_day(meeting)}


def join_apart(title: str) -> str:
    """A title whose characters are set apart as a word; any other as it is.

    >>> join_apart("工 作 报 告"), join_apart("第一 章")
    ('工作报告', '第一 章')
    """
    return "".join(title.split()) if _APART.fullmatch(title) else title
