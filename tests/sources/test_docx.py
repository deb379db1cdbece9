"""A Word document is one record; a file that is none, is encrypted or expands too much is rejected."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest

from hanpack.building.run import build
from hanpack.reasons import Cause
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.packages import make_docx, make_package, make_paragraph
from tests.sources.reading import read_source

GOOD = make_docx(make_paragraph("正文。"))
ODD_FILES = {
    "no ZIP file": (b"PK\x03\x04 no", Cause.INVALID_PACKAGE),
    "empty": (b"", Cause.INVALID_PACKAGE),
    "truncated": (GOOD[:-30], Cause.INVALID_PACKAGE),
    "no document": (make_package({"a.txt": "甲"}), Cause.INVALID_PACKAGE),
    "damaged member": (
        GOOD.replace(b"document.xml", b"document.xmm", 1),
        Cause.INVALID_PACKAGE,
    ),
    "encrypted": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        Cause.ENCRYPTED,
    ),
    "not well-formed": (make_docx("<w:p>"), Cause.INVALID_XML),
    "entity bomb": (
        make_package(
            {
                "_rels/.rels": '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><a>&b;</a>',
                "word/document.xml": "<a/>",
            }
        ),
        Cause.INVALID_XML,
    ),
}


def make_report() -> bytes:
    """A document as python-docx writes it."""
    document = docx.Document()
    document.add_heading("某县政府工作报告", 0)
    document.add_heading("一、过去一年", 1)
    document.add_paragraph("生产总值1.5亿元，增长8.2%。")
    document.add_paragraph("粮食产量稳定。", style="List Bullet")
    document.add_paragraph("第一项任务。", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for place, text in enumerate(["指标", "2023", "产值", "1.5"]):
        table.cell(*divmod(place, 2)).text = text
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.core_properties.title = "工作报告"
    document.core_properties.author = "县政府办"
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


TEXT = """# 某县政府工作报告
## 一、过去一年
生产总值1.5亿元，增长8.2%。
- 粮食产量稳定。
1. 第一项任务。

| 指标 | 2023 |
| --- | --- |
| 产值 | 1.5 |"""


def test_a_document_of_a_common_writer_gives_its_text_and_metadata(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    out = build(make_recipe({"report.docx": make_report()}), tmp_path / "out").path
    (document,) = read_rows(out, "documents")
    assert document["text"] == TEXT
    assert (document["metadata"]["title"], document["metadata"]["author"]) == ("工作报告", "县政府办")
    # The template's own date, and author, are not those of the document.
    assert document["metadata"]["date"] is None
    (row,) = read_rows(out, "ledger")
    removed = {entry["step"]: entry["bytes"] for entry in row["bytes_removed"]}
    assert removed.keys() == {"docx", "layout"}
    verify_build(out)


def test_what_a_template_says_is_no_metadata(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("生产总值增长。")
    stream = io.BytesIO()
    document.save(stream)
    out = build(make_recipe({"report.docx": stream.getvalue()}), tmp_path / "out").path
    (row,) = read_rows(out, "documents")
    assert {name: row["metadata"][name] for name in ("title", "author", "date")} == {
        "title": None,
        "author": None,
        "date": None,
    }


def test_a_title_at_the_beginning_and_a_stated_day_are_metadata_and_the_day_of_saving_is_not(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    def build_metadata(*paragraphs: tuple[str, str | None]) -> dict[str, str | None]:
        document = docx.Document()
        for text, style in paragraphs:
            document.add_paragraph(text, style=style)
        document.core_properties.modified = datetime(2026, 11, 27, tzinfo=UTC)
        stream = io.BytesIO()
        document.save(stream)
        recipe = make_recipe({"a.docx": stream.getvalue()})
        (row,) = read_rows(build(recipe, tmp_path / "out", overwrite=True).path, "documents")
        assert json.loads(row["metadata"]["extra"])["modification_date"] == "2026-11-27"
        return {name: row["metadata"][name] for name in ("title", "date")}

    title, body = ("调研报告", "Title"), ("全年完成目标。", None)
    assert build_metadata(title, body) == {"title": "调研报告", "date": None}
    assert build_metadata(title, body, ("2024年3月5日", None))["date"] == "2024-03-05"
    assert build_metadata(body, title)["title"] is None
    assert build_metadata(("一、工作", "Heading 1"), body)["title"] is None


def test_spans_are_offsets_in_the_member_of_the_document(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(GOOD)
    (record,) = read_source(path)
    start = record.data.index("正文。".encode())
    assert record.data[: record.members[0].size].startswith(b"<w:document")
    assert start < record.members[0].size
    assert (record.byte_start, record.byte_end) == (0, len(record.data))


@pytest.mark.parametrize("name", ODD_FILES)
def test_an_odd_file_is_rejected_and_the_build_verifies(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    content, cause = ODD_FILES[name]
    recipe = make_recipe({"odd.docx": content, "z.txt": "好。".encode()})
    out = build(recipe, tmp_path / "out").path
    rejected, kept = read_rows(out, "ledger")
    assert (rejected["state"], rejected["cause"]) == ("rejected", cause.code)
    assert kept["state"] == "kept"
    verify_build(out)


def test_a_member_that_expands_to_more_than_a_record_may_have_is_rejected(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    bomb = make_docx(make_paragraph("零" * 2_000))
    recipe = make_recipe({"a.docx": bomb, "z.txt": "好。".encode()}, limits={"max_record_bytes": 4096})
    rejected, _ = read_rows(build(recipe, tmp_path / "out").path, "ledger")
    assert rejected["cause"] == Cause.RECORD_TOO_LONG.code


def test_a_package_that_expands_too_much_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanpack.sources.packages.FREE_EXPANSION", 1000)
    path = tmp_path / "a.docx"
    path.write_bytes(make_docx(make_paragraph("零" * 400_000)))
    (record,) = read_source(path, limits={"max_expansion": 1})
    assert record.fault
    assert record.fault.cause is Cause.INVALID_PACKAGE
    assert "max_expansion" in str(record.fault)
