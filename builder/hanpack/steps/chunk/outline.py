"""Finds the headings of a text: Chinese official documents, legal articles, standards, books and Markdown.

In official documents the kinds of numbering rank as in the national standard (GB/T 9704-2012, 7.3.3): 一、
above （一） above 1. above （1）; chapters and articles rank above all of these; 第一， 一是 and 一要 below.
A heading may fill a line, begin a paragraph, or follow other text within a line. Short lines between complete
paragraphs (2024年工作回顾) are headings without a number and rank above 一、. Decimal numbers (1, 1.1, 1.1.1)
have the rank of 1. and are ordered by their depth. Code between fences and YAML have no headings.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence, Set
from functools import cached_property

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.ancestors import Ancestors
from hanpack.steps.chunk.boundaries import LINE_BREAKS, find_sentence_ends, leave_out_ends
from hanpack.steps.chunk.contents import find_contents
from hanpack.steps.chunk.decimals import Numbers, find_decimals, is_chapter_title, is_confirmed
from hanpack.steps.chunk.heading_patterns import (
    DIGITS,
    LETTERS,
    MARKED,
    OPENERS,
    RESUMPTION,
    SIGNS,
    UNDERLINED,
)
from hanpack.steps.chunk.headings import (
    ARTICLE_RANK,
    MarkedHeading,
    Marker,
    find_bold_lines,
    find_plain_lines,
    find_underlined_lines,
    is_article,
    list_marked_lines,
    read_marker,
    read_tight_decimal,
    run_in_marker,
)
from hanpack.steps.chunk.last_part import find_annex_lines, find_last_part, is_announcement
from hanpack.steps.chunk.lists import close_lists
from hanpack.steps.chunk.sections import Outline
from hanpack.steps.chunk.unnumbered_chapters import find_unnumbered_chapters
from hanpack.steps.verbatim import Span, are_within, find_front_matter, find_verbatim

_DIGITS = frozenset(DIGITS)
_LETTERS = frozenset(LETTERS)
_POINTS = frozenset(".．、")
# What opens the items of a legal article, which are no headings.
_ITEM_OPENERS = frozenset(f"（({SIGNS}")
# A heading of Markdown (CommonMark 0.31.2, section 4.2).
_SIGNED_LINE = compile_lazily(r"(?:\A|\n) {0,3}#{1,6}[ \t]+\S")
_LATIN_CHAPTERS = ("Chapter ", "CHAPTER ", "VIP")
# Kinds whose first item may be within a sentence, and how far before the second.
_WITHIN_SENTENCE = frozenset(("numeral_is", "numeral_must", "bracketed_digit"))
_FIRST_WITHIN = 400
_SECOND_TO_FIRST = str.maketrans("二2２", "一1１")


def find_outline(
    text: str, ends: Sequence[int] | None = None, marked: Sequence[MarkedHeading] = ()
) -> Outline:
    r"""Find the headings of a text; ``ends`` are its sentence ends, if the caller has them already.

    ``marked`` are those that its source marks and the text does not, in order; they rank as in Markdown.

    >>> outline = find_outline("一、工作回顾(一)抓项目。完成投资。\n二、打算\n努力。")
    >>> [(heading.level, heading.text) for heading in outline.headings]
    [(12, '一、工作回顾'), (13, '(一)抓项目'), (12, '二、打算')]
    >>> outline.section_at(14)
    ('一、工作回顾', '(一)抓项目')
    """
    if ends is None:
        ends = find_sentence_ends(text)
    verbatim = find_verbatim(text)
    if verbatim:
        ends = leave_out_ends(ends, verbatim)
    lines = _list_lines(text, marked)
    finder = _find_headings(text, ends, lines, verbatim)
    contents = find_contents(text, finder.markers, finder.places, finder.parents)
    if contents:
        tables = [(table.start, table.end) for table in contents]
        lines = _join_lines([*(line for table in contents for line in table.lines), *lines])
        finder = _find_headings(text, leave_out_ends(ends, tables), lines, sorted([*verbatim, *tables]))
    front = find_front_matter(text)
    if finder.places and not text[front[1] if front else 0 : finder.places[0]].strip():
        # YAML and blank lines before the first heading are about what is under that.
        finder.places[0] = 0
    return finder.outline()


def _find_headings(
    text: str, ends: Sequence[int], lines: Sequence[tuple[int, Marker]], left_out: Sequence[Span]
) -> _Finder:
    """Walk over a text with the lines that are headings without a number; in some spans there are none."""
    finder = _Finder(text)
    first = _find_first_line(text)
    is_left_out, *are_left_out = are_within([first, *(position for position, _ in lines)], left_out)
    if not is_left_out and not (lines and lines[0][0] == first):
        finder.visit(first)
    done = 0
    for number, (position, marker) in enumerate(lines):
        if are_left_out[number]:
            continue
        finder.walk(ends[done : bisect_left(ends, position)])
        if marker.kind == RESUMPTION:
            finder.end_sections()
            if not any(place == position for place, _ in lines[number + 1 : number + 2]):
                finder.begin_part(marker)
        elif marker.kind in (MARKED, UNDERLINED):
            finder.keep(marker, position)
        else:
            finder.keep_plain(marker)
        # Within a heading that the source marks there is no other.
        done = max(bisect_right(ends, position), bisect_left(ends, marker.end))
    finder.walk(ends[done:-1])
    return finder


def _list_lines(text: str, marked: Sequence[MarkedHeading]) -> list[tuple[int, Marker]]:
    """The headings without a number, with their places in order: those that are marked, and short lines."""
    lines = find_plain_lines(text)
    others = [*_list_formed_lines(text), *find_last_part(text), *find_unnumbered_chapters(text, marked)]
    if not marked and not others:
        return lines
    return _join_lines([*list_marked_lines(text, marked), *others, *lines])


def _list_formed_lines(text: str) -> list[tuple[int, Marker]]:
    """The lines that Markdown makes headings without a sign before them, in order."""
    return sorted([*find_underlined_lines(text), *find_bold_lines(text)])


def _join_lines(lines: Sequence[tuple[int, Marker]]) -> list[tuple[int, Marker]]:
    """Lines that are headings in order, without those within or at another: marked ones come first."""
    joined: list[tuple[int, Marker]] = []
    for place, marker in sorted(lines, key=_rank_line):
        before_place, before = joined[-1] if joined else (-1, None)
        is_after = before is None or (place > before_place and place >= before.end)
        if is_after or (before and before.kind == RESUMPTION and marker.kind != RESUMPTION):
            joined.append((place, marker))
    return joined


def _rank_line(line: tuple[int, Marker]) -> tuple[int, int]:
    place, marker = line
    return place, {RESUMPTION: 0, MARKED: 1, UNDERLINED: 2}.get(marker.kind, 3)


def find_opening_section(text: str, marked: Sequence[MarkedHeading] = ()) -> tuple[str, ...]:
    r"""The headings above the first character of a text; a text that opens with none is not read further.

    >>> find_opening_section("一、工作回顾\n投资增长。"), find_opening_section("一年来投资增长。")
    (('一、工作回顾',), ())
    """
    front = find_front_matter(text)
    start = front[1] if front else 0
    first = start + _find_first_line(text[start:])
    opens = text[first : first + 1] in OPENERS or any(
        not text[start : heading.start].strip() for heading in marked[:2]
    )
    if not opens and not any(place <= first for place, _ in _list_formed_lines(text)[:1]):
        return ()
    within = [heading for heading in marked if heading.end <= len(text)]
    return find_outline(text, marked=within).section_at(0)


def _find_first_line(text: str) -> int:
    """Where the first line begins that is not blank."""
    blank = len(text) - len(text.lstrip())
    return max(text.rfind("\n", 0, blank), text.rfind("\r", 0, blank)) + 1


class _Finder:
    """Walks over the starts of sentences and keeps the headings there with their parents.

    ``_ancestors`` is the path from the highest heading to the last one kept.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.markers: list[Marker | None] = []
        self.places: list[int] = []
        self.parents: list[int] = []
        self.inside: list[int] = []
        self._ancestors = Ancestors(text)
        # The value of the last 一要, 二要 …; the items between them may have lists of the same rank.
        self._last_must = 0
        self.in_article = False
        self._has_articles = False

    def outline(self) -> Outline:
        """The headings that were kept, without items of lists, and where the text above a list resumes."""
        return close_lists(self.text, self.markers, self.places, self.parents, self.inside)

    def visit(self, position: int) -> None:
        """Look for a heading at the start of a sentence, and for those that follow it without a stop."""
        opens_line = not position or self.text[position - 1] in LINE_BREAKS
        marker = read_marker(self.text, position, opens_line, self.in_article)
        first = self.text[position : position + 1]
        if opens_line and (first in _DIGITS or first in _LETTERS) and not (marker and marker.certain):
            tight = read_tight_decimal(self.text, position)
            marker = tight if tight and self._continues(tight) else marker
        if marker is None or not (marker.certain or self._continues(marker)):
            return
        if marker.kind == "annex" and is_announcement(self.text, marker, self._annex_lines):
            return
        if opens_line and marker.kind == "digit" and self._begins_list_of_markdown(marker):
            return
        if marker.kind in _WITHIN_SENTENCE and marker.value == 2:
            self._keep_first_of(marker)
        if marker.kind == "numeral_must":
            self._last_must = marker.value
        self.keep(marker, position)
        while marker is not None and marker.is_titled:
            marker = run_in_marker(self.text, marker)
            if marker is not None:
                self._keep_inside(marker)

    def walk(self, positions: Sequence[int]) -> None:
        """Look at the starts of sentences in order."""
        text = self.text
        for position in positions:
            first = text[position]
            # A heading that follows another without a stop may have been kept before a sentence that it ends.
            if first not in OPENERS or (self.places and position <= self.places[-1]):
                continue
            if first == "第" and is_article(
                text, position, text[position - 1] in LINE_BREAKS, self._has_articles
            ):
                self._keep_article(position)
            elif first in _LETTERS:
                is_number = text[position + 1 : position + 2] in _POINTS or text.startswith(
                    _LATIN_CHAPTERS, position
                )
                if is_number and text[position - 1] in LINE_BREAKS:
                    self.visit(position)
            elif first in _DIGITS:
                following = text[position + 1 : position + 3]
                if not _POINTS.isdisjoint(following) or (
                    text[position - 1] in LINE_BREAKS and self._decimals
                ):
                    self.visit(position)
            elif not self.in_article or first not in _ITEM_OPENERS:
                self.visit(position)

    def keep_plain(self, marker: Marker) -> None:
        """Keep a heading without a number; between the articles of a law there are none."""
        if not self.in_article:
            self.keep(marker, marker.start)

    def _keep_first_of(self, second: Marker) -> None:
        """Keep the first item of a list if it is within a sentence (主要包括：一是…；二是…)."""
        low, position = self._last_end(), second.start
        opening = self.text[position : second.end].translate(_SECOND_TO_FIRST)
        start = self.text.rfind(opening, max(low, position - _FIRST_WITHIN), position)
        if start > 0 and self.text[start - 1] in "：:，":
            first = read_marker(self.text, start, opens_line=False, in_article=False)
            if first is not None:
                self._keep_inside(first)

    def _continues(self, marker: Marker) -> bool:
        """Whether an uncertain marker is the next item of its list."""
        if marker.kind == "numeral_must":
            # A list of 一是 inside its items has the same rank.
            return marker.value == self._last_must + 1
        if marker.kind == "decimal":
            return self._continues_decimals(marker)
        values = [
            ancestor.value
            for ancestor in self._ancestors.path
            if ancestor.rank == marker.rank and len(ancestor.numbers) < 2
        ]
        return marker.value - 1 in (values or [0])

    @cached_property
    def _annex_lines(self) -> Mapping[str, int]:
        return find_annex_lines(self.text)

    def _begins_list_of_markdown(self, marker: Marker) -> bool:
        """Whether a number and a blank after it mark an item of a list: the headings of the text have signs.

        Source: CommonMark 0.31.2, section 5.2.
        """
        is_mark = self.text[marker.end - 1] == "." and self.text[marker.end : marker.end + 1] in (" ", "\t")
        if not is_mark or not self._has_signs:
            return False
        return not any(
            ancestor.kind == marker.kind and ancestor.value + 1 == marker.value
            for ancestor in self._ancestors.path
        )

    @cached_property
    def _has_signs(self) -> bool:
        return _SIGNED_LINE.search(self.text) is not None

    @cached_property
    def _decimals(self) -> Set[Numbers]:
        return find_decimals(self.text)

    def _continues_decimals(self, marker: Marker) -> bool:
        """Whether a decimal number is first under its parent, next of its level, or confirmed by others."""
        numbers = marker.numbers
        if not self._decimals or (len(numbers) == 1 and not is_chapter_title(self.text, marker.end)):
            return False
        above = {ancestor.numbers for ancestor in self._ancestors.path if ancestor.numbers}
        before = numbers[:-1] if numbers[-1] == 1 else (*numbers[:-1], numbers[-1] - 1)
        return before in above or is_confirmed(numbers, self._decimals, is_first=not above)

    def _keep_inside(self, marker: Marker) -> None:
        self.inside.append(marker.start)
        self.keep(marker, marker.start)

    def end_sections(self) -> None:
        """End all sections: what follows is under none of the headings so far."""
        self._ancestors.clear()
        self.in_article = False
        self._last_must = 0

    def begin_part(self, resumption: Marker) -> None:
        """Keep the place where a part begins that has no heading."""
        self.visit(resumption.start)
        if not self.places or self.places[-1] < resumption.start:
            self.keep(resumption, resumption.start)

    def keep(self, marker: Marker, place: int) -> None:
        """Keep a heading; the text may be cut before it at ``place``."""
        if self.in_article:
            self._ancestors.end_articles(len(self.places) - 1)
        self.parents.append(self._ancestors.add(marker, len(self.places)))
        self.markers.append(marker)
        self.places.append(place)
        self.in_article = marker.rank == ARTICLE_RANK

    def _keep_article(self, place: int) -> None:
        """Keep an article; its text is read when it is needed."""
        if self.in_article:
            # Its parent is that of the article before it, in whose place it is the last ancestor.
            self.parents.append(self.parents[-1])
        else:
            self.parents.append(self._ancestors.add_article(len(self.places)))
            self.in_article = self._has_articles = True
        self.markers.append(None)
        self.places.append(place)

    def _last_end(self) -> int:
        if not self.places:
            return 0
        marker = self.markers[-1]
        return marker.end if marker else self.places[-1]
