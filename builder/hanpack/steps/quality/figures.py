"""Measures figures of quality of texts, many at once, and compares them with bounds."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from hanpack.steps.traced import code_points

# The classes of characters that are counted.
_OTHER, _HAN, _DIGIT, _PUNCTUATION, _WHITE_SPACE = range(5)
# The blocks of Han characters, with 々 and 〇; what lies beyond the basic plane is in planes 2 and 3.
_HAN_RANGES = ((0x3005, 0x3005), (0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_HANGUL = range(0xAC00, 0xD7B0)
_BASIC_PLANE = 0x10000
_FIRST_SUPPLEMENTARY, _LAST_SUPPLEMENTARY = 0x20000, 0x3FFFF


@dataclass(frozen=True, slots=True)
class QualityFigures:
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


FIGURES = tuple(QualityFigures.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest value of a figure with which a document is kept; None for no bound."""

    least: float | None = None
    greatest: float | None = None


def measure_quality(
    texts: Sequence[str], perplexities: Sequence[float | None], damage_left: Sequence[int]
) -> list[QualityFigures]:
    r"""Measure the figures of texts; perplexities and the damage that is left are measured elsewhere.

    >>> (figures,) = measure_quality(["第一条，2024年。\n第一条，2024年。"], [None], [0])
    >>> figures.han_share, figures.digit_share, figures.repeated_line_share, figures.mean_line_length
    (0.4, 0.4, 0.5, 10.0)
    """
    counts = _count_classes(texts)
    return list(map(_make_figures, texts, counts, perplexities, damage_left))


def _make_figures(
    text: str, counts: Sequence[int], perplexity: float | None, damage_left: int
) -> QualityFigures:
    lines = text.split("\n")
    number = len(lines) - lines.count("")
    length = len(text) - len(lines) + 1
    unique = set(lines)
    repeated = length - sum(map(len, unique)) if len(unique) < len(lines) else 0
    size = (sum(counts) - counts[_WHITE_SPACE]) or 1
    return QualityFigures(
        han_share=round(counts[_HAN] / size, 6),
        digit_share=round(counts[_DIGIT] / size, 6),
        punctuation_share=round(counts[_PUNCTUATION] / size, 6),
        repeated_line_share=round(repeated / length, 6) if length else 0.0,
        mean_line_length=round(length / number, 2) if number else 0.0,
        perplexity=perplexity,
        damage_left=damage_left,
    )


def find_violation(figures: QualityFigures, bounds: Mapping[str, Bounds]) -> tuple[str, float, Bounds] | None:
    """The first figure that is out of its bounds, with its value and them; None if there is none.

    >>> (figures,) = measure_quality(["abc"], [None], [0])
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


def _count_classes(texts: Sequence[str]) -> list[list[int]]:
    """How many characters of each class each text has."""
    codes = code_points("".join(texts))
    classes = _class_table()[np.minimum(codes, _BASIC_PLANE)]
    if codes.max(initial=0) >= _FIRST_SUPPLEMENTARY:
        classes[(codes >= _FIRST_SUPPLEMENTARY) & (codes <= _LAST_SUPPLEMENTARY)] = _HAN
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    pieces = np.split(classes, ends[:-1]) if len(texts) else []
    return [np.bincount(piece, minlength=_WHITE_SPACE + 1).tolist() for piece in pieces]


@cache
def _class_table() -> npt.NDArray[np.uint8]:
    """The class of each code point of the basic plane, and 0 for what lies beyond it."""
    table = np.zeros(_BASIC_PLANE + 1, np.uint8)
    for first, last in _HAN_RANGES:
        table[first : last + 1] = _HAN
    for code in np.flatnonzero(table == _OTHER)[:-1].tolist():
        if code in _HANGUL:
            continue
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Nd":
            table[code] = _DIGIT
        elif category[0] in "PS":
            table[code] = _PUNCTUATION
        elif character.isspace():
            table[code] = _WHITE_SPACE
    return table
