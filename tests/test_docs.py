"""Every command and example in the pages of docs/ runs, and the references are what the code gives."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from benchmarks.write_reference import (
    EXAMPLE,
    find_examples,
    list_models,
    write_python_page,
    write_recipe_page,
)

from hanpack.recipe import Recipe, parse_recipe
from tests.conftest import ROOT

DOCS = ROOT / "docs"


@pytest.mark.parametrize("page", ["repairs.md", "moving.md"])
def test_the_examples_of_a_page_give_what_it_says(page: str) -> None:
    failed, attempted = doctest.testfile(str(DOCS / page), module_relative=False)
    assert attempted > 2
    assert failed == 0


def test_every_command_of_the_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    commands = "".join(re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert commands.count("hanpack ") > 8
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    # The program of this interpreter, wherever hanpack is installed or on the path.
    prelude = f'hanpack() {{ "{sys.executable}" -m hanpack "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-euc", prelude + commands], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "a copy of records.jsonl record 0" in done.stdout
    assert "records.jsonl,3,rejected" in done.stdout
    # In this process: one that ended right after load_dataset was once aborted by a thread of Arrow while the
    # interpreter ended, though all was loaded (apache/arrow#45214).
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    namespace: dict[str, Any] = {}
    exec(compile(code, "docs/tutorial.md", "exec", dont_inherit=True), namespace)
    assert len(namespace["chunks"]) > 2


def test_the_chinese_tutorial_has_the_same_code() -> None:
    pages = [(DOCS / name).read_text(encoding="utf-8") for name in ("tutorial.md", "tutorial.zh.md")]
    blocks = [re.findall(r"^```\w+\n.*?^```$", page, re.DOTALL | re.MULTILINE) for page in pages]
    assert len(blocks[0]) > 5
    assert blocks[0] == blocks[1]
    figures = [re.findall(r"^## (\d)\.", page, re.MULTILINE) for page in pages]
    assert figures[0] == figures[1] != []


def test_every_key_of_a_recipe_says_what_it_is() -> None:
    """A key whose value is a model of its own is described there."""
    fields = [
        (f"{model.__name__}.{name}", field)
        for model in list_models(Recipe)
        for name, field in model.model_fields.items()
    ]
    assert len(fields) > 60
    described = {model.__name__ for model in list_models(Recipe)}
    assert [
        name
        for name, field in fields
        if not field.description and not any(model in str(field.annotation) for model in described)
    ] == []


def test_the_references_are_made_from_the_code_of_today() -> None:
    for name, page in (("recipe.md", write_recipe_page()), ("python.md", write_python_page())):
        written = (DOCS / name).read_text(encoding="utf-8")
        assert written == page, "run python benchmarks/write_reference.py"


def test_the_example_recipe_is_valid_and_has_every_key() -> None:
    content = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    parse_recipe(content, str(EXAMPLE))
    found: dict[tuple[type, str], object] = {}
    find_examples(content, Recipe, found)
    keys = {(model, name) for model in list_models(Recipe) for name in model.model_fields}
    assert keys - found.keys() == set()


def test_every_link_between_pages_leads_to_a_file() -> None:
    pages = sorted(DOCS.glob("*.md"))
    assert len(pages) > 4
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (DOCS / link).exists(), f"{page.name}: {link}"
