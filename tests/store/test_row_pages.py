"""Values in single rows are read from their pages as pyarrow reads them from whole columns."""

from __future__ import annotations

import io
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import Build
from hanpack.store import partial_reads
from hanpack.store.edits import EDITS_TYPE
from hanpack.store.reader import BuildReader
from hanpack.store.row_pages import RowPages
from hanpack.store.shards import PARQUET
from hanpack.store.thrift_values import (
    BINARY,
    DOUBLE,
    I16,
    I64,
    LIST,
    STRUCT,
    TRUE,
    ListValue,
    Struct,
    TypedValue,
    read_struct,
    write_struct,
)

_INTEGERS = st.integers(-(2**63), 2**63 - 1)
_VALUES = st.one_of(
    st.builds(TypedValue, st.just(I64), _INTEGERS),
    st.builds(TypedValue, st.just(I16), st.integers(-(2**15), 2**15 - 1)),
    st.builds(TypedValue, st.just(BINARY), st.binary(max_size=200)),
    st.builds(TypedValue, st.just(DOUBLE), st.binary(min_size=8, max_size=8)),
    st.just(TypedValue(TRUE, True)),
    st.lists(_INTEGERS, max_size=20).map(lambda numbers: TypedValue(LIST, ListValue(I64, numbers))),
)


def make_structs(inner: st.SearchStrategy[TypedValue]) -> st.SearchStrategy[Struct]:
    numbered = st.dictionaries(st.integers(1, 300), inner, max_size=5)
    return numbered.map(lambda fields: dict(sorted(fields.items())))


@given(fields=make_structs(st.one_of(_VALUES, st.builds(TypedValue, st.just(STRUCT), make_structs(_VALUES)))))
def test_a_struct_is_read_as_it_was_written(fields: Struct) -> None:
    data = write_struct(fields)
    assert read_struct(data + b"more") == (fields, len(data))


def make_file(rows: int, row_group_size: int) -> tuple[pa.Table, io.BytesIO]:
    """A table with lists of very different lengths, in small pages."""
    random = Random(rows)
    lengths = [random.choice([0, 1, 7, 300]) for _ in range(rows)]
    edit = {"step": "spaces", "kind": "removed", "start": 1, "end": 2, "byte_start": 3, "byte_end": 9}
    table = pa.table(
        {
            "id": [f"{number:032x}" for number in range(rows)],
            "edits": pa.array(
                [[{**edit, "start": number}] * length for number, length in enumerate(lengths)], EDITS_TYPE
            ),
            "breaks": pa.array([[number] * length for number, length in enumerate(lengths)]),
        }
    )
    stream = io.BytesIO()
    small = {"data_page_size": 400, "write_batch_size": 16}
    pq.write_table(table, stream, row_group_size=row_group_size, **{**PARQUET, **small})
    return table, stream


@given(
    rows=st.integers(1, 90),
    row_group_size=st.sampled_from([13, 1000]),
    chosen=st.sets(st.integers(0, 89), min_size=1, max_size=6),
)
def test_values_in_any_rows_are_those_of_the_column(rows: int, row_group_size: int, chosen: set[int]) -> None:
    table, stream = make_file(rows, row_group_size)
    places = sorted({number % rows for number in chosen})
    columns = RowPages(stream).read(["edits", "id", "breaks"], places)
    assert list(columns) == ["edits", "id", "breaks"]
    for name, values in columns.items():
        assert values.to_pylist() == table.column(name).take(pa.array(places)).to_pylist()


def test_a_changed_file_ends_in_no_other_error() -> None:
    data = make_file(40, 1000)[1].getvalue()
    random = Random(7)
    refused = 0
    for _ in range(150):
        changed = bytearray(data)
        # The index of pages and the footer are at the end.
        changed[random.randrange(len(data) * 2 // 3, len(data))] = random.randrange(256)
        try:
            RowPages(io.BytesIO(bytes(changed))).read(["edits"], [3, 30])
        except OSError:
            refused += 1
    assert 5 < refused < 150


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + bytes(20), bytes(3) + b"PAR1"])
def test_what_is_no_parquet_is_refused(data: bytes) -> None:
    with pytest.raises(OSError, match="file"):
        RowPages(io.BytesIO(data))


def test_rows_are_the_same_from_pages_and_from_row_groups(
    seeds_build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = BuildReader.open(seeds_build.path)
    (shard,) = reader.shards("documents")
    columns = ("id", "edits", "text_breaks", "byte_breaks")
    read = []
    for least in (0, 2**60):
        monkeypatch.setattr(partial_reads, "_LARGE_LISTS", least)
        rows = list(partial_reads.read_few_rows(reader, shard, [0, 7, shard.rows - 1], columns))
        read.append(
            [
                (row.number, row.values["id"], *(row.values[name].tolist() for name in columns[2:]))
                for row in rows
            ]
            + [list(row.values["edits"].rows()) for row in rows]
        )
    assert read[0] == read[1]
    assert len(read[0]) == 6
