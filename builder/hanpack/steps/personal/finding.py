"""Finds the personal data of a text, and flags it or replaces it by its kind; the step is ``personal``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from typing import Literal

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.personal.kinds import ADDRESS_WORDS, KINDS, PersonalKind
from hanpack.steps.personal.runs import find_runs
from hanpack.steps.replacements import Replacement
from hanpack.steps.texts import CharacterTable, JoinedTexts, Texts, make_table
from hanpack.steps.traced import Traced

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
        0xFF0E,
    )
}
# So many characters before data can say what it is, fewer by a word with hint letters; so many around a run
# belong to the search.
_CONTEXT, _HINT, _BEFORE, _AFTER = 100, 40, 3, 8
_DIGIT, _LETTER = compile_lazily("[0-9]"), compile_lazily("[A-Za-z]")
_ADDRESSES = tuple(kind for kind in KINDS if kind.is_address)
# Rare characters of which each word before an address has one.
_RARE = "住籍址"
_SIGNS = tuple({kind.sign: None for kind in KINDS if kind.sign})
# Fewer digits are data only after a word with hint letters: all other kinds have letters, marks or signs.
_LEAST_WITHOUT_WORD = min(
    kind.least_digits
    for kind in KINDS
    if not (kind.is_address or kind.hint_letters or kind.has_letters or kind.has_marks or kind.sign)
)
_MOST_CHARACTERS = max(kind.least_characters for kind in KINDS)
_MOST_DIGITS = max(kind.least_digits for kind in KINDS)


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
    return find_all_personal_data(JoinedTexts([text])).get(0, [])


def find_all_personal_data(texts: JoinedTexts) -> dict[int, list[PersonalData]]:
    """The personal data of each text that has some, by its index: no pattern looks over the end of a line.

    >>> found = find_all_personal_data(JoinedTexts(["2024年的报告", "手机138-1234-5678"]))
    >>> {index: [(data.start, data.end) for data in of_text] for index, of_text in found.items()}
    {1: [(2, 15)]}
    """
    firsts = texts.firsts.tolist()
    candidates: dict[int, list[PersonalData]] = {}
    for data in _find_candidates(texts):
        index = bisect_right(firsts, data.start) - 1
        first = firsts[index]
        of_text = PersonalData(data.start - first, data.end - first, data.kind)
        candidates.setdefault(index, []).append(of_text)
    return {index: _keep_first(of_text) for index, of_text in candidates.items()}


def _find_address_words(texts: JoinedTexts) -> list[int]:
    """Where a word before an address may begin, in order."""
    starts = [
        texts.find_rare(rare)[:, np.newaxis] - offsets for rare, offsets in _find_rare_characters().items()
    ]
    places = np.unique(np.concatenate(starts, axis=None).clip(0))
    words: list[int] = places.compress(_first_characters().take(texts.take_codes(places))).tolist()
    return words


@cache
def _first_characters() -> CharacterTable:
    return make_table("".join(word[0] for word in ADDRESS_WORDS))


@cache
def _find_rare_characters() -> dict[str, list[int]]:
    """The rare characters in words before addresses, each with the places that it has in them."""
    offsets: dict[str, set[int]] = {}
    for word in ADDRESS_WORDS:
        rare = next(character for character in _RARE if character in word)
        offsets.setdefault(rare, set()).add(word.index(rare))
    return {rare: sorted(of_words) for rare, of_words in offsets.items()}


def mark_personal_data(traced: Traced, action: Literal["flag", "replace"]) -> Traced:
    """Flag the personal data of a text, or replace it by the name of its kind; the step is ``personal``.

    The metadata ``personal`` says how much there is of each kind.

    >>> from hanpack.steps.alignment import Alignment
    >>> marked = mark_personal_data(Traced("电邮a@example.com", Alignment.identity(15)), "replace")
    >>> marked.text, marked.metadata["personal"]
    ('电邮<EMAIL>', {'e-mail': 1})
    """
    return mark_all_personal_data(Texts([traced]), action).traced[0]


def mark_all_personal_data(texts: Texts, action: Literal["flag", "replace"]) -> Texts:
    """Flag or replace the personal data of the texts of a batch, all of which are searched at once."""
    found = find_all_personal_data(texts.joined)
    return texts.change(
        found,
        lambda concerned: [
            _mark(traced, of_text, action) for traced, of_text in zip(concerned, found.values(), strict=True)
        ],
    )


def _mark(traced: Traced, all_data: Sequence[PersonalData], action: Literal["flag", "replace"]) -> Traced:
    replacements = [
        Replacement(data.start, data.end, flagged=True)
        if action == "flag"
        else Replacement(data.start, data.end, data.kind.placeholder)
        for data in all_data
    ]
    counts = Counter(data.kind.name for data in all_data)
    return traced.apply("personal", replacements).with_metadata({"personal": dict(sorted(counts.items()))})


def _find_candidates(texts: JoinedTexts) -> Iterator[PersonalData]:
    """All personal data of joined texts; of data that overlap, one is chosen later."""
    for run in find_runs(texts):
        yield from _search_run(texts.text, run)
    yield from _find_addresses(texts)


def _search_run(text: str, run: re.Match[str]) -> Iterator[PersonalData]:
    """All kinds but addresses, in the window around a run that may have some."""
    characters = run.group()
    run_start, run_end = run.span()
    # Most runs are a few digits, which are data only after a word.
    is_short = len(characters) < _LEAST_WITHOUT_WORD and characters.isascii() and characters.isdigit()
    if is_short and not _find_hint_letters().search(
        text, max(0, run_start - _BEFORE - _HINT), run_end + _AFTER
    ):
        return
    begin = max(0, run_start - _CONTEXT)
    window = text[begin : run_end + _AFTER]
    if not characters.isascii():
        window = window.translate(_HALF_WIDTH)
    start = max(0, run_start - _BEFORE - begin)
    searched = window[start:]
    first, last = run_start - begin, run_end - begin
    # No digit or letter beyond the run belongs to its data: other runs have windows of their own.
    kinds = _choose_kinds(
        min(len(characters), _MOST_CHARACTERS),
        min(len(_DIGIT.findall(window, first, last)), _MOST_DIGITS),
        _LETTER.search(window, first, last) is not None,
        not characters.isalnum(),
        tuple(map(searched.__contains__, _SIGNS)),
    )
    nearby = set(window[max(0, start - _HINT) :])
    for kind, pattern in kinds:
        if kind.hint_letters and kind.hint_letters.isdisjoint(nearby):
            continue
        for match in pattern.finditer(window, start):
            low, high = match.span(1)
            # What begins after the run is of another run, and may be cut off by the end of this window.
            if low < last and _is_data(kind, window, match):
                yield PersonalData(begin + low, begin + high, kind)


@cache
def _find_hint_letters() -> re.Pattern[str]:
    """What matches a letter of the words before data."""
    letters = frozenset[str]().union(*(kind.hint_letters for kind in KINDS))
    return compile_lazily(f"[{re.escape(''.join(sorted(letters)))}]")


@cache
def _choose_kinds(
    characters: int, digits: int, has_letters: bool, has_marks: bool, has_signs: Sequence[bool]
) -> tuple[tuple[PersonalKind, re.Pattern[str]], ...]:
    """The kinds of which a run may be: it has so many characters and digits, and which of all signs."""
    signs = {"", *compress(_SIGNS, has_signs)}
    return tuple(
        (kind, _compile(kind.pattern))
        for kind in KINDS
        if not kind.is_address
        and kind.sign in signs
        and kind.least_characters <= characters
        and kind.least_digits <= digits
        and kind.has_letters <= has_letters
        and kind.has_marks <= has_marks
    )


def _find_addresses(texts: JoinedTexts) -> Iterator[PersonalData]:
    text, places = texts.text, _find_address_words(texts)
    for kind in _ADDRESSES:
        for match in _match_at(_compile(kind.pattern), text, places):
            if _is_data(kind, text, match):
                yield PersonalData(*match.span(1), kind)


def _match_at(pattern: re.Pattern[str], text: str, places: Sequence[int]) -> Iterator[re.Match[str]]:
    """The matches that begin at some places, in order; none begins inside another."""
    end = 0
    for place in places:
        match = pattern.match(text, place) if place >= end else None
        if match:
            end = match.end()
            yield match


def _is_data(kind: PersonalKind, text: str, match: re.Match[str]) -> bool:
    """Whether a match of the pattern of a kind is data of it: by what stands before it, and by its check."""
    low = match.start(1)
    before = text[max(0, low - _CONTEXT) : low]
    if kind.hint and not _compile(kind.hint).search(before):
        return False
    if kind.counter_hint and _compile(kind.counter_hint).search(before):
        return False
    return kind.is_valid(match[1])


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
