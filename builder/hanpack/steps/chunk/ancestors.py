"""Keeps the path of headings above a position, and finds which of them is above the next heading.

The rank of a heading orders it, except where the numbers show more: a line 二、 after a heading of Markdown
with the number 一、 is of its level, and an annex ends the numbered parts of a text, whatever their signs.
"""

from __future__ import annotations

from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.decimals import Numbers, is_of_annex
from hanpack.steps.chunk.heading_patterns import DIGITS, KIND, MARKED, NUMERALS, UNDERLINED
from hanpack.steps.chunk.heading_values import read_value
from hanpack.steps.chunk.headings import ARTICLE_RANK, Marker, read_marker

# The headings whose level the source or the signs of Markdown give.
_SIGNED_KINDS = frozenset(("markdown", MARKED, UNDERLINED))
# Kinds of parts that are never below one of their own kind, whatever their numbers.
_PART_KINDS = frozenset(("volume", "part", "subpart", "unit", "chapter", "episode", "scene", "section"))
# Kinds that have no order, or one that their numbers at several levels give.
_WITHOUT_ORDER = frozenset(("markdown", "decimal"))
_ANNEX = "annex"
_NOT_NUMERAL = compile_lazily(f"[^{NUMERALS}{DIGITS}]")
# The depths of lists under a heading with a decimal number: （一）, and 1. that is not the next chapter.
_DECIMAL_RANK = KIND["decimal"].rank
_NUMERAL_RANKS = (KIND["formal_numeral"].rank, KIND["numeral"].rank)
_LIST_DEPTHS = {"bracketed_numeral": 16, "bracketed_numeral_sign": 16, "digit": 17}
# The depth of an annex that is above headings of Markdown of its rank.
_ABOVE_RANK = -1


class Ancestor(NamedTuple):
    """A heading that may be above the next: its rank and depth, its number or numbers, and its index.

    ``kind`` is that of its number, which a heading of Markdown may have too; empty for none.
    """

    rank: int
    depth: int
    value: int
    numbers: Numbers
    heading: int
    kind: str = ""


class Ancestors:
    """The path from the highest heading to the last one.

    Invariant: the ranks in the path rise, and the depths within a rank. In a row of articles its last element
    is the first article, until :meth:`add` is called for a heading of another kind.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._path: list[Ancestor] = []
        # Whether a decimal number of several levels was added, and where the last annex's number ends.
        self._has_levels = False
        self._annex_end = 0

    @property
    def path(self) -> tuple[Ancestor, ...]:
        """The headings above the position after the last one, from the highest to the nearest."""
        return tuple(self._path)

    def clear(self) -> None:
        """Forget the path: what follows is under none of the headings so far."""
        self._path.clear()

    def add_article(self, heading: int) -> int:
        """Add the first article of a row, and return the index of the heading above it, -1 for none."""
        return self._add(Ancestor(ARTICLE_RANK, 0, 1, (), heading, "article"))

    def end_articles(self, heading: int) -> None:
        """Note the last article of a row, which may be above what follows."""
        self._path[-1] = Ancestor(ARTICLE_RANK, 0, 1, (), heading, "article")

    def add(self, marker: Marker, heading: int) -> int:
        """Add a heading, and return the index of the heading above it, -1 for none."""
        if marker.kind in _SIGNED_KINDS:
            return self._add_signed(marker, heading)
        if marker.kind == _ANNEX:
            self._end_numbered()
            self._annex_end = marker.end
        if len(marker.numbers) > 1:
            self._has_levels = True
        elif self._is_list_under_decimal(marker):
            depth = _LIST_DEPTHS[marker.kind]
            return self._add(Ancestor(_DECIMAL_RANK, depth, marker.value, (), heading, marker.kind))
        rank, depth = self._level(marker)
        return self._add(Ancestor(rank, depth, marker.value, marker.numbers, heading, marker.kind))

    def _add_signed(self, marker: Marker, heading: int) -> int:
        start = marker.end if marker.kind == "markdown" else marker.start
        number = read_marker(self._text, start, opens_line=True, in_article=False)
        kind, value = ("", 0)
        if number and number.kind not in _WITHOUT_ORDER:
            kind, value = number.kind, _read_number(self._text, number)
        self._put_annex_above(marker, value)
        return self._add(Ancestor(marker.rank, marker.depth, value, marker.numbers, heading, kind))

    def _level(self, marker: Marker) -> tuple[int, int]:
        """The rank and the depth of a heading without signs: those of the one that its number continues."""
        if marker.opens_line and marker.kind not in _WITHOUT_ORDER:
            for ancestor in reversed(self._path):
                if ancestor.kind == marker.kind:
                    is_next = marker.kind in _PART_KINDS or ancestor.value + 1 == marker.value
                    if is_next and ancestor.rank < marker.rank:
                        return ancestor.rank, ancestor.depth
                    break
        return marker.rank, marker.depth

    def _end_numbered(self) -> None:
        """Leave the numbered parts of the text, which an annex follows, and the annex before it."""
        for index, ancestor in enumerate(self._path):
            if ancestor.kind:
                del self._path[index:]
                return

    def _put_annex_above(self, marker: Marker, value: int) -> None:
        """Keep an annex above a heading with signs that is its title or begins its numbers anew."""
        for index, ancestor in enumerate(self._path):
            if ancestor.kind == _ANNEX:
                is_last = index == len(self._path) - 1
                is_title = is_last and not self._text[self._annex_end : marker.start].strip()
                if (value == 1 or is_title) and ancestor.rank >= marker.rank:
                    self._path[index] = ancestor._replace(rank=marker.rank, depth=_ABOVE_RANK)
                    del self._path[index + 1 :]
                return

    def _is_list_under_decimal(self, marker: Marker) -> bool:
        """Whether a number is that of a list under a decimal number."""
        if (
            not self._has_levels
            or marker.kind not in _LIST_DEPTHS
            or not any(len(ancestor.numbers) > 1 for ancestor in self._path)
        ):
            return False
        if marker.kind == "digit":
            return not self._is_next_chapter(marker)
        return not any(ancestor.rank in _NUMERAL_RANKS for ancestor in self._path)

    def _is_next_chapter(self, marker: Marker) -> bool:
        """Whether 3. follows the chapter 2. with its sections 2.1 and so on, not a list under one of them."""
        is_next = False
        for ancestor in self._path:
            if ancestor.numbers == (marker.value - 1,):
                is_next = True
            elif ancestor.rank == _DECIMAL_RANK and ancestor.depth == _LIST_DEPTHS["digit"]:
                is_next = is_next and ancestor.value + 1 != marker.value
        return is_next

    def _add(self, following: Ancestor) -> int:
        path = self._path
        numbers = following.numbers
        if path and path[-1].kind == "preface":
            path.pop()
        while (
            path
            and (
                path[-1][:2] >= following[:2]
                # A.1 is not below chapter 5, even if the heading of the annex is missing.
                or (is_of_annex(numbers) and path[-1].numbers[:1] not in ((), numbers[:1]))
            )
        ):
            path.pop()
        above = path[-1].heading if path else -1
        path.append(following)
        return above


def _read_number(text: str, number: Marker) -> int:
    """The number of a part or a list; that of a part is within its words (第二章)."""
    if number.kind not in _PART_KINDS:
        return number.value
    return read_value(_NOT_NUMERAL.sub("", text[number.start : number.end]))
