"""Headings of a PDF are recognised by the sizes of their characters, and become sections."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanpack.building.run import build
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.pdfs import make_sized_pdf
from tests.sources.reading import read_source

BODY = [(f"这是正文的第{number}行，写得比标题长一些，字号是通常的大小。", 12) for number in range(12)]


def read_text(make_recipe: MakeRecipe, out: Path, pages: list[list[tuple[str, int]]]) -> str:
    built = build(make_recipe({"a.pdf": make_sized_pdf(pages)}), out).path
    (document,) = read_rows(built, "documents")
    return str(document["text"])


def test_larger_lines_are_headings_with_a_level_for_each_size(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    pages = [
        [("关于绿色建筑的若干规定", 22), *BODY, ("总则", 16), *BODY],
        [("附则", 16), *BODY, ("施行的日期", 14), *BODY],
    ]
    recipe = make_recipe({"a.pdf": make_sized_pdf(pages)}, chunks={"max_tokens": 64})
    out = build(recipe, tmp_path / "out").path
    (document,) = read_rows(out, "documents")
    headings = [line for line in document["text"].split("\n") if line.startswith("#")]
    assert headings == ["# 关于绿色建筑的若干规定", "## 总则", "## 附则", "### 施行的日期"]
    sections = [chunk["section"] for chunk in read_rows(out, "chunks")]
    assert sections[-1] == ["关于绿色建筑的若干规定", "附则", "施行的日期"]
    verify_build(out)


@pytest.mark.parametrize(
    ("first", "last", "title", "date"),
    [
        ([("二〇二三年度工作总结", 18)], [], "二〇二三年度工作总结", None),
        (
            [("政府工作报告", 22), ("（2024年1月15日在市人大会议上）", 12)],
            [],
            "政府工作报告",
            "2024-01-15",
        ),
        ([("关于防汛的通知", 20)], [("二〇二四年三月二十五日", 12)], "关于防汛的通知", "2024-03-25"),
        ([("某市人民政府文件", 26), ("关于防汛的通知", 20)], [], None, None),
        ([("甲区总结", 20), *BODY, ("乙区总结", 20)], [], None, None),
        ([("会议定于2024年3月7日召开，请准时参加。", 12)], [], None, None),
        ([*BODY, ("附则", 20)], [], None, None),
    ],
)
def test_a_title_and_a_stated_day_are_metadata_and_the_day_of_the_file_is_not(
    tmp_path: Path,
    first: list[tuple[str, int]],
    last: list[tuple[str, int]],
    title: str | None,
    date: str | None,
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_sized_pdf([[*first, *BODY], [*BODY, *last]]))
    (record,) = read_source(path)
    assert (record.metadata.get("title"), record.metadata.get("date")) == (title, date)
    assert record.metadata["creation_date"] == "2000-01-01"


def test_a_heading_of_two_lines_is_one_and_a_numbered_line_begins_another(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    lines = [("关于印发绿色建筑管理", 22), ("若干规定的通知", 22), ("第一章 总则", 22), *BODY]
    text = read_text(make_recipe, tmp_path / "out", [lines])
    assert text.split("\n\n")[:2] == ["# 关于印发绿色建筑管理若干规定的通知", "# 第一章 总则"]


@pytest.mark.parametrize(
    "large",
    [
        [("2026", 30)],
        [("这一行字很大，但它是一句话。", 30)],
        [("这一段字很大" * 12, 14)],
        [("略大的一行", 13)],
    ],
    ids=["a number", "a sentence", "a long line", "hardly larger"],
)
def test_what_is_large_and_no_heading_has_no_mark(
    make_recipe: MakeRecipe, tmp_path: Path, large: list[tuple[str, int]]
) -> None:
    text = read_text(make_recipe, tmp_path / "out", [[*BODY[:6], *large, *BODY[6:]] * 2])
    assert large[0][0][:6] in text
    assert "#" not in text


def test_slides_and_running_heads_have_no_headings(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    slides = [[(f"{subject}工作要点", 30), (f"抓好{subject}", 12)] for subject in ("农业", "教育", "水利")]
    assert "#" not in read_text(make_recipe, tmp_path / "slides", slides)
    heads = [[("某县人民政府公报", 18), *BODY, (f"第{number}页完", 12)] for number in range(4)]
    assert "#" not in read_text(make_recipe, tmp_path / "heads", heads)
