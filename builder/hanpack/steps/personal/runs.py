"""Finds the runs of letters, digits and marks in which personal data other than addresses may be.

What a run consists of tells that most have none: this is counted for all runs of a batch at once. A pattern
looks at the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.texts import (
    CharacterTable,
    ClassTable,
    JoinedTexts,
    make_class_table,
    make_table,
    split_counts,
)

# All personal data but addresses contain a run of these characters, which begins with a letter or a digit,
# and in it what _LOOK matches; tested for every kind.
_DIGIT_RANGES = (("0", "9"), ("０", "９"))
_CAPITAL_RANGES = (("A", "Z"), ("Ａ", "Ｚ"))
_SMALL_RANGES = (("a", "z"), ("ａ", "ｚ"))
_RANGES = (*_DIGIT_RANGES, *_CAPITAL_RANGES, *_SMALL_RANGES)
_LETTERS_AND_DIGITS = "".join(f"{first}-{last}" for first, last in _RANGES)
_MARKS = "@＠.．_%+＋:() （）·•・—－-"
_LEAST_RUN = 5
_RUN = compile_lazily(rf"[{_LETTERS_AND_DIGITS}][{_LETTERS_AND_DIGITS}{_MARKS}]{{{_LEAST_RUN - 1},}}")
# The characters of a run are below this.
_BASIC_PLANE = 0x10000
# Seven digits, the sign of an e-mail address, a long word, the serial of a plate, three octets, two colons.
_LOOK = compile_lazily(
    r"(?:\d[^\d]{0,3}){6}\d|[@＠]|[0-9A-Za-z_-]{16}|[㐀-鿿][A-ZＡ-Ｚ][ ·•・-]?[\dA-ZＡ-Ｚ]{4}"
    r"|(?:\d{1,3}[.．]){3}|:[0-9A-Fa-f]*:"
)
# What a run consists of at least in which one of these is, in their order.
_DIGITS, _AT, _WORD, _SERIAL, _POINTS = 7, 1, 16, 5, 2
_DATE = compile_lazily(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")


def find_runs(texts: JoinedTexts) -> Iterator[re.Match[str]]:
    """The runs that may have personal data other than an address, in order.

    >>> [run.group() for run in find_runs(JoinedTexts(["2024-06-15，电话13812345678，GB/T 15834"]))]
    ['13812345678']
    """
    text = texts.text
    starts, ends = texts.find_runs(_run_table(), _LEAST_RUN)
    chosen = _may_match(texts, starts, ends)
    for start, end in zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True):
        run = _RUN.search(text, start, end)
        if run is None or _DATE.fullmatch(run.group()):
            continue
        if _LOOK.search(text, max(0, run.start() - 1), run.end()):
            yield run


def _may_match(texts: JoinedTexts, starts: Positions, ends: Positions) -> Flags:
    """Whether :data:`_LOOK` can match in each run, by how many characters of each class it has."""
    sizes = ends - starts
    if not len(sizes):
        return np.zeros(0, np.bool_)
    firsts = np.cumsum(sizes) - sizes
    places = np.arange(sizes.sum()) + np.repeat(starts - firsts, sizes)
    # Of a run that is longer than the bits of a class can count, the length alone decides.
    counts = split_counts(np.add.reduceat(_classes().ones.take(texts.take_codes(places)), firsts), _classes())
    digits, capitals, signs, points = counts
    is_serial = (capitals > 0) & (digits + capitals >= _SERIAL)
    flags: Flags = (digits >= _DIGITS) | (signs >= _AT) | (sizes >= _WORD) | is_serial | (points >= _POINTS)
    return flags


@cache
def _run_table() -> CharacterTable:
    return make_table(_MARKS, map(_to_codes, _RANGES))


@cache
def _classes() -> ClassTable:
    """Digits, capitals, the sign of e-mail addresses, and the points of IP addresses."""
    tables = (
        make_table("", map(_to_codes, _DIGIT_RANGES)),
        make_table("", map(_to_codes, _CAPITAL_RANGES)),
        make_table("@＠"),
        make_table(".．:"),
    )
    return make_class_table([table[:_BASIC_PLANE] for table in tables])


def _to_codes(characters: tuple[str, str]) -> tuple[int, int]:
    first, last = map(ord, characters)
    return first, last + 1
