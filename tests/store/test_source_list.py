"""Many sources are in a Parquet file beside the manifest, and are checked as those in the manifest are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanpack.building.run import Build, build
from hanpack.errors import VerifyError
from hanpack.hashing import hash_file
from hanpack.store.manifest import MANIFEST, read_manifest
from hanpack.store.reader import BuildReader
from hanpack.store.source_list import SOURCES_FILE
from tests.builds import hash_files, verify_build
from tests.conftest import MakeRecipe
from tests.crafted_build import Content, craft_manifest

FILES = {f"{number}.txt": f"第{number}份报告，谈的是第{number}件事情。\n".encode() for number in range(5)}
# Its encoding cannot be decided: a source with a fault.
FILES["5.txt"] = bytes(range(128, 256))


@pytest.fixture
def few_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than three sources are many."""
    for module in ("hanpack.store.source_list", "hanpack.audit.files"):
        monkeypatch.setattr(f"{module}.MOST_LISTED", 3)


@pytest.fixture
def large(few_listed: None, make_recipe: MakeRecipe, tmp_path: Path) -> Build:
    """A build of many sources."""
    return build(make_recipe(FILES, sources=[{"path": "*.txt"}]), tmp_path / "out")


def change_rows(out: Path, change: dict[str, Any], columns: pa.Schema | None = None) -> None:
    """Change the first source in the file of an attacker, who writes its new hash into the manifest."""
    path = out / SOURCES_FILE
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0].update(change)
    pq.write_table(pa.Table.from_pylist(rows, columns or table.schema), path)

    def set_hash(content: Content) -> None:
        for file in content["files"]:
            if file["path"] == SOURCES_FILE:
                file.update(sha256=hash_file(path), bytes=path.stat().st_size)

    craft_manifest(out, set_hash)


def test_the_file_has_what_the_manifest_would_list(large: Build, tmp_path: Path, monkeypatch: Any) -> None:
    assert json.loads((large.path / MANIFEST).read_text(encoding="utf-8"))["sources"] == SOURCES_FILE
    verify_build(large.path)
    assert build(tmp_path / "corpus/recipe.yaml", large.path).unchanged
    again = build(tmp_path / "corpus/recipe.yaml", large.path, fresh=True)
    assert hash_files(again.path) == hash_files(large.path)
    monkeypatch.setattr("hanpack.store.source_list.MOST_LISTED", 6)
    small = build(tmp_path / "corpus/recipe.yaml", tmp_path / "small")
    assert not (small.path / SOURCES_FILE).exists()
    sources = read_manifest(large.path).sources
    assert sources == read_manifest(small.path).sources
    assert [source.fault is None for source in sources] == [True] * 5 + [False]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"path": "../../secret.txt"}, "sources.0.path"),
        ({"path": "1.txt"}, "sources.1.path"),
        ({"sha256": "0"}, "sources.0.sha256"),
        ({"size": -1}, "sources.0.size"),
        ({"cause": "no_such_cause", "fault": "x"}, "sources.0"),
        ({"details": "{"}, SOURCES_FILE),
        ({"details": None}, SOURCES_FILE),
    ],
)
def test_every_value_in_the_file_is_checked(large: Build, change: dict[str, Any], field: str) -> None:
    change_rows(large.path, change)
    with pytest.raises(VerifyError, match=field):
        BuildReader.open(large.path)


def test_other_columns_are_refused(large: Build) -> None:
    schema = pq.read_schema(large.path / SOURCES_FILE).append(pa.field("more", pa.string()))
    change_rows(large.path, {}, schema)
    with pytest.raises(VerifyError, match="columns that hanpack writes"):
        BuildReader.open(large.path)


def test_a_changed_or_missing_file_is_refused(large: Build) -> None:
    path = large.path / SOURCES_FILE
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(data)
    with pytest.raises(VerifyError, match="sha256 is not that in the manifest"):
        BuildReader.open(large.path)
    path.unlink()
    with pytest.raises(VerifyError, match=SOURCES_FILE):
        BuildReader.open(large.path)
