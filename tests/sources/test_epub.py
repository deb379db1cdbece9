"""A chapter of a book is a record, in reading order; one under DRM is rejected, the others are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanpack.building.run import build
from hanpack.reasons import Cause
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.packages import make_chapter, make_epub, make_package
from tests.sources.reading import assert_covers, read_source

FIRST = make_chapter("<h1>第一章</h1><p>山中无事，早起扫地。</p>")
CHAPTERS = {
    "nav.xhtml": make_chapter('<nav><ol><li><a href="一.xhtml">第一章</a></li></ol></nav>'),
    "一.xhtml": FIRST,
    "二.xhtml": make_chapter("<h1>第二章</h1><p>午后有雨 &amp; 大风。</p>"),
}
ODD_FILES = {
    "no ZIP file": (b"no", Cause.INVALID_PACKAGE),
    "no container": (make_package({"a": "a"}), Cause.INVALID_PACKAGE),
    "no package document": (
        make_package({"META-INF/container.xml": '<c><rootfile full-path="a.opf"/></c>'}),
        Cause.INVALID_PACKAGE,
    ),
    "package document that is no XML": (
        make_package({"META-INF/container.xml": '<c><rootfile full-path="a.opf"/></c>', "a.opf": "<p>"}),
        Cause.INVALID_XML,
    ),
    "all under DRM": (make_epub({"a.xhtml": b"\x81\x02"}, encrypted="a.xhtml"), Cause.ENCRYPTED),
}


def test_chapters_are_documents_with_the_metadata_of_the_book(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    out = build(make_recipe({"a.epub": make_epub(CHAPTERS)}), tmp_path / "out").path
    assert [row["state"] for row in read_rows(out, "ledger")] == ["empty", "kept", "kept"]
    first, second = read_rows(out, "documents")
    assert (first["text"], second["text"]) == (
        "# 第一章\n山中无事，早起扫地。",
        "# 第二章\n午后有雨 & 大风。",
    )
    assert (first["metadata"]["title"], first["metadata"]["author"]) == ("山居 笔记", "张三, 李四")
    verify_build(out)


def test_the_records_of_a_book_cover_its_chapters(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    path.write_bytes(make_epub(CHAPTERS, guide="二.xhtml"))
    records = read_source(path)
    assert_covers(records, "".join(CHAPTERS.values()).encode())
    assert [record.wrapping for record in records] == ["navigation", "chapter", "navigation"]
    assert [record.metadata["member"] for record in records] == [f"OPS/{name}" for name in CHAPTERS]
    assert records[0].metadata["language"] == "zh-CN"


def test_a_chapter_under_drm_is_rejected_and_the_others_are_kept(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    book = make_epub({"b.xhtml": b"\x81\x02\x03", "一.xhtml": FIRST}, encrypted="b.xhtml")
    out = build(make_recipe({"a.epub": book}), tmp_path / "out").path
    rejected, kept = read_rows(out, "ledger")
    assert (rejected["state"], rejected["cause"]) == ("rejected", Cause.ENCRYPTED.code)
    assert kept["state"] == "kept"
    verify_build(out)


@pytest.mark.parametrize("name", ODD_FILES)
def test_an_odd_file_is_rejected_and_the_build_verifies(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    content, cause = ODD_FILES[name]
    recipe = make_recipe({"odd.epub": content, "z.txt": "好。".encode()})
    out = build(recipe, tmp_path / "out").path
    rejected, kept = read_rows(out, "ledger")
    assert (rejected["state"], rejected["cause"]) == ("rejected", cause.code)
    assert kept["state"] == "kept"
    verify_build(out)


def test_a_book_whose_chapters_expand_too_much_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanpack.sources.packages.FREE_EXPANSION", 1000)
    path = tmp_path / "a.epub"
    path.write_bytes(make_epub({"a.xhtml": make_chapter("<p>零</p>" * 100_000)}))
    (record,) = read_source(path, limits={"max_expansion": 1})
    assert record.fault
    assert "max_expansion" in str(record.fault)
