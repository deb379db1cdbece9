"""The characters that are written out are those that OpenCC and the national character sets give."""

from __future__ import annotations

from benchmarks.write_character_sets import find_character_sets

from hanpack.steps.script.character_sets import SIMPLIFIED_ONLY, TRADITIONAL_ONLY


def test_the_character_sets_are_those_of_opencc() -> None:
    traditional, simplified = find_character_sets()
    assert len(traditional) > 3000
    assert (traditional, simplified) == (TRADITIONAL_ONLY, SIMPLIFIED_ONLY)
