"""Where a conversion that changes the length of a text differs from it, as replacements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, groupby, islice

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.replacements import Replacement
from hanpack.steps.script.joined_pieces import Conversion, PieceConversion
from hanpack.steps.sentence_marks import CLOSING_MARKS, STOPS
from hanpack.steps.traced import CodePoints, code_points

SENTENCE = compile_lazily(rf"[^\n{STOPS}]*[\n{STOPS}]+[{CLOSING_MARKS}]*|[^\n{STOPS}]+")
# How far to look ahead on either side for the place where two conversions agree again.
_LOOKAHEAD = 24
# How many characters are compared one by one, and then at first together.
_FEW, _SMALLEST_WINDOW = 8, 32


def convert_by_sentence(
    sources: Sequence[str],
    offsets: Sequence[int],
    converted: Sequence[str],
    convert_all: PieceConversion,
    fold: Conversion,
) -> list[tuple[str, list[Replacement]]]:
    """Convert the sentences of each window whose length changes in its conversion.

    Returns for each window its text with the sentences converted that keep their length, and replacements
    for the others. ``offsets`` are where the windows begin.
    """
    sentences = [
        [] if len(source) == len(result) else [match.group() for match in SENTENCE.finditer(source)]
        for source, result in zip(sources, converted, strict=True)
    ]
    results = iter(convert_all(list(chain.from_iterable(sentences))))
    rows = zip(sources, offsets, converted, sentences, strict=True)
    return [
        _compare_sentences(
            source,
            offset,
            converted=result,
            sentences=of_window,
            results=[*islice(results, len(of_window))],
            fold=fold,
        )
        if of_window
        else (result, [])
        for source, offset, result, of_window in rows
    ]


def _compare_sentences(
    source: str,
    offset: int,
    *,
    converted: str,
    sentences: Sequence[str],
    results: Sequence[str],
    fold: Conversion,
) -> tuple[str, list[Replacement]]:
    """A window with the sentences converted that keep their length, and replacements for the others."""
    if "".join(results) != converted:
        # The conversion of a sentence depends on the others.
        sentences, results = [source], [converted]
    pieces: list[str] = []
    replacements: list[Replacement] = []
    for sentence, result in zip(sentences, results, strict=True):
        if len(sentence) == len(result):
            pieces.append(result)
        else:
            replacements.extend(find_differences(sentence, result, offset, fold))
            pieces.append(sentence)
        offset += len(sentence)
    return "".join(pieces), replacements


def find_differences(source: str, result: str, offset: int, fold: Conversion) -> Iterator[Replacement]:
    """Compare both sides from left to right; where they differ, skip to the nearest place where they agree.

    The time is linear in the length, as the differences in a conversion of one sentence are short.
    """
    folded = fold(source), fold(result)
    folded_codes = [code_points(text) for text in folded]
    is_folded = folded != (source, result)
    codes = [code_points(text) for text in (source, result)] if is_folded else folded_codes
    left, right = 0, 0
    while left < len(source) or right < len(result):
        equal = _count_equal(folded, folded_codes, left, right)
        if is_folded:
            is_changed = codes[0][left : left + equal] != codes[1][right : right + equal]
            for place in np.flatnonzero(is_changed).tolist():
                yield Replacement(offset + left + place, offset + left + place + 1, result[right + place])
        left, right = left + equal, right + equal
        ahead = folded[0][left : left + _LOOKAHEAD], folded[1][right : right + _LOOKAHEAD]
        remaining = len(source) - left, len(result) - right
        old_length, new_length = _find_agreement(*ahead) or remaining
        new = result[right : right + new_length]
        if source[left : left + old_length] != new:
            yield Replacement(offset + left, offset + left + old_length, new)
        left, right = left + old_length, right + new_length


def _count_equal(texts: tuple[str, str], codes: Sequence[CodePoints], left: int, right: int) -> int:
    """How many characters of two texts are equal from two places on, by windows that grow."""
    count, size = 0, _SMALLEST_WINDOW
    for old, new in zip(texts[0][left : left + _FEW], texts[1][right : right + _FEW], strict=False):
        if old != new:
            return count
        count += 1
    left, right = left + count, right + count
    while True:
        pairs = codes[0][left : left + size], codes[1][right : right + size]
        length = min(map(len, pairs))
        is_different = pairs[0][:length] != pairs[1][:length]
        first = int(is_different.argmax()) if length else 0
        if not length or is_different[first]:
            return count + first
        count, left, right, size = count + length, left + length, right + length, 4 * size


def split_by_run(source: str, differences: Iterable[Replacement]) -> Iterator[Replacement]:
    """Split differences that keep their length into runs of characters that differ."""
    for difference in differences:
        length = difference.end - difference.start
        if len(difference.text) != length or (length == 1 and source[difference.start] != difference.text):
            yield difference
            continue
        pairs = zip(range(difference.start, difference.end), difference.text, strict=True)
        for is_different, group in groupby(pairs, lambda pair: source[pair[0]] != pair[1]):
            run = list(group)
            if is_different:
                yield Replacement(run[0][0], run[-1][0] + 1, "".join(new for _, new in run))


@lru_cache(1 << 12)
def _find_agreement(left: str, right: str) -> tuple[int, int] | None:
    """How many characters to skip on either side, as few as possible in all, until two characters agree."""
    for total in range(1, _LOOKAHEAD):
        for first in range(min(total, len(left)), -1, -1):
            second = total - first
            if second <= len(right) and left[first : first + 2] == right[second : second + 2]:
                return first, second
    return None
