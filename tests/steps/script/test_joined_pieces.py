"""Pieces of text that are converted together come out as each does by itself."""

from __future__ import annotations

from functools import cache, partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from hanpack.resources.form_classifier import load_form_classifier
from hanpack.steps.script.forms import FormChooser
from hanpack.steps.script.joined_pieces import convert_pairs, convert_pieces

PIECES = st.lists(st.text("发放资金头理发后面里程序软件打印机出租车位。\n“甲A1\x1e", max_size=9), max_size=9)


@cache
def load(configuration: str) -> OpenCC:
    return OpenCC(configuration)


@cache
def make_chooser() -> FormChooser:
    return FormChooser(load_form_classifier(), regional=True)


@given(PIECES, st.sampled_from(["s2tw", "s2twp", "s2hkp"]))
def test_pieces_are_converted_together_as_each_by_itself(pieces: list[str], configuration: str) -> None:
    convert = load(configuration).convert
    assert convert_pieces(pieces, convert) == [convert(piece) for piece in pieces]


@given(PIECES, st.booleans())
def test_forms_are_chosen_together_as_in_each_piece_by_itself(pieces: list[str], official: bool) -> None:
    plain = [load("s2tw").convert(piece) for piece in pieces]
    choose = partial(make_chooser().choose, official=official)
    assert convert_pairs(pieces, plain, choose) == list(map(choose, pieces, plain))


@pytest.mark.parametrize("count", [2, 1_000])
def test_many_pieces_take_one_call(count: int) -> None:
    calls: list[str] = []

    def note(text: str) -> str:
        calls.append(text)
        return text

    assert convert_pieces(["头发。"] * count, note) == ["头发。"] * count
    assert len(calls) == 1
