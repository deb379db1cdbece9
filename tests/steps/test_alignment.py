"""Laws of the alignment, on which traceability rests."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment

WIDTHS = st.lists(st.sampled_from([1, 2, 3, 3, 3, 4]), max_size=40)


class Change(NamedTuple):
    start: int
    end: int
    size: int


def spans(alignment: Alignment) -> list[tuple[int, int]]:
    """The source span of each character, one at a time."""
    return [alignment.source_span(at, at + 1) for at in range(alignment.length)]


@st.composite
def changes(draw: st.DrawFn, length: int, units: bool) -> list[Change]:
    """Replacements; without ``units`` each only removes or only inserts."""
    marks = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    return [
        Change(start, end, draw(st.integers(0, 3)) if units or start == end else 0) for start, end in pairs
    ]


def align_changes(length: int, made: list[Change]) -> Alignment:
    table = np.array(made, dtype=np.int64).reshape(-1, 3)
    return Alignment.of_replacements(length, table[:, 0], table[:, 1], table[:, 2])


def is_equivalent(first: Alignment, second: Alignment) -> bool:
    """Whether all characters have the same source; how one-sided blocks are cut does not matter."""
    return spans(first) == spans(second) and removed_bytes(first) == removed_bytes(second)


def removed_bytes(aligned: Alignment) -> set[int]:
    return {byte for low, high in zip(*aligned.removed(), strict=True) for byte in range(low, high)}


@st.composite
def chains(draw: st.DrawFn, steps: int = 3, units: bool = True) -> list[Alignment]:
    """A decoded source and the steps after it, earliest first."""
    first = Alignment.of_widths(np.array(draw(WIDTHS), dtype=np.int64), source_start=7)
    chain = [first]
    for _ in range(steps):
        chain.append(align_changes(chain[-1].length, draw(changes(chain[-1].length, units))))
    return chain


@given(WIDTHS)
def test_decoded_characters_map_to_their_own_bytes(widths: list[int]) -> None:
    ends = (7 + np.cumsum(widths)).tolist()
    aligned = Alignment.of_widths(np.array(widths, dtype=np.int64), source_start=7)
    assert spans(aligned) == [(end - width, end) for end, width in zip(ends, widths, strict=True)]


@given(chains(steps=1))
def test_identity_is_neutral(chain: list[Alignment]) -> None:
    for aligned in chain:
        assert spans(Alignment.identity(aligned.length).after(aligned)) == spans(aligned)


@given(chains(units=False))
def test_composition_is_associative(chain: list[Alignment]) -> None:
    source, first, second, third = chain
    left = third.after(second.after(first.after(source)))
    right = third.after(second).after(first).after(source)
    middle = third.after(second.after(first)).after(source)
    assert is_equivalent(left, right)
    assert is_equivalent(left, middle)


@given(chains())
def test_breaks_never_decrease_and_cover_text_and_source(chain: list[Alignment]) -> None:
    composed = chain[0]
    for step in chain[1:]:
        composed = step.after(composed)
        assert (np.diff(composed.text) >= 0).all()
        assert (np.diff(composed.source) >= 0).all()
        assert (composed.text[0], composed.text[-1]) == (0, step.length)
        assert (composed.source[0], composed.source[-1]) == (chain[0].source[0], chain[0].source[-1])


@given(chains(steps=1))
def test_composing_maps_each_character_as_mapping_twice_does(chain: list[Alignment]) -> None:
    source, step = chain
    assert spans(step.after(source)) == [
        source.source_span(start, end) if end > start else source_point(source, start)
        for start, end in spans(step)
    ]


@given(WIDTHS, st.data())
def test_text_far_from_the_changes_does_not_affect_their_breaks(
    widths: list[int], data: st.DataObject
) -> None:
    """With many breaks after them, the changes are spliced in; without, all breaks are looked at."""
    tail = [5, 6] * 200
    first, long_first = (
        Alignment.of_widths(np.array(each, dtype=np.int64)) for each in (widths, widths + tail)
    )
    for _ in range(3):
        made = data.draw(changes(first.length, units=True))
        first = align_changes(first.length, made).after(first)
        long_first = align_changes(long_first.length, made).after(long_first)
        count = len(first.text) - 1
        assert long_first.length == first.length + len(tail)
        if widths:
            assert long_first.text[:count].tolist() == first.text[:-1].tolist()
            assert long_first.source[:count].tolist() == first.source[:-1].tolist()
            assert long_first.even[:count].tolist() == first.even.tolist()
        assert spans(long_first)[: first.length] == spans(first)


def source_point(source: Alignment, point: int) -> tuple[int, int]:
    """Inserted text comes from no bytes; it precedes what is removed at its position."""
    low, _ = source.source_span(point, point)
    return low, low


@given(chains())
def test_every_character_comes_from_within_what_its_step_read(chain: list[Alignment]) -> None:
    composed = chain[0]
    for step in chain[1:]:
        earlier, composed = composed, step.after(composed)
        for at, (low, high) in enumerate(spans(composed)):
            start, end = step.source_span(at, at + 1)
            if end > start:
                inner_low, inner_high = earlier.source_span(start, end)
                assert low <= inner_low
                assert inner_high <= high


@given(chains(), st.data())
def test_a_span_maps_to_the_hull_of_its_characters(chain: list[Alignment], data: st.DataObject) -> None:
    composed = chain[0]
    for step in chain[1:]:
        composed = step.after(composed)
    assume(composed.length)
    start = data.draw(st.integers(0, composed.length - 1))
    end = data.draw(st.integers(start + 1, composed.length))
    each = spans(composed)[start:end]
    assert composed.source_span(start, end) == (min(low for low, _ in each), max(high for _, high in each))


@given(chains())
def test_removed_bytes_and_kept_blocks_cover_the_source(chain: list[Alignment]) -> None:
    composed = chain[0]
    for step in chain[1:]:
        composed = step.after(composed)
    starts, ends = composed.removed()
    kept = sum(
        int(high - low)
        for low, high, start, end in zip(
            composed.source, composed.source[1:], composed.text, composed.text[1:], strict=False
        )
        if end > start
    )
    assert kept + int((ends - starts).sum()) == composed.source[-1] - composed.source[0]


def test_a_source_span_maps_back_to_its_text() -> None:
    aligned = Alignment.of_widths(np.array([1, 3, 3, 1]))
    low, high = aligned.text_spans(np.array([1, 2]), np.array([4, 6]))
    assert (low.tolist(), high.tolist()) == ([1, 1], [2, 3])


def test_an_empty_text_maps_to_everything_removed() -> None:
    empty = align_changes(2, [Change(0, 2, 0)]).after(Alignment.of_widths(np.array([3, 3])))
    assert empty.source_span(0, 0) == (0, 6)
    assert empty.removed()[1].tolist() == [6]
