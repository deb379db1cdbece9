"""Compressed files count in the bytes of their content, and neither damage nor a bomb gets further."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pyarrow as pa
import pytest

from hanpack.reasons import Cause
from tests.sources.reading import assert_covers, read_source


@pytest.mark.parametrize(("suffix", "codec"), [(".gz", "gzip"), (".zst", "zstd")])
def test_the_lines_of_a_compressed_file_count_in_its_content(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"a.txt{suffix}"
    content = "甲\n乙\n".encode()
    path.write_bytes(bytes(pa.compress(content, codec, asbytes=True)))
    records = read_source(path, records="line")
    assert len(records) == 2
    assert_covers(records, content)


def test_a_truncated_gzip_file_is_rejected_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(os.urandom(5000))[:-100])
    (record,) = read_source(path, records="line")
    assert record.fault is not None
    assert record.fault.cause is Cause.CANNOT_READ_TO_END
    assert "it is cut off" in str(record.fault)
    assert record.byte_end == path.stat().st_size


def test_a_file_that_expands_too_far_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(bytes(70 * 2**20), 1))
    (record,) = read_source(path, records="file", limits={"max_expansion": 2})
    assert record.fault is not None
    assert record.fault.cause is Cause.CANNOT_READ_TO_END
    assert "max_expansion" in str(record.fault)
