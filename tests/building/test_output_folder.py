"""No build into a folder with other files, or that is being built; a build that fails changes nothing."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hanpack.building.run import build
from hanpack.errors import BuildError
from tests.builds import hash_files, read_rows, to_jsonl
from tests.conftest import MakeRecipe
from tests.sample_corpus import read_paragraphs

TEXT = "我们坚持稳中求进,推动高质量发展。\n".encode()
# Builds the recipe that is named first into the folder named second, and can write no file of more than the
# third number of bytes: like a full disk, this makes writing fail in the middle of a file.
BUILD_WITH_LIMIT = """
import resource, sys
from hanpack.cli import main
size = int(sys.argv.pop())
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
sys.argv = ["hanpack", "build", sys.argv[1], "-o", sys.argv[2], "--num-proc", "1"]
main()
"""


@pytest.mark.parametrize("name", ["notes.txt", "data/chunks/mine.parquet", "data/more/x", "README.md"])
def test_a_folder_with_other_files_is_refused_and_not_touched(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    recipe = make_recipe({"a.txt": TEXT})
    foreign = tmp_path / "out" / name
    foreign.parent.mkdir(parents=True)
    foreign.write_text("mine", encoding="utf-8")
    with pytest.raises(BuildError, match="did not write"):
        build(recipe, tmp_path / "out")
    assert foreign.read_text(encoding="utf-8") == "mine"
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [foreign]


def test_a_shard_that_the_new_build_does_not_have_is_deleted(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.txt": TEXT}), tmp_path / "out").path
    stale = out / "data" / "chunks" / "train-00001-of-00002.parquet"
    stale.write_bytes(b"old")
    build(make_recipe({"a.txt": TEXT * 2}), out)
    assert not stale.exists()


def test_a_build_into_a_folder_that_another_is_writing_to_is_refused(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.txt": TEXT})
    refusals: list[str] = []

    def build_in_between(stage: str, done: int, total: int) -> None:
        if stage == "survey" or refusals:
            return
        with ThreadPoolExecutor(1) as pool, pytest.raises(BuildError) as refused:
            pool.submit(build, recipe, tmp_path / "out").result()
        refusals.append(str(refused.value))

    out = build(recipe, tmp_path / "out", progress=build_in_between).path
    assert len(refusals) == 1
    assert "another hanpack build is writing to this folder" in refusals[0]
    assert len(read_rows(out, "documents")) == 1


def test_a_build_that_cannot_write_leaves_the_old_build_whole(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    out = build(make_recipe({"a.txt": TEXT}), tmp_path / "out").path
    before = hash_files(out)
    files = {f"{n:03d}.jsonl": to_jsonl(text) for n, text in enumerate(read_paragraphs(100))}
    recipe = make_recipe({"a.txt": TEXT, **files})
    command = [sys.executable, "-c", BUILD_WITH_LIMIT, str(recipe), str(out), str(30_000)]
    failed = subprocess.run(command, capture_output=True, text=True)
    assert (failed.returncode, "File too large" in failed.stderr) == (1, True)
    assert hash_files(out) == before
    assert build(recipe, out).counts["records"] == 101
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "new").path)
