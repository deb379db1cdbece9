"""Opens the counter of a vocabulary, with the faster encoder quicktok if it agrees with tiktoken."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from hanpack.steps.tokens.counting import EncodedTexts, Encoder, TiktokenCounter, TokenCounter, Vocabulary
from hanpack.steps.tokens.json_tokens import JsonCounter
from hanpack.steps.tokens.normalized import NormalizingCounter

# The vocabularies that quicktok carries.
FAST_VOCABULARIES = ("o200k_base", "cl100k_base")
# Each line holds kinds of text on which encoders have been seen to differ.
PROBES = (
    "一、2025年工作回顾(一)经济运行“稳中有进”。GDP增长5.2％,规上工业增加值增长７．８%;",
    "第三条　本条例所称“数据”，是指任何以电子或者其他方式对信息的记录。\n\n　　（二）旅遊高質量發展：①②③",
    "It's he'LL we'Ve I'M don't ſ'ſ 'S THE Quick-brown_foxJumps over HTTPServer2Go ABCdefGHI",
    "def f(x):\n\t\treturn {'a': [1, 22, 333, 4444, 55555]}  # //comment\r\n\r\n   \n    \n",
    "   leading  and   trailing    spaces     ",
    "👨‍👩‍👧‍👦🇨🇳❤️‍🔥 e\u0301a\u0308 \u200b\u200d\ufeff\x00\x1f 각가 ｶﾞｷﾞ 𠀀𪛖\U0001f9ff ＡＢＣ１２３４",
    "<|endoftext|><|endofprompt|><|fim_prefix|> !!!///\n\n/// ……——“”‘’\n",
    "ñandú naïve Straße Ελλάδα Привет мир שלום مرحبا ไทย हिन्दी ǅ ʰʲ ⅷ ½ ٣٤٥",
)


@lru_cache(maxsize=8)
def open_counter(vocabulary: Vocabulary, fast: bool = True) -> TokenCounter:
    r"""Open the counter of a vocabulary.

    With ``fast`` the encoder quicktok replaces tiktoken if it is installed and gives the same tokens;
    an audit counts without it. The same vocabulary gives the same counter: making one takes half a second.

    >>> ranks = b"YQ== 0\nYg== 1\nYWI= 2\n"  # the tokens a, b and ab in base64, each with its rank
    >>> counter = open_counter(Vocabulary(name="letters", pattern="[ab]+", ranks_file=ranks, sha256=""))
    >>> counter.encode("abb").tolist(), counter.count("abb")
    ([2, 1], 2)

    Raises:
        UsageError: a ``tokenizer.json`` is damaged, or the package tokenizers is not installed.
    """
    if vocabulary.format == "json":
        return JsonCounter(vocabulary)
    counter = open_fast_counter(vocabulary) if fast else open_reference(vocabulary)
    return NormalizingCounter(counter, vocabulary.normalization) if vocabulary.normalization else counter


def open_fast_counter(vocabulary: Vocabulary) -> TiktokenCounter:
    """A counter with the faster encoder if it is installed and agrees, else with tiktoken."""
    reference = open_reference(vocabulary)
    encoder = load_fast_encoder(vocabulary.name)
    return reference.with_encoder(encoder) if encoder and agrees(encoder, reference) else reference


@lru_cache(maxsize=8)
def open_reference(vocabulary: Vocabulary) -> TiktokenCounter:
    """The counter by tiktoken, which is the same for those that ask for it and for the faster one."""
    return TiktokenCounter(vocabulary)


def forget_counters() -> None:
    """Let go of all counters, which take 100 MB each; those that are asked for later are made anew."""
    open_counter.cache_clear()
    open_reference.cache_clear()


def load_fast_encoder(name: str) -> Encoder | None:
    """The faster encoder of a published vocabulary, not checked yet; None if there is none."""
    if name not in FAST_VOCABULARIES:
        return None
    try:
        import quicktok
    except ImportError:
        return None
    tokenizer = quicktok.get_encoding(name)

    def encode_all(texts: Sequence[str]) -> EncodedTexts:
        tokens, limits = tokenizer.encode_batch(texts, 1)
        return tokens, limits.tolist()

    # It is complete as soon as it is open.
    return Encoder(encode_all, tokenizer.count, expect=lambda _: None)


def agrees(encoder: Encoder, reference: TiktokenCounter) -> bool:
    """Whether an encoder gives the reference's own tokens on every probe and on all probes in one text."""
    texts = (*PROBES, "\n".join(PROBES), "".join(reversed(PROBES)))
    tokens, limits = encoder.encode_all(texts)
    expected, expected_limits = reference.encoder.encode_all(texts)
    return (
        list(limits) == list(expected_limits)
        and np.array_equal(tokens, expected)
        and all(
            encoder.count(text) == last - first
            for text, (first, last) in zip(texts, pairwise(expected_limits), strict=True)
        )
    )
