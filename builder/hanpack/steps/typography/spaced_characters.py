"""Blanks that text recognition put between characters (首 先 需 要); a part of the step ``spaces``.

Blanks also separate words, names and lists of characters. They are removed only in lines where nearly every
character has one before the next, and only if the characters without them are likely as running text. Short
lines are judged together, if most lines of a text are spaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.replacements import Replacement
from hanpack.steps.texts import CharacterTable, JoinedTexts, make_table
from hanpack.steps.traced import Traced

# The log-likelihoods (natural) of lines, all at once: a text may consist of such lines.
MeasureLikelihoods = Callable[[Sequence[str]], Sequence[float]]

_HAN = "\u3400-\u9fff"
_CHINESE = f"{_HAN}，。；：！？、“”‘’（）《》【】…"
# Three ideographs with a blank between each and the next. The blank after the first is searched fastest.
_SIGN = compile_lazily(rf"[ \u3000][{_HAN}][ \u3000]{{1,2}}[{_CHINESE}]")
_GAP = compile_lazily(rf"(?<=[{_CHINESE}0-9])[ \u3000]{{1,2}}(?=[{_CHINESE}0-9])")
_ADJACENT = compile_lazily(rf"[{_HAN}](?=[{_HAN}])|[0-9](?=[0-9])")
_IDEOGRAPH = compile_lazily(f"[{_HAN}]")
_NUMERAL = compile_lazily("[一二三四五六七八九十百千万零〇]")
# A mark with a blank before it, which nobody writes between the names of a list.
_SPACED_MARK = compile_lazily(rf"[{_HAN}”’）》】][ \u3000]{{1,2}}[，。；：！？”’）》】]")
_NOT_CHINESE = compile_lazily(f"[^{_CHINESE}0-9]+")
# The fewest gaps of a line, by itself and in a text that has other such lines.
_LEAST_GAPS, _LEAST_BESIDE = 6, 2
# The fewest gaps of all short lines of a text in which they are at least this share of the lines.
_LEAST_TOGETHER, _SHARE_OF_LINES = 3, 0.5
# How many times as many gaps as characters without one between them a line has.
_LEAST_RATIO = 3
# The least log-likelihood (natural) of a character of running text; that of a list of characters is lower.
_LEAST_LIKELIHOOD = -7.0
# The same for short lines, which may be names: 会议记录 has -5.1, 李白杜甫 -6.9, 欧阳修 and 司马光 -5.7.
_LEAST_LIKELIHOOD_OF_SHORT = -5.5
# The same if a mark has a blank before it: 他来了。 has -6.0, 患者主诉头痛三天，伴恶心。 -7.4.
_LEAST_LIKELIHOOD_BESIDE_MARK = -9.0
# How many characters of a line, and how many short lines, are judged.
_JUDGED = 100
# From this many characters on, a line is long.
_LONG_LINE = 1 << 20


def find_spaced(texts: JoinedTexts) -> set[int]:
    """The indexes of the texts in which :func:`join_characters` may change something."""
    return texts.find_matches(_SIGN, texts.find_sequences(*_sign_tables()))


@cache
def _sign_tables() -> tuple[CharacterTable, ...]:
    """The first three characters of what ``_SIGN`` matches."""
    blanks, ideographs = make_table(" \u3000"), make_table("", [(0x3400, 0xA000)])
    return blanks, ideographs, blanks


def join_characters(traced: Traced, measure: MeasureLikelihoods) -> Traced:
    """Remove the blanks between characters that were recognised one by one.

    ``measure`` gives the log-likelihoods of lines as running Chinese; only texts with such lines need it.

    >>> from hanpack.steps.alignment import Alignment
    >>> text = "首 先 需 要 进 行 清 洗"
    >>> measure = lambda lines: [-5.0 * len(line) for line in lines]
    >>> join_characters(Traced(text, Alignment.identity(len(text))), measure).text
    '首先需要进行清洗'
    """
    (joined,) = join_all_characters([traced], measure)
    return joined


def join_all_characters(texts: Sequence[Traced], measure: MeasureLikelihoods) -> list[Traced]:
    """Remove the blanks between the characters of each of several texts, as :func:`join_characters` does."""
    spaced = find_spaced(JoinedTexts([traced.text for traced in texts]))
    return [
        _join_characters(traced, measure) if index in spaced else traced for index, traced in enumerate(texts)
    ]


def _join_characters(traced: Traced, measure: MeasureLikelihoods) -> Traced:
    text = traced.text
    lines = list(_find_lines(text))
    is_most = len(lines) >= _SHARE_OF_LINES * sum(1 for line in text.split("\n") if line.strip())
    long = [line for line in lines if line.gaps >= _LEAST_GAPS]
    least = _LEAST_BESIDE if not is_most else 0
    short = [line for line in lines if least <= line.gaps < _LEAST_GAPS]
    changes = [change for line in _select_running_text(long, measure) for change in line.find_gaps()]
    if changes or (is_most and _are_running_text(short, measure)):
        changes += (change for line in short for change in line.find_gaps())
    return traced.apply("spaces", sorted(changes, key=lambda change: change.start))


class SpacedLine(NamedTuple):
    """A line that nearly consists of single characters: where it starts, and how many gaps it has."""

    start: int
    text: str
    gaps: int

    @property
    def judged(self) -> str:
        """The beginning of the line without its gaps and without foreign words."""
        return _NOT_CHINESE.sub("", self.text[: _JUDGED * 4])[:_JUDGED]

    @property
    def has_spaced_mark(self) -> bool:
        """Whether a mark of Chinese text has a blank before it."""
        return _SPACED_MARK.search(self.text) is not None

    def find_gaps(self) -> Iterator[Replacement]:
        """The removals of its gaps."""
        return (
            Replacement(self.start + gap.start(), self.start + gap.end()) for gap in _GAP.finditer(self.text)
        )


def _are_running_text(lines: Sequence[SpacedLine], measure: MeasureLikelihoods) -> bool:
    """Whether short lines are likely as running text, all together."""
    if sum(line.gaps for line in lines) < _LEAST_TOGETHER:
        return False
    joined = [line.judged for line in lines[:_JUDGED]]
    length = sum(map(len, joined))
    if _has_many_numerals("".join(joined)):
        return False
    has_mark = any(line.has_spaced_mark for line in lines)
    least = _LEAST_LIKELIHOOD_BESIDE_MARK if has_mark else _LEAST_LIKELIHOOD_OF_SHORT
    return sum(measure(joined)) >= least * length


def _find_lines(text: str) -> Iterator[SpacedLine]:
    """The lines that nearly consist of single characters."""
    start = 0
    for line in text.split("\n"):
        count = _count(_GAP, line) if _may_be_spaced(line) else 0
        if count and count >= _LEAST_RATIO * _count(_ADJACENT, line):
            yield SpacedLine(start, line, count)
        start += len(line) + 1


def _may_be_spaced(line: str) -> bool:
    """Whether a line has a blank for every so many characters without one between them, at least."""
    blanks = line.count(" ") + line.count("\u3000")
    if not blanks:
        return False
    # One pair more than that many blanks allow is enough to say no: most lines have it at their beginning.
    too_many = islice(_ADJACENT.finditer(line), blanks // _LEAST_RATIO, None)
    return next(too_many, None) is None


def _count(pattern: re.Pattern[str], line: str) -> int:
    """How often a pattern occurs in a line, without a string for each place of a long one."""
    if len(line) < _LONG_LINE:
        return len(pattern.findall(line))
    return sum(1 for _ in pattern.finditer(line))


def _select_running_text(lines: Sequence[SpacedLine], measure: MeasureLikelihoods) -> Iterator[SpacedLine]:
    """The long lines that are likely as running text, each by itself."""
    judged = [line.judged for line in lines]
    if not judged:
        return
    for line, text, likelihood in zip(lines, judged, measure(judged), strict=True):
        least = _LEAST_LIKELIHOOD_BESIDE_MARK if line.has_spaced_mark else _LEAST_LIKELIHOOD
        if likelihood >= least * len(text) and not _has_many_numerals(text):
            yield line


def _has_many_numerals(text: str) -> bool:
    return 2 * len(_NUMERAL.findall(text)) > len(_IDEOGRAPH.findall(text))
