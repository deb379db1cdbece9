"""The forms of characters: Simplified or Traditional by OpenCC, and the form that the n-gram model counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import opencc

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.gbk import characters_by_pair
from hanpack.steps.repair.ngram_model import PLACEHOLDER, NgramModel

_ALPHANUMERIC_RUN = compile_lazily(r"[A-Za-z0-9.%]+")


@lru_cache(maxsize=1)
def simplified_forms() -> Mapping[str, str]:
    """The Simplified form of every GBK character that has a different one."""
    return _changed_forms("t2s", tuple(characters_by_pair().values()))


@lru_cache(maxsize=1)
def traditional_forms() -> Mapping[str, str]:
    """The Traditional form of every GBK character that has a different one."""
    return _changed_forms("s2t", tuple(characters_by_pair().values()))


@lru_cache(maxsize=1)
def model_forms() -> Mapping[str, str]:
    """The form in which the n-gram model counts a character, for each whose form is not itself."""
    ascii_characters = (chr(code) for code in range(128))
    placeholders = {
        character: PLACEHOLDER for character in ascii_characters if character.isalnum() or character in ".%"
    }
    return {**simplified_forms(), **placeholders}


def simplify(text: str) -> str:
    """The text with each character in its Simplified form; its length stays the same.

    >>> simplify("國家發展")
    '国家发展'
    """
    return text.translate(_to_simplified())


def to_model_text(text: str) -> str:
    """Text as the n-gram model counts it: Simplified, with a placeholder for a run of letters or digits.

    >>> to_model_text("增長7.5%，GDP達3億元")
    '增长0，0达0亿元'
    """
    return simplify(_ALPHANUMERIC_RUN.sub(PLACEHOLDER, text))


def measure_likelihood(ngram_model: NgramModel, text: str) -> float:
    """How likely a text is by the model, whatever its script and its numbers (natural logarithm)."""
    return ngram_model.log_likelihood(to_model_text(text))


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


def _changed_forms(configuration: str, characters: tuple[str, ...]) -> Mapping[str, str]:
    converted = opencc.OpenCC(configuration).convert("\n".join(characters)).split("\n")
    return MappingProxyType(
        {old: new for old, new in zip(characters, converted, strict=True) if old != new and len(new) == 1}
    )
