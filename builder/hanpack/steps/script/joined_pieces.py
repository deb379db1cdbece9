"""Runs a conversion on many short pieces of text at once: a call costs as much as hundreds of characters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Conversion = Callable[[str], str]
PieceConversion = Callable[[Sequence[str]], list[str]]

# Stands between pieces: no dictionary has it, and as a context it counts as the edge of a text does.
_SEPARATOR = "\x1e"


def convert_pieces(pieces: Sequence[str], conversion: Conversion) -> list[str]:
    """Each piece as a conversion that never looks beyond the separator gives it by itself.

    >>> convert_pieces(["ab", "c"], str.upper)
    ['AB', 'C']
    """
    if len(pieces) > 1 and not any(_SEPARATOR in piece for piece in pieces):
        converted = conversion(_SEPARATOR.join(pieces)).split(_SEPARATOR)
        if len(converted) == len(pieces):
            return converted
    return [conversion(piece) for piece in pieces]


def convert_pairs(
    sources: Sequence[str], converted: Sequence[str], correct: Callable[[str, str], str]
) -> list[str]:
    """Each conversion, as long as its source, as a correction that keeps lengths gives it by itself.

    >>> convert_pairs(["a", "bc"], ["A", "BC"], lambda source, text: text.replace("A", "@"))
    ['@', 'BC']
    """
    if len(sources) > 1 and not any(_SEPARATOR in piece for piece in sources):
        corrected = correct(_SEPARATOR.join(sources), _SEPARATOR.join(converted)).split(_SEPARATOR)
        if len(corrected) == len(sources):
            return corrected
    return [correct(source, text) for source, text in zip(sources, converted, strict=True)]


def convert_chosen(
    pieces: Sequence[str], is_chosen: Sequence[bool], convert_all: PieceConversion
) -> list[str]:
    """The pieces, those that are chosen after a conversion of them together.

    >>> convert_chosen(["a", "b"], [True, False], lambda pieces: [piece.upper() for piece in pieces])
    ['A', 'b']
    """
    converted = iter(convert_all([piece for piece, chosen in zip(pieces, is_chosen, strict=True) if chosen]))
    return [next(converted) if chosen else piece for piece, chosen in zip(pieces, is_chosen, strict=True)]


def convert_distinct(pieces: Sequence[str], convert_all: PieceConversion) -> list[str]:
    """The pieces after a conversion of them together, equal ones converted once.

    >>> convert_distinct(["a", "b", "a"], lambda pieces: [piece + str(len(pieces)) for piece in pieces])
    ['a2', 'b2', 'a2']
    """
    distinct = list(dict.fromkeys(pieces))
    converted = dict(zip(distinct, convert_all(distinct), strict=True))
    return [converted[piece] for piece in pieces]
