"""Records cover their source byte for byte, whatever its shape, and bad ones stop nothing."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.model import Record, Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.sources.discovery import describe_file
from hanpack.sources.records import read_batches
from hanpack.sources.survey import survey

LINES = st.lists(st.sampled_from([b"one", "二三".encode(), b"", b" ", b"\r"]), max_size=12)


def read(path: Path, encoding: str = "utf-8", **keys: object) -> list[Record]:
    limits = {"limits": keys.pop("limits")} if "limits" in keys else {}
    recipe = Recipe.model_validate({"name": "a", "sources": [{"path": path.name, **keys}], **limits})
    found = survey(describe_file(path, path.parent, recipe, 0), recipe.limits.max_expansion)
    source = Source(path.name, found.sha256, found.stamp.size, encoding, fault=found.fault)
    return [record for batch in read_batches(found, source, recipe.limits) for record in batch]


def assert_covers(records: list[Record], content: bytes) -> None:
    position = 0
    for index, record in enumerate(records):
        assert (record.index, record.byte_start) == (index, position)
        assert record.data == content[record.byte_start : record.byte_end]
        position = record.byte_end
    assert position == len(content)


@pytest.mark.parametrize("shape", ["line", "paragraph", "file"])
@given(lines=LINES, last=st.booleans())
def test_records_cover_the_source(
    tmp_path_factory: pytest.TempPathFactory, shape: str, lines: list[bytes], last: bool
) -> None:
    content = b"\n".join(lines) + (b"\n" if last else b"")
    path = tmp_path_factory.mktemp("cover") / "a.txt"
    path.write_bytes(content)
    assert_covers(read(path, records=shape), content)


@given(lines=LINES)
def test_the_terminator_is_only_line_breaks(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("ends") / "a.txt"
    path.write_bytes(b"\n".join(lines) + b"\n")
    for record in read(path, records="line"):
        ending = record.data[len(record.data) - record.terminator :]
        assert ending.endswith(b"\n")
        assert not ending.strip(b"\r\n")


def test_a_paragraph_takes_the_blank_lines_after_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\n\none\ntwo\n\n \n\nthree")
    assert [record.data for record in read(path, records="paragraph")] == [b"\n\none\ntwo\n\n \n\n", b"three"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_encodings_are_cut_at_line_feeds_only(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    content = "上海\n਀ਊ\n末".encode(encoding)
    path.write_bytes(content)
    records = read(path, encoding, records="line")
    assert [record.data.decode(encoding) for record in records] == ["上海\n", "਀ਊ\n", "末"]
    assert [record.terminator for record in records] == [len("\n".encode(encoding))] * 2 + [0]


def test_a_line_over_the_limit_is_rejected_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 5000 + b"\nshort\n")
    long, short = read(path, records="line", limits={"max_record_bytes": 1024})
    assert (long.byte_end, long.data) == (5001, b"")
    assert long.fault == Reason(Cause.RECORD_TOO_LONG, {"limit": 1024})
    assert (short.fault, short.data) == (None, b"short\n")


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_an_empty_file_still_has_a_record(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.txt{suffix}"
    codec = {".gz": "gzip", ".zst": "zstd"}.get(suffix)
    path.write_bytes(bytes(pa.compress(b"", codec, asbytes=True)) if codec else b"")
    (record,) = read(path, records="line")
    assert (record.data, record.byte_end, record.fault) == (b"", 0, None)


def test_compressed_lines_count_in_the_decompressed_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    content = "甲\n乙\n".encode()
    path.write_bytes(gzip.compress(content))
    assert_covers(read(path, records="line"), content)


def test_a_truncated_gzip_is_rejected_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(os.urandom(5000))[:-100])
    (record,) = read(path, records="line")
    assert record.fault is not None
    assert record.fault.cause is Cause.CANNOT_READ_TO_END
    assert "Truncated" in str(record.fault)
    assert record.byte_end == path.stat().st_size


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(bytes(70 * 2**20), 1))
    (record,) = read(path, records="file", limits={"max_expansion": 2})
    assert record.fault is not None
    assert record.fault.cause is Cause.CANNOT_READ_TO_END
    assert "max_expansion" in str(record.fault)


def test_parquet_rows_carry_their_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["甲", None, "乙丙"], "n": [1, 2, 3]}), path)
    records = read(path)
    assert [(record.data.decode(), record.byte_start, record.byte_end) for record in records] == [
        ("甲", 0, 3),
        ("", 3, 3),
        ("乙丙", 3, 9),
    ]
    assert [record.metadata for record in records] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert [record.fault for record in records] == [None, Reason(Cause.NULL_VALUE), None]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1nonsensePAR1"])
def test_a_broken_parquet_is_rejected_as_a_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    (record,) = read(path)
    assert record.fault is not None
    assert record.fault.cause is Cause.INVALID_PARQUET


def test_a_parquet_without_the_column_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [1]}), path)
    assert "'body' is not a column of strings" in str(read(path, text_column="body")[0].fault)
    assert "it is int64" in str(read(path)[0].fault)


def test_a_file_that_changes_while_it_is_read_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ntwo\n")
    recipe = Recipe.model_validate({"name": "a", "sources": [{"path": "a.txt", "records": "line"}]})
    found = survey(describe_file(path, tmp_path, recipe, 0), 10)
    path.write_bytes(b"one\ntwo\nthree\n")
    source = Source("a.txt", found.sha256, found.stamp.size, "utf-8")
    (batch,) = read_batches(found, source, recipe.limits)
    assert [record.fault for record in batch] == [Reason(Cause.FILE_CHANGED)] * 3
