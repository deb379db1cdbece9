"""The n-gram model: probabilities sum to one, and are the same for single characters and for many."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.repair.ngram_model import NgramModel, count_ngrams
from hanpack.steps.repair.ngram_table import (
    CODE_BITS,
    CODES,
    DISCOUNTED_VALUES,
    PRUNED,
    pack_model,
)

# What the steps of counts stand for: 16 to a factor of e.
COUNTS = np.array([0.0, *np.exp(np.arange(255) / 16)])
LETTERS = "的一是在不了\n"
LINES = st.lists(st.text("的一是在不了", min_size=1, max_size=12), min_size=1, max_size=6)


def learn(*corpora: list[str]) -> NgramModel:
    weight = 1 / len(corpora)
    return NgramModel(pack_model([(weight, count_ngrams(lines)) for lines in corpora]))


@given(LINES, LINES, st.text("的一是在不了龘", max_size=3))
def test_the_probabilities_of_all_continuations_sum_to_at_most_one(
    first: list[str], second: list[str], context: str
) -> None:
    model = learn(first, second)
    total = sum(model.probability(context, character) for character in model.table.codes)
    assert 0 < total <= 1 + 1e-6


@given(LINES, LINES, st.text("的一是在不了龘", max_size=3))
def test_many_characters_have_the_probabilities_of_each(
    first: list[str], second: list[str], context: str
) -> None:
    model = learn(first, second)
    characters = [*LETTERS, "龘", "鱻"]
    state = model.context_state(context)
    probabilities = model.state_probabilities(state, model.character_set(characters)).tolist()
    assert probabilities == pytest.approx([model.probability(context, character) for character in characters])


@given(LINES, st.text("的一是在不了龘", max_size=6))
def test_only_the_last_characters_of_a_context_count(lines: list[str], context: str) -> None:
    model = learn(lines)
    for character in LETTERS:
        assert model.probability(context, character) == model.probability(context[-3:], character)


def test_a_counted_continuation_is_more_likely_than_others() -> None:
    model = learn(["高质量发展", "高质量发展", "高水平开放"])
    assert model.probability("高质", "量") > model.probability("高水", "量")
    assert model.probability("高质量", "发") > 0.5
    assert model.probability("高质", "龘") > 0


def test_a_context_counts_from_after_its_last_unknown_character() -> None:
    model = learn(["高质量发展"])
    assert model.probability("龘质", "量") == model.probability("质", "量")


def test_the_log_likelihood_of_a_text_is_the_sum_of_its_characters() -> None:
    model = learn(["高质量发展"])
    expected = math.log(model.probability("", "高")) + math.log(model.probability("高", "质"))
    assert model.log_likelihood("高质") == pytest.approx(expected)


def test_a_lower_order_counts_different_contexts_and_not_occurrences() -> None:
    model = learn(["来自山东省", "来自山东省", "来自山东省", "在浙江", "去浙江", "到浙江"])
    assert model.probability("", "江") == model.probability("", "东")
    assert model.probability("", "浙") > model.probability("", "山")


def test_pruned_continuations_leave_their_share_to_lower_orders() -> None:
    counts = count_ngrams(["的一是在", "的一是不", "的一是了"])
    kept = {gram: number for gram, number in counts.items() if gram not in ("一是不", "一是了")}
    marked = NgramModel(pack_model([(1.0, {**kept, "一是" + PRUNED: 2.0})]))
    unmarked = NgramModel(pack_model([(1.0, kept)]))
    assert marked.probability("一是", "在") < unmarked.probability("一是", "在")
    assert marked.probability("一是", "不") > unmarked.probability("一是", "不")
    assert marked.probability("一是", PRUNED) == marked.probability("一是", "龘")


def test_a_component_of_too_many_characters_is_refused() -> None:
    counts = {chr(0x4E00 + number): 1.0 for number in range(1 << 15)}
    with pytest.raises(ValueError, match="different characters"):
        pack_model([(1.0, counts)])


def test_the_weights_of_the_shipped_components_sum_to_one() -> None:
    model = load_ngram_model()
    assert sum(model.component_weights) == pytest.approx(1)
    assert len(model.component_weights) == model.table.unigrams.shape[1]


@given(LINES, LINES)
def test_the_weights_of_a_context_are_those_of_the_counts_of_its_continuations(
    first: list[str], second: list[str]
) -> None:
    table = learn(first, second).table
    for row in range(len(table.contexts)):
        count_weights, backoff_weights = table.weights.find(row)
        counted = table.log_counts[table.starts[row] : table.starts[row + 1]]
        for column, (weight, share) in enumerate(zip(count_weights, backoff_weights, strict=True)):
            passed_on = 1 - sum(DISCOUNTED_VALUES[counted[:, column]]) * weight
            assert share == pytest.approx(passed_on, abs=1e-6)


@given(LINES, LINES)
def test_counts_are_packed_to_the_nearest_step(first: list[str], second: list[str]) -> None:
    components = [count_ngrams(lines * 7) for lines in (first, second)]
    table = NgramModel(pack_model([(0.5, counts) for counts in components])).table
    character_of = {code: character for character, code in table.codes.items()}
    rows = zip(table.list_keys().tolist(), COUNTS[table.log_counts].tolist(), strict=True)
    unpacked: list[dict[str, float]] = [{}, {}]
    for key, counts in rows:
        codes = [key >> CODE_BITS * place & CODES - 1 for place in reversed(range(4))]
        gram = "".join(character_of[code] for code in codes if code)
        for found, count in zip(unpacked, counts, strict=True):
            if count:
                found[gram] = count
    for counts, found in zip(components, unpacked, strict=True):
        assert found == pytest.approx(dict(counts), rel=0.04)
