"""Quotation marks of the two scripts: “” and ‘’ of Simplified texts, 「」 and 『』 of Traditional ones."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hanpack.lazy_patterns import compile_lazily

_NESTED_QUOTES = str.maketrans("「」『』", "“”‘’")
_QUOTATION = compile_lazily(r"「[^「」]*」|[「」]")
_CURLY_QUOTE = compile_lazily(r"[“”‘]|(?<![A-Za-z])’|’(?![A-Za-z])")
_CORNER_BRACKETS: Mapping[str, str] = {"“": "「", "”": "」", "‘": "『", "’": "』"}


def simplify_quotes(text: str) -> str:
    """Replace 「」 by “”, and 『』 inside them by ‘’; 『』 elsewhere is a style of its own and stays.

    >>> simplify_quotes("「讀『書』」與『詩』")
    '“讀‘書’”與『詩』'
    """
    if "「" not in text and "」" not in text:
        return text
    if "『" in text:
        return _QUOTATION.sub(lambda match: match.group().translate(_NESTED_QUOTES), text)
    return text.replace("「", "“").replace("」", "”")


_CHINESE = compile_lazily("[\u3000-\u30ff\u3400-\u9fff\uff01-\uff5e]")
_LATIN = compile_lazily("[A-Za-z]")
# With a quotation mark.
_LINE_WITHOUT_CHINESE = compile_lazily(
    "^[^\u3000-\u30ff\u3400-\u9fff\uff01-\uff5e\n“”‘’]*[“”‘’][^\u3000-\u30ff\u3400-\u9fff\uff01-\uff5e\n]*$",
    re.MULTILINE,
)


def traditionalise_quotes(text: str) -> str:
    """Replace “” by 「」 and ‘’ by 『』; an apostrophe between Latin letters stays, as does a Latin line.

    >>> traditionalise_quotes("“it’s ‘好’”"), traditionalise_quotes("She said “yes”.")
    ('「it’s 『好』」', 'She said “yes”.')
    """
    if _CURLY_QUOTE.search(text) is None:
        return text
    if _LINE_WITHOUT_CHINESE.search(text) is None:
        return _CURLY_QUOTE.sub(lambda match: _CORNER_BRACKETS[match.group()], text)
    return "\n".join(
        line
        if _is_latin_line(line)
        else _CURLY_QUOTE.sub(lambda match: _CORNER_BRACKETS[match.group()], line)
        for line in text.split("\n")
    )


def _is_latin_line(line: str) -> bool:
    """Whether a line has Latin letters and nothing Chinese; half of a quotation is not judged."""
    return (
        line.count("“") == line.count("”")
        and _LATIN.search(line) is not None
        and _CHINESE.search(line) is None
    )
