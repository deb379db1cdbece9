"""A reader reads one build, even if another replaces it meanwhile; an interrupted replacement is finished."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hanpack.building.run import build
from hanpack.errors import VerifyError
from hanpack.store.reader import BuildReader
from hanpack.store.work_folder import WorkFolder
from tests.builds import hash_files
from tests.conftest import MakeRecipe


def read_texts(reader: BuildReader) -> list[str]:
    texts: list[str] = reader.read("documents", ["text"]).column("text").to_pylist()
    assert texts == [row.values["text"] for row in reader.read_rows("documents", ["text"])]
    return texts


def test_a_reader_stays_in_the_build_it_opened(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(make_recipe({"a.txt": "第一份。".encode()}), out)
    reader = BuildReader.open(out)
    build(make_recipe({"a.txt": "第二份。".encode()}), out)
    assert read_texts(reader) == ["第一份。"]
    assert read_texts(BuildReader.open(out)) == ["第二份。"]
    assert [reader.examine(file) for file in reader.manifest.files] == list(reader.manifest.files)
    # A second replacement deletes the first build.
    build(make_recipe({"a.txt": "第三份。".encode()}), out)
    with pytest.raises(VerifyError, match="replaced while it was read"):
        read_texts(reader)


@pytest.mark.parametrize("renames", [0, 1, 2, 3])
def test_a_reader_finishes_an_interrupted_replacement(
    make_recipe: MakeRecipe, tmp_path: Path, renames: int
) -> None:
    out = build(make_recipe({"a.txt": "第一份。".encode()}), tmp_path / "out").path
    build(make_recipe({"a.txt": "第二份。".encode()}), out)
    work = WorkFolder(out)
    old, new = hash_files(out), hash_files(work.next)
    work.journal.touch()
    for source, target in ((out, work.old), (work.next, out), (work.old, work.next))[:renames]:
        os.replace(source, target)
    BuildReader.open(out)
    assert hash_files(out) == (new if renames else old)
    assert not work.journal.exists()
    assert not work.old.exists()
