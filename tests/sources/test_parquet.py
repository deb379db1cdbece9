"""A row of a Parquet file is a record; a file that is damaged or odd is rejected, and the build goes on."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from hanpack.building.run import build
from hanpack.reasons import Cause, Reason
from tests.builds import read_rows, read_states, verify_build
from tests.conftest import MakeRecipe
from tests.sources.reading import dump_parquet, read_source

GOOD = dump_parquet(pa.table({"text": ["甲。", "乙。"]}))
YEAR_31690708 = pa.array([10**15], pa.timestamp("s"))
ODD_FILES = {
    "empty": (b"", Cause.INVALID_PARQUET),
    "magic bytes only": (b"PAR1", Cause.INVALID_PARQUET),
    "no footer": (b"PAR1nonsensePAR1", Cause.INVALID_PARQUET),
    "truncated": (GOOD[:-20], Cause.INVALID_PARQUET),
    "binary column": (dump_parquet(pa.table({"text": [b"a"]})), Cause.NO_TEXT_COLUMN),
    "no text column": (dump_parquet(pa.table({"body": ["a"]})), Cause.NO_TEXT_COLUMN),
    "two text columns": (
        dump_parquet(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["text", "text"])),
        Cause.NO_TEXT_COLUMN,
    ),
    "a year past 9999": (
        dump_parquet(pa.table({"text": ["a"], "t": YEAR_31690708})),
        Cause.PARQUET_READ_ERROR,
    ),
}


def test_rows_have_their_other_columns_as_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(dump_parquet(pa.table({"text": ["甲", None, "乙丙"], "n": [1, 2, 3]})))
    records = read_source(path)
    assert [(record.data.decode(), record.byte_start, record.byte_end) for record in records] == [
        ("甲", 0, 3),
        ("", 3, 3),
        ("乙丙", 3, 9),
    ]
    assert [record.metadata for record in records] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert [record.fault for record in records] == [None, Reason(Cause.NULL_VALUE), None]


@pytest.mark.parametrize("name", ODD_FILES)
def test_an_odd_file_is_rejected_and_the_build_verifies(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    content, cause = ODD_FILES[name]
    recipe = make_recipe({"odd.parquet": content, "good.txt": "好。".encode()})
    out = build(recipe, tmp_path / "out").path
    rejected, kept = read_rows(out, "ledger")
    assert (rejected["state"], rejected["cause"]) == ("rejected", cause.code)
    assert kept["state"] == "kept"
    verify_build(out)


def test_a_file_without_the_text_column_is_rejected_by_the_name_of_the_column(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(dump_parquet(pa.table({"text": [1]})))
    (other,), (number,) = read_source(path, text_column="body"), read_source(path)
    assert other.fault == Reason(
        Cause.NO_TEXT_COLUMN,
        {"column": "body", "detail": "there is no such column; no column has strings"},
    )
    assert number.fault == Reason(Cause.NO_TEXT_COLUMN, {"column": "text", "detail": "it is int64"})


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())], ids=str
)
def test_a_column_of_any_string_type_is_text(
    make_recipe: MakeRecipe, tmp_path: Path, kind: pa.DataType
) -> None:
    table = pa.table({"text": pa.array(["甲。", "乙。"]).cast(kind)})
    out = build(make_recipe({"a.parquet": dump_parquet(table)}), tmp_path / "out").path
    assert read_states(out) == ["kept", "kept"]
    assert [row["text"] for row in read_rows(out, "documents")] == ["甲。", "乙。"]
    verify_build(out)
