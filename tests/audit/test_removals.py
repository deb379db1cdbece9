"""The characters that a removal took are found again from its bytes and the text that is left."""

from __future__ import annotations

import numpy as np
from hypothesis import given
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


def found(traced: Traced, *spans: tuple[int, int]) -> list[tuple[int, int]]:
    """What is found of spans that were removed, by their bytes and what is left."""
    left = traced.apply("passages", [Replacement(*span) for span in spans]).text
    if not spans:
        return []
    low, high = traced.alignment.source_spans([one for one, _ in spans], [two for _, two in spans])
    removed = list(zip(low.tolist(), high.tolist(), strict=True))
    return fit_removals(traced.text, traced.alignment, removed, left)


def test_a_line_break_that_was_inserted_goes_or_stays_as_it_did() -> None:
    traced = inserted_between("甲甲", "乙乙", "丙丙")
    assert found(traced, (3, 6)) == [(3, 6)]
    assert found(traced, (3, 5)) == [(3, 5)]
    assert found(traced, (6, 8)) == [(6, 8)]
    assert found(traced, (0, 3), (3, 6)) == [(0, 3), (3, 6)]


def test_a_removal_may_end_inside_a_unit() -> None:
    alignment = Alignment.of_lengths([(3, 9, True), (4, 7, False), (3, 9, True)])
    assert found(Traced("甲乙丙三保”支丁戊己", alignment), (1, 5)) == [(1, 5)]


def test_where_nothing_fits_the_spans_come_back() -> None:
    traced = inserted_between("甲甲", "乙乙")
    assert fit_removals(traced.text, traced.alignment, [(0, 6)], "別的文字") == [(0, 2)]


@given(
    st.lists(st.text("甲乙。", min_size=1, max_size=4), min_size=2, max_size=6),
    st.sets(st.integers(0, 28), max_size=8),
)
def test_what_is_found_leaves_the_same_text(lines: list[str], cuts: set[int]) -> None:
    traced = inserted_between(*lines)
    edges = sorted(cut for cut in cuts if cut <= len(traced.text))
    spans = [
        (start, end)
        for start, end in zip(edges[::2], edges[1::2], strict=False)
        if traced.text[start:end].strip()
    ]
    left = traced.apply("passages", [Replacement(*span) for span in spans])
    again = traced.apply("passages", [Replacement(*span) for span in found(traced, *spans)])
    assert again.text == left.text
    assert again.edits == left.edits
