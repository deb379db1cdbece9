"""The lines of a PDF are in reading order: column after column, notes after the paragraph around them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.sources.pdf_order import order_pages
from hanpack.sources.pdf_text import PageLine
from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.printed_pages import undo_layout
from hanpack.steps.traced import Traced
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.growth import NEARLY_LINEAR, measure_growth
from tests.sources.pdfs import make_drawn_pdf
from tests.sources.reading import read_source

# A text on a page: its size, and its place from the left and from the top in points.
Text = tuple[str, float, float, float]
LEFT, RIGHT, LEADING = 60, 310, 16
FULL = "坚持问题导向着力破解发展难题推动各项任务落地见效稳中求进"


def read_text(path: Path, pages: Sequence[Sequence[Text]]) -> str:
    """The text of a PDF file without its layout."""
    path.write_bytes(make_drawn_pdf(pages))
    (record,) = read_source(path)
    traced: Traced = decode(record.data, "utf-8")
    traced = Traced(traced.text, traced.alignment, regions=record.regions, has_printed_lines=True)
    return undo_layout(traced).text


def set_column(lines: Sequence[str], left: float, top: float, size: float = 10.5) -> list[Text]:
    return [(line, size, left, top + row * LEADING) for row, line in enumerate(lines)]


def number_lines(name: str, count: int) -> list[str]:
    """Lines that end with a sentence, which no step joins."""
    return [f"{name}第{number}行{'的文字' * (number % 4)}。" for number in range(count)]


@pytest.mark.parametrize("top", [36, 50, 66, 80, 100])
@pytest.mark.parametrize("counts", [(46, 46), (46, 2), (30, 26), (47, 20)])
@pytest.mark.parametrize("head", ["", "环 境 科 学 学 报"])
def test_columns_follow_one_another_however_near_the_edges_they_begin_and_end(
    tmp_path: Path, top: float, counts: tuple[int, int], head: str
) -> None:
    columns = [number_lines("左栏", counts[0]), number_lines("右栏", counts[1])]
    page = [*set_column(columns[0], LEFT, top), *set_column(columns[1], RIGHT, top)]
    heading = [(head, 9.0, 250.0, 20.0)] if head else []
    lines = read_text(tmp_path / "a.pdf", [[*heading, *page]]).split("\n")
    assert [line for line in lines if line and "学" not in line] == list(chain(*columns))


def test_a_heading_at_the_top_of_a_column_stays_between_its_neighbours(tmp_path: Path) -> None:
    left, right = number_lines("左栏", 44), number_lines("右栏", 40)
    heading = ("5 结论", 14.0, float(RIGHT), 80.0)
    page = [
        *set_column(left, LEFT, 60),
        (right[0], 10.5, RIGHT, 60),
        heading,
        *set_column(right[1:], RIGHT, 102),
    ]
    lines = [line for line in read_text(tmp_path / "a.pdf", [page]).split("\n") if line]
    assert lines == [*left, right[0], "# 5 结论", *right[1:]]


@pytest.mark.parametrize("place", ["first", "last"])
def test_heads_feet_and_numbers_go_wherever_the_file_has_them(tmp_path: Path, place: str) -> None:
    pages = []
    for number in range(1, 5):
        body = set_column(number_lines(f"{number}区", 40), LEFT, 90)
        margin = [(f"— {number} —", 9.0, 280.0, 815.0), ("某某学报", 9.0, 250.0, 40.0)]
        pages.append([*margin, *body] if place == "first" else [*body, *margin])
    text = read_text(tmp_path / "a.pdf", pages)
    assert text.split("\n") == list(chain(*(number_lines(f"{number}区", 40) for number in range(1, 5))))


@pytest.mark.parametrize("is_first", [False, True], ids=["notes after the text", "notes before the text"])
def test_notes_and_heads_of_one_page_come_after_the_paragraph_that_goes_on(
    make_recipe: MakeRecipe, tmp_path: Path, is_first: bool
) -> None:
    notes: list[Text] = [("① 数据为初步统计数。", 8, LEFT, 780), ("② 总值按现价计算。", 8, LEFT, 791)]
    first: list[Text] = set_column([FULL] * 40, LEFT, 90)
    second: list[Text] = set_column(["支持。", *number_lines("下页", 20)], LEFT, 90)
    head: list[Text] = [("42 环境科学学报 第 12 卷", 9, LEFT, 40)]
    pages = [[*notes, *first] if is_first else [*first, *notes], [*head, *second]]
    recipe = make_recipe({"a.pdf": make_drawn_pdf(pages)}, chunks={"max_tokens": 128})
    out = build(recipe, tmp_path / "out").path
    (document,) = read_rows(out, "documents")
    lines = [line for line in document["text"].split("\n") if line]
    assert lines == [FULL * 40 + "支持。", notes[0][0], notes[1][0], head[0][0], *number_lines("下页", 20)]
    places = {document["text"][place["start"] : place["end"]]: place["page"] for place in document["pages"]}
    assert (places[notes[0][0]], places["支持。"], places[head[0][0]]) == (1, 2, 2)
    verify_build(out)


def test_a_note_below_a_column_comes_after_the_paragraph_that_goes_on_in_the_next(tmp_path: Path) -> None:
    narrow = FULL[:20]
    page: list[Text] = [
        *set_column([narrow] * 40, LEFT, 60),
        ("注：数据为初步统计数", 8, LEFT, 730),
        *set_column(["支持。", *number_lines("右栏", 20)], RIGHT, 60),
    ]
    lines = [line for line in read_text(tmp_path / "a.pdf", [page]).split("\n") if line]
    assert lines == [narrow * 40 + "支持。", "注：数据为初步统计数", *number_lines("右栏", 20)]


def test_notes_after_a_complete_paragraph_stay_on_their_page(tmp_path: Path) -> None:
    notes: list[Text] = [("注：数据为初步统计数", 8, LEFT, 780)]
    pages = [
        [*set_column([*[FULL] * 39, "完成。"], LEFT, 90), *notes],
        set_column([*[FULL] * 3, "再完成。"], LEFT, 90),
    ]
    lines = [line for line in read_text(tmp_path / "a.pdf", pages).split("\n") if line]
    assert lines == [FULL * 39 + "完成。", notes[0][0], FULL * 3 + "再完成。"]


def test_a_short_last_column_at_the_top_of_its_page_has_whole_paragraphs(tmp_path: Path) -> None:
    narrow = FULL[:20]
    page = [
        *set_column(["　　" + narrow[2:], *[narrow] * 43], LEFT, 45),
        *set_column([narrow, narrow, "完成。"], RIGHT, 45),
    ]
    lines = [line.strip() for line in read_text(tmp_path / "a.pdf", [page]).split("\n") if line]
    assert lines == [narrow[2:] + narrow * 45 + "完成。"]


def test_marks_and_words_in_another_size_at_the_ends_of_a_line_do_not_end_its_paragraph(
    tmp_path: Path,
) -> None:
    text = FULL[:24]
    page: list[Text] = [
        ("•", 7, LEFT, 100),
        (text, 10.5, LEFT + 12, 100),
        ("内容", 8.0, LEFT + 12 + 24 * 10.5, 100),
        *set_column([text + "继续", text + "继续", "完成。"], LEFT + 12, 116),
        *set_column([FULL] * 30, LEFT, 200),
    ]
    first = read_text(tmp_path / "a.pdf", [page]).split("\n\n")[0].strip()
    assert "".join(first.split()) == f"•{text}内容{text}继续{text}继续完成。"
    assert "\n" not in first


def test_a_head_of_one_page_above_a_heading_is_joined_with_no_sentence(tmp_path: Path) -> None:
    full = set_column(["　　" + FULL[2:], *[FULL] * 38, FULL[:-1] + "。"], LEFT, 90)
    heading = [("5 结论", 14.0, float(LEFT), 90.0)]
    pages = [
        [("环境科学学报", 9.0, 60.0, 40.0), *full],
        [("高原湖泊研究", 9.0, 60.0, 40.0), *heading, *full[3:]],
    ]
    lines = [line.strip() for line in read_text(tmp_path / "a.pdf", pages).split("\n") if line]
    assert {"环境科学学报", "高原湖泊研究", "# 5 结论"} <= set(lines)


def set_table(rows: Sequence[Sequence[str]], lefts: Sequence[float], top: float) -> list[Text]:
    return [
        (cell, 10.0, left, top + row * LEADING)
        for row, cells in enumerate(rows)
        for cell, left in zip(cells, lefts, strict=True)
    ]


ROWS = [
    ["指标", "绝对数（亿元）", "比上年增长（%）"],
    ["第一产业", "120.3", "3.1"],
    ["第二产业", "500.2", "6.0"],
]


def test_rows_of_a_table_are_lines_of_their_own_with_their_columns_apart(tmp_path: Path) -> None:
    page = [
        *set_column([FULL, FULL, FULL], LEFT, 90),
        *set_table(ROWS, (LEFT, 160, 260), 90 + 3 * LEADING),
        *set_column([FULL, FULL, "完成。"], LEFT, 90 + 6 * LEADING),
    ]
    lines = [line for line in read_text(tmp_path / "a.pdf", [page]).split("\n") if line]
    assert lines == [FULL * 3, *("\t".join(row) for row in ROWS), FULL * 2 + "完成。"]


@pytest.mark.parametrize(
    "texts",
    [
        # A number or a label before a text, a word that was set wide, and words with blanks of the file.
        [("1.", 60), ("加强组织领导", 90)],
        [("第一章", 60), ("总则", 110)],
        [("表 1", 60), ("各年水质", 100)],
        [("目", 60), ("录", 100)],
        [("某市统计局　　2023年3月15日", 60)],
        [("the old words of a line", 60)],
    ],
)
def test_a_gap_after_a_label_or_in_a_word_is_no_column(
    tmp_path: Path, texts: list[tuple[str, float]]
) -> None:
    page = [(text, 12.0, float(left), 100.0) for text, left in texts]
    assert "\t" not in read_text(tmp_path / "a.pdf", [page])


def make_line(text: str, left: float, top: float, size: float, page: int) -> PageLine:
    height = size / 842
    bottom = min(top + height, 1.0)
    return PageLine(
        text, left, top, min(left + 0.3, 1.0), bottom, size / 595, size, size, page, baseline=bottom
    )


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["公报", FULL, "— 3 —", "12", "完成。", "注：甲"]),
                st.sampled_from([0.1, 0.5]),
                st.floats(0, 0.98),
                st.sampled_from([8.0, 10.5, 16.0]),
            ),
            max_size=6,
        ),
        max_size=4,
    )
)
def test_no_line_is_lost_or_changed_but_for_its_indent(
    pages: list[list[tuple[str, float, float, float]]],
) -> None:
    lines = [[make_line(*line, page=number) for line in page] for number, page in enumerate(pages, 1)]
    before = sorted((line.text, line.top, line.page) for page in lines for line in page)
    order_pages(lines)
    assert len(lines) == len(pages)
    assert sorted((line.text.strip(), line.top, line.page) for page in lines for line in page) == before


def test_lines_that_begin_at_many_places_are_ordered_in_linear_time() -> None:
    def order(text: str) -> None:
        order_pages([[make_line(FULL, place // 2 * 0.02, 0.5, 10.5, 1) for place in range(len(text))]])

    assert measure_growth(order, "甲", 4_000) < NEARLY_LINEAR


def test_a_full_line_at_the_foot_of_a_page_is_no_running_foot(tmp_path: Path) -> None:
    """As of fpdf2, whose pages are full: the last line of a page is the first of a paragraph, after a gap."""
    first = [*number_lines("甲", 30), *[FULL] * 3, "到此为止。"]
    page = set_column(first, LEFT, 200)
    beginning: Text = (FULL, 10.5, LEFT, 770)
    rest = set_column([FULL, "努力奋斗。"], LEFT, 60)
    lines = read_text(tmp_path / "a.pdf", [[*page, beginning], rest]).split("\n")
    assert FULL * 2 + "努力奋斗。" in lines
