"""Damage whose bytes are lost for good: flagged, never restored by a guess.

A module of its own although short: it needs neither the n-gram model nor the code table of the other repairs.
"""

from __future__ import annotations

import numpy as np

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.replacements import Replacement
from hanpack.steps.texts import JoinedTexts
from hanpack.steps.traced import code_points

# U+FFFD written as UTF-8 and read as GBK, with the characters that half a U+FFFD became a part of.
_MARK = "锟斤拷"
_REPLACED_READ_AS_GBK = compile_lazily(r"(?>锟(?:斤拷?|[\u4e00-\u9fff])?|斤拷|[\u4e00-\u9fff]拷)++|\ufffd+")
_REPLACED = compile_lazily("\ufffd+")
# EUC-KR read as UTF-8 with the errors dropped: letters of two bytes from many scripts side by side.
_TWO_BYTE_LETTERS = compile_lazily(r"[\u0180-\u02af\u0370-\u07ff]+")
# Scripts differ in their blocks of 128 code points: this many blocks, in at least this many
# letters, are damage.
_BLOCK_BITS = 7
_LEAST_BLOCKS = 5
_LEAST_LETTERS = 15
_HAN = r"\u3400-\u9fff"
# What a site left of a text, each found by its first character: a ? in place of a character, after a mark
# that no question ends with; a line break before 是：; and one within the name of a substance that the markup
# of a page has set as a subscript, such as PM2.5.
_LEFTOVERS = compile_lazily(
    rf"\?(?<=[、，；：（《“]\?)(?=[{_HAN}])"
    rf"|\n(?:(?<=[{_HAN}]\n)(?=是[：:])"
    r"|(?<=(?<![A-Za-z])PM\n)(?:2\.5|10)(?![0-9.])\n?"
    r"|(?<=(?<![A-Za-z])[CNS]O\n)[2x](?![0-9.])\n?|(?<=(?<![A-Za-z])NH\n)[34](?![0-9.])\n?)"
)
# What may follow such a line break.
_AFTER_BREAK = code_points("是21x34")

# A text without any of these characters has nothing to flag.
LOSSY_CHARACTERS = (f"\ufffd{_MARK[0]}", ((0x180, 0x2B0), (0x370, 0x800)))


def find_lossy(text: str) -> list[Replacement]:
    r"""Find what cannot be undone; every replacement is flagged and changes nothing.

    >>> find_lossy("数据\ufffd\ufffd丢失")
    [Replacement(start=2, end=4, text='', flagged=True)]
    >>> find_lossy("Привет, как дела?")
    []
    """
    if text.isascii():
        return []
    replaced = _REPLACED_READ_AS_GBK if _MARK in text else _REPLACED
    spans = [match.span() for match in replaced.finditer(text)] + _mixed_script_spans(text)
    return [Replacement(start, end, flagged=True) for start, end in sorted(spans)]


def find_leftovers(text: str) -> list[Replacement]:
    r"""Find characters and line breaks that a site left within sentences; every replacement is flagged.

    >>> find_leftovers("二期、?水灌区开工。PM\n2.5\n年平均浓度下降。主要目标\n是：增长。")
    ... # doctest: +NORMALIZE_WHITESPACE
    [Replacement(start=3, end=4, text='', flagged=True), Replacement(start=12, end=17, text='', flagged=True),
     Replacement(start=29, end=30, text='', flagged=True)]
    """
    return [Replacement(*match.span(), flagged=True) for match in _LEFTOVERS.finditer(text)]


def find_texts_with_leftovers(texts: JoinedTexts) -> set[int]:
    r"""The indexes of the texts in which :func:`find_leftovers` finds something, and perhaps others.

    >>> find_texts_with_leftovers(JoinedTexts(["是吗?", "目标\n是：增长"]))
    {1}
    """
    breaks = texts.find_character("\n")
    following = texts.take_codes(np.minimum(breaks + 1, len(texts.text) - 1))
    places = (texts.find_character("?"), breaks[np.isin(following, _AFTER_BREAK)])
    return texts.find_matches(_LEFTOVERS, np.concatenate(places))


def _mixed_script_spans(text: str) -> list[tuple[int, int]]:
    """Runs of two-byte letters, if the record mixes more scripts than a person would write."""
    spans = [match.span() for match in _TWO_BYTE_LETTERS.finditer(text)]
    letters = "".join(text[start:end] for start, end in spans)
    blocks = {ord(letter) >> _BLOCK_BITS for letter in letters}
    return spans if len(letters) >= _LEAST_LETTERS and len(blocks) >= _LEAST_BLOCKS else []
