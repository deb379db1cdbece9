"""A reader sees the whole old or the whole new build, whenever a build is killed; nobody's files are lost."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from datasets import load_dataset

from hanpack.audit.verification import verify
from hanpack.building import publication
from hanpack.building.publication import clean_work_folder
from hanpack.building.run import build
from hanpack.errors import BuildError
from hanpack.store import work_folder
from hanpack.store.manifest import read_manifest
from hanpack.store.work_folder import WorkFolder, exchange
from tests.building.kills import is_whole, kill_at_every_operation, restore
from tests.builds import change_recipe, hash_files
from tests.conftest import MakeRecipe

TEXT = "第{}份报告：我们坚持稳中求进，推动高质量发展，内容各不相同，第{}号。\n"


@pytest.fixture
def update(make_recipe: MakeRecipe, tmp_path: Path) -> tuple[Path, Path, dict[str, str], dict[str, str]]:
    """A recipe that was changed after its build, the old build, and the hashes of the old and the new one."""
    files = {f"{name}.txt": "".join(TEXT.format(name, n) for n in range(9)).encode() for name in "甲乙"}
    recipe = make_recipe(files, sources=[{"path": "*.txt", "records": "line"}])
    old = build(recipe, tmp_path / "old", num_proc=1).path
    change_recipe(recipe, chunks={"max_tokens": 16})
    new = build(recipe, tmp_path / "new", num_proc=1).path
    return recipe, old, hash_files(old), hash_files(new)


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_kill_leaves_the_whole_old_or_the_whole_new_build(
    update: tuple[Path, Path, dict[str, str], dict[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    can_exchange: bool,
) -> None:
    """The full proof, at every operation, is benchmarks/prove_publication.py; this is every seventh."""
    if not can_exchange:
        monkeypatch.setattr(work_folder, "exchange", lambda *_: False)
    recipe, template, old, new = update
    out = tmp_path / "out"
    operations = set()
    seen = []
    for kill in kill_at_every_operation(recipe, template, out, every=7):
        operations.add(kill.operation)
        # What an interrupted replacement without an exchange left is finished by the next command.
        WorkFolder(out).recover()
        after = hash_files(out)
        assert after in (old, new), (kill.number, kill.operation)
        seen.append(after == new)
        assert verify(out).passed
        assert build(recipe, out, num_proc=1).path == out
        assert hash_files(out) == new
    assert len(seen) > 5
    assert sorted(seen) == seen
    assert (seen[0], seen[-1]) == (False, True)
    assert "fsync" in operations


def test_a_reader_never_sees_a_mixed_build(
    update: tuple[Path, Path, dict[str, str], dict[str, str]], tmp_path: Path
) -> None:
    recipe, template, old, new = update
    out = tmp_path / "out"
    restore(template, out)
    stop = threading.Event()
    wrong: list[dict[str, str]] = []
    reads = 0

    def read() -> None:
        nonlocal reads
        while not stop.is_set():
            # A folder that was opened stays the same one, whatever its name points to later.
            folder = os.open(out, os.O_RDONLY)
            try:
                names = hash_files(Path(f"/proc/self/fd/{folder}"))
            except FileNotFoundError:
                names = {}
            finally:
                os.close(folder)
            reads += 1
            if names and names not in (old, new):
                wrong.append(names)

    reader = threading.Thread(target=read)
    reader.start()
    build(recipe, out, num_proc=1)
    stop.set()
    reader.join()
    assert reads > 10
    assert wrong == []
    assert hash_files(out) == new


def test_what_is_published_is_the_build_and_nothing_else(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.txt": TEXT.encode()}), tmp_path / "out").path
    listed = {file.path for file in read_manifest(out).files} | {"hanpack.json"}
    assert set(hash_files(out)) == listed
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "out", ".out.hanpack"}
    rows = load_dataset(str(out), split="train", cache_dir=str(tmp_path / "cache"))
    assert len(rows) == 1


@pytest.mark.parametrize("stage", ["start", "parts", "shards", "manifest"])
def test_a_full_disk_leaves_the_old_build_whole(
    update: tuple[Path, Path, dict[str, str], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
) -> None:
    recipe, out, old, new = update

    def fill(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    from hanpack.building import completion
    from hanpack.store.parts import PartCache

    targets: dict[str, tuple[object, str]] = {
        "start": (publication.Output, "start_next"),
        "parts": (PartCache, "write"),
        "shards": (completion, "assemble"),
        "manifest": (completion, "dump_manifest"),
    }
    with monkeypatch.context() as patch:
        patch.setattr(*targets[stage], fill)
        with pytest.raises(OSError, match="No space"):
            build(recipe, out, num_proc=1)
    assert hash_files(out) == old
    assert is_whole(out)
    build(recipe, out, num_proc=1)
    assert hash_files(out) == new


def test_a_build_of_another_recipe_is_not_overwritten_unasked(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.txt": TEXT.encode()})
    out = build(recipe, tmp_path / "out").path
    before = hash_files(out)
    change_recipe(recipe, name="another")
    with pytest.raises(BuildError, match=r"another recipe: small, not another.*--overwrite.*-o"):
        build(recipe, out)
    assert hash_files(out) == before
    assert build(recipe, out, overwrite=True).manifest.name == "another"


def test_a_build_of_other_sources_is_not_overwritten_unasked(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": TEXT.encode()})
    out = build(recipe, tmp_path / "out").path
    other = tmp_path / "other"
    shutil.copytree(recipe.parent, other)
    # The same bytes in another folder are the same build.
    assert build(other / recipe.name, out).unchanged
    (other / "a.txt").write_bytes(TEXT.encode() * 2)
    assert not build(other / recipe.name, out).unchanged
    with pytest.raises(BuildError, match="other sources"):
        build(recipe, out)
    assert not build(recipe, out, overwrite=True).unchanged


def test_a_file_that_appears_while_a_build_runs_is_kept(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe({"a.txt": TEXT.encode()})
    out = build(recipe, tmp_path / "out").path
    make_recipe({"a.txt": TEXT.encode() * 2})
    replace: Callable[[WorkFolder], None] = WorkFolder.replace_output

    def write_then_replace(work: WorkFolder) -> None:
        (out / "notes.txt").write_text("mine")
        replace(work)

    monkeypatch.setattr(WorkFolder, "replace_output", write_then_replace)
    build(recipe, out)
    assert (out / "notes.txt").read_text() == "mine"


def test_two_folders_are_exchanged_in_one_step(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert exchange(tmp_path / "a", tmp_path / "b")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "a", tmp_path / "none")


def test_a_work_folder_that_is_a_link_is_neither_emptied_nor_written_to(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "parts").write_text("not hanpack's", encoding="utf-8")
    (tmp_path / ".out.hanpack").symlink_to(home)
    with pytest.raises(BuildError, match="is a link"):
        clean_work_folder(tmp_path / "out", dry_run=False)
    with pytest.raises(BuildError, match="is a link"):
        build(make_recipe({"a.txt": "一段。".encode()}), tmp_path / "out")
    assert [path.name for path in home.iterdir()] == ["parts"]
