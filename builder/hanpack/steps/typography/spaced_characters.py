"""Blanks that text recognition put between characters (首 先 需 要); a part of the step ``spaces``.

Blanks also separate words, names and lists of characters. They are removed only in lines where nearly every
character has one before the next, and only if the characters without them are likely as running text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.texts import CharacterTable, JoinedTexts, find_sequences, make_table
from hanpack.steps.traced import Replacement, Traced

_HAN = "\u3400-\u9fff"
_CHINESE = f"{_HAN}，。；：！？、“”‘’（）《》【】…"
# Five ideographs with a blank between each and the next. The blank at its beginning is searched fastest.
_SIGN = compile_lazily(rf"[ \u3000](?:[{_HAN}][ \u3000]{{1,2}}){{3}}[{_HAN}]")
_GAP = compile_lazily(rf"(?<=[{_CHINESE}])[ \u3000]{{1,2}}(?=[{_CHINESE}])")
_ADJACENT = compile_lazily(rf"[{_HAN}](?=[{_HAN}])")
_IDEOGRAPH = compile_lazily(f"[{_HAN}]")
_NUMERAL = compile_lazily("[一二三四五六七八九十百千万零〇]")
# The fewest gaps of a line, by itself and in a text that has other such lines.
_LEAST_GAPS, _LEAST_BESIDE = 6, 2
# How many times as many gaps as characters without one between them a line has.
_LEAST_RATIO = 3
# The least log-likelihood (natural) of a character of running text; that of a list of characters is lower.
_LEAST_LIKELIHOOD = -7.0
# How many characters of a line are judged.
_JUDGED = 100
# From this many characters on, a line is long.
_LONG_LINE = 1 << 20


def find_spaced(texts: JoinedTexts) -> set[int]:
    """The indexes of the texts in which :func:`join_characters` may change something."""
    return texts.find_matches(_SIGN, find_sequences(texts.codes, *_sign_tables()))


@cache
def _sign_tables() -> tuple[CharacterTable, ...]:
    """The first three characters of what ``_SIGN`` matches."""
    blanks, ideographs = make_table(" \u3000"), make_table("", [(0x3400, 0xA000)])
    return blanks, ideographs, blanks


def join_characters(traced: Traced, log_likelihood: Callable[[str], float]) -> Traced:
    """Remove the blanks between characters that were recognised one by one.

    ``log_likelihood`` is that of a text as running Chinese; only texts with such lines need it.

    >>> from hanpack.steps.alignment import Alignment
    >>> text = "首 先 需 要 进 行 清 洗"
    >>> join_characters(Traced(text, Alignment.identity(len(text))), lambda line: -5.0 * len(line)).text
    '首先需要进行清洗'
    """
    text = traced.text
    if not find_spaced(JoinedTexts([text])):
        return traced
    changes: list[Replacement] = []
    short: list[Replacement] = []
    for start, line, count in _find_lines(text):
        if count < _LEAST_GAPS:
            short += _find_gaps(line, start)
        elif _is_running_text(_GAP.sub("", line), log_likelihood):
            changes += _find_gaps(line, start)
    if changes:
        changes = sorted([*changes, *short], key=lambda change: change.start)
    return traced.apply("spaces", changes)


def _find_lines(text: str) -> Iterator[tuple[int, str, int]]:
    """The lines that nearly consist of single characters: where each starts, and how many gaps it has."""
    start = 0
    for line in text.split("\n"):
        count = _count(_GAP, line) if " " in line or "\u3000" in line else 0
        if count >= _LEAST_BESIDE and count >= _LEAST_RATIO * _count(_ADJACENT, line):
            yield start, line, count
        start += len(line) + 1


def _count(pattern: re.Pattern[str], line: str) -> int:
    """How often a pattern occurs in a line, without a string for each place of a long one."""
    if len(line) < _LONG_LINE:
        return len(pattern.findall(line))
    return sum(1 for _ in pattern.finditer(line))


def _find_gaps(line: str, start: int) -> Iterator[Replacement]:
    """The removals of the gaps of a line that starts there."""
    return (Replacement(start + gap.start(), start + gap.end()) for gap in _GAP.finditer(line))


def _is_running_text(line: str, log_likelihood: Callable[[str], float]) -> bool:
    judged = line[:_JUDGED].strip()
    ideographs = len(_IDEOGRAPH.findall(judged))
    if 2 * len(_NUMERAL.findall(judged)) > ideographs:
        return False
    return log_likelihood(judged) >= _LEAST_LIKELIHOOD * len(judged)
