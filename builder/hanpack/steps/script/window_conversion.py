"""Converts the chosen windows of several texts together: a call costs as much as hundreds of characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanpack.steps.replacements import Replacement
from hanpack.steps.script.differences import convert_by_sentence
from hanpack.steps.script.joined_pieces import Conversion, PieceConversion
from hanpack.steps.script.recognition import (
    CharacterClass,
    CharacterClasses,
    is_of_classes,
)
from hanpack.steps.script.windows import ConversionSpan, group_windows
from hanpack.steps.traced import code_points, to_text


class ConvertedText(NamedTuple):
    """A text after conversion, as long as it was, and the replacements in it that change its length."""

    text: str
    other_lengths: Sequence[Replacement] = ()


@dataclass(frozen=True, slots=True)
class ChosenText:
    """A text that is converted: its index, the windows that are, and the classes of its characters."""

    index: int
    text: str
    windows: Sequence[ConversionSpan]
    classes: CharacterClasses


def convert_windows(
    texts: Sequence[ChosenText],
    *,
    convert_all: PieceConversion,
    fold: Conversion,
    strict_classes: tuple[CharacterClass, ...],
) -> Iterator[ConvertedText]:
    """Convert the texts window by window, short ones together.

    ``convert_all`` gives for each piece what it gives for it by itself; ``fold`` writes a piece in one
    script. In a strict window only characters of ``strict_classes`` change.

    >>> from hanpack.steps.script.recognition import classify_characters
    >>> windows = [ConversionSpan(1, 3, strict=True)]
    >>> chosen = ChosenText(0, "國國体", windows, classify_characters("國國体"))
    >>> convert_all = lambda pieces: [piece.translate(str.maketrans("國体", "国體")) for piece in pieces]
    >>> for text in convert_windows(
    ...     [chosen], convert_all=convert_all, fold=str, strict_classes=(CharacterClass.TRADITIONAL,)
    ... ):
    ...     print(text.text)
    國国体
    """
    windows = [(text, window) for text in texts for window in text.windows]
    results: list[tuple[str, list[Replacement]]] = []
    for group in group_windows([window for _, window in windows]):
        members = windows[len(results) : len(results) + len(group)]
        sources = [text.text[window.start : window.end] for text, window in members]
        offsets = [window.start for window in group]
        results += convert_by_sentence(sources, offsets, convert_all(sources), convert_all, fold)
    first = 0
    for text in texts:
        yield _join_windows(text, results[first : first + len(text.windows)], strict_classes)
        first += len(text.windows)


def _join_windows(
    chosen: ChosenText,
    results: Sequence[tuple[str, list[Replacement]]],
    strict_classes: tuple[CharacterClass, ...],
) -> ConvertedText:
    """A text with its windows converted; ``results`` are these and what changes their length."""
    text = chosen.text
    pieces: list[str] = []
    other_lengths: list[Replacement] = []
    position = 0
    for window, (converted, replacements) in zip(chosen.windows, results, strict=True):
        pieces.append(text[position : window.start])
        position = window.end
        if not window.strict:
            other_lengths.extend(replacements)
        elif converted != (source := text[window.start : window.end]):
            is_converted = is_of_classes(chosen.classes[window.start : window.end], strict_classes)
            converted = _select(source, converted, is_converted)
        pieces.append(converted)
    pieces.append(text[position:])
    return ConvertedText("".join(pieces), other_lengths)


def _select(source: str, converted: str, is_converted: npt.NDArray[np.bool_]) -> str:
    """The converted character at each flagged position, the source character elsewhere."""
    codes = np.where(is_converted, code_points(converted), code_points(source))
    return to_text(codes)
