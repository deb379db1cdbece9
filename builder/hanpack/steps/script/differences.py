"""Where a conversion that changes the length of a text differs from it, as replacements."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import CodePoints, code_points

Conversion = Callable[[str], str]

SENTENCE = compile_lazily(r"[^\n。！？；!?;]*[\n。！？；!?;]+[」』”’）)]*|[^\n。！？；!?;]+")
# How far to look ahead on either side for the place where two conversions agree again.
_LOOKAHEAD = 24
# How many characters are compared at first.
_SMALLEST_WINDOW = 32


def convert_by_sentence(
    source: str, offset: int, converted: str, conversion: Conversion, fold: Conversion
) -> tuple[str, list[Replacement]]:
    """Convert a window whose length changes.

    Returns its text with the sentences converted that keep their length, and replacements for the others.
    """
    sentences = [match.group() for match in SENTENCE.finditer(source)]
    results: list[str] = []
    size = 0
    for sentence in sentences:
        result = conversion(sentence)
        if not converted.startswith(result, size):
            break
        results.append(result)
        size += len(result)
    if len(results) < len(sentences) or size < len(converted):
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
    folded_source, folded_result = fold(source), fold(result)
    codes = [code_points(text) for text in (source, result, folded_source, folded_result)]
    left, right = 0, 0
    while left < len(source) or right < len(result):
        equal = _count_equal(codes[2][left:], codes[3][right:])
        is_changed = codes[0][left : left + equal] != codes[1][right : right + equal]
        for place in np.flatnonzero(is_changed).tolist():
            yield Replacement(offset + left + place, offset + left + place + 1, result[right + place])
        left, right = left + equal, right + equal
        ahead = folded_source[left : left + _LOOKAHEAD], folded_result[right : right + _LOOKAHEAD]
        rest = len(source) - left, len(result) - right
        old_length, new_length = _find_agreement(*ahead) or rest
        new = result[right : right + new_length]
        if source[left : left + old_length] != new:
            yield Replacement(offset + left, offset + left + old_length, new)
        left, right = left + old_length, right + new_length


def _count_equal(left: CodePoints, right: CodePoints) -> int:
    """How many characters at the beginning of two texts are equal, by windows that grow."""
    count, size = 0, _SMALLEST_WINDOW
    while True:
        pairs = left[count : count + size], right[count : count + size]
        length = min(map(len, pairs))
        is_different = pairs[0][:length] != pairs[1][:length]
        first = int(is_different.argmax()) if length else 0
        if not length or is_different[first]:
            return count + first
        count, size = count + length, 4 * size


def split_by_run(source: str, differences: Iterable[Replacement]) -> Iterator[Replacement]:
    """Split differences that keep their length into runs of characters that differ."""
    for difference in differences:
        if len(difference.text) != difference.end - difference.start:
            yield difference
            continue
        pairs = zip(range(difference.start, difference.end), difference.text, strict=True)
        for is_different, group in itertools.groupby(pairs, lambda pair: source[pair[0]] != pair[1]):
            run = list(group)
            if is_different:
                yield Replacement(run[0][0], run[-1][0] + 1, "".join(new for _, new in run))


def _find_agreement(left: str, right: str) -> tuple[int, int] | None:
    """How many characters to skip on either side, as few as possible in all, until two characters agree."""
    for total in range(1, _LOOKAHEAD):
        for first in range(min(total, len(left)), -1, -1):
            second = total - first
            if second <= len(right) and left[first : first + 2] == right[second : second + 2]:
                return first, second
    return None
