"""Reads the files of ``tests/cases`` and the shared material, which may be absent."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CASES, SHARED

SHARED_DATA = SHARED / "data"
needs_shared = pytest.mark.skipif(
    not SHARED_DATA.exists(), reason="the shared material is not beside the repository"
)


def read_rows(path: Path) -> list[Any]:
    """The rows of a JSON Lines file, at least one."""
    return _parse_rows(path.read_bytes())


def read_gzipped_rows(path: Path) -> list[Any]:
    """The rows of a gzipped JSON Lines file, at least one."""
    return _parse_rows(gzip.decompress(path.read_bytes()))


def read_cases(name: str) -> list[Any]:
    """The rows of a file of cases as parameters of a test, each with its name or its number."""
    rows = read_rows(CASES / f"{name}.jsonl")
    return [
        pytest.param(row, id=row.get("name", row.get("why", f"{row.get('family')} {number}")))
        for number, row in enumerate(rows)
    ]


def _parse_rows(data: bytes) -> list[Any]:
    rows = [json.loads(line) for line in data.decode("utf-8").splitlines()]
    assert rows
    return rows
