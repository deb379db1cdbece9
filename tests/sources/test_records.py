"""Records cover their source byte for byte, whatever its shape, in bounded batches."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.model import Source
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Recipe
from hanpack.sources.discovery import describe_file
from hanpack.sources.records import BATCH_BYTES, BATCH_RECORDS, read_batches
from hanpack.sources.survey import survey
from tests.sources.reading import assert_covers, read_source, read_source_batches

LINES = st.lists(st.sampled_from([b"one", "二三".encode(), b"", b" ", b"\r"]), max_size=12)


@pytest.mark.parametrize("shape", ["line", "paragraph", "file"])
@given(lines=LINES, last=st.booleans())
def test_records_cover_the_source(shape: str, lines: list[bytes], last: bool) -> None:
    content = b"\n".join(lines) + (b"\n" if last else b"")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(content)
        assert_covers(read_source(path, records=shape), content)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_an_empty_file_still_has_a_record(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.txt{suffix}"
    codec = {".gz": "gzip", ".zst": "zstd"}.get(suffix)
    path.write_bytes(bytes(pa.compress(b"", codec, asbytes=True)) if codec else b"")
    (record,) = read_source(path, records="line")
    assert (record.data, record.byte_end, record.fault) == (b"", 0, None)


def test_a_batch_has_a_bounded_number_of_records(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    content = b"x\n" * (BATCH_RECORDS + 3)
    path.write_bytes(content)
    batches = read_source_batches(path, records="line")
    assert [len(batch) for batch in batches] == [BATCH_RECORDS, 3]
    assert_covers([record for batch in batches for record in batch], content)


def test_a_batch_has_a_bounded_number_of_bytes_unless_a_record_has_more(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    sizes = [BATCH_BYTES // 2, BATCH_BYTES // 2, 10, BATCH_BYTES + 1, 10, 10]
    content = b"".join(b"x" * (size - 1) + b"\n" for size in sizes)
    path.write_bytes(content)
    batches = read_source_batches(path, records="line")
    assert [len(batch) for batch in batches] == [2, 1, 1, 2]
    assert_covers([record for batch in batches for record in batch], content)


def test_a_file_that_changes_while_it_is_read_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ntwo\n")
    recipe = Recipe.model_validate({"name": "a", "sources": [{"path": "a.txt", "records": "line"}]})
    surveyed = survey(describe_file(path, tmp_path, recipe, 0), 10)
    path.write_bytes(b"one\ntwo\nthree\n")
    source = Source("a.txt", surveyed.sha256, surveyed.stamp.size, "utf-8")
    (batch,) = read_batches(surveyed, source, recipe.limits)
    assert [(record.fault, record.data) for record in batch] == [(Reason(Cause.FILE_CHANGED), b"")] * 3
