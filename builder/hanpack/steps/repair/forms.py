"""The script forms of characters, by OpenCC: what each is in the other script, and which a text uses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import opencc

from hanpack.steps.repair.gbk import characters


@lru_cache(maxsize=1)
def simplified_forms() -> Mapping[str, str]:
    """The Simplified form of every GBK character that has another one."""
    return _changed("t2s", tuple(characters().values()))


@lru_cache(maxsize=1)
def traditional_forms() -> Mapping[str, str]:
    """The Traditional form of every GBK character that has another one."""
    return _changed("s2t", tuple(characters().values()))


def simplify(text: str) -> str:
    """The text with each character in its Simplified form, and no longer or shorter for it."""
    return text.translate(_to_simplified())


def is_traditional(text: str) -> bool:
    """Whether more of the text's characters are Traditional only than Simplified only."""
    simplified, traditional = simplified_forms(), traditional_forms()
    balance = 0
    for character in text:
        if character in simplified:
            balance += 1
        elif character in traditional:
            balance -= 1
    return balance > 0


@lru_cache(maxsize=1)
def _to_simplified() -> Mapping[int, str]:
    return {ord(old): new for old, new in simplified_forms().items()}


def _changed(configuration: str, known: tuple[str, ...]) -> Mapping[str, str]:
    converted = opencc.OpenCC(configuration).convert("\n".join(known)).split("\n")
    return MappingProxyType(
        {old: new for old, new in zip(known, converted, strict=True) if old != new and len(new) == 1}
    )
