"""Sketches and shingles: the same text gives the same, similar texts share as they are similar."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.alignment import Positions
from hanpack.steps.dedup.folding import Folded
from hanpack.steps.dedup.minhash import BANDS, Signature, compute_signature, shingles, similarity

FEW = st.text(st.sampled_from("政府工作报告"), max_size=30)


def sketch_text(text: str) -> Signature:
    places: Positions = np.arange(len(text))
    return compute_signature(Folded(text, places))


def shared(first: str, second: str) -> int:
    return int(np.count_nonzero(sketch_text(first).bands == sketch_text(second).bands))


def trigrams(text: str) -> set[str]:
    """The slow twin of shingles."""
    return {text[at : at + 3] for at in range(len(text) - 2)} if len(text) > 2 else {text} - {""}


def write(length: int, seed: int) -> str:
    """A text without repetition to speak of."""
    codes = np.random.default_rng(seed).integers(0x4E00, 0x9000, length)
    return "".join(map(chr, codes))


def change(text: str, changes: int, seed: int) -> str:
    generator = np.random.default_rng(seed)
    characters = list(text)
    for place in generator.choice(len(text), changes, replace=False):
        characters[place] = chr(0x9000 + int(generator.integers(0xFF)))
    return "".join(characters)


@given(FEW, FEW)
def test_similarity_is_that_of_the_slow_twin(first: str, second: str) -> None:
    one, other = trigrams(first), trigrams(second)
    expected = len(one & other) / len(one | other) if one and other else 0.0
    assert similarity(shingles(first), shingles(second)) == pytest.approx(expected)


@given(FEW, FEW)
def test_similarity_is_symmetric_and_one_for_equal_texts(first: str, second: str) -> None:
    one, other = shingles(first), shingles(second)
    assert similarity(one, other) == similarity(other, one)
    assert similarity(one, one) == (1.0 if first else 0.0)


@given(FEW)
def test_shingles_are_sorted_and_each_once(text: str) -> None:
    found = shingles(text)
    assert (found[1:] > found[:-1]).all()
    assert len(found) == len(trigrams(text))


@given(st.text(st.characters(min_codepoint=1, max_codepoint=0x33FFF, exclude_categories=["Cs"]), max_size=30))
def test_different_trigrams_are_different_shingles(text: str) -> None:
    assert len(shingles(text)) == len(trigrams(text))


@given(FEW, FEW)
def test_sketches_are_equal_where_texts_are(first: str, second: str) -> None:
    one, other = sketch_text(first), sketch_text(second)
    assert (one.exact == other.exact) == (first == second)
    assert one.length == len(first)


@given(FEW)
def test_only_a_text_without_letters_has_no_band(text: str) -> None:
    bands = sketch_text(text).bands
    assert bands.shape == (BANDS,)
    assert bands.dtype == np.uint32
    assert bands.all() == bool(text)
    assert bands.any() == bool(text)


@given(st.text(st.sampled_from("政府工作报告"), min_size=3, max_size=12), st.integers(2, 5))
def test_bands_depend_on_the_set_of_shingles_alone(text: str, times: int) -> None:
    assert trigrams(text * (times + 1)) == trigrams(text * 2)
    assert shared(text * (times + 1), text * 2) == BANDS


def test_a_sketch_is_the_same_on_every_machine() -> None:
    found = sketch_text("坚持稳中求进工作总基调")
    assert found.exact.hex() == "dc656fba148a98d998e6ab93ed4e6ce3"
    assert found.bands[:3].tolist() == [4121567304, 2521175702, 222466764]


@pytest.mark.parametrize("length", [60, 200, 2_000, 10_000])
@pytest.mark.parametrize(("share", "low", "high"), [(0.005, 0.97, 1.0), (0.03, 0.6, 1.0), (0.3, 0.0, 0.06)])
def test_texts_share_bands_as_they_are_similar(length: int, share: float, low: float, high: float) -> None:
    """Measured over 40 texts: the share of those with two bands in common with their changed copy."""
    texts = [write(length, seed) for seed in range(40)]
    found = [shared(text, change(text, max(1, int(length * share)), seed)) for seed, text in enumerate(texts)]
    assert low <= float(np.mean([count >= 2 for count in found])) <= high


def test_the_share_of_bands_is_the_similarity_to_the_fifth() -> None:
    counts, expected = [], []
    for seed in range(60):
        text = write(300, seed)
        copy = change(text, 1 + seed % 12, seed)
        counts.append(shared(text, copy) / BANDS)
        expected.append(similarity(shingles(text), shingles(copy)) ** 5)
    assert float(np.mean(counts)) == pytest.approx(float(np.mean(expected)), abs=0.03)


def test_a_long_text_is_sketched_like_a_short_one_of_the_same_shingles() -> None:
    text = write(5_000, seed=1)
    again = text * 60
    assert similarity(shingles(text), shingles(again)) > 0.999
    assert shared(text, again) >= BANDS - 2
