"""Differences that no reader sees: decomposed characters, and control and zero-width characters.

The steps ``nfc`` and ``controls``. Unicode normalization form C (Unicode Standard Annex 15) also replaces CJK
compatibility ideographs by the unified ones, which a text may distinguish; here they stay.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby

from hanpack.lazy_patterns import compile_lazily, compile_lazily_by_regex
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced
from hanpack.steps.typography.escapes import find_escapes

_LINE = compile_lazily("[^\n]+")
_GRAPHEME_CLUSTER = compile_lazily_by_regex(r"\X")
# The library sorts the marks after a character in quadratic time. Text has at most 30 in a row (UAX #15,
# Stream-Safe Text Format), so that these runs are rare and sorted here.
_MANY_MARKS = compile_lazily_by_regex(r"\p{M}{31,}+")
_COMPATIBILITY_IDEOGRAPHS = compile_lazily("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")

_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
# With the deprecated format characters, and the beams and slurs of music.
_ZERO_WIDTH = "\u00ad\u17b4\u17b5\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\U0001d173-\U0001d17a"
_DIRECTION_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# The place of an object that was not copied, annotation marks, and code points that are no characters.
_NO_CHARACTERS = "\ufff9-\ufffc\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
# Blanks of Hangul and of Braille, and tags: those stay beside Hangul, between Braille and in flags.
_FILLERS = "\u115f\u1160\u3164\uffa0"
_TAGS = "\U000e0001\U000e0020-\U000e007f"
_MAY_CHANGE = compile_lazily(
    f"[{_CONTROLS}{_ZERO_WIDTH}{_DIRECTION_MARKS}{_NO_CHARACTERS}{_FILLERS}{_TAGS}\u034f\u200c\u200d\u2800]"
)
_RIGHT_TO_LEFT = compile_lazily_by_regex(r"(?!\u061c)[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]")
# Scripts in which a joiner or non-joiner changes the shape of its neighbours; \p{M} are combining marks.
_JOINING_SCRIPTS = (
    r"\p{Arabic}\p{Syriac}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}"
    r"\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Thai}\p{Lao}\p{M}"
)
# A non-joiner outside those scripts, or a joiner outside them and not between two emoji.
_USELESS_JOINER = (
    rf"(?<![{_JOINING_SCRIPTS}])\u200c"
    rf"|\u200d(?<![{_JOINING_SCRIPTS}]\u200d)"
    r"(?:(?<![\p{Extended_Pictographic}\p{EMod}]\u200d)|(?!\p{Extended_Pictographic}))"
)
# A joiner of graphemes matters between combining marks alone.
_USELESS_GRAPHEME_JOINER = r"(?<=[\p{Han}\p{P}])\u034f+"
_USELESS_FILLER = (
    rf"(?<![\p{{Hangul}}])[{_FILLERS}]+(?![\p{{Hangul}}])|(?<![\u2801-\u28ff])\u2800(?![\u2801-\u28ff])"
)
# A flag is a black flag, tags and the tag that ends them (Unicode Technical Standard 51, ED-14a).
_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
_USELESS_TAG = f"{_FLAG}(*SKIP)(*FAIL)|[{_TAGS}]+"
_ALWAYS = (
    f"[{_CONTROLS}{_ZERO_WIDTH}{_NO_CHARACTERS}]+|{_USELESS_FILLER}|{_USELESS_TAG}"
    f"|{_USELESS_JOINER}|{_USELESS_GRAPHEME_JOINER}"
)
_INVISIBLE = compile_lazily_by_regex(_ALWAYS)
_INVISIBLE_OR_DIRECTION = compile_lazily_by_regex(f"[{_DIRECTION_MARKS}]+|{_ALWAYS}")


def compose(traced: Traced) -> Traced:
    r"""Bring a text to form C; compatibility ideographs keep their code points, as do symbols like ㎡ and Ⅱ.

    >>> from hanpack.steps.alignment import Alignment
    >>> compose(Traced("cafe\u0301", Alignment.identity(5))).text
    'café'
    """
    if _is_composed(traced.text):
        return traced
    changes = [
        Replacement(line.start() + cluster.start(), line.start() + cluster.end(), composed)
        for line in _LINE.finditer(traced.text)
        if not _is_composed(line.group())
        for cluster in _GRAPHEME_CLUSTER.finditer(line.group())
        if not _COMPATIBILITY_IDEOGRAPHS.fullmatch(cluster.group())
        if (composed := _compose_cluster(cluster.group())) != cluster.group()
    ]
    return traced.apply("nfc", changes)


def _is_composed(text: str) -> bool:
    return _order_marks(text) == text and unicodedata.is_normalized("NFC", text)


def _compose_cluster(cluster: str) -> str:
    return "".join(
        part if _COMPATIBILITY_IDEOGRAPHS.match(part) else unicodedata.normalize("NFC", _order_marks(part))
        for part in _COMPATIBILITY_IDEOGRAPHS.split(cluster)
    )


def _order_marks(text: str) -> str:
    """The text with long runs of combining marks in canonical order, to which it is equivalent."""
    ordered: str = _MANY_MARKS.sub(lambda run: _order_run(run.group()), text)
    return ordered


def _order_run(run: str) -> str:
    decomposed = "".join(unicodedata.normalize("NFD", mark) for mark in run)
    groups = groupby(decomposed, key=lambda mark: unicodedata.combining(mark) == 0)
    return "".join("".join(sorted(group, key=unicodedata.combining)) for _, group in groups)


def remove_controls(traced: Traced) -> Traced:
    r"""Remove control and zero-width characters, also those that were written out as escapes.

    Joiners stay in emoji and in scripts that need them, direction marks stay in a text with a right-to-left
    script. Tabs, line ends and variation selectors stay.

    >>> from hanpack.steps.alignment import Alignment
    >>> remove_controls(Traced("\ufeff甲\u200b乙", Alignment.identity(4))).text
    '甲乙'
    """
    traced = traced.apply("controls", find_escapes(traced.text))
    text = traced.text
    if _MAY_CHANGE.search(text) is None:
        return traced
    removed = _INVISIBLE if _RIGHT_TO_LEFT.search(text) else _INVISIBLE_OR_DIRECTION
    return traced.apply("controls", (Replacement(*match.span()) for match in removed.finditer(text)))
