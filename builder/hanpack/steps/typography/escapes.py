r"""Escapes of invisible characters that were written out (\u200b), a part of the step ``controls``.

Code and texts about characters name them too: only those that touch Chinese, or are in a row after it, are
leftovers. An escape between quotation marks, in code or after a letter stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.replacements import Replacement

_CHINESE = "\u2018-\u201f\u2026\u3000-\u303f\u3400-\u9fff\uff01-\uff5e"
_ESCAPE = (
    r"\\(?:u(?:00[aA][0dD]|200[b-fB-F]|202[89a-eA-E]|206[0-9a-fA-F]|3000|[fF][eE][fF][fF])|x[aA]0|[rnt])"
)
_RUN = compile_lazily(rf"(?:(?<=[{_CHINESE}])|(?<=\n)|\A)(?:{_ESCAPE})+(?=[{_CHINESE}\s]|\Z)")
_ONE = compile_lazily(_ESCAPE)
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
_CODE = compile_lazily(r"""["'`]""")


def find_escapes(text: str) -> Iterator[Replacement]:
    r"""The escapes of invisible characters that were left in Chinese text.

    >>> [(escape.start, escape.end) for escape in find_escapes("漂亮！\\u200b\\u200b")]
    [(3, 9), (9, 15)]
    """
    if "\\" not in text:
        return
    for run in _RUN.finditer(text):
        before = text[max(0, run.start() - _AROUND) : run.start()].rpartition("\n")[2]
        after = text[run.end() : run.end() + _AROUND].partition("\n")[0]
        if _CODE.search(before + after):
            continue
        for escape in _ONE.finditer(text, *run.span()):
            name = escape[0].lower()
            replacement = _BLANKS.get(name[:2] if name[1] == "x" else name, "")
            yield Replacement(*escape.span(), replacement)
