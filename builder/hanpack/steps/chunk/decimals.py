"""Reads decimal numbers of headings, 1, 1.1 and A.1 (GB/T 1.1-2020), and decides which of them open one.

A decimal number looks like a figure (3.5 亿元), so one alone proves nothing: it opens a heading if the number
above it, before it, after it or under it opens a line too.
"""

from __future__ import annotations

import re
from collections.abc import Set

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.heading_patterns import BLANKS

Numbers = tuple[int, ...]
_FIRST_ANNEX = 1001
_NARROW = {code: code - 0xFEE0 for code in range(0xFF21, 0xFF3B)}

# The first level is that of a chapter, or the letter of an annex.
_LEVELS = "(?:[0-9０-９]{1,2}|[A-ZＡ-Ｚ])(?:[.．][0-9０-９]{1,2}){1,4}"
# What follows a figure: a unit, a sign, a range. A title begins with none of these.
_UNIT = (
    "[%％‰℃°个個亿億万萬千百倍元角分年月日号號时時秒天周岁歲米公吨噸斤克升度平亩畝户戶人名位家条條件台次级級层層寸尺折"
    "页頁点點成版~～—–-]|[A-Za-z]{1,3}(?![A-Za-z])|以上|以下|左右"
)
# Words of titles that begin with the character of a unit.
_WORDS = (
    "人(?=[口才员員民力事工类類物身])|分(?=[类類析布级級工])|名(?=[称稱词詞单單])|[时時](?=[间間])|成(?=[果本员員])|个(?=人)|個(?=人)"
    "|年度|家庭|[条條](?=[件款])|[级級](?=[别別])|[层層](?=次)|角(?=色)|台(?=[账帳])|版(?=[权權本])|天(?=[气氣然文])|度量"
    "|元(?=[素数數])|[户戶](?=[外型籍])|周[边邊]|月度|日(?=[常志])|[号號](?=[码碼])|[页頁](?=面)|[点點](?=[评評])|次序"
)
_UNITS = f"(?!{_WORDS})(?:{_UNIT})"
_TITLE = rf"(?!{_UNITS})(?=[^\n]{{0,12}}[\u3400-\u9fffA-Za-z])"
# The literal line break at its beginning lets the engine skip from line to line.
_LINE = compile_lazily(rf"\n[{BLANKS}]*({_LEVELS})[.．、]?(?![0-9０-９.．])[{BLANKS}]*+{_TITLE}")
_TIGHT = compile_lazily(rf"({_LEVELS})[.．、]?(?![0-9０-９.．])(?={_TITLE}[\u3400-\u9fff“《（(A-Z])")
# The rest of a line that may be the title of a chapter: short, without a stop, and no figure with its unit.
_CHAPTER = compile_lazily(rf"(?!{_UNITS})[\u3400-\u9fffA-Za-z“《][^\n。；;！!？?，,：:|]{{0,39}}(?:\n|\Z)")
_CHAPTER_LINE = compile_lazily(rf"\n[{BLANKS}]*([0-9０-９]{{1,2}})[.．、]?[{BLANKS}]+{_CHAPTER.pattern}")
_TIGHT_CHAPTER = compile_lazily(rf"([0-9０-９]{{1,2}})(?=[\u3400-\u9fff])(?={_CHAPTER.pattern})")


def read_numbers(marker: str) -> Numbers:
    """The numbers of a decimal number, from the highest level to the lowest.

    The letter of an annex is a number that no chapter has.

    >>> read_numbers("2.1.1 "), read_numbers("B.1 ")
    ((2, 1, 1), (1002, 1))
    """
    letter = marker[0].translate(_NARROW)
    numbers = tuple(int(number) for number in re.findall("[0-9０-９]+", marker))
    return (_FIRST_ANNEX + ord(letter) - ord("A"), *numbers) if letter.isalpha() else numbers


def is_of_annex(numbers: Numbers) -> bool:
    """Whether the first level of a number is the letter of an annex."""
    return bool(numbers) and numbers[0] >= _FIRST_ANNEX


def read_tight_number(text: str, position: int) -> tuple[Numbers, int] | None:
    """The decimal number and its end, if a title follows without a blank.

    It has several levels (1.1编制目的), or is that of a chapter whose title fills the line (1总则).
    """
    match = _TIGHT.match(text, position) or _TIGHT_CHAPTER.match(text, position)
    return (read_numbers(match[1]), match.end()) if match else None


def find_decimals(text: str) -> Set[Numbers]:
    r"""The decimal numbers of several levels that open a line with words, and those of chapters beside them.

    >>> sorted(find_decimals("1 总则\n1.1 目的\n1.2 依据\n3.5亿元\n"))
    [(1,), (1, 1), (1, 2)]
    >>> find_decimals("1 总则\n2 附则\n")
    frozenset()
    """
    lines = f"\n{text}"
    decimals = [read_numbers(line[1]) for line in _LINE.finditer(lines)]
    chapters = [read_numbers(line[1]) for line in _CHAPTER_LINE.finditer(lines)] if decimals else []
    return frozenset((*decimals, *chapters))


def is_confirmed(numbers: Numbers, decimals: Set[Numbers], *, is_first: bool = False) -> bool:
    """Whether a number that belongs to the same outline opens a line.

    That is the first under it or the next of its level; for the first of its level also the first under the
    number before its parent. A chapter (1) is confirmed only by a number under it; if it ``is_first`` in its
    outline, also by such a number of a chapter after it (1 范围, 2 术语, 2.1 文档).
    """
    *parents, last = numbers
    if (*numbers, 1) in decimals:
        return True
    if not parents:
        return is_first and last == 1 and _is_before_parts(last, decimals)
    cousin = (*parents[:-1], parents[-1] - 1, 1)
    return (*parents, last + 1) in decimals or (last == 1 and cousin in decimals)


def is_chapter_title(text: str, position: int) -> bool:
    """Whether the rest of the line is a title, as after the number of a chapter (1 总则)."""
    return _CHAPTER.match(text, position) is not None


def _is_before_parts(chapter: int, decimals: Set[Numbers]) -> bool:
    """Whether each chapter after this one opens a line, up to one with a number under it."""
    following = chapter + 1
    while (following,) in decimals and (following, 1) not in decimals:
        following += 1
    return (following,) in decimals
