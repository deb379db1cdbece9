"""A character of several forms takes the one that the characters beside it ask for, in both directions."""

from __future__ import annotations

import pytest

from hanpack import normalize
from hanpack.steps.script.conversion import Target
from tests.case_files import read_rows
from tests.conftest import CASES

ROWS = read_rows(CASES / "script" / "contexts.jsonl")


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
def test_a_character_takes_the_form_of_its_context(target: Target, source: str, expected: str) -> None:
    assert normalize(source, script=target).text == expected


def test_there_are_cases_in_both_directions() -> None:
    assert {row["target"] for row in ROWS} == {"hans", "tw"}
    assert len(ROWS) > 20
