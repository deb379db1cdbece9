"""Where a text may be cut: ends of paragraphs and sentences, and finer places where those lie too far apart.

Sentence ends are found in one scan. Ends of clauses and words and the limits of grapheme clusters
(UAX #29, extended) are looked for only beside a cut that needs them.
"""

from __future__ import annotations

import re
from enum import IntEnum

import regex

CLOSERS = "”’」』）)】》〉〕］\\]〗｣\"'"
_STOPS = "。！？；…｡．।۔؟"
_ABBREVIATIONS = (
    *("Mr", "Ms", "Dr", "Jr", "Sr", "St", "vs", "No", "pp", "cf", "al", "ed", "Co"),
    *("Mrs", "Inc", "Ltd", "Fig", "Vol", "vol", "e.g", "i.e", "U.S", "Prof", "Corp"),
)
_NO_ABBREVIATION = "".join(
    rf"(?<!\b{re.escape(word)}\.)" for word in sorted(_ABBREVIATIONS, key=lambda word: (len(word), word))
)
# One set of first characters lets the engine run through clean text; the branches then look at which it was.
_END = re.compile(
    f"""
    [{_STOPS}!?;.\\r\\n\\u2028\\u2029]
    (?:
        (?<=[\\r\\n\\u2028\\u2029]) (?: \\s* [\\r\\n\\u2028\\u2029] )?
      | (?: (?<=[。！？；…｡।۔؟])
          | (?<=．)  (?<! [0-9０-９] ．) (?! [0-9０-９A-Za-z] )
          | (?<=[!?;]) (?= [^!-~] | [!?;{CLOSERS}] | \\Z )
          | (?<=[\\u3400-\\u9fff”）》」][!?;])
          | (?<=[\\u3400-\\u9fff]\\.) (?= [^!-~] | \\Z )
          | (?<=\\.) (?<! [\\s.]\\. ) (?<! \\b[A-Za-z]\\.) (?<! ^[0-9]\\.)
            (?<! \\s[0-9]\\.) (?<! \\s[0-9]{{2}}\\.) {_NO_ABBREVIATION} (?= [{CLOSERS}]* (?: \\s | \\Z ) )
        )
        [{_STOPS}!?;]* [{CLOSERS}]*
        (?: \\s* [\\r\\n\\u2028\\u2029] | [ \\t\\u00a0]+ )?
    )
    """,
    re.VERBOSE | re.MULTILINE,
)
_LAST_CLAUSE = re.compile(rf"(?s:.*)(?:[，、：﹑､]|[,:](?![0-9])|——|—(?!—))[{CLOSERS}]*[ \t]*", re.ASCII)
_LAST_SPACE = re.compile(r"(?s:.*)\s(?=\S)")
_LAST_IDEOGRAPH = re.compile(r"(?s:.*)[぀-ヿ㐀-䶿一-鿿]|(?s:.*)(?=[぀-ヿ㐀-䶿一-鿿])")
_BREAKS = "\r\n\u2028\u2029"
# Characters that never join a neighbour of their own kind into a cluster; a line break joins only as \r\n.
_PLAIN = "[ -~、-〩〰-〼぀-゘゛-ヿ㐀-䶿一-鿿！-･‐-‧‰-⁞]"
_PLAIN_LIMIT = re.compile(rf"{_PLAIN}(?:{_PLAIN}|[\r\n])|\n|\r(?!\n)")
_CLUSTER = regex.compile(r"\X")
_LOOK_BACK = 2048


class Strength(IntEnum):
    """How natural a cut is; a greater value is the better place."""

    CHARACTER = 0
    GRAPHEME = 1
    WORD = 2
    CLAUSE = 3
    SENTENCE = 4
    LINE = 5
    PARAGRAPH = 6
    HEADING = 7


def find_sentence_ends(text: str) -> list[int]:
    """Every place after a sentence or a line, with its closing quotes and brackets, in order.

    Blanks after a sentence belong to it; the indent of a line belongs to the line. The end of the text is
    always among them, its start never; an empty text has none.
    """
    ends: list[int] = list(map(re.Match.end, _END.finditer(text)))
    if text and (not ends or ends[-1] < len(text)):
        ends.append(len(text))
    return ends


def strength_of_end(text: str, position: int) -> Strength:
    """How strong a place found by :func:`find_sentence_ends` is, headings not considered."""
    if position == len(text):
        return Strength.PARAGRAPH
    if text[position - 1] not in _BREAKS:
        return Strength.SENTENCE
    line = text[max(0, position - 64) : position]
    return Strength.PARAGRAPH if line.count("\n", len(line.rstrip())) > 1 else Strength.LINE


def find_finer_cut(text: str, low: int, high: int) -> tuple[int, Strength]:
    """The best place in ``(low, high]`` where no sentence ends; ``high`` lies inside the text.

    The last clause end, blank or ideograph of the second half is taken, in this order, never within
    a grapheme cluster; only where one cluster fills the whole range is it cut, between characters.
    """
    middle = low + (high - low) // 2
    for pattern, strength in (
        (_LAST_CLAUSE, Strength.CLAUSE),
        (_LAST_SPACE, Strength.WORD),
        (_LAST_IDEOGRAPH, Strength.GRAPHEME),
    ):
        found = pattern.match(text, middle, high + 1)
        if found:
            end = min(found.end(), high)
            if end == found.end() and last_cluster_limit(text, low, end) == end:
                return end, strength
    place = last_cluster_limit(text, low, high)
    return (high, Strength.CHARACTER) if place is None else (place, Strength.GRAPHEME)


def is_cluster_limit(text: str, position: int) -> bool:
    """Whether no grapheme cluster (UAX #29, extended) reaches across the position."""
    if position <= 0 or position >= len(text) or _PLAIN_LIMIT.match(text, position - 1):
        return True
    return last_cluster_limit(text, max(0, position - _LOOK_BACK), position) == position


def next_cluster_limit(text: str, position: int) -> int:
    """The end of the grapheme cluster that begins at a position; one longer than 2,048 characters is cut."""
    # The engine looks at all of a text for some clusters, so it is given no more than it needs.
    for size in (16, _LOOK_BACK):
        found = _CLUSTER.match(text[position : position + size])
        if found and found.end() < size:
            return position + int(found.end())
    return min(position + _LOOK_BACK, len(text))


def last_cluster_limit(text: str, low: int, high: int) -> int | None:
    """The last limit between grapheme clusters in ``(low, high]``, or None; ``low`` is taken as one."""
    if high >= len(text):
        return len(text) if len(text) > low else None
    place = high
    while place > low and not _PLAIN_LIMIT.match(text, place - 1):
        place -= 1
    if place == high:
        return high if high > low else None
    last = place
    # The clusters are counted out from the nearest place that is certainly a limit. One that reaches across
    # ``high`` reaches across it in the slice as well.
    for cluster in _CLUSTER.finditer(text[place : high + 1]):
        if place + cluster.end() > high:
            break
        last = place + cluster.end()
    return last if last > low else None
