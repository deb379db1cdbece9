"""The lines of the cells of a table become its rows; columns of text, lists and paragraphs stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.sources.pdf_cells import join_rows
from hanpack.sources.pdf_order import order_pages
from hanpack.sources.pdf_text import PageLine

HEIGHT, LEADING = 0.018, 0.016
WORDS = "投资建设项目改革创新发展民生保障教育医疗环境治理"


def place(text: str, left: float, baseline: float) -> PageLine:
    right = left + HEIGHT * sum(1.0 if character > "\u2e80" else 0.5 for character in text)
    top = baseline - LEADING * 0.7
    return PageLine(text, left, top, right, top + LEADING * 0.9, HEIGHT, 10.0, 10.0, 1, baseline)


def print_cell(text: str, width: int, left: float, baseline: float) -> list[PageLine]:
    return [place(line, left, baseline + LEADING * number) for number, line in enumerate(wrap(text, width))]


def print_table(rows: Sequence[Sequence[str]], width: int, *, is_centred: bool) -> Iterator[PageLine]:
    """The cells of a table from left to right and from top to bottom, each broken into lines."""
    baseline = 0.1
    for row in rows:
        counts = [len(wrap(cell, width)) for cell in row]
        for column, (cell, count) in enumerate(zip(row, counts, strict=True)):
            shift = (max(counts) - count) * LEADING / 2 if is_centred else 0.0
            yield from print_cell(cell, width, 0.1 + column * (width + 1) * HEIGHT, baseline + shift)
        baseline += max(counts) * LEADING + 0.008


CELLS = st.text(alphabet=WORDS, min_size=1, max_size=24)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=2, max_size=5), st.booleans())
def test_each_row_of_a_table_is_a_line(rows: list[tuple[str, ...]], is_centred: bool) -> None:
    page = list(print_table(rows, 8, is_centred=is_centred))
    if max(map(len, (cell for row in rows for cell in row))) > 8:
        assert [line.text for line in join_rows(page)] == ["\t".join(row) for row in rows]
    else:
        assert join_rows(page) == page


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=5), st.booleans())
def test_no_character_is_lost_and_boxes_contain_those_of_the_cells(
    rows: list[tuple[str, ...]], is_centred: bool
) -> None:
    page = list(print_table(rows, 6, is_centred=is_centred))
    joined = join_rows(page)
    assert "".join(line.text for line in joined).replace("\t", "") == "".join(line.text for line in page)
    for side, most in (("left", min), ("top", min), ("right", max), ("bottom", max)):
        sides = [most(getattr(line, side) for line in lines) for lines in (joined, page) if lines]
        assert len(set(sides)) <= 1


def test_a_first_line_that_has_the_cell_before_it_is_divided() -> None:
    """As of Word, whose cells begin on one baseline: PDFium gives 1 and 投资… as one line."""
    page: list[PageLine] = []
    for number in range(3):
        baseline = 0.1 + number * 0.06
        page += [
            place(f"{number} 投资深化教育", 0.1, baseline),
            place("高质量", 0.1 + HEIGHT, baseline + LEADING),
            place("市发展和", 0.4, baseline),
            place("改革局", 0.4, baseline + LEADING),
        ]
    assert [line.text for line in join_rows(page)] == [
        f"{number}\t投资深化教育高质量\t市发展和改革局" for number in range(3)
    ]


def test_words_of_latin_letters_are_joined_with_a_blank() -> None:
    rows = [("Gross domestic product", "in millions of yuan", "every quarter")] * 2
    page = list(print_table(rows, 12, is_centred=False))
    assert [line.text for line in join_rows(page)] == ["\t".join(row) for row in rows]


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_columns_of_text_stay_as_they_are(columns: int) -> None:
    texts = [WORDS * 8] * columns
    page = [
        line for column, text in enumerate(texts) for line in print_cell(text, 12, 0.1 + column * 0.3, 0.1)
    ]
    assert len(page) == columns * 16
    assert join_rows(page) == page


def test_a_list_whose_items_hang_stays_as_it_is() -> None:
    page: list[PageLine] = []
    for number in range(1, 5):
        baseline = 0.1 + number * 0.04
        page += [
            place(f"{number}. {WORDS}", 0.1, baseline),
            place("落实到位。", 0.1 + HEIGHT * 1.5, baseline + LEADING),
        ]
    assert join_rows(page) == page


def test_rows_of_several_lines_have_no_blank_lines_between_them() -> None:
    rows = [(WORDS[:number], WORDS[:9], WORDS[:3]) for number in (3, 20, 9, 12)]
    pages = [join_rows(list(print_table(rows, 8, is_centred=True)))]
    order_pages(pages)
    assert [line.is_after_gap for line in pages[0]] == [False] * 4
