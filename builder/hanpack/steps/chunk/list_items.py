"""Tells the items of a list, which are complete sentences, from the headings that have the same numbers."""

from __future__ import annotations

from collections.abc import Sequence

from hanpack.steps.chunk.headings import NUMBERED_KINDS, PATTERN, SEQUENCE_KINDS, Marker, has_comma
from hanpack.steps.chunk.titles import heading_end

_STOPS = frozenset("。；;！!？?")
_SEMICOLONS = frozenset("；;")
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


def find_list_items(
    text: str, markers: Sequence[Marker | None], places: Sequence[int], parents: Sequence[int]
) -> set[int]:
    r"""The indices of what looks like headings and is the items of a list.

    Items are two or more in a row, of one kind and below one heading. Each is a clause before a semicolon, or
    a sentence with a comma, and fills its line; nothing is under it. Sentences without a comma are three or
    more, and so are lines without a stop whose number is 1. or （1）. What follows the last one is the text
    after the list.

    >>> text = "规定如下：\n一、国旗在右，区旗在左。\n二、国旗在前，区旗在后。\n以上请执行。"
    >>> markers = [Marker(place, place + 2, "numeral", 12, 1, opens_line=True) for place in (6, 19)]
    >>> sorted(find_list_items(text, markers, [6, 19], [-1, -1]))
    [0, 1]
    """
    items: set[int] = set()
    run: list[int] = []
    parts = set(parents)
    fewest = _FEWEST_CLAUSES
    for index, marker in enumerate(markers):
        following = places[index + 1] if index + 1 < len(places) else len(text)
        end = _find_line_stop(text, marker, following) if index not in parts else None
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
        if text[end:following].strip(BLANKS_AND_STOPS):
            run = []
        elif text[end : end + 1] not in _STOPS or not (
            text[end] in _SEMICOLONS or has_comma(text, marker.end, end)
        ):
            fewest = _FEWEST_TITLES
    return items


def _find_line_stop(text: str, marker: Marker | None, limit: int) -> int | None:
    """The stop with which a heading ends and its line too, if it opens one and has a number; else None.

    A line that has no stop ends at its line break.
    """
    if marker is None or marker.kind not in NUMBERED_KINDS or not marker.opens_line:
        return None
    end = heading_end(text, marker, limit)
    if text[end : end + 1] in _STOPS and text[end + 1 : end + 2] in ("\n", "\r", ""):
        return end
    if marker.kind not in _LINE_ITEM_KINDS:
        return None
    line_break = PATTERN["line_end"].search(text, marker.end)
    end = line_break.start() if line_break else len(text)
    return None if PATTERN["title_stop"].search(text, marker.end, end) else end
