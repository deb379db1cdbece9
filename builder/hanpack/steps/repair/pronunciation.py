"""How a Chinese character is read, by pypinyin, and how a reading stands in parentheses in a text."""

from __future__ import annotations

import re
from functools import lru_cache

import pypinyin

LETTERS = "a-zāáǎàēéěèêīíǐìōóǒòūúǔùǖǘǚǜüńňǹɡ"
PRONUNCIATION = rf"[{LETTERS}]{{1,6}}"
# A space may stand after the reading, as in 網絡(luò ).
ANNOTATION = re.compile(rf"\(({PRONUNCIATION}) ?\)")


@lru_cache(maxsize=65536)
def pronunciations(character: str) -> tuple[str, ...]:
    """All readings of a character with tone marks, the context-free default first."""
    found = pypinyin.pinyin(character, style=pypinyin.Style.TONE, heteronym=True, errors="ignore")
    return tuple(found[0]) if found else ()


def default_pronunciation(character: str) -> str:
    """The context-free default reading of a character, empty where it has none."""
    known = pronunciations(character)
    return known[0] if known else ""
