"""Texts for people: every character visible, on one line, not too long.

The module is this small because all parts of the report and the trace share it.
"""

from __future__ import annotations

import re

LONGEST = 4000
# Characters that are invisible, or that change the direction of the text around them.
_INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u00ad\\u061c\\u115f\\u1160\\u180e\\u200b-\\u200f\\u2028-\\u202e"
    "\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ud800-\\udfff]"
)


def make_visible(text: str) -> str:
    r"""The same text with invisible characters written as their code points, a carriage return as ␍.

    >>> make_visible("a\u200bb\r\n")
    'a⟦U+200B⟧b␍\n'
    """
    return _INVISIBLE.sub(lambda match: f"⟦U+{ord(match.group()):04X}⟧", text.replace("\r", "␍"))


def clip_text(text: str, longest: int = LONGEST) -> str:
    """The same text, visible; of one longer than ``longest`` characters only the beginning and the end.

    >>> clip_text("0123456789", 4)
    '01 … 6 characters more … 89'
    """
    if len(text) > longest:
        half = longest // 2
        text = f"{text[:half]} … {len(text) - 2 * half:,} characters more … {text[-half:]}"
    return make_visible(text)


def put_on_one_line(text: str) -> str:
    r"""The same text with symbols for line breaks and tabs.

    >>> put_on_one_line("a\n\tb")
    'a⏎⇥b'
    """
    return text.replace("\n", "⏎").replace("\t", "⇥")
