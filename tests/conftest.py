"""What many tests share: the build of the seeds, made once, a writer of recipes, and the program itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings

from hanpack.building.run import Build, build
from hanpack.cli import main
from hanpack.flow import process_record
from hanpack.model import Record, Source
from hanpack.recipe import parse_recipe
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.tools import prepare_tools

# A slow machine is no failure. CI tries the same examples every time; elsewhere they are drawn anew.
settings.register_profile("random", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "random")

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
# Larger development data, which may be absent.
SHARED = ROOT.parent / "shared"
MakeRecipe = Callable[..., Path]
# Runs the program and returns its exit code, stdout and stderr.
Run = Callable[..., tuple[int, str, str]]


# A damaged text, and a page of HTML.
_TEXTS_FOR_STEPS = (
    "高質(zhì)量發(fā)展，锟斤拷。ä¸\xad文。我們來看看,這是１２３个字。\n",
    "<!DOCTYPE html><html><head><title>标题</title></head><body><p>正文在这里。</p></body></html>\n",
)


@pytest.fixture(scope="session", autouse=True)
def loaded_steps() -> None:
    """What steps load at their first use, loaded once: the workers of builds are forked from this process.

    A small build would spend most of its time on that. Tests of a start run the program in a new process.
    """
    content = {"name": "loaded", "sources": [{"path": "a.txt"}], "steps": {"script": "hans"}}
    tools = prepare_tools(parse_recipe(content, "recipe"), load_vocabulary("o200k_base"), load_ngram_model())
    for text in _TEXTS_FOR_STEPS:
        data = text.encode()
        source = Source("a.txt", "0" * 64, len(data), "utf-8")
        record = Record(source=source, index=0, data=data, byte_start=0, byte_end=len(data))
        assert process_record(record, tools).document is not None


@pytest.fixture(scope="session")
def seeds_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The default recipe, built once for the whole run; no test changes it."""
    out = tmp_path_factory.mktemp("seeds") / "gov_reports"
    return build(ROOT / "configs" / "gov_reports.yaml", out, num_proc=1)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """A function that runs the program in an empty folder and returns its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hanpack", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capfd.readouterr()
        return int(stop.value.code or 0), out, err

    return call


@pytest.fixture
def make_recipe(tmp_path: Path) -> MakeRecipe:
    """Write files and a recipe for them below ``tmp_path/corpus``; returns the recipe's path."""
    return partial(write_recipe, tmp_path / "corpus")


def write_recipe(folder: Path, files: Mapping[str, bytes], **keys: Any) -> Path:
    """Write files and a recipe for them into a folder; returns the recipe's path."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    content = {"name": "small", "sources": [{"path": name} for name in files], **keys}
    recipe = folder / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return recipe


@pytest.fixture
def ungrouped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every source is processed by itself, as large sources are."""
    monkeypatch.setattr("hanpack.sources.groups.GROUP_BYTES", 1)
