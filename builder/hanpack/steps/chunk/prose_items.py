"""Tells 一是, 二是 and so on that open a paragraph, and are headings, from those that are parts of prose.

This module is short because it knows one construct.
"""

from __future__ import annotations

from collections.abc import Sequence

from hanpack.steps.chunk.heading_values import name_number
from hanpack.steps.chunk.headings import (
    LONGEST_LINE,
    NUMBERED_KINDS,
    PATTERN,
    SENTENCE_KINDS,
    Marker,
)


def find_prose_items(text: str, markers: Sequence[Marker | None]) -> set[int]:
    r"""The indices of 一是, 二是, 一要 and so on that are parts of prose rather than headings.

    In a text with paragraphs one is a heading only if it begins a paragraph that has no other of its list,
    and with a short sentence. In a text whose line breaks are lost nothing shows where a paragraph begins:
    there other numbers, which begin lines in official documents, are within lines too, or all is one line.

    >>> text = "一、回顾\n一是抓项目。二是抓产业。\n二、打算\n"
    >>> markers = [Marker(0, 2, "numeral", 12, 1, True), Marker(5, 7, "numeral_is", 17, 1, True)]
    >>> markers.append(Marker(11, 13, "numeral_is", 17, 2, False))
    >>> sorted(find_prose_items(text, markers))
    [1, 2]
    """
    items = [index for index, marker in enumerate(markers) if marker and marker.kind in SENTENCE_KINDS]
    if not items or _has_lost_breaks(text, markers):
        return set()
    return {index for index in items if _is_in_prose(text, markers[index])}


def _has_lost_breaks(text: str, markers: Sequence[Marker | None]) -> bool:
    numbered = [marker.opens_line for marker in markers if marker and marker.kind in NUMBERED_KINDS]
    return "\n" not in text.strip() or (len(numbered) > 0 and 3 * sum(numbered) <= 2 * len(numbered))


def _is_in_prose(text: str, marker: Marker | None) -> bool:
    if marker is None or not marker.opens_line:
        return True
    sentence = PATTERN["title_stop"].search(text, marker.end, marker.start + LONGEST_LINE)
    end = text.find("\n", marker.end)
    following = name_number(marker.value + 1) + text[marker.end - 1]
    return sentence is None or text.find(following, marker.end, end if end >= 0 else len(text)) >= 0
