"""Every file that a recipe matches is listed, or refused by name; nothing hangs or is left out silently."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from hanpack.building.run import build
from hanpack.errors import RecipeError
from hanpack.reasons import Cause
from hanpack.recipe import Recipe
from hanpack.sources.discovery import discover
from hanpack.sources.source_files import SourceFile
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe

TEXT = "一段。".encode()


def list_files(root: Path, *paths: str, **options: object) -> Sequence[SourceFile]:
    sources = [{"path": path, **options} for path in paths]
    return discover(Recipe.model_validate({"name": "a", "sources": sources}), root, "recipe.yaml")


def list_causes(files: Sequence[SourceFile]) -> Mapping[str, Cause | None]:
    return {file.name: file.fault.cause if file.fault else None for file in files}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "b").mkdir(parents=True)
    for name in ("z.txt", "a.md", "b/c.jsonl", ".hidden", "b/d.odt"):
        (folder / name).write_bytes(b"x")
    return folder


def test_a_folder_is_walked_in_order_without_hidden_files(corpus: Path) -> None:
    assert [file.name for file in list_files(corpus, ".")] == ["a.md", "z.txt", "b/c.jsonl", "b/d.odt"]


def test_a_glob_matches_files_by_name(corpus: Path) -> None:
    assert [file.name for file in list_files(corpus, "**/*.txt")] == ["z.txt"]


def test_a_file_that_two_entries_match_is_listed_once(corpus: Path) -> None:
    files = list_files(corpus, "z.txt", "*")
    assert [(file.name, file.entry) for file in files] == [("z.txt", 0), ("a.md", 1)]


def test_a_format_that_is_not_read_is_refused_by_its_suffix(corpus: Path) -> None:
    fault = {file.name: file.fault for file in list_files(corpus, ".")}["b/d.odt"]
    assert fault is not None
    assert (fault.cause, fault.fields["suffix"]) == (Cause.UNKNOWN_FORMAT, ".odt")


def test_an_entry_that_matches_nothing_is_an_error_with_its_key(corpus: Path) -> None:
    with pytest.raises(RecipeError, match=r"recipe\.yaml: sources\.1\.path"):
        list_files(corpus, "z.txt", "none*.txt")


def test_a_shape_that_a_format_cannot_have_is_an_error(corpus: Path) -> None:
    with pytest.raises(
        RecipeError, match=r"use row for json lines; line is for \.txt \.text \.md \.markdown \.html \.htm"
    ):
        list_files(corpus, "b/c.jsonl", records="line")


def test_what_is_not_a_regular_file_below_the_root_is_refused(corpus: Path) -> None:
    os.mkfifo(corpus / "pipe.txt")
    (corpus / "loop.txt").symlink_to("loop.txt")
    (corpus / "out.txt").symlink_to(corpus.parent / "secret.txt")
    (corpus.parent / "secret.txt").write_bytes(b"secret")
    (corpus / "again").symlink_to(corpus)
    (corpus / "inside.txt").symlink_to("z.txt")
    assert list_causes(list_files(corpus, ".")) == {
        "a.md": None,
        "again": Cause.LINK_TO_FOLDER,
        "inside.txt": None,
        "loop.txt": Cause.CANNOT_OPEN,
        "out.txt": Cause.LINK_OUT_OF_ROOT,
        "pipe.txt": Cause.NOT_A_FILE,
        "z.txt": None,
        "b/c.jsonl": None,
        "b/d.odt": Cause.UNKNOWN_FORMAT,
    }


def test_a_linked_folder_does_not_lead_out_of_the_root(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("密。", encoding="utf-8")
    recipe = make_recipe({"a.txt": TEXT}, sources=[{"path": "*/*.txt"}, {"path": "link"}, {"path": "a.txt"}])
    (tmp_path / "corpus" / "link").symlink_to(outside)
    out = build(recipe, tmp_path / "out").path
    assert {row["source"]: row["state"] for row in read_rows(out, "ledger")} == {
        "link/secret.txt": "rejected",
        "a.txt": "kept",
    }


def test_bytes_of_a_name_that_are_not_utf8_are_escaped(corpus: Path) -> None:
    os.close(os.open(os.fsencode(corpus) + b"/\xff\n.txt", os.O_CREAT))
    assert "\\xff\n.txt" in [file.name for file in list_files(corpus, ".")]


def test_a_source_whose_name_is_not_utf8_is_verified_like_any_other(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe({"a.txt": TEXT}, sources=[{"path": "*.txt"}])
    with open(os.fsencode(tmp_path / "corpus") + b"/bad\xff\\x.txt", "wb") as stream:
        stream.write("二段。".encode())
    out = build(recipe, tmp_path / "out").path
    assert {row["source"] for row in read_rows(out, "ledger")} == {"a.txt", "bad\\xff\\\\x.txt"}
    verify_build(out)


def test_a_build_never_reads_its_own_output_or_recipe(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.txt": TEXT}, sources=[{"path": "."}])
    out = tmp_path / "corpus" / "dist" / "small"
    first, second = build(recipe, out), build(recipe, out)
    assert first.counts["records"] == 1
    assert second.unchanged
    verify_build(out)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"sources": [{"path": "**a.txt"}]}, "sources.0.path: '**a.txt' is not a glob pattern"),
        ({"root": "nowhere"}, "root: there is no such folder"),
    ],
)
def test_a_recipe_whose_files_cannot_be_listed_is_refused_by_its_key(
    make_recipe: MakeRecipe, tmp_path: Path, keys: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        build(make_recipe({"a.txt": TEXT}, **keys), tmp_path / "out")
    assert message in str(caught.value)
