"""Full-width and half-width letters, digits and punctuation; the step ``width``."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter

import numpy as np

from hanpack.lazy_patterns import compile_lazily, compile_lazily_by_regex
from hanpack.steps.lookups import look_up
from hanpack.steps.replacements import Replacement
from hanpack.steps.texts import CharacterTable, make_table
from hanpack.steps.traced import Traced, code_points

_MAY_CHANGE = compile_lazily('[,:;!?("０-９Ａ-Ｚａ-ｚ]|[0-9][．％]')
_ADDRESS_OR_CODE = compile_lazily_by_regex(
    r"(?:https?|ftp)://[^\s\p{Han}，。；）】》]+|www\.[^\s\p{Han}，。；）】》]+"
    # Of a run of these characters only the beginning is tried; \G is where the match before ended.
    r"|(?:\G|(?<![A-Za-z0-9_.+-]))[A-Za-z0-9_.+-]++@[A-Za-z0-9.-]+|`[^`\n]*`"
)
_WIDE = compile_lazily("[０-９Ａ-Ｚａ-ｚ]+|(?<=[0-9０-９])(?:．(?=[0-9０-９])|％)")
_HAN = compile_lazily("[㐀-鿿]")
_FIRST_HAN, _LAST_HAN = 0x3400, 0x9FFF
_CHINESE = "㐀-鿿“”‘’《》「」『』（）【】"
_WIDE_PUNCTUATION = {",": "，", ":": "：", ";": "；", "!": "！", "?": "？"}
# Punctuation after a Chinese character, or before one and after a Latin letter or a digit.
_NARROW_PUNCTUATION = compile_lazily(
    rf"[,:;!?](?:(?<=[{_CHINESE}].)(?![/,:;!?)\\])(?: (?=[{_CHINESE}]))?"
    rf"|(?<=[%％A-Za-z0-9).].)(?: (?=[㐀-鿿])|(?=[{_CHINESE}])))"
)
# A mark that has a blank before it, and perhaps one after it. The blank is searched fastest.
_MARKS = ",:;!?，。、：；！？"
_SPACED_MARK = compile_lazily(
    rf" (?:(?<=[{_CHINESE}] )[{_MARKS}](?: ?(?=[{_CHINESE}])|(?=\n|\Z))"
    r"|(?<=[%％A-Za-z0-9).] )[,:;!?] ?(?=[㐀-鿿]))"
)
_PARENTHESES = compile_lazily(r"\([^()\n]{1,200}\)")
# Pairs of quotes without Han inside are passed over, unless Han characters are on both sides.
_STRAIGHT_QUOTES = compile_lazily_by_regex(
    r'(?:(?<![㐀-鿿])"[^"\n㐀-鿿]*+"|"[^"\n㐀-鿿]*+"(?![㐀-鿿]))(*SKIP)(*FAIL)|"[^"\n]*+"'
)
_RUN_OF_ONES = compile_lazily(rb"\x01+")
_WIDE_PARENTHESES = str.maketrans("()", "（）")
# The length of a pair of parentheses, and in how many rounds the changes of one can make others possible.
_LONGEST_PAIR = 202
_ROUNDS_OF_ONE_PAIR = 2
_MOST_ROUNDS = 6


def set_widths(traced: Traced) -> Traced:
    """Set letters, digits and punctuation to the width that Chinese typesetting uses.

    Full-width letters and digits become half-width; , : ; ! ? ( ) and straight quotes beside Han characters
    become full-width. Numbers, times, Latin text, addresses and code keep theirs.

    >>> from hanpack.steps.alignment import Alignment
    >>> text = "ＧＤＰ增长5%(其中:农业3,000万元)"
    >>> set_widths(Traced(text, Alignment.identity(len(text)))).text
    'GDP增长5%（其中：农业3,000万元）'
    """
    if any(f" {mark}" in traced.text for mark in _MARKS):
        traced = traced.apply("width", _find_allowed(traced.text, _join_marks))
    if _MAY_CHANGE.search(traced.text) is None:
        return traced
    # Nested parentheses are widened from the inside out, one pair in each round, then all that are left.
    for round_number in range(_MOST_ROUNDS):
        before = traced.text
        widen_pairs = _widen_pairs if round_number < _ROUNDS_OF_ONE_PAIR else _widen_nested_pairs
        for find_changes in (_narrow_letters, widen_pairs, _widen_punctuation):
            traced = traced.apply("width", _find_allowed(traced.text, find_changes))
        if traced.text == before:
            return traced
    unchanged = _find_allowed(traced.text, _widen_pairs)
    return traced.apply("width", [change._replace(flagged=True) for change in unchanged])


def _find_allowed(text: str, find_changes: Callable[[str], Iterable[Replacement]]) -> list[Replacement]:
    """The changes in order, without those in addresses and code."""
    changes = sorted(find_changes(text), key=itemgetter(0))
    if not changes:
        return []
    return _drop_overlapping(changes, [match.span() for match in _ADDRESS_OR_CODE.finditer(text)])


def _join_marks(text: str) -> Iterator[Replacement]:
    """Remove the blanks around a mark between Han characters; the mark becomes full-width."""
    for match in _SPACED_MARK.finditer(text):
        mark = match.group().strip()
        yield Replacement(*match.span(), _WIDE_PUNCTUATION.get(mark, mark))


def _narrow_letters(text: str) -> Iterator[Replacement]:
    for match in _WIDE.finditer(text):
        yield Replacement(*match.span(), unicodedata.normalize("NFKC", match.group()))


def _widen_punctuation(text: str) -> Iterator[Replacement]:
    for match in _NARROW_PUNCTUATION.finditer(text):
        yield Replacement(*match.span(), _WIDE_PUNCTUATION[match.group()[0]])


def _widen_pairs(text: str) -> Iterator[Replacement]:
    """Widen parentheses with Han characters inside or before, and quotes with Han inside or on both sides."""
    yield from _widen_quotes(text)
    for match in _PARENTHESES.finditer(text):
        if _is_beside_han(text, *match.span()):
            yield from _replace_pair(*match.span(), "（）")


def _widen_quotes(text: str) -> Iterator[Replacement]:
    for match in _STRAIGHT_QUOTES.finditer(text):
        yield from _replace_pair(match.start(), match.end(), "“”")


def _replace_pair(start: int, end: int, pair: str) -> Iterator[Replacement]:
    yield Replacement(start, start + 1, pair[0])
    yield Replacement(end - 1, end, pair[1])


def _widen_nested_pairs(text: str) -> Iterator[Replacement]:
    """Widen the same pairs, and the parentheses around them that would be next; runs of them in one edit."""
    yield from _widen_quotes(text)
    codes = code_points(text)
    places = np.flatnonzero(look_up(_parenthesis_table(), codes))
    # How many Han characters there are before each place, and before the character before it.
    counts = np.concatenate(([0], np.cumsum((codes >= _FIRST_HAN) & (codes <= _LAST_HAN))))
    before, before_last = counts[places], counts[np.maximum(places - 1, 0)]
    opening: list[tuple[int, int]] = []
    widened = bytearray(len(text))
    is_opening = codes[places] == ord("(")
    for place, opens, count, count_outside in zip(
        places.tolist(), is_opening.tolist(), before.tolist(), before_last.tolist(), strict=True
    ):
        if opens:
            opening.append((place, count_outside))
            continue
        start, outside = opening.pop() if opening else (place, count)
        if 1 < place - start < _LONGEST_PAIR and count > outside:
            widened[start] = widened[place] = 1
        else:
            # This pair stays, and with it all around it; no pair contains a line end.
            opening.clear()
    for run in _RUN_OF_ONES.finditer(widened):
        yield Replacement(*run.span(), text[slice(*run.span())].translate(_WIDE_PARENTHESES))


@lru_cache(maxsize=1)
def _parenthesis_table() -> CharacterTable:
    return make_table("()\n")


def _is_beside_han(text: str, start: int, end: int) -> bool:
    """Whether a pair has Han characters inside, or one before it."""
    return bool(_HAN.search(text, start, end) or (start and _HAN.match(text, start - 1)))


def _drop_overlapping(changes: Sequence[Replacement], kept: Sequence[tuple[int, int]]) -> list[Replacement]:
    """The changes that do not overlap the kept spans; both are in order."""
    if not kept:
        return list(changes)
    remaining: list[Replacement] = []
    spans = iter(kept)
    span = next(spans, None)
    for change in changes:
        while span is not None and span[1] <= change.start:
            span = next(spans, None)
        if span is None or change.end <= span[0]:
            remaining.append(change)
    return remaining
