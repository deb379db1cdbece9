"""A rebuild makes the parts of what changed and no others, and gives the bytes of a build from nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from hanpack.building.run import build, preview
from hanpack.errors import RecipeError
from hanpack.store.work_folder import WorkFolder
from tests.builds import hash_files
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


def change_recipe(recipe: Path, **keys: object) -> None:
    content = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    recipe.write_text(yaml.safe_dump({**content, **keys}, allow_unicode=True), encoding="utf-8")


CHANGES: dict[str, tuple[Callable[[Path], object], int]] = {
    "changed": (lambda folder: (folder / "2.txt").write_text("全新的内容，与以前完全不同。\n", "utf-8"), 1),
    "added": (lambda folder: (folder / "9.txt").write_text("新增加的一份文件。\n", "utf-8"), 1),
    "renamed": (lambda folder: (folder / "2.txt").rename(folder / "7.txt"), 1),
    "removed": (lambda folder: (folder / "2.txt").unlink(), 0),
}


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


def test_a_budget_shapes_every_part(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = write_corpus(make_recipe)
    out = build(recipe, tmp_path / "out").path
    before = list_parts(out)
    change_recipe(recipe, chunks={"max_tokens": 64})
    build(recipe, out)
    assert len(list_parts(out) - before) == len(NAMES)
    assert hash_files(out) == hash_files(build(recipe, tmp_path / "fresh").path)


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
    assert len(hash_files(out)) == 6


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
