"""A PDF file with a text layer gives its paragraphs; every chunk says on which pages it stands, and where."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from hanpack.building.run import build
from hanpack.reasons import Cause
from hanpack.views.finding.screen import describe_place
from hanpack.views.finding.search import find_texts
from hanpack.views.report.page import write_report
from hanpack.views.samples import show_facts
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.pdfs import make_drawn_pdf, make_pdf, make_scan
from tests.sources.reading import read_source

SUBJECTS = ["农业", "工业", "教育", "卫生", "交通", "水利", "文化", "旅游"]
PARAGRAPHS = [
    f"第{number}项工作是{subject}。"
    + "".join(f"{subject}事业第{part}个目标已经完成，" for part in range(9))
    + "完毕。"
    for number, subject in enumerate(SUBJECTS, 1)
]
GOOD = make_pdf(PARAGRAPHS)
ODD_FILES = {
    "empty": (b"", Cause.INVALID_PDF),
    "no PDF": (b"%PDF-1.4 no", Cause.INVALID_PDF),
    "truncated": (GOOD[: len(GOOD) // 3], Cause.INVALID_PDF),
    "scan": (make_scan(3), Cause.NO_TEXT_LAYER),
    "encrypted": (make_pdf(["甲"], password="1"), Cause.ENCRYPTED),
}


def test_running_heads_numbers_and_line_breaks_are_undone_and_chunks_say_their_pages(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.pdf": GOOD}, chunks={"max_tokens": 128, "headings": True})
    out = build(recipe, tmp_path / "out").path
    (document,) = read_rows(out, "documents")
    assert document["text"] == "\n".join(PARAGRAPHS)
    assert document["metadata"]["title"] == "公报"
    chunks = read_rows(out, "chunks")
    pages = [[box["page"] for box in chunk["pages"]] for chunk in chunks]
    assert {1, 2} <= {page for several in pages for page in several}
    assert all(first[-1] <= second[0] for first, second in pairwise(pages))
    boxes = [box for chunk in chunks for box in chunk["pages"]]
    assert boxes
    for box in boxes:
        assert 0.1 < box["left"] < box["right"] < 0.9
        assert 0.1 < box["top"] < box["bottom"] < 0.95
    (row,) = read_rows(out, "ledger")
    assert "layout" in {entry["step"] for entry in row["bytes_removed"]}
    verify_build(out)


def test_find_and_inspect_say_the_page_and_what_offsets_count_in(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.pdf": GOOD}, chunks={"max_tokens": 128})
    out = build(recipe, tmp_path / "out").path
    (answer,) = find_texts(out, ["第8项工作是旅游"]).answers
    (place,) = answer.places
    assert place.chunks[0].pages
    pages = ", ".join(map(str, place.chunks[0].pages))
    shown = describe_place(place)
    assert f"(text layer), page{'s' if ',' in pages else ''} {pages}, document" in shown
    (fact,) = [part for part in show_facts(read_rows(out, "chunks")[0]).plain.split(" · ") if "bytes" in part]
    assert fact.endswith("(text layer)")
    page = write_report(out, tmp_path / "report.html").read_text(encoding="utf-8")
    assert '["pages","1"]' in page


def test_the_places_of_a_document_are_those_of_its_lines(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.pdf": GOOD}), tmp_path / "out").path
    (document,) = read_rows(out, "documents")
    lines = [document["text"][place["start"] : place["end"]] for place in document["pages"]]
    assert "".join(lines) == document["text"].replace("\n", "")
    assert not any("公报" in line for line in lines)


def test_the_layout_is_kept_if_the_recipe_says_so(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.pdf": GOOD}, steps={"layout": False}), tmp_path / "out").path
    (document,) = read_rows(out, "documents")
    assert document["text"].startswith("某县人民政府公报\n")


def test_the_layout_of_a_text_is_undone_only_if_the_recipe_says_so(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    text = "".join(f"公报\n{subject}。\n第{page}页\n\f" for page, subject in enumerate(SUBJECTS, 1)).encode()
    kept = build(make_recipe({"a.txt": text}), tmp_path / "kept").path
    undone = build(make_recipe({"a.txt": text}, steps={"layout": True}), tmp_path / "undone").path
    assert "第1页" in read_rows(kept, "documents")[0]["text"]
    assert read_rows(undone, "documents")[0]["text"] == "\n".join(f"{subject}。" for subject in SUBJECTS)


@pytest.mark.parametrize("name", ODD_FILES)
def test_an_odd_file_is_rejected_and_the_build_verifies(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    content, cause = ODD_FILES[name]
    recipe = make_recipe({"odd.pdf": content, "z.txt": "好。".encode()})
    out = build(recipe, tmp_path / "out").path
    rejected, kept = read_rows(out, "ledger")
    assert (rejected["state"], rejected["cause"]) == ("rejected", cause.code)
    assert kept["state"] == "kept"
    verify_build(out)


def test_a_file_with_a_broken_table_of_objects_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(GOOD.replace(b"startxref", b"startxxxx"))
    (record,) = read_source(path)
    assert record.fault is None
    assert "农业" in record.data.decode()


def test_a_file_with_a_damaged_page_is_rejected_and_the_build_verifies(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    content = make_pdf(PARAGRAPHS * 3)
    last = content.rindex(b"/Type /Page ") if b"/Type /Page " in content else content.rindex(b"/Type /Page\n")
    damaged = content[:last] + b"/Type /Pagx" + content[last + len(b"/Type /Page") :]
    out = build(make_recipe({"a.pdf": damaged, "z.txt": "好。".encode()}), tmp_path / "out").path
    rejected, _ = read_rows(out, "ledger")
    assert (rejected["cause"], rejected["byte_end"] > 0) == (Cause.INVALID_PDF.code, True)
    verify_build(out)


def test_a_text_longer_than_a_record_may_be_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(GOOD)
    (record,) = read_source(path, limits={"max_record_bytes": 1024})
    assert record.fault
    assert record.fault.cause is Cause.RECORD_TOO_LONG
    assert (record.data, record.regions) == (b"", ())
    assert record.size > 1024


def test_without_the_library_the_reason_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    path = tmp_path / "a.pdf"
    path.write_bytes(GOOD)
    (record,) = read_source(path)
    assert record.fault
    assert str(record.fault) == "it needs pypdfium2: pip install 'hanpack[docs]'"


def test_pages_that_are_pictures_are_named_in_the_notes_and_the_metadata(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    text = [(f"第{row}行的文字。", 12.0, 80.0, 90.0 + 20 * row) for row in range(20)]
    files = {"half.pdf": make_drawn_pdf([text, [], text, [], []]), "whole.pdf": GOOD}
    built = build(make_recipe(files, duplicates={"drop": "none"}), tmp_path / "out")
    (note,) = [note for note in built.notes if "no text" in note]
    assert note.startswith("half.pdf: no text on the pages 2, 4-5 of 5,")
    half, whole = (json.loads(row["metadata"]["extra"]) for row in read_rows(built.path, "documents"))
    assert (half["pages_without_text"], half["page_count"]) == ("2, 4-5", 5)
    assert "pages_without_text" not in whole
    verify_build(built.path)


@pytest.mark.parametrize(
    "title",
    [
        "Microsoft Word - 公报终稿.doc",
        "(anonymous)",
        "untitled",
        "公报终稿.docx",
        "文档1",
        "t.html",
        "公报.txt",
        "about:blank",
        "PowerPoint 演示文稿",
    ],
)
def test_a_title_that_a_program_wrote_gives_way_to_the_largest_heading(tmp_path: Path, title: str) -> None:
    body = [("这是正文的一行，写得比标题长一些。", 12.0, 80.0, 140.0 + 20 * row) for row in range(20)]
    path = tmp_path / "a.pdf"
    path.write_bytes(make_drawn_pdf([[("某市统计公报", 22.0, 200.0, 100.0), *body]], title))
    (record,) = read_source(path)
    assert record.metadata["title"] == "某市统计公报"
    path.write_bytes(make_drawn_pdf([[("某市统计公报", 22.0, 200.0, 100.0), *body]], "统计公报（2023）"))
    (record,) = read_source(path)
    assert record.metadata["title"] == "统计公报（2023）"
