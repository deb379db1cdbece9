"""Curly quotes that face the wrong way, as in ”僵尸型”; the step ``quotes``."""

from __future__ import annotations

from collections.abc import Iterable

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.replacements import Replacement
from hanpack.steps.traced import Traced

_QUOTE = compile_lazily("[“”]")
_LINE_FROM_QUOTE = compile_lazily("[“”][^\n]*")
# What a quotation does not begin with, and what it does not end with.
_NO_BEGINNING = compile_lazily(r"[，。；、！？：,.;!?\s）》”]")
_NO_END = " \u3000（《〈"


def mend_quotes(traced: Traced) -> Traced:
    """Turn the quotes that face the wrong way, line by line.

    A line with balanced quotes stays. So does a line with an odd number of quotes, or one in which turning
    would put an opening quote before punctuation: there the intended pairs are not certain.

    >>> from hanpack.steps.alignment import Alignment
    >>> mend_quotes(Traced("”甲”和“乙“", Alignment.identity(7))).text
    '“甲”和“乙”'
    """
    changes = [
        change
        for line in _LINE_FROM_QUOTE.finditer(traced.text)
        for change in _turn_quotes(line.group(), line.start())
    ]
    return traced.apply("quotes", changes)


def _turn_quotes(line: str, offset: int) -> list[Replacement]:
    """Take the quotes in pairs, and turn those that do not face their partner."""
    quotes = [(match.start(), match.group()) for match in _QUOTE.finditer(line)]
    if len(quotes) % 2 or _is_balanced(quote for _, quote in quotes):
        return []
    changes: list[Replacement] = []
    for (start, first), (end, last) in zip(quotes[::2], quotes[1::2], strict=True):
        inside = line[start + 1 : end]
        if not inside or _NO_BEGINNING.match(inside) or inside[-1] in _NO_END:
            return []
        if first != "“":
            changes.append(Replacement(offset + start, offset + start + 1, "“"))
        if last != "”":
            changes.append(Replacement(offset + end, offset + end + 1, "”"))
    return changes


def _is_balanced(quotes: Iterable[str]) -> bool:
    depth = 0
    for quote in quotes:
        depth += 1 if quote == "“" else -1
        if depth < 0:
            return False
    return depth == 0
