"""Files of compressed tables: what was written is read, however large a table is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from hanpack.store import part_files
from hanpack.store.part_files import read_part_file, write_part_file

TABLES = {
    "texts": pa.table({"text": ["报告", "", "甲"], "breaks": [[0, 2], [], [0]]}),
    "empty": pa.table({"text": pa.array([], pa.string())}),
}


@pytest.mark.parametrize("large_table", [0, 2**23])
def test_tables_are_read_as_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large_table: int
) -> None:
    monkeypatch.setattr(part_files, "LARGE_TABLE", large_table)
    paths = [tmp_path / "folder" / name for name in ("first", "second")]
    for path in paths:
        write_part_file(path, TABLES)
    assert read_part_file(paths[0]) == TABLES
    assert read_part_file(paths[0], "texts".__eq__) == {"texts": TABLES["texts"]}
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(path.name for path in paths[0].parent.iterdir()) == ["first", "second"]
