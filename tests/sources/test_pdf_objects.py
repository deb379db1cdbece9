"""Every line of a PDF is read, however many equal lines are near it; what is drawn twice is read once."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdfium2 import PdfDocument, raw
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from hanpack.building.run import build
from hanpack.sources.pdf_fonts import without_system_fonts
from hanpack.sources.pdf_text import read_page
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.pdfs import make_drawn_pdf
from tests.sources.reading import read_source

LINE = "确保各项任务落到实处、取得实效，为全年目标任务完成奠定坚实基础。"
SIZE = 12.0
Text = tuple[str, float, float, float]


def read_lines(content: bytes) -> list[str]:
    """The lines of the first page."""
    with without_system_fonts():
        document = PdfDocument(content)
        lines = [line.text for line in read_page(document[0], 1)]
        document.close()
    return lines


def set_lines(texts: Sequence[str], leading: float = 18) -> list[Text]:
    return [(text, SIZE, 78, 90 + leading * row) for row, text in enumerate(texts)]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([LINE, LINE[::-1], LINE[:9] + "。", "Total", "100"]), max_size=30),
    st.integers(13, 24),
)
def test_equal_lines_are_all_read(texts: list[str], leading: int) -> None:
    assert read_lines(make_drawn_pdf([set_lines(texts, leading)])) == texts


@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize(("across", "down"), [(0, 0), (0.03, 0), (0, 0.03), (0.04, 0.04)])
def test_a_line_that_is_drawn_again_in_its_place_is_read_once(
    count: int, times: int, across: float, down: float
) -> None:
    drawn = [
        (text, size, left + time * across * size, top + time * down * size)
        for text, size, left, top in set_lines([LINE] * count)
        for time in range(times)
    ]
    assert read_lines(make_drawn_pdf([drawn])) == [LINE] * count


def set_characters(texts: Sequence[str], leading: float = 18) -> list[Text]:
    """Texts of wide characters, each of which is drawn by itself."""
    return [
        (character, SIZE, 78 + SIZE * place, 90 + leading * row)
        for row, text in enumerate(texts)
        for place, character in enumerate(text)
    ]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40, deadline=None)
@given(st.lists(st.text("一哈甲，。", min_size=8, max_size=20), min_size=1, max_size=8), st.integers(15, 24))
def test_characters_that_are_drawn_one_by_one_are_all_read(texts: list[str], leading: int) -> None:
    drawn = set_characters(texts, leading)
    assert read_lines(make_drawn_pdf([drawn])) == texts
    assert read_lines(make_drawn_pdf([[*drawn, *drawn[-1:]]])) == texts


def test_a_file_of_such_characters_is_no_scan(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.pdf": make_drawn_pdf([set_characters([LINE, LINE[4:]])])})
    (document,) = read_rows(build(recipe, tmp_path / "out").path, "documents")
    assert document["text"].split("\n") == [LINE, LINE[4:]]


def test_blanks_that_are_drawn_by_themselves_are_none_of_the_text() -> None:
    drawn = set_characters([f"{LINE}\u3000", f"\u3000{LINE}"])
    assert read_lines(make_drawn_pdf([drawn])) == [LINE, LINE]


def test_a_copy_is_read_once_if_an_equal_line_is_drawn_between() -> None:
    first, second = set_lines([LINE, LINE])
    assert read_lines(make_drawn_pdf([[first, second, first, second]])) == [LINE, LINE]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_lines_in_forms_are_read_where_they_stand(depth: int) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=True)
    canvas.beginForm("form1")
    canvas.setFont("STSong-Light", SIZE)
    for row in range(6):
        canvas.drawString(78, 600 - 18 * row, LINE)
    canvas.endForm()
    for level in range(2, depth + 1):
        canvas.beginForm(f"form{level}")
        canvas.translate(10, 20)
        canvas.doForm(f"form{level - 1}")
        canvas.endForm()
    canvas.setFont("STSong-Light", SIZE)
    canvas.drawString(78, 760, "标题")
    canvas.doForm(f"form{depth}")
    canvas.drawString(78, 300, "末尾")
    canvas.showPage()
    canvas.save()
    document = PdfDocument(stream.getvalue())
    lines = read_page(document[0], 1)
    document.close()
    assert [line.text for line in lines] == ["标题", *[LINE] * 6, "末尾"]
    first, last = lines[1], lines[6]
    assert first.left == pytest.approx((78 + 10 * (depth - 1)) / 595.28, abs=0.001)
    assert (last.top - first.top) * 841.89 == pytest.approx(5 * 18, abs=0.5)
    assert first.top == pytest.approx(1 - (600 + 20 * (depth - 1) + SIZE) / 841.89, abs=0.01)


def test_the_paragraphs_of_a_yearbook_end_alike_and_are_all_whole(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    begins = [
        f"{month}月4日市委召开专题会议，研究部署全市春耕工作，会议强调压实责任，" for month in range(1, 10)
    ]
    page = set_lines([line for begin in begins for line in (begin, LINE)])
    content = make_drawn_pdf(
        [[(text, 12.0, 102.0 if text != LINE else 78.0, top) for text, _, _, top in page]]
    )
    out = build(make_recipe({"a.pdf": content}), tmp_path / "out").path
    (document,) = read_rows(out, "documents")
    assert document["text"].split("\n") == [begin + LINE for begin in begins]
    verify_build(out)


def test_a_second_reading_gives_the_same_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_drawn_pdf([set_lines([LINE] * 8)] * 2))
    assert read_source(path)[0].data == read_source(path)[0].data
    assert read_source(path)[0].data.decode().count(LINE) == 16


def test_paragraphs_and_columns_of_such_characters_are_those_of_the_page(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    indented = [(*text[:2], text[2] + 2 * SIZE, text[3]) for text in set_characters([LINE[:-2]])]
    rest = set_characters([LINE[:-1] + "，", LINE[:-1] + "，", "完成。"])
    moved = [(*text[:3], text[3] + 18) for text in rest]
    rows = [
        (character, SIZE, 78 + 120 * column + SIZE * place, 200 + 18 * row)
        for row, cells in enumerate([("地区", "人口", "面积"), ("甲县", "三万", "九百")])
        for column, cell in enumerate(cells)
        for place, character in enumerate(cell)
    ]
    content = make_drawn_pdf([[*indented, *moved, *rows]])
    (document,) = read_rows(build(make_recipe({"a.pdf": content}), tmp_path / "out").path, "documents")
    assert [line.strip() for line in document["text"].split("\n") if line] == [
        LINE[:-2] + (LINE[:-1] + "，") * 2 + "完成。",
        "地区\t人口\t面积",
        "甲县\t三万\t九百",
    ]


def test_the_text_of_a_file_does_not_depend_on_the_fonts_of_the_machine(tmp_path: Path) -> None:
    asked = []
    fonts = raw.FPDF_SYSFONTINFO(version=1)
    # The function is given a name, because PDFium keeps no reference to it.
    find_font = type(fonts.MapFont)(lambda *_: asked.append(1))
    fonts.MapFont = find_font
    path = tmp_path / "a.pdf"
    path.write_bytes(make_drawn_pdf([set_characters([LINE])]))
    raw.FPDF_SetSystemFontInfo(fonts)
    try:
        (record,) = read_source(path)
        assert (record.data.decode().strip(), asked) == (LINE, [])
        raw.FPDF_SetSystemFontInfo(fonts)
        document = PdfDocument(path)
        document[0].get_textpage()
        document.close()
        assert asked
    finally:
        raw.FPDF_SetSystemFontInfo(None)
