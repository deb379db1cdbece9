"""The perplexity of a text is that of the model's probabilities, one character at a time."""

from __future__ import annotations

import math
import tracemalloc
from copy import copy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.repair.forms import to_model_text
from hanpack.steps.repair.perplexity import (
    LONGEST_SAMPLE,
    measure_likelihoods,
    measure_perplexity,
    measure_probabilities,
)

MODEL = load_ngram_model()


@given(st.text(alphabet="坚持以人民为中心的发展思想，加快推进\n1a囧Ž", max_size=30))
def test_all_at_once_gives_the_probability_of_each_character_after_those_before_it(text: str) -> None:
    prepared = to_model_text(text)
    slowly = [MODEL.probability(prepared[:place][-3:], one) for place, one in enumerate(prepared)]
    assert measure_probabilities(MODEL, prepared).tolist() == pytest.approx(slowly, rel=1e-9)


@given(st.lists(st.text(alphabet="坚持國家发展思想，推进\n1a囧", max_size=12), max_size=9))
def test_the_likelihoods_of_many_texts_are_those_of_each_by_itself(texts: list[str]) -> None:
    likelihoods = [MODEL.log_likelihood(to_model_text(text)) for text in texts]
    assert measure_likelihoods(MODEL, texts) == pytest.approx(likelihoods, rel=1e-9, abs=1e-9)
    assert measure_likelihoods(MODEL, texts * 400) == pytest.approx(likelihoods * 400, rel=1e-9, abs=1e-9)


def test_prose_is_less_surprising_than_the_same_characters_in_another_order() -> None:
    text = "坚持以人民为中心的发展思想，加快推进高质量发展。"
    assert 1 < measure_perplexity(MODEL, text) < measure_perplexity(MODEL, text[::-1])
    assert measure_perplexity(MODEL, "") == 0
    assert measure_perplexity(MODEL, text * 200) == measure_perplexity(MODEL, (text * 200)[:LONGEST_SAMPLE])
    assert math.isfinite(measure_perplexity(MODEL, "囧" * 10))


def test_the_table_takes_no_more_memory_when_probabilities_of_many_characters_are_computed() -> None:
    model = copy(MODEL)
    # Without what it has computed for other tests.
    model.__dict__["table"] = replace(MODEL.table)
    text = to_model_text("坚持以人民为中心的发展思想，加快推进高质量发展。" * 20)
    tracemalloc.start()
    try:
        measure_probabilities(model, text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * MODEL.table.lasts.nbytes
