"""The edits of documents keep every value on the way to Arrow and back."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.edits import EditRow, Edits
from hanpack.store.edits import EDITS_TYPE, edits_from_arrow, edits_to_arrow

NAMES = st.sampled_from(["script", "page", "removed", "replaced", "頁", ""])
NUMBERS = st.integers(0, 2**62)
EDITS = st.lists(st.builds(EditRow, NAMES, NAMES, NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=4)


def as_columns(rows: list[EditRow]) -> Edits:
    spans = {
        name: np.array([getattr(row, name) for row in rows], dtype=np.int64)
        for name in ("start", "end", "byte_start", "byte_end")
    }
    return Edits(step=[row.step for row in rows], kind=[row.kind for row in rows], **spans)


@given(st.lists(EDITS, max_size=4))
def test_what_is_written_is_what_is_read(documents: list[list[EditRow]]) -> None:
    column = edits_to_arrow([as_columns(rows) for rows in documents])
    assert column.type == EDITS_TYPE
    assert column.to_pylist() == [[asdict(row) for row in rows] for rows in documents]
    # A column that is read comes in chunks, which begin and end anywhere.
    for first in range(len(documents) + 1):
        chunked = pa.chunked_array([column[:first], column[first:]], EDITS_TYPE)
        assert [list(edits.rows()) for edits in edits_from_arrow(chunked)] == documents


def test_edits_are_chosen_by_index_step_and_kind() -> None:
    rows = [
        EditRow("page", "removed", 0, 0, 0, 9),
        EditRow("script", "replaced", 0, 1, 9, 12),
        EditRow("script", "flagged", 4, 5, 20, 23),
    ]
    edits = as_columns(rows)
    assert len(edits) == 3
    assert edits.row(2) == rows[2]
    assert list(edits.take([2, 0]).rows()) == [rows[2], rows[0]]
    assert list(edits.of_step("script").rows()) == rows[1:]
    assert list(edits.of_kind("removed").rows()) == rows[:1]
    assert list(edits.of_kind("inserted").rows()) == []
    with pytest.raises(IndexError):
        edits.row(3)
