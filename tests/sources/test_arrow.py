"""Arrow IPC files and streams are read like Parquet, and the folder of ``save_to_disk`` builds at once."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from datasets import Dataset

from hanpack.building.run import build
from hanpack.reasons import Cause
from hanpack.scanning.recipes import write_recipe
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.sources.reading import assert_covers, read_source

TEXTS = ["第一行的文字。", None, "第三行，另一些文字。"]
TABLE = pa.table({"text": TEXTS, "n": [1, 2, 3]})


def dump_arrow(table: pa.Table, kind: str, compression: str | None = None) -> bytes:
    """The bytes of a file or a stream with a row in each batch."""
    sink = pa.BufferOutputStream()
    open_writer = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with open_writer(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=1)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("kind", ["file", "stream"])
@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_the_rows_of_a_file_or_a_stream_are_built_and_verified(
    make_recipe: MakeRecipe, tmp_path: Path, kind: str, compression: str | None
) -> None:
    files = {"a.arrow": dump_arrow(TABLE, kind, compression)}
    out = build(make_recipe(files), tmp_path / "out").path
    assert [row["cause"] for row in read_rows(out, "ledger")] == [None, "null_value", None]
    assert [json.loads(row["metadata"]["extra"]) for row in read_rows(out, "documents")] == [
        {"n": 1},
        {"n": 3},
    ]
    verify_build(out)


def test_a_stream_that_is_cut_off_keeps_what_is_whole(tmp_path: Path) -> None:
    data = dump_arrow(TABLE, "stream")
    (tmp_path / "a.arrow").write_bytes(data[: len(data) - 200])
    records = read_source(tmp_path / "a.arrow")
    assert records[0].data.decode() == TEXTS[0]
    assert records[-1].fault is not None
    assert records[-1].fault.cause is Cause.ARROW_READ_ERROR
    assert_covers(records, b"".join(record.data for record in records))


@pytest.mark.parametrize("data", [b"", b"ARROW1", b"no table at all", bytes(1000)])
def test_a_file_that_is_no_table_is_rejected(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.arrow").write_bytes(data)
    (record,) = read_source(tmp_path / "a.arrow")
    assert record.fault is not None
    assert record.fault.cause is Cause.INVALID_ARROW


def test_the_folder_of_save_to_disk_builds_without_what_describes_it(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    Dataset.from_list([{"body": "数据集里的一段文字。", "n": 1}]).save_to_disk(folder)
    drafted = write_recipe(folder, tmp_path / "saved.yaml")
    assert [name for name, _ in drafted.left_out] == ["dataset_info.json", "state.json"]
    built = build(tmp_path / "saved.yaml", tmp_path / "out")
    assert built.counts["documents"] == 1
    verify_build(built.path)
