"""A scan reports what each file is, and the recipe written from it fits."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from hanpack.building.run import build
from hanpack.errors import UsageError
from hanpack.scanning.files import ScannedFile, scan
from hanpack.scanning.recipes import write_recipe
from tests.builds import read_rows
from tests.conftest import ROOT

PASSAGE = "我们坚持稳中求进工作总基调,推动高质量发展,各项工作取得新的成效,人民群众的获得感不断增强。" * 3


def scan_file(path: Path) -> ScannedFile:
    (file,) = scan([path])
    return file


def test_lines_that_are_passages_are_records() -> None:
    file = scan_file(ROOT / "seeds" / "000_6e557153c922afc4.txt")
    assert (file.encoding, file.script, file.shape) == ("utf-8", "Hant", "line")
    assert file.damage["pinyin"] > 1000
    assert scan_file(ROOT / "seeds" / "004_a378347d771fafc0.txt").shape == "file"


def test_numbered_parts_make_one_document_however_long_their_lines_are(tmp_path: Path) -> None:
    numbers = "一二三四五六七"
    (tmp_path / "a.txt").write_text("".join(f"（{n}）{PASSAGE}\n" for n in numbers), encoding="utf-8")
    assert scan_file(tmp_path / "a.txt").shape == "file"
    (tmp_path / "b.txt").write_text("".join(f"（{n}）{PASSAGE}\n" for n in "三一四一五二"), encoding="utf-8")
    assert scan_file(tmp_path / "b.txt").shape == "line"


def test_the_column_with_the_most_text_is_the_text(tmp_path: Path) -> None:
    rows = [{"id": str(n), "body": PASSAGE, "title": "题"} for n in range(5)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "b.parquet")
    (first, second) = scan([tmp_path])
    assert (first.column, second.column) == ("body", "body")
    assert first.tokens == second.tokens > 100
    assert first.script == second.script == "Hans"


def test_a_compressed_file_is_estimated_by_its_content(tmp_path: Path) -> None:
    rows = "".join(
        json.dumps({"text": f"第{n}条 {PASSAGE}"}, ensure_ascii=False) + "\n" for n in range(2_000)
    )
    (tmp_path / "plain.jsonl").write_text(rows, encoding="utf-8")
    (tmp_path / "small.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    plain, compressed = scan([tmp_path])
    assert compressed.size < plain.size / 10
    assert (compressed.tokens, compressed.total_records) == (plain.tokens, plain.total_records)
    assert 1_900 < compressed.total_records < 2_100


DAYS = [f"2024年{month}月1日 星期{day}" for month, day in enumerate("一二三四五六", 1)]


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"日期": DAYS, "正文": ["工作报告。"] * 3 + ["计划", "总结", "通知"]}, "正文"),
        ({"日期": DAYS, "摘要": [f"第{n}季度经济增长情况" for n in "一二三四五六"]}, "摘要"),
        (
            {
                "单位": ["某某省某某市发展和改革委员会办公室"] * 6,
                "事项": [f"{n}号路灯修好了" for n in "甲乙丙丁戊己"],
            },
            "事项",
        ),
        (
            {"href": ["https://example.org/a/very/long/address/of/a/page.html"] * 6, "text": ["好"] * 6},
            "text",
        ),
        (
            {"name": ["Ann Smith"] * 6, "review": [f"the {n} pages were good to read" for n in "abcdef"]},
            "review",
        ),
    ],
)
def test_the_text_is_the_column_whose_values_are_like_text(
    tmp_path: Path, columns: dict[str, list[str]], text: str
) -> None:
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "b.parquet")
    lines = [",".join(columns), *(",".join(row.values()) for row in rows)]
    (tmp_path / "c.csv").write_text("\n".join(lines), encoding="utf-8")
    assert [file.column for file in scan([tmp_path])] == [text] * 3


def test_a_table_in_which_no_column_is_like_text_is_left_out_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    rows = [{"日期": day, "编号": f"A-{number}", "姓名": "张三"} for number, day in enumerate(DAYS)]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(rows), folder / "b.parquet")
    (folder / "c.csv").write_text("\n".join(",".join(row.values()) for row in rows), encoding="utf-8")
    faults = {Path(file.name).name: file.fault for file in scan([folder])}
    assert faults["a.jsonl"] == "no column looks like text: set text_column to one of 姓名, 日期, 编号"
    assert ["no column looks like text" in fault for fault in faults.values()] == [True] * 3
    with pytest.raises(UsageError, match="no column looks like text") as raised:
        write_recipe(folder, tmp_path / "recipe.yaml")
    recipe = folder / "texts.yaml"
    written, _, _ = raised.value.todo.removeprefix("write ").partition(f" into {recipe} and run")
    assert written == "{name: texts, sources: [{path: a.jsonl, text_column: 姓名}]}"
    recipe.write_text(written, encoding="utf-8")
    assert len(read_rows(build(recipe, tmp_path / "out").path, "documents")) > 0
    recipe.unlink()
    (folder / "d.csv").write_text("日期,正文\n2024-01-01,今年以来经济平稳增长。\n", encoding="utf-8")
    content = write_recipe(folder, tmp_path / "recipe.yaml").content
    assert "#   c.csv: no column looks like text" in content
    assert yaml.safe_load(content)["sources"] == [
        {"path": "**/*.csv", "exclude": ["c.csv"], "records": "row", "text_column": "正文"}
    ]


def test_a_file_that_cannot_be_read_has_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.odt").write_bytes(b"x")
    (tmp_path / "b.parquet").write_bytes(b"x")
    odt, parquet = scan([tmp_path])
    assert ".odt" in odt.fault
    assert "Parquet" in parquet.fault
    with pytest.raises(
        UsageError, match=r"none of the 2 files can be read; the first, b\.parquet: .*Parquet"
    ):
        write_recipe(tmp_path, tmp_path / "recipe.yaml")
    (tmp_path / "b.parquet").unlink()
    with pytest.raises(UsageError, match="no file hanpack can read"):
        write_recipe(tmp_path, tmp_path / "recipe.yaml")


def test_texts_that_cannot_be_decoded_are_named_with_the_reason(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(bytes(range(128, 256)) * 4)
    with pytest.raises(UsageError) as raised:
        write_recipe(tmp_path, tmp_path / "recipe.yaml")
    assert "the first, a.txt: the encoding cannot be decided" in raised.value.what
    assert "encoding" in raised.value.todo


def test_the_recipe_names_each_kind_of_file_once(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text((PASSAGE + "\n") * 6, encoding="utf-8")
    (folder / "c.md").write_text("# 题\n\n正文。\n", encoding="utf-8")
    write_recipe(folder, tmp_path / "corpus.yaml")
    recipe = yaml.safe_load((tmp_path / "corpus.yaml").read_text(encoding="utf-8"))
    assert recipe["root"] == "corpus"
    assert recipe["sources"] == [
        {"path": "**/*.txt", "records": "line"},
        {"path": "**/*.md", "records": "file"},
    ]


def test_a_path_that_does_not_exist_is_named_without_words_of_a_recipe(tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    with pytest.raises(UsageError) as raised:
        scan([missing])
    assert str(raised.value) == f"{missing}: there is no such file or folder"


def test_a_folder_without_files_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        scan([tmp_path])
    assert (raised.value.where, raised.value.todo) == (str(tmp_path), "")


def test_a_table_without_a_column_of_strings_has_a_fault(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1, 2]}), tmp_path / "a.parquet")
    assert "no column has strings" in scan_file(tmp_path / "a.parquet").fault


def test_bytes_whose_encoding_cannot_be_decided_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(bytes(range(128, 256)) * 4)
    file = scan_file(tmp_path / "a.txt")
    assert (file.encoding, file.tokens) == ("", 0)
    assert "encoding" in file.fault


def test_titles_that_are_only_the_beginning_of_the_heading_are_named(tmp_path: Path) -> None:
    rows = [
        {"title": f"{name}市预算", "text": f"# {name}市预算审查条例\n\n第一条　为了规范预算，制定本条例。"}
        for name in "甲乙丙丁"
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    hint = "the title of 4 of 4 records is only the beginning of the first heading"
    assert scan_file(tmp_path / "a.jsonl").hint.startswith(hint)
    whole = [{**row, "title": f"{row['title']}审查条例"} for row in rows]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, whole)), encoding="utf-8")
    assert scan_file(tmp_path / "a.jsonl").hint == ""
