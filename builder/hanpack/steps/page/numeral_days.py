"""Days in Chinese numerals (二〇二四年三月七日), as official notices and printed documents have them."""

from __future__ import annotations

import re

from hanpack.steps.page.patterns import PagePattern, compile_row

# A day in Chinese numerals, as official notices have it.
CHINESE_DAYS = (
    PagePattern(
        "day in Chinese numerals",
        r"(?P<year>[一二][〇○零一二三四五六七八九]{3})年(?P<month>[一二三四五六七八九十]{1,2})月(?P<day>[一二三四五六七八九十]{1,3})日",
        "二〇二四年三月七日",
        "二〇二四年三月",
    ),
)
_CHINESE_DAY = compile_row(CHINESE_DAYS, "day in Chinese numerals")
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


def write_digits(line: str) -> str:
    """The line with a day in Chinese numerals written in digits.

    >>> write_digits("发布日期: 二〇二四年三月二十七日")
    '发布日期: 2024-3-27'
    """
    if "年" not in line:
        return line
    return _CHINESE_DAY.sub(_write_day, line)


def _write_day(day: re.Match[str]) -> str:
    return f"{_read_digits(day['year'])}-{_read_number(day['month'])}-{_read_number(day['day'])}"


def _read_digits(numerals: str) -> str:
    return numerals.translate(_DIGITS)


def _read_number(numerals: str) -> int:
    """The value of a numeral below a hundred."""
    tens, ten, ones = numerals.rpartition("十")
    return (int(_read_digits(tens) or 1) * 10 if ten else 0) + int(_read_digits(ones) or 0)
