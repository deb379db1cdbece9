"""Tells by where the lines of PDF pages stand which of them go on with the paragraph of the line before.

A line is the last of its paragraph if its column has room for the first word of the next line, if the next
is indented, or if it is farther away than lines of one paragraph are. What says where paragraphs begin is
written as text, as other tools do: an indented line begins with two ideographic spaces, a wider gap is a
blank line.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.pdf_text import PageLine
from hanpack.steps.page.printed_lines import BLOCK_START, measure_width
from hanpack.steps.sentence_marks import CLOSING_MARKS, WIDE_LINE_STOPS

INDENT = "\u3000\u3000"
# A line is indented if it begins so many characters right of two others.
_LEAST_INDENT, _MOST_INDENT = 1.4, 4.5
# A gap between paragraphs is wider than most steps from line to line by the first factor. By the second it is
# wider than the one before or after it: the lines of one paragraph are equally far apart.
_WIDE_GAP, _GAP = 1.5, 1.12
# Lines reach the same margin if their ends differ by no more characters.
_SAME_MARGIN = 1.0
# So many lines reach a margin; in a file of few lines none is known.
_FEWEST_AT_MARGIN, _FEW_LINES = 3, 12
# Narrower lines, in characters, are those of poems and lists, which are as long as they happen to be.
_NARROWEST_COLUMN = 11.0
# Narrow characters are so wide on average and at most, in heights of a character.
_NARROW, _WIDEST_NARROW = 0.5, 0.7
# How exact the ends of lines are, in characters.
_EXACTNESS = 0.35
_SENTENCE_END = compile_lazily(rf"[{WIDE_LINE_STOPS}!?.][{CLOSING_MARKS}\"]*\s*$")
# What the end of a line does not divide: a word or a number, or a wide character, with marks around it. Of a
# quotation mark some programs divide neither what is before it nor what is after it.
_FIRST_WORD = compile_lazily(
    r"[（《〈“‘「『【〔(\[{<\"']*+(?:[!-,.-~\u00a1-\u04ff]+-?|.)[，。、；：？！）》〉”’」』】〕％…—·]*"
    r"(?:[“‘”’]+[^“‘”’][，。、；：？！）》〉」』】〕]*)*"
)
_HALF_BLANK = compile_lazily(r"[，。、；：？！）》〉”’」』】〕]$")
_TAB = "\t"


Compare = Callable[[PageLine], int]


def mark_paragraphs(pages: Sequence[Sequence[PageLine]], compare: Compare) -> list[PageLine]:
    """The lines of all pages, in reading order, with their indents and the ``room`` that is right of each.

    A line ``is_after_gap`` also if it is set apart or of another size than the one before. ``compare`` is -1
    for a line that is smaller than the body, 1 for a larger one, and else 0.
    """
    lefts = _count_lefts(line for page in pages for line in page if compare(line) >= 0)
    shifts: list[float] = []
    lines: list[PageLine] = []
    blocks: list[list[PageLine]] = []
    for page in pages:
        own = _count_lefts(line for line in page if compare(line) >= 0)
        margins = _find_margins(own if max(own.values(), default=0) > 1 else lefts, page)
        marked = list(_mark_gaps(page, margins, compare))
        shifts += (shift for _, shift in marked)
        blocks += _divide([line for line, _ in marked])
    shown = [line for block in blocks for line in block]
    rights = _find_right_margins(shown)
    columns = sorted(
        left for left, count in lefts.items() if count >= max(_FEWEST_AT_MARGIN, len(shown) / 10)
    )
    for block in blocks:
        lines += _undo_stretching(list(_measure_room(block, rights, columns)))
    return list(_write_indents(lines, shifts, compare))


def goes_on(before: PageLine, line: PageLine) -> bool:
    """Whether a line is the next of the paragraph of the one before it, which is on the same page or before.

    Both have been marked; what is between them belongs to no paragraph.
    """
    if line.is_after_gap or line.text.startswith(INDENT) or _TAB in before.text or _TAB in line.text:
        return False
    if before.room > _measure_first_word(line.text) + _EXACTNESS:
        return False
    ends_sentence = _SENTENCE_END.search(before.text) is not None
    return not (ends_sentence and (line.may_begin or BLOCK_START.match(line.text)))


def _measure_first_word(text: str) -> float:
    """The width of what cannot be divided at the beginning of a line, in characters.

    >>> _measure_first_word("”他说"), _measure_first_word("2007年"), _measure_first_word("（一）")
    (1.0, 2.8, 3.0)
    """
    match = _FIRST_WORD.match(text.strip())
    word = match[0] if match else ""
    wide = measure_width(word) - len(word)
    return wide + (len(word) - wide) * _WIDEST_NARROW


def _count_lefts(lines: Iterable[PageLine]) -> Counter[float]:
    """How many lines begin at each place."""
    return Counter(round(line.left, 2) for line in lines)


def _find_margins(lefts: Mapping[float, int], page: Sequence[PageLine]) -> list[float]:
    """Where several lines begin, in order; cells of a table are a little inside the margin of text around it.

    Invariant: ``outer`` has the places so far of which each has more lines than all after it.
    """
    height = median(line.height for line in page) if page else 0.0
    margins: list[float] = []
    outer: list[tuple[float, int]] = []
    for left, count in sorted(lefts.items()):
        while outer and outer[-1][1] <= count:
            outer.pop()
        if count > 1 and not (outer and left - outer[-1][0] < height):
            margins.append(left)
        outer.append((left, count))
    return margins


def _mark_gaps(
    page: Sequence[PageLine], margins: Sequence[float], compare: Compare
) -> Iterator[tuple[PageLine, float]]:
    """The lines of a page, and how many characters each begins right of a margin."""
    steps = [after.baseline - before.baseline - before.height_below for before, after in pairwise(page)]
    usual = median(downward) if (downward := [step for step in steps if step > 0]) else 0.0
    places = sorted(left for left, count in _count_lefts(page).items() if count > 1)
    was_apart, size = False, 0
    for index, line in enumerate(page):
        step = steps[index - 1] if index else 0.0
        shift = _find_shift(line, margins)
        # The first line of a column, which may have no other, is right of the column before it.
        nearest = bisect_left(places, line.left)
        beside = places[max(nearest - 1, 0) : nearest + 1]
        is_alone = all(abs(line.left - place) > line.height / 2 for place in beside)
        is_apart = shift > _MOST_INDENT and is_alone and step >= 0
        size_before, size = size, compare(line)
        has_gap = step > _WIDE_GAP * usual > 0 or is_apart or was_apart
        around = (*steps[max(index - 2, 0) : max(index - 1, 0)], *steps[index : index + 1])
        is_after_gap = size != size_before or (index > 0 and has_gap)
        may_begin = any(step > _GAP * other > 0 for other in around)
        changes = is_after_gap or may_begin
        yield (replace(line, is_after_gap=is_after_gap, may_begin=may_begin) if changes else line), shift
        was_apart = is_apart


def _find_shift(line: PageLine, margins: Sequence[float]) -> float:
    """How many characters a line begins right of the nearest of the margins that is clearly left of it."""
    size = line.height or 1.0
    clear = bisect_left(margins, True, key=lambda margin: (line.left - margin) / size < _LEAST_INDENT * 0.7)
    return (line.left - margins[clear - 1]) / size if clear else 0.0


def _divide(page: Sequence[PageLine]) -> Iterator[list[PageLine]]:
    """The blocks of a page: lines below one another, without a gap between them."""
    block: list[PageLine] = []
    for line in page:
        if block and (line.is_after_gap or line.baseline < block[-1].baseline):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _find_right_margins(lines: Sequence[PageLine]) -> list[float]:
    """Where several lines end that fill their columns, in order."""
    rights = sorted(_find_end(line) for line in lines if _TAB not in line.text)
    if len(lines) <= _FEW_LINES:
        return []
    width = median(line.height for line in lines) * _SAME_MARGIN
    return [
        right
        for index, right in enumerate(rights)
        if index + 1 - bisect_left(rights, right - width) >= _FEWEST_AT_MARGIN
        and bisect_right(rights, right + width / 2) == index + 1
    ]


def _find_end(line: PageLine) -> float:
    """Where a line ends; the blank half of a mark at its end may jut out of the column."""
    return line.right - (line.height / 2 if _HALF_BLANK.search(line.text) else 0.0)


def _measure_room(
    block: Sequence[PageLine], margins: Sequence[float], columns: Sequence[float]
) -> Iterator[PageLine]:
    """The lines of a block, each with how many characters its column has room for right of it.

    ``margins`` are those on the right; ``columns`` are where columns begin, right of which is another margin.

    If most of those that fill the column end with a sentence, each is a paragraph of its own.
    """
    height = median(line.height for line in block) or 1.0
    rights = sorted(_find_end(line) for line in block if _TAB not in line.text) or [0.0]
    # One line of several may jut out.
    if len(rights) > _FEWEST_AT_MARGIN and rights[-1] - rights[-2] > _SAME_MARGIN * height:
        rights.pop()
    place = bisect_left(margins, rights[-1] - _EXACTNESS * height)
    beyond = columns[bisect_left(columns, rights[-1]) :]
    is_known = place < len(margins) and (not beyond or margins[place] < beyond[0])
    margin = max(margins[place], rights[-1]) if is_known else rights[-1]
    if margin - min(line.left for line in block) < _NARROWEST_COLUMN * height:
        yield from block
        return
    full = [line for line in block if margin - line.right < _SAME_MARGIN * height]
    ending = sum(_SENTENCE_END.search(line.text) is not None for line in full)
    are_sentences = 2 * ending > len(full) and (ending > 1 or not is_known)
    for line in block:
        is_whole = are_sentences and _SENTENCE_END.search(line.text) is not None
        yield line if is_whole else replace(line, room=(margin - line.right) / (line.height or 1.0))


def _undo_stretching(block: Sequence[PageLine]) -> Iterator[PageLine]:
    """The lines of a block; the wide blank in one that fills its column is none between columns of a table.

    Rows of a table are below one another: the lines before and after this one have no columns.
    """
    has_columns = [_TAB in line.text for line in block]
    for index, line in enumerate(block):
        around = (*has_columns[max(index - 1, 0) : index], *has_columns[index + 1 : index + 2])
        is_stretched = line.text.count(_TAB) == 1 and abs(line.room) < _SAME_MARGIN
        if is_stretched and around and not any(around):
            yield replace(line, text=line.text.replace(_TAB, " "))
        else:
            yield line


def _write_indents(
    lines: Sequence[PageLine], shifts: Sequence[float], compare: Compare
) -> Iterator[PageLine]:
    """The lines; those that begin a paragraph right of the margin begin with an indent.

    A line right of the margin that the paragraph before it goes on in, as that of an item, has none.
    """
    last: dict[int, PageLine] = {}
    for index, (line, shift) in enumerate(zip(lines, shifts, strict=True)):
        size = compare(line)
        if not shift and index + 1 < len(lines):
            shift = _find_shift_of_pair(line, lines[index + 1])
        is_indented = _LEAST_INDENT <= shift <= _MOST_INDENT and _TAB not in line.text
        before = last.get(size)
        if is_indented and before is not None and not BLOCK_START.match(line.text):
            is_indented = _SENTENCE_END.search(before.text) is not None or not goes_on(before, line)
        last[size] = line = replace(line, text=INDENT + line.text) if is_indented else line
        yield line


def _find_shift_of_pair(line: PageLine, after: PageLine) -> float:
    """How many characters a line begins right of the next, if that goes on with it."""
    if after.is_after_gap or after.page != line.page or after.baseline <= line.baseline:
        return 0.0
    shift = (line.left - after.left) / (line.height or 1.0)
    return shift if goes_on(line, after) else 0.0
