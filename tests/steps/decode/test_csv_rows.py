"""A row of CSV gives the text of its column, and each character of it has its own bytes in the row."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.errors import RecordError
from hanpack.reasons import Cause
from hanpack.steps.decode.csv_rows import RowLayout, is_open, read_row, unwrap_row
from hanpack.steps.traced import count_removed

VALUES = st.text(st.sampled_from('甲乙ab", \n\t;'), max_size=12)
ENCODINGS = ["utf-8", "gbk", "big5", "utf-16-le", "utf-32-be"]


def write_row(values: list[str], delimiter: str = ",") -> str:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter).writerow(values)
    return sink.getvalue().removesuffix("\r\n")


@given(
    values=st.lists(VALUES, min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(ENCODINGS),
    header=st.sampled_from(["", "項,b\n"]),
    ending=st.sampled_from(["", "\n", "\r\n"]),
    data=st.data(),
)
def test_any_row_gives_back_its_text_and_each_character_its_bytes(
    values: list[str], delimiter: str, encoding: str, header: str, ending: str, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    names = tuple(f"c{number}" for number in range(len(values)))
    before, after = header.encode(encoding), ending.encode(encoding)
    row = before + write_row(values, delimiter).encode(encoding) + after
    traced, columns = unwrap_row(
        row,
        RowLayout(names, index, delimiter),
        100,
        encoding=encoding,
        terminator=len(after),
        preamble=len(before),
    )
    assert traced.text == values[index]
    expected = {
        name: value or None for name, value in zip(names, values, strict=True) if name != names[index]
    }
    assert columns == (expected if write_row(values, delimiter) else {})
    for place, character in enumerate(traced.text):
        low, high = traced.alignment.source_span(place, place + 1)
        assert row[low - 100 : high - 100].decode(encoding) == character
    removed = sum(count_removed(traced).values())
    assert removed + len(traced.text.encode(encoding)) == len(row)


@pytest.mark.parametrize(
    ("row", "offset", "detail"),
    [
        ('1,"甲', 12, "is not closed"),
        ('1,"甲"乙', 17, "text follows"),
        ("1", 10, "1 field for 2 columns"),
        ("1,2,3", 10, "3 fields for 2 columns"),
    ],
)
def test_a_row_that_is_not_csv_is_refused_at_its_byte(row: str, offset: int, detail: str) -> None:
    with pytest.raises(RecordError) as caught:
        unwrap_row(row.encode(), RowLayout(("id", "text"), 1, ","), 10)
    reason = caught.value.reason
    assert (reason.cause, reason.fields["offset"]) == (Cause.INVALID_ROW, offset)
    assert detail in str(reason)


def test_a_quotation_mark_inside_a_field_without_quotes_is_a_character() -> None:
    traced, _ = unwrap_row('7,5" 屏'.encode(), RowLayout(("id", "text"), 1, ","))
    assert traced.text == '5" 屏'


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_a_row_is_open_exactly_until_its_last_line(values: list[str]) -> None:
    row = f"{write_row(values)}\n".encode()
    lines = row.splitlines(keepends=True)
    states = [is_open(lines[0], b",", is_inside=False)]
    states += [is_open(line, b",", is_inside=True) for line in lines[1:]]
    assert states == [True] * (len(lines) - 1) + [False]
    assert read_row(row.decode().removesuffix("\n"), ",") == values or values == [""]
