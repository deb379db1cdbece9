"""Finds where a text may be cut: after paragraphs and sentences, and inside long sentences.

Sentence ends are found in one scan of the text. Ends of clauses and words and the limits of grapheme clusters
(extended ones, UAX #29) are searched only near a cut that needs them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from hanpack.lazy_patterns import compile_lazily, compile_lazily_by_regex

CLOSERS = "”’」』）)】》〉〕］\\]〗｣\"'"
# What no line or chunk begins with, and what none ends with.
NEVER_FIRST = "，、。；：！？”’」』）)》〉】〕］"
_OPENERS = "“‘「『（(《〈【〔［"
_STOPS = "。！？；…｡．।۔؟"
_ABBREVIATIONS = (
    *("Mr", "Ms", "Dr", "Jr", "Sr", "St", "vs", "No", "pp", "cf", "al", "ed", "Co"),
    *("Mrs", "Inc", "Ltd", "Fig", "Vol", "vol", "e.g", "i.e", "U.S", "Prof", "Corp"),
)
_NO_ABBREVIATION = "".join(
    rf"(?<!\b{re.escape(word)}\.)" for word in sorted(_ABBREVIATIONS, key=lambda word: (len(word), word))
)
# Who spoke, after a quotation: a few characters, a verb of speech and a mark.
_SAYS = (
    r"[\u3400-\u9fff]{1,8}?(?:[说說问問喊叫嚷吼答喝笑骂罵叹嘆念唱]|(?<![知难難味街频渠报報公])道|解释|解釋|表示)"
    r"[着著道了]?[。，,：:！!？?；;…]"
)
# The set of first characters lets the engine skip other text quickly; the branches then look at the mark.
_SENTENCE_END = compile_lazily(
    f"""
    [{_STOPS}!?;.\\r\\n\\u2028\\u2029]
    (?:
        # A line break, with blank lines after it: no opening mark is before it, no closing one after.
        (?<=[\\r\\n\\u2028\\u2029]) (?<![{_OPENERS}][\\r\\n]) (?> \\s* [\\r\\n\\u2028\\u2029] )?+
        (?! [ \\t\\u3000]*+ [{NEVER_FIRST}] )
      # A mark that only ends sentences.
      | (?: (?<=[。！？；…｡।۔؟])
          # A fullwidth full stop that is not part of a figure or a name: ３．５ Ａ．Ｂ
          | (?<=．)  (?<! [0-9０-９] ．) (?! [0-9０-９A-Za-z] )
          # An ASCII mark at the end, before another mark or other than ASCII: 好!我
          | (?<=[!?;]) (?= [^!-~] | [!?;{CLOSERS}] | \\Z )
          # An ASCII mark after Chinese: 工作;2
          | (?<=[\\u3400-\\u9fff”）》」][!?;])
          | (?<=[\\u3400-\\u9fff]\\.) (?= [^!-~] | \\Z )
          # A full stop before white space, unless after an initial, an abbreviation or 1.
          | (?<=\\.) (?<! [\\s.]\\. ) (?<! \\b[A-Za-z]\\.) (?<! ^[0-9]\\.)
            (?<! \\s[0-9]\\.) (?<! \\s[0-9]{{2}}\\.) {_NO_ABBREVIATION} (?= [{CLOSERS}]* (?: \\s | \\Z ) )
        )
        # More marks, closing marks and the white space after them are part of the sentence.
        [{_STOPS}!?;]*+ [{CLOSERS}]*+
        # A quotation continues with who said it: “好。”他说。
        (?: (?<![”」』]) | (?!{_SAYS}) )
        (?: \\s* [\\r\\n\\u2028\\u2029] | [ \\t\\u00a0]+ )?
    )
    """,
    re.VERBOSE | re.MULTILINE,
)
_SAYS_PATTERN = compile_lazily(_SAYS)
_BEFORE_SENTENCE = compile_lazily(r'"(?=[^\s"”’」』）)\]])')
_LAST_CLAUSE = compile_lazily(rf"(?s:.*)(?:[，、：﹑､]|[,:](?![0-9])|——|—(?!—))[{CLOSERS}]*[ \t]*", re.ASCII)
_LAST_SPACE = compile_lazily(r"(?s:.*)\s(?=\S)")
_IDEOGRAPH = "[぀-ヿ㐀-䶿一-鿿]"
# After one that no such mark follows, or before one; a character follows in the range.
_LAST_IDEOGRAPH = compile_lazily(
    rf"(?s:.*)(?=(?s:.))(?:(?<={_IDEOGRAPH})(?![{NEVER_FIRST}])|(?<![{_OPENERS}])(?={_IDEOGRAPH}))"
)
LINE_BREAKS = frozenset("\r\n\u2028\u2029")
# Characters that form no grapheme cluster with one another; of the line breaks only \r\n is a cluster.
_PLAIN = "[ -~、-〩〰-〼぀-゘゛-ヿ㐀-䶿一-鿿！-･‐-‧‰-⁞]"
_PLAIN_LIMIT = compile_lazily(rf"{_PLAIN}(?:{_PLAIN}|[\r\n])|\n|\r(?!\n)")
# The same for all characters: limits are beside controls, and between characters that join no others (UAX
# #29, rules GB4, GB5 and GB999).
_CERTAIN_LIMIT = compile_lazily_by_regex(
    r"[\p{GCB=CN}\n]|\r(?!\n)|(?s:.)[\p{GCB=CN}\r]|[^\r]\n|[\p{GCB=XX}]{2}"
)
_CLUSTER = compile_lazily_by_regex(r"\X")
# How many characters before an end of a sentence its closing quote may be: blanks may follow it.
_QUOTE_BEFORE_END = 4
_AFTER_QUOTE = f"{CLOSERS} \t\u00a0\r\n\u2028\u2029"
# How many characters before an end the colon of an introduction may be, with the blanks after it.
_BLANKS_AFTER_COLON = 8
# No cluster is searched further back than this many characters.
_LOOK_BACK = 2048


class Strength(IntEnum):
    """How natural a cut is; the greater the better."""

    CHARACTER = 0
    GRAPHEME = 1
    WORD = 2
    CLAUSE = 3
    SENTENCE = 4
    LINE = 5
    PARAGRAPH = 6


def find_sentence_ends(text: str) -> list[int]:
    r"""The positions after each sentence and each line, closing quotes and brackets included, in order.

    Blanks after a sentence belong to it; the indent of a line belongs to the line. The last end is always
    the end of the text; an empty text has none.

    >>> find_sentence_ends("他说：“好。”走了……\n完")
    [7, 12, 13]
    """
    ends: list[int] = list(map(re.Match.end, _SENTENCE_END.finditer(text)))
    if '"' in text:
        ends = list(_settle_quotes(text, ends))
    if text and (not ends or ends[-1] < len(text)):
        ends.append(len(text))
    return ends


def leave_out_ends(ends: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[int]:
    """The ends that are in none of the spans; the last end, that of the text, always stays.

    >>> leave_out_ends([3, 5, 8, 9], [(4, 8)])
    [3, 8, 9]
    """
    kept: list[int] = []
    position = 0
    for start, end in spans:
        low = bisect_left(ends, start, position)
        high = bisect_left(ends, end, low)
        kept += ends[position:low]
        position = min(high, len(ends) - 1)
    return [*kept, *ends[position:]]


def _settle_quotes(text: str, ends: Iterable[int]) -> Iterator[int]:
    """Correct the ends after a straight quote: before one that opens a quotation, none before who said it.

    A straight quote opens a quotation if an even number of them is before it in its line.
    """
    before, counted, count = 0, 0, 0
    for end in ends:
        quote = text.rfind('"', max(before, end - _QUOTE_BEFORE_END), end)
        before = end
        if quote >= 0 and not text[quote + 1 : end].strip(_AFTER_QUOTE):
            line = text.rfind("\n", counted, quote) + 1
            count = text.count('"', line, quote) if line else count + text.count('"', counted, quote)
            counted = quote
            if count % 2 == 0 and quote > 1 and _BEFORE_SENTENCE.match(text, quote):
                end = quote
            elif _SAYS_PATTERN.match(text, end):
                continue
        yield end


def strength_of_end(text: str, position: int) -> Strength:
    """The strength of a position from :func:`find_sentence_ends`, without regard to headings."""
    if is_within_line(text, position):
        return Strength.SENTENCE
    if position == len(text):
        return Strength.PARAGRAPH
    line = text[max(0, position - 64) : position]
    return Strength.PARAGRAPH if line.count("\n", len(line.rstrip())) > 1 else Strength.LINE


def introduces(text: str, position: int) -> bool:
    r"""Whether the words before a position introduce what follows it: they end in a colon.

    >>> introduces("下列情形：\n（一）", 6), introduces("下列情形。\n", 6)
    (True, False)
    """
    return text[max(0, position - _BLANKS_AFTER_COLON) : position].rstrip().endswith(("：", ":"))


def is_within_line(text: str, position: int) -> bool:
    """Whether a position after the first character is neither at the end of a line nor at that of the text.

    >>> is_within_line("甲。乙。", 2), is_within_line("甲。乙。", 4)
    (True, False)
    """
    return position < len(text) and text[position - 1] not in LINE_BREAKS


def find_finer_cut(text: str, low: int, high: int) -> tuple[int, Strength]:
    """The best position in ``(low, high]``, in which no sentence ends; ``high`` is inside the text.

    It is the last clause end of the second half, else the last blank, else the last ideograph there, and
    never inside a grapheme cluster. Only a cluster that fills the entire range is cut, between characters.

    >>> find_finer_cut("推进创新发展质量，提高效益水平", 0, 14)
    (9, <Strength.CLAUSE: 3>)
    """
    middle = low + (high - low) // 2
    for pattern, strength in (
        (_LAST_CLAUSE, Strength.CLAUSE),
        (_LAST_SPACE, Strength.WORD),
        (_LAST_IDEOGRAPH, Strength.GRAPHEME),
    ):
        match = pattern.match(text, middle, high + 1)
        if match:
            end = min(match.end(), high)
            if end == match.end() and last_cluster_limit(text, low, end) == end:
                return end, strength
    limit = last_cluster_limit(text, low, high)
    return (high, Strength.CHARACTER) if limit is None else (limit, Strength.GRAPHEME)


def is_cluster_limit(text: str, position: int) -> bool:
    """Whether the position is inside no grapheme cluster (extended, UAX #29)."""
    if position <= 0 or position >= len(text) or _PLAIN_LIMIT.match(text, position - 1):
        return True
    return last_cluster_limit(text, max(0, position - _LOOK_BACK), position) == position


def next_cluster_limit(text: str, position: int) -> int:
    """The end of the grapheme cluster that begins at a position; a cluster over 2,048 characters is cut."""
    # For some clusters the engine reads all of the text it gets, so it gets no more than it needs.
    for size in (16, _LOOK_BACK):
        cluster = _CLUSTER.match(text[position : position + size])
        if cluster and cluster.end() < size:
            return position + int(cluster.end())
    return min(position + _LOOK_BACK, len(text))


def last_cluster_limit(text: str, low: int, high: int) -> int | None:
    """The last limit between grapheme clusters in ``(low, high]``, or None; ``low`` counts as a limit."""
    if high >= len(text):
        return len(text) if len(text) > low else None
    if high <= low:
        return None
    certain = high
    if not _PLAIN_LIMIT.match(text, high - 1):
        while certain > low and not _CERTAIN_LIMIT.match(text, certain - 1):
            certain -= 1
    if certain == high:
        return high
    last = certain
    # The clusters after the nearest certain limit, up to the one that reaches across ``high``: the character
    # after ``high`` is in the slice, so it does so there as well.
    for cluster in _CLUSTER.finditer(text[certain : high + 1]):
        if certain + cluster.end() > high:
            break
        last = certain + cluster.end()
    return last if last > low else None
