"""A file is read as what the recipe says, and one that is not what its name says is named as what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hanpack.building.run import build
from hanpack.errors import RecipeError
from hanpack.reasons import Cause
from hanpack.sources.content_kinds import name_kind
from hanpack.store.reader import BuildReader
from tests.sources.packages import make_package

TEXT = "第一条　为了规范管理，制定本法。\n第二条　本法适用于全国。\n".encode()
OTHER = b'{"text": "\xe5\x88\xab\xe7\x9a\x84\xe6\x96\x87\xe5\xad\x97\xe3\x80\x82"}\n'


def read_ledger(folder: Path, files: dict[str, bytes], **options: str) -> dict[str, dict[str, Any]]:
    """The rows of the ledger of a build of files with these options, by source."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    entries = [{"path": name, **options} for name in files]
    recipe = {"name": "a", "root": str(folder), "sources": [*entries, {"path": "other.jsonl"}]}
    (folder / "other.jsonl").write_bytes(OTHER)
    done = build(recipe, folder / "out", num_proc=1)
    return {row["source"]: row for row in BuildReader.open(done.path).read("ledger").to_pylist()}


@pytest.mark.parametrize("name", ["a.log", "README", "a.pdf", "a.json", "a.docx", "a.jsonl"])
def test_a_file_of_any_suffix_is_text_if_the_recipe_says_so(tmp_path: Path, name: str) -> None:
    row = read_ledger(tmp_path, {name: TEXT}, format="text")[name]
    assert (row["state"], row["byte_end"]) == ("kept", len(TEXT))


@pytest.mark.parametrize("name", ["a.pdf", "a.json", "a.docx", "a.parquet", "a.warc"])
def test_a_text_with_the_suffix_of_another_format_is_named_as_text(tmp_path: Path, name: str) -> None:
    row = read_ledger(tmp_path, {name: TEXT})[name]
    assert (row["state"], row["cause"]) == ("rejected", Cause.OTHER_CONTENT.code)
    assert "its content is text, not" in row["reason"]
    assert "set 'format: text'" in row["reason"]


def test_a_damaged_file_of_its_format_is_damaged(tmp_path: Path) -> None:
    package = make_package({"word/document.xml": "<a/>"})
    row = read_ledger(tmp_path, {"a.docx": package[:-30]})["a.docx"]
    assert row["cause"] == Cause.INVALID_PACKAGE.code


def test_rows_are_those_of_the_format_that_the_recipe_names(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes("标题,text\n甲,第一条。\n乙,第二条。\n".encode())
    recipe = {"name": "a", "root": str(tmp_path), "sources": [{"path": "a.dat", "format": "csv"}]}
    assert build(recipe, tmp_path / "out", num_proc=1).counts["documents"] == 2
    wrong = {**recipe, "sources": [{"path": "a.dat", "format": "csv", "records": "line"}]}
    with pytest.raises(RecipeError, match="records of the shape 'line' cannot be read"):
        build(wrong, tmp_path / "wrong", num_proc=1)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (DOC, XLS or PPT)"),
        (b"  <!DOCTYPE html><html>", "an HTML page"),
        ("汉字编码的文本文件。".encode("gb18030"), "text"),
        (b"", ""),
        (b"\x00\x01\x02\x03" * 9, ""),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(head: bytes, kind: str) -> None:
    assert name_kind(head) == kind
