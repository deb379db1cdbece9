"""A build on object storage has the bytes of a local one, is whole or refused, and shares its parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanpack.building.object_output import ObjectOutput
from hanpack.building.run import build
from hanpack.errors import BuildError, UsageError
from hanpack.store.manifest import MANIFEST
from hanpack.store.object_folder import ObjectFolder
from tests.builds import hash_files, read_rows
from tests.conftest import MakeRecipe
from tests.object_storage import bucket, endpoint, hash_objects

__all__ = ["bucket", "endpoint"]

TEXT = "我们坚持稳中求进,推动高质量发展。这是第{}份报告,内容各不相同。\n"
FILES = {f"{number}.txt": (TEXT.format(number) * 3 + TEXT.format(7)).encode() for number in range(4)}


@pytest.fixture
def recipe(make_recipe: MakeRecipe) -> Path:
    """A recipe of a few texts with copies among their lines."""
    return make_recipe(FILES, sources=[{"path": "*.txt", "records": "line"}])


def test_sources_and_output_on_s3_give_the_bytes_of_a_local_build(
    make_recipe: MakeRecipe, bucket: str, tmp_path: Path
) -> None:
    for name, content in FILES.items():
        ObjectFolder(f"{bucket}/in").put(name, content)
    recipe = make_recipe({"unused.md": b""}, sources=[{"path": f"{bucket}/in/*.txt", "records": "line"}])
    local = build(recipe, tmp_path / "local", num_proc=1)
    remote = build(recipe, f"{bucket}/out", num_proc=2)
    assert remote.url == f"{bucket}/out"
    assert local.counts["states"]["duplicate"] > 0
    assert hash_objects(remote.url, tmp_path / "copy") == hash_files(local.path)
    assert build(recipe, f"{bucket}/out").unchanged


def test_another_machine_uses_the_parts_on_s3(
    recipe: Path, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(recipe, f"{bucket}/out")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    processed: list[str] = []
    monkeypatch.setattr(
        "hanpack.building.passes.run_local", lambda tasks, *_: processed.extend(task.key for task in tasks)
    )
    again = build(recipe, f"{bucket}/out")
    assert processed == []
    assert again.path.resolve().is_relative_to(tmp_path / "other")
    assert read_rows(again.path, "chunks")


def test_a_build_whose_upload_fails_is_not_there_and_the_next_command_finishes_it(
    recipe: Path, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{bucket}/out"
    upload = ObjectFolder.upload

    def fail_at_the_ledger(self: ObjectFolder, name: str, file: Path) -> None:
        if "ledger" in name:
            raise BuildError("the network is down")
        upload(self, name, file)

    monkeypatch.setattr(ObjectFolder, "upload", fail_at_the_ledger)
    with pytest.raises(BuildError, match="the network is down"):
        build(recipe, url)
    assert ObjectFolder(url).list_sizes()
    assert ObjectFolder(url).read(MANIFEST) is None
    monkeypatch.setattr(ObjectFolder, "upload", upload)
    finished = build(recipe, url)
    assert hash_objects(url, tmp_path / "copy") == hash_files(finished.path)
    assert "lock" not in ObjectOutput(url).work.list_sizes()


def test_a_changed_build_replaces_the_old_one_and_leaves_no_object_of_it(
    recipe: Path, bucket: str, tmp_path: Path
) -> None:
    url = f"{bucket}/out"
    build(recipe, url)
    stale = "data/chunks/train-00007-of-00009.parquet"
    ObjectFolder(url).put(stale, b"of the old build")
    (recipe.parent / "9.txt").write_text("另一份新的报告,谈的是别的事情。\n", encoding="utf-8")
    changed = build(recipe, url)
    assert not changed.unchanged
    assert hash_objects(url, tmp_path / "copy") == hash_files(changed.path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out/notes.txt", "did not write: notes.txt"),
        (".out.hanpack/lock", "another build is being published"),
    ],
)
def test_an_output_that_others_use_is_refused(recipe: Path, bucket: str, name: str, message: str) -> None:
    ObjectFolder(bucket).put(name, b"of another")
    with pytest.raises(BuildError, match=message):
        build(recipe, f"{bucket}/out")
    assert ObjectFolder(f"{bucket}/out").read(MANIFEST) is None


def test_a_build_that_was_published_meanwhile_is_not_replaced(
    recipe: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = ObjectFolder.delete

    def publish_another(self: ObjectFolder, name: str) -> None:
        delete(self, name)
        if name == MANIFEST:
            self.put(MANIFEST, b"another")

    monkeypatch.setattr(ObjectFolder, "delete", publish_another)
    with pytest.raises(BuildError, match="at the same time"):
        build(recipe, f"{bucket}/out")
    assert ObjectFolder(f"{bucket}/out").read(MANIFEST) == b"another"


def test_an_output_of_another_recipe_needs_overwrite(
    make_recipe: MakeRecipe, recipe: Path, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{bucket}/out"
    build(recipe, url)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    changed = {"name": "another", "sources": [{"path": str(recipe.parent / "0.txt")}], "root": "/"}
    with pytest.raises(BuildError, match=r"another recipe: .*, not another"):
        build(changed, url)
    build(changed, url, overwrite=True)
    assert b'"name": "another"' in (ObjectFolder(url).read(MANIFEST) or b"")


@pytest.mark.parametrize("url", ["https://example.com/out", "s3://", "s3://bucket"])
def test_an_address_that_cannot_be_written_to_is_refused(recipe: Path, url: str) -> None:
    with pytest.raises(UsageError, match="nothing can be written"):
        build(recipe, url)


def test_storage_that_cannot_be_reached_is_an_error_that_says_what_to_do(recipe: Path, bucket: str) -> None:
    with pytest.raises(BuildError, match=r"the object storage cannot be used: .* — check the address"):
        build(recipe, f"{bucket}-missing/out")
