"""Signatures and shingles: similar texts have bands in common as their similarity predicts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.dedup import minhash
from hanpack.steps.dedup.folding import FoldedText
from hanpack.steps.dedup.minhash import (
    BANDS,
    Signature,
    compute_minima,
    compute_minima_of_long_text,
    compute_shingles,
    compute_signature,
    compute_signatures,
    compute_similarity,
)
from hanpack.steps.traced import code_points

FEW = st.text(st.sampled_from("政府工作报告"), max_size=30)


def sign(text: str) -> Signature:
    return compute_signature(FoldedText(text, np.ones(len(text), np.bool_)))


def count_common_bands(first: str, second: str) -> int:
    return int(np.count_nonzero(sign(first).bands == sign(second).bands))


def trigrams(text: str) -> set[str]:
    """The shingles as strings."""
    return {text[at : at + 3] for at in range(len(text) - 2)} if len(text) > 2 else {text} - {""}


def write(length: int, seed: int) -> str:
    """A text with hardly any repetition."""
    codes = np.random.default_rng(seed).integers(0x4E00, 0x9000, length)
    return "".join(map(chr, codes))


def change(text: str, changes: int, seed: int) -> str:
    generator = np.random.default_rng(seed)
    characters = list(text)
    for place in generator.choice(len(text), changes, replace=False):
        characters[place] = chr(0x9000 + int(generator.integers(0xFF)))
    return "".join(characters)


@given(FEW, FEW)
def test_similarity_is_the_jaccard_index_of_trigrams(first: str, second: str) -> None:
    left, right = trigrams(first), trigrams(second)
    expected = len(left & right) / len(left | right) if left and right else 0.0
    assert compute_similarity(compute_shingles(first), compute_shingles(second)) == pytest.approx(expected)


@given(FEW, FEW)
def test_similarity_is_symmetric_and_one_for_equal_texts(first: str, second: str) -> None:
    left, right = compute_shingles(first), compute_shingles(second)
    assert compute_similarity(left, right) == compute_similarity(right, left)
    assert compute_similarity(left, left) == (1.0 if first else 0.0)


@given(FEW)
def test_shingles_are_sorted_and_each_once(text: str) -> None:
    shingles = compute_shingles(text)
    assert (shingles[1:] > shingles[:-1]).all()
    assert len(shingles) == len(trigrams(text))


@given(st.text(st.characters(min_codepoint=1, max_codepoint=0x33FFF, exclude_categories=["Cs"]), max_size=30))
def test_different_trigrams_are_different_shingles(text: str) -> None:
    assert len(compute_shingles(text)) == len(trigrams(text))


@given(FEW, FEW)
def test_exact_hashes_are_equal_if_the_texts_are(first: str, second: str) -> None:
    left, right = sign(first), sign(second)
    assert (left.exact == right.exact) == (first == second)
    assert left.length == len(first)


@given(FEW)
def test_only_a_text_without_letters_has_no_bands(text: str) -> None:
    bands = sign(text).bands
    assert bands.shape == (BANDS,)
    assert bands.dtype == np.uint32
    assert bands.all() == bool(text)
    assert bands.any() == bool(text)


@given(st.text(st.sampled_from("政府工作报告"), min_size=3, max_size=12), st.integers(2, 5))
def test_bands_depend_only_on_the_set_of_shingles(text: str, times: int) -> None:
    assert trigrams(text * (times + 1)) == trigrams(text * 2)
    assert count_common_bands(text * (times + 1), text * 2) == BANDS


def test_a_signature_is_the_same_on_every_machine() -> None:
    signature = sign("坚持稳中求进工作总基调")
    assert signature.exact.hex() == "dc656fba148a98d998e6ab93ed4e6ce3"
    assert signature.bands[:3].tolist() == [4121567304, 2521175702, 222466764]


@pytest.mark.parametrize("length", [60, 200, 2_000, 10_000])
@pytest.mark.parametrize(("share", "low", "high"), [(0.005, 0.97, 1.0), (0.03, 0.6, 1.0), (0.3, 0.0, 0.06)])
def test_nearly_all_copies_have_two_bands_in_common_and_hardly_any_other_text(
    length: int, share: float, low: float, high: float
) -> None:
    """The share of 40 texts that have two bands in common with a changed copy."""
    texts = [write(length, seed) for seed in range(40)]
    copies = [change(text, max(1, int(length * share)), seed) for seed, text in enumerate(texts)]
    counts = [count_common_bands(text, copy) for text, copy in zip(texts, copies, strict=True)]
    assert low <= float(np.mean([count >= 2 for count in counts])) <= high


def test_the_share_of_common_bands_is_the_fifth_power_of_the_similarity() -> None:
    counts, expected = [], []
    for seed in range(60):
        text = write(300, seed)
        copy = change(text, 1 + seed % 12, seed)
        counts.append(count_common_bands(text, copy) / BANDS)
        expected.append(compute_similarity(compute_shingles(text), compute_shingles(copy)) ** 5)
    assert float(np.mean(counts)) == pytest.approx(float(np.mean(expected)), abs=0.03)


def test_a_long_text_has_the_bands_of_a_short_one_with_the_same_shingles() -> None:
    text = write(5_000, seed=1)
    again = text * 60
    assert compute_similarity(compute_shingles(text), compute_shingles(again)) > 0.999
    assert count_common_bands(text, again) >= BANDS - 2


@given(st.lists(st.one_of(FEW, st.integers(0, 2_000).map(lambda length: write(length, length))), max_size=6))
def test_signatures_of_several_texts_are_those_of_each(texts: list[str]) -> None:
    together = compute_signatures([FoldedText(text, np.ones(len(text), np.bool_)) for text in texts])
    assert list(map(to_tuple, together)) == [to_tuple(sign(text)) for text in texts]


def to_tuple(signature: Signature) -> tuple[bytes, int, list[int]]:
    return signature.exact, signature.length, signature.bands.tolist()


@pytest.mark.parametrize(
    "text", ["政府工作报告", "甲" * 20_000, "甲乙" * 9_000 + "丙", write(40_000, seed=3)]
)
def test_a_long_text_that_is_sketched_alone_has_the_same_minima(text: str) -> None:
    codes = code_points(text)
    together = compute_minima(codes, np.array([len(codes)]))
    assert np.array_equal(compute_minima_of_long_text(text), together)


def test_long_and_short_texts_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        FoldedText(text, np.ones(len(text), np.bool_)) for text in ("政府", write(300, seed=1), "工作报告")
    ]
    expected = compute_signatures(texts)
    monkeypatch.setattr(minhash, "_LONGEST_TOGETHER", 100)
    assert [one.exact for one in compute_signatures(texts)] == [one.exact for one in expected]
    assert np.array_equal([one.bands for one in compute_signatures(texts)], [one.bands for one in expected])
