"""Tells the items of a list, which are complete sentences, from the headings that have the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from hanpack.steps.chunk.headings import (
    NUMBERED_KINDS,
    PATTERN,
    SENTENCE_KINDS,
    SEQUENCE_KINDS,
    Marker,
    has_comma,
)
from hanpack.steps.chunk.titles import LONGEST_TITLE, heading_end
from hanpack.steps.sentence_marks import STOPS

_STOPS = frozenset(STOPS)
_QUOTES = "”’」』"
_SEMICOLONS = frozenset("；;")
_FULL_STOPS = _STOPS - _SEMICOLONS
# No heading is longer, with its stop.
_LONGEST_LINE = 122
_ITEM_KINDS = NUMBERED_KINDS | SENTENCE_KINDS
# The kinds whose items are lines of a list even without a stop.
_LINE_ITEM_KINDS = frozenset(("digit", "bracketed_digit", "bracketed_digit_sign", "circled_digit"))
# So many clauses in a row are a list, and so many sentences that could be titles.
_FEWEST_CLAUSES, _FEWEST_TITLES = 2, 3
# Without a comma a sentence has at least so many characters; a shorter one may be a title with a stop.
_LEAST_SENTENCE = 20
# Blanks and stops that may follow a heading which has no text of its own.
BLANKS_AND_STOPS = " \t\r\n　。；：:;"


def is_sentence_in_paragraph(text: str, marker: Marker, end: int) -> bool:
    """Whether a marker opens a complete sentence of a list within a paragraph, which ends at ``end``.

    >>> text = "二是加强领导，落实责任。"
    >>> is_sentence_in_paragraph(text, Marker(0, 2, "numeral_is", 17, 2, opens_line=False), len(text) - 1)
    True
    """
    return (
        marker.kind in SEQUENCE_KINDS
        and text[end : end + 1] in _STOPS
        and (has_comma(text, marker.end, end) or end - marker.end >= _LEAST_SENTENCE)
    )


class ListItems(NamedTuple):
    """What only looks like headings, by index: the items of lists, and headings that are numbers alone."""

    items: Set[int]
    provisions: Set[int]


def find_list_items(
    text: str, markers: Sequence[Marker | None], places: Sequence[int], parents: Sequence[int]
) -> ListItems:
    r"""The indices of what looks like headings and is the items of a list.

    Items are two or more in a row, of one kind and below one heading. Each is a clause before a semicolon, or
    a sentence with a comma, and fills its line; nothing is under it. Sentences without a comma are three or
    more, and so are lines without a stop whose number is 1. or （1）. What follows the last one is the text
    after the list. Those of one list are all items or none: if fewer than half look like items, they are
    headings, and provisions if the others are long sentences.

    >>> text = "规定如下：\n一、国旗在右，区旗在左。\n二、国旗在前，区旗在后。\n以上请执行。"
    >>> markers = [Marker(place, place + 2, "numeral", 12, 1, opens_line=True) for place in (6, 19)]
    >>> sorted(find_list_items(text, markers, [6, 19], [-1, -1]).items)
    [0, 1]
    """
    items = _find_sentences_in_row(text, markers, places, parents)
    provisions = _find_single_sentences(text, markers, places, parents)
    if not items:
        return ListItems(items, provisions)
    parts = set(parents)
    agreed: set[int] = set()
    for members in _list_lists(markers, parents, items):
        others = [index for index in members if index not in items]
        if 2 * len(others) <= len(members):
            agreed.update(index for index in members if index not in parts)
            provisions.difference_update(agreed)
        elif 2 * sum(_is_long(text, markers[index]) for index in others) >= len(others):
            provisions.update(index for index in members if not _has_title(text, markers[index]))
    return ListItems(agreed, provisions)


def _find_single_sentences(
    text: str, markers: Sequence[Marker | None], places: Sequence[int], parents: Sequence[int]
) -> set[int]:
    """The sentences that fill their lines in lists most of whose headings do not end a line with a stop.

    The titles of a list have one form: 五、综上，不予受理。 after 四、关于费用： is a provision.
    """
    # The end of each heading that fills its line with a stop.
    ends = {
        index: end
        for index, marker in enumerate(markers)
        if (end := _find_full_stop(text, marker, places[index + 1] if index + 1 < len(places) else len(text)))
    }
    if not ends:
        return set()
    parts = set(parents)
    single: set[int] = set()
    for members in _list_lists(markers, parents, ends.keys()):
        of_form = [index for index in members if index in ends]
        if 2 * len(of_form) < len(members):
            single.update(
                index
                for index in of_form
                if index not in parts and _is_complete(text, markers[index], ends[index])
            )
    return single


def _find_full_stop(text: str, marker: Marker | None, limit: int) -> int | None:
    """The full stop at the end of a heading and of its line, if it opens one and has a number; else None."""
    if marker is None or marker.kind not in NUMBERED_KINDS or not marker.opens_line:
        return None
    # Most lines are longer than a heading.
    line_break = text.find("\n", marker.end, marker.start + _LONGEST_LINE)
    end = (line_break if line_break >= 0 else len(text)) - 1
    while text[end : end + 1] == "\r":
        end -= 1
    is_title = end - marker.start < _LONGEST_LINE and text[end : end + 1] in _FULL_STOPS
    return end if is_title and heading_end(text, marker, limit) == end else None


def _is_complete(text: str, marker: Marker | None, end: int) -> bool:
    """Whether what follows a number is a sentence, by its comma or its length."""
    return marker is not None and (has_comma(text, marker.end, end) or end - marker.end >= _LEAST_SENTENCE)


def _list_lists(
    markers: Sequence[Marker | None], parents: Sequence[int], items: Set[int]
) -> Iterator[list[int]]:
    """The members of each list that has items: of one kind, below one heading, with rising numbers."""
    lists: dict[tuple[int, str], list[list[int]]] = {}
    for index, (marker, parent) in enumerate(zip(markers, parents, strict=True)):
        if marker is None or marker.kind not in _ITEM_KINDS:
            continue
        siblings = lists.setdefault((parent, marker.kind), [])
        before = markers[siblings[-1][-1]] if siblings else None
        if before is not None and before.value < marker.value:
            siblings[-1].append(index)
        else:
            siblings.append([index])
    for siblings in lists.values():
        yield from (members for members in siblings if not items.isdisjoint(members))


def _is_long(text: str, marker: Marker | None) -> bool:
    """Whether the sentence after a number is too long for a title."""
    if marker is None:
        return False
    return PATTERN["heading_stop"].search(text, marker.end, marker.start + LONGEST_TITLE) is None


def _has_title(text: str, marker: Marker | None) -> bool:
    """Whether a number is followed by a title that fills its line, or by words before a colon."""
    stop = PATTERN["heading_stop"].search(text, marker.end) if marker else None
    return stop is not None and stop[0] not in _STOPS


def _find_sentences_in_row(
    text: str, markers: Sequence[Marker | None], places: Sequence[int], parents: Sequence[int]
) -> set[int]:
    """The indices of the sentences and clauses in a row that fill their lines."""
    items: set[int] = set()
    run: list[int] = []
    parts = set(parents)
    fewest = _FEWEST_CLAUSES
    follows_clause = False
    for index, marker in enumerate(markers):
        following = places[index + 1] if index + 1 < len(places) else len(text)
        end = _find_line_stop(text, marker, following, follows_clause) if index not in parts else None
        follows_clause = False
        if marker is None or end is None:
            run = []
            continue
        before = markers[run[-1]] if run else None
        if before is not None and (
            before.kind != marker.kind
            or parents[run[-1]] != parents[index]
            or (marker.kind in _LINE_ITEM_KINDS and marker.value != before.value + 1)
        ):
            run = []
        if not run:
            fewest = _FEWEST_CLAUSES
        run.append(index)
        if len(run) >= fewest:
            items.update(run)
        follows_clause = text[end : end + 1] in _SEMICOLONS
        if text[end:following].strip(BLANKS_AND_STOPS + _QUOTES):
            run = []
        elif text[end : end + 1] not in _STOPS or not (follows_clause or has_comma(text, marker.end, end)):
            fewest = _FEWEST_TITLES
    return items


def _find_line_stop(text: str, marker: Marker | None, limit: int, follows_clause: bool) -> int | None:
    """The stop with which a heading ends and its line too, if it opens one and has a number; else None.

    A clause before a semicolon may be longer than a title, and so may be the last of such clauses. A line
    that has no stop ends at its line break.
    """
    if marker is None or marker.kind not in _ITEM_KINDS or not marker.opens_line:
        return None
    end = heading_end(text, marker, limit)
    if text[end : end + 1] not in _STOPS:
        stop = PATTERN["title_stop"].search(text, end, limit)
        if stop is None or stop[0] in "\r\n":
            return _find_end_without_stop(text, marker)
        if text[end] in "：:" or not (follows_clause or stop[0] in _SEMICOLONS):
            return None
        end = stop.start()
    after = end + 1
    while text[after : after + 1] and text[after] in _QUOTES:
        after += 1
    return end if text[after : after + 1] in ("\n", "\r", "") else None


def _find_end_without_stop(text: str, marker: Marker) -> int | None:
    """The end of the line of an item of the kinds that need no stop, if there is none in it."""
    if marker.kind not in _LINE_ITEM_KINDS:
        return None
    line_break = PATTERN["line_end"].search(text, marker.end)
    end = line_break.start() if line_break else len(text)
    return None if PATTERN["title_stop"].search(text, marker.end, end) else end
