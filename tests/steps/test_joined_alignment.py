"""The alignments of several texts as one map each span as that of its text does."""

from __future__ import annotations

from functools import reduce

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment
from hanpack.steps.joined_alignment import JoinedAlignment
from tests.steps.test_alignment import chains


@st.composite
def spans_of_texts(draw: st.DrawFn, lengths: list[int]) -> list[tuple[int, int, int]]:
    """Triples of the number of a text and a span in it, by the lengths of the texts."""
    spans = []
    for number in draw(st.lists(st.integers(0, len(lengths) - 1), max_size=12)):
        low, high = sorted((draw(st.integers(0, lengths[number])), draw(st.integers(0, lengths[number]))))
        spans.append((number, low, high))
    return spans


@given(st.data(), st.lists(chains(), min_size=1, max_size=5))
def test_joined_alignments_map_spans_as_each_of_them_does(
    data: st.DataObject, made: list[list[Alignment]]
) -> None:
    whole = [reduce(lambda earlier, step: step.after(earlier), chain) for chain in made]
    joined = JoinedAlignment.of(whole)
    for domain, name in (("text", "source_spans"), ("source", "text_spans")):
        first = [int(getattr(alignment, domain)[0]) for alignment in whole]
        lengths = [int(np.ptp(getattr(alignment, domain))) for alignment in whole]
        drawn = np.array(data.draw(spans_of_texts(lengths)), np.int64).reshape(-1, 3)
        numbers = drawn[:, 0]
        starts, ends = (drawn[:, column] + np.array(first)[numbers] for column in (1, 2))
        low, high = getattr(joined, name)(numbers, starts, ends)
        for index, number in enumerate(numbers.tolist()):
            span = slice(index, index + 1)
            expected = getattr(whole[number], name)(starts[span], ends[span])
            assert (low[span].tolist(), high[span].tolist()) == (expected[0].tolist(), expected[1].tolist())
