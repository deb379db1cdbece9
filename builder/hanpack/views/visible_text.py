"""Texts for people: every character visible, on one line, not too long.

Whatever comes from a source or a build goes through this module before it reaches a screen, a log or a page:
a control character could rewrite what the terminal shows, and an override of the direction what a person
reads.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hanpack.chinese import translate
from hanpack.lazy_patterns import compile_lazily

if TYPE_CHECKING:
    from rich.text import Text

LONGEST = 4000
# The symbols of the report's page (views/report/page.js).
_BLANKS = str.maketrans({" ": "␣", "\u3000": "□", "\u00a0": "⍽"})
# Characters that are invisible, or that change the direction of the text around them.
_INVISIBLE = compile_lazily(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ud800-\\udfff\\U000e0000-\\U000e007f]"
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
        more = translate(f"{len(text) - 2 * half:,} characters more")
        text = f"{text[:half]} … {more} … {text[-half:]}"
    return make_visible(text)


def put_on_one_line(text: str) -> str:
    r"""The same text with symbols for line breaks and tabs.

    >>> put_on_one_line("a\n\tb")
    'a⏎⇥b'
    """
    return text.replace("\n", "⏎").replace("\t", "⇥")


def show_blanks(text: str) -> str:
    r"""The same text, with a symbol for each blank if there is nothing else, which a reader would not see.

    >>> show_blanks(" \u3000"), show_blanks("a b")
    ('␣□', 'a b')
    """
    return text.translate(_BLANKS) if text.isspace() else text


def show_line(value: object, style: str = "") -> Text:
    r"""A value as one visible line for the terminal; it is no markup, whatever it contains.

    >>> show_line("a\x1b[31m[bold]\n").plain
    'a⟦U+001B⟧[31m[bold]⏎'
    """
    from rich.text import Text

    return Text(put_on_one_line(make_visible(str(value))), style)


def show_hint(text: str) -> Text:
    """What a user may type next, on a line that is not wrapped, so that it can be copied."""
    line = show_line(text, "dim")
    line.no_wrap, line.overflow = True, "ignore"
    return line


def dump_json(value: object) -> str:
    r"""A value as JSON on one line: invisible characters are escapes, a number that is not finite is null.

    >>> dump_json({"a\u202e": ["甲", float("nan")]})
    '{"a\\u202e": ["甲", null]}'
    """
    text = json.dumps(_drop_not_finite(value), ensure_ascii=False, default=str)
    return _INVISIBLE.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _drop_not_finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _drop_not_finite(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_drop_not_finite(inner) for inner in value]
    return value
