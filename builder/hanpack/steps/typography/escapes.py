r"""Escapes of characters that were written out (\u200b, \u4f60\u597d), a part of the step ``controls``.

Code and texts about characters name them too: of invisible characters only those that touch Chinese, or are
in a row after it, are leftovers; of ideographs only two in a row. An escape between quotation marks, in code
or after a letter stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.replacements import Replacement

_CHINESE = "\u2018-\u201f\u2026\u3000-\u303f\u3400-\u9fff\uff01-\uff5e"
_ESCAPE = (
    r"\\(?:u(?:00[aA][0dD]|200[b-fB-F]|202[89a-eA-E]|206[0-9a-fA-F]|3000|[fF][eE][fF][fF])|x[aA]0|[rnt])"
)
_RUN = compile_lazily(rf"(?:(?<=[{_CHINESE}])|(?<=\n)|\A)(?:{_ESCAPE})+(?=[{_CHINESE}\s]|\Z)")
_ONE = compile_lazily(_ESCAPE)
# Two ideographs or marks in a row, at least one an ideograph; the blanks and marks of ASCII stay as they are.
_WRITTEN_OUT = compile_lazily(
    r"(?<![A-Za-z0-9\\])(?=(?:\\u[0-9a-fA-F]{4}){0,8}\\u[4-9][0-9a-fA-F]{3})"
    r"(?:\\u(?:[4-9][0-9a-fA-F]{3}|3[04-9a-fA-F][0-9a-fA-F]{2}|20[12][0-9a-fA-F]|[fF][fF][0-9a-eA-E][0-9a-fA-F])){2,}"
)
# The two halves of a character beyond the Basic Multilingual Plane, as of an emoji, after Chinese or another.
_PAIR = compile_lazily(
    rf"(?:(?<=[{_CHINESE}])|(?<=\n)|\A)(?:\\u[dD][89abAB][0-9a-fA-F]{{2}}\\u[dD][c-fC-F][0-9a-fA-F]{{2}})+"
)
# What an escape becomes if it is not simply removed.
_BLANKS = {
    "\\n": "\n",
    "\\u2028": "\n",
    "\\u2029": "\n",
    "\\t": " ",
    "\\x": " ",
    "\\u00a0": " ",
    "\\u3000": "\u3000",
}
# Signs of code in a line, and how many characters before and after an escape are looked at.
_AROUND = 200
# The characters of an escape of four hexadecimal digits.
_ESCAPE_LENGTH = 6
_CODE = compile_lazily(r"""["'`]""")


def find_escapes(text: str) -> Iterator[Replacement]:
    r"""The escapes that were left in Chinese text.

    >>> [(escape.start, escape.end) for escape in find_escapes("漂亮！\\u200b\\u200b")]
    [(3, 9), (9, 15)]
    """
    if "\\" not in text:
        return
    yield from sorted(
        chain(_find_invisible(text), _find_written_out(text), _find_pairs(text)),
        key=lambda escape: escape.start,
    )


def _find_written_out(text: str) -> Iterator[Replacement]:
    """The escapes of Chinese characters in a row."""
    for run in _WRITTEN_OUT.finditer(text):
        if not _is_code(text, *run.span()):
            for start in range(run.start(), run.end(), _ESCAPE_LENGTH):
                character = chr(int(text[start + 2 : start + _ESCAPE_LENGTH], 16))
                if not _RUN.match(text, start):
                    yield Replacement(start, start + _ESCAPE_LENGTH, character)


def _find_pairs(text: str) -> Iterator[Replacement]:
    """The escapes of surrogate pairs after Chinese."""
    for run in _PAIR.finditer(text):
        if not _is_code(text, *run.span()):
            for start in range(run.start(), run.end(), 2 * _ESCAPE_LENGTH):
                high, low = (
                    int(text[at + 2 : at + _ESCAPE_LENGTH], 16) for at in (start, start + _ESCAPE_LENGTH)
                )
                character = chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
                yield Replacement(start, start + 2 * _ESCAPE_LENGTH, character)


def _is_code(text: str, start: int, end: int) -> bool:
    """Whether the line around a run of escapes has signs of code."""
    before = text[max(0, start - _AROUND) : start].rpartition("\n")[2]
    after = text[end : end + _AROUND].partition("\n")[0]
    return _CODE.search(before + after) is not None


def _find_invisible(text: str) -> Iterator[Replacement]:
    """The escapes of invisible characters."""
    for run in _RUN.finditer(text):
        if _is_code(text, *run.span()):
            continue
        for escape in _ONE.finditer(text, *run.span()):
            name = escape[0].lower()
            replacement = _BLANKS.get(name[:2] if name[1] == "x" else name, "")
            yield Replacement(*escape.span(), replacement)
