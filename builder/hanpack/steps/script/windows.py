"""The spans of a text that are converted, cut into windows of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hanpack.lazy_patterns import compile_lazily

# The most characters that OpenCC converts at once.
WINDOW = 1 << 16
# How far before its end a window may be cut at a character that is not Han.
_LONGEST_TAIL = 1024
_NOT_HAN = compile_lazily(r"[^㐀-鿿\U00020000-\U000323af\ud800-\udfff]")
# OpenCC refuses lone surrogates, and ends a text at a null character.
NOT_CONVERTED = compile_lazily("[\x00\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class ConversionSpan:
    """A span of the text to convert; if ``strict``, only characters of the other script change."""

    start: int
    end: int
    strict: bool = False


def exclude(spans: list[ConversionSpan], excluded: Sequence[tuple[int, int]]) -> list[ConversionSpan]:
    """The spans without the parts that are not to be converted; both are in order."""
    if not excluded:
        return spans
    remaining: list[ConversionSpan] = []
    first = 0
    for span in spans:
        start = span.start
        while first < len(excluded) and excluded[first][1] <= start:
            first += 1
        while first < len(excluded) and excluded[first][0] < span.end:
            low, high = excluded[first]
            if start < low:
                remaining.append(replace(span, start=start, end=low))
            start = high
            first += 1
        if start < span.end:
            remaining.append(replace(span, start=start))
    return remaining


def cut_windows(text: str, spans: Iterable[ConversionSpan]) -> Iterator[ConversionSpan]:
    """Cut spans where no word crosses the cut, and around what OpenCC cannot convert."""
    for span in spans:
        start = span.start
        for unconverted in [*NOT_CONVERTED.finditer(text, span.start, span.end), None]:
            end = unconverted.start() if unconverted else span.end
            while end - start > WINDOW:
                cut = _find_cut(text, start, start + WINDOW)
                yield ConversionSpan(start, cut, span.strict)
                start = cut
            if end > start:
                yield ConversionSpan(start, end, span.strict)
            start = unconverted.end() if unconverted else end


def _find_cut(text: str, start: int, end: int) -> int:
    """The end of the last line before ``end``, else of the last character that is not Han, else ``end``."""
    line = text.rfind("\n", start, end)
    if line > start:
        return line + 1
    tail = max(start, end - _LONGEST_TAIL)
    return max((match.end() for match in _NOT_HAN.finditer(text, tail, end)), default=end)


def group_windows(windows: Iterable[ConversionSpan]) -> Iterator[list[ConversionSpan]]:
    """The windows in lists of at most :data:`WINDOW` characters, or of one window.

    >>> [len(group) for group in group_windows([ConversionSpan(0, 9), ConversionSpan(10, 19)])]
    [2]
    """
    group: list[ConversionSpan] = []
    length = 0
    for window in windows:
        if group and length + window.end - window.start > WINDOW:
            yield group
            group, length = [], 0
        group.append(window)
        length += window.end - window.start
    if group:
        yield group
