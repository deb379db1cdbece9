"""Writes the numbers that Word sets before paragraphs, in the formats of Chinese, Japanese and Western lists.

Source: ISO/IEC 29500-1, 17.18.59, ST_NumberFormat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

_DIGITS = "〇一二三四五六七八九"
_LEGAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_SMALL_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
# Numbers above this are written in digits in every format.
_MOST_COUNTED = 9999


def write_number(number: int, number_format: str) -> str:
    """A number in a format of Word; an unknown format, or a number it does not have, gives digits.

    >>> [write_number(number, "chineseCountingThousand") for number in (2, 10, 12, 20, 105)]
    ['二', '十', '十二', '二十', '一百零五']
    >>> write_number(4, "upperRoman"), write_number(28, "lowerLetter")
    ('IV', 'bb')
    """
    writer = _WRITERS.get(number_format)
    return writer(number) if writer and 0 < number <= _MOST_COUNTED else _write_digits(number, number_format)


def _write_digits(number: int, number_format: str) -> str:
    return f"{number:02d}" if number_format == "decimalZero" else str(number)


def _count(number: int, digits: str, units: str) -> str:
    """A number as it is spoken: units after the digits, and one zero for any gap."""
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += digits[0] * (gap and bool(text)) + digits[digit] + units[place].strip()
        gap = not digit
    return text


def _count_chinese(number: int) -> str:
    text = _count(number, "零" + _DIGITS[1:], " 十百千")
    return text[1:] if 10 <= number < 20 else text


def _write_places(number: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def _write_letter(number: int) -> str:
    """After z come aa, bb and so on."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _write_roman(number: int) -> str:
    text = ""
    for value, sign in (*_ROMAN, *_SMALL_ROMAN):
        count, number = divmod(number, value)
        text += sign * count
    return text


def _write_circled(number: int) -> str:
    return chr(0x2460 + number - 1) if number <= 20 else str(number)


_WRITERS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "chineseCounting": _count_chinese,
        "chineseCountingThousand": _count_chinese,
        "taiwaneseCounting": _count_chinese,
        "taiwaneseCountingThousand": _count_chinese,
        "japaneseCounting": _count_chinese,
        "ideographDigital": _write_places,
        "japaneseDigitalTenThousand": _write_places,
        "taiwaneseDigital": _write_places,
        "chineseLegalSimplified": lambda number: _count(number, _LEGAL_DIGITS, " 拾佰仟"),
        "ideographTraditional": lambda number: _STEMS[(number - 1) % 10],
        "ideographZodiac": lambda number: _BRANCHES[(number - 1) % 12],
        "decimalEnclosedCircle": _write_circled,
        "decimalEnclosedCircleChinese": _write_circled,
        "ideographEnclosedCircle": lambda number: chr(0x3280 + number - 1) if number <= 10 else str(number),
        "decimalEnclosedParen": lambda number: f"({number})",
        "decimalEnclosedFullstop": lambda number: f"{number}.",
        "decimalFullWidth": lambda number: "".join(chr(ord(digit) + 0xFEE0) for digit in str(number)),
        "lowerLetter": _write_letter,
        "upperLetter": lambda number: _write_letter(number).upper(),
        "lowerRoman": _write_roman,
        "upperRoman": lambda number: _write_roman(number).upper(),
        "none": lambda _: "",
    }
)
