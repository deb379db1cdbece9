"""Every file a recipe means is found or refused by name; nothing hangs and nothing is left out silently."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hanpack.errors import RecipeError
from hanpack.reasons import Cause
from hanpack.recipe import Recipe
from hanpack.sources.discovery import discover
from hanpack.sources.source_files import SourceFile


def find(root: Path, *paths: str, **keys: object) -> list[SourceFile]:
    sources = [{"path": path, **keys} for path in paths]
    return discover(Recipe.model_validate({"name": "a", "sources": sources}), root, "recipe.yaml")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "b").mkdir(parents=True)
    for name in ("z.txt", "a.md", "b/c.jsonl", ".hidden", "b/d.docx"):
        (folder / name).write_bytes(b"x")
    return folder


def test_a_folder_is_walked_in_order_without_hidden_files(corpus: Path) -> None:
    assert [file.name for file in find(corpus, ".")] == ["a.md", "z.txt", "b/c.jsonl", "b/d.docx"]


def test_a_glob_finds_files_by_name(corpus: Path) -> None:
    assert [file.name for file in find(corpus, "**/*.txt")] == ["z.txt"]


def test_a_file_two_entries_match_is_taken_once(corpus: Path) -> None:
    found = find(corpus, "z.txt", "*")
    assert [(file.name, file.entry) for file in found] == [("z.txt", 0), ("a.md", 1)]


def test_a_format_that_is_not_read_is_refused_by_name(corpus: Path) -> None:
    fault = {file.name: file.fault for file in find(corpus, ".")}["b/d.docx"]
    assert fault is not None
    assert (fault.cause, fault.fields["suffix"]) == (Cause.UNKNOWN_FORMAT, ".docx")


def test_an_entry_that_matches_nothing_is_an_error_with_its_key(corpus: Path) -> None:
    with pytest.raises(RecipeError, match=r"recipe\.yaml: sources\.1\.path"):
        find(corpus, "z.txt", "none*.txt")


def test_lines_of_json_lines_are_rows(corpus: Path) -> None:
    with pytest.raises(RecipeError, match="use row for"):
        find(corpus, "b/c.jsonl", records="line")


def test_what_is_no_regular_file_is_refused(corpus: Path) -> None:
    os.mkfifo(corpus / "pipe.txt")
    (corpus / "loop.txt").symlink_to("loop.txt")
    (corpus / "out.txt").symlink_to(corpus.parent / "secret.txt")
    (corpus.parent / "secret.txt").write_bytes(b"secret")
    (corpus / "again").symlink_to(corpus)
    (corpus / "inside.txt").symlink_to("z.txt")
    faults = {file.name: file.fault for file in find(corpus, ".")}
    assert "pipe" in str(faults["pipe.txt"])
    assert faults["loop.txt"]
    assert "leaves" in str(faults["out.txt"])
    assert "folder" in str(faults["again"])
    assert faults["inside.txt"] is None


def test_an_odd_file_name_is_escaped(corpus: Path) -> None:
    os.close(os.open(os.fsencode(corpus) + b"/\xff\n.txt", os.O_CREAT))
    names = [file.name for file in find(corpus, ".")]
    assert "\\xff\n.txt" in names
