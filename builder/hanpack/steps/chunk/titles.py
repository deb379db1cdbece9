"""Finds where the title of a heading ends, and tells titles from provisions, which have such numbers too."""

from __future__ import annotations

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.chunk.heading_patterns import KIND
from hanpack.steps.chunk.headings import (
    ARTICLE_RANK,
    LONGEST_LINE,
    NUMBERED_KINDS,
    PATTERN,
    SENTENCE_KINDS,
    Marker,
    has_comma,
)

# A longer heading is taken to include the beginning of the text under it.
LONGEST_TITLE = 40
_LONGEST_HEADING = 120
# What says that a sentence is a provision stands within so many characters.
_PROVISION_WITHIN = 120

_ARTICLE_TITLE = PATTERN["article_title"]
_ARTICLE_HEADING = compile_lazily(f"{KIND['article'].pattern}(?:{_ARTICLE_TITLE.pattern})?")
# The kinds of numbers that provisions have; those in articles are read by the article.
_PROVISION_KINDS = NUMBERED_KINDS - {"formal_numeral", "circled_digit"}


def article_end(text: str, position: int, limit: int) -> int:
    """Where the heading of the article at a position ends: after its number, or its title in brackets."""
    match = _ARTICLE_HEADING.match(text, position, limit)
    return match.end() if match else position


def title_end(text: str, marker: Marker, limit: int) -> int:
    """Where the title of a heading ends; that of a provision is its number, as for an article.

    >>> text = "四、逾期不申请的，视为放弃权利。"
    >>> title_end(text, Marker(0, 2, "numeral", 12, 4, opens_line=True), len(text))
    2
    """
    is_number = marker.is_provision or is_provision(text, marker, limit)
    end = marker.end if is_number else heading_end(text, marker, limit)
    while end > marker.start and text[end - 1].isspace():
        end -= 1
    return end


def is_provision(text: str, marker: Marker, limit: int) -> bool:
    """Whether a number is followed by a sentence that says what is lawful, or by a step of reasoning.

    So is a sentence that is too long for a title and fills its line, with nothing under it before ``limit``,
    the next marker. A line without a stop is a title, whatever it says.
    """
    if marker.kind not in _PROVISION_KINDS:
        return False
    start = marker.end
    stop = PATTERN["heading_stop"].search(text, start, min(limit, start + _PROVISION_WITHIN))
    end = stop.start() if stop else min(limit, start + _PROVISION_WITHIN)
    if (stop and stop[0] in "\r\n") or end == len(text):
        return False
    if PATTERN["body_words"].search(text, start, min(end, marker.start + LONGEST_TITLE)):
        return False
    rule = PATTERN["rule"].search(text, start, min(end + 1, limit))
    if rule and rule.lastgroup == "clause":
        return True
    is_long = LONGEST_TITLE < end - marker.start <= LONGEST_LINE and PATTERN["title_stop"].match(text, end)
    fills_line = text[end + 1 : end + 2] in ("\n", "\r", "") and not text[end + 1 : limit].strip()
    is_sentence = rule or (is_long and fills_line) or PATTERN["reasoning"].match(text, start, end)
    return bool(is_sentence) and has_comma(text, start, end)


def heading_end(text: str, marker: Marker, limit: int) -> int:
    """Where a heading's text ends: at its first stop, the end of its line or ``limit``, the next marker.

    A heading that is too long ends before words that open a body, or at its last comma.
    """
    if marker.kind == "article":
        title = _ARTICLE_TITLE.match(text, marker.end, limit)
        return title.end() if title else marker.end
    pattern = PATTERN["line_end"] if marker.rank < ARTICLE_RANK else PATTERN["heading_stop"]
    stop = pattern.search(text, marker.end, limit)
    end = stop.start() if stop else limit
    if marker.kind in ("numeral", "bracketed_numeral"):
        name = PATTERN["section_name"].search(text, marker.end, min(end, marker.start + LONGEST_TITLE))
        # A clause follows the name: the name is the complete title.
        if name and has_comma(text, name.end(), end):
            return name.end()
    if marker.kind != "markdown":
        ends_line = end == len(text) or text[end] in "\r\n"
        if end - marker.start > (LONGEST_LINE if marker.opens_line and ends_line else LONGEST_TITLE):
            ends_sentence = ends_line or bool(PATTERN["title_stop"].match(text, end))
            is_complete = ends_sentence and (marker.opens_line or marker.kind in SENTENCE_KINDS)
            end = _shortened_end(text, marker, end if is_complete else None)
    end = min(end, marker.start + _LONGEST_HEADING)
    while end > marker.end and text[end - 1].isspace():
        end -= 1
    return end


def _shortened_end(text: str, marker: Marker, stop: int | None) -> int:
    """Where the title of a long heading ends.

    ``stop`` is the end of the sentence, if the title may extend to it.
    """
    start, low = marker.start, marker.end + 4
    is_complete = stop is not None and stop - start <= LONGEST_LINE
    body = PATTERN["body_words" if is_complete else "likely_body_words"].search(
        text, low, start + LONGEST_TITLE
    )
    if body:
        # In 三是突出实际，聚焦解决我省… the words are part of a clause.
        comma = text.rfind("，", low, body.start()) if marker.kind in SENTENCE_KINDS else -1
        return comma if comma > 0 else body.start()
    if stop is not None and is_complete:
        return stop
    comma = max(text.rfind("，", low, start + LONGEST_TITLE), text.rfind(",", low, start + LONGEST_TITLE))
    if comma > 0:
        return comma
    clause = PATTERN["clause_end"].search(text, start + LONGEST_TITLE, start + LONGEST_LINE)
    if clause is None and marker.kind in _PROVISION_KINDS:
        # No title, but the beginning of a sentence.
        return marker.end
    return clause.start() if clause else start + LONGEST_TITLE
