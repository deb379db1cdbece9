"""The digits that a shift lost and the text around them tells: years, names and phrases that stand fixed.

Each fact was counted in 3,000 reports of governments since 2010 (github.com/lawtext/gov) and gives, in every
period of theirs, the digit of at least 19 in 20 of the numbers it fits. Where no fact fits, a lost digit
stays lost: a wrong number is worse than a gap.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from hanpack.steps.repair.forms import simplify

# How many characters before and after a lost digit may count.
BEFORE, AFTER = 24, 24

_TO = "[—–－～~-]"
_OF = r"[^0-9，。；、]{0,6}"
# What is counted by the thousand, so that no year stands before it.
_COUNTED = "万亿千百个项张户台公辆亩处家套名人列座场件元吨行宗班盏标平头斤例根所间条米种只株幅对多余"


class _Fact(NamedTuple):
    """What stands right after a lost digit, what before it, and the digit."""

    after: re.Pattern[str]
    before: re.Pattern[str]
    digit: str


def _fact(before: str, after: str, digit: str) -> _Fact:
    return _Fact(re.compile(after), re.compile(rf"(?:{before})\Z"), digit)


_FACTS = (
    # Years, months, hours; of a range that ends in 2 only one number is the beginning.
    _fact("", rf"0\d\d年|0(?!00)[0-4]\d(?:[版届中全世国亚至·（]|{_TO}+(?:20\d\d|\d\d-))", "2"),
    _fact("办好?", rf"0[12]\d(?:[^\d.，。、{_COUNTED}]|{_TO})", "2"),
    _fact("", r"9\d\d年", "1"),
    _fact("", "[012]月", "1"),
    _fact("", "4小时", "2"),
    _fact("", rf"{_TO}2(?![\d.%?-])", "1"),
    # Whole shares and ratios.
    _fact("(?<![长超过高])", r"00%", "1"),
    _fact(r"\d\.\d+[∶：]", r"(?![\d.?])", "1"),
    # What changes so slowly that no other digit fits.
    _fact(rf"预期寿命{_OF}", r"[5-9](?:\.\d+)?岁", "7"),
    _fact(rf"预期寿命{_OF}", r"[0-2](?:\.\d+)?岁", "8"),
    _fact(rf"受教育年限{_OF}", r"\d\.\d+年", "1"),
    # Names.
    _fact("世界|财富|三类|中国(?:民营)?企业", "00强", "5"),
    _fact("", r"G(?:工厂|\+|-A)", "5"),
    _fact("", r"2345(?:[^\d.]|\Z)", "1"),
    _fact("", "5分钟[^，。；、]{0,8}圈", "1"),
    _fact("", "2英寸(?:晶圆|硅|集成|芯片|生产线|碳化|产线|车规)", "1"),
    _fact("", "68个重点城市", "1"),
    _fact("从", r"到1(?![\d.?])", "0"),
    _fact("从0到", r"(?![\d.%?])", "1"),
    # Voltages.
    _fact("", "(?:000|10)千伏", "1"),
    _fact("", "20千伏", "2"),
    _fact("", "(?:30|5)千伏", "3"),
    _fact("(?<!±)", "00千伏", "5"),
    _fact("", "50千伏", "7"),
    # Policies and anniversaries.
    _fact("延长", "0年", "3"),
    _fact("", "年过渡期", "5"),
    _fact("", "岁以下(?:婴|入托)", "3"),
    _fact("党成立|建党", r"0\d周年", "1"),
    _fact("改革开放", "0周年", "4"),
    _fact("新中国成立|共和国成立", "5周年", "7"),
)
_NARROWS_TO = re.compile(r"(\.\d+)[^\d，。；]{0,8}缩小[到至为]([1-9])(\.\d+)(?!\d)")
_FROM = re.compile(r"[从由]\Z")
_NARROWED = re.compile(r"[从由]([1-9])(\.\d+)[^\d，。；]{0,8}缩小[到至为]\Z")
_FRACTION = re.compile(r"\.\d+")


def tell_digit(before: str, after: str) -> str:
    """Tell the first digit of a number from the text around it.

    Args:
        before: the restored text before the lost digit, in either script; the last characters count.
        after: the text after it, of which the first characters count.

    Returns:
        The digit, or nothing where the text does not tell it.
    """
    known, following = simplify(before[-BEFORE:]), simplify(after[:AFTER])
    for fact in _facts_before(following):
        if fact.before.search(known):
            return fact.digit
    return _tell_narrowed(known, following)


@lru_cache(maxsize=256)
def _facts_before(after: str) -> tuple[_Fact, ...]:
    """The facts that may hold before a text: many readings of what stands before it are asked about."""
    return tuple(fact for fact in _FACTS if fact.after.match(after))


def _tell_narrowed(before: str, after: str) -> str:
    """The digit of a ratio that narrowed to another, or from it: the least change that fits."""
    narrows = _NARROWS_TO.match(after)
    if narrows and _FROM.search(before):
        rest, end, end_rest = narrows.groups()
        digit = int(end) + (float(rest) <= float(end_rest))
        return str(digit) if digit < 10 else ""
    narrowed = _NARROWED.search(before)
    rest = _FRACTION.match(after)
    if narrowed and rest:
        digit = int(narrowed[1]) - (float(rest[0]) >= float(narrowed[2]))
        return str(digit)
    return ""
