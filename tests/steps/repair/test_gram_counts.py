"""Sequences of characters are counted as one by one, in little memory."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.repair import gram_counts
from hanpack.steps.repair.gram_counts import GramCounts

PARTS = st.lists(st.text("报告0\x00\ud800𠀀", max_size=12), max_size=6)


@given(PARTS, st.integers(1, 9))
def test_each_sequence_is_counted_as_often_as_it_occurs(parts: list[str], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gram_counts, "_BLOCK", block)
        counts = GramCounts.count(parts)
    expected = Counter(
        part[start : start + size]
        for part in parts
        for size in (2, 3)
        for start in range(len(part) - size + 1)
    )
    contexts = {gram[:-1] for gram in expected}
    counted = {
        context + character: count
        for context in contexts
        for character, count in counts.iterate_after(context)
    }
    assert counted == expected
    assert {gram: counts.count_after(gram[:-1], gram[-1]) for gram in expected} == expected
    for context in contexts:
        assert counts.find(context).total == sum(
            count for gram, count in expected.items() if gram[:-1] == context
        )


@pytest.mark.parametrize("context", ["", "告", "告告", "报告报"])
def test_nothing_follows_a_context_that_does_not_occur(context: str) -> None:
    counts = GramCounts.count(["报告"])
    assert counts.find(context).total == 0
    assert counts.count_after("报", "报") == 0


def test_a_text_without_repetition_takes_few_bytes_for_each_of_its_characters() -> None:
    text = "".join(map(chr, np.random.default_rng(1).integers(0x4E00, 0x9000, 600_000)))
    tracemalloc.start()
    try:
        counts = GramCounts.count([text])
        present, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(counts.keys) > len(text)
    # As dictionaries they took 300 bytes for each character.
    assert present < 30 * len(text)
    assert peak < 100 * len(text)


def test_sequences_beyond_a_limit_are_no_longer_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gram_counts, "_BLOCK", 4)
    monkeypatch.setattr(gram_counts, "_MOST_KEYS", 2)
    counts = GramCounts.count(["甲乙丙", "丁戊", "己庚"])
    assert counts.count_after("甲", "乙") == 1
    assert counts.find("己").total == 0
