"""Puts the lines of PDF pages in the order in which they are read, and marks where paragraphs begin.

The order is that of the file, in which columns follow one another, but for what does not belong to the text
around it: running heads and feet come first and last on their page, and what stands between two parts of a
paragraph, as the notes at the foot of a page do, comes after it. What says where paragraphs begin is written
as text, as other tools do: an indented line begins with two ideographic spaces, a wider gap is a blank line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from statistics import median

from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.pdf_text import PageLine
from hanpack.steps.page.page_margins import LineBox
from hanpack.steps.page.printed_lines import PrintedLine, measure_lines, measure_width
from hanpack.steps.page.printed_pages import continues
from hanpack.steps.page.running_heads import find_furniture
from hanpack.steps.sentence_marks import CLOSING_MARKS, WIDE_LINE_STOPS

INDENT = "\u3000\u3000"
# Running heads and feet that the file has elsewhere are looked for in this share of a page at its edges.
_MARGIN = 0.1
# A line is indented if it begins so many characters right of two others.
_LEAST_INDENT, _MOST_INDENT = 1.5, 4.5
_WIDE_GAP = 1.5
# Lines differ in size by these factors, if so large a share of the characters has the size of the body: the
# sizes that text recognition gives its characters tell nothing.
_SMALLER, _LARGER, _LEAST_BODY = 0.92, 1.08, 0.5
# Notes are not put more pages behind the one that they stand on.
_MOST_PAGES = 1
_SENTENCE_END = compile_lazily(rf"[{WIDE_LINE_STOPS}!?;:.][{CLOSING_MARKS}\"]?$")


def order_pages(pages: list[list[PageLine]]) -> None:
    """Order the lines of each page, in place; the pages are those of one document."""
    furniture = _find_furniture(pages)
    body = _find_body_size(pages)
    text: list[PageLine] = []
    edges: list[tuple[list[PageLine], list[PageLine]]] = []
    for page, of_page in zip(pages, furniture, strict=True):
        heads, lines, feet = _divide(page, of_page, body)
        text += _mark_paragraphs(lines, body)
        edges.append((heads, feet))
    placed: list[list[PageLine]] = [[] for _ in pages]
    for line, number in _put_notes_after_paragraphs(text, body):
        placed[number - 1].append(line)
    for index, (heads, feet) in enumerate(edges):
        pages[index] = [*heads, *placed[index], *feet]


def _find_furniture(pages: Sequence[Sequence[PageLine]]) -> list[set[int]]:
    """The indexes of the running heads and feet of each page, wherever the file has them."""
    places: list[tuple[int, int]] = []
    for number, page in enumerate(pages):
        height = [(line.top, line.left) for line in page]
        heads = [index for index, line in enumerate(page) if line.bottom <= _MARGIN]
        feet = [index for index, line in enumerate(page) if line.top >= 1 - _MARGIN]
        apart = {*heads, *feet}
        body = [index for index in range(len(page)) if index not in apart]
        order = (*sorted(heads, key=height.__getitem__), *body, *sorted(feet, key=height.__getitem__))
        places += ((number, index) for index in order)
    lines = [_describe(pages[number][index], number) for number, index in places]
    boxes = [LineBox(pages[number][index].top, pages[number][index].bottom) for number, index in places]
    furniture: list[set[int]] = [set() for _ in pages]
    for place in find_furniture(lines, measure_lines(lines).width, boxes) if lines else ():
        number, index = places[place]
        furniture[number].add(index)
    return furniture


def _describe(line: PageLine, page: int = 0) -> PrintedLine:
    """A line as the step that undoes the layout has it."""
    width = measure_width(line.text)
    return PrintedLine(line.text, 0, 0, 0, page, width, is_code=False, is_after_blank=line.is_after_gap)


def _find_body_size(pages: Sequence[Sequence[PageLine]]) -> float:
    """The size in points that most characters have; 0 if there is none."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[line.larger_size] += len(line.text)
    ((size, count),) = sizes.most_common(1) or [(0.0, 0)]
    near = sum(count for other, count in sizes.items() if _SMALLER * size <= other <= _LARGER * size)
    return size if count and near >= _LEAST_BODY * sizes.total() else 0.0


def _compare(line: PageLine, body: float) -> int:
    """-1 if a line is smaller than the body, 1 if it is larger, 0 if it is of the same size.

    A mark of a list at its beginning, or of a note at its end, may have a size of its own.
    """
    return (line.size > _LARGER * body) - (line.larger_size < _SMALLER * body) if body else 0


def _divide(
    page: Sequence[PageLine], furniture: set[int], body: float
) -> tuple[list[PageLine], list[PageLine], list[PageLine]]:
    """The running heads of a page, its text, and its running feet.

    Lines of the text below all others with which the file begins the page come last in it; smaller ones above
    all others with which it ends the page come first: no text of columns is written so.
    """
    heads = {index for index in furniture if page[index].bottom < 0.5}
    text = [index for index in range(len(page)) if index not in furniture]
    first = list(takewhile(lambda index: page[index].top >= 1 - _MARGIN, text))
    rest = text[len(first) :]
    if (
        first
        and rest
        and min(page[index].top for index in first) >= max(page[index].bottom for index in rest)
    ):
        text = rest + first
    last = list(
        takewhile(
            lambda index: page[index].bottom <= _MARGIN and _compare(page[index], body),
            reversed(text),
        )
    )
    rest = text[: len(text) - len(last)]
    if last and rest and max(page[index].bottom for index in last) <= min(page[index].top for index in rest):
        text = last[::-1] + rest
    return _sort(page, heads), [page[index] for index in text], _sort(page, furniture - heads)


