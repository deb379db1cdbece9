"""A chapter of a book is a record, in reading order; one under DRM is rejected, the others are not."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.reasons import Cause
from hanpack.sources.epub_contents import ContentsEntry, divide_document
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.packages import make_chapter, make_epub, make_package, make_point
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


def link(target: str, label: str, inner: str = "") -> str:
    return f'<li><a href="{target}">{label}</a>{f"<ol>{inner}</ol>" if inner else ""}</li>'


SEVERAL = make_chapter(
    '<div><h1 id="a">第一章 春</h1><p>山中无事。</p><h2 id="s">第一节</h2><p>早起扫地。</p></div>'
    '<section>\n<h1><a id="b"/>第二章 夏</h1><p>午后有雨。</p></section>'
)
PLAIN = make_chapter('<p class="chapter">第三章 秋</p><p>落叶满山。</p>')
CONTENTS = [("一.xhtml#a", "第一章 春"), ("一.xhtml#b", "第二章 夏"), ("二.xhtml", "第三章 秋")]


@pytest.mark.parametrize("is_older", [False, True], ids=["navigation document", "NCX"])
def test_chapters_are_those_of_the_table_of_contents(
    make_recipe: MakeRecipe, tmp_path: Path, is_older: bool
) -> None:
    chapters = {"一.xhtml": SEVERAL, "二.xhtml": PLAIN, "三.xhtml": make_chapter("<p>后记无目。</p>")}
    section = ("一.xhtml#s", "第一节")
    if is_older:
        points = [make_point(label, target) for target, label in CONTENTS]
        points[0] = make_point(*CONTENTS[0][::-1], make_point(*section[::-1]))
        book = make_epub(chapters, ncx="".join(points))
    else:
        first, *others = CONTENTS
        entries = "".join([link(*first, link(*section)), *(link(*entry) for entry in others)])
        navigation = make_chapter(
            f'<nav epub:type="toc" xmlns:epub="http://www.idpf.org/2007/ops"><ol><li><span>上卷</span><ol>{entries}'
            '</ol></li></ol></nav><nav epub:type="page-list" xmlns:epub="http://www.idpf.org/2007/ops"><ol>'
            f"{link('二.xhtml', '9')}</ol></nav>"
        )
        book = make_epub({"nav.xhtml": navigation, **chapters})
    out = build(make_recipe({"a.epub": book}), tmp_path / "out").path
    documents = read_rows(out, "documents")
    extras = [json.loads(row["metadata"]["extra"]) for row in documents]
    assert [extra.get("chapter") for extra in extras] == ["第一章 春", "第二章 夏", "第三章 秋", None]
    assert [extra["member"] for extra in extras] == [f"OPS/{name}.xhtml" for name in "一一二三"]
    assert [row["text"] for row in documents] == [
        "# 第一章 春\n山中无事。\n## 第一节\n早起扫地。",
        "# 第二章 夏\n午后有雨。",
        "# 第三章 秋\n落叶满山。",
        "后记无目。",
    ]
    assert [row["section"] for row in read_rows(out, "chunks")][2] == ["第三章 秋"]
    verify_build(out)


@pytest.mark.parametrize(
    "contents",
    [
        "<nav epub:type='toc'><ol>",
        make_chapter("<nav><ol><li>甲&nbsp;</li></ol></nav>"),
        make_chapter(f"<nav type='toc'><ol>{link('一.xhtml#x', '甲')}{link('一.xhtml#y', '乙')}</ol></nav>"),
    ],
    ids=["no XML", "an entity", "targets that do not exist"],
)
def test_a_book_whose_table_of_contents_leads_nowhere_has_its_documents_as_chapters(
    tmp_path: Path, contents: str
) -> None:
    path = tmp_path / "a.epub"
    path.write_bytes(make_epub({"nav.xhtml": contents, "一.xhtml": SEVERAL}))
    records = read_source(path)
    assert_covers(records, (contents + SEVERAL).encode())
    assert [record.fault for record in records] == [None, None]


@given(st.lists(st.sampled_from(["<p>", "</p>", '<a id="a"/>', '<h1 id="b">', " ", "春", "<br/>"])))
def test_the_parts_of_a_document_cover_it(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    entries = [ContentsEntry("m", fragment, f"章{fragment}", 1) for fragment in ("", "a", "b", "c")]
    parts = divide_document(data, entries)
    assert (parts[0].start, parts[-1].end) == (0, len(data))
    assert all(first.end == second.start for first, second in pairwise(parts))
    assert all(part.label for part in parts)
