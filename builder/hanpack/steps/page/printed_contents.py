"""Finds the tables of contents of printed pages: titles, leaders or a gap, and the numbers of pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.page.printed_lines import PrintedLine
from hanpack.steps.sentence_marks import STOPS

# What a table of contents is headed by.
_HEADING = compile_lazily(r"(?:#{1,6} )?\s*(?:目\s*[录錄次]|(?:table of )?contents)\s*", re.IGNORECASE)
_PAGE = compile_lazily(r"[（(]?(?:(?P<page>\d{1,4})|[ivxlc]{1,6}|[IVXLC]{1,6})[）)]?$")
_PAGE_CHARACTERS, _PAGE_ENDS = 8, frozenset("ivxlcIVXLC）)")
# What stands between a title and its page: leaders, and blanks; a gap needs a heading above the entries.
_LEADERS = {".": 1, "．": 1, "·": 1, "•": 1, "・": 1, "‥": 2, "…": 3, "_": 1}
_FEWEST_LEADERS = 4
_BLANKS = " \t\u3000\xa0"
_LETTER = compile_lazily(r"[^\W\d_]")
_LONGEST_ENTRY = 200
# So many entries are a table of contents: with a heading, and without, if their titles come again.
_FEWEST_MARKED, _FEWEST_UNMARKED, _SHARE_AGAIN = 2, 3, 0.5
# So many lines in a row may be those of a title that its entry ends.
_MOST_LINES_OF_TITLE = 2
_SENTENCE_END = compile_lazily(rf"[{STOPS}]\s*$")


def find_contents(lines: Sequence[PrintedLine], body: Sequence[int]) -> set[int]:
    r"""The indexes of the lines of tables of contents; ``body`` has those that are not in the margins.

    Page numbers of entries never decrease. A text that is nothing else is kept.

    >>> from hanpack.steps.page.printed_lines import list_lines
    >>> lines = list_lines("公报\n目 录\n一、综合……………2\n二、农业……………3\n一、综合\n全年增长。")
    >>> sorted(find_contents(lines, range(len(lines))))
    [1, 2, 3]
    """
    entries = [_read_entry(lines[index].text) for index in body]
    headings = {place for place, index in enumerate(body) if _HEADING.fullmatch(lines[index].text)}
    if sum(entry is not None for entry in entries) < (_FEWEST_MARKED if headings else _FEWEST_UNMARKED):
        return set()
    texts = ["".join(lines[index].text.lstrip("#").split()) for index in body]
    # The last place at which each line stands.
    last = {text: place for place, text in enumerate(texts)}
    contents: set[int] = set()
    place = 0
    while place < len(body):
        is_marked = place in headings
        end, titles = _read_entries(entries, texts, place + is_marked, is_marked=is_marked)
        again = sum(last.get(title, -1) >= end for title in titles)
        if len(titles) >= (_FEWEST_MARKED if is_marked else _FEWEST_UNMARKED) and (
            is_marked or again >= _SHARE_AGAIN * len(titles)
        ):
            contents.update(body[place:end])
        place = max(end, place + 1)
    return contents if len(contents) < len(body) else set()


class _Entry(NamedTuple):
    """An entry: its title without blanks, its page, and whether it has leaders.

    ``page`` is None if it is in Roman numerals.
    """

    title: str
    page: int | None
    has_leaders: bool


def _read_entry(text: str) -> _Entry | None:
    """The entry on a line; None if the line is none, or only the end of one."""
    text = text.rstrip()
    # Few lines end like a number.
    if not (text[-1:].isdecimal() or text[-1:] in _PAGE_ENDS) or len(text) > _LONGEST_ENTRY:
        return None
    page = _PAGE.search(text, max(len(text) - _PAGE_CHARACTERS, 0))
    if page is None:
        return None
    rest = text[: page.start()]
    title = rest.rstrip("".join(_LEADERS) + _BLANKS)
    between = rest[len(title) :]
    has_leaders = sum(_LEADERS.get(character, 0) for character in between) >= _FEWEST_LEADERS
    is_gap = "\t" in between or sum(character in " \u3000" for character in between) > 1
    if not (has_leaders or is_gap) or not _LETTER.search(title):
        return None
    number = int(page["page"]) if page["page"] else None
    return _Entry("".join(title.lstrip("#").split()), number, has_leaders)


def _read_entries(
    entries: Sequence[_Entry | None], texts: Sequence[str], first: int, *, is_marked: bool
) -> tuple[int, list[str]]:
    """Where the entries from a place on end, and their titles."""
    titles: list[str] = []
    end, page = first, 0
    while end < len(entries):
        ahead = end
        most = min(end + _MOST_LINES_OF_TITLE, len(entries) - 1) if is_marked else end
        while ahead < most and entries[ahead] is None and not _SENTENCE_END.search(texts[ahead]):
            ahead += 1
        entry = entries[ahead]
        needs_leaders = not is_marked or ahead > end
        if entry is None or (needs_leaders and not entry.has_leaders) or (entry.page or page) < page:
            break
        titles.append("".join(texts[end:ahead]) + entry.title)
        page = entry.page or page
        end = ahead + 1
    return end, titles
