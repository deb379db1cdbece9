"""Texts are read from their pages as pyarrow reads them, and pages that are not as they say are refused."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.store.data_pages import find_pages, read_texts
from hanpack.store.shards import PARQUET


def write(texts: Sequence[str | None], rows: int = 1000, **options: Any) -> bytes:
    """A file with texts in small pages, between two other columns."""
    numbers = pa.array(range(len(texts)))
    table = pa.table({"number": numbers, "text": pa.array(texts, pa.string()), "list": [[1]] * len(texts)})
    stream = io.BytesIO()
    small = {"data_page_size": 500, "write_batch_size": 10}
    pq.write_table(table, stream, row_group_size=rows, **{**PARQUET, **small, **options})
    return stream.getvalue()


def read(data: bytes, spans: Sequence[range]) -> list[list[tuple[int, str]]] | None:
    """The texts of spans, page by page."""
    stream = io.BytesIO(data)
    pages = find_pages(pq.ParquetFile(io.BytesIO(data)), stream, "text")
    return None if pages is None else list(read_texts(stream, pages, spans))


@given(
    texts=st.lists(st.text(max_size=40), min_size=1, max_size=120),
    rows=st.sampled_from([7, 1000]),
    compression=st.sampled_from(["zstd", "snappy", "none"]),
    cuts=st.sets(st.integers(0, 120), max_size=8),
)
def test_the_texts_of_any_rows_are_read(
    texts: list[str], rows: int, compression: str, cuts: set[int]
) -> None:
    limits = sorted(min(cut, len(texts)) for cut in cuts)
    spans = [range(low, high) for low, high in list(pairwise(limits))[::2] if low < high]
    pages = read(write(texts, rows, compression=compression), spans)
    assert pages is not None
    assert [text for page in pages for text in page] == [(row, texts[row]) for span in spans for row in span]


def test_only_the_pages_with_the_rows_are_read() -> None:
    texts = ["春" * 100] * 60
    pages = read(write(texts), [range(3, 4), range(50, 52)])
    assert pages == [[(3, texts[3])], [(50, texts[50]), (51, texts[51])]]


@pytest.mark.parametrize(
    ("texts", "options"),
    [
        (["春天", "春天"], {"use_dictionary": True}),
        (["春天", "夏天"], {"data_page_version": "2.0"}),
        (["春天", "夏天"], {"column_encoding": {"text": "DELTA_BYTE_ARRAY"}}),
    ],
    ids=["dictionary", "version 2", "delta"],
)
def test_pages_that_hanpack_does_not_write_are_left_to_pyarrow(
    texts: list[str], options: dict[str, Any]
) -> None:
    assert read(write(texts, **options), [range(2)]) is None


def test_a_null_is_refused() -> None:
    for texts in ([None, "春天"], [*["春天"] * 20, None]):
        with pytest.raises(OSError, match="a text is null"):
            read(write(texts), [range(1)])


def test_a_changed_page_never_gives_other_texts_silently_and_ends_in_no_other_error() -> None:
    """The same bytes are read by pyarrow: what it reads is read, or the page is refused."""
    texts = [f"第{number}条的内容" for number in range(60)]
    data, random = write(texts, compression="none"), Random(3)
    refused = 0
    for _ in range(300):
        changed = bytearray(data)
        changed[random.randrange(4, len(data) // 2)] = random.randrange(256)
        try:
            pages = read(bytes(changed), [range(60)])
        except OSError:
            refused += 1
            continue
        if pages is None:
            refused += 1
            continue
        assert [text for page in pages for _, text in page] == read_with_pyarrow(bytes(changed))
    assert 10 < refused < 290


def read_with_pyarrow(data: bytes) -> list[str]:
    texts: list[str] = pq.read_table(io.BytesIO(data), columns=["text"]).column("text").to_pylist()
    return texts
