"""The form of a character that has several follows from the characters beside it: cases in both directions."""

from __future__ import annotations

import json

import pytest

from hanpack.api import normalize
from tests.conftest import CASES

ROWS = [json.loads(line) for line in (CASES / "script" / "contexts.jsonl").open(encoding="utf-8")]


@pytest.mark.parametrize(
    ("target", "source", "expected"),
    [
        pytest.param(
            row["target"],
            row["source"],
            row["expected"],
            marks=pytest.mark.xfail(strict=True, reason=row["known_failure"])
            if "known_failure" in row
            else (),
        )
        for row in ROWS
    ],
)
def test_a_character_takes_the_form_of_its_context(target: str, source: str, expected: str) -> None:
    assert normalize(source, script=target).text == expected


def test_there_are_cases_in_both_directions() -> None:
    assert {row["target"] for row in ROWS} == {"hans", "tw"}
    assert len(ROWS) > 20
