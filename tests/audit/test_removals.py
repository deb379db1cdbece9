"""The characters that a removal took are computed from its bytes and the text that is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from hanpack.audit.removals import fit_removals
from hanpack.steps.alignment import Alignment
from hanpack.steps.decode.decoding import decode
from hanpack.steps.traced import Replacement, Traced


def inserted_between(*lines: str) -> Traced:
    """Lines of which only the words are in the source: line breaks were inserted."""
    traced = decode("".join(lines).encode(), "utf-8")
    places = np.cumsum([len(line) for line in lines])[:-1].tolist()
    return traced.apply("html", [Replacement(place, place, "\n") for place in places])


def remove(traced: Traced, spans: Sequence[tuple[int, int]]) -> Traced:
    return traced.apply("passages", [Replacement(start, end) for start, end in spans])


def fit(traced: Traced, *spans: tuple[int, int]) -> list[tuple[int, int]]:
    """Remove spans, then compute them from their bytes and the text that is left."""
    low, high = traced.alignment.source_spans([start for start, _ in spans], [end for _, end in spans])
    removed = list(zip(low.tolist(), high.tolist(), strict=True))
    return fit_removals(traced.text, traced.alignment, removed, remove(traced, spans).text)


def test_an_inserted_line_break_is_removed_where_the_removal_took_it() -> None:
    traced = inserted_between("甲甲", "乙乙", "丙丙")
    assert fit(traced, (3, 6)) == [(3, 6)]
    assert fit(traced, (3, 5)) == [(3, 5)]
    assert fit(traced, (6, 8)) == [(6, 8)]
    assert fit(traced, (0, 3), (3, 6)) == [(0, 3), (3, 6)]


def test_a_removal_may_end_inside_a_unit() -> None:
    alignment = Alignment.of_lengths([(3, 9, True), (4, 7, False), (3, 9, True)])
    assert fit(Traced("甲乙丙三保”支丁戊己", alignment), (1, 5)) == [(1, 5)]


def test_where_nothing_fits_the_result_is_the_spans_of_the_bytes() -> None:
    traced = inserted_between("甲甲", "乙乙")
    assert fit_removals(traced.text, traced.alignment, [(0, 6)], "別的文字") == [(0, 2)]


@given(
    st.lists(st.text("甲乙。", min_size=1, max_size=4), min_size=2, max_size=6),
    st.sets(st.integers(0, 28), max_size=8),
)
def test_the_computed_spans_leave_the_same_text(lines: list[str], cuts: set[int]) -> None:
    traced = inserted_between(*lines)
    edges = sorted(cut for cut in cuts if cut <= len(traced.text))
    spans = [
        (start, end)
        for start, end in zip(edges[::2], edges[1::2], strict=False)
        if traced.text[start:end].strip()
    ]
    assume(spans)
    expected, computed = remove(traced, spans), remove(traced, fit(traced, *spans))
    assert computed.text == expected.text
    assert computed.edits == expected.edits
