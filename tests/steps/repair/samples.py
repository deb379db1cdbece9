"""The samples of ``tests/cases`` and the shared material, and the repair of a text with the shipped model."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.alignment import Alignment
from hanpack.steps.repair import repair_damage
from hanpack.steps.traced import Traced

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases"
SHARED = ROOT.parent / "shared" / "data"
needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="the shared material is not beside the repository"
)


def read_rows(path: Path) -> list[Any]:
    """The rows of a JSON Lines file, at least one."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert rows
    return rows


def read_cases(name: str) -> list[Any]:
    """The rows of a file of cases as parameters of a test, each with its name or its number."""
    rows = read_rows(CASES / f"{name}.jsonl")
    return [
        pytest.param(row, id=row.get("name", row.get("why", f"{row.get('family')} {number}")))
        for number, row in enumerate(rows)
    ]


def trace(text: str) -> Traced:
    return Traced(text, Alignment.identity(len(text)))


def repair(text: str) -> Traced:
    return repair_damage(trace(text), load_ngram_model())


def read_gzipped_rows(path: Path) -> list[Any]:
    """The rows of a gzipped JSON Lines file, at least one."""
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()]
    assert rows
    return rows
