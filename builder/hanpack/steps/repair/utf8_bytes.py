"""Finds the UTF-8 in bytes of which some are lost: what is whole is decoded, the rest is left out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from hanpack.lazy_patterns import compile_lazily

# A byte that is not known: it occurs in no UTF-8.
UNKNOWN_BYTE = 0xFF
# The bytes of a character after its first.
CONTINUATION_BYTES = range(0x80, 0xC0)
# Runs of whole characters (The Unicode Standard, table 3-7), and the rest.
_CHARACTER = (
    rb"[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|\xed[\x80-\x9f]|[\xe1-\xec\xee\xef][\x80-\xbf])[\x80-\xbf]"
    rb"|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}"
)
_WHOLE = compile_lazily(rb"(?:" + _CHARACTER + rb")+")
LOST = "\ufffd"
# What Chinese text does not contain: U+FFFD, controls, private use.
NOT_TEXT = compile_lazily("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\U000e0000-\U0010ffff]")
# Ideographs, and the punctuation and letters that Chinese text writes with three bytes.
CHINESE = compile_lazily("[\u2010-\u203b\u2460-\u249b\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]")
IDEOGRAPH = compile_lazily("[\u3400-\u9fff]")


class Stretch(NamedTuple):
    """Whole characters in a row: where their bytes start and end, and their text."""

    start: int
    end: int
    text: str


def find_utf8(raw: bytes) -> Iterator[Stretch]:
    r"""The stretches of whole characters in bytes, in order.

    >>> list(find_utf8("中文".encode()[:-1]))
    [Stretch(start=0, end=3, text='中')]
    """
    return (Stretch(*match.span(), match[0].decode("utf-8")) for match in _WHOLE.finditer(raw))


def count_other_bytes(raw: bytes) -> int:
    r"""How many bytes belong to no whole character.

    >>> count_other_bytes("中文".encode()[:-1])
    2
    """
    return len(_WHOLE.sub(b"", raw))


def find_character_ends(stretch: Stretch) -> Iterator[int]:
    """Where the stretch begins and each of its characters ends, in bytes; one more than it has characters.

    >>> list(find_character_ends(Stretch(start=2, end=6, text="a中")))
    [2, 3, 6]
    """
    return accumulate((len(character.encode()) for character in stretch.text), initial=stretch.start)
