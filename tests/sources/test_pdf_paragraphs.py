"""The paragraphs of a PDF are those that were set, in whatever layout: indents, gaps, columns, wide lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.printed_pages import undo_layout
from hanpack.steps.traced import Traced
from tests.sources.pdfs import make_drawn_pdf
from tests.sources.reading import read_source

CASES = Path(__file__).parents[1] / "cases" / "pdf"
Text = tuple[str, float, float, float]
LONG = "坚持问题导向着力破解发展难题推动各项任务落地见效稳中求进加快转型促进增长改善民生"


class Layout(NamedTuple):
    """How paragraphs are set: sizes in points, the width of lines and the indent in characters."""

    width: int
    indent: int
    gap: float
    leading: float = 1.6
    size: float = 10.5
    columns: int = 1


LAYOUTS = {
    "indents": Layout(38, 2, 0),
    "indents and gaps": Layout(38, 2, 0.7),
    "gaps": Layout(38, 0, 1),
    "small gaps": Layout(34, 0, 0.4),
    "two columns with indents": Layout(20, 2, 0, columns=2),
    "two columns with gaps": Layout(20, 0, 0.8, columns=2),
    "large and wide": Layout(26, 2, 0, 2.2, 16),
    "neither indents nor gaps": Layout(38, 0, 0),
}


def set_pages(paragraphs: Sequence[str], layout: Layout) -> list[list[Text]]:
    """The lines of paragraphs on pages, column after column."""
    pages: list[list[Text]] = []
    top, column = 800.0, layout.columns
    for number, paragraph in enumerate(paragraphs):
        top += layout.gap * layout.size * bool(number)
        text = "　" * layout.indent + paragraph
        for start in range(0, len(text), layout.width):
            if top > 750:
                column = column % layout.columns + 1
                top = 90.0
                if column == 1:
                    pages.append([])
            line = text[start : start + layout.width]
            left = 60 + (column - 1) * (layout.width + 3) * layout.size
            left += layout.size * (len(line) - len(line.lstrip()))
            pages[-1].append((line.lstrip(), layout.size, left, top))
            top += layout.leading * layout.size
    return pages


def read_text(path: Path, pages: Sequence[Sequence[Text]]) -> str:
    path.write_bytes(make_drawn_pdf(pages))
    return read_file(path)


def read_file(path: Path) -> str:
    """The text of a PDF file without its layout."""
    (record,) = read_source(path)
    traced: Traced = decode(record.data, "utf-8")
    traced = Traced(traced.text, traced.alignment, regions=record.regions, has_printed_lines=True)
    return undo_layout(traced).text


def read_paragraphs(path: Path, pages: Sequence[Sequence[Text]]) -> list[str]:
    """The paragraphs of a file without indents."""
    return [line.strip() for line in read_text(path, pages).split("\n") if line.strip()]


def write_paragraphs(lengths: Sequence[int], layout: Layout) -> Iterator[str]:
    """Sentences of lengths; none fills its last line, so that where it ends is to be seen."""
    for number, length in enumerate(lengths):
        rest = (length + layout.indent) % layout.width
        length += 4 * (rest >= layout.width - 2 or rest == 0)
        yield (f"{number}号" + LONG * (length // len(LONG) + 1))[: length - 1] + "。"


@pytest.mark.parametrize("name", LAYOUTS)
@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    max_examples=15,
    deadline=None,
)
@given(lengths=st.lists(st.integers(8, 260), min_size=5, max_size=24))
def test_paragraphs_are_those_that_were_set(tmp_path: Path, name: str, lengths: list[int]) -> None:
    # A paragraph of several full lines says how wide the column is.
    paragraphs = list(write_paragraphs([260, *lengths, 260], LAYOUTS[name]))
    assert read_paragraphs(tmp_path / "a.pdf", set_pages(paragraphs, LAYOUTS[name])) == paragraphs


@pytest.mark.xfail(
    reason="the place where three short lines end is taken for the margin of a line beside gaps"
)
def test_a_short_line_at_the_end_of_a_page_ends_its_paragraph(tmp_path: Path) -> None:
    lengths = [260, 8, 12, 36, 36, 74, 87, 112, 112, 150, 13, 260]
    paragraphs = list(write_paragraphs(lengths, LAYOUTS["gaps"]))
    assert read_paragraphs(tmp_path / "a.pdf", set_pages(paragraphs, LAYOUTS["gaps"])) == paragraphs


@pytest.mark.parametrize("name", ["indents", "gaps", "neither indents nor gaps"])
def test_a_file_of_two_short_paragraphs_has_two(tmp_path: Path, name: str) -> None:
    paragraphs = list(write_paragraphs([50, 48], LAYOUTS[name]))
    assert read_paragraphs(tmp_path / "a.pdf", set_pages(paragraphs, LAYOUTS[name])) == paragraphs


def test_a_single_paragraph_with_an_indent_is_one(tmp_path: Path) -> None:
    paragraphs = list(write_paragraphs([50], LAYOUTS["indents"]))
    assert read_paragraphs(tmp_path / "a.pdf", set_pages(paragraphs, LAYOUTS["indents"])) == paragraphs


def test_an_item_goes_on_under_its_text(tmp_path: Path) -> None:
    lines = [LONG[:34], LONG[:34], "完成"]
    items = [
        (text, 10.5, 60.0 + 21 * (row > 0), 100 + 17.0 * (row + 3 * item))
        for item in range(4)
        for row, text in enumerate((f"{item + 1}. " + lines[0], *lines[1:]))
    ]
    read = read_paragraphs(tmp_path / "a.pdf", [items])
    assert read == [f"{item + 1}. " + "".join(lines) for item in range(4)]


def test_lines_of_a_poem_and_of_a_list_stay_apart(tmp_path: Path) -> None:
    poem = ["白日依山尽，", "黄河入海流。", "欲穷千里目，", "更上一层楼。"] * 4
    couplets = [
        "床前明月光疑是地上霜，举头望明月低头思故乡。",
        "春眠不觉晓处处闻啼鸟，夜来风雨声花落知多少。",
    ] * 8
    for lines in (poem, couplets):
        page = [(line, 12.0, 80.0, 100.0 + 20 * row) for row, line in enumerate(lines)]
        assert read_paragraphs(tmp_path / "a.pdf", [page]) == lines


def draw_characters(text: str, left: float, top: float, step: float) -> list[Text]:
    return [(character, 10.5, left + step * place, top) for place, character in enumerate(text)]


def test_the_blanks_of_a_line_that_was_stretched_are_neither_blanks_nor_columns(tmp_path: Path) -> None:
    top = set_pages([LONG * 3 + "。"], LAYOUTS["neither indents nor gaps"])[0]
    below = top[-1][3] + 16.8
    # Characters with gaps between them, and a line with one blank that is wide.
    stretched = draw_characters(LONG[:24], 60, below, 38 * 10.5 / 24)
    divided = [
        ("2007年6月22日", 10.5, 60.0, below + 16.8),
        (LONG[:27], 10.5, 60 + 10.5 * 11, below + 16.8),
    ]
    end = [("完成。", 10.5, 60.0, below + 2 * 16.8)]
    text = read_text(tmp_path / "a.pdf", [[*top, *stretched, *divided, *end]])
    assert "\t" not in text
    assert LONG[:24] in re.sub(r"\n", "", text)
    assert f"2007年6月22日 {LONG[:27]}完成。" in text


def test_columns_of_a_table_that_fills_the_column_stay_apart(tmp_path: Path) -> None:
    page = set_pages([LONG * 3 + "。"], LAYOUTS["neither indents nor gaps"])[0]
    rows = [("2007年6月22日", LONG[:27]), ("2008年", LONG[5:32]), ("2009年", LONG[9:36])]
    below = page[-1][3] + 16.8
    for row, (year, event) in enumerate(rows):
        page += [(year, 10.5, 60.0, below + 16.8 * row), (event, 10.5, 60 + 10.5 * 11, below + 16.8 * row)]
    lines = read_paragraphs(tmp_path / "a.pdf", [page])
    assert lines == [LONG * 3 + "。", *("\t".join(row) for row in rows)]


@pytest.mark.parametrize("name", ["chromium_indents_justified", "chromium_gaps", "chromium_columns"])
def test_the_paragraphs_of_a_page_that_a_browser_printed_are_those_of_its_html(name: str) -> None:
    assert [line.strip() for line in read_file(CASES / f"{name}.pdf").split("\n") if line] == [
        "各县（市、区）人民政府，市政府各部门、各直属单位：",
        (
            "2007年6月22日，市政府召开第36次常务会议，研究了防汛工作。"
            "会议认为，今年汛期降雨偏多，各地要提前做好准备，确保人民群众生命财产安全。"
        ),
        "会议要求，各部门在6月30日前完成检查。检查结果要书面报告市防汛指挥部，由其汇总后报市政府。",
        "联系电话：0371-6718。",
    ]


def test_a_word_in_quotation_marks_that_is_not_divided_leaves_room_and_no_end(tmp_path: Path) -> None:
    wide = (LONG * 2)[:38]
    lines = [wide, wide, wide[:36], "们“四个”转变", "全部完成。"]
    page = [(line, 10.5, 60.0, 90 + 16.8 * row) for row, line in enumerate(lines)]
    first, *rest = read_paragraphs(tmp_path / "a.pdf", [page])
    assert (first, rest) == ("".join(lines[:4]), ["全部完成。"])


def test_a_column_of_few_lines_beside_a_long_one_has_whole_paragraphs(tmp_path: Path) -> None:
    wide = (LONG * 2)[:20]
    left = [(line, 10.5, 60.0, 90 + 16.8 * row) for row, line in enumerate([wide[:19], wide[:18], "完成。"])]
    right = [(wide, 10.5, 320.0, 90 + 16.8 * row) for row in range(20)]
    first = read_paragraphs(tmp_path / "a.pdf", [[*left, *right]])[0]
    assert first == wide[:19] + wide[:18] + "完成。"
