"""An encoding of the tokens that a text can have gives it the same tokens as that of all tokens."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.errors import UsageError
from hanpack.resources.vocabulary import KNOWN_NAMES, load_vocabulary
from hanpack.steps.tokens.counters import PROBES
from hanpack.steps.tokens.counting import TiktokenCounter, build_encoding
from hanpack.steps.tokens.encodings import GrowingEncoding
from hanpack.steps.tokens.ranks import find_pairs, parse_ranks

VOCABULARIES = {name: load_vocabulary(name) for name in KNOWN_NAMES}
RANKS = {name: parse_ranks(vocabulary.ranks_file, name) for name, vocabulary in VOCABULARIES.items()}
COMPLETE = {name: TiktokenCounter(vocabulary).encoding for name, vocabulary in VOCABULARIES.items()}
TEXTS = st.lists(st.sampled_from("".join(PROBES)) | st.sampled_from(PROBES), max_size=40).map("".join)


@pytest.mark.parametrize("name", KNOWN_NAMES)
@settings(max_examples=40, deadline=None)
@given(texts=st.lists(TEXTS | st.text(st.characters(), max_size=20), max_size=8))
def test_every_text_gets_the_tokens_of_the_complete_vocabulary(name: str, texts: list[str]) -> None:
    growing = GrowingEncoding(RANKS[name], partial(build_encoding, VOCABULARIES[name]))
    for text in texts:
        assert growing.find([text]).encode_ordinary(text) == COMPLETE[name].encode_ordinary(text)


def test_few_tokens_are_selected_for_a_text() -> None:
    ranks = RANKS["o200k_base"]
    selected = ranks.select(find_pairs("推进高质量发展".encode()))
    assert 256 < len(selected) < 500
    assert "发展".encode() in selected


def test_many_texts_get_the_complete_encoding() -> None:
    growing = GrowingEncoding(RANKS["o200k_base"], partial(build_encoding, VOCABULARIES["o200k_base"]))
    assert growing.find(["推进"]) is growing.find(["进"]) is not growing.find(["a new pair"])
    for number in range(0, 4_000, 100):
        last = growing.find(["".join(map(chr, range(0x4E00 + number, 0x4E64 + number)))])
    assert last is growing.complete is growing.find(["推进"])


@given(
    tokens=st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=20, unique=True),
    first=st.integers(0, 10**7),
)
def test_tokens_are_read_back_whatever_the_layout_of_the_lines(tokens: list[bytes], first: int) -> None:
    from base64 import b64encode

    lines = [b"%s %d" % (b64encode(token), first + number) for number, token in enumerate(tokens)]
    expected = {token: first + number for number, token in enumerate(tokens)}
    for layout in (b"\n".join(lines) + b"\n", b"\n".join(lines), b"\r\n\n".join(lines).replace(b" ", b"  ")):
        ranks = parse_ranks(layout, "own")
        assert ranks.select_all() == expected
        counts = ranks.count_characters_started()
        for token, rank in expected.items():
            assert counts[rank] == sum(byte & 0xC0 != 0x80 for byte in token)


@pytest.mark.parametrize("line", [b"YQ=a 0", b"YQ== x", b"YQ==0", b"Y 1", b"Y!== 1", b"YQ== 1 2"])
def test_a_line_that_is_no_token_and_rank_is_named(line: bytes) -> None:
    with pytest.raises(UsageError, match="line 2"):
        parse_ranks(b"YWI= 1\n" + line + b"\n", "own")
