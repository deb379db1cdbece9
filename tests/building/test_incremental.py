"""A rebuild makes the parts of what changed and no others, and gives the bytes of a build from nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hanpack.building.plan import make_plan
from hanpack.building.run import build, preview
from hanpack.errors import RecipeError
from hanpack.store.work_folder import WorkFolder
from tests.builds import change_recipe, hash_files, verify_build
from tests.conftest import MakeRecipe

TEXT = "第{}份报告：我们坚持稳中求进，推动高质量发展，第{}号项目按期完成。\n"
# The lines are near copies of one another, which are kept here.
EXACT = {"duplicates": {"drop": "exact"}}
NAMES = [f"{number}.txt" for number in range(6)]


def write_corpus(make_recipe: MakeRecipe, **keys: object) -> Path:
    files = {name: "".join(TEXT.format(name, line) for line in range(4)).encode() for name in NAMES}
    return make_recipe(files, sources=[{"path": "*.txt", "records": "line"}], **{**EXACT, **keys})


def list_parts(out: Path) -> set[Path]:
    return set(WorkFolder(out).parts.rglob("*.part"))


CHANGES: dict[str, tuple[Callable[[Path], object], int]] = {
    "changed": (lambda folder: (folder / "2.txt").write_text("全新的内容，与以前完全不同。\n", "utf-8"), 1),
    "added": (lambda folder: (folder / "9.txt").write_text("新增加的一份文件。\n", "utf-8"), 1),
    "renamed": (lambda folder: (folder / "2.txt").rename(folder / "7.txt"), 1),
    "removed": (lambda folder: (folder / "2.txt").unlink(), 0),
}


@pytest.mark.usefixtures("ungrouped")
@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_of_a_source_makes_its_parts_only(
    make_recipe: MakeRecipe, tmp_path: Path, kind: str
) -> None:
    change, new_parts = CHANGES[kind]
    recipe = write_corpus(make_recipe)
    out = build(recipe, tmp_path / "out").path
    before = list_parts(out)
    assert len(before) == len(NAMES)
    change(recipe.parent)
    assert f": {new_parts} of " in preview(recipe, out)
    assert not build(recipe, out).unchanged
    assert len(list_parts(out) - before) == new_parts
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


@pytest.mark.parametrize(
    "keys", [{"card": {"title": "新的标题"}}, {"duplicates": {"drop": "exact", "threshold": 0.9}}]
)
def test_a_key_that_shapes_no_part_makes_none(
    make_recipe: MakeRecipe, tmp_path: Path, keys: dict[str, object]
) -> None:
    recipe = write_corpus(make_recipe)
    out = build(recipe, tmp_path / "out").path
    before = list_parts(out)
    change_recipe(recipe, **keys)
    assert not build(recipe, out).unchanged
    assert list_parts(out) == before
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


@pytest.mark.usefixtures("ungrouped")
def test_a_budget_shapes_every_part(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = write_corpus(make_recipe)
    out = build(recipe, tmp_path / "out").path
    before = list_parts(out)
    change_recipe(recipe, chunks={"max_tokens": 64})
    build(recipe, out)
    assert len(list_parts(out) - before) == len(NAMES)
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


# Options of which every table depends on, and texts that are copies, share passages or cannot be read.
EVERY_OPTION: dict[str, object] = {
    "duplicates": {"drop": "near", "passages": "remove", "minimum_passage": 30},
    "splits": {"validation": 0.3},
    "packed": {"tokens": 64},
    "chunks": {"max_tokens": 64, "headings": True},
    "shard_size": 1,
}
SENTENCES = [
    f"关于第{number}个问题，本单位{name}年度报告认为情况属实，应当依法予以解决。"
    for number, name in enumerate("甲乙丙丁戊己庚辛")
]


def make_small_files() -> dict[str, bytes]:
    texts = {
        f"{number:02d}.txt": "\n".join(SENTENCES[number % 7 :]) + f"\n第{number}号文件到此为止。"
        for number in range(20)
    }
    texts |= {"05.txt": texts["04.txt"], "06.txt": "", "07.txt": "\n".join(SENTENCES) + "。又及：另有说明。"}
    return {name: text.encode() for name, text in texts.items()} | {"08.txt": bytes(range(128, 256)) * 4}


@pytest.mark.parametrize("group_bytes", [1, 700, 1 << 17])
def test_the_groups_of_small_sources_change_no_byte(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group_bytes: int
) -> None:
    recipe = make_recipe(make_small_files(), sources=[{"path": "*.txt"}], **EVERY_OPTION)
    grouped = build(recipe, tmp_path / "grouped")
    assert grouped.counts["states"].keys() >= {"kept", "duplicate", "empty", "rejected"}
    monkeypatch.setattr("hanpack.sources.groups.GROUP_BYTES", group_bytes)
    alone = build(recipe, tmp_path / "alone")
    assert hash_files(alone.path) == hash_files(grouped.path)
    (recipe.parent / "03.txt").write_text(SENTENCES[3] + "改了。", "utf-8")
    (recipe.parent / "09.txt").unlink()
    build(recipe, alone.path)
    assert hash_files(alone.path) == hash_files(build(recipe, tmp_path / "fresh").path)


def test_a_change_of_a_small_source_makes_its_group_only(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanpack.sources.groups.GROUP_BYTES", 700)
    recipe = make_recipe(make_small_files(), sources=[{"path": "*.txt"}], **EXACT)
    out = build(recipe, tmp_path / "out").path
    before = list_parts(out)
    assert 1 < len(before) < 20
    (recipe.parent / "03.txt").write_text(SENTENCES[3] + "改了。", "utf-8")
    build(recipe, out)
    assert 1 <= len(list_parts(out) - before) <= 2


def test_a_copy_in_an_added_source_revises_its_own_part_only(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = write_corpus(make_recipe)
    out = build(recipe, tmp_path / "out").path
    before = list_parts(out)
    (recipe.parent / "9.txt").write_bytes((recipe.parent / "1.txt").read_bytes())
    done = build(recipe, out)
    assert done.counts["states"] == {"duplicate": 4, "kept": 24}
    # The part of the new source, and its revision.
    assert len(list_parts(out) - before) == 2
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


def test_fresh_uses_no_part_of_an_earlier_build(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = write_corpus(make_recipe)
    out = build(recipe, tmp_path / "out").path
    hashes, (spoiled, *_) = hash_files(out), list_parts(out)
    spoiled.write_bytes(b"")
    assert not build(recipe, out, fresh=True).unchanged
    assert hash_files(out) == hashes
    assert spoiled.stat().st_size > 0


def test_a_part_that_is_cut_short_is_made_again(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = write_corpus(make_recipe)
    out = build(recipe, tmp_path / "out").path
    for part in list_parts(out):
        part.write_bytes(part.read_bytes()[:-1])
    change_recipe(recipe, card={"title": "新的标题"})
    build(recipe, out)
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


def test_the_cache_is_kept_below_its_limit(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = write_corpus(make_recipe, limits={"max_cache_bytes": 0})
    out = build(recipe, tmp_path / "out").path
    assert list_parts(out) == set()
    assert verify_build(out).passed


def test_a_recipe_that_can_give_no_document_stops_before_anything_is_written(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.jsonl": '{"content": "甲。", "year": 2024}\n'.encode()})
    with pytest.raises(RecipeError, match=r"sources\.0\.text_column.*content, year"):
        build(recipe, tmp_path / "out")
    change_recipe(recipe, sources=[{"path": "a.jsonl", "text_column": "content", "encoding": "ascii"}])
    with pytest.raises(RecipeError, match=r"sources\.0\.encoding.*utf-8"):
        build(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def settle() -> None:
    """Wait until the files that were just written would show a further change in their times."""
    time.sleep(0.1)


def list_shards(out: Path) -> dict[str, Path]:
    return {path.relative_to(out).as_posix(): path for path in sorted((out / "data").rglob("*.parquet"))}


@pytest.mark.usefixtures("ungrouped")
def test_shards_that_a_change_does_not_touch_are_linked(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = write_corpus(make_recipe, shard_size=1)
    out = build(recipe, tmp_path / "out").path
    before = {name: path.stat().st_ino for name, path in list_shards(out).items()}
    assert len(before) == 3 * len(NAMES)
    (recipe.parent / "2.txt").write_text("全新的内容，与以前完全不同。\n", "utf-8")
    build(recipe, out)
    written = {name for name, path in list_shards(out).items() if before.get(name) != path.stat().st_ino}
    assert written == {name for name in before if name.endswith("-00002-of-00006.parquet")}
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


def test_a_published_shard_that_was_damaged_is_written_again(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = write_corpus(make_recipe, shard_size=1)
    out = build(recipe, tmp_path / "out").path
    damaged = out / "data" / "chunks" / "train-00004-of-00006.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\0")
    change_recipe(recipe, card={"title": "新的标题"})
    build(recipe, out)
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


@pytest.mark.parametrize("note", ["files", "shards.json", "parts/index"])
@pytest.mark.parametrize("damage", [None, b"{}"])
def test_a_lost_or_damaged_note_costs_time_and_changes_nothing(
    make_recipe: MakeRecipe, tmp_path: Path, note: str, damage: bytes | None
) -> None:
    recipe = write_corpus(make_recipe, shard_size=1)
    settle()
    out = build(recipe, tmp_path / "out").path
    path = WorkFolder(out).path / note
    assert path.is_file()
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    (recipe.parent / "2.txt").write_text("全新的内容，与以前完全不同。\n", "utf-8")
    build(recipe, out)
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


def test_a_file_with_restored_times_and_size_is_read_again(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = write_corpus(make_recipe)
    out = build(recipe, tmp_path / "out").path
    source = recipe.parent / "2.txt"
    status, text = source.stat(), source.read_text(encoding="utf-8")
    source.write_text(text.replace("稳中求进", "行稳致远"), encoding="utf-8")
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert source.stat().st_size == status.st_size
    assert not build(recipe, out).unchanged
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


def test_unchanged_files_are_not_read(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = write_corpus(make_recipe)
    settle()
    out = build(recipe, tmp_path / "out").path
    opened: list[str] = []
    open_path = Path.open

    def note(path: Path, *arguments: Any, **options: Any) -> Any:
        opened.append(path.name)
        return open_path(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", note)
    (recipe.parent / "2.txt").write_text("全新的内容，与以前完全不同。\n", "utf-8")
    make_plan(recipe, file_table=WorkFolder(out).known_files)
    # The first records of some sources are read to see whether there is any text.
    assert set(NAMES) & set(opened) == {"0.txt", "2.txt"}
