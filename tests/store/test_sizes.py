"""The sizes of spans of rows are those of tables that have these rows alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from hanpack.store.part_files import encode_table
from hanpack.store.sizes import measure_spans

TEXT = st.none() | st.text(max_size=5)
ROW = st.fixed_dictionaries(
    {
        "text": TEXT,
        "number": st.none() | st.integers(0, 9),
        "places": st.lists(st.fixed_dictionaries({"page": st.integers(0, 9), "name": TEXT}), max_size=3),
        "metadata": st.fixed_dictionaries({"title": TEXT, "extra": TEXT}),
        "hash": st.binary(min_size=4, max_size=4),
    }
)
SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("number", pa.int32()),
        ("places", pa.list_(pa.struct([("page", pa.int64()), ("name", pa.string())]))),
        ("metadata", pa.struct([("title", pa.string()), ("extra", pa.string())])),
        ("hash", pa.binary(4)),
    ]
)


@given(st.lists(st.lists(ROW, min_size=1, max_size=9), min_size=1, max_size=4))
def test_a_span_has_the_size_of_a_table_of_its_rows(spans: list[list[dict[str, object]]]) -> None:
    tables = [pa.Table.from_pylist(rows, SCHEMA) for rows in spans]
    starts = np.cumsum([0, *map(len, spans)])
    sizes = measure_spans(encode_table(pa.concat_tables(tables), Path())[1], starts)
    assert sizes.tolist() == [encode_table(table, Path())[1].nbytes for table in tables]
