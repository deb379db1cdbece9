"""Measures figures of quality of texts, many at once, and compares them with bounds."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from hanpack.steps.quality.lines import measure_lines
from hanpack.steps.texts import ClassTable, JoinedTexts
from hanpack.steps.traced import to_text

# The classes of characters that are counted, after those that are not.
_OTHER, _HAN, _DIGIT, _PUNCTUATION, _WHITE_SPACE = range(5)
# The blocks of Han characters, with 々 and 〇; what lies beyond the basic plane is in planes 2 and 3.
_HAN_RANGES = ((0x3005, 0x3005), (0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_IDEOGRAPHS = range(0x4E00, 0xA000)
# Hangul, which are letters, surrogates and private use.
_NOT_COUNTED = range(0xAC00, 0xF900)
_BASIC_PLANE = 0x10000
_FIRST_SUPPLEMENTARY, _LAST_SUPPLEMENTARY = 0x20000, 0x3FFFF


class QualityFigures(NamedTuple):
    """The figures of a text. Shares are of its characters without white space, 0 to 1.

    Attributes:
        han_share: Han characters.
        digit_share: digits, half-width and full-width.
        punctuation_share: punctuation and symbols.
        repeated_line_share: characters in lines that occur earlier in the text.
        mean_line_length: characters of the lines that are not empty, on average.
        perplexity: per character, by the n-gram model; None if it was not measured.
        damage_left: the spans that a repair flagged and could not undo.
    """

    han_share: float
    digit_share: float
    punctuation_share: float
    repeated_line_share: float
    mean_line_length: float
    perplexity: float | None
    damage_left: int


FIGURES = QualityFigures._fields


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest value of a figure with which a document is kept; None for no bound."""

    least: float | None = None
    greatest: float | None = None


def measure_quality(
    texts: JoinedTexts, perplexities: Sequence[float | None], damage_left: Sequence[int]
) -> list[QualityFigures]:
    r"""Measure the figures of texts; perplexities and the damage that is left are measured elsewhere.

    >>> (figures,) = measure_quality(JoinedTexts(["第一条，2024年。\n第一条，2024年。"]), [None], [0])
    >>> figures.han_share, figures.digit_share, figures.repeated_line_share, figures.mean_line_length
    (0.4, 0.4, 0.5, 10.0)
    """
    (han, digits, punctuation, white_space), others = texts.count_others(_class_table())
    han = han + texts.lengths - others
    visible = np.maximum(texts.lengths - white_space, 1)
    shares = [np.round(count / visible, 6).tolist() for count in (han, digits, punctuation)]
    return list(map(QualityFigures, *shares, *measure_lines(texts), perplexities, damage_left))


def find_violation(figures: QualityFigures, bounds: Mapping[str, Bounds]) -> tuple[str, float, Bounds] | None:
    """The first figure that is out of its bounds, with its value and them; None if there is none.

    >>> (figures,) = measure_quality(JoinedTexts(["abc"]), [None], [0])
    >>> find_violation(figures, {"han_share": Bounds(least=0.5)})
    ('han_share', 0.0, Bounds(least=0.5, greatest=None))
    """
    for name, bound in bounds.items():
        value = getattr(figures, name)
        if value is None:
            continue
        if (bound.least is not None and value < bound.least) or (
            bound.greatest is not None and value > bound.greatest
        ):
            return name, value, bound
    return None


@cache
def _class_table() -> ClassTable:
    """The class of each code point up to plane 3, and at the end that of all beyond it."""
    table = np.zeros(_BASIC_PLANE, np.uint8)
    for first, last in _HAN_RANGES:
        table[first : last + 1] = _HAN
    # These are not looked up one by one.
    table[_NOT_COUNTED.start : _NOT_COUNTED.stop] = _HAN
    codes = np.flatnonzero(table == _OTHER)
    table[_NOT_COUNTED.start : _NOT_COUNTED.stop] = _OTHER
    characters = to_text(codes.astype(np.uint32))
    categories = np.frombuffer("".join(map(unicodedata.category, characters)).encode(), "S2")
    # The first letter of a category is its group.
    groups = categories.view("S1")[::2]
    table[codes[(groups == b"P") | (groups == b"S")]] = _PUNCTUATION
    table[codes[categories == b"Nd"]] = _DIGIT
    table[[ord(character) for character in characters if character.isspace()]] = _WHITE_SPACE
    basic = ClassTable.of_numbers(_WHITE_SPACE, table)
    ones = np.zeros(_LAST_SUPPLEMENTARY + 2, np.int64)
    ones[:_BASIC_PLANE] = basic.ones
    ones[_FIRST_SUPPLEMENTARY:-1] = basic.ones[_IDEOGRAPHS.start]
    # Most ideographs are counted as the characters that are no others.
    ones[_IDEOGRAPHS.start : _IDEOGRAPHS.stop] = 0
    return ClassTable(basic.classes, ones)
