"""docs/architecture.md is true: its paths exist, its layers are those of the linter, and its example runs."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest
from pydantic import Field

from hanpack.flow import STEPS, Step
from hanpack.recipe_steps import Steps
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.step_table import for_each
from hanpack.step_tools import prepare_step_tools
from hanpack.steps.decode.decoding import decode
from tests.conftest import ROOT

PACKAGE = ROOT / "builder" / "hanpack"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
FUNCTION, ROW, KEY, TEST = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
NEW_MODULE = "steps/typography/ellipses.py"
# What a module imports to use the disk, the network, the clock or Arrow.
ACCESS = {
    "disk": {"filelock", "importlib.resources", "io", "os", "pathlib", "shutil", "tempfile"},
    "network": {"http", "httpx2", "huggingface_hub", "ray", "socket", "urllib.request"},
    "clock": {"time"},
    "Arrow": {"pyarrow"},
}


def read_table() -> list[dict[str, str]]:
    """The rows of the table of folders and modules, by the headings of its columns."""
    lines = PAGE.split("## Folders and layers", 1)[1].split("\n\n| ", 1)[1].split("\n\n", 1)[0].splitlines()
    heading, _, *rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    names = ["layer", "path", *heading[-5:]]
    return [dict(zip(names, row, strict=True)) for row in rows]


def find_imports(path: Path) -> Iterator[str]:
    """The full names of all modules that the modules of a folder, or one module, import."""
    for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def make_function() -> Any:
    """The function of the example."""
    namespace: dict[str, Any] = {}
    exec(FUNCTION, namespace)
    return namespace["set_ellipses"]


def make_row() -> Step:
    """The row of the example."""
    row = eval(ROW, {"Step": Step, "for_each": for_each, "set_ellipses": make_function()})
    assert isinstance(row, Step)
    return row


def make_options(**options: Any) -> Steps:
    """The options of a recipe that has the key of the example."""
    namespace: dict[str, Any] = {"Annotated": Annotated, "Field": Field, "Steps": Steps}
    source = f"class ExtendedSteps(Steps):\n    {KEY}"
    # Without this module's postponed annotations, which pydantic could not resolve.
    exec(compile(source, "docs/architecture.md", "exec", dont_inherit=True), namespace)
    extended = namespace["ExtendedSteps"].model_validate(options)
    assert isinstance(extended, Steps)
    return extended


def test_every_path_on_the_page_exists() -> None:
    paths = set(re.findall(r"[a-z_/]+\.py\b|\b[a-z_]+(?:/[a-z_]+)*/(?=[`: ])", PAGE)) - {"builder/hanpack/"}
    assert len(paths) > 30
    roots = {path: ROOT if path.startswith("tests/") else PACKAGE for path in paths}
    assert {path for path, root in roots.items() if not (root / path).exists()} == {NEW_MODULE}


@pytest.mark.parametrize("document", ["README.md", "FORMAT.md", "NOTICE"])
def test_every_module_that_another_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    paths = set(re.findall(r"(?<![\w./])(?:[a-z_]+/)+[a-z_]+\.py\b", text))
    assert paths
    assert [path for path in sorted(paths) if not ((ROOT / path).exists() or (PACKAGE / path).exists())] == []


def test_every_name_of_a_module_on_the_page_exists() -> None:
    names = re.findall(r"`([a-z_]+)\.([A-Z]\w+)`", PAGE)
    assert len(names) > 2
    for module, name in names:
        assert hasattr(import_module(f"hanpack.{module}"), name), f"{module}.{name}"


def test_the_layers_are_those_that_the_linter_checks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    checked = {
        (number, name) for number, layer in enumerate(reversed(layers), 1) for name in layer.split(" | ")
    }
    rows = [(int(row["layer"]), row["path"].strip("`/").removesuffix(".py")) for row in read_table()]
    assert len(rows) == len(checked)
    assert set(rows) == checked
    assert [number for number, _ in rows] == sorted((number for number, _ in rows), reverse=True)


@pytest.mark.parametrize("access", ACCESS)
def test_a_row_with_a_dash_imports_nothing_for_that_access(access: str) -> None:
    pattern = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(ACCESS[access])))})(?:\.|$)")
    denied = [row["path"].strip("`") for row in read_table() if row[access] == "–"]
    assert denied
    imported = {
        path: [name for name in find_imports(PACKAGE / path) if pattern.match(name)] for path in denied
    }
    assert {path: names for path, names in imported.items() if names} == {}


def test_the_stages_on_the_page_are_the_folders_of_steps() -> None:
    named = set(re.findall(r"`steps/([a-z]+)/`", PAGE))
    assert named == {path.parent.name for path in (PACKAGE / "steps").glob("*/__init__.py")}


def test_the_example_has_fewer_than_30_lines() -> None:
    assert sum(len(block.splitlines()) for block in (FUNCTION, ROW, KEY, TEST)) < 30


def test_the_test_of_the_example_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("hanpack.steps.typography.ellipses")
    exec(FUNCTION, module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    namespace: dict[str, Any] = {}
    exec(TEST, namespace)
    (test,) = [value for name, value in namespace.items() if name.startswith("test_")]
    test()


def test_the_row_of_the_example_runs_its_function_if_the_key_is_set() -> None:
    row = make_row()
    assert row.run is not None
    assert row.name not in {step.name for step in STEPS}
    assert [make_options().model_dump()[key] for key in row.keys] == [row.by_default]
    options = make_options(ellipsis=True)
    assert row.is_enabled(options)
    assert not row.is_enabled(make_options())
    traced = decode("未完。。。待续......".encode(), "utf-8")
    (changed,) = row.run([traced], prepare_step_tools(options, load_ngram_model()))
    assert changed.text == "未完……待续……"
    assert {(edit.step, edit.kind) for edit in changed.edits} == {(row.name, kind) for kind in row.kinds}
