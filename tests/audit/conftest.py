"""Copies of builds, for the tests that damage or forge one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hanpack import normalize
from hanpack.building.run import Build
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def loaded_models() -> None:
    """What the flow loads when it needs it is loaded once: the workers of every replay inherit it."""
    for seed in (ROOT / "seeds").iterdir():
        normalize(seed.read_text(encoding="utf-8"), script="hans")


@pytest.fixture
def copied(seeds_build: Build, loaded_models: None, tmp_path: Path) -> tuple[Path, Path]:
    """A build and its sources that a test may change."""
    out, sources = tmp_path / "out", tmp_path / "sources"
    shutil.copytree(seeds_build.path, out)
    shutil.copytree(ROOT / "seeds", sources / "seeds")
    return out, sources


@pytest.fixture
def copy(genuine: Path, tmp_path: Path) -> Path:
    """A copy of the genuine build of a module of tests, its sources and its recipe, for a forger."""
    return Path(shutil.copytree(genuine, tmp_path / "copy"))
