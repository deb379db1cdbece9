"""The law of counting together: each text has the counts that it has by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment
from hanpack.steps.decode.decoding import decode
from hanpack.steps.edit_list import JoinedEdits
from hanpack.steps.joined_alignment import JoinedAlignment
from hanpack.steps.removed_bytes import count_removed_of_all
from hanpack.steps.traced import Traced, count_removed
from tests.steps.test_traced import TEXT, replacements


def count_together(texts: list[Traced]) -> list[dict[str, int]]:
    alignment = JoinedAlignment.of([traced.alignment for traced in texts])
    return count_removed_of_all(texts, JoinedEdits.of([traced.edits for traced in texts]), alignment)


@given(st.lists(TEXT, max_size=4), st.data())
def test_texts_have_the_counts_that_each_has_by_itself(texts: list[str], data: st.DataObject) -> None:
    changed: list[Traced] = []
    for text in texts:
        traced = decode(f"{text}\n".encode(), "utf-8", byte_start=data.draw(st.integers(0, 9)), terminator=1)
        for step in ("second", "first", "third"):
            traced = traced.apply(step, data.draw(replacements(len(traced.text))))
        changed.append(traced)
    together, alone = count_together(changed), [count_removed(traced) for traced in changed]
    assert [[*counts.items()] for counts in together] == [[*counts.items()] for counts in alone]


def test_bytes_that_no_step_removed_are_an_error() -> None:
    unaccounted = Traced("", Alignment.of_lengths([(0, 5, True)]))
    with pytest.raises(AssertionError, match="removed by no step"):
        count_together([decode("一\n".encode(), "utf-8", terminator=1), unaccounted])
