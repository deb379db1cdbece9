"""A part of a text counts exactly as it does when it is encoded by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.errors import UsageError
from hanpack.resources.named_vocabularies import NAMED_VOCABULARIES
from hanpack.resources.vocabulary import KNOWN_NAMES, load_vocabulary
from hanpack.steps.tokens import counting
from hanpack.steps.tokens.counters import PROBES, agrees, load_fast_encoder, open_fast_counter
from hanpack.steps.tokens.counting import EncodedTexts, TiktokenCounter, Vocabulary, encode_by_pieces
from hanpack.steps.tokens.tokenized_text import LETTERS, SPACES_AND_MARKS, cut_at_boundaries

# The counters of all vocabularies that are installed.
COUNTERS = {
    row.name: TiktokenCounter(load_vocabulary(row.name))
    for row in NAMED_VOCABULARIES
    if row.format == "tiktoken" and row.find_file()
}
PIECES = (
    *"。，；：、！？“”（）《》…— \t\n\r\u3000\u00a0.,;:!?'\"()/-_<>|#*",
    *"中国人民政府工作报告发展创新aBcDéÉßжЖ한글あア々ʰ１２３123ⅧⅢ½",
    *"\u0301\u200d\ufe0f\u0327𠀀𪛖🎉🇨🇳\ue000\u0000",
    *(
        "'s",
        "'LL",
        "'ſ",
        "\r\n",
        "  ",
        "\n \n",
        "👨\u200d👩\u200d👧",
        "<|endoftext|>",
        "HTTPServer",
        "推进高质量发展",
    ),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=40)


def recount(counter: TiktokenCounter, text: str) -> int:
    return len(counter.encoding.encode_ordinary(text))


@pytest.mark.parametrize("name", COUNTERS)
@settings(max_examples=200, deadline=None)
@given(text=TEXTS, data=st.data())
def test_every_part_counts_as_if_encoded_by_itself(name: str, text: str, data: st.DataObject) -> None:
    counter = COUNTERS[name]
    tokenized = counter.prepare(text)
    assert tokenized.token_count == counter.count(text) == recount(counter, text)
    for _ in range(5):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        assert tokenized.count(start, end) == recount(counter, text[start:end])


@given(text=st.text(st.characters(), max_size=30) | st.text("\ud800\udc00中a", max_size=12))
@settings(max_examples=200, deadline=None)
def test_lone_surrogates_count_as_tiktoken_counts_them(text: str) -> None:
    counter = COUNTERS["o200k_base"]
    tokenized = counter.prepare(text)
    for end in range(len(text) + 1):
        assert tokenized.count(0, end) == recount(counter, text[:end])


@pytest.mark.parametrize("name", KNOWN_NAMES)
def test_the_definition_is_the_one_tiktoken_publishes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tiktoken_ext import openai_public

    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *_, **__: {})
    published = openai_public.ENCODING_CONSTRUCTORS[name]()
    vocabulary = load_vocabulary(name)
    assert vocabulary.pattern == published["pat_str"]
    assert vocabulary.special_tokens == published["special_tokens"]


def test_the_letters_and_marks_of_forced_boundaries_are_of_undisputed_classes() -> None:
    letter = re.compile(f"[{LETTERS}]")
    other = re.compile(f"[{SPACES_AND_MARKS}]")
    for code in range(0x30000):
        sign = chr(code)
        category = unicodedata.category(sign)
        if letter.match(sign):
            assert category[0] == "L"
        if other.match(sign):
            assert category[0] in "PSZ" or sign in "\t\r\n"
            assert sign != "'"


def test_estimates_never_decrease_and_the_reach_inverts_them() -> None:
    text = "推进创新发展，提高质量。hello world 12345 🎉\n" * 20
    tokenized = COUNTERS["o200k_base"].prepare(text)
    before = tokenized.estimate_before(np.arange(len(text) + 1))
    assert (np.diff(before) >= 0).all()
    assert before[-1] == tokenized.token_count
    for start in range(0, 100, 7):
        for tokens in (1, 5, 50):
            assert abs(tokenized.count(start, tokenized.estimate_reach(start, tokens)) - tokens) <= 4


@pytest.mark.parametrize("blank", ["\u3000", " \n"])
def test_a_million_blanks_where_tiktoken_panics_are_counted(blank: str) -> None:
    text = "甲" + blank * (1_100_000 // len(blank)) + "乙"
    assert 0 < COUNTERS["o200k_base"].prepare(text).token_count < len(text)


@pytest.mark.parametrize("name", COUNTERS)
@settings(max_examples=50, deadline=None)
@given(text=TEXTS, size=st.integers(0, 20))
def test_the_pieces_between_forced_boundaries_have_the_tokens_of_the_text(
    name: str, text: str, size: int
) -> None:
    counter = COUNTERS[name]
    pieces = list(cut_at_boundaries(text, size))
    assert "".join(pieces) == text
    assert [token for piece in pieces for token in counter.encode(piece)] == list(counter.encode(text))


def test_a_very_long_text_is_encoded_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "推进创新发展，提高质量。hello world 12345 🎉\n" * 20
    counter = COUNTERS["o200k_base"]
    positions = np.arange(len(text) + 1)
    expected = counter.prepare(text).estimate_before(positions)
    encoded: list[int] = []

    def encode(texts: Sequence[str]) -> EncodedTexts:
        encoded.extend(map(len, texts))
        return counter._encode_with_tiktoken(texts)

    monkeypatch.setattr(counting, "_VERY_LONG", len(text))
    monkeypatch.setattr(counting, "_LONG", 100)
    tokenized = counter.with_encoder(counter.encoder._replace(encode_all=encode)).prepare(text)
    assert sum(encoded) == len(text)
    assert 100 <= max(encoded) < 150
    assert tokenized.estimate_before(positions).tolist() == expected.tolist()


def test_counting_by_pieces_is_what_tiktoken_counts() -> None:
    counter = COUNTERS["o200k_base"]
    text = "".join(PROBES) + " " * 3_000 + "\n" + "\u3000" * 500 + "甲"
    pieces = encode_by_pieces(counter.encoding, load_vocabulary("o200k_base").pattern, text)
    assert pieces.tolist() == counter.encoding.encode_ordinary(text)


def test_a_damaged_ranks_file_is_refused_with_the_number_of_its_line() -> None:
    with pytest.raises(UsageError, match="line 2"):
        TiktokenCounter(Vocabulary("broken", "x", b"YQ== 0\nno ranks here\n", ""))


def test_an_encoder_that_disagrees_is_detected() -> None:
    counter = COUNTERS["o200k_base"]

    def encode_all(texts: Sequence[str]) -> EncodedTexts:
        tokens = [counter.encode(text) for text in texts]
        return np.concatenate(tokens), [0, *accumulate(map(len, tokens))]

    def wrong(texts: Sequence[str]) -> EncodedTexts:
        return encode_all([text.replace("ſ", "s") for text in texts])

    assert agrees(counter.encoder._replace(encode_all=encode_all), counter)
    assert not agrees(counter.encoder._replace(encode_all=wrong), counter)
    assert not agrees(
        counter.encoder._replace(count=lambda text: counter.count(text.replace("ſ", "s"))), counter
    )


@pytest.mark.parametrize("name", KNOWN_NAMES)
def test_the_fast_counter_counts_as_tiktoken_does(name: str) -> None:
    if load_fast_encoder(name) is None:
        pytest.skip("the fast extra is not installed")
    fast = open_fast_counter(load_vocabulary(name))
    text = "\n".join(PROBES) * 3
    assert fast.prepare(text).token_count == fast.count(text) == recount(COUNTERS[name], text)
    assert all(fast.count(line) == recount(COUNTERS[name], line) for line in PROBES)
    assert fast.count("\ud800中") == recount(COUNTERS[name], "\ud800中")