def _sort(page: Sequence[PageLine], indexes: set[int]) -> list[PageLine]:
    return sorted((page[index] for index in indexes), key=lambda line: (line.top, line.left))


def _mark_paragraphs(lines: Sequence[PageLine], body: float) -> Iterator[PageLine]:
    """Write the indents of lines, and say which come after a gap, are set apart or are of another size."""
    shown = [line for line in lines if _compare(line, body) >= 0]
    inner = [line.left for line in shown if line.bottom > _MARGIN and line.top < 1 - _MARGIN]
    # A head or foot may be left of the text, and a short column is at the top of its page only.
    first = round(min(inner, default=0.0), 2)
    lefts = Counter(left for line in shown if (left := round(line.left, 2)) >= first)
    margins = [left for left, count in lefts.items() if count > 1]
    steps = [after.top - before.top for before, after in pairwise(lines)]
    usual = median(downward) if (downward := [step for step in steps if step > 0]) else 0.0
    was_apart, size = False, 0
    for index, line in enumerate(lines):
        shift = _find_shift(line, margins)
        # The first line of a column, which may have no other, is right of the column before it.
        begins_column = index > 0 and steps[index - 1] < 0
        is_apart = shift > _MOST_INDENT and round(line.left, 2) not in margins and not begins_column
        has_gap = index > 0 and (steps[index - 1] > _WIDE_GAP * usual > 0)
        size_before, size = size, _compare(line, body)
        has_other_size = size != size_before
        is_indented = _LEAST_INDENT <= shift <= _MOST_INDENT and "\t" not in line.text
        text = INDENT + line.text if is_indented else line.text
        is_after_gap = has_other_size or (index > 0 and (has_gap or is_apart or was_apart))
        yield replace(line, text=text, is_after_gap=is_after_gap) if is_indented or is_after_gap else line
        was_apart = is_apart


def _find_shift(line: PageLine, margins: Sequence[float]) -> float:
    """How many characters a line begins right of the nearest margin that is clearly left of it."""
    size = line.height or 1.0
    shifts = [(line.left - margin) / size for margin in margins]
    return min((shift for shift in shifts if shift >= _LEAST_INDENT * 0.7), default=0.0)


def _put_notes_after_paragraphs(lines: Sequence[PageLine], body: float) -> Iterator[tuple[PageLine, int]]:
    """The lines of the text, and the number of the page that each is put on: notes come after paragraphs.

    Invariant: all lines before the current one are given, but for the ``notes``, which wait for the end of
    the paragraph that they interrupt.
    """
    shown = [_describe(line) for line in lines]
    measure = measure_lines(shown)
    text = [index for index, is_note in enumerate(_find_notes(lines, body)) if not is_note]
    yield from ((line, line.page) for line in lines[: text[0] if text else len(lines)])
    notes: list[PageLine] = []
    is_after_notes, went_on = bool(text and text[0]), False
    for index, following in pairwise((*text, len(lines))):
        line, between = lines[index], lines[index + 1 : following]
        # In a paragraph it does not count how far its lines are from the notes between them.
        is_after_gap = is_after_notes or (line.is_after_gap and not went_on)
        # Most lines stay what they are, without a copy.
        yield (
            line if line.is_after_gap == is_after_gap else replace(line, is_after_gap=is_after_gap),
            line.page,
        )
        went_on = (
            following < len(lines)
            and lines[following].page - (*notes, *between, line)[0].page <= _MOST_PAGES
            and _may_go_on(line, lines[following], body, has_notes=bool(between))
            and continues(shown[index], shown[following], measure, is_apart=False)
        )
        if went_on:
            notes += between
            is_after_notes = False
            continue
        if notes:
            yield replace(notes[0], is_after_gap=True), line.page
            yield from ((note, line.page) for note in notes[1:])
        yield from ((note, note.page) for note in between)
        is_after_notes = bool(notes or between)
        notes = []


def _may_go_on(line: PageLine, after: PageLine, body: float, *, has_notes: bool) -> bool:
    """Whether a line of text may be the next of a paragraph, by where it stands."""
    if _compare(line, body) != _compare(after, body):
        return False
    if has_notes:
        # A table or a picture with its words stands in mid-column, and ends a paragraph.
        return after.page != line.page or after.top < line.top
    return not after.is_after_gap


def _find_notes(lines: Sequence[PageLine], body: float) -> Iterator[bool]:
    """Whether each line is one of a note, or a head or foot that only one page has.

    That is what is smaller than the body, and what is in a margin, apart from all else and no sentence.
    """
    for index, line in enumerate(lines):
        before = lines[index - 1] if index and lines[index - 1].page == line.page else None
        after = next((after for after in lines[index + 1 : index + 2] if after.page == line.page), None)
        is_head = before is None and after is not None and line.bottom <= _MARGIN and after.is_after_gap
        is_foot = after is None and before is not None and line.top >= 1 - _MARGIN and line.is_after_gap
        is_apart = (is_head or is_foot) and not _SENTENCE_END.search(line.text)
        yield is_apart or _compare(line, body) < 0
