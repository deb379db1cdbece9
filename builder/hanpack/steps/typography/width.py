"""Full-width and half-width letters, digits and punctuation; the step ``width``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import regex

from hanpack.steps.traced import Replacement, Traced

_MAY_CHANGE = re.compile('[,:;!?("０-９Ａ-Ｚａ-ｚ]|[0-9][．％]')
_ADDRESS_OR_CODE = regex.compile(
    r"(?:https?|ftp)://[^\s\p{Han}，。；）】》]+|www\.[^\s\p{Han}，。；）】》]+"
    # Of a run of these characters only the beginning is tried; \G is where the match before ended.
    r"|(?:\G|(?<![A-Za-z0-9_.+-]))[A-Za-z0-9_.+-]++@[A-Za-z0-9.-]+|`[^`\n]*`"
)
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]+|(?<=[0-9０-９])(?:．(?=[0-9０-９])|％)")
_HAN = re.compile("[㐀-鿿]")
_CHINESE = "㐀-鿿“”‘’《》「」『』（）【】"
_WIDE_PUNCTUATION = {",": "，", ":": "：", ";": "；", "!": "！", "?": "？"}
# Punctuation after a Chinese character, or before one and after a Latin letter or a digit.
_NARROW_PUNCTUATION = re.compile(
    rf"[,:;!?](?:(?<=[{_CHINESE}].)(?![/,:;!?)\\])(?: (?=[{_CHINESE}]))?"
    rf"|(?<=[%％A-Za-z0-9).].)(?: (?=[㐀-鿿])|(?=[{_CHINESE}])))"
)
_PARENTHESES = re.compile(r"\([^()\n]{1,200}\)")
_STRAIGHT_QUOTES = re.compile(r'"[^"\n]*"')


def set_widths(traced: Traced) -> Traced:
    """Set letters, digits and punctuation to the width that Chinese typesetting uses.

    Full-width letters and digits become half-width; , : ; ! ? ( ) and straight quotes beside Han characters
    become full-width. Numbers, times, Latin text, addresses and code keep theirs.

    >>> from hanpack.steps.alignment import Alignment
    >>> text = "ＧＤＰ增长5%(其中:农业3,000万元)"
    >>> set_widths(Traced(text, Alignment.identity(len(text)))).text
    'GDP增长5%（其中：农业3,000万元）'
    """
    if _MAY_CHANGE.search(traced.text) is None:
        return traced
    before = ""
    # Nested parentheses are widened from the inside out, one pair in each round.
    while traced.text != before:
        before = traced.text
        for find_changes in (_narrow_letters, _widen_pairs, _widen_punctuation):
            text = traced.text
            changes = sorted(find_changes(text), key=lambda change: change.start)
            kept = [match.span() for match in _ADDRESS_OR_CODE.finditer(text)]
            traced = traced.apply("width", _drop_overlapping(changes, kept))
    return traced


def _narrow_letters(text: str) -> Iterator[Replacement]:
    for match in _WIDE.finditer(text):
        yield Replacement(*match.span(), unicodedata.normalize("NFKC", match.group()))


def _widen_punctuation(text: str) -> Iterator[Replacement]:
    for match in _NARROW_PUNCTUATION.finditer(text):
        yield Replacement(*match.span(), _WIDE_PUNCTUATION[match.group()[0]])


def _widen_pairs(text: str) -> Iterator[Replacement]:
    """Widen parentheses with Han characters inside or on one side, and quotes with Han inside or on both."""
    for pattern, pair in ((_PARENTHESES, "（）"), (_STRAIGHT_QUOTES, "“”")):
        for match in pattern.finditer(text):
            start, end = match.span()
            has_han = _HAN.search(match.group()) is not None
            follows_han = bool(start) and _HAN.match(text, start - 1) is not None
            precedes_han = _HAN.match(text, end) is not None
            if has_han or (follows_han and (pattern is _PARENTHESES or precedes_han)):
                yield Replacement(start, start + 1, pair[0])
                yield Replacement(end - 1, end, pair[1])


def _drop_overlapping(changes: Sequence[Replacement], kept: Sequence[tuple[int, int]]) -> list[Replacement]:
    """The changes that do not overlap the kept spans; both are in order."""
    remaining: list[Replacement] = []
    spans = iter(kept)
    span = next(spans, None)
    for change in changes:
        while span is not None and span[1] <= change.start:
            span = next(spans, None)
        if span is None or change.end <= span[0]:
            remaining.append(change)
    return remaining
