"""Finds the day that a printed document states: on a line of its own near its beginning, or at its end.

The day on which a file was made or saved is none that the document states.
"""

from __future__ import annotations

from collections.abc import Sequence

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.numeral_days import write_digits
from hanpack.steps.page.patterns import DAY, format_day

# How many lines at the beginning and at the end are looked at, and how long one with a day may be.
_FIRST_LINES, _LAST_LINES = 8, 3
_LONGEST_LINE = 60
# The line is a day, with a label or with the meeting at which a report was given.
_DAY_LINE = compile_lazily(
    rf"[（(—-]*(?:(?:发布|印发|成文|公布|发表|报告|签发)?(?:日期|时间)\s*[:：]\s*)?{DAY}"
    r"(?:\s*(?:在.{2,40}(?:会议|会|大会)上.{0,8}|印发|发布|公布))?[）)]*"
)


def find_stated_date(lines: Sequence[str]) -> str:
    """The day as in ISO 8601; empty if the first and the last lines, without blank ones, state none.

    >>> find_stated_date(["政府工作报告", "——2024年1月15日在市第九届人民代表大会第三次会议上", "各位代表："])
    '2024-01-15'
    >>> find_stated_date(["关于防汛的通知", "2023年以来，", "某市水利局", "二〇二四年三月十五日"])
    '2024-03-15'
    >>> find_stated_date(["二〇二三年度工作总结", "全年各项工作取得明显成效。"])
    ''
    """
    return next(filter(None, map(_read_day, lines[:_FIRST_LINES])), "") or find_signed_date(lines)


def find_signed_date(lines: Sequence[str]) -> str:
    """The day below a document, where it is signed, as in ISO 8601; empty if there is none.

    >>> find_signed_date(["某市水利局", "2024年3月15日"]), find_signed_date(["2024年3月15日通知"])
    ('2024-03-15', '')
    """
    return next(filter(None, map(_read_day, lines[: -_LAST_LINES - 1 : -1])), "")


def _read_day(line: str) -> str:
    if len(line) > _LONGEST_LINE:
        return ""
    match = _DAY_LINE.fullmatch(write_digits("".join(line.split())))
    return format_day(match) if match else ""
