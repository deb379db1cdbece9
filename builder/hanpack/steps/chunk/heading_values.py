"""The values of the numbers of headings: Chinese and Arabic numerals, signs, and words such as 首先.

This module is short because it is one table.
"""

from __future__ import annotations

from hanpack.steps.chunk.heading_patterns import NUMERALS


def read_value(marker: str) -> int:
    """The value of a numeral up to 99, Chinese, Arabic or a sign, or of a word like 首先; else 0."""
    return VALUES.get(marker.strip("(（)）.．、是要第"), 0)


def name_number(number: int) -> str:
    """The Chinese numeral of a number from 1 to 99.

    >>> name_number(2), name_number(21)
    ('二', '二十一')
    """
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else NUMERALS[tens - 1] + "十"
    return ten + (NUMERALS[ones - 1] if ones else "")


def _list_values() -> dict[str, int]:
    values: dict[str, int] = {"首先": 1, "其次": 2, "再次": 3, "最后": 4, "最後": 4}
    for number in range(1, 100):
        values[name_number(number)] = number
        values[str(number)] = values[f"{number:02d}"] = number
        values[str(number).translate(_FULL_WIDTH)] = number
    for first, count in (("①", 20), ("⑴", 20), ("㈠", 10)):
        for offset in range(count):
            values[chr(ord(first) + offset)] = offset + 1
    for number, signs in enumerate(("壹", "贰貳", "叁參叄", "肆", "伍", "陆陸", "柒", "捌", "玖", "拾"), 1):
        for sign in signs:
            values[sign] = number
    return values


_FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
VALUES = _list_values()
