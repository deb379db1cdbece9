"""The examples run on a real build: a model learns from it, and an answer leads back to the raw lines."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hanpack.building.run import Build
from tests.conftest import ROOT


def load_example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def cache_of_datasets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


def test_an_answer_comes_with_the_chunk_and_the_raw_text_of_its_bytes(seeds_build: Build) -> None:
    question = "乡村振兴做了什么"
    answer = load_example("retrieve").answer
    assert answer(str(seeds_build.path), "zzzz") is None
    chunk, raw = answer(str(seeds_build.path), question)
    assert "乡村振兴" in chunk["text"]
    source = (ROOT / "seeds" / Path(chunk["source"]).name).read_bytes()
    assert raw == source[chunk["byte_start"] : chunk["byte_end"]].decode("utf-8")


def test_a_model_learns_from_a_streamed_build(seeds_build: Build) -> None:
    pytest.importorskip("torch")
    losses = load_example("train").train(str(seeds_build.path), steps=12, workers=0)
    assert len(losses) == 12
    assert losses[-1] < losses[0] - 0.5
