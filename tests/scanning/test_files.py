"""A scan reports what each file is, and the recipe written from it fits."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from hanpack.errors import UsageError
from hanpack.scanning.files import ScannedFile, scan
from hanpack.scanning.recipes import write_recipe
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
