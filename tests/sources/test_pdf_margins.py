"""Only what is in the margins of a PDF's pages, and apart from the body, is a running head."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat
from pathlib import Path

import pytest

from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.printed_pages import undo_layout
from hanpack.steps.traced import Traced
from tests.sources.pdfs import make_placed_pdf
from tests.sources.reading import read_source

HEAD, SALUTATION = "某某局年度总结", "市人民政府："
BODY = "坚持问题导向，着力破解发展难题，推动各项任务落地见效"
# A line of a page: its text, its size, and its distance from the top of the page in points.
Line = tuple[str, float, float]


def read_lines(path: Path, pages: Sequence[Sequence[Line]]) -> list[str]:
    """The text of a PDF file without its layout; no line goes on on the next, for none is full."""
    path.write_bytes(make_placed_pdf(pages))
    (record,) = read_source(path)
    traced: Traced = decode(record.data, "utf-8")
    traced = Traced(traced.text, traced.alignment, regions=record.regions, has_printed_lines=True)
    return undo_layout(traced).text.replace("\n\n", "\n").split("\n")


def place(texts: Sequence[str], top: float = 100, size: float = 12, step: float = 22) -> list[Line]:
    return [(text, size, top + row * step) for row, text in enumerate(texts)]


def number_lines(page: int, count: int = 20) -> list[str]:
    """Lines of different lengths, which no step joins."""
    return [f"{page}区第{row}项{'建设' * (row % 7)}完成。" for row in range(count)]


@pytest.mark.parametrize("count", [2, 3, 4, 8])
@pytest.mark.parametrize("salutation", [SALUTATION, "市人民政府", "各乡镇人民政府", "会议纪要"])
@pytest.mark.parametrize("gap", [22, 40], ids=["close", "a gap below"])
def test_the_salutation_of_each_letter_stays_below_the_running_head(
    tmp_path: Path, count: int, salutation: str, gap: int
) -> None:
    pages = [
        [(HEAD, 9, 50), (salutation, 12, 85), *place(number_lines(page), 85 + gap)] for page in range(count)
    ]
    lines = read_lines(tmp_path / "a.pdf", pages)
    assert lines == list(chain(*([salutation, *number_lines(page)] for page in range(count))))


@pytest.mark.parametrize("is_foot", [False, True])
@pytest.mark.parametrize("ending", ["，", "", "；"])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_line_that_is_on_all_pages_beside_the_head_is_body(
    tmp_path: Path, count: int, ending: str, is_foot: bool
) -> None:
    rows = [BODY + ending] * 33
    margin: list[Line] = [(HEAD, 9, 815 if is_foot else 32)]
    text = "".join(read_lines(tmp_path / "a.pdf", [[*margin, *place(rows, 62)] for _ in range(count)]))
    assert text.count(BODY) == 33 * count
    assert HEAD not in text


@pytest.mark.parametrize("size", [9, 12, 18])
def test_a_line_in_mid_page_is_no_running_foot(tmp_path: Path, size: int) -> None:
    pages = [[*place(number_lines(page, 10)), ("市生态环境局", size, 360)] for page in range(4)]
    assert "".join(read_lines(tmp_path / "a.pdf", pages)).count("市生态环境局") == 4


def test_titles_and_heads_of_tables_that_are_repeated_in_the_body_stay(tmp_path: Path) -> None:
    titles = [[("会议纪要", 18, 90), *place(number_lines(page), 130)] for page in range(4)]
    assert "".join(read_lines(tmp_path / "a.pdf", titles)).count("会议纪要") == 4
    # The rows of a table are smaller than the text around it.
    tables = [place(["序号　单位　金额", *number_lines(page)], 80, size=9, step=16) for page in range(4)]
    text = place([BODY + "。"] * 25, 80, step=16)
    read = read_lines(tmp_path / "b.pdf", [text, *tables, text, text])
    assert "".join(read).count("序号") == 4


def test_a_line_at_the_height_of_other_pages_text_is_body(tmp_path: Path) -> None:
    first = [[("通知", 9, 70), *place(number_lines(page), 105)] for page in range(3)]
    second = [place(number_lines(page), 70) for page in range(3, 6)]
    assert "".join(read_lines(tmp_path / "a.pdf", [*first, *second])).count("通知") == 3


@pytest.mark.parametrize("size", [7.5, 9, 12])
@pytest.mark.parametrize("count", [3, 4, 9])
def test_heads_feet_and_numbers_in_the_margins_go(tmp_path: Path, size: float, count: int) -> None:
    first = [("二〇二三年度工作总结", 18, 62), *place(number_lines(0, 30), 100)]
    pages = [
        [
            (HEAD, size, 32),
            *place(number_lines(page, 33), 62),
            ("内部资料", size, 800),
            (f"{page + 1}", size, 815),
        ]
        for page in range(1, count)
    ]
    lines = read_lines(tmp_path / "a.pdf", [first, *pages])
    kept = chain(number_lines(0, 30), *map(number_lines, range(1, count), repeat(33)))
    assert lines == ["# 二〇二三年度工作总结", *kept]


def test_a_head_beside_a_number_goes_with_it_and_so_does_one_of_two_small_lines(tmp_path: Path) -> None:
    beside = [[(HEAD, 12, 45), (str(page), 12, 45.5), *place(number_lines(page), 90)] for page in range(1, 5)]
    assert not any(HEAD in line for line in read_lines(tmp_path / "a.pdf", beside))
    two = [[(HEAD, 9, 45), ("第三期　总第九期", 9, 58), *place(number_lines(page), 90)] for page in range(5)]
    assert not any("期" in line or HEAD in line for line in read_lines(tmp_path / "b.pdf", two))


ADDRESS = "https://www.example.com/a/2023-11-28.html?id=12"


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("11/28/26, 7:31 AM 总结", f"{ADDRESS} {{}}/{{count}}"),
        ("2026/11/28 下午7:31 总结", f"{ADDRESS} {{}} / {{count}}"),
        (f"总结 {ADDRESS}", "{} of {count} 28/11/2026, 19:31"),
    ],
)
def test_what_a_browser_prints_above_and_below_the_pages_goes(
    tmp_path: Path, head: str, foot: str, count: int
) -> None:
    pages = [
        [(head, 8, 20), *place(number_lines(page), 90), (foot.format(page + 1, count=count), 8, 825)]
        for page in range(count)
    ]
    lines = read_lines(tmp_path / "a.pdf", pages)
    assert lines == list(chain(*(number_lines(page) for page in range(count))))


@pytest.mark.parametrize("line", [f"总结 {ADDRESS}", "2026/11/28 下午7:31 总结", f"{ADDRESS} 第一次"])
def test_an_address_or_a_time_at_the_edge_of_a_page_stays_if_no_browser_printed_it(
    tmp_path: Path, line: str
) -> None:
    page = [(line, 8, 20), *place(number_lines(0), 90), (line, 8, 825)]
    assert read_lines(tmp_path / "a.pdf", [page]).count(line) == 2
