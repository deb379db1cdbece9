"""The damage itself, as an oracle: a byte-level GBK replace that matches across characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hanpack.steps.repair.gbk import EURO, EURO_BYTE, characters
from hanpack.steps.repair.pronunciation import default_pronunciation


def annotate(text: str, listed: Iterable[str]) -> str:
    """Put its default reading after each listed character, one character of the list after the other."""
    data = text.encode("gbk")
    for character in listed:
        code = character.encode("gbk")
        data = data.replace(code, code + f"({default_pronunciation(character)})".encode("gbk"))
    return read_page(data)


def insert_before_marks(text: str, marks: Sequence[str] = "！？") -> str:
    """Put a question mark before each mark, where its bytes stand across two characters."""
    data = text.encode("gbk")
    for mark in marks:
        data = data.replace(mark.encode("gbk"), b"?" + mark.encode("gbk"))
    return read_page(data)


def read_page(data: bytes) -> str:
    """Decode code page 936 as those pages did: a bad pair is one "?", a lone 0x80 the euro sign."""
    text: list[str] = []
    place = 0
    while place < len(data):
        if data[place] <= EURO_BYTE:
            text.append(EURO if data[place] == EURO_BYTE else chr(data[place]))
            place += 1
        else:
            pair = data[place : place + 2]
            text.append(characters().get((pair[0], pair[1]), "?") if len(pair) == 2 else "?")
            place += 2
    return "".join(text)
