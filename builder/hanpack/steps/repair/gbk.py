"""The GBK code table of scraped pages: which two bytes make which character, and how bad pairs were read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

EURO = "€"
EURO_BYTE = 0x80
FIRST_LEAD = 0x81
LAST_LEAD = 0xFE
Pair = tuple[int, int]


@lru_cache(maxsize=1)
def characters() -> Mapping[Pair, str]:
    """The character of each valid (lead byte, trail byte)."""
    table: dict[Pair, str] = {}
    for lead in range(FIRST_LEAD, LAST_LEAD + 1):
        for trail in range(0x40, 0xFF):
            decoded = bytes((lead, trail)).decode("gbk", errors="ignore")
            if len(decoded) == 1 and ord(decoded) >= EURO_BYTE:
                table[lead, trail] = decoded
    return MappingProxyType(table)


@lru_cache(maxsize=1)
def pairs() -> Mapping[str, Pair]:
    """The two bytes of each character, private-use characters of the user-defined areas included.

    Windows reads the user-defined areas of code page 936 as U+E000 to U+E765.
    """
    table = {character: pair for pair, character in characters().items()}
    private = [(lead, trail) for lead in range(0xAA, 0xB0) for trail in range(0xA1, 0xFF)]
    private += [(lead, trail) for lead in range(0xF8, 0xFF) for trail in range(0xA1, 0xFF)]
    private += [(lead, trail) for lead in range(0xA1, 0xA8) for trail in range(0x40, 0xA1) if trail != 0x7F]
    for number, pair in enumerate(private):
        table.setdefault(chr(0xE000 + number), pair)
    return MappingProxyType(table)


@lru_cache(maxsize=1)
def by_lead() -> Mapping[int, tuple[tuple[int, str], ...]]:
    """For each lead byte, the (trail byte, character) it can go on with."""
    table: dict[int, list[tuple[int, str]]] = {}
    for (lead, trail), character in characters().items():
        table.setdefault(lead, []).append((trail, character))
    return MappingProxyType({lead: tuple(found) for lead, found in table.items()})


@lru_cache(maxsize=1)
def by_trail() -> Mapping[int, tuple[tuple[int, str], ...]]:
    """For each trail byte, the (lead byte, character) it can follow."""
    table: dict[int, list[tuple[int, str]]] = {}
    for (lead, trail), character in characters().items():
        table.setdefault(trail, []).append((lead, character))
    return MappingProxyType({trail: tuple(found) for trail, found in table.items()})
