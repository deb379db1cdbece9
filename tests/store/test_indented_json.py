"""Indented JSON is written as the library writes it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from hanpack.store.indented_json import dump_indented

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_every_value_is_written_as_the_library_writes_it(value: object) -> None:
    assert dump_indented(value) == json.dumps(value, ensure_ascii=False, indent=1)
