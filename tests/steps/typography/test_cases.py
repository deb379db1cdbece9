"""Copies of printed pages, code and marks: each case of ``typography.jsonl`` through the steps it names."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from hanpack import normalize
from tests.case_files import read_cases, read_rows
from tests.conftest import CASES

KINDS = {"code", "ocr", "radicals", "escapes", "invisible", "marks"}


def test_every_kind_has_at_least_eight_cases() -> None:
    counts = Counter(case["kind"] for case in read_rows(CASES / "typography.jsonl"))
    assert set(counts) == KINDS
    assert min(counts.values()) >= 8


@pytest.mark.parametrize("case", read_cases("typography"))
def test_the_steps_change_what_is_wrong_and_nothing_else(case: dict[str, Any]) -> None:
    steps: dict[str, Any] = dict.fromkeys(case["steps"], True)
    once = normalize(case["text"], "keep", **steps).text
    assert once == case["result"]
    assert normalize(once, "keep", **steps).text == once
