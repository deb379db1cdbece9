"""A local ``tokenizer.json`` counts and splits under the same laws as the published vocabularies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanpack.errors import UsageError
from hanpack.steps.chunk.settings import ChunkSettings
from hanpack.steps.chunk.splitting import split_text
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import TokenCounter, Vocabulary

tokenizers = pytest.importorskip("tokenizers")
CORPUS = ["我们坚持稳中求进,推动高质量发展。", "The quick brown fox. 2024年完成投资3.5亿元！"] * 20
TEXT = st.text(st.sampled_from("我们坚持稳中求进发展。！,\n 24ab.\U0001f600"), max_size=200)


@pytest.fixture(scope="module")
def counter() -> TokenCounter:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(byte_fallback=True))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400, initial_alphabet=alphabet, special_tokens=["</s>"], show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return open_counter(Vocabulary("own", "", tokenizer.to_str().encode(), "", format="json"))


@settings(max_examples=50, deadline=None)
@given(text=TEXT, max_tokens=st.integers(8, 60))
def test_chunks_are_within_the_budget_and_join_to_the_text(
    counter: TokenCounter, text: str, max_tokens: int
) -> None:
    splitting = split_text(text, counter, ChunkSettings(max_tokens=max_tokens))
    assert "".join(text[chunk.start : chunk.end] for chunk in splitting.chunks) == text
    assert splitting.token_count == counter.count(text) == len(counter.encode(text))
    for chunk in splitting.chunks:
        assert chunk.token_count == counter.count(text[chunk.start : chunk.end]) <= max_tokens


def test_a_damaged_file_is_refused() -> None:
    with pytest.raises(UsageError, match=r"tokenizer\.json"):
        open_counter(Vocabulary("own", "", b"{}", "", format="json"))
