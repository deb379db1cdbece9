"""Composition keeps what it must not merge; only characters without any effect are removed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.typography import compose, remove_controls
from tests.steps.traced_texts import trace


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_composed_text_is_nfc_but_for_ideographic_variants(text: str) -> None:
    composed = compose(trace(text)).text
    assert unicodedata.normalize("NFC", composed) == unicodedata.normalize("NFC", text)


def test_composition_keeps_variants_and_symbols() -> None:
    assert compose(trace("e\u0301 \uf900 ㎡Ⅱ")).text == "é \uf900 ㎡Ⅱ"


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("\ufeff甲\u200b乙\x00\u200e\u200d丙", "甲乙丙"),
        ("👩🏽\u200d🚀❤️\u200d🔥", "👩🏽\u200d🚀❤️\u200d🔥"),
        ("क्\u200dष می\u200cخ", "क्\u200dष می\u200cخ"),
        ("שלום\u200e", "שלום\u200e"),
        ("正文\u061c", "正文"),
        ("سلام\u061c", "سلام\u061c"),
        ("a\tb\n", "a\tb\n"),
    ],
)
def test_only_characters_that_show_nothing_and_do_nothing_are_removed(text: str, visible: str) -> None:
    assert remove_controls(trace(text)).text == visible
