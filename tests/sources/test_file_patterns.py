"""A pattern matches the files that ``pathlib`` says, sorted by the parts of their paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hanpack.errors import RecipeError
from hanpack.sources.file_patterns import list_matches

FILES = (
    "a.txt",
    "a/b.txt",
    "a/b/c.txt",
    "a-b/c.txt",
    "a/.hidden/d.txt",
    "a/b/.e.txt",
    "d/e/f/a.txt",
    "d/a.md",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "root" / "link").symlink_to("a")
    return tmp_path / "root"


@pytest.mark.parametrize(
    "pattern",
    [
        "*.txt",
        "**/*.txt",
        "a/**/*.txt",
        "*/*.txt",
        "**/b/*.txt",
        "**/*/*.txt",
        "**/**/c.txt",
        "d/**",
        "**/[ab].txt",
        "a?b/*",
        "a/../d/*.md",
        "**/e/**/*.txt",
    ],
)
def test_a_pattern_matches_what_the_library_says(tree: Path, pattern: str) -> None:
    library = os.path.normpath(pattern) + ("/*" if pattern.endswith("**") else "")
    expected = sorted(path for path in tree.glob(library) if path.is_file() and not path.name.startswith("."))
    assert expected
    assert list(list_matches(pattern, tree, "key")) == list(dict.fromkeys(expected))


def test_a_folder_that_cannot_be_listed_is_named(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("a-b"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr("hanpack.sources.file_patterns.os.scandir", refuse)
    assert list(list_matches("*/c.txt", tree, "key")) == [tree / "a-b"]


@pytest.mark.parametrize("pattern", ["**a/*.txt", "a/b**"])
def test_any_folders_are_a_part_of_their_own(tree: Path, pattern: str) -> None:
    with pytest.raises(RecipeError, match="is not a glob pattern"):
        list(list_matches(pattern, tree, "key"))
