"""Damage that lost its bytes for good: found, to be flagged and never guessed at."""

from __future__ import annotations

import re

from hanpack.steps.traced import Replacement

# Replacement characters encoded as UTF-8 and read as GBK give 锟斤拷; runs of U+FFFD are undecoded bytes.
_LOST = re.compile(r"(?:锟斤拷|锟斤|锟[\u4e00-\u9fff]|斤拷)[锟斤拷]*|\ufffd+")


def find_lossy(text: str) -> list[Replacement]:
    """Find 锟斤拷 and replacement characters; every replacement is flagged and changes nothing."""
    return [Replacement(*match.span(), flagged=True) for match in _LOST.finditer(text)]
