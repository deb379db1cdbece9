"""Puts the lines of PDF pages in the order in which they are read, and marks where paragraphs begin.

The order is that of the file, in which columns follow one another, but for what does not belong to the text
around it: running heads and feet come first and last on their page, and what stands between two parts of a
paragraph, as the notes at the foot of a page do, comes after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from hanpack.lazy_patterns import compile_lazily
from hanpack.sources.pdf_paragraphs import goes_on, mark_paragraphs
from hanpack.sources.pdf_text import PageLine
from hanpack.steps.page.page_margins import LineBox
from hanpack.steps.page.printed_lines import PrintedLine, measure_lines, measure_width
from hanpack.steps.page.running_heads import find_furniture
from hanpack.steps.sentence_marks import CLOSING_MARKS, WIDE_LINE_STOPS

# Running heads and feet that the file has elsewhere are looked for in this share of a page at its edges.
_MARGIN = 0.1
# Lines differ in size by these factors, if so large a share of the characters has the size of the body: the
# sizes that text recognition gives its characters tell nothing.
_SMALLER, _LARGER, _LEAST_BODY = 0.92, 1.08, 0.5
# So many lines before and after one show how wide its column is.
_NEAR = 40
# Notes are not put more pages behind the one that they stand on.
_MOST_PAGES = 1
_SENTENCE_END = compile_lazily(rf"[{WIDE_LINE_STOPS}!?;:.][{CLOSING_MARKS}\"]?$")


def order_pages(pages: list[list[PageLine]]) -> None:
    """Order the lines of each page, in place; the pages are those of one document."""
    furniture = _find_furniture(pages)
    body = _find_body_size(pages)
    text_of_pages: list[list[PageLine]] = []
    edges: list[tuple[list[PageLine], list[PageLine]]] = []
    for page, of_page in zip(pages, furniture, strict=True):
        heads, lines, feet = _divide(page, of_page, body)
        text_of_pages.append(lines)
        edges.append((heads, feet))
    text = mark_paragraphs(text_of_pages, lambda line: _compare(line, body))
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


def _put_notes_after_paragraphs(lines: Sequence[PageLine], body: float) -> Iterator[tuple[PageLine, int]]:
    """The lines of the text, and the number of the page that each is put on: notes come after paragraphs.

    Invariant: all lines before the current one are given, but for the ``notes``, which wait for the end of
    the paragraph that they interrupt.
    """
    text = [index for index, is_note in enumerate(_find_notes(lines, body)) if not is_note]
    yield from ((line, line.page) for line in _join_notes(lines[: text[0] if text else len(lines)]))
    notes: list[PageLine] = []
    is_after_notes, went_on = bool(text and text[0]), False
    for index, following in pairwise((*text, len(lines))):
        line, between = lines[index], list(_join_notes(lines[index + 1 : following]))
        # In a paragraph it does not count how far its lines are from the notes between them.
        is_after_gap = is_after_notes or (line.is_after_gap and not went_on)
        yield replace(line, is_after_gap=is_after_gap, goes_on=went_on), line.page
        went_on = (
            following < len(lines)
            and lines[following].page - (notes or between or [line])[0].page <= _MOST_PAGES
            and _may_go_on(line, lines[following], body, has_notes=bool(between))
            and goes_on(line, replace(lines[following], is_after_gap=False))
        )
        if went_on:
            notes += between
            is_after_notes = False
            continue
        if notes:
            yield replace(notes[0], is_after_gap=True, goes_on=False), line.page
            yield from ((note, line.page) for note in notes[1:])
        yield from ((note, note.page) for note in between)
        is_after_notes = bool(notes or between)
        notes = []


def _join_notes(lines: Sequence[PageLine]) -> Iterator[PageLine]:
    """The lines of notes, each of which may go on with the one before it."""
    before: PageLine | None = None
    for line in lines:
        yield replace(line, goes_on=before is not None and goes_on(before, line))
        before = line


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

    That is what is smaller than the body, and what is in a margin, apart from all else, and neither a
    sentence nor a full line of the text.
    """
    for index, line in enumerate(lines):
        before = lines[index - 1] if index and lines[index - 1].page == line.page else None
        after = next((after for after in lines[index + 1 : index + 2] if after.page == line.page), None)
        is_head = before is None and after is not None and line.bottom <= _MARGIN and after.is_after_gap
        is_foot = after is None and before is not None and line.top >= 1 - _MARGIN and line.is_after_gap
        is_apart = (is_head or is_foot) and not _SENTENCE_END.search(line.text)
        if is_apart and _compare(line, body) == 0:
            is_apart = not _fills_column(line, lines[max(index - _NEAR, 0) : index + _NEAR])
        yield is_apart or _compare(line, body) < 0


def _fills_column(line: PageLine, near: Sequence[PageLine]) -> bool:
    """Whether a line begins and ends where others on its page do: a paragraph begins or ends with it."""
    others = [other for other in near if other is not line and other.page == line.page]
    return any(
        abs(other.left - line.left) < line.height / 2 and abs(other.right - line.right) < line.height / 2
        for other in others
    )
