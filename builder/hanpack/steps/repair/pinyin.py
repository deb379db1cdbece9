"""In-place pinyin: pronunciations that a word filter put after characters, as in 創(chuàng)建國(guó)家.

Damage differs from a gloss, a textbook or the pronunciation of a name by its consistency within the record:
the characters of a fixed list are annotated at every occurrence, one at a time, inside words, with their
default pronunciation. On a page of glosses a word is annotated once; in ruby text every character is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.forms import simplified_forms
from hanpack.steps.repair.gbk import characters_by_pair, pairs_by_character
from hanpack.steps.repair.pronunciation import (
    ANNOTATION,
    BROKEN_ANNOTATION,
    COMMONLY_ANNOTATED,
    default_pronunciation,
    pronunciations,
)
from hanpack.steps.replacements import Replacement

_HAN = compile_lazily(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# What is left of an annotation that was put across two characters, as in 炬?zhèn)鬟f.
_ACROSS = compile_lazily(rf"(?<=[\u3400-\u9fff)]){BROKEN_ANNOTATION.pattern}")
# The least share of a character's occurrences that are annotated, and of its annotations that are inside
# words, for it to count as annotated consistently. The first is also the least share of such characters.
_CONSISTENT_SHARE = 0.7
_INSIDE_SHARE = 0.5
# If more than this share of the Han characters is annotated, the text is ruby text.
_RUBY_SHARE = 0.5
# The evidence that is needed. A character of the list counts 1, another common character 0.5, and each 1 more
# if it is annotated often; an annotation across two characters is enough by itself.
_ENOUGH_EVIDENCE = 2.0
_OFTEN = 3
# In a record of so few Han characters a single annotation of a listed character counts as often.
_SHORT_RECORD = 80
# From this many characters on, a text is long.
_LONG_TEXT = 1 << 20
# The lead bytes of the 3,755 most common characters in GB 2312.
_COMMON_LEADS = range(0xB0, 0xD8)


@dataclass(frozen=True, slots=True)
class _Annotation:
    """``(pronunciation)`` at ``[start, end)`` after a character, and whether that is inside a word.

    ``character`` is empty if the pronunciation belongs to no character before it.
    """

    character: str
    pronunciation: str
    start: int
    end: int
    inside_word: bool


def find_pinyin(text: str) -> list[Replacement]:
    """Find the pronunciations that damage put into a record; a replacement removes each with its parentheses.

    Genuine pinyin stays. A text without a pronunciation in parentheses costs one scan.

    >>> [(edit.start, edit.end, edit.text) for edit in find_pinyin("創(chuàng)新網絡(luò )")]
    [(1, 9, ''), (12, 18, '')]
    >>> find_pinyin("甪(lù)直古镇位于苏州城东，是一座有两千五百多年历史的水乡古镇。")
    []
    """
    annotations = [_read_annotation(text, match) for match in ANNOTATION.finditer(text) if match.start()]
    if not annotations:
        return []
    damaged = _find_damaged_characters(text, annotations)
    if not damaged:
        return []
    pronounced = {annotation.pronunciation for annotation in annotations if annotation.character in damaged}
    return [
        Replacement(annotation.start, annotation.end)
        for annotation in annotations
        if annotation.character in damaged
        or (
            annotation.pronunciation in pronounced
            and (annotation.character or text[annotation.start - 1].isalpha())
        )
    ]


def _read_annotation(text: str, match: re.Match[str]) -> _Annotation:
    """Identify the annotated character: the one before, or one matched across it and an ASCII letter."""
    start, end = match.span()
    character = text[start - 1]
    first = start - 1
    if character < "\x80":
        trail = pairs_by_character().get(text[start - 2 : start - 1], (0, 0))[1]
        character = characters_by_pair().get((trail, ord(character)), "")
        first = start - 2
    elif not _HAN.match(character):
        character = ""
    if match[1] not in pronunciations(character):
        character = ""
    before = text[first - 1] if first > 0 else " "
    after = text[end : end + 1] or " "
    inside_word = bool(_HAN.match(after)) or before == ")" or bool(_HAN.match(before))
    return _Annotation(character, match[1], start, end, inside_word)


def _find_damaged_characters(text: str, annotations: Sequence[_Annotation]) -> Set[str]:
    """The characters whose annotations are damage in this record; empty if it is not damaged."""
    attributed = [annotation for annotation in annotations if annotation.character]
    # Without a string for each character of a long text.
    han_count = sum(1 for _ in _HAN.finditer(text)) if len(text) > _LONG_TEXT else len(_HAN.findall(text))
    if not attributed or len(attributed) > _RUBY_SHARE * han_count:
        return frozenset()
    annotated = Counter(annotation.character for annotation in attributed)
    inside_word = Counter(annotation.character for annotation in attributed if annotation.inside_word)
    different = Counter(
        character
        for character, _ in {(annotation.character, annotation.pronunciation) for annotation in attributed}
    )
    occurrences = Counter(text)
    consistent = {
        character
        for character, number in annotated.items()
        if different[character] == 1
        and number >= _CONSISTENT_SHARE * occurrences[character]
        and inside_word[character] >= _INSIDE_SHARE * number
    }
    evidence = sum(_evidence(character, annotated[character], han_count) for character in consistent)
    evidence += _ENOUGH_EVIDENCE * bool(_ACROSS.search(text))
    if evidence < _ENOUGH_EVIDENCE or len(consistent) < _CONSISTENT_SHARE * len(annotated):
        return frozenset()
    return {
        character
        for character in annotated
        if character in COMMONLY_ANNOTATED
        or _is_common(character)
        or (character in consistent and annotated[character] > 1)
    }


def _evidence(character: str, number: int, han_count: int) -> float:
    """How much a consistently annotated character counts as evidence of damage."""
    listed = character in COMMONLY_ANNOTATED
    evidence = 1.0 if listed else 0.5 if _is_common(character) else 0.0
    if evidence and (number >= _OFTEN or (han_count <= _SHORT_RECORD and listed)):
        evidence += 1.0
    return evidence


def _is_common(character: str) -> bool:
    form = simplified_forms().get(character, character)
    return pairs_by_character().get(form, (0, 0))[0] in _COMMON_LEADS and bool(
        default_pronunciation(character)
    )
