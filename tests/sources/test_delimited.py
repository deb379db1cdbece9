"""CSV and TSV: every row is a record with its bytes, in any encoding, and a bad row costs only itself."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import yaml

from hanpack.building.run import build
from hanpack.errors import RecipeError
from hanpack.reasons import Cause
from tests.builds import read_rows, verify_build
from tests.conftest import CASES, MakeRecipe
from tests.growth import NEARLY_LINEAR, measure_growth
from tests.sources.reading import assert_covers, read_source

ROWS = [["id", "正文"], ["1", '他說："今天,天氣"很好。\n第二行。'], ["2", "一段沒有引號的文字；|許功蓋|"]]


def write_csv(rows: list[list[str]], delimiter: str = ",") -> str:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter).writerows(rows)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter"),
    [
        ("a.csv", "utf-8", ","),
        ("a.csv", "utf-8-sig", ","),
        ("a.csv", "gbk", ";"),
        ("a.csv", "big5", "|"),
        ("a.tsv", "gb18030", "\t"),
        ("a.csv", "utf-16", ","),
        ("a.tab", "utf-16", "\t"),
    ],
)
def test_rows_of_any_encoding_are_built_and_verified(
    make_recipe: MakeRecipe, tmp_path: Path, name: str, encoding: str, delimiter: str
) -> None:
    data = write_csv(ROWS, delimiter).encode(encoding)
    entry = {"path": name, "text_column": "正文", "encoding": encoding}
    out = build(make_recipe({name: data}, sources=[entry]), tmp_path / "out").path
    documents = read_rows(out, "documents")
    assert [document["text"] for document in documents] == [row[1] for row in ROWS[1:]]
    assert [json.loads(document["metadata"]["extra"])["id"] for document in documents] == ["1", "2"]
    ledger = read_rows(out, "ledger")
    assert (ledger[0]["byte_start"], ledger[-1]["byte_end"]) == (0, len(data))
    verify_build(out)


def test_a_malformed_row_is_rejected_alone() -> None:
    records = read_source(CASES / "formats" / "malformed.csv", text_column="text")
    assert_covers(records, (CASES / "formats" / "malformed.csv").read_bytes())
    assert len(records) == 8


def test_what_a_malformed_row_is_rejected_for_is_in_the_ledger(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    data = (CASES / "formats" / "malformed.csv").read_bytes()
    out = build(make_recipe({"a.csv": data}), tmp_path / "out").path
    ledger = read_rows(out, "ledger")
    assert [(row["state"], row["cause"]) for row in ledger] == [
        ("kept", None),
        ("rejected", "invalid_row"),
        ("kept", None),
        ("kept", None),
        ("rejected", "invalid_row"),
        ("rejected", "invalid_row"),
        ("empty", "no_text"),
        ("kept", None),
    ]
    assert read_rows(out, "documents")[2]["text"] == "多行\n正文"
    verify_build(out)


def test_a_missing_text_column_is_refused_with_the_columns_there_are(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=r"sources\.0\.text_column: .*the columns are id, 正文 — name"):
        build(make_recipe({"a.csv": write_csv(ROWS).encode()}), tmp_path / "out")
    with pytest.raises(
        RecipeError, match=r"the columns are 甲, 乙; if the first row is a record, set columns"
    ):
        build(make_recipe({"a.csv": "甲,乙\n丙,丁\n".encode()}), tmp_path / "out")


MISFITS = {
    "x.csv": "标题,正文\n春耕,各地做好春耕生产，确保粮食安全。\n",
    "y.csv": "各地做好春耕生产，确保粮食安全。,2024-01-01\n各地做好防汛工作，确保安全。,2024-01-02\n",
    "z.csv": "编号,数\n1,2\n",
}


def test_a_file_that_does_not_fit_the_pattern_that_matches_it_is_rejected_with_the_entry_to_write(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    contents = {"a.csv": "id,text\n1,第一篇。\n", **MISFITS}
    recipe = make_recipe(
        {name: text.encode() for name, text in contents.items()}, sources=[{"path": "*.csv"}]
    )
    out = build(recipe, tmp_path / "out").path
    rows = {row["source"]: row for row in read_rows(out, "ledger")}
    start = "the text column 'text' is not a column of strings: the columns are "
    misfit = "the file does not fit the recipe's entry *.csv: write before that entry"
    entries = {
        "x.csv": "{path: x.csv, text_column: 正文}",
        "y.csv": "{path: y.csv, columns: [column_1, column_2], text_column: column_1}",
    }
    names = {name: ", ".join(text.partition("\n")[0].split(",")) for name, text in MISFITS.items()}
    for name, entry in entries.items():
        assert rows[name]["reason"] == f"{start}{names[name]}; {misfit} - {entry}"
    without = f"{start}{names['z.csv']}; {misfit} one for z.csv with its text_column"
    assert rows["z.csv"]["reason"].startswith(without)
    verify_build(out)
    # What it says to write gives the text.
    written = [yaml.safe_load(entry) for entry in entries.values()]
    sources = [*written, {"path": "*.csv", "exclude": ["z.csv"]}]
    fitting = make_recipe({name: text.encode() for name, text in contents.items()}, sources=sources)
    ledger = read_rows(build(fitting, tmp_path / "fitting").path, "ledger")
    assert [row["reason"] for row in ledger if row["state"] == "rejected"] == []
    assert [row["source"] for row in ledger] == ["x.csv", "y.csv", "y.csv", "a.csv"]


def test_a_file_without_a_header_has_the_columns_that_the_recipe_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,甲\n2,乙\n", encoding="utf-8")
    records = read_source(tmp_path / "a.csv", columns=["id", "text"])
    assert [record.data.decode() for record in records] == ["1,甲\n", "2,乙\n"]
    assert all(record.preamble == 0 for record in records)


@pytest.mark.parametrize(("content", "size"), [("", 0), ("id,text\n", 8), ("id,body\n", 8)])
def test_a_file_without_rows_has_one_record(tmp_path: Path, content: str, size: int) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    (record,) = read_source(tmp_path / "a.csv")
    assert (record.byte_start, record.byte_end, record.fault) == (0, size, None)


def test_a_row_that_is_longer_than_a_record_may_be_is_rejected_and_the_others_are_kept(
    tmp_path: Path,
) -> None:
    content = f'text,id\n甲,1\n{"乙" * 500},2\n"丙\n{"丁" * 500}",3\n戊,4\n'
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    records = read_source(tmp_path / "a.csv", limits={"max_record_bytes": 1024})
    causes = [record.fault.cause if record.fault else None for record in records]
    # The line that begins the third row is not closed within the limit, and is refused when it is read.
    assert causes == [None, Cause.RECORD_TOO_LONG, None, Cause.RECORD_TOO_LONG, None]
    assert records[-1].byte_end == len(content.encode())


@pytest.mark.parametrize("line", ['"a\n', '"a"b\n', 'a,"b\n', '""""a\n'])
def test_a_file_of_unclosed_quotes_takes_linear_time(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.csv"

    def read(text: str) -> None:
        path.write_text(f"text,id\n{text}", encoding="utf-8")
        assert read_source(path)

    assert measure_growth(read, line, 100_000) < NEARLY_LINEAR
