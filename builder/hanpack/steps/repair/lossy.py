"""Damage that lost its bytes for good: found, to be flagged and never guessed at."""

from __future__ import annotations

import re

from hanpack.steps.traced import Replacement

# U+FFFD written as UTF-8 and read as GBK, with the characters that half a U+FFFD is caught in.
_KUN = "锟斤拷"
_KUN_RUN = re.compile(r"(?:锟(?:斤拷?|[\u4e00-\u9fff])?|斤拷|[\u4e00-\u9fff]拷)+|\ufffd+")
_REPLACED = re.compile("\ufffd+")
# EUC-KR read as UTF-8 with the errors dropped: two-byte sequences of many scripts side by side.
_TWO_BYTES = re.compile(r"[\u0180-\u02af\u0370-\u07ff]+")
_BLOCK_BITS = 7
_LEAST_BLOCKS = 5
_LEAST_CHARACTERS = 15


def find_lossy(text: str) -> list[Replacement]:
    """Find what cannot be undone; every replacement is flagged and changes nothing."""
    if text.isascii():
        return []
    lost = _KUN_RUN if _KUN in text else _REPLACED
    spans = [match.span() for match in lost.finditer(text)] + _mixed_scripts(text)
    return [Replacement(start, end, flagged=True) for start, end in sorted(spans)]


def _mixed_scripts(text: str) -> list[tuple[int, int]]:
    """Runs of two-byte letters, where the record mixes too many scripts to be written by a person."""
    runs = [match.span() for match in _TWO_BYTES.finditer(text)]
    letters = "".join(text[start:end] for start, end in runs)
    blocks = {ord(letter) >> _BLOCK_BITS for letter in letters}
    return runs if len(letters) >= _LEAST_CHARACTERS and len(blocks) >= _LEAST_BLOCKS else []
