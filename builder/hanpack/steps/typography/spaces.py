"""White space at the ends of lines and of the text; the step ``spaces``.

It is for saved pages and files. Fenced code stays as it is, and indents that carry meaning stay. A text with
nothing to change costs one scan and comes back itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, pairwise

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.alignment import Flags, Positions
from hanpack.steps.batch_changes import apply_all
from hanpack.steps.lookups import look_up
from hanpack.steps.replacements import Replacement
from hanpack.steps.texts import WINDOW, CharacterTable, JoinedTexts, make_table
from hanpack.steps.traced import Traced, code_points
from hanpack.steps.typography.indents import find_kept_indents
from hanpack.steps.verbatim import find_verbatim

# Characters without a width are blanks at the ends of lines: a line of nothing else looks blank.
_ZERO_WIDTH = "\u200b\u2060\ufeff"
_SPACES = " \t\v\f\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))) + _ZERO_WIDTH
_LINE_END = compile_lazily(r"\r\n|\r|\n")
# A line that is not blank and begins with a blank: the first line, and another.
_INDENT = compile_lazily(rf"[{_SPACES}]++[^{_SPACES}\r\n]")
_INDENT_OF_LINE = compile_lazily(rf"[\r\n][{_SPACES}]++[^{_SPACES}\r\n]")
_NOT_WHITE = compile_lazily(rf"[^{_SPACES}\r\n]")
# Two line ends in a row make one blank line.
_MOST_LINE_ENDS = 2
# How many runs of white space of at most so many characters are remembered.
_REMEMBERED, _SHORT_RUN = 1_024, 64


def tidy_spaces(traced: Traced) -> Traced:
    r"""Remove indents and trailing spaces of lines, end lines by LF, leave at most one blank line.

    Spaces inside a line are layout and stay.

    >>> from hanpack.steps.alignment import Alignment
    >>> text = "\u3000\u3000第一  行 \r\n\n\n\n第二行\n"
    >>> tidy_spaces(Traced(text, Alignment.identity(len(text)))).text
    '第一  行\n\n第二行\n'
    """
    (tidied,) = tidy_all([traced])
    return tidied


def tidy_all(texts: Sequence[Traced]) -> list[Traced]:
    """Tidy each of several texts, as :func:`tidy_spaces` does."""
    return apply_all("spaces", texts, (_find_untidy_runs(traced.text) for traced in texts))


def _find_runs(flags: Flags) -> tuple[Positions, Positions]:
    """The starts and the ends of the runs of True; shape (runs,) each."""
    changes = np.diff(flags.astype(np.int8), prepend=0, append=0)
    return np.flatnonzero(changes == 1), np.flatnonzero(changes == -1)


def find_untidy(texts: JoinedTexts) -> set[int]:
    r"""The indexes of the texts in which :func:`tidy_spaces` may change something.

    >>> sorted(find_untidy(JoinedTexts(["甲\n乙", "甲 \n乙", "甲\n\n\n乙", "甲 乙"])))
    [1, 2]
    """
    codes = texts.codes
    if not len(codes):
        return set()
    is_line_feed = codes == ord("\n")
    # The ends of the texts are beside a line feed, too.
    is_limit = np.concatenate(([True], is_line_feed, [True]))
    untidy = look_up(_space_table(), codes) & (is_limit[:-2] | is_limit[2:])
    untidy |= codes == ord("\r")
    # Blank lines count inside a text.
    is_line_feed[texts.firsts[1:] - 1] = False
    untidy[2:] |= is_line_feed[2:] & is_line_feed[1:-1] & is_line_feed[:-2]
    return texts.find_flagged(untidy)


@lru_cache(maxsize=1)
def _space_table() -> CharacterTable:
    return make_table(_SPACES)


def _find_untidy_spans(text: str) -> Iterator[tuple[int, int]]:
    """The runs of white space that hold a line end, or are at an end of the text, and are not tidy."""
    first = 0
    while first < len(text):
        # A window ends before a character that is not white: no run is in two windows.
        ending = _NOT_WHITE.search(text, first + WINDOW)
        last = ending.start() if ending else len(text)
        codes = code_points(text[first:last])
        is_line_end = (codes == ord("\n")) | (codes == ord("\r"))
        starts, ends = _find_runs(is_line_end | look_up(_space_table(), codes))
        line_ends = np.add.reduceat(is_line_end, starts, dtype=np.int64)
        concerned = (line_ends > 0) | (starts == -first) | (ends == len(text) - first)
        # A run of nothing but one or two LF is as it should be.
        tidy = (ends - starts == line_ends) & (line_ends <= _MOST_LINE_ENDS)
        tidy &= (codes[starts] == ord("\n")) & (codes[ends - 1] == ord("\n"))
        untidy = concerned & ~tidy
        yield from zip((starts[untidy] + first).tolist(), (ends[untidy] + first).tolist(), strict=True)
        first = last


def _find_untidy_runs(text: str) -> Iterator[Replacement]:
    """Tidy the runs of white space of a text."""
    is_indented = _INDENT.match(text) or _INDENT_OF_LINE.search(text)
    # The starts of the lines whose indents stay.
    kept = frozenset(find_kept_indents(text, _SPACES)) if is_indented else frozenset()
    verbatim = find_verbatim(text, to_the_end=True)
    verbatim_starts = [low for low, _ in verbatim]
    for start, end in _find_untidy_spans(text):
        span = bisect_right(verbatim_starts, end) - 1
        if span >= 0 and end < verbatim[span][1] + (verbatim[span][1] == len(text)):
            low = max(verbatim[span][0], start)
            yield from _tidy_run(text[start:low], start)
            yield from _normalize_line_ends(text[low:end], low)
            continue
        if not kept:
            yield from _tidy_run(text[start:end], start)
            continue
        # Where the line begins whose indent ends the run, if there is one.
        line = max(text.rfind("\n", start, end), text.rfind("\r", start, end), start - 1) + 1
        is_indent = line in kept and (line > start or start == 0)
        yield from _tidy_run(text[start : line if is_indent else end], start)


def _normalize_line_ends(run: str, offset: int) -> Iterator[Replacement]:
    """End the lines of code by LF and change nothing else."""
    if "\r" not in run:
        return
    for line_end in _LINE_END.finditer(run):
        start = offset + line_end.start()
        if line_end.group() != "\n":
            yield Replacement(start, start + 1, "\n" if line_end.group() == "\r" else "")


def _tidy_run(run: str, offset: int) -> Iterator[Replacement]:
    """Keep the first line ends of a run of white space and remove the rest of it."""
    if "\r" not in run:
        spans = _find_superfluous(run) if len(run) <= _SHORT_RUN else _find_superfluous.__wrapped__(run)
        for start, end in spans:
            yield Replacement(offset + start, offset + end)
        return
    position = offset
    for line_end in islice(_LINE_END.finditer(run), _MOST_LINE_ENDS):
        start = offset + line_end.start()
        if line_end.group() == "\r":
            yield from _remove(position, start)
            yield Replacement(start, start + 1, "\n")
        else:
            yield from _remove(position, offset + line_end.end() - 1)
        position = offset + line_end.end()
    yield from _remove(position, offset + len(run))


@lru_cache(_REMEMBERED)
def _find_superfluous(run: str) -> tuple[tuple[int, int], ...]:
    """What of a run of white space is beside its first two line feeds."""
    first = run.find("\n")
    second = run.find("\n", first + 1) if first >= 0 else -1
    kept = [-1, *(place for place in (first, second) if place >= 0), len(run)]
    return tuple((before + 1, after) for before, after in pairwise(kept) if after > before + 1)


def _remove(start: int, end: int) -> Iterator[Replacement]:
    if end > start:
        yield Replacement(start, end)
