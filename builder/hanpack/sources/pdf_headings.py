"""Recognises the headings of a PDF by the sizes of their characters, and writes them as Markdown does.

The text layer has no headings, only larger characters. Most characters of a text are of one size, that of its
body; a short line that is clearly larger is a heading, and the different sizes are the levels. The mark of a
heading is written as text, so that sections are those of other formats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.pdf_text import PageLine

# A heading is larger than the body by this factor; a size that differs less than the second is the same.
_LARGER, _SAME = 1.15, 1.04
_LONGEST_HEADING, _MOST_LINES = 60, 3
# If more of the characters of a file are in large lines, it has slides or posters, and no headings.
_MOST_LARGE = 0.25
# A text that so many lines have is a running head.
_FEWEST_REPEATED = 3
_MOST_LEVELS = 6
_LETTER = compile_lazily(r"[^\W\d_]")
_NO_HEADING_END = compile_lazily(r"[。；，、：,;:]\s*$")
_NUMBERED = compile_lazily(
    r"第[\d一二三四五六七八九十百千〇零]{1,6}[编篇部章节条]|[（(]?[一二三四五六七八九十]{1,3}[）)、]|\d{1,2}[.．、]"
)
_LATIN_JOINT = compile_lazily(r"[!-~\u00a1-\u04ff]$")


def mark_headings(pages: list[list[PageLine]]) -> Iterator[list[PageLine]]:
    """The lines of each page; the lines of a heading are one, which begins with ``#`` for each level.

    Every list in ``pages`` is emptied when its page is given: a file may have a million lines.
    """
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[line.size] += len(line.text)
    body = max(sizes, key=lambda size: (sizes[size], -size), default=0.0)
    large = sum(count for size, count in sizes.items() if size > _LARGER * body)
    if not body or large > _MOST_LARGE * sizes.total():
        for index in range(len(pages)):
            page, pages[index] = pages[index], []
            yield page
        return
    repeated = Counter(line.text for page in pages for line in page if line.size > _LARGER * body)
    for index, page in enumerate(pages):
        pages[index] = list(_merge_headings(page, _LARGER * body, repeated))
    levels = _number_levels({line.size for page in pages for line in page if line.is_heading})
    for index in range(len(pages)):
        page, pages[index] = pages[index], []
        yield list(_write_marks(page, levels))


def _merge_headings(
    page: Sequence[PageLine], least_size: float, repeated: Counter[str]
) -> Iterator[PageLine]:
    """The lines of a page; those of one heading are joined to one line that ``is_heading``."""
    heading: PageLine | None = None
    lines = 0
    for line in page:
        if not _is_heading(line, least_size) or repeated[line.text] >= _FEWEST_REPEATED:
            if heading:
                yield heading
            heading = None
            yield line
        elif heading and lines < _MOST_LINES and _goes_on(heading, line):
            heading, lines = _join(heading, line), lines + 1
        else:
            if heading:
                yield heading
            heading, lines = replace(line, text=line.text.strip(), is_heading=True), 1
    if heading:
        yield heading


def _is_heading(line: PageLine, least_size: float) -> bool:
    text = line.text.strip()
    return (
        line.size > least_size
        and len(text) <= _LONGEST_HEADING
        and _LETTER.search(text) is not None
        and _NO_HEADING_END.search(text) is None
    )


def _goes_on(heading: PageLine, line: PageLine) -> bool:
    """Whether a line is the next of a heading: as large, close below, and without a number of its own."""
    height = line.bottom - line.top
    return (
        _is_same(heading.size, line.size)
        and 0 <= line.top - heading.bottom < height
        and len(heading.text) + len(line.text) <= _LONGEST_HEADING
        and _NUMBERED.match(line.text.strip()) is None
    )


def _join(heading: PageLine, line: PageLine) -> PageLine:
    blank = " " if _LATIN_JOINT.search(heading.text) else ""
    return replace(
        heading,
        text=f"{heading.text}{blank}{line.text.strip()}",
        left=min(heading.left, line.left),
        right=max(heading.right, line.right),
        bottom=line.bottom,
    )


def _is_same(first: float, second: float) -> bool:
    return max(first, second) <= _SAME * min(first, second)


def _number_levels(sizes: set[float]) -> dict[float, int]:
    """The level of each size from 1 for the largest; sizes that hardly differ have one level.

    >>> _number_levels({22.0, 21.8, 16.0})
    {22.0: 1, 21.8: 1, 16.0: 2}
    """
    levels: dict[float, int] = {}
    level, before = 0, 0.0
    for size in sorted(sizes, reverse=True):
        if not level or not _is_same(before, size):
            level = min(level + 1, _MOST_LEVELS)
        levels[size], before = level, size
    return levels


def _write_marks(page: Sequence[PageLine], levels: dict[float, int]) -> Iterator[PageLine]:
    """The lines with the marks of headings, each of which is set apart from what is around it."""
    was_heading = False
    for index, line in enumerate(page):
        # At the top of a page a heading needs no blank line before it.
        is_apart = index > 0 and (line.is_heading or was_heading)
        is_apart = is_apart or (line.is_after_gap and not line.is_heading)
        if line.is_heading:
            text = f"{'#' * levels[line.size]} {line.text}"
            yield replace(line, text=text, is_after_gap=is_apart)
        else:
            # Most lines stay what they are, without a copy.
            yield line if line.is_after_gap == is_apart else replace(line, is_after_gap=is_apart)
        was_heading = line.is_heading
