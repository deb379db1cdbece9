"""The damage itself, as an oracle: a replacement on GBK bytes that matches across characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations

from hanpack.steps.repair.gbk import EURO, EURO_BYTE, characters_by_pair
from hanpack.steps.repair.pronunciation import (
    ANNOTATION,
    COMMONLY_ANNOTATED,
    PRONUNCIATION,
    default_pronunciation,
)

# Characters that are tried besides those that the damaged text shows to be annotated.
MOST_HIDDEN = 7


def annotate(text: str, annotated: Iterable[str]) -> str:
    """Put its default pronunciation after each of some characters, one character after the other."""
    data = text.encode("gbk")
    for character in annotated:
        code = character.encode("gbk")
        data = data.replace(code, code + f"({default_pronunciation(character)})".encode("gbk"))
    return decode_page(data)


def insert_before_marks(text: str, marks: Sequence[str] = "！？") -> str:
    """Put a question mark before each mark, also where its bytes are those of two characters."""
    data = text.encode("gbk")
    for mark in marks:
        data = data.replace(mark.encode("gbk"), b"?" + mark.encode("gbk"))
    return decode_page(data)


def decode_page(data: bytes) -> str:
    """Decode code page 936 as those pages did: an invalid pair is one "?", a single 0x80 the euro sign."""
    text: list[str] = []
    position = 0
    while position < len(data):
        if data[position] <= EURO_BYTE:
            text.append(EURO if data[position] == EURO_BYTE else chr(data[position]))
            position += 1
        else:
            pair = data[position : position + 2]
            text.append(characters_by_pair().get((pair[0], pair[1]), "?") if len(pair) == 2 else "?")
            position += 2
    return "".join(text)


def is_marked(clean: str, damaged: str) -> bool:
    """Whether :func:`insert_before_marks` makes one text of the other."""
    # A mark that is a character of its own was not damaged.
    return insert_before_marks(clean).replace("?！", "！") == damaged.replace("?！", "！")


def is_annotated(clean: str, damaged: str) -> bool:
    """Whether :func:`annotate` makes one text of the other, with some list of characters in some order.

    The order of a page's list is not known; three orders of it account for all but a few pages.
    """
    shown = {damaged[match.start() - 1] for match in ANNOTATION.finditer(damaged)} & set(clean) - set("?")
    pronounced = {match[1] for match in re.finditer(rf"[?(]({PRONUNCIATION})\)", damaged)}
    codes = clean.encode("gbk")
    across = {codes[start : start + 2].decode("gbk", errors="ignore") for start in range(len(codes) - 1)}
    hidden = sorted(
        character
        for character in across & COMMONLY_ANNOTATED - shown
        if default_pronunciation(character) in pronounced
    )[:MOST_HIDDEN]
    orders = (
        lambda character: character.encode("gbk"),
        lambda character: [-byte for byte in character.encode("gbk")],
        default_pronunciation,
    )
    return any(
        annotate(clean, sorted(shown | set(chosen), key=order)) == damaged
        for size in range(len(hidden) + 1)
        for chosen in combinations(hidden, size)
        for order in orders
    )
