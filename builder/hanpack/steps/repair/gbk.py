"""The GBK code table (Windows code page 936) that damaged pages were written and read in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

EURO = "€"
# The byte of the euro sign, and the first that is not ASCII.
EURO_BYTE = 0x80
FIRST_LEAD = 0x81
LAST_LEAD = 0xFE
Pair = tuple[int, int]
_PRIVATE = "\ue766", "\ue864"


@lru_cache(maxsize=1)
def characters_by_pair() -> Mapping[Pair, str]:
    """The character of each valid (lead byte, trail byte)."""
    pairs = [(lead, trail) for lead in range(FIRST_LEAD, LAST_LEAD + 1) for trail in range(0x40, 0xFF)]
    # All pairs are decoded at once, each on a line: a line feed is never part of a character.
    lines = b"\n".join(map(bytes, pairs)).decode("gbk", errors="ignore").split("\n")
    table = {
        pair: decoded
        for pair, decoded in zip(pairs, lines, strict=True)
        if len(decoded) == 1 and ord(decoded) >= EURO_BYTE
    }
    return MappingProxyType(table)


@lru_cache(maxsize=1)
def pairs_by_character() -> Mapping[str, Pair]:
    """The two bytes of each character, private-use characters included.

    Windows decodes the user-defined areas of code page 936 as U+E000 to U+E765; GB 18030 and browsers decode
    the pairs that no character of GBK has as U+E766 to U+E864 (GB 18030-2005; WHATWG, index gb18030).
    """
    table = {character: pair for pair, character in characters_by_pair().items()}
    private = [(lead, trail) for lead in range(0xAA, 0xB0) for trail in range(0xA1, 0xFF)]
    private += [(lead, trail) for lead in range(0xF8, 0xFF) for trail in range(0xA1, 0xFF)]
    private += [(lead, trail) for lead in range(0xA1, 0xA8) for trail in range(0x40, 0xA1) if trail != 0x7F]
    for number, pair in enumerate(private):
        table.setdefault(chr(0xE000 + number), pair)
    upper = [(lead, trail) for lead in range(0xA1, 0xFF) for trail in range(0xA1, 0xFF)]
    lines = b"\n".join(map(bytes, upper)).decode("gb18030", errors="ignore").split("\n")
    for decoded, pair in zip(lines, upper, strict=True):
        if _PRIVATE[0] <= decoded <= _PRIVATE[1] and len(decoded) == 1:
            table.setdefault(decoded, pair)
    return MappingProxyType(table)


@lru_cache(maxsize=1)
def characters_by_lead() -> Mapping[int, tuple[tuple[int, str], ...]]:
    """For each lead byte, the (trail byte, character) of its valid pairs."""
    table: dict[int, list[tuple[int, str]]] = {}
    for (lead, trail), character in characters_by_pair().items():
        table.setdefault(lead, []).append((trail, character))
    return MappingProxyType({lead: tuple(entries) for lead, entries in table.items()})


@lru_cache(maxsize=1)
def characters_by_trail() -> Mapping[int, tuple[tuple[int, str], ...]]:
    """For each trail byte, the (lead byte, character) of its valid pairs."""
    table: dict[int, list[tuple[int, str]]] = {}
    for (lead, trail), character in characters_by_pair().items():
        table.setdefault(trail, []).append((lead, character))
    return MappingProxyType({trail: tuple(entries) for trail, entries in table.items()})
