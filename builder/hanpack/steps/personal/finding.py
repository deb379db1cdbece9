"""Finds the personal data of a text, and flags it or replaces it by its kind; the step is ``personal``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.alignment import Positions
from hanpack.steps.personal.kinds import ADDRESS_WORDS, KINDS, PersonalKind
from hanpack.steps.texts import CharacterTable, JoinedTexts, make_table
from hanpack.steps.traced import Replacement, Traced

# Full-width letters, digits and the signs of numbers, each with its half-width form.
_HALF_WIDTH = {
    code: code - 0xFEE0
    for code in (
        *range(0xFF10, 0xFF1A),
        *range(0xFF21, 0xFF3B),
        *range(0xFF41, 0xFF5B),
        0xFF20,
        0xFF0B,
        0xFF0D,
    )
}
# All personal data but addresses contain a run of these characters, which begins with one of the former, and
# in it what _LOOK matches; tested for every kind.
_RANGES = (("0", "9"), ("A", "Z"), ("a", "z"), ("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
_LETTERS_AND_DIGITS = "".join(f"{first}-{last}" for first, last in _RANGES)
_MARKS = "@＠._%+＋:() （）·•・—－-"
_LEAST_RUN = 5
_RUN = compile_lazily(rf"[{_LETTERS_AND_DIGITS}][{_LETTERS_AND_DIGITS}{_MARKS}]{{{_LEAST_RUN - 1},}}")
_LOOK = compile_lazily(
    r"(?:\d[^\d]{0,3}){6}\d|[@＠]|[0-9A-Za-z_-]{16}|[㐀-鿿][A-ZＡ-Ｚ][ ·•・]?[\dA-ZＡ-Ｚ]{4}|(?:\d{1,3}\.){3}"
    r"|:[0-9A-Fa-f]*:"
)
# So many characters before data can say what it is; so many around a run belong to the search.
_CONTEXT, _BEFORE, _AFTER = 100, 3, 8
_DIGIT, _LETTER = compile_lazily("[0-9]"), compile_lazily("[A-Za-z]")
_DATE = compile_lazily(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
_ADDRESSES = tuple(kind for kind in KINDS if kind.is_address)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """The characters ``[start, end)`` of a text are personal data of a kind."""

    start: int
    end: int
    kind: PersonalKind


def find_personal_data(text: str) -> list[PersonalData]:
    """Find the personal data of a text, in order; no two overlap.

    >>> text = "联系人张某，手机138-1234-5678，邮箱a@example.com"
    >>> [(text[data.start : data.end], data.kind.name) for data in find_personal_data(text)]
    [('138-1234-5678', 'mobile number'), ('a@example.com', 'e-mail')]
    """
    texts = JoinedTexts([text])
    in_runs = (data for run in _find_runs(texts) for data in _search_run(text, run))
    return _keep_first([*in_runs, *_find_addresses(texts)])


def find_personal(texts: JoinedTexts) -> set[int]:
    """The indexes of the texts that have personal data: no pattern looks over the end of a line.

    >>> find_personal(JoinedTexts(["手机138-1234-5678", "2024年的报告"]))
    {0}
    """
    indexes = texts.find_places([data.start for data in _find_addresses(texts)])
    limits = [*texts.firsts.tolist(), len(texts.text) + 1]
    next_text = 0
    for run in _find_runs(texts):
        # Of a text with much data only the first is looked at.
        if run.start() >= next_text and next(_search_run(texts.text, run), None):
            index = bisect_right(limits, run.start()) - 1
            indexes.add(index)
            next_text = limits[index + 1]
    return indexes


def _find_address_words(texts: JoinedTexts) -> Positions:
    """Where a word before an address may begin; shape (places,)."""
    first, second, single = _address_tables()
    places = texts.find_sequences(first)
    after = np.minimum(places + 1, len(texts.text) - 1)
    is_word = second.take(texts.take_codes(after)) | single.take(texts.take_codes(places))
    chosen: Positions = places[is_word]
    return chosen


@cache
def _address_tables() -> tuple[CharacterTable, CharacterTable, CharacterTable]:
    """The first and second characters of words before addresses, and those that are words themselves."""
    first = make_table("".join(word[0] for word in ADDRESS_WORDS))
    second = make_table("".join(word[1:2] for word in ADDRESS_WORDS))
    return first, second, make_table("".join(word for word in ADDRESS_WORDS if len(word) == 1))


def mark_personal_data(traced: Traced, action: Literal["flag", "replace"]) -> Traced:
    """Flag the personal data of a text, or replace it by the name of its kind; the step is ``personal``.

    The metadata ``personal`` says how much there is of each kind.

    >>> from hanpack.steps.alignment import Alignment
    >>> marked = mark_personal_data(Traced("电邮a@example.com", Alignment.identity(15)), "replace")
    >>> marked.text, marked.metadata["personal"]
    ('电邮<EMAIL>', {'e-mail': 1})
    """
    all_data = find_personal_data(traced.text)
    if not all_data:
        return traced
    replacements = [
        Replacement(data.start, data.end, flagged=True)
        if action == "flag"
        else Replacement(data.start, data.end, data.kind.placeholder)
        for data in all_data
    ]
    counts = Counter(data.kind.name for data in all_data)
    return traced.apply("personal", replacements).with_metadata({"personal": dict(sorted(counts.items()))})


def _find_runs(texts: JoinedTexts) -> Iterator[re.Match[str]]:
    """The runs that may have personal data other than an address."""
    text = texts.text
    for start, end in texts.find_runs(_run_table(), _LEAST_RUN):
        run = _RUN.search(text, start, end)
        if run is None or _DATE.fullmatch(run.group()):
            continue
        if _LOOK.search(text, max(0, run.start() - 1), run.end()):
            yield run


@cache
def _run_table() -> CharacterTable:
    return make_table(_MARKS, [(ord(first), ord(last) + 1) for first, last in _RANGES])


def _search_run(text: str, run: re.Match[str]) -> Iterator[PersonalData]:
    """All kinds but addresses, in the window around a run that may have some."""
    begin = max(0, run.start() - _CONTEXT)
    window = text[begin : run.end() + _AFTER]
    if not run.group().isascii():
        window = window.translate(_HALF_WIDTH)
    start = max(0, run.start() - _BEFORE - begin)
    searched = window[start:]
    # Beyond the run no digit belongs to data of this run: other runs have windows of their own.
    digits = len(_DIGIT.findall(window, run.start() - begin, run.end() - begin))
    has_letters = _LETTER.search(window, start) is not None
    has_marks = not run.group().isalnum()
    characters = set(window)
    for kind, pattern in _patterns_in_runs():
        if digits < kind.least_digits or kind.has_letters > has_letters or kind.has_marks > has_marks:
            continue
        if kind.sign not in searched or (kind.hint_letters and kind.hint_letters.isdisjoint(characters)):
            continue
        for low, high in _check(kind, window, pattern.finditer(window, start)):
            yield PersonalData(begin + low, begin + high, kind)


@cache
def _patterns_in_runs() -> tuple[tuple[PersonalKind, re.Pattern[str]], ...]:
    return tuple((kind, _compile(kind.pattern)) for kind in KINDS if not kind.is_address)


def _find_addresses(texts: JoinedTexts) -> Iterator[PersonalData]:
    text, places = texts.text, _find_address_words(texts).tolist()
    for kind in _ADDRESSES:
        for low, high in _check(kind, text, _match_at(_compile(kind.pattern), text, places)):
            yield PersonalData(low, high, kind)


def _match_at(pattern: re.Pattern[str], text: str, places: Sequence[int]) -> Iterator[re.Match[str]]:
    """The matches that begin at some places, in order; none begins inside another."""
    end = 0
    for place in places:
        match = pattern.match(text, place) if place >= end else None
        if match:
            end = match.end()
            yield match


def _check(kind: PersonalKind, text: str, matches: Iterable[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """The spans of the data in those of the matches of a kind that are data."""
    for match in matches:
        low, high = match.span(1)
        before = text[max(0, low - _CONTEXT) : low]
        if kind.hint and not _compile(kind.hint).search(before):
            continue
        if kind.counter_hint and _compile(kind.counter_hint).search(before):
            continue
        if kind.is_valid(match[1]):
            yield low, high


def _keep_first(candidates: Sequence[PersonalData]) -> list[PersonalData]:
    """Of data that overlap, keep the one whose kind is first in the table; the result is in order."""
    order = {id(kind): position for position, kind in enumerate(KINDS)}
    chosen: list[PersonalData] = []
    taken: set[int] = set()
    for data in sorted(candidates, key=lambda data: (order[id(data.kind)], data.start)):
        span = range(data.start, data.end)
        if taken.isdisjoint(span):
            taken.update(span)
            chosen.append(data)
    return sorted(chosen, key=lambda data: data.start)


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return compile_lazily(pattern)
