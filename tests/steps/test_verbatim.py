"""Which positions of a text are in its spans of code, told without comparing each with each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.verbatim import are_within

POSITIONS = st.integers(0, 20)


@given(st.lists(POSITIONS), st.lists(st.tuples(POSITIONS, POSITIONS)).map(sorted))
def test_a_position_is_within_spans_if_it_is_within_one_of_them(
    positions: list[int], spans: list[tuple[int, int]]
) -> None:
    expected = [any(start <= position < end for start, end in spans) for position in positions]
    assert are_within(positions, spans) == expected
